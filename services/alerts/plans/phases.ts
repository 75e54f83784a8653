import type { IncidentOutcome, IncidentPhase } from '#core/incident.ts';
import { type Instant, plus, seconds } from '#core/time.ts';
import { conditionHolds } from './conditions.ts';
import type { Stage, StepDefinition } from './definition.ts';
import { neededOffElsewhere } from './elsewhere.ts';
import { figuresOf } from './figures.ts';
import { tellBlind, tellWhatHolds } from './gate-notice.ts';
import { gateFigures, openGates } from './gates.ts';
import { isPlannedOutage, plannedIsOpen, tellThatItIsLate } from './planned.ts';
import { relapse } from './relapse.ts';
import { holdsByOutlook, judgeSequence } from './sequence.ts';
import { BY_BUTTON, ENDED, type IncidentState } from './state.ts';
import { indexOf } from './step-index.ts';
import { isDownByUs, skip } from './steps.ts';
import { bothTexts } from './texts.ts';
import { hasBeenThreatened, isOver, isThreatened, overIsHeard, overSince, settleLength, threatOf } from './threat.ts';
import { threatWords } from './threat-words.ts';
import type { Turn } from './turn.ts';

/** The phases of core/incident.ts: what the return of mains, the end of a stage and the gates lead to. */

export function judgePhase(turn: Turn): boolean {
  const { state } = turn;
  if (threatOf(state) === null) return false;
  const threatened = isThreatened(state);
  const over = isOver(state);
  switch (state.phase) {
    case 'preparing':
      return judgePreparing(turn);
    case 'responding':
    case 'holding':
      if (over && hasBeenThreatened(state)) return settle(turn);
      if (over && noLongerNeeded(state)) {
        return concludeReturn(turn, bothTexts('所有 UPS 均由市电供电', 'every UPS is on mains'), 'zhishou');
      }
      return threatened && (judgeSequence(turn) || judgeHolding(turn));
    case 'protecting':
      if (over && hasBeenThreatened(state)) return settle(turn);
      return judgeSequence(turn) || judgeShutDown(turn);
    case 'shut-down':
      // Shut down ahead of an announced cut by a person's order: nothing is started before the cut is over.
      return over ? (hasBeenThreatened(state) || !plannedIsOpen(state)) && settle(turn) : tellBlind(turn);
    case 'settling':
      return threatened ? unsettle(turn) : judgeSettled(turn);
    case 'standing-down':
      return threatened ? relapse(turn) : judgeStoodDown(turn);
    case 'finishing':
      return threatened ? relapse(turn) : judgeFinished(turn);
    case 'awaiting-recovery':
      return threatened ? relapse(turn) : judgeGates(turn);
    case 'recovering':
      return threatened ? relapse(turn) : judgeRecovered(turn);
    case 'closed':
      return false;
  }
}

/** Ahead of an announced cut: until it comes, is called off, or its time has passed without it. */
function judgePreparing(turn: Turn): boolean {
  const { state } = turn;
  if (isThreatened(state)) {
    endStages(turn, ['prepare'], bothTexts('市电已中断，准备结束', 'mains is lost: preparation ends'));
    turn.record('power', bothTexts('市电中断', 'Mains lost'), {
      why: isPlannedOutage(state)
        ? bothTexts('按计划停电', 'as it was announced')
        : bothTexts('早于计划，按突发停电处理', 'earlier than announced: handled as a sudden outage'),
      figures: figuresOf(state),
    });
    return enter(turn, 'responding');
  }
  if (state.planned === null)
    return concludeReturn(turn, bothTexts('计划停电已取消', 'the planned outage was called off'), 'zhishou');
  if (!plannedIsOpen(state)) {
    return concludeReturn(
      turn,
      bothTexts('计划停电的时间已过，市电一直正常', 'the announced time has passed and mains was present throughout'),
      'zhishou',
    );
  }
  return tellThatItIsLate(turn);
}

