import type { AlertView } from '#core/alert.ts';
import type { PersonCommand } from '#core/command.ts';
import type { Plan } from '#core/config/plan.ts';
import type { ForecastView } from '#core/forecast.ts';
import type { IncidentMode, IncidentView } from '#core/incident.ts';
import type { PlannedOutage } from '#core/outage.ts';
import type { Reading, ReadingBatch, Value } from '#core/reading.ts';
import type { Text } from '#core/text.ts';
import { type Instant, instant, toIso } from '#core/time.ts';
import { measuredModel } from '../battery-test/kept-tests.ts';
import { carriedOut, NOT_RECORDED, type OrderAnswer, type Refusal, refusal, refused } from '../order-answer.ts';
import type { Incidents, IncidentsDependencies } from '../seams.ts';
import { compileIncident } from './compile.ts';
import { recordedP95 } from './durations.ts';
import { holdsForNew, unknownHolds } from './elsewhere.ts';
import type { PowerSample } from './events.ts';
import { FiringAlerts } from './firing-alerts.ts';
import { readIncidents } from './fold.ts';
import { orderOf } from './order-events.ts';
import { BY_PLAN } from './planned.ts';
import { causeOf, nextForPlan, plannedFor } from './planned-outages.ts';
import { judgeStatus } from './power.ts';
import { refusalOf } from './refusals.ts';
import { RunningIncident } from './running-incident.ts';
import { conditionPoints, sampleOf } from './samples.ts';
import { backsUp, SiteBackups } from './site-backups.ts';
import { BY_BUTTON, type FiringAlert } from './state.ts';
import { bothTexts } from './texts.ts';

/**
 * The incidents of the site: opens them by alert or by button, hands them what happens, keeps those that ended for people to
 * look at. Each incident's own life is in RunningIncident.
 */
export function createIncidents(deps: IncidentsDependencies): Incidents {
  return new SiteIncidents(deps);
}

/** Explained by another alert, on a shelf, or its equipment is out of service. */
const isHeldBack = ({ inhibitedBy, silenced, maintenance }: AlertView): boolean =>
  inhibitedBy !== null || silenced !== null || (maintenance ?? null) !== null;

/** Ended incidents that stay in memory. */
const KEPT_ENDED = 20;
const MOST_OPEN = 50;
const MOST_TRIGGERS = 500;

class SiteIncidents implements Incidents {
  readonly #deps: IncidentsDependencies;
  readonly #incidents = new Map<string, RunningIncident>();
  /** Alerts that have opened an incident, so that their updates open no second one. */
  readonly #triggers = new Set<string>();
  readonly #lastSamples = new Map<string, PowerSample>();
  readonly #onBatterySince = new Map<string, Instant>();
  readonly #points = new Map<string, Value>();
  readonly #alerts: FiringAlerts;
  readonly #upses: ReadonlySet<string>;
  readonly #ratedW: ReadonlyMap<string, number | undefined>;
  /** By device and point: the name of each that a condition of a plan looks at. */
  readonly #watched: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly #backups = new SiteBackups();
  #outages: readonly PlannedOutage[] = [];
  #stopped = true;

