import { type Duration, type Instant, instant, plus, seconds } from '#core/time.ts';
import { decide } from './decide.ts';
import type { ActDefinition, IncidentDefinition } from './definition.ts';
import type { Command, EventBody } from './events.ts';
import { silentSince } from './power.ts';
import { allIsDown } from './remaining.ts';
import type { IncidentState, StepProgress } from './state.ts';
import { isThreatened, threatOf } from './threat.ts';
import { definitionOf } from './turn.ts';
import { nextDue, workBetween } from './work.ts';

/**
 * The engine played on from where it stands, without any effect: `decide` itself gets what was said, then each moment at which
 * something is due, while acts take the time that is expected of them and are proven after it, the battery ends when it is believed
 * to, mains stays what it is, and nobody says anything else. Example: "over 90 minutes" at 15:10 → sequence at 15:10, all down
 * at 15:42, battery empty at 16:10.
 *
 * Pure: the state that it starts from is only read.
 */
export interface Play {
  /** As it stood, and as it stands a minute after what was said. */
  readonly from: IncidentState;
  readonly after: IncidentState;
  readonly last: IncidentState;
  /** empty: the battery ended (or the heat's limit was reached) while equipment still ran. */
  readonly ended: 'down' | 'empty' | 'recovered' | 'closed' | 'later';
  readonly startsAt: Instant | null;
  readonly downAt: Instant | null;
  readonly recoveredAt: Instant | null;
  readonly closedAt: Instant | null;
}

export interface PlayLimits {
  /** Beyond that nobody looks. */
  readonly untilMs: Duration;
  readonly events: number;
}

/** A night's outage from its first minute has about 120. */
export const WHOLE: PlayLimits = { untilMs: seconds(12 * 3600), events: 500 };
/** What comes of it at once: an outage is confirmed within 20 s, a restart within 30 s. */
const AT_ONCE = seconds(60);
export const ONLY_NOW: PlayLimits = { untilMs: AT_ONCE, events: 60 };
/** Where nothing runs against a clock, what follows by itself is a default that is taken. */
export const A_WHILE: PlayLimits = { untilMs: seconds(900), events: 150 };

/** A command is taken in a moment; its effect takes the rest of what is expected. Looks cost nothing, as in the need. */
const TAKEN_WITHIN = seconds(2);
/** What just fits by the engine's own reckoning is not called lost for a look's sake. */
const JUST_BEFORE = 0.98;
/** What outlasts its time ends soon, and a cut of an outlet with its proof takes this: as need and clocks have it. */
const SOON = seconds(10);
const CUT_TAKES = seconds(15);
const HEARD_FOR = seconds(24 * 3600);

interface Job {
  readonly at: Instant;
  readonly what: 'ended' | 'look';
  readonly step: string;
}

export function play(present: IncidentState, now: Instant, said: readonly EventBody[], limits = WHOLE): Play {
  return new Hypothesis(present, instant(Math.max(now, present.now))).run(said, limits);
}

/** Needs are remembered by definition: what is played has its own, so that the engine's memory stays its own. */
const twins = new WeakMap<IncidentDefinition, IncidentDefinition>();
function twinOf(definition: IncidentDefinition): IncidentDefinition {
  const known = twins.get(definition);
  if (known !== undefined) return known;
  const twin = { ...definition };
  twins.set(definition, twin);
  return twin;
}

class Hypothesis {
  readonly #begun: Instant;
  readonly #from: IncidentState;
  #state: IncidentState;
  #after: IncidentState | null = null;
  #now: Instant;
  #jobs: Job[] = [];
  #left = 0;
  #startsAt: Instant | null = null;
  #downAt: Instant | null = null;
  #recoveredAt: Instant | null = null;

  constructor(present: IncidentState, now: Instant) {
    this.#begun = now;
    this.#now = now;
    this.#from = { ...present, definition: twinOf(present.definition), steps: { ...present.steps } };
    this.#state = heard(this.#from, plus(now, HEARD_FOR));
  }

