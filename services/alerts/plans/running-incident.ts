import type { FunctionName, Person } from '#core/config/people.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { ForecastView } from '#core/forecast.ts';
import type { IncidentView } from '#core/incident.ts';
import type { Cancel } from '#core/ports.ts';
import type { Value } from '#core/reading.ts';
import { type Instant, instant, milliseconds } from '#core/time.ts';
import { lazily } from '../lazily.ts';
import type { IncidentsDependencies } from '../seams.ts';
import { isOfThese, testPoint, watchedPoints } from './conditions.ts';
import { decide } from './decide.ts';
import { recordDuration } from './durations.ts';
import type { Command, EventBody, IncidentEvent, PowerSample } from './events.ts';
import { Executor } from './executor.ts';
import { type FoldedIncident, KIND_PREFIX } from './fold.ts';
import { forecastInSlices } from './forecast-incident.ts';
import { type Heard, keeping, markSilence, worthKeeping, worthKeepingHeat } from './samples.ts';
import { hasMoved, SHOW_ANYHOW_WITHIN, SHOW_FIGURES_WITHIN, type Shown, shownOf, takenDown } from './showing.ts';
import type { DutyPerson, IncidentState } from './state.ts';
import { SteadyTime } from './steady-time.ts';
import { Timeline } from './timeline.ts';
import { acknowledgedView, viewOf } from './view.ts';
import { workBetween } from './work.ts';

/**
 * One incident at work: journal before effect. Each event is appended, then decided, then its commands are carried out, in
 * this order and never interleaved with another event's. Each append may be the last thing that happens.
 */
const MOST_UNSAVED = 1000;
const FROM_MEMORY = 'the journal takes no record; going on from memory';
const HALTED = 'the journal refuses; this incident is halted here';
const WORK: ReadonlySet<Command['type']> = new Set(['act', 'verify', 'stop-verify', 'timer', 'poll']);

interface Waiting {
  readonly event: EventBody;
  readonly then: () => void;
  readonly all: boolean;
}

export class RunningIncident {
  readonly id: string;
  readonly #deps: IncidentsDependencies;
  readonly #time: SteadyTime;
  readonly #timeline = new Timeline();
  readonly #executor: Executor;
  #state: IncidentState | null;
  #opening: Extract<EventBody, { type: 'opened' }> | null = null;
  #resume: FoldedIncident | null = null;
  #queue: Waiting[] = [];
  #handling = false;
  #timer: Cancel | null = null;
  #publishing: { readonly cancel: Cancel; readonly figures: boolean } | null = null;
  #shown: Shown | null = null;
  #lastSample = new Map<string, { sample: PowerSample; at: number }>();
  readonly #heard = new Map<string, Heard>();
  #unsaved: { at: Instant; stream: string; kind: string; body: unknown }[] = [];
  #stopped = false;

  private constructor(deps: IncidentsDependencies, id: string, state: IncidentState | null, time: SteadyTime) {
    this.id = id;
    this.#deps = deps;
    this.#state = state;
    this.#time = time;
    this.#executor = new Executor(deps, (event, then) => this.handle(event, then));
  }

  static open(deps: IncidentsDependencies, event: Extract<EventBody, { type: 'opened' }>): RunningIncident {
    const incident = new RunningIncident(deps, event.incident, null, new SteadyTime(deps.clock, deps.clock.now()));
    incident.#opening = event;
    return incident;
  }

  static fromFold(deps: IncidentsDependencies, folded: FoldedIncident): RunningIncident {
    const { state } = folded;
    const time = SteadyTime.resumed(deps.clock, folded.lastAt, state.offsetMs);
    const incident = new RunningIncident(deps, state.id, state, time);
    incident.#resume = folded;
    for (const entry of folded.timeline) incident.#timeline.add(entry);
    return incident;
  }

  get open(): boolean {
    return this.#state !== null && this.#state.phase !== 'closed' && !this.#stopped;
  }
  get plan(): string {
    return this.present().definition.plan.id;
  }
  get trigger(): string {
    return this.present().trigger;
  }

