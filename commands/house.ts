import { join } from 'node:path';
import type { Config } from '#core/config/config.ts';
import type {
  Bus,
  Channel,
  Clock,
  Journal,
  Log,
  Metrics,
  ReachProbe,
  SnmpTransport,
  StateStore,
  TrapSource,
} from '#core/ports.ts';
import type { Random } from '#core/random.ts';
import { Secret } from '#core/secret.ts';
import type { Instant } from '#core/time.ts';
import { openAccounts } from '#platform/accounts-store.ts';
import type { ProfileLibrary } from '#platform/config/profile-library.ts';
import type { RuleFiles } from '#platform/config/rule-files.ts';
import { drillsOf } from '#platform/drill-log.ts';
import { openDutyStore } from '#platform/duty-store.ts';
import { openJournal } from '#platform/journal.ts';
import { createLease } from '#platform/lease.ts';
import { createLifecycle, type Lifecycle } from '#platform/lifecycle.ts';
import { openMeetingStore } from '#platform/meeting-store.ts';
import { createMemoryJournal } from '#platform/memory-journal.ts';
import { createMemoryStateStore } from '#platform/memory-state-store.ts';
import { pingOverHttp, postAsJson } from '#platform/net.ts';
import type { NutListener } from '#platform/nut/nut-listener.ts';
import { openRegisterStore } from '#platform/register-store.ts';
import { openReportArchive } from '#platform/report-archive.ts';
import { openRoomPlanStore } from '#platform/room-plan-store.ts';
import { ensureKeyFile, randomPassword } from '#platform/secrets.ts';
import { openHistory } from '#platform/series/write-behind/open-history.ts';
import { sayAlive } from '#platform/service-alive.ts';
import { openStateStore } from '#platform/state-store.ts';
import type { ActionDrivers } from '#services/alerts/actions/action-runner.ts';
import { createAlerts } from '#services/alerts/app.ts';
import { createCollector } from '#services/collector/app.ts';
import type { DeviceLinks } from '#services/collector/seams.ts';
import { startWatchdog } from '#services/collector/watchdog.ts';
import { createDashboard, type Dashboard } from '#services/dashboard-api/app.ts';
import { troubleOf } from '#services/dashboard-api/history-trouble.ts';

type Channels = Readonly<Record<string, Channel>>;

/** All services of one site in one process. What differs between production, drill and simulation comes in here. */
export interface HouseOptions {
  readonly config: Config;
  /** Null keeps everything in memory: a simulation. */
  readonly stateDirectory: string | null;
  readonly clock: Clock;
  /** Real time: sessions of people, the lease between processes. */
  readonly wall: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly random: Random;
  readonly bus: Bus;
  readonly snmp: SnmpTransport;
  readonly reach: ReachProbe;
  readonly traps: TrapSource | null;
  /** Absent in a drill within this process: nothing but the simulated room is read. */
  readonly links?: DeviceLinks;
  /** Where NUT clients come in; without one a house has no socket for them. */
  readonly nut?: NutListener | null;
  /** Where the rules stand; without them they stay as they are. */
  readonly ruleFiles?: RuleFiles;
  /** Given: readiness is judged daily (services/alerts/readiness). */
  readonly lastDrills?: () => ReadonlyMap<string, Instant>;
  readonly drivers: ActionDrivers;
  /** Made with what they must know again after a restart, or as they are. */
  readonly channels: Channels | ((memory: StateStore, key: Secret) => Channels);
  readonly forcedMode: 'drill' | 'rehearsal' | null;
  /** Every profile there is, for devices that are not configured yet. Default: those of the configuration. */
  readonly profiles?: ProfileLibrary;
  /** Null: nobody looks. */
  readonly page: { readonly webRoot: string; readonly speed: () => number } | null;
}

export interface House {
  /** The page's address; null without a page. */
  readonly url: string | null;
  /** Printed once, when the first administrator's account was made just now. */
  readonly firstPassword: string | null;
  /** Printed once too, when a real site has no accounts yet: the first administrator is made on the page with it. */
  readonly setupCode: string | null;
  readonly journal: Journal;
  /** What people's orders are signed with on the bus. */
  readonly signatureKey: Secret;
  /** Stops everything in the opposite order. */
  stop(): Promise<void>;
}

