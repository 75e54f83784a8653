import type { NotificationRequest } from '#core/notification.ts';
import { createLatestReadings, type LatestReadings } from '#core/rules/latest-readings.ts';
import { createRegisterLook, SIGNED_IN } from '#core/rules/register-look.ts';
import { createRuleEngine, type RuleChange } from '#core/rules/rule-engine.ts';
import { createActionRunner } from './actions/action-runner.ts';
import { createEvidenceChecker } from './actions/evidence.ts';
import { createAnswers } from './answers/open-answers.ts';
import type { AlertsDependencies } from './app.ts';
import type { BatteryDesk } from './battery-test/battery-desk.ts';
import { createBusEdge } from './bus-edge.ts';
import { type Changes, openChanges } from './changes/open-changes.ts';
import type { FiguresDesk } from './figures/figures-desk.ts';
import { type AlertBook, createAlertBook } from './lifecycle/alert-book.ts';
import { createAlertTexts } from './lifecycle/alert-texts.ts';
import { createMaintenanceDesk, type MaintenanceDesk } from './lifecycle/maintenance.ts';
import { createNoticeDesk } from './notices/notice-desk.ts';
import { createChannelNews } from './notify/channel-news.ts';
import { limitsOf } from './notify/limits-of.ts';
import { createOutbox } from './notify/outbox.ts';
import { createOpenIncidents, type OpenIncidents } from './open-incidents.ts';
import type { OutageDesk } from './outages.ts';
import { createOutsideDesk, type OutsideDesk } from './outside/outside-desk.ts';
import { createFactsDesk } from './paperwork/facts-desk.ts';
import { createPollDesk } from './poll-desk.ts';
import { createContactTests } from './readiness/contact-tests.ts';
import { createReadinessDesk, type ReadinessDependencies, type ReadinessDesk } from './readiness/readiness-desk.ts';
import { createRota } from './rota/rota.ts';
import { createRotaDesk, type RotaDesk } from './rota/rota-desk.ts';
import { keptOverrides } from './rules-reload/kept-overrides.ts';
import { createPresentRules } from './rules-reload/present-rules.ts';
import { createRulesDesk } from './rules-reload/rules-desk.ts';
import type { ActionRunner, Incidents } from './seams.ts';
import { OWN_RULES } from './self/own-rules.ts';
import { createSelfChecks, type SelfChecks } from './self/self-checks.ts';
import { createSiteDesk } from './site-status.ts';
import { steadyTime } from './steady-time.ts';
import { createUnitOfWork } from './unit-of-work.ts';

/** What is joined to what comes later; asked for only after `start`. */
export interface Later {
  incidents: Incidents | null;
  readiness: ReadinessDesk | null;
  figures: FiguresDesk | null;
  batteryTests: BatteryDesk | null;
}

/** What the way to people needs of those that come after it. */
interface Behind {
  readonly book: () => AlertBook;
  readonly checks: () => SelfChecks;
}

/** Messages → people, and what people answer from where they are. */
function assembleTelling(base: Base, later: Later, open: OpenIncidents, behind: Behind) {
  const { config, edge, overrides = {} } = base;
  const outbox = createOutbox({
    ...base,
    publish: (view) => edge.publish('delivery/+', view.id, view),
    onAttempt: (view) => {
      behind.checks().onAttempt(view);
      later.readiness?.onAttempt(view);
      later.figures?.onAttempt(view);
    },
    limitsOf: (channel) => limitsOf(config.site.channels[channel]),
    onChannel: (channel, failing, error) => behind.checks().onChannel(channel, failing, error),
    onChannels: () => publishChannels(),
    waysToAct: (view) => answers.waysToAct(view),
  });
  const publishChannels = (): void => edge.publish('channels', '', outbox.channels());
  base.news.onReceipt(outbox.onReceipt);
  base.news.onHealth(({ works, detail }, channel) => behind.checks().onHealth(channel, works, detail));
  const tell = (request: NotificationRequest): readonly string[] => {
    const wanted = overrides.notify === undefined ? request : overrides.notify(request);
    return wanted === null ? [] : answers.telling(wanted, () => outbox.tell(wanted));
  };
  const contacts = createContactTests({
    ...base,
    tell,
    report: (person, missing) => behind.checks().report('zhishou-contact-unconfirmed', person, missing),
  });
  const answers = createAnswers({
    ...{ ...base, open, tell, book: behind.book, incidents: () => later.incidents },
    ...{ test: contacts.awaits, confirmTest: contacts.confirm },
  });
  base.news.onAnswer(answers.onAnswer);
  return { outbox, publishChannels, tell, contacts, answers };
}

