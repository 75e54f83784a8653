import type { Rule } from '../config/rule.ts';
import { type Duration, type Instant, milliseconds, minutes, plus } from '../time.ts';
import { sooner } from './evaluate.ts';
import type { Look } from './observation.ts';
import {
  type Flaps,
  IDLE,
  type JudgedStep,
  type RuleEffect,
  type RuleState,
  type RuleStep,
  type Spell,
  stepRule,
} from './rule-step.ts';

/**
 * What comes and goes again and again is one alert and not a string of messages; and what never lasts as long as its rule's
 * `for`, but has been true for that long in sum, fires all the same (L30). Pure, like the rule's own step beneath it.
 *
 * From the third time within the window the alert *chatters*: it is told once with its count, stays firing through the
 * gaps, and clears once when the window has passed without another time. One that stays true is an ordinary alert again.
 */
export function stepFlapping(rule: Rule, state: RuleState, look: Look, now: Instant, named: boolean): RuleStep {
  const { flaps = CALM, ...plain } = state;
  const step = stepRule(rule, plain, look, now, named);
  const spells = noteSpell(flaps.spells, step.seen.truth, now, flapWindow(rule));
  return flaps.chattering === null
    ? stepCalm(rule, step, spells, now)
    : stepChattering(rule, step, { ...flaps, spells }, { times: flaps.chattering, begun: begins(flaps, spells) }, now);
}

const CALM: Flaps = { spells: [], chattering: null };
const TIMES = 3;
const LEAST_WINDOW = minutes(10);
/** More than this many in one window say nothing more. */
const MOST_SPELLS = 50;

/** So far back is counted: room for three times of a rule that waits long. */
export const flapWindow = (rule: Pick<Rule, 'for'>): Duration => milliseconds(Math.max(LEAST_WINDOW, rule.for * 4));

/** Until when the times that are counted stay the same, if none begins or ends. */
export function firstSpellEnds(rule: Pick<Rule, 'for'>, { spells }: Flaps): number {
  const ends = spells[0]?.to ?? null;
  return ends === null ? Number.POSITIVE_INFINITY : plus(ends, flapWindow(rule));
}

function stepCalm(rule: Rule, step: JudgedStep, spells: readonly Spell[], now: Instant): RuleStep {
  const { state, effects, wakeAt, fixedAt, unknown } = step;
  const often = step.seen.truth === true && spells.length >= TIMES;
  const left = milliseconds(rule.for - sumOf(spells, now));
  if (!often || left > 0) {
    const due = often ? plus(now, left) : null;
    return {
      state: withFlaps(state, { spells, chattering: null }),
      effects,
      wakeAt: sooner(wakeAt, due),
      fixedAt: sooner(fixedAt, due),
      unknown,
    };
  }
  const kept = effects.filter(({ kind }) => kind !== 'pending');
  const fires = state.phase === 'firing' ? [] : [effectOf(step, 'fired')];
  const times = spells.length;
  return {
    state: withFlaps(state, { spells, chattering: times }),
    effects: [...kept, ...fires, { ...effectOf(step, 'chattering'), times }],
    wakeAt,
    fixedAt,
    unknown,
  };
}

function stepChattering(
  rule: Rule,
  step: JudgedStep,
  { spells }: Flaps,
  { times, begun }: { readonly times: number; readonly begun: boolean },
  now: Instant,
): RuleStep {
  const { state } = step;
  const quietAt = quietFrom(spells, now, flapWindow(rule));
  // Silence is not calm: only a known end counts (L29).
  if (step.seen.truth === false && quietAt !== null && now >= quietAt) {
    return {
      state: { ...IDLE, memory: state.memory },
      effects: [effectOf(step, 'cleared')],
      wakeAt: step.wakeAt,
      fixedAt: step.fixedAt,
      unknown: step.unknown,
    };
  }
  const effects = step.effects.filter(({ kind }) => kind === 'doubtful' || kind === 'certain');
  const lasting = state.phase === 'firing' && spells.length < TIMES;
  const count = times + (begun ? 1 : 0);
  // Past that moment and still not known to be calm: only a reading can tell, and asking the clock again would ask each millisecond.
  const again = quietAt !== null && quietAt > now ? quietAt : null;
  return {
    state: withFlaps(state, { spells, chattering: lasting ? null : count }),
    effects: begun ? [...effects, { ...effectOf(step, 'chattering'), times: count }] : effects,
    wakeAt: sooner(step.wakeAt, again),
    fixedAt: sooner(step.fixedAt, again),
    unknown: step.unknown,
  };
}

const effectOf = ({ seen: { point, value, simulated } }: JudgedStep, kind: RuleEffect['kind']): RuleEffect => ({
  kind,
  point,
  value,
  simulated,
});

/** An unknown condition neither begins nor ends a time. Instants ahead of now are of a clock that was set back. */
function noteSpell(
  before: readonly Spell[],
  truth: JudgedStep['seen']['truth'],
  now: Instant,
  window: Duration,
): readonly Spell[] {
  const kept = before.filter(({ from, to }) => from <= now && (to === null || (to <= now && now < plus(to, window))));
  const last = kept.at(-1);
  const open = last !== undefined && last.to === null;
  if (truth === true && !open) return [...kept, { from: now, to: null }].slice(-MOST_SPELLS);
  if (truth === false && open) return [...kept.slice(0, -1), { from: last.from, to: now }];
  return kept;
}

const begins = (before: Flaps, spells: readonly Spell[]): boolean => {
  const last = spells.at(-1);
  return last !== undefined && last.to === null && before.spells.at(-1)?.from !== last.from;
};

/** When the window will have passed since the last time; null while it is true. */
function quietFrom(spells: readonly Spell[], now: Instant, window: Duration): Instant | null {
  const last = spells.at(-1);
  if (last === undefined) return now;
  return last.to === null ? null : plus(last.to, window);
}

const sumOf = (spells: readonly Spell[], now: Instant): number =>
  spells.reduce((sum, { from, to }) => sum + (to ?? now) - from, 0);

function withFlaps(state: RuleState, flaps: Flaps): RuleState {
  return flaps.spells.length === 0 && flaps.chattering === null ? state : { ...state, flaps };
}
