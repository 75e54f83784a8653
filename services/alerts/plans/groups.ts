import { conditionWords } from './condition-words.ts';
import { conditionHolds } from './conditions.ts';
import type { ChooseDefinition, GroupDefinition, StepDefinition } from './definition.ts';
import { ENDED, type StepProgress } from './state.ts';
import { bothTexts } from './texts.ts';
import type { Turn } from './turn.ts';

/**
 * choose and together: steps that hold others. When reached they wait; the steps inside begin; when those have ended, so has the
 * whole. A choose decides once, when it is reached: the first branch whose condition holds then, whatever is answered later.
 */

/** Null: the step stands by itself or its whole has been reached; else why it may not begin. */
export function barredByGroup(turn: Turn, step: StepDefinition): 'not-yet' | 'ended' | null {
  if (step.group === null) return null;
  const whole = turn.step(step.group.id);
  if (ENDED.has(whole.state)) return 'ended';
  return whole.state === 'waiting' && ownBranch(step, whole) ? null : 'not-yet';
}

const ownBranch = (step: StepDefinition, whole: Readonly<StepProgress>): boolean =>
  step.group?.branch === null || step.group?.branch === whole.branch;

/** The whole is reached. `skip` ends a step that is not to be done. */
export function startGroup(turn: Turn, step: GroupDefinition, skip: Skip): void {
  Object.assign(turn.edit(step.id), { state: 'waiting', startedAt: turn.at });
  if (step.kind === 'choose' && turn.step(step.id).branch === null) takeBranch(turn, step, skip);
}

type Skip = (turn: Turn, step: StepDefinition, why: ReturnType<typeof bothTexts>) => void;

function takeBranch(turn: Turn, step: ChooseDefinition, skip: Skip): void {
  const { state } = turn;
  const branch = step.branches.findIndex((when) => conditionHolds(state, when) === 'yes');
  turn.edit(step.id).branch = branch;
  const members = membersOf(turn, step);
  const first = members.find((member) => member.group?.branch === branch);
  if (first === undefined) {
    turn.record('decision', bothTexts(`无须选择：${step.title.zh}`, `Nothing to choose: ${step.title.en}`), {
      step: step.id,
      why: bothTexts('没有一个分支的条件成立', 'no branch’s condition holds'),
    });
  } else {
    const why = conditionWords(state, step.branches[branch] ?? null);
    turn.edit(step.id).detail = why;
    turn.record('decision', bothTexts(`${step.title.zh}：${first.title.zh}`, `${step.title.en}: ${first.title.en}`), {
      step: step.id,
      why,
    });
  }
  for (const member of members) {
    if (member.group?.branch === branch || ENDED.has(turn.step(member.id).state)) continue;
    skip(turn, member, bothTexts('已选择另一分支', 'another branch was taken'));
  }
}

/** Ended, whatever came of it; an advised act counts once its time has passed, so that advice reaches people in order but never stops. */
export function hasEnded(turn: Turn, id: string): boolean {
  const progress = turn.step(id);
  if (ENDED.has(progress.state)) return true;
  return progress.state === 'advised' && progress.dueAt !== null && turn.at >= progress.dueAt;
}

/** True when the whole has ended with this. */
export function judgeGroup(turn: Turn, step: GroupDefinition): boolean {
  if (!membersOf(turn, step).every((member) => hasEnded(turn, member.id))) return false;
  Object.assign(turn.edit(step.id), { state: 'done', endedAt: turn.at });
  return true;
}

const membersOf = (turn: Turn, step: GroupDefinition): StepDefinition[] =>
  turn.state.definition.steps.filter((other) => other.group?.id === step.id);
