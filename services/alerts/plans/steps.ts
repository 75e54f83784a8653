import type { PlanCondition } from '#core/config/plan.ts';
import type { Value } from '#core/reading.ts';
import { plus } from '#core/time.ts';
import { judgeFailure } from './act-proof.ts';
import { giveCommand, mayAct, startAct } from './acts.ts';
import { isForced, overLimit } from './clocks.ts';
import type { ActDefinition, DriverName, Stage, StepDefinition, WaitDefinition } from './definition.ts';
import { startAsk, startTask, tell } from './people-steps.ts';
import { ENDED, type IncidentState } from './state.ts';
import { bothTexts } from './texts.ts';
import type { Turn } from './turn.ts';

/** Which steps may begin now, and what became of those that wait. */

/** Stages whose steps may begin, by phase. */
export function stageActive(state: IncidentState, stage: Stage): boolean {
  const { phase } = state;
  switch (stage) {
    case 'prepare':
      return phase === 'preparing';
    case 'respond':
      return phase !== 'closed' && phase !== 'preparing';
    case 'hold':
      return phase === 'holding' || phase === 'protecting';
    case 'protect':
      return phase === 'protecting' || phase === 'shut-down' || phase === 'finishing' || phase === 'settling';
    case 'recover':
      return phase === 'recovering';
    case 'stand-down':
      return phase === 'standing-down';
  }
}

export function progressSteps(turn: Turn): boolean {
  let changed = false;
  for (const step of turn.state.definition.steps) {
    const { state } = turn.step(step.id);
    if (state === 'pending') changed = considerStart(turn, step) || changed;
    else if (state === 'waiting' || state === 'verifying' || state === 'advised')
      changed = considerWaiting(turn, step) || changed;
  }
  return changed;
}

function considerStart(turn: Turn, step: StepDefinition): boolean {
  const { state } = turn;
  if (!stageActive(state, step.stage)) return false;
  if (
    step.stage === 'protect' &&
    state.phase !== 'protecting' &&
    !(step.kind === 'act' && step.operation === 'power_off')
  ) {
    return false;
  }
  const condition = conditionHolds(state, step.when);
  if (condition === 'never') {
    skip(turn, step, bothTexts('条件不符', 'its condition does not hold'));
    return true;
  }
  if (condition === 'not-yet' || !step.after.every((id) => hasEnded(turn, id))) return false;
  if (step.kind === 'act') return considerAct(turn, step);
  if (step.kind === 'tell') tell(turn, step);
  else if (step.kind === 'ask') startAsk(turn, step);
  else if (step.kind === 'task') startTask(turn, step);
  else startWait(turn, step);
  return true;
}

/** Ended, whatever came of it; an advised act counts once its time has passed, so that advice reaches people in order but never stops. */
function hasEnded(turn: Turn, id: string): boolean {
  const progress = turn.step(id);
  if (ENDED.has(progress.state)) return true;
  return progress.state === 'advised' && progress.dueAt !== null && turn.at >= progress.dueAt;
}

function considerAct(turn: Turn, step: ActDefinition): boolean {
  const { state } = turn;
  if (step.operation === 'start' || step.operation === 'restore') {
    if (!tookAway(state, step)) {
      skip(turn, step, bothTexts('不是本系统关闭的，不启动', 'we did not switch it off'));
      return true;
    }
  }
  if (step.operation === 'power_off' && !provenOffByUs(turn, step)) return considerSkippedPowerOff(turn, step);
  const blocking = step.proven.filter((id) => !isProven(turn, id));
  if (blocking.length > 0 && !mayGoBefore(turn, step, blocking)) return false;
  if (!mayAct(state, step) || !placeFree(turn, step)) return false;
  startAct(turn, step);
  return true;
}

/** L22: recovery starts only what we stopped. */
function tookAway(state: IncidentState, step: ActDefinition): boolean {
  const reverse = step.operation === 'start' ? ['shutdown', 'power_off'] : ['shed'];
  return state.definition.steps.some((other) => {
    if (other.kind !== 'act' || other.device !== step.device || !reverse.includes(other.operation)) return false;
    const progress = state.steps[other.id];
    // Also a shutdown that was given and could not be proven may have stopped it halfway.
    return (
      progress !== undefined &&
      (progress.ours || (progress.run?.begunAt ?? null) !== null || progress.state === 'rehearsed')
    );
  });
}