  present(): IncidentState {
    if (this.#state === null) throw new Error(`incident ${this.id} has not begun`);
    return this.#state;
  }

  /** Writes the first record and acts on it. */
  begin(): void {
    const event = this.#opening;
    this.#opening = null;
    if (event !== null) this.handle(event);
  }

  /** After a restart: what may not have been told is told again (keys make it once), then the work goes on. */
  resume(): void {
    const folded = this.#resume;
    this.#resume = null;
    if (folded === null) return;
    this.#carryOutAll(folded.lastNotifications);
    if (!this.open) {
      this.#publishNow();
      return;
    }
    // Given but never begun: the driver never saw it. Begun and not ended: "restarted" has it verified first.
    this.handle({ type: 'restarted', armed: this.#deps.armed() }, undefined, true);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.();
    this.#publishing?.cancel();
    this.#timer = null;
    this.#publishing = null;
    this.#executor.stop();
  }

  onSample(heard: PowerSample): void {
    const at = this.#time.now();
    const state = this.present();
    // Of a UPS that the plan does not follow nothing is recorded.
    if (state.definition.power?.ups.includes(heard.ups) !== true) return;
    const sample = markSilence(this.#heard, heard, at);
    const last = this.#lastSample.get(sample.ups) ?? null;
    if (state.unconfirmedSince === null && !worthKeeping(last, sample, at, keeping(state))) return;
    this.#lastSample.set(sample.ups, { sample, at });
    this.handle({ type: 'power', sample });
  }

  /** Points count when they are new to the incident or change what a wait or a gate says. */
  onPoints(points: Readonly<Record<string, Value>>): void {
    const state = this.present();
    const news = Object.keys(points).some((name) => state.points[name] === undefined);
    const changed = watchedPoints(state.definition).some(
      (condition) =>
        isOfThese(condition, points) && testPoint(condition, state.points) !== testPoint(condition, points),
    );
    if (news || changed || worthKeepingHeat(state, points, this.#time.now())) this.handle({ type: 'points', points });
  }

  /** `then` runs directly after the event is durable and decided, before anything else is. */
  handle(event: EventBody, then: () => void = () => {}, all = false): void {
    if (this.#stopped) return;
    this.#queue.push({ event, then, all });
    if (this.#handling) return;
    this.#handling = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        this.#handleOne(next.event, next.all);
        if (!this.#stopped) next.then();
      }
    } finally {
      this.#handling = false;
    }
  }

  #handleOne(body: EventBody, all: boolean): void {
    const before = this.#state;
    if (before !== null && before.phase === 'closed') return;
    const armed = this.#deps.armed();
    if (before !== null && body.type !== 'armed' && body.type !== 'restarted' && before.armed !== armed)
      this.#handleOne({ type: 'armed', armed }, false);
    const present = this.#state;
    const event = this.#withContext(body, present);
    if (!this.#append(event)) return;
    const { state, commands } = (this.#deps.decide ?? decide)(present, event);
    this.#state = state;
    // A restarted shell gets the whole work instead of the difference, so that nothing is ordered twice.
    const wanted = all
      ? [...commands.filter((command) => !WORK.has(command.type)), ...workBetween(null, state)]
      : commands;
    this.#carryOutAll(wanted);
    if (state.phase === 'closed') this.#end();
  }

  /** Adds time, and who is on duty when that changed. */
  #withContext(body: EventBody, state: IncidentState | null): IncidentEvent {
    const at = this.#time.now();
    const { rota, clock } = this.#deps;
    const wall = clock.now();
    const on = rota.dutyAt(wall);
    const duty: DutyPerson | null =
      on === null ? null : { id: on.person.id, name: on.person.name, phone: on.person.phone ?? null };
    const working = rota.isWorkingTime(wall);
    const offsetMs = this.#time.offsetMs(state?.offsetMs ?? 0);
    const samePeople = state !== null && state.working === working && state.duty?.id === duty?.id;
    return {
      ...body,
      at,
      ...(offsetMs === (state?.offsetMs ?? 0) ? {} : { offsetMs }),
      ...(samePeople ? {} : { people: { working, duty } }),
    };
  }

  /**
   * Durable before any effect; false: the event has none. When the disk refuses (full, gone) the battery does not wait for it:
   * the decision path goes on from memory, people are told, and what was not written is written first as soon as the journal
   * takes it again. Any other refusal means that this instance may not act: another one has taken the site over.
   */
  #append(event: IncidentEvent): boolean {
    const at = instant(event.at + (event.offsetMs ?? this.#state?.offsetMs ?? 0));
    const record = { at, stream: this.id, kind: `${KIND_PREFIX}${event.type}`, body: event };
    try {
      this.#deps.journal.append([...this.#unsaved, record]);
      this.#unsaved = [];
      return true;
    } catch (error) {
      this.#deps.metrics.count('zhishou_incident_journal_failures_total');
      const full = error instanceof ZhishouError && error.code === 'STORE_DOWN';
      this.#deps.log.error({ incident: this.id, error: messageOf(error) }, full ? FROM_MEMORY : HALTED);
      if (!full) {
        this.#halt();
        return false;
      }
      if (this.#unsaved.length < MOST_UNSAVED) this.#unsaved.push(record);
      if (this.#unsaved.length === 1) this.#tellJournalDown();
      return true;
    }
  }

  #halt(): void {
    void this.stop();
    this.#queue = [];
  }

  /** It may no longer act here. */
  get halted(): boolean {
    return this.#stopped;
  }

  #tellJournalDown(): void {
    const state = this.#state;
    this.#deps.notify({
      key: `${this.id}/journal-down/${this.#time.now()}`,
      about: { incident: this.id },
      functions: ['duty', 'system-administrator'],
      people: [],
      severity: 'high',
      subject: { zh: '值守主机无法写入记录', en: 'The monitor cannot write its journal' },
      body: {
        zh: '处置继续进行，但重启后可能重复。请检查磁盘空间。',
        en: 'The incident goes on, but a restart may repeat steps. Check the disk.',
      },
      drill: state?.mode === 'drill' || state?.mode === 'rehearsal',
      simulated: this.#deps.config.site.simulation,
    });
  }

  /** What one turn tells is told together, where the first of it stands: a person gets one message of it and not five. */
  #carryOutAll(commands: readonly Command[]): void {
    const told = commands.flatMap((command) => (command.type === 'notify' ? [command.request] : []));
    const { notify, notifyAll = (all) => all.forEach(notify) } = this.#deps;
    for (const command of commands) {
      if (command.type !== 'notify') this.#carryOut(command);
      else if (command.request === told[0]) notifyAll(told);
    }
  }

  #carryOut(command: Exclude<Command, { type: 'notify' }>): void {
    switch (command.type) {
      case 'record':
        this.#timeline.add(command.entry);
        return;
      case 'act':
        this.#executor.act(this.present(), command);
        return;
      case 'verify':
        this.#executor.verify(this.present(), command);
        return;
      case 'stop-verify':
        this.#executor.stopVerify(command.step);
        return;
      case 'timer':
        this.#setTimer(command.at);
        return;
      case 'poll':
        this.#deps.poll(command.device, command.everyMs);
        return;
      case 'duration':
        recordDuration(this.#deps.state, command.device, command.operation, command.seconds);
        this.#deps.metrics.observe('zhishou_operation_seconds', command.seconds, { operation: command.operation });
        return;
      case 'backup':
        this.#deps.onBackup?.(this.id, command.device, command.what);
        return;
      case 'holds':
        this.#deps.onHolds?.(this.id, command.holds);
        return;
      case 'publish':
        if (command.now) this.#publishNow();
        else this.#publishSoon();
        return;
    }
  }

  #setTimer(at: Instant | null): void {
    this.#timer?.();
    this.#timer = null;
    if (at === null || this.#stopped) return;
    const delay = milliseconds(Math.max(0, at - this.#time.now()));
    this.#timer = this.#deps.clock.after(delay, () => {
      this.#timer = null;
      this.handle({ type: 'timer' });
      // A timer that changed nothing leaves the same next deadline; it must be set again all the same.
      if (this.#timer === null && this.#state !== null) this.#rearm(this.#state);
    });
  }

  #rearm(state: IncidentState): void {
    for (const command of workBetween(null, state)) if (command.type === 'timer') this.#setTimer(command.at);
  }

  #end(): void {
    this.#timer?.();
    this.#timer = null;
    this.#executor.stop();
    this.#publishNow();
  }

  #publishSoon(): void {
    if (this.#publishing?.figures === true || this.#stopped) return;
    const figures = hasMoved(this.#shown, this.present());
    if (this.#publishing !== null && !figures) return;
    this.#publishing?.cancel();
    const cancel = this.#deps.clock.after(figures ? SHOW_FIGURES_WITHIN : SHOW_ANYHOW_WITHIN, () => {
      this.#publishing = null;
      this.#publishNow();
    });
    this.#publishing = { cancel, figures };
  }

  #publishNow(): void {
    this.#publishing?.cancel();
    this.#publishing = null;
    if (this.#stopped) return;
    this.#shown = shownOf(this.present());
    this.#deps.publish(this.view(), takenDown(this.present()));
  }

  /** What may be said or ordered now, and what each would lead to. */
  forecast(): Generator<void, ForecastView> {
    return forecastInSlices(this.present(), this.#time.now());
  }

  /** As it stands now, made when somebody reads it. */
  view(): IncidentView {
    const state = this.present();
    const timeline = this.#timeline.mark();
    const wall = this.#deps.clock.now();
    const { rota } = this.#deps;
    const personFor = (name: FunctionName): Person | null =>
      name === 'duty' ? (rota.dutyAt(wall)?.person ?? null) : (rota.peopleOf(name, wall)[0] ?? null);
    const known = { id: state.id, phase: state.phase, outcome: state.outcome, acknowledged: acknowledgedView(state) };
    return lazily<IncidentView>(known, () => viewOf(state, { timeline: timeline(), personFor }));
  }
}