  run(said: readonly EventBody[], { untilMs, events }: PlayLimits): Play {
    this.#left = events;
    this.#take(workBetween(null, this.#state));
    this.#resumeRuns();
    this.#handle({ type: 'timer' });
    for (const event of said) this.#handle(event);
    const until = plus(this.#begun, untilMs);
    let ended = this.#ending();
    while (ended === null && this.#left > 0) {
      const next = this.#next();
      if (next === null || next > until) break;
      if (next > plus(this.#begun, AT_ONCE)) this.#after ??= this.#state;
      this.#now = next;
      this.#step();
      ended = this.#ending();
    }
    const { closedAt } = this.#state;
    return {
      from: this.#from,
      after: this.#after ?? this.#state,
      last: this.#state,
      ended: ended ?? 'later',
      startsAt: this.#startsAt,
      downAt: this.#downAt,
      recoveredAt: this.#recoveredAt,
      closedAt,
    };
  }

  #next(): Instant | null {
    const due = nextDue(this.#state);
    const first = this.#jobs[0]?.at ?? null;
    const end = this.#emptyAt();
    const times = [due, first, end].filter((at) => at !== null && at > this.#now) as Instant[];
    // What is due this very moment: a job that was put off to now.
    if (first !== null && first <= this.#now) return this.#now;
    return times.length === 0 ? null : instant(Math.min(...times));
  }

  #step(): void {
    const jobs = this.#jobs.filter(({ at }) => at <= this.#now);
    this.#jobs = this.#jobs.filter(({ at }) => at > this.#now);
    for (const job of jobs) this.#do(job);
    if (jobs.length === 0) this.#handle({ type: 'timer' });
  }

  #emptyAt(): Instant | null {
    return isThreatened(this.#state) ? (threatOf(this.#state)?.exhaustion.at ?? null) : null;
  }

  #ending(): Play['ended'] | null {
    const { phase, outcome, sequence } = this.#state;
    if (phase === 'closed') return 'closed';
    if (outcome === 'recovered' && this.#from.outcome !== 'recovered') return 'recovered';
    if (phase === 'shut-down') return this.#from.phase === 'shut-down' ? null : 'down';
    const end = this.#emptyAt();
    if (end !== null && this.#now >= end && end > this.#begun)
      return sequence !== null && this.#downAt !== null ? 'down' : 'empty';
    return null;
  }

  #handle(event: EventBody): void {
    if (this.#left-- <= 0 || this.#state.phase === 'closed') return;
    const { state, commands } = decide(this.#state, { ...event, at: this.#now });
    this.#state = state;
    this.#note();
    this.#take(commands);
  }

  #note(): void {
    const { sequence, outcome, definition } = this.#state;
    if (sequence === null) this.#startsAt = null;
    else this.#startsAt ??= sequence.at;
    const down =
      sequence !== null && definition.steps.some(({ stage }) => stage === 'protect') && allIsDown(this.#state);
    if (!down) this.#downAt = null;
    else this.#downAt ??= this.#now;
    if (outcome === 'recovered') this.#recoveredAt ??= this.#now;
  }

  #take(commands: readonly Command[]): void {
    for (const command of commands) {
      if (command.type === 'verify') this.#later(this.#lookAt(command.step), 'look', command.step);
    }
    for (const command of commands) {
      if (command.type !== 'act') continue;
      this.#handle({ type: 'action-begun', step: command.step, run: command.run });
      this.#later(this.#endsAt(command.step), 'ended', command.step);
    }
  }

  /** Commands that the drivers are at already. */
  #resumeRuns(): void {
    for (const [step, { run }] of Object.entries(this.#state.steps)) {
      if (run === null || run.begunAt === null || run.endedAt !== null) continue;
      this.#later(this.#endsAt(step), 'ended', step);
    }
  }

  #later(at: Instant, what: Job['what'], step: string): void {
    if (this.#jobs.some((job) => job.step === step && job.what === what && job.at === at)) return;
    this.#jobs.push({ at, what, step });
    this.#jobs.sort((a, b) => a.at - b.at);
  }

  #do({ what, step }: Job): void {
    const progress = this.#state.steps[step];
    if (progress === undefined) return;
    if (what === 'ended') this.#end(step, progress);
    else this.#look(step, progress);
  }

  #end(step: string, { run }: StepProgress): void {
    if (run === null || run.begunAt === null || run.endedAt !== null) return;
    this.#handle({ type: 'action-ended', step, run: run.id, result: 'ok', detail: '' });
  }

  #look(step: string, { verify, state }: StepProgress): void {
    if (verify === null || (verify.purpose === 'watch' && state !== 'advised')) return;
    const provenAt = this.#provenAt(step);
    if (verify.purpose !== 'before' && provenAt > this.#now) {
      this.#later(provenAt, 'look', step);
      return;
    }
    const holds = verify.purpose !== 'before';
    const items = [{ kind: 'point', holds, detail: '' }] as const;
    this.#handle({ type: 'verified', step, since: verify.since, items });
  }

  #lookAt(step: string): Instant {
    const purpose = this.#state.steps[step]?.verify?.purpose;
    return purpose === 'before' ? this.#now : instant(Math.max(this.#now, this.#provenAt(step)));
  }

  /** When its command ends: what is proven by a command is done then, the others only take the order. */
  #endsAt(id: string): Instant {
    const step = this.#act(id);
    const begun = this.#state.steps[id]?.run?.begunAt ?? this.#now;
    if (step?.provenByCommand !== true) return plus(instant(Math.max(begun, this.#now)), TAKEN_WITHIN);
    return instant(Math.max(this.#provenAt(id), this.#now));
  }

  #provenAt(id: string): Instant {
    const step = this.#act(id);
    const progress = this.#state.steps[id];
    const begun = progress?.run?.begunAt ?? progress?.startedAt ?? this.#now;
    const cuts = step?.ways[progress?.way ?? 0]?.cutsPower === true && progress?.state !== 'advised';
    const takes = cuts ? CUT_TAKES : Math.round((step?.expectedMs ?? SOON) * JUST_BEFORE);
    const at = instant(begun + takes);
    return at > this.#begun ? at : plus(this.#begun, SOON);
  }

  #act(id: string): ActDefinition | null {
    const step = definitionOf(this.#state, id);
    return step?.kind === 'act' ? step : null;
  }
}

/** Whoever is heard now goes on being heard, and says the same: silence is what would else be judged. */
function heard(state: IncidentState, until: Instant): IncidentState {
  const { power, heat, definition } = state;
  if (power !== null && definition.power !== null) {
    const settings = definition.power;
    const ups = Object.entries(power.ups).map(([id, one]) => {
      const deaf = one.seenAt === null || silentSince(one, settings) <= state.now;
      return [id, deaf ? one : { ...one, seenAt: until }] as const;
    });
    return { ...state, power: { ...power, ups: Object.fromEntries(ups) } };
  }
  if (heat === null || !heat.over) return state;
  const points = Object.entries(heat.points).map(([name, point]) => [name, { ...point, seenAt: until }] as const);
  return { ...state, heat: { ...heat, points: Object.fromEntries(points) } };
}
