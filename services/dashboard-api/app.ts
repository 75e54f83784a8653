import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import type { Config } from '#core/config/config.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { IncidentView } from '#core/incident.ts';
import type { Bus, Cancel, Clock, Log, Metrics, StateStore } from '#core/ports.ts';
import type { Secret } from '#core/secret.ts';
import { hours, minus } from '#core/time.ts';
import type { Accounts } from '#platform/accounts-store.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import type { PastDrill } from '#platform/drill-log.ts';
import type { DutyStore } from '#platform/duty-store.ts';
import type { MeetingStore } from '#platform/meeting-store.ts';
import { createPasswords, type Passwords, randomSecret } from '#platform/passwords.ts';
import type { RegisterStore } from '#platform/register-store.ts';
import type { ReportArchive } from '#platform/report-archive.ts';
import { openRoomPlanStore, type RoomPlanStore } from '#platform/room-plan-store.ts';
import type { History } from '#platform/series/write-behind/history.ts';
import { openStateStore } from '#platform/state-store.ts';
import { VERSION } from '#platform/version.ts';
import { SESSION_IDLE } from './auth/authentication.ts';
import { makeFirstAdministrator } from './auth/first-administrator.ts';
import { createSignIn } from './auth/sign-in-parts.ts';
import { createCommandGateway } from './commands/gateway.ts';
import { createRevisions } from './conditional/revisions.ts';
import { createLinkDesk } from './links/link-desk.ts';
import { createLiveHub, type LiveHub } from './live/hub.ts';
import { openPaperwork } from './paperwork.ts';
import { createPushDesk } from './push/push-desk.ts';
import type { Changed } from './read-model/changed.ts';
import { createKeptMessages, type KeptMessages } from './read-model/kept-messages.ts';
import { createListening } from './read-model/listen.ts';
import { createReadModel, MOST_CAUGHT, MOST_DELIVERIES } from './read-model/model.ts';
import type { Context, Server } from './routes/context.ts';
import { reportOf } from './routes/reports.ts';
import { roomPlanView } from './routes/room-plan.ts';
import { createServer, type Limits, type RouteRow } from './server.ts';
import { createSurveys } from './surveys.ts';
import { createTaskList } from './tasks/task-list.ts';

/** Store and bus → people; commands → bus. */

export interface DashboardDependencies {
  readonly config: Config;
  /** The site's clock; in a demo it may run faster than real time. */
  readonly clock: Clock;
  readonly bus: Bus;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly history: History;
  readonly accounts: Accounts;
  /** Of this service alone: who was told, across restarts. Without it that is forgotten. */
  readonly store?: StateStore;
  /** How people arranged the rooms on the page. Without it that is forgotten with the process. */
  readonly roomPlan?: RoomPlanStore;
  /** Entries of the registers. Without it they are forgotten with the process. */
  readonly registers?: RegisterStore;
  /** What became of duties. Without it that is forgotten with the process. */
  readonly duties?: DutyStore;
  /** The minutes of meetings. Without it they are forgotten with the process. */
  readonly meetings?: MeetingStore;
  /** The reports that were made. Without it they are forgotten with the process. */
  readonly reports?: ReportArchive;
  /** Drills that were held at this site; without it none is known of. */
  readonly drills?: () => readonly PastDrill[];
  /** Shared with the service that acts on commands. */
  readonly signatureKey: Secret;
  /** Where the built page is. */
  readonly webRoot: string;
  /** The site's seconds that pass in one. */
  readonly speed?: () => number;
  /** Real time, for sessions, connections and time-outs of people. */
  readonly wall?: Clock;
  readonly passwords?: Passwords;
  /** How the first administrator comes in: by a password on the console, or by a setup code and the page. */
  readonly firstRun?: 'password' | 'setup';
  readonly limits?: Limits;
  /** False: nothing listens, `inject` alone is used. */
  readonly listen?: boolean;
}

export interface Dashboard {
  start(): Promise<{ readonly url: string }>;
  stop(): Promise<void>;
  /** The first administrator's password, once, when start() made that account. */
  readonly firstPassword: string | null;
  /** The setup code of a fresh store, to be told once to whoever started the service. */
  readonly setupCode: string | null;
  inject(options: InjectOptions | string): Promise<LightMyRequestResponse>;
  routes(): readonly RouteRow[];
  openApi(): unknown;
}

const PRUNE_EVERY = hours(1);
/** Longer than the six months that China's Cybersecurity Law (article 21) asks for. */
const AUDIT_KEPT = hours(400 * 24);

export function createDashboard(deps: DashboardDependencies): Dashboard {
  const wall = deps.wall ?? createSystemClock();
  const passwords = deps.passwords ?? createPasswords();
  const parts = wire(deps, wall, passwords);
  const { context } = parts;
  let built: { server: Server; routes: readonly RouteRow[] } | null = null;
  let firstPassword: string | null = null;
  let cancelPrune: Cancel = () => {};

  const prune = (): void => {
    pruneAccounts(context);
    cancelPrune = wall.after(PRUNE_EVERY, prune);
  };
  const needServer = (): { server: Server; routes: readonly RouteRow[] } => {
    if (built === null) throw new ZhishouError('INVARIANT', 'dashboard-api', 'start() comes first');
    return built;
  };

  const stop = async (): Promise<void> => {
    cancelPrune();
    context.hub.stop();
    await built?.server.close();
    await context.commands.stop();
    await context.surveys.stop();
    await context.push.stop();
    await context.paperwork.stop();
    await context.listening.stop();
    parts.kept?.stop();
    parts.stopWatchingBus();
  };

  return {
    async start() {
      try {
        if (deps.firstRun !== 'setup')
          firstPassword = await makeFirstAdministrator(deps.accounts, passwords, wall.now());
        built = await createServer(context, deps.limits);
        await context.listening.start();
        await context.commands.start();
        await context.surveys.start();
        await context.push.start();
        await context.paperwork.start();
        prune();
        return { url: deps.listen === false ? '' : await listen(built.server, deps.config) };
      } catch (error) {
        await stop();
        throw error;
      }
    },
    stop,
    get firstPassword() {
      return firstPassword;
    },
    get setupCode() {
      return context.firstRun.code;
    },
    inject: (options) => needServer().server.inject(options),
    routes: () => needServer().routes,
    openApi: () => needServer().server.swagger(),
  };
}