/** L7: it began with one of several UPSes on battery, no machine ever lost its supply, and all are on mains again. */
const noLongerNeeded = ({ power, trigger, now, definition }: IncidentState): boolean =>
  power !== null &&
  !trigger.startsWith(BY_BUTTON) &&
  Object.values(power.ups).every(
    (ups) => ups.status === 'mains' && now >= plus(ups.since, definition.power?.settle ?? seconds(0)),
  );

function enter(turn: Turn, phase: IncidentPhase): true {
  turn.state.phase = phase;
  turn.urgent = true;
  return true;
}

function judgeHolding(turn: Turn): boolean {
  const { state } = turn;
  const holds = holdsByOutlook(state);
  if (holds === (state.phase === 'holding')) return false;
  if (holds) {
    turn.record('decision', bothTexts('减少用电，等待来电', 'Shedding load, waiting for mains'), {
      why: bothTexts('预计在限时内恢复', 'mains is expected back within the limit'),
      figures: figuresOf(state),
    });
  }
  return enter(turn, holds ? 'holding' : 'responding');
}

function settle(turn: Turn): true {
  const { state } = turn;
  const words = threatWords(state);
  turn.record('power', words.back, { why: words.backWhy, figures: figuresOf(state) });
  state.before = state.phase;
  return enter(turn, 'settling');
}

/** Flapping mains: back to where it was; no clock is reset. */
function unsettle(turn: Turn): true {
  const { state } = turn;
  const words = threatWords(state);
  turn.record('power', words.again, { why: words.againWhy, figures: figuresOf(state) });
  const before = state.before ?? 'responding';
  state.before = null;
  return enter(turn, before);
}

/** It was over for so long, and somebody still says so: silence settles nothing (L1, L29). */
function judgeSettled(turn: Turn): boolean {
  const { state } = turn;
  if (!isOver(state) || turn.at < plus(overSince(state), settleLength(state)) || !overIsHeard(state)) return false;
  return concludeReturn(turn, threatWords(state).settled, 'zhishou');
}

/** Before the point of no return: stand down. After it: finish what is half done, then recover. */
export function concludeReturn(turn: Turn, why: ReturnType<typeof bothTexts>, who: string): true {
  const { state } = turn;
  const past = state.pointOfNoReturn !== null || state.before === 'shut-down';
  state.before = null;
  turn.record(
    'decision',
    past
      ? bothTexts('完成未尽的关机，然后恢复', 'Half-done shutdowns are completed, then recovery')
      : bothTexts('解除应急，恢复正常', 'Standing down'),
    { why, who, figures: figuresOf(state) },
  );
  const words = threatWords(state);
  endStages(turn, ['prepare', 'respond', 'hold'], words.noLonger);
  for (const step of state.definition.steps) {
    if (step.stage === 'protect' && !keepsGoing(turn, step, past)) {
      skip(turn, step, words.leftAlone);
    }
  }
  return enter(turn, past ? 'finishing' : 'standing-down');
}

/** What was begun goes to its end; the outlet of a machine that went down is still switched off, so that it starts again (L21). */
function keepsGoing(turn: Turn, step: StepDefinition, past: boolean): boolean {
  const progress = turn.step(step.id);
  if (ENDED.has(progress.state)) return true;
  if (step.kind !== 'act') return false;
  const active = progress.run !== null && (progress.state === 'running' || progress.state === 'verifying');
  // A backup that runs is worth having; the recovery of what is down does not wait for it.
  if (step.operation === 'backup') return active && !past;
  if (!past) return false;
  if (step.operation === 'power_off' && progress.state === 'pending') {
    return step.proven.some((id) => {
      const shutdown = turn.step(id);
      return (shutdown.run !== null && !ENDED.has(shutdown.state)) || isDownByUs(turn, step.device);
    });
  }
  return active;
}