  constructor(deps: IncidentsDependencies) {
    this.#deps = {
      ...deps,
      onBackup: (from, device, what) => this.#tellBackup(from, device, what),
      onHolds: () => this.#shareHolds(),
    };
    this.#alerts = new FiringAlerts(deps.config);
    this.#upses = new Set(deps.config.plans.flatMap((plan) => plan.power?.ups ?? []));
    this.#ratedW = new Map(deps.config.devices.map(({ id, rated_power }) => [id, rated_power]));
    this.#watched = byDevice(deps.config.plans.flatMap(conditionPoints));
  }

  start(): void {
    this.#stopped = false;
    for (const folded of readIncidents(this.#deps.journal, this.#deps.decide)) {
      const incident = RunningIncident.fromFold(this.#deps, folded);
      this.#incidents.set(folded.state.id, incident);
      const { trigger, alerts, definition } = folded.state;
      this.#remember(definition.plan.id, trigger);
      for (const { key } of Object.values(alerts)) this.#remember(definition.plan.id, key);
    }
    this.#forgetEnded();
    for (const incident of this.#incidents.values()) incident.resume();
    this.#backups.recall([...this.#incidents.values()].map((incident) => incident.present()));
    for (const incident of this.#open())
      for (const news of this.#backups.unknownTo(incident.present())) incident.handle(news);
    this.#shareHolds();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#incidents.values()].map((incident) => incident.stop()));
  }

  onReadings(batch: ReadingBatch, news: readonly Reading[] = batch.readings): void {
    if (this.#stopped) return;
    if (this.#upses.has(batch.device)) this.#onPower(batch);
    const watched = this.#watched.get(batch.device);
    if (watched === undefined) return;
    let points: Record<string, Value> | null = null;
    for (const reading of news) {
      const name = watched.get(reading.point);
      if (name === undefined || reading.quality !== 'good' || reading.value === null) continue;
      this.#points.set(name, reading.value);
      points ??= {};
      points[name] = reading.value;
    }
    if (points === null) return;
    for (const incident of this.#open()) incident.onPoints(points);
  }

  #onPower(batch: ReadingBatch): void {
    const sample = sampleOf(batch, this.#ratedW.get(batch.device) ?? null);
    if (sample === null) return;
    this.#lastSamples.set(batch.device, sample);
    if (sample.status !== null) {
      const onBattery = judgeStatus(sample.status) === 'battery';
      if (!onBattery) this.#onBatterySince.delete(batch.device);
      else if (!this.#onBatterySince.has(batch.device)) this.#onBatterySince.set(batch.device, this.#deps.clock.now());
    }
    for (const incident of this.#open()) incident.onSample(sample);
  }

  onAlert(alert: AlertView, mayOpen: boolean = !isHeldBack(alert)): void {
    if (this.#stopped) return;
    const taken = this.#alerts.take(alert);
    if (taken === null) return;
    const { firing } = taken;
    for (const incident of this.#open()) this.#tellAlert(incident, alert.id, alert.title, firing);
    // An air conditioner without mains is the outage's matter: one incident, one message, one who gives orders.
    if (firing === null || !mayOpen) return;
    for (const plan of this.#deps.config.plans) {
      if (!plan.triggers.alerts.includes(alert.rule) || this.#openOf(plan.id) !== null) continue;
      if (!this.#triggers.has(`${plan.id} ${firing.key}`)) this.#openIncident(plan, firing.key, alert.title, 'zhishou');
    }
    // Whatever it opened or added to: the same firing opens nothing later.
    for (const plan of this.#deps.config.plans)
      if (plan.triggers.alerts.includes(alert.rule)) this.#remember(plan.id, firing.key);
  }

  onActiveAlerts(alerts: readonly AlertView[]): void {
    for (const alert of alerts) this.onAlert(alert);
    const active = new Set(alerts.map(({ id }) => id));
    // What ended while nobody listened is over for the incidents too.
    for (const incident of this.#open())
      for (const [id, { deviceName }] of Object.entries(incident.present().alerts))
        if (!active.has(id)) this.#tellAlert(incident, id, deviceName, null);
  }

  onPlannedOutages(outages: readonly PlannedOutage[]): void {
    this.#outages = outages;
    if (this.#stopped) return;
    for (const plan of this.#deps.config.plans) {
      const open = this.#openOf(plan.id);
      const next = nextForPlan(plan, outages, open?.present() ?? null, this.#deps.clock.now());
      if (next === null) continue;
      if (open !== null) open.handle(next.event);
      else if (next.outage !== null && !this.#triggers.has(`${plan.id} ${BY_PLAN}${next.outage.id}`)) {
        this.#openIncident(plan, `${BY_PLAN}${next.outage.id}`, causeOf(next.outage), next.outage.by);
      }
    }
  }

  /** Each incident hears of the others' backups, so that none is made twice at once. */
  #tellBackup(from: string, device: string, what: 'begun' | 'done' | 'ended'): void {
    this.#backups.take(from, device, what, this.#deps.clock.now());
    for (const incident of this.#open())
      if (incident.id !== from && backsUp(incident.present(), device))
        incident.handle({ type: 'backup-elsewhere', device, what });
  }

  /** Each incident knows what the others do to which devices, so that none is ordered twice or started under another's hands. */
  #shareHolds(): void {
    for (const incident of this.#open())
      for (const news of unknownHolds(
        incident.present(),
        this.#open().map((one) => one.present()),
      ))
        incident.handle(news);
  }

  /** Only what is news to the incident is an event of it. */
  #tellAlert(incident: RunningIncident, id: string, title: Text, firing: FiringAlert | null): void {
    const { alerts, definition } = incident.present();
    const before = alerts[id];
    if (firing === null ? before === undefined : before?.key === firing.key) return;
    if (firing !== null && !definition.alertRules.includes(firing.rule)) return;
    incident.handle({ type: 'alert', id, title, firing });
  }

  onCommand(command: PersonCommand): OrderAnswer {
    if (this.#stopped) return refused(command, refusal('CONFLICT', '服务正在停止', 'the service is stopping'));
    const { body } = command;
    if (body.kind === 'incident.open') return this.#openByButton(command, body);
    if (!('incident' in body)) return refused(command, notOurs(body.kind));
    const incident = this.#incidents.get(body.incident);
    if (incident === undefined)
      return refused(command, refusal('NOT_FOUND', `没有事件“${body.incident}”`, `no incident "${body.incident}"`));
    const event = orderOf(command, incident.present().offsetMs, this.#deps.config.people.people);
    if (event === 'nobody')
      return refused(command, refusal('NOT_FOUND', '没有此人', 'there is no such person in people.yaml'));
    if (event === null) return refused(command, notOurs(body.kind));
    const wrong = refusalOf(incident.present(), event);
    if (wrong !== null) return refused(command, wrong);
    incident.handle(event);
    return incident.halted ? refused(command, NOT_RECORDED) : carriedOut(command);
  }

  #openByButton(command: PersonCommand, body: { readonly plan: string; readonly reason: string }): OrderAnswer {
    const plan = this.#deps.config.plans.find((candidate) => candidate.id === body.plan);
    if (plan === undefined)
      return refused(command, refusal('NOT_FOUND', `没有预案“${body.plan}”`, `no plan "${body.plan}"`));
    if (!plan.triggers.button)
      return refused(command, refusal('CONFLICT', '本预案不能手动启动', 'this plan has no button'));
    const open = this.#openOf(plan.id);
    if (open !== null) {
      open.handle({ type: 'note', by: command.by.user, text: `再次启动 / started again: ${body.reason}` });
      const text = bothTexts('该预案的事件已经打开，已记入其中', 'its incident is open already; this was noted there');
      return refused(command, { code: 'CONFLICT', detail: `it is open already: ${open.id}`, text }, open.id);
    }
    if (this.#open().length >= MOST_OPEN)
      return refused(command, refusal('TOO_MANY', '未关闭的事件太多，请先处理', 'too many open incidents'));
    const cause = bothTexts(`人工启动：${body.reason}`, `Started by hand: ${body.reason}`);
    const id = this.#openIncident(plan, `${BY_BUTTON}${command.id}`, cause, command.by.user);
    return this.#incidents.has(id) ? carriedOut(command, id) : refused(command, NOT_RECORDED);
  }

  forecast(id: string): Generator<void, ForecastView> | null {
    const incident = this.#incidents.get(id);
    return incident?.open === true ? incident.forecast() : null;
  }

  views(): readonly IncidentView[] {
    return [...this.#incidents.values()].map((incident) => incident.view());
  }

  #open(): RunningIncident[] {
    return [...this.#incidents.values()].filter((incident) => incident.open);
  }

  #openOf(plan: string): RunningIncident | null {
    return this.#open().find((incident) => incident.plan === plan) ?? null;
  }

  #openIncident(plan: Plan, trigger: string, cause: Text, by: string): string {
    const deps = this.#deps;
    const now = deps.clock.now();
    this.#remember(plan.id, trigger);
    const definition = compileIncident(plan, {
      config: deps.config,
      recordedP95: (device, operation) => recordedP95(deps.state, device, operation),
      describe: (action, values) => deps.actions.describe(action, values),
      measured: (ups) => measuredModel(deps.state, ups),
    });
    const upses = plan.power?.ups ?? [];
    const began = upses.flatMap((id) => this.#onBatterySince.get(id) ?? []);
    const id = this.#newId(plan.id, now);
    const incident = RunningIncident.open(deps, {
      type: 'opened',
      incident: id,
      definition,
      mode: this.#mode(),
      armed: deps.armed(),
      trigger,
      cause,
      by,
      outageSince: began.length === 0 ? null : instant(Math.min(...began)),
      samples: upses.flatMap((ups) => this.#lastSamples.get(ups) ?? []),
      points: Object.fromEntries(this.#points),
      alerts: this.#alerts.of(definition.alertRules),
      planned: plannedFor(plan, this.#outages, now),
      backups: this.#backups.known(now),
      others: holdsForNew(
        this.#open().map((one) => one.present()),
        now,
      ),
    });
    this.#incidents.set(id, incident);
    this.#forgetEnded();
    incident.begin();
    // Not recorded: it never was.
    if (incident.halted) this.#incidents.delete(id);
    return id;
  }

  #mode(): IncidentMode {
    return this.#deps.forcedMode ?? (this.#deps.armed() ? 'live' : 'advice');
  }

  #newId(plan: string, now: Instant): string {
    const base = `inc-${toIso(now).slice(0, 19).replaceAll(/[-:]/g, '')}Z-${plan}`;
    let id = base;
    for (let n = 2; this.#incidents.has(id); n++) id = `${base}-${n}`;
    return id;
  }

  /** By plan: one alert may open several. */
  #remember(plan: string, trigger: string): void {
    this.#triggers.add(`${plan} ${trigger}`);
    const oldest = this.#triggers.values().next().value;
    if (this.#triggers.size > MOST_TRIGGERS && oldest !== undefined) this.#triggers.delete(oldest);
  }

  #forgetEnded(): void {
    const ended = [...this.#incidents.values()].filter((incident) => !incident.open);
    for (const incident of ended.slice(0, Math.max(0, ended.length - KEPT_ENDED))) this.#incidents.delete(incident.id);
  }
}

function byDevice(names: readonly string[]): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const found = new Map<string, Map<string, string>>();
  for (const name of names) {
    const [device = '', point = ''] = name.split('/');
    found.set(device, (found.get(device) ?? new Map<string, string>()).set(point, name));
  }
  return found;
}

const notOurs = (kind: string): Refusal =>
  refusal('BAD_REQUEST', '这不是针对事件的命令', `${kind} is not for incidents`);