/** The parts and how they feed each other: bus → listening → model → hub → pages, and listening → history. */
function wire(
  deps: DashboardDependencies,
  wall: Clock,
  passwords: Passwords,
): { context: Context; kept: KeptMessages | null; stopWatchingBus: Cancel } {
  const { config, clock, bus, log, metrics, history, accounts } = deps;
  const startedAt = wall.monotonic();
  let busUp = false;
  const stopWatchingBus = bus.onConnection((up) => {
    busUp = up;
  });
  const epoch = randomSecret(6);
  const revisions = createRevisions(epoch);
  const hub: { current: LiveHub | null } = { current: null };
  const changed: Changed = (name, data) => {
    revisions.bump(name);
    hub.current?.publish(name, data);
  };
  const kept =
    deps.store === undefined
      ? null
      : createKeptMessages({ store: deps.store, wall, log, mostDeliveries: MOST_DELIVERIES, mostCaught: MOST_CAUGHT });
  const model = createReadModel({
    config,
    kept,
    present: () => ({ now: clock.now(), speed: deps.speed?.() ?? 1, version: VERSION }),
    changed,
    readingsChanged: (readings) => {
      revisions.bump('readings');
      hub.current?.publishReadings(readings);
    },
  });
  const roomPlan = deps.roomPlan ?? openRoomPlanStore(':memory:');
  model.onRoomPlan(roomPlanView(roomPlan, config.devices));
  hub.current = createLiveHub({
    wall,
    siteNow: clock.now,
    metrics,
    epoch,
    snapshot: model.snapshot,
    walls: config.site.http.wall.addresses.length > 0,
  });
  const commands = createCommandGateway({
    site: config.site.id,
    bus,
    clock,
    wall,
    log,
    signatureKey: deps.signatureKey,
  });
  const tasks = createTaskList({ config, clock, store: deps.store ?? openStateStore(':memory:') });
  const context: Context = {
    config,
    clock,
    wall,
    bus,
    log,
    metrics,
    history,
    accounts,
    passwords,
    ...createSignIn({
      ...{ config, accounts, passwords, wall, log, key: deps.signatureKey },
      setup: deps.firstRun === 'setup',
    }),
    model,
    revisions,
    listening: createListening({
      config,
      bus,
      clock,
      wall,
      log,
      metrics,
      model,
      record: ({ readings }) => history.add(readings),
      onIncident: (incident) => takeTasks(context, incident),
    }),
    tasks,
    paperwork: openPaperwork({
      ...{ config, clock, wall, bus, log, metrics, history, model, tasks, accounts },
      registerStore: deps.registers,
      reportArchive: deps.reports,
      drills: deps.drills ?? (() => []),
      dutyStore: deps.duties,
      meetingStore: deps.meetings,
      changed,
    }),
    roomPlan,
    hub: hub.current,
    commands,
    links: createLinkDesk({ config, model, commands, clock, wall, log, signatureKey: deps.signatureKey }),
    drills: deps.drills ?? (() => []),
    push: createPushDesk({ config, accounts, bus, wall, log, key: deps.signatureKey }),
    surveys: createSurveys({ site: config.site.id, bus, wall, log, key: deps.signatureKey }),
    version: VERSION,
    webRoot: deps.webRoot,
    busUp: () => busUp,
    uptimeS: () => Math.round((wall.monotonic() - startedAt) / 100) / 10,
  };
  return { context, kept, stopWatchingBus };
}

/** Its backups enter themselves (O-REG-4); what a closed incident taught becomes tasks, once (O-RPT-1). A failing store is told and stops nobody. */
function takeTasks(context: Context, incident: IncidentView): void {
  try {
    context.paperwork.takeIncident(incident);
  } catch (error) {
    context.log.error({ error: messageOf(error), incident: incident.id }, 'its backups could not be entered');
  }
  if (incident.phase !== 'closed') return;
  try {
    context.tasks.takeFrom(incident, () => {
      const english = reportOf(context, incident, 'en').improvements;
      return reportOf(context, incident, 'zh').improvements.map((zh, index) => ({ zh, en: english[index] ?? zh }));
    });
  } catch (error) {
    context.log.error({ error: messageOf(error), incident: incident.id }, 'its tasks could not be written down');
  }
}

async function listen(server: Server, { site }: Config): Promise<string> {
  const { host, port } = site.http;
  try {
    return await server.listen({ host, port });
  } catch (error) {
    const subject = `http ${host}:${port}`;
    throw new ZhishouError('UNREACHABLE', subject, `cannot listen: ${messageOf(error)}`, { cause: error });
  }
}

function pruneAccounts({ accounts, wall, log }: Context): void {
  const now = wall.now();
  try {
    accounts.prune({
      sessions: minus(now, SESSION_IDLE),
      failures: minus(now, hours(24)),
      tokens: minus(now, hours(30 * 24)),
      audit: minus(now, AUDIT_KEPT),
    });
  } catch (error) {
    log.error({ error: messageOf(error) }, 'ended sessions could not be cleared away');
  }
}