/** Opens the stores, starts collector, alerts and (when asked for) dashboard-api. On failure what was started is stopped. */
export async function openHouse(options: HouseOptions): Promise<House> {
  const { config, clock, log, metrics, random, bus } = options;
  const lifecycle = createLifecycle(log);
  const file = (name: string): string =>
    options.stateDirectory === null ? ':memory:' : join(options.stateDirectory, name);
  try {
    const { journal, state, lease } = openStores(options, lifecycle);
    const signatureKey =
      options.stateDirectory === null ? new Secret(randomPassword(43)) : ensureKeyFile(file('command-key'));

    const dashboard =
      options.page === null ? null : await openDashboard(options, options.page, file, lifecycle, signatureKey);
    const url = dashboard === null ? null : (await dashboard.start()).url;
    if (dashboard !== null) lifecycle.onStop('dashboard-api', () => dashboard.stop());

    const alerts = createAlerts({
      config,
      clock,
      bus,
      log: log.child({ service: 'alerts' }),
      metrics,
      journal,
      state,
      random: random.fork('alerts'),
      drivers: options.drivers,
      reach: options.reach,
      nut: options.nut ?? null,
      ...(options.ruleFiles === undefined ? {} : { ruleFiles: options.ruleFiles }),
      ...(options.lastDrills === undefined ? {} : { lastDrills: options.lastDrills }),
      channels: typeof options.channels === 'function' ? options.channels(state, signatureKey) : options.channels,
      signatureKey: signatureKey.reveal(),
      forcedMode: options.forcedMode,
      // Where nobody looks nobody watches from outside either: a simulation.
      ...(options.page === null ? {} : { outward: { wall: options.wall, ping: pingOverHttp } }),
      ...(lease === null ? {} : { lease }),
    });
    await alerts.start();
    lifecycle.onStop('alerts', () => alerts.stop());

    const { profiles = async () => config.profiles } = options;
    const collector = createCollector({
      config,
      clock,
      bus,
      log: log.child({ service: 'collector' }),
      metrics,
      snmp: options.snmp,
      reach: options.reach,
      traps: options.traps,
      // Where nothing outside is read nothing outside is looked at either.
      ...(options.links === undefined
        ? {}
        : { links: options.links, surveys: { key: signatureKey, wall: options.wall, profiles } }),
      random: random.fork('collector'),
    });
    await collector.start();
    lifecycle.onStop('collector', () => collector.stop());
    if (options.page !== null) await watchEachOther(options, lifecycle);
    return {
      url,
      firstPassword: dashboard?.firstPassword ?? null,
      setupCode: dashboard?.setupCode ?? null,
      journal,
      signatureKey,
      stop: async () => void (await lifecycle.stop()),
    };
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}

/** The collector says that it lives, and watches over the service that tells people. */
async function watchEachOther(options: HouseOptions, lifecycle: Lifecycle): Promise<void> {
  const { config, bus, wall, metrics } = options;
  const parts = { bus, wall, metrics, log: options.log.child({ service: 'collector' }) };
  const cease = sayAlive({ ...parts, site: config.site.id, service: 'collector' });
  lifecycle.onStop('word of being alive', async () => cease());
  lifecycle.onStop('watchdog', await startWatchdog({ ...parts, config, post: postAsJson }));
}

type MakeLease = NonNullable<Parameters<typeof createAlerts>[0]['lease']>;

/** Journal and state of the alerts service. In memory nobody else can hold the site: there is no lease to ask for. */
function openStores(
  { stateDirectory, wall, log }: HouseOptions,
  lifecycle: Lifecycle,
): { journal: Journal; state: StateStore; lease: MakeLease | null } {
  if (stateDirectory === null) return { journal: createMemoryJournal(), state: createMemoryStateStore(), lease: null };
  const journal = openJournal(join(stateDirectory, 'journal.sqlite'));
  lifecycle.onStop('journal', () => journal.close());
  // Before the lease is even asked for: a stand-by records nothing.
  const holder = journal.fence();
  const state = openStateStore(join(stateDirectory, 'state.sqlite'));
  lifecycle.onStop('state', () => state.close());
  return {
    journal,
    state,
    lease: ({ onHeld, onLost }) => createLease({ table: journal.lease, clock: wall, log, holder, onHeld, onLost }),
  };
}

const held = (stateDirectory: string, site: string) => () => drillsOf(stateDirectory, site);

async function openDashboard(
  options: HouseOptions,
  page: NonNullable<HouseOptions['page']>,
  file: (name: string) => string,
  lifecycle: Lifecycle,
  signatureKey: Secret,
): Promise<Dashboard> {
  const { config, clock, bus, metrics } = options;
  const history = await openHistory({
    config,
    stateDirectory: options.stateDirectory,
    clock: options.wall,
    random: options.random.fork('history'),
    log: options.log.child({ service: 'history' }),
    metrics,
  });
  lifecycle.onStop('history', () => history.close());
  const cease = sayAlive({
    ...{ site: config.site.id, service: 'dashboard-api', bus, wall: options.wall, log: options.log, metrics },
    trouble: () => troubleOf(history.status()),
  });
  lifecycle.onStop('word of being alive', async () => cease());
  const accounts = openAccounts(file('accounts.sqlite'));
  lifecycle.onStop('accounts', () => accounts.close());
  const store = openStateStore(file('dashboard.sqlite'));
  lifecycle.onStop('dashboard state', () => store.close());
  const roomPlan = openRoomPlanStore(file('room-plan.sqlite'));
  lifecycle.onStop('room plan', () => roomPlan.close());
  const registers = openRegisterStore(file('registers.sqlite'));
  lifecycle.onStop('registers', () => registers.close());
  const duties = openDutyStore(file('duties.sqlite'));
  lifecycle.onStop('duties', () => duties.close());
  const meetings = openMeetingStore(file('meetings.sqlite'));
  lifecycle.onStop('meetings', () => meetings.close());
  const { stateDirectory } = options;
  const reportFolder = stateDirectory === null ? null : join(stateDirectory, 'reports');
  const reports = openReportArchive(file('reports.sqlite'), reportFolder);
  lifecycle.onStop('reports', () => reports.close());
  return createDashboard({
    config,
    clock,
    wall: options.wall,
    bus,
    log: options.log.child({ service: 'dashboard-api' }),
    metrics,
    history,
    accounts,
    store,
    roomPlan,
    registers,
    reports,
    duties,
    meetings,
    ...(options.stateDirectory === null ? {} : { drills: held(options.stateDirectory, config.site.id) }),
    signatureKey,
    // A demo is looked at at once; a real site's first administrator chooses name and password.
    firstRun: config.site.simulation ? 'password' : 'setup',
    webRoot: page.webRoot,
    speed: page.speed,
  });
}