/** Skips what has not ended in these stages; acts under way are left to end. */
export function endStages(turn: Turn, stages: readonly Stage[], why: ReturnType<typeof bothTexts>): void {
  for (const step of turn.state.definition.steps) {
    if (!stages.includes(step.stage)) continue;
    const { state } = turn.step(step.id);
    if (ENDED.has(state) || ((state === 'running' || state === 'verifying') && step.kind === 'act')) {
      Object.assign(turn.edit(step.id), { remindAt: null, escalateAt: null });
      continue;
    }
    skip(turn, step, why);
  }
}

const stageEnded = (turn: Turn, stage: Stage): boolean =>
  turn.state.definition.steps.every((step) => step.stage !== stage || ENDED.has(turn.step(step.id).state));

function judgeShutDown(turn: Turn): boolean {
  const { state } = turn;
  if (state.sequence === null || !protectEnded(turn)) return false;
  state.outcome = 'shutdown';
  const failed = failedIn(turn, 'protect');
  turn.record('decision', threatWords(state).shutDown, {
    why:
      failed.length === 0
        ? bothTexts('所有步骤均已结束', 'every step of the sequence has ended')
        : bothTexts(`未成功：${failed.join('、')}`, `not achieved: ${failed.join(', ')}`),
    figures: figuresOf(state),
  });
  return enter(turn, 'shut-down');
}

/** All acts have ended; a message whose condition does not hold now has nothing to tell any more and holds nothing up. */
function protectEnded(turn: Turn): boolean {
  const open = turn.state.definition.steps.filter(
    (step) => step.stage === 'protect' && !ENDED.has(turn.step(step.id).state),
  );
  const idle = (step: StepDefinition): boolean =>
    step.kind === 'tell' && conditionHolds(turn.state, step.when, { later: true }) !== 'yes';
  if (!open.every(idle)) return false;
  for (const step of open) skip(turn, step, bothTexts('条件不符', 'its condition does not hold'));
  return true;
}

const failedIn = (turn: Turn, stage: Stage): string[] =>
  turn.state.definition.steps.flatMap((step) =>
    step.stage === stage && turn.step(step.id).state === 'failed' ? [step.id] : [],
  );

function judgeStoodDown(turn: Turn): boolean {
  if (!stageEnded(turn, 'stand-down') || backsUp(turn)) return false;
  return finish(turn, 'stood-down');
}

const backsUp = (turn: Turn): boolean =>
  turn.acts().some((step) => {
    const { state } = turn.step(step.id);
    return step.operation === 'backup' && (state === 'running' || state === 'verifying');
  });

function judgeFinished(turn: Turn): boolean {
  const open = turn.state.definition.steps.filter(
    (step) => step.stage === 'protect' && !ENDED.has(turn.step(step.id).state),
  );
  // One machine that could not be shut down does not keep all others off (I6): its outlet stays on, it may still run (L16).
  if (!open.every((step) => isOutletOfFailed(turn, step))) return false;
  for (const step of open)
    skip(turn, step, bothTexts('未证实关机，插座保持接通', 'not proven down: its outlet stays on'));
  turn.record('decision', bothTexts('等待恢复条件', 'Waiting for the recovery’s conditions'), {
    why: bothTexts('已开始的关机均已结束', 'what had begun has ended'),
    figures: figuresOf(turn.state),
  });
  return enter(turn, 'awaiting-recovery');
}

const isOutletOfFailed = (turn: Turn, step: StepDefinition): boolean =>
  step.kind === 'act' &&
  step.operation === 'power_off' &&
  turn.step(step.id).state === 'pending' &&
  step.proven.some((id) => turn.step(id).state === 'failed');

/** L23: mains stable, battery charged, room cool enough, before anything is started. */
function judgeGates(turn: Turn): boolean {
  const { state } = turn;
  const closed = openGates(state).filter((gate) => !gate.met);
  if (closed.length === 0) {
    turn.record('decision', bothTexts('开始恢复', 'Recovery starts'), {
      why: threatWords(state).gatesMet,
      figures: { ...figuresOf(state), ...gateFigures(state) },
    });
    return enter(turn, 'recovering');
  }
  tellWhatHolds(turn);
  return false;
}