const provenOffByUs = (turn: Turn, step: ActDefinition): boolean =>
  step.proven.length === 0 ||
  step.proven.every((id) => {
    const { state, ours } = turn.step(id);
    return (state === 'done' && ours) || state === 'waived' || state === 'rehearsed' || state === 'advised';
  });

/** What was off before us keeps its outlet; what could not be proven off keeps it too: it may still run (L16). */
function considerSkippedPowerOff(turn: Turn, step: ActDefinition): boolean {
  const states = step.proven.map((id) => turn.step(id));
  if (states.some((progress) => !ENDED.has(progress.state) || progress.state === 'failed')) return false;
  skip(turn, step, bothTexts('不是本系统关机的，不切断插座', 'we did not shut it down: its outlet stays as it is'));
  return true;
}

/** The effect is there, or a person or a rehearsal stands for it, or the device was left alone on purpose. */
const isProven = (turn: Turn, id: string): boolean => {
  const { state } = turn.step(id);
  return (
    state === 'done' || state === 'waived' || state === 'rehearsed' || state === 'skipped' || hasAdvisedEnded(turn, id)
  );
};
const hasAdvisedEnded = (turn: Turn, id: string): boolean => turn.step(id).state === 'advised' && hasEnded(turn, id);

/**
 * A device whose dependants could not be proven off (I2 against I1).
 *
 * Dependants that are unreachable and draw no power are proven off by their evidence, so they do not come here. For the others
 * I2 says: hold the device, a person may help yet. But when the battery ends, both lose power whatever is held, and
 * the disk array with its unwritten cache is what loses the most. So it is held as long as holding can still do good and
 * then, when only its own clean shutdown still fits, it goes (I1): the running server is harmed either way, the array not.
 * Start-up is the reverse and has no such hurry: a server whose array did not come up stays off and a person is told.
 */
function mayGoBefore(turn: Turn, step: ActDefinition, blocking: readonly string[]): boolean {
  const names = blocking.map((id) => id.split(':')[1] ?? id).join(', ');
  if (step.operation !== 'shutdown' || step.stage !== 'protect') return false;
  const stuck = blocking.filter((id) => turn.step(id).state === 'failed');
  if (turn.state.phase === 'protecting' && isForced(turn.state, step.id)) {
    if (turn.once(`forced/${step.id}`)) {
      turn.record('decision', bothTexts(`不再等待，${step.title.zh}`, `No longer held: ${step.title.en}`), {
        step: step.id,
        why: bothTexts(
          `${names} 未证实关闭，但剩余时间只够它自己干净关机`,
          `${names} not proven off, but the time left is just enough for its own clean shutdown`,
        ),
      });
    }
    return true;
  }
  if (stuck.length > 0 && turn.once(`holding/${step.id}`)) {
    const subject = bothTexts(`等待：${step.title.zh}`, `Held: ${step.title.en}`);
    const body = bothTexts(
      `${names} 未证实关闭。请人工关闭；电池将尽时系统会先保全本设备。`,
      `${names} could not be proven off. Shut it down by hand; when the battery nears its end this device is saved first.`,
    );
    turn.record('decision', subject, { step: step.id, why: body });
    turn.notify(`holding/${step.id}`, ['duty', 'system-administrator'], 'high', subject, body, step.id);
  }
  return false;
}

/** At most so many acts of one driver side by side. */
export function placeFree(turn: Turn, step: ActDefinition): boolean {
  const driver = driverOfStep(turn, step);
  if (driver === null) return true;
  const limit = turn.state.definition.atOnce[driver];
  let used = 0;
  for (const other of turn.acts()) {
    const progress = turn.step(other.id);
    const busy =
      progress.state === 'running' || (progress.state === 'verifying' && progress.verify?.purpose !== 'watch');
    if (busy && driverOfStep(turn, other) === driver) used += 1;
  }
  return used < limit;
}

const driverOfStep = (turn: Turn, step: ActDefinition): DriverName | null =>
  step.rehearseOnly ? null : (step.ways[turn.step(step.id).way]?.driver ?? null);

