import type { Rule } from '../config/rule.ts';
import type { Instant } from '../time.ts';
import { type Leaf, saySame } from './evaluate.ts';
import { firstSpellEnds } from './flapping.ts';
import type { Look } from './observation.ts';
import type { RuleState, RuleStep } from './rule-step.ts';

/**
 * A rule at rest need not be stepped by each reading: while its tests say the same and nothing of it is due, stepping it gives
 * just this state again and no effect, whatever its phase. What is due is what its timer waits for: one that is early rings early.
 */
export const isAtRest = (
  { state, effects, unknown }: RuleStep,
  tests: readonly Leaf[],
  look: Look,
  now: Instant,
): boolean => effects.length === 0 && saySame(tests, look, state.memory, unknown, now);

/** What stands of a rule since it was stepped last. */
export interface Resting {
  readonly rule: Pick<Rule, 'for'>;
  readonly state: RuleState;
  /** Of that step. */
  readonly unknown: readonly string[];
  readonly look: Look;
}

/** `timerAt`: when it is stepped at the latest; null: nothing of it is due. */
export const staysAtRest = (
  { rule, state, unknown, look }: Resting,
  tests: readonly Leaf[],
  timerAt: Instant | null,
  now: Instant,
): boolean =>
  (timerAt === null || now < timerAt) &&
  (state.flaps === undefined || now < firstSpellEnds(rule, state.flaps)) &&
  saySame(tests, look, state.memory, unknown, now);