/** A person has looked and does not wait for the conditions. */
export function startRecovery(turn: Turn, by: string, reason: string): void {
  const { state } = turn;
  turn.record('order', bothTexts('下令现在启动', 'Ordered: start now'), {
    who: by,
    why: bothTexts(reason, reason),
    figures: { ...figuresOf(state), ...gateFigures(state) },
  });
  enter(turn, 'recovering');
}

function judgeRecovered(turn: Turn): boolean {
  const { state } = turn;
  const open = state.definition.steps.filter(
    (step) => step.stage === 'recover' && !ENDED.has(turn.step(step.id).state),
  );
  // Tasks of people may still be open; the equipment is back once all else has ended.
  if (state.outcome !== 'recovered' && open.every((step) => step.kind === 'task')) {
    state.outcome = 'recovered';
    turn.record('decision', bothTexts('设备已恢复', 'The equipment is back'), {
      why: notBack(turn),
      figures: figuresOf(state),
    });
    return true;
  }
  return open.length === 0 && finish(turn, 'recovered');
}

/** I6: what did not come back is told by name. */
function notBack(turn: Turn) {
  const failed = failedIn(turn, 'recover');
  const kept = indexOf(turn.state.definition).acts.filter(
    (step) => turn.step(step.id).state === 'skipped' && neededOffElsewhere(turn.state, step) !== null,
  );
  if (failed.length === 0 && kept.length > 0) {
    const [zh, en] = [kept.map((step) => step.deviceName.zh), kept.map((step) => step.deviceName.en)];
    return bothTexts(
      `${zh.join('、')} 由另一事件保持关闭并启动`,
      `${en.join(', ')} is kept off by another incident, which starts it`,
    );
  }
  return failed.length === 0
    ? bothTexts('本系统关闭的设备均已证实启动', 'what was shut down is proven to be up')
    : bothTexts(`未恢复：${failed.join('、')}`, `not back: ${failed.join(', ')}`);
}

/** Closes, unless steps failed: those wait for a person who mends or waives them (O-ORG-2). */
export function finish(turn: Turn, outcome: IncidentOutcome): boolean {
  const { state } = turn;
  const before = state.outcome;
  state.outcome = outcome;
  const failed = state.definition.steps.filter((step) => turn.step(step.id).state === 'failed');
  if (failed.length > 0) {
    if (!turn.once('waits-for-people')) return before !== outcome;
    const names = failed.map((step) => step.title);
    const zh = names.map((name) => name.zh).join('、');
    const en = names.map((name) => name.en).join(', ');
    turn.record('decision', bothTexts(`事件保持打开：${zh} 未成功`, `Kept open: ${en} not achieved`), {
      why: bothTexts('完成后点“完成”，或说明理由后免除', 'say "done" when mended, or waive it with a reason'),
    });
    return true;
  }
  closeIncident(turn, 'zhishou', null);
  return true;
}

export function closeIncident(turn: Turn, who: string, reason: string | null): void {
  const { state } = turn;
  for (const step of state.definition.steps) {
    const progress = turn.step(step.id);
    if (!ENDED.has(progress.state))
      Object.assign(turn.edit(step.id), { state: 'skipped', endedAt: turn.at, verify: null });
  }
  state.phase = 'closed';
  state.closedAt = turn.at;
  const why = reason === null ? null : bothTexts(reason, reason);
  turn.record('closed', bothTexts('事件关闭', 'Incident closed'), { who, why, figures: { outcome: state.outcome } });
}

export const settledAt = (state: IncidentState): Instant | null =>
  state.phase === 'settling' && threatOf(state) !== null ? plus(overSince(state), settleLength(state)) : null;
