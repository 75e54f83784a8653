import { messageOf } from '#core/errors.ts';
import type { NotificationRequest } from '#core/notification.ts';
import type { BusMessage, Cancel, Stop } from '#core/ports.ts';
import { Secret } from '#core/secret.ts';
import { type TopicPattern, topicFilter } from '#core/topics.ts';
import { verifyCommand } from '#platform/command-signature.ts';
import { createActionRunner } from './actions/action-runner.ts';
import { createEvidenceChecker } from './actions/evidence.ts';
import { withNutServer } from './actions/nut-serve-driver.ts';
import type { AlertsDependencies } from './app.ts';
import { createBusEdge } from './bus-edge.ts';
import { createCommandDesk } from './command-desk.ts';
import { byGuard, decodeMessage } from './decode-json.ts';
import { createLatestReadings, type LatestReadings } from './latest-readings.ts';
import { createAlertBook } from './lifecycle/alert-book.ts';
import { createAlertTexts } from './lifecycle/alert-texts.ts';
import { createOutbox } from './notify/outbox.ts';
import { createNutServer } from './nut-server/nut-server.ts';
import { createOpenIncidents } from './open-incidents.ts';
import { createOutageDesk } from './outages.ts';
import { createIncidents } from './plans/incidents.ts';
import { createPollDesk } from './poll-desk.ts';
import { createReadinessDesk, type ReadinessDependencies, type ReadinessDesk } from './readiness/readiness-desk.ts';
import { isReadingBatch } from './reading-shape.ts';
import { createRota } from './rota/rota.ts';
import { createRuleEngine, type RuleChange } from './rules/rule-engine.ts';
import type { ActionRunner } from './seams.ts';
import { OWN_RULES } from './self/own-rules.ts';
import { createSelfChecks } from './self/self-checks.ts';
import { createSiteDesk } from './site-status.ts';
import { steadyTime } from './steady-time.ts';
import { createUnitOfWork } from './unit-of-work.ts';

/**
 * The whole way of a reading: bus → latest → rules → alerts → outbox (one transaction) → channels → page, incidents.
 * Nothing on it waits for the series store, the page or the net; what it publishes is handed over and left.
 */
export interface Pipeline {
  start(): Promise<void>;
  stop(): Promise<void>;
}

const MAX_BATCH_BYTES = 1024 * 1024;
const readingBatch = byGuard(isReadingBatch);

export function createPipeline(dependencies: AlertsDependencies): Pipeline {
  const parts = assemble(dependencies);
  const { bus, log, metrics, config, overrides = {} } = dependencies;
  const { edge, outbox, book, engine, incidents, checks, site, desk } = parts;
  const stops: Stop[] = [];
  let cancelWatch: Cancel = () => {};
  let stopped = false;

  /** Null: taken; else why not. */
  function onReading(message: BusMessage): string | null {
    const decoded = decodeMessage(message, readingBatch, MAX_BATCH_BYTES);
    if (!decoded.ok) return decoded.reason;
    const batch = overrides.readings === undefined ? decoded.value : overrides.readings(decoded.value);
    if (batch === null) return null;
    // Who hands over a value of this process has made the topic of it.
    if (message.value === undefined && !message.topic.endsWith(`/${batch.device}`)) return 'other device';
    const now = parts.steady();
    const news = parts.latest.take(batch, now, message.retained);
    if (news === null) return 'unknown device';
    // A kept message that is old proves nothing of now; plans hear of the next fresh one.
    const fresh = !message.retained || now - batch.at < parts.latest.staleAfter(batch.device);
    // What was said again only moves plans on.
    if (news.length === 0) {
      incidents.onReadings(batch, news);
      return null;
    }
    parts.work.run(() => {
      // After the commit: first messages to people, then the plans see the readings, then the alerts that came of them.
      if (fresh) parts.work.afterCommit(() => incidents.onReadings(batch, news));
      parts.applyChanges(engine.onBatch(batch.device, news, now));
    });
    return null;
  }

  /** Whatever a message does, the next one is heard. */
  const guarded = (name: TopicPattern, handle: (message: BusMessage) => string | null) => (message: BusMessage) => {
    if (stopped) return;
    try {
      const rejected = handle(message);
      if (rejected !== null) edge.reject(name, rejected, message.topic);
    } catch (error) {
      metrics.count('zhishou_alerts_failures_total', { topic: name });
      log.error({ err: error, topic: message.topic }, `handling of a ${name} failed: ${messageOf(error)}`);
    }
  };

  return {
    async start() {
      outbox.start();
      incidents.start();
      for (const view of incidents.views()) parts.open.update(view);
      book.start();
      engine.start();
      book.retire(engine.takeOrphans());
      checks.start(book.active());
      desk.start();
      site.start();
      parts.readiness?.start();
      // An alert that fires already and has no incident yet, because the journal was lost or an older one restored, has one now.
      incidents.onActiveAlerts(book.active());
      parts.outages.start();
      cancelWatch = bus.onConnection(republishOnReturn(parts.republish));
      const filter = (pattern: TopicPattern) => topicFilter(config.site.id, pattern);
      stops.push(await bus.subscribe(filter('command'), guarded('command', desk.onMessage)));
      stops.push(await bus.subscribe(filter('reading/+'), guarded('reading/+', onReading)));
      parts.nut?.start();
    },
    async stop() {
      stopped = true;
      cancelWatch();
      for (const stop of stops.splice(0).reverse()) await stop();
      parts.outages.stop();
      parts.readiness?.stop();
      await parts.nut?.stop();
      site.stop();
      checks.stop();
      engine.stop();
      book.stop();
      await incidents.stop();
      await outbox.stop();
    },
  };
}