/** Readings → rules → alerts → people: the half of the pipeline that tells. */
export function assembleAlerting(base: Base, later: Later) {
  const { config, metrics, work, edge, clock } = base;
  const open = createOpenIncidents(base.config);
  const telling = assembleTelling(base, later, open, { book: () => book, checks: () => checks });
  const { tell, publishChannels } = telling;
  const maintenance = createMaintenanceDesk({
    ...base,
    shelved: () => book.shelved(),
    publishAll: (all) => edge.publish('maintenance', '', all),
    onChange: () => book.review(),
  });
  const outside = createOutsideDesk({
    ...base,
    book: () => book,
    retract: (fingerprint) => edge.retract('outside-alert/+', fingerprint),
  });
  const notices = createNoticeDesk({ ...base, tell, retract: (part) => edge.retract('notice/+', part) });
  const facts = createFactsDesk();
  const changes = openChanges(base, { open, maintenance, facts, tell, book: () => book });
  const book = openBook(base, later, { open, tell, maintenance, outside, changes });
  const applyChanges = (changes: readonly RuleChange[]): void => {
    for (const { rule, device, effects } of changes) book.apply(rule, device, effects);
  };
  const register = createRegisterLook(config);
  const engine = createRuleEngine({
    ...base,
    register,
    rules: base.present.set(),
    state: work.store,
    onDue: (due) => work.run(() => applyChanges(due())),
  });
  // Who signs in ends what his coming in had raised.
  facts.onChange((now) => {
    const rooms = new Set(register.update(now, clock.now()));
    const there = config.devices.filter(({ room }) => rooms.has(room));
    work.run(() => {
      for (const { id } of there) {
        const touched = engine.touchedBy(id, [{ point: SIGNED_IN }], base.steady());
        if (touched !== null) applyChanges(engine.step(touched, base.steady()));
      }
    });
  });
  const checks = createSelfChecks({ ...base, rules: () => base.present.set().rules, apply: book.apply });
  const rules = createRulesDesk({
    ...base,
    ...{ engine, book },
    files: base.ruleFiles ?? null,
    publishView: (view) => edge.publish('rules', '', view),
  });
  base.reports.onStoreError = checks.onStoreError;
  const site = createSiteDesk({
    ...base,
    publish: (status) => edge.publish('site', '', status),
    onMinute: () => {
      metrics.gauge('zhishou_alerts_heartbeat_timestamp_seconds', clock.now() / 1000);
      publishChannels();
    },
  });
  return {
    ...telling,
    open,
    outside,
    notices,
    facts,
    changes,
    book,
    applyChanges,
    engine,
    checks,
    rules,
    site,
    maintenance,
  };
}

interface BesideTheBook {
  readonly open: OpenIncidents;
  readonly tell: (request: NotificationRequest) => readonly string[];
  readonly maintenance: MaintenanceDesk;
  readonly outside: OutsideDesk;
  readonly changes: Changes | null;
}

function openBook(base: Base, later: Later, { open, tell, maintenance, outside, changes }: BesideTheBook): AlertBook {
  const { config, edge, latest, clock } = base;
  return createAlertBook({
    ...base,
    ...open,
    testedBy: (rule, device) => later.batteryTests?.explains(rule, device) ?? null,
    windowFor: maintenance.windowFor,
    nextChange: maintenance.nextChange,
    onShelves: maintenance.publish,
    toldOfTheEnd: (rule) =>
      new Set(open.tellsTheEndTo(rule).flatMap((name) => base.rota.peopleOf(name, clock.now()).map(({ id }) => id))),
    ownRules: Object.values(OWN_RULES),
    findRule: (rule, device) =>
      outside.ruleOf(rule, device) ?? changes?.desk.ruleOf(rule, device) ?? base.present.find(rule, device),
    texts: createAlertTexts({
      config,
      now: () => clock.now(),
      good: (device, point) => latest.good(device, point, base.steady()),
    }),
    tell,
    publish: (view) => edge.publish('alert/+', view.id, view),
    retract: (id) => edge.retract('alert/+', id),
    hand: (view, mayOpen) => later.incidents?.onAlert(view, mayOpen),
  });
}

/** Null where nobody asked for it: a simulated run. */
export function openReadiness(
  base: Base,
  actions: ActionRunner,
  also: Pick<ReadinessDependencies, 'armed' | 'onView' | 'contacts'>,
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

/** The rota as it runs; whoever takes over is told what is open. */
export const openRotaDesk = (
  base: Base,
  { tell, book, site, checks }: Pick<ReturnType<typeof assembleAlerting>, 'tell' | 'book' | 'site' | 'checks'>,
  { incidents, outages }: { incidents: Incidents; outages: Pick<OutageDesk, 'coming'> },
): RotaDesk =>
  createRotaDesk({
    ...base,
    ...{ tell, publishView: (view) => base.edge.publish('rota', '', view) },
    open: () => ({
      incidents: incidents.views().filter(({ phase }) => phase !== 'closed'),
      alerts: book.active(),
      outages: outages.coming(),
    }),
    onTurn: () => {
      site.publish();
      checks.onTurn();
    },
  });

/** What every part is given. */
export type Base = ReturnType<typeof createBase>;
export function createBase(dependencies: AlertsDependencies) {
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
    present: createPresentRules(config.rules, keptOverrides(state)),
    latest: createLatestReadings(config),
    poll: createPollDesk(edge),
    news: createChannelNews(dependencies.channels, { log, metrics }),
  };
}

/** How plans reach equipment and see what came of it. */
export function createActing(
  { config, clock, drivers, reach, forcedMode, log, metrics, overrides = {} }: AlertsDependencies,
  latest: LatestReadings,
  pollNow: (device: string) => void,
) {
  const same = <T>(part: T): T => part;
  const { actions: wrapActions = same, evidence: wrapEvidence = same } = overrides;
  const actions = wrapActions(createActionRunner({ config, drivers, mode: forcedMode, log, metrics }));
  return { actions, evidence: wrapEvidence(createEvidenceChecker({ clock, reach, runner: actions, latest, pollNow })) };
}
