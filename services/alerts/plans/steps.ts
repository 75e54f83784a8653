import { plus } from '#core/time.ts';
import { commandUnlessDone, judgeFailure } from './act-proof.ts';
import { giveCommand, mayAct, startAct } from './acts.ts';
import { isForced } from './clocks.ts';
import { conditionHolds, testPoint } from './conditions.ts';
import type { ActDefinition, Stage, StepDefinition, WaitDefinition } from './definition.ts';
import { busyElsewhere, neededOffElsewhere } from './elsewhere.ts';
import { barredByGroup, hasEnded, judgeGroup, startGroup } from './groups.ts';
import { startAsk, startTask, tell } from './people-steps.ts';
import { placeFree } from './places.ts';
import { ENDED, type IncidentState, type StepProgress } from './state.ts';
import { indexOf } from './step-index.ts';
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
  for (const [place, step] of turn.state.definition.steps.entries()) {
    const { state } = turn.progressAt(place);
    if (state === 'pending') changed = considerStart(turn, step) || changed;
    else if (state === 'waiting' || state === 'verifying' || state === 'advised')
      changed = considerWaiting(turn, step) || changed;
  }
  return changed;
}

function considerStart(turn: Turn, step: StepDefinition): boolean {
  const { state } = turn;
  const barred = barredByGroup(turn, step);
  if (barred === 'ended') {
    skip(turn, step, bothTexts('所属步骤已结束', 'what it is part of has ended'));
    return true;
  }
  if (barred !== null || !stageActive(state, step.stage)) return false;
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
  else if (step.kind === 'wait') startWait(turn, step);
  else startGroup(turn, step, skip);
  return true;
}

function considerAct(turn: Turn, step: ActDefinition): boolean {
  const { state } = turn;
  if (step.operation === 'start' || step.operation === 'restore') {
    if (!tookAway(state, step)) {
      skip(turn, step, bothTexts('不是本系统关闭的，不启动', 'we did not switch it off'));
      return true;
    }
    const kept = neededOffElsewhere(state, step);
    if (kept?.what === 'off') {
      const { zh, en } = kept.title;
      skip(turn, step, bothTexts(`“${zh}”仍须其关闭，由该事件启动`, `kept off by “${en}”, which will start it`));
      return true;
    }
    if (kept !== null) return false;
  }
  if (step.operation === 'power_off' && !provenOffByUs(turn, step)) return considerSkippedPowerOff(turn, step);
  // Order is kept always (I2); what hangs is dealt with in dependants.ts.
  if (!step.proven.every((id) => isProven(turn, id))) return false;
  if (!mayAct(state, step) || busyElsewhere(state, step) !== null || !placeFree(turn, step)) return false;
  startAct(turn, step);
  return true;
}

/** L22: recovery starts only what we stopped. A plan that stops nothing (power return) starts what people told it to start. */
function tookAway(state: IncidentState, step: ActDefinition): boolean {
  const reverse = step.operation === 'start' ? ['shutdown', 'power_off', 'emergency_off'] : ['shed'];
  const { power, heat, steps } = state.definition;
  const stops =
    power !== null || heat != null || steps.some((one) => one.kind === 'act' && STOPS.includes(one.operation));
  if (!stops) return true;
  return (indexOf(state.definition).actsOf.get(step.device) ?? []).some((other) => {
    if (!reverse.includes(other.operation)) return false;
    const progress = state.steps[other.id];
    return progress !== undefined && (progress.ours || mayHaveStopped(progress) || progress.state === 'rehearsed');
  });
}

/** A shutdown was given and not proven; one that verifiably failed and was then left alone stopped nothing. */
const mayHaveStopped = ({ run, state }: StepProgress): boolean =>
  (run?.begunAt ?? null) !== null && !(state === 'skipped' && run?.result === 'failed');

const STOPS: readonly string[] = ['shutdown', 'power_off', 'emergency_off', 'shed'];

const provenOffByUs = (turn: Turn, step: ActDefinition): boolean =>
  step.proven.length === 0 ||
  isDownByUs(turn, step.device) ||
  step.proven.every((id) => {
    const { state, ours } = turn.step(id);
    return (state === 'done' && ours) || state === 'waived' || state === 'rehearsed' || state === 'advised';
  });

/** Shut down by us and proven so, by whichever step of the plan (L18). */
export const isDownByUs = (turn: Turn, device: string): boolean =>
  (indexOf(turn.state.definition).actsOf.get(device) ?? []).some((other) => {
    if (other.operation !== 'shutdown') return false;
    const { state, ours } = turn.step(other.id);
    return state === 'done' && ours;
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

function considerWaiting(turn: Turn, step: StepDefinition): boolean {
  if (step.kind === 'wait') return judgeWait(turn, step);
  if (step.kind === 'choose' || step.kind === 'together') return judgeGroup(turn, step);
  if (step.kind !== 'act') return false;
  const progress = turn.step(step.id);
  const patienceUp = progress.dueAt !== null && turn.at >= progress.dueAt;
  if (progress.held && (patienceUp || isForced(turn.state, step.id)) && mayAct(turn.state, step)) {
    turn.record(
      'decision',
      bothTexts(`不再等待，切断插座：${step.deviceName.zh}`, `No longer waiting: outlet cut for ${step.deviceName.en}`),
      {
        step: step.id,
        why: patienceUp
          ? bothTexts('已接受关机命令，等待多时仍未关闭', 'it took the shutdown and is still not down')
          : bothTexts(
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
    commandUnlessDone(turn, step);
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

export function skip(turn: Turn, step: StepDefinition, why: ReturnType<typeof bothTexts>): void {
  Object.assign(turn.edit(step.id), {
    state: 'skipped',
    endedAt: turn.at,
    dueAt: null,
    remindAt: null,
    verify: null,
    held: false,
    escalateAt: null,
    detail: why,
  });
  turn.record('step', bothTexts(`跳过：${step.title.zh}`, `Skipped: ${step.title.en}`), {
    step: step.id,
    why,
    urgent: false,
  });
}