/** Calls when the bus comes back, not for its first state. */
function republishOnReturn(republish: () => void): (up: boolean) => void {
  let wasDown = false;
  return (up) => {
    if (up && wasDown) republish();
    wasDown = !up;
  };
}

/** Every part and what it is joined to. Calls among them happen after `start`, so later parts may be named by earlier ones. */
function assemble(dependencies: AlertsDependencies) {
  const base = createBase(dependencies);
  const { config, log, metrics, work, edge, latest, clock } = base;
  const { overrides = {} } = dependencies;
  const open = createOpenIncidents(config);
  const outbox = createOutbox({
    ...base,
    publish: (view) => edge.publish('delivery/+', view.id, view),
    onAttempt: (view) => {
      checks.onAttempt(view);
      readiness?.onAttempt(view);
    },
  });
  const tell = (request: NotificationRequest): readonly string[] => {
    const wanted = overrides.notify === undefined ? request : overrides.notify(request);
    return wanted === null ? [] : outbox.tell(wanted);
  };
  const book = createAlertBook({
    ...base,
    ...open,
    toldOfTheEnd: (rule) =>
      new Set(open.tellsTheEndTo(rule).flatMap((name) => base.rota.peopleOf(name, clock.now()).map(({ id }) => id))),
    ownRules: Object.values(OWN_RULES),
    texts: createAlertTexts({
      config,
      now: () => clock.now(),
      good: (device, point) => latest.good(device, point, base.steady()),
    }),
    tell,
    publish: (view) => edge.publish('alert/+', view.id, view),
    retract: (id) => edge.retract('alert/+', id),
    hand: (view) => incidents.onAlert(view),
  });
  const applyChanges = (changes: readonly RuleChange[]): void => {
    for (const { rule, device, effects } of changes) book.apply(rule, device, effects);
  };
  const engine = createRuleEngine({
    ...base,
    state: work.store,
    onDue: (due) => work.run(() => applyChanges(due())),
  });
  const checks = createSelfChecks({ ...base, apply: book.apply });
  base.reports.onStoreError = checks.onStoreError;
  const site = createSiteDesk({
    ...base,
    publish: (status) => edge.publish('site', '', status),
    onMinute: () => metrics.gauge('zhishou_alerts_heartbeat_timestamp_seconds', clock.now() / 1000),
  });
  const nut = createNutServer({ ...base, state: work.store, listener: dependencies.nut ?? null });
  const drivers = withNutServer(dependencies.drivers, nut);
  const acting = createActing({ ...dependencies, drivers }, latest, base.poll.now);
  const incidents = createIncidents({
    ...base,
    ...acting,
    ...(overrides.decide === undefined ? {} : { decide: overrides.decide }),
    state: work.store,
    notify: (request) => void tell(request),
    publish: (view, down) => {
      edge.publish('incident/+', view.id, view);
      if (open.update(view, down)) book.review();
      nut?.onIncident(view);
    },
    poll: base.poll.rate,
    armed: site.armed,
  });
  const readiness = openReadiness(base, acting.actions, { armed: site.armed, onView: checks.onReadiness, tell });
  const outages = createOutageDesk({
    ...base,
    publishAll: (list) => edge.publish('outages', '', { outages: list }),
    hand: (list) => incidents.onPlannedOutages(list),
  });
  const key = typeof base.signatureKey === 'string' ? new Secret(base.signatureKey) : base.signatureKey;
  const desk = createCommandDesk({
    ...base,
    ...{ book, incidents, site, outages },
    testReadiness: (by, contacts) => readiness?.testNow(by, contacts) ?? null,
    verify: (command) => verifyCommand(command, key),
    reply: (result) => edge.publish('command-result/+', result.id, result),
  });
  const republish = (): void => {
    site.publish();
    readiness?.publish();
    outages.publish();
    book.republish();
    for (const view of incidents.views()) edge.publish('incident/+', view.id, view);
  };
  log.info({ rules: config.rules.length, plans: config.plans.length }, 'alerts service put together');
  const parts = {
    open,
    outbox,
    book,
    applyChanges,
    engine,
    checks,
    site,
    incidents,
    outages,
    readiness,
    nut,
    desk,
    republish,
  };
  return { ...base, ...parts };
}