function considerWaiting(turn: Turn, step: StepDefinition): boolean {
  if (step.kind === 'wait') return judgeWait(turn, step);
  if (step.kind !== 'act') return false;
  const progress = turn.step(step.id);
  if (progress.held && isForced(turn.state, step.id) && mayAct(turn.state, step)) {
    turn.record(
      'decision',
      bothTexts(
        `不再等待人工，切断插座：${step.deviceName.zh}`,
        `No longer waiting: outlet cut for ${step.deviceName.en}`,
      ),
      {
        step: step.id,
        why: bothTexts(
          '电池将尽，依赖它的设备需要时间干净关机',
          'the battery nears its end and the devices behind it need their time',
        ),
      },
    );
    giveCommand(turn, step);
    return true;
  }
  const { verify } = progress;
  if (verify?.purpose === 'before' && verify.until !== null && turn.at >= verify.until) {
    giveCommand(turn, step);
    return true;
  }
  return judgeFailure(turn, step);
}

function startWait(turn: Turn, step: WaitDefinition): void {
  const progress = turn.edit(step.id);
  const length = 'for' in step.wait ? step.wait.for : step.wait.at_most;
  Object.assign(progress, {
    state: 'waiting',
    startedAt: turn.at,
    dueAt: length === undefined ? null : plus(turn.at, length),
  });
}

function judgeWait(turn: Turn, step: WaitDefinition): boolean {
  const { dueAt } = turn.step(step.id);
  const due = dueAt !== null && turn.at >= dueAt;
  const met = 'until' in step.wait && testPoint(step.wait.until, turn.state.points);
  if (!due && !met) return false;
  Object.assign(turn.edit(step.id), { state: 'done', endedAt: turn.at, dueAt: null });
  const late = 'until' in step.wait && !met;
  turn.record('step', bothTexts(`等待结束：${step.title.zh}`, `Waited: ${step.title.en}`), {
    step: step.id,
    why: late ? bothTexts('已到最长时间，条件未满足', 'the time is up and the condition is not met') : null,
  });
  if (late) {
    const words = bothTexts(`条件未满足，继续：${step.title.zh}`, `Not met, going on: ${step.title.en}`);
    turn.notify(`wait/${step.id}`, ['duty'], 'medium', words, words, step.id);
  }
  return true;
}

export interface PointCondition {
  readonly point: { readonly device: string; readonly point: string };
  readonly above?: number;
  readonly below?: number;
  readonly is?: string | boolean;
}

export function testPoint(condition: PointCondition, points: Readonly<Record<string, Value>>): boolean {
  const value = points[`${condition.point.device}/${condition.point.point}`];
  if (value === undefined) return false;
  if (condition.above !== undefined) return typeof value === 'number' && value > condition.above;
  if (condition.below !== undefined) return typeof value === 'number' && value < condition.below;
  return value === condition.is;
}

export function skip(turn: Turn, step: StepDefinition, why: ReturnType<typeof bothTexts>): void {
  Object.assign(turn.edit(step.id), {
    state: 'skipped',
    endedAt: turn.at,
    dueAt: null,
    remindAt: null,
    verify: null,
    held: false,
    detail: why,
  });
  turn.record('step', bothTexts(`跳过：${step.title.zh}`, `Skipped: ${step.title.en}`), {
    step: step.id,
    why,
    urgent: false,
  });
}

/** `never`: it cannot come to hold any more. Working or off hours are those of the incident's beginning. */
export function conditionHolds(state: IncidentState, when: PlanCondition | null): 'yes' | 'not-yet' | 'never' {
  if (when === null) return 'yes';
  if (when.hours !== undefined && (when.hours === 'working') !== state.openedWorking) return 'never';
  if (when.mode !== undefined && (when.mode === 'drill') !== (state.mode === 'drill' || state.mode === 'rehearsal'))
    return 'never';
  if (when.unanswered !== undefined && answeredByPerson(state, when.unanswered)) return 'never';
  if (when.answered !== undefined) {
    const answer = state.steps[when.answered.step]?.answer ?? null;
    if (answer === null) return 'not-yet';
    if (!when.answered.is.includes(answer.id)) return 'not-yet';
  }
  if (when.elapsed !== undefined && state.now < plus(state.openedAt, when.elapsed)) return 'not-yet';
  if (when.outlook !== undefined) {
    const over = overLimit(state);
    const is = over === null ? 'unknown' : over ? 'over' : 'within';
    if (is !== when.outlook) return 'not-yet';
  }
  return 'yes';
}

/** A default taken when time ran out is not a person's answer. */
const answeredByPerson = (state: IncidentState, id: string): boolean => {
  const progress = state.steps[id];
  if (progress === undefined) return false;
  return progress.answer === null ? progress.state === 'done' : progress.answer.by !== 'zhishou';
};
