import { conditionWords } from './condition-words.ts';
import { conditionHolds } from './conditions.ts';
import { isGeneral, type Stage, type StepDefinition } from './definition.ts';
import { hasEnded } from './groups.ts';
import { acknowledge } from './people-steps.ts';
import { finish } from './phases.ts';
import { ENDED, type IncidentState } from './state.ts';
import { skip, stageActive } from './steps.ts';
import { bothTexts } from './texts.ts';
import type { Turn } from './turn.ts';

/**
 * Plans that follow neither the battery nor the heat: fire, shock, theft, leak, a UPS fault, a network outage. No reading says
 * when they are over; people do. Which stages are active when:
 *
 * - `respond`: from the beginning on.
 * - `hold`, `protect`: once the shutdown has begun (phase protecting): by a person's order, or when the `when` of a `protect`
 *   step comes true. A `protect` step without one never begins it, only follows.
 * - `recover`: after a person has said that the danger is over (order stand-down; phase recovering).
 * - `stand-down`: when all of `recover` has ended (phase standing-down).
 *
 * When the danger is over, what has not begun is left; what people are at is finished or waived by name (O-ORG-2). It closes
 * by itself when the last step has ended, never because the alert that opened it has cleared.
 */
export function judgeGeneral(turn: Turn): boolean {
  const { state } = turn;
  if (!isGeneral(state.definition)) return false;
  if (state.phase === 'responding') return judgeShutdown(turn);
  if (state.phase === 'recovering') return judgeRecovery(turn);
  if (state.phase === 'standing-down') return judgeEnd(turn);
  return false;
}

function judgeShutdown(turn: Turn): boolean {
  const { state } = turn;
  const first = state.definition.steps.find(
    (step) =>
      step.stage === 'protect' &&
      step.when !== null &&
      step.group === null &&
      turn.step(step.id).state === 'pending' &&
      conditionHolds(state, step.when) === 'yes' &&
      step.after.every((id) => hasEnded(turn, id)),
  );
  if (first === undefined) return false;
  turn.record('decision', bothTexts('开始关机流程', 'The shutdown sequence starts'), {
    why: conditionWords(state, first.when),
    step: first.id,
  });
  state.sequence = { at: turn.at, reason: 'condition', by: 'zhishou' };
  state.phase = 'protecting';
  return true;
}

/** A person says that the danger is over. */
export function dangerOver(turn: Turn, by: string, reason: string): void {
  const { state } = turn;
  turn.record('order', bothTexts('危险解除', 'The danger is over'), { who: by, why: bothTexts(reason, reason) });
  acknowledge(turn, by);
  const why = bothTexts('危险已解除，不再需要', 'the danger is over: no longer needed');
  for (const step of state.definition.steps) {
    if (step.stage === 'recover' || step.stage === 'stand-down') continue;
    // Nobody is rung any more for what a default has answered.
    if (ENDED.has(turn.step(step.id).state)) Object.assign(turn.edit(step.id), { remindAt: null, escalateAt: null });
    else if (mayBeLeft(turn, step)) skip(turn, step, why);
  }
  state.phase = 'recovering';
}

/** Not begun, or begun without anybody being at it. */
function mayBeLeft(turn: Turn, step: StepDefinition): boolean {
  const { state } = turn.step(step.id);
  return state === 'pending' || state === 'advised' || (state === 'waiting' && step.kind === 'wait');
}

function judgeRecovery(turn: Turn): boolean {
  const { state } = turn;
  const recover = state.definition.steps.filter((step) => step.stage === 'recover');
  if (!recover.every((step) => isOver(turn, step))) return false;
  skipIdle(turn, ['recover']);
  state.phase = 'standing-down';
  return true;
}

function judgeEnd(turn: Turn): boolean {
  const { state } = turn;
  if (!state.definition.steps.every((step) => isOver(turn, step))) return false;
  skipIdle(turn, ['recover', 'stand-down']);
  return finish(turn, state.pointOfNoReturn === null ? 'stood-down' : 'recovered');
}

function skipIdle(turn: Turn, stages: readonly Stage[]): void {
  for (const step of turn.state.definition.steps) {
    if (stages.includes(step.stage) && turn.step(step.id).state === 'pending')
      skip(turn, step, bothTexts('条件不符', 'its condition does not hold'));
  }
}

const isOver = (turn: Turn, step: StepDefinition): boolean =>
  ENDED.has(turn.step(step.id).state) || isIdle(turn.state, step);

/** It waits for something that nobody is at and no time brings: the branch of an answer that was not given. */
export function isIdle(state: IncidentState, step: StepDefinition, seen: readonly string[] = []): boolean {
  if (state.steps[step.id]?.state !== 'pending' || seen.includes(step.id)) return false;
  if (conditionHolds(state, step.when, { later: true }) !== 'yes') return true;
  const before = step.group === null ? step.after : [...step.after, step.group.id];
  return before.some((id) => {
    const other = state.definition.steps.find((one) => one.id === id);
    return other !== undefined && isIdle(state, other, [...seen, step.id]);
  });
}

/**
 * O-ORG-2: what must be done or waived before anybody may close it. In a plan without a clock also what comes after the danger:
 * it is not over before somebody has said so.
 */
export function openSteps(state: IncidentState): readonly StepDefinition[] {
  const general = isGeneral(state.definition);
  return state.definition.steps.filter((step) => {
    const now = state.steps[step.id]?.state ?? 'pending';
    if (now === 'failed') return true;
    if (ENDED.has(now) || step.kind === 'choose' || step.kind === 'together') return false;
    if (now !== 'pending') return true;
    const comes = stageActive(state, step.stage) || (general && isAfterwards(step.stage));
    return comes && !isIdle(state, step);
  });
}

const isAfterwards = (stage: Stage): boolean => stage === 'recover' || stage === 'stand-down';
