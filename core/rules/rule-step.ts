import type { Rule } from '../config/rule.ts';
import type { Value } from '../reading.ts';
import { type Instant, plus } from '../time.ts';
import { EMPTY_MEMORY, evaluate, type Judgement, type Memory, sooner } from './evaluate.ts';
import type { Look } from './observation.ts';

/**
 * One rule for one device as a pure step: `(state, what is known, now) → (state, effects)`.
 *
 * idle → pending (the condition is true, `for` runs) → firing → idle. An unknown condition moves nothing: what is firing
 * stays firing and is marked doubtful (L29), what is pending keeps the instant it began (L28, L30).
 */
export interface RuleState {
  readonly phase: 'idle' | 'pending' | 'firing';
  /** When the condition became true. */
  readonly since: Instant | null;
  readonly doubtful: boolean;
  readonly memory: Memory;
  /** How often it came and went lately; kept by `flapping.ts`. */
  readonly flaps?: Flaps;
}

export interface Flaps {
  /** The times at which the condition was true, within the window, oldest first; `to` is null while it is. */
  readonly spells: readonly Spell[];
  /** How many times there were since it began to chatter; null while it does not. */
  readonly chattering: number | null;
}

export interface Spell {
  readonly from: Instant;
  readonly to: Instant | null;
}

export const IDLE: RuleState = { phase: 'idle', since: null, doubtful: false, memory: EMPTY_MEMORY };

export interface RuleEffect {
  /** pending and fired begin an alert, dismissed ends one that never fired, cleared ends one that did; chattering counts. */
  readonly kind: 'pending' | 'fired' | 'dismissed' | 'cleared' | 'doubtful' | 'certain' | 'chattering';
  readonly point: string;
  readonly value: Value | null;
  readonly simulated: boolean;
  /** Of `chattering`: how often it has come. */
  readonly times?: number;
}

export interface RuleStep {
  readonly state: RuleState;
  readonly effects: readonly RuleEffect[];
  /** Step again at this instant at the latest, also when nothing arrives. */
  readonly wakeAt: Instant | null;
  /** The part of it that no repeated reading puts off. */
  readonly fixedAt: Instant | null;
  /** The places of the tests of which it is not known what they say; see `Judgement`. */
  readonly unknown: readonly string[];
}

/** A step, and what it was judged by. */
export interface JudgedStep extends RuleStep {
  readonly seen: Pick<Judgement, 'truth' | 'point' | 'value' | 'simulated'>;
}

/** `named`: the rule lists the device itself instead of its kind. */
export function stepRule(rule: Rule, state: RuleState, look: Look, now: Instant, named: boolean): JudgedStep {
  const judged = evaluate(rule.when, look, state.memory, now, named);
  const { truth, point, value, simulated } = judged;
  return { ...advance(rule, state, judged, now), unknown: judged.unknown, seen: { truth, point, value, simulated } };
}

type Advanced = Omit<RuleStep, 'unknown'>;

function advance(rule: Rule, state: RuleState, judged: Judgement, now: Instant): Advanced {
  const { memory, point, value, simulated, fixedAt } = judged;
  const effect = (kind: RuleEffect['kind']): RuleEffect => ({ kind, point, value, simulated });
  if (judged.truth === null || judged.truth === 'unknown') {
    if (state.phase === 'idle') return { state: { ...state, memory }, effects: [], wakeAt: judged.wakeAt, fixedAt };
    const effects = state.doubtful ? [] : [effect('doubtful')];
    return { state: { ...state, memory, doubtful: true }, effects, wakeAt: judged.wakeAt, fixedAt };
  }
  const watchAt = sooner(judged.wakeAt, judged.staleAt);
  const certain = state.doubtful ? [effect('certain')] : [];
  if (!judged.truth) {
    const ended = { idle: [], pending: [effect('dismissed')], firing: [effect('cleared')] }[state.phase];
    return { state: { ...IDLE, memory }, effects: ended, wakeAt: judged.wakeAt, fixedAt };
  }
  if (state.phase === 'firing') {
    return { state: { ...state, memory, doubtful: false }, effects: certain, wakeAt: watchAt, fixedAt };
  }
  return holds(rule, { ...state, memory, doubtful: false }, now, { watchAt, fixedAt }, certain, effect);
}

/** The condition is true and has not fired yet. */
function holds(
  rule: Rule,
  state: RuleState,
  now: Instant,
  { watchAt, fixedAt }: { readonly watchAt: Instant | null; readonly fixedAt: Instant | null },
  certain: readonly RuleEffect[],
  effect: (kind: RuleEffect['kind']) => RuleEffect,
): Advanced {
  // A stored instant ahead of now means that the clock was set back between two runs: the timer starts over.
  const since = state.since === null || state.since > now ? now : state.since;
  const due = plus(since, rule.for);
  if (now >= due)
    return {
      state: { ...state, phase: 'firing', since },
      effects: [...certain, effect('fired')],
      wakeAt: watchAt,
      fixedAt,
    };
  const begun = state.phase === 'idle' ? [effect('pending')] : certain;
  return {
    state: { ...state, phase: 'pending', since },
    effects: begun,
    wakeAt: sooner(watchAt, due),
    fixedAt: sooner(fixedAt, due),
  };
}