/** Null where nobody asked for it: a simulated run. */
function openReadiness(
  base: ReturnType<typeof createBase>,
  actions: ActionRunner,
  also: Pick<ReadinessDependencies, 'armed' | 'onView' | 'tell'>,
): ReadinessDesk | null {
  const { lastDrills, latest, steady, edge, work } = base;
  if (lastDrills === undefined) return null;
  const number = (ups: string, point: string): number | null => {
    const value = latest.good(ups, point, steady());
    return typeof value === 'number' ? value : null;
  };
  const byPercent = (ups: string): number | null => {
    const percent = number(ups, 'ups.load');
    const rated = base.config.devices.find((device) => device.id === ups)?.rated_power;
    return percent === null || rated === undefined ? null : (percent / 100) * rated;
  };
  return createReadinessDesk({
    ...base,
    ...also,
    actions,
    lastDrills,
    state: work.store,
    battery: (ups) => ({
      charge: number(ups, 'battery.charge'),
      loadW: number(ups, 'ups.realpower') ?? byPercent(ups),
    }),
    publishView: (view) => edge.publish('readiness', '', view),
  });
}

/** What every part is given. */
function createBase(dependencies: AlertsDependencies) {
  const { config, clock, bus, log, metrics, state } = dependencies;
  const reports = { onStoreError: (_error: unknown): void => {} };
  const edge = createBusEdge(config.site.id, bus, clock, log, metrics);
  const work = createUnitOfWork(state, {
    onStoreError: (error) => {
      metrics.count('zhishou_alerts_store_errors_total');
      log.error({ err: error }, 'the state could not be written; going on in memory');
      work.afterCommit(() => reports.onStoreError(error));
    },
    onCallError: (error) => log.error({ err: error }, 'what follows a change failed'),
  });
  return {
    ...dependencies,
    edge,
    work,
    reports,
    steady: steadyTime(clock),
    rota: createRota(config),
    latest: createLatestReadings(config),
    poll: createPollDesk(edge),
  };
}

/** How plans reach equipment and see what came of it. */
function createActing(
  { config, clock, drivers, reach, forcedMode, log, metrics, overrides = {} }: AlertsDependencies,
  latest: LatestReadings,
  pollNow: (device: string) => void,
) {
  const same = <T>(part: T): T => part;
  const { actions: wrapActions = same, evidence: wrapEvidence = same } = overrides;
  const actions = wrapActions(createActionRunner({ config, drivers, mode: forcedMode, log, metrics }));
  return { actions, evidence: wrapEvidence(createEvidenceChecker({ clock, reach, runner: actions, latest, pollNow })) };
}
