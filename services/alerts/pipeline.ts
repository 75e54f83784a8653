import type { Again } from '#core/again.ts';
import { messageOf } from '#core/errors.ts';
import type { BusMessage, Cancel, Stop } from '#core/ports.ts';
import type { ReadingBatch, ReadingsAgain } from '#core/reading.ts';
import { Secret } from '#core/secret.ts';
import { type TopicPattern, topicFilter } from '#core/topics.ts';
import { verifyCommand } from '#platform/command-signature.ts';
import { withNutServer } from './actions/nut-serve-driver.ts';
import type { AlertsDependencies } from './app.ts';
import { openBatteryTests } from './battery-test/open-battery-tests.ts';
import { type CommandDeskDependencies, createCommandDesk } from './command-desk.ts';
import { byGuard, decodeMessage } from './decode-json.ts';
import { openFigures } from './figures/open-figures.ts';
import { openForecasts } from './forecast-desk.ts';
import { createNutServer } from './nut-server/nut-server.ts';
import { createOutageDesk } from './outages.ts';
import { createEvidenceDesk } from './paperwork/evidence-desk.ts';
import {
  assembleAlerting,
  type Base,
  createActing,
  createBase,
  type Later,
  openReadiness,
  openRotaDesk,
} from './parts.ts';
import { createIncidents } from './plans/incidents.ts';
import { isReadingBatch } from './reading-shape.ts';
import { openJournalCheck } from './self/journal-check.ts';
import { createOutward } from './self/outward.ts';

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
    // Who hands over a value of this process has made the topic of it.
    if (message.value === undefined && !message.topic.endsWith(`/${decoded.value.device}`)) return 'other device';
    return onBatch(decoded.value, message.retained);
  }

  function onBatch(said: ReadingBatch, retained: boolean): string | null {
    const batch = overrides.readings === undefined ? said : overrides.readings(said);
    if (batch === null) return null;
    const now = parts.steady();
    const news = parts.latest.take(batch, now, retained);
    if (news === null) return 'unknown device';
    // A kept message that is old proves nothing of now; plans hear of the next fresh one.
    const fresh = !retained || now - batch.at < parts.latest.staleAfter(batch.device);
    if (fresh) parts.changes?.desk.onReadings(news);
    if (fresh) parts.evidence.onReadings(batch.device, news);
    // Before the rules: what a battery test explains no more is an outage in this very reading.
    if (fresh) parts.batteryTests?.onReadings(batch.device);
    const touched =
      news.length === 0 && !engine.awaits(batch.device) ? null : engine.touchedBy(batch.device, news, now);
    // What says nothing new to any rule only moves plans on.
    if (touched === null) {
      if (fresh) incidents.onReadings(batch, news);
      return null;
    }
    parts.work.run(() => {
      // After the commit: first messages to people, then the plans see the readings, then the alerts that came of them.
      if (fresh) parts.work.afterCommit(() => incidents.onReadings(batch, news));
      parts.applyChanges(engine.step(touched, now));
    });
    return null;
  }

  /** Whatever a message does, the next one is heard. */
  function attempt(name: TopicPattern, topic: string, handle: () => string | null): void {
    try {
      const rejected = handle();
      if (rejected !== null) edge.reject(name, rejected, topic);
    } catch (error) {
      metrics.count('zhishou_alerts_failures_total', { topic: name });
      log.error({ err: error, topic }, `handling of a ${name} failed: ${messageOf(error)}`);
    }
  }
  const guarded = (name: TopicPattern, handle: (message: BusMessage) => string | null) => (message: BusMessage) => {
    if (!stopped) attempt(name, message.topic, () => handle(message));
  };

  const onBattery = new Set(config.plans.flatMap(({ power }) => power?.ups ?? []));
  /** What is said again only moves times on; a UPS's is a sample all the same. */
  function onAgain(all: readonly Again[]): void {
    if (stopped) return;
    const now = parts.steady();
    for (const one of all as readonly ReadingsAgain[]) {
      const plain = overrides.readings === undefined && !onBattery.has(one.device) && !engine.awaits(one.device);
      if (!plain || !parts.latest.again(one, now)) attempt('reading/+', one.topic, () => onBatch(one.value(), false));
    }
  }

  const outward = createOutward({
    ...{ config, bus, edge, log, metrics, checks, guarded, outward: dependencies.outward ?? null },
    through: (_id, done) =>
      parts.work.run(() => {
        parts.applyChanges(engine.step({ device: 'zhishou', rules: new Set() }, parts.steady()));
        outbox.probe(done);
      }),
  });

  return {
    async start() {
      parts.answers.start();
      outbox.start();
      // Before anything asks who is on duty.
      parts.rotaDesk.restore();
      // Before the incidents go on it is known whether they may act.
      site.start();
      incidents.start();
      for (const view of incidents.views()) parts.open.update(view);
      parts.maintenance.start();
      parts.outside.restore();
      parts.changes?.ours.restore();
      parts.changes?.desk.restore();
      parts.batteryTests?.restore();
      book.start();
      parts.maintenance.publish();
      engine.start();
      book.retire(engine.takeOrphans());
      checks.start(book.active());
      parts.rotaDesk.start();
      parts.rules.start();
      desk.start();
      parts.readiness?.start();
      parts.figures?.start();
      // As readiness is: a simulated run tests nobody.
      if (parts.readiness !== null) parts.contacts.start();
      // An alert that fires already and has no incident yet, because the journal was lost or an older one restored, has one now.
      incidents.onActiveAlerts(book.active());
      parts.outages.start();
      parts.batteryTests?.start();
      cancelWatch = bus.onConnection(republishOnReturn(parts.republish));
      const filter = (pattern: TopicPattern) => topicFilter(config.site.id, pattern);
      stops.push(await bus.subscribe(filter('command'), guarded('command', desk.onMessage)));
      stops.push(await bus.subscribe(filter('paperwork'), guarded('paperwork', parts.facts.onMessage)));
      stops.push(await bus.subscribe(filter('reading/+'), guarded('reading/+', onReading), onAgain));
      parts.outside.start();
      stops.push(await bus.subscribe(filter('outside-alert/+'), guarded('outside-alert/+', parts.outside.onMessage)));
      parts.notices.start();
      stops.push(await bus.subscribe(filter('notice/+'), guarded('notice/+', parts.notices.onMessage)));
      parts.nut?.start();
      parts.news.start();
      await outward.start();
      parts.journalCheck?.start();
    },
    async stop() {
      stopped = true;
      parts.journalCheck?.stop();
      await outward.stop();
      parts.news.stop();
      parts.outside.stop();
      parts.notices.stop();
      parts.changes?.desk.stop();
      parts.evidence.stop();
      cancelWatch();
      for (const stop of stops.splice(0).reverse()) await stop();
      parts.outages.stop();
      parts.batteryTests?.stop();
      parts.readiness?.stop();
      parts.figures?.stop();
      parts.forecasts?.stop();
      parts.contacts.stop();
      await parts.nut?.stop();
      site.stop();
      checks.stop();
      parts.rotaDesk.stop();
      parts.rules.stop();
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
  const { config, log, work, edge, latest } = base;
  const { overrides = {} } = dependencies;
  const later: Later = { incidents: null, readiness: null, figures: null, batteryTests: null };
  const alerting = assembleAlerting(base, later);
  const { contacts, open, book, checks, rules, site, tell, maintenance, changes } = alerting;
  const nut = createNutServer({ ...base, state: work.store, listener: dependencies.nut ?? null });
  const drivers = withNutServer(dependencies.drivers, nut);
  const plain = createActing({ ...dependencies, drivers }, latest, base.poll.now);
  const acting = { ...plain, actions: changes?.ours.watching(plain.actions) ?? plain.actions };
  const evidence = createEvidenceDesk({
    ...{ config, clock: base.clock, state: work.store, facts: alerting.facts.now, incidents: () => later.incidents },
    titleOf: (rule, device) => base.present.find(rule, device)?.title ?? null,
  });
  const forecasts = openForecasts(base, () => later.incidents);
  const incidents = createIncidents({
    ...base,
    ...acting,
    ...(overrides.decide === undefined ? {} : { decide: overrides.decide }),
    state: work.store,
    notify: (request) => void tell(request),
    notifyAll: (requests) =>
      work.run(() => {
        for (const request of requests) tell(request);
      }),
    publish: (view, down) => {
      edge.publish('incident/+', view.id, view);
      forecasts?.onIncident(view.id, view.phase === 'closed');
      if (open.update(view, down)) book.review();
      nut?.onIncident(view);
      evidence.onIncident(view);
    },
    poll: base.poll.rate,
    armed: site.armed,
  });
  later.incidents = incidents;
  const readiness = openReadiness(base, acting.actions, { armed: site.armed, onView: checks.onReadiness, contacts });
  later.readiness = readiness;
  const figures = openFigures(base, alerting.outside);
  later.figures = figures;
  const outages = createOutageDesk({
    ...base,
    publishAll: (list) => edge.publish('outages', '', { outages: list }),
    hand: (list) => incidents.onPlannedOutages(list),
  });
  const batteryTests = openBatteryTests(base, {
    ...alerting,
    ...{ actions: acting.actions, incidents: () => later.incidents, outages: () => outages.coming() },
  });
  later.batteryTests = batteryTests;
  const rotaDesk = openRotaDesk(base, alerting, { incidents, outages });
  const desk = openCommands(base, alerting, { incidents, outages, rotaDesk, readiness, batteryTests });
  const journalCheck = openJournalCheck(base);
  const republish = (): void => {
    for (const one of [
      site,
      readiness,
      outages,
      rotaDesk,
      rules,
      maintenance,
      figures,
      forecasts,
      journalCheck,
      batteryTests,
    ])
      one?.publish();
    alerting.publishChannels();
    book.republish();
    for (const view of incidents.views()) edge.publish('incident/+', view.id, view);
  };
  log.info({ rules: config.rules.length, plans: config.plans.length }, 'alerts service put together');
  const parts = {
    evidence,
    incidents,
    forecasts,
    journalCheck,
    outages,
    rotaDesk,
    readiness,
    figures,
    nut,
    desk,
    republish,
    batteryTests,
  };
  return { ...base, ...alerting, ...parts };
}

type Alerting = ReturnType<typeof assembleAlerting>;
type Commanded = Pick<CommandDeskDependencies, 'incidents' | 'outages' | 'rotaDesk' | 'batteryTests'> & {
  readonly readiness: ReturnType<typeof openReadiness>;
};

/** People's orders, to whom they concern. */
function openCommands(base: Base, alerting: Alerting, { readiness, ...commanded }: Commanded) {
  const key = typeof base.signatureKey === 'string' ? new Secret(base.signatureKey) : base.signatureKey;
  return createCommandDesk({
    ...base,
    ...alerting,
    ...commanded,
    testReadiness: (by, contacts) => readiness?.testNow(by, contacts) ?? null,
    verify: (command) => verifyCommand(command, key),
    reply: (result) => base.edge.publish('command-result/+', result.id, result),
  });
}
