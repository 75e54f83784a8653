import { between, type Instant, plus, seconds } from '#core/time.ts';
import { bareDeadline, limitAt, marginOfCuts, overLimit } from './clocks.ts';
import type { ActDefinition } from './definition.ts';
import { figuresOf } from './figures.ts';
import { remainingNeed } from './remaining.ts';
import { ENDED, type IncidentState, type Sequence, type SequenceReason } from './state.ts';
import { indexOf } from './step-index.ts';
import { bothTexts, clockLength, clockTime, outlookText } from './texts.ts';
import { isThreatened, threatOf } from './threat.ts';
import type { Turn } from './turn.ts';

/** When the shutdown sequence starts, and what is given up when time runs short. */

/** After a restart so long is waited for a fresh reading before what was read back may act ("good ideas", PVE-UPS). */
export const CONFIRM_WITHIN = seconds(30);
/** An outage is confirmed by this many polls, which traps may crowd into a second, over this time; or by lasting (L2). */
const CONFIRMING_POLLS = 3;
const POLLS_LAST = seconds(10);
const CONFIRMING_TIME = seconds(20);

/** May anything be taken away from users now? The threat is there, and known to be so by something fresh. */
export const isConfirmed = (state: IncidentState): boolean =>
  state.power === null
    ? // A forecast and a limit that is reached rest on several readings by themselves.
      state.heat !== null && isThreatened(state) && state.unconfirmedSince === null
    : outageConfirmed(state);

const outageConfirmed = (state: IncidentState): boolean =>
  state.power !== null &&
  state.power.mains === 'lost' &&
  state.unconfirmedSince === null &&
  (Object.values(state.power.ups).some(
    (ups) =>
      ups.status === 'off' || (ups.batterySamples >= CONFIRMING_POLLS && between(ups.since, state.now) >= POLLS_LAST),
  ) ||
    between(state.power.mainsSince, state.now) >= CONFIRMING_TIME);

/** The first trigger that is true, in the order of EMERGENCY.md; null: none. */
export const triggerOf = (state: IncidentState): SequenceReason | null =>
  isConfirmed(state) ? dueTrigger(state) : null;

/** The trigger that will hold once the outage is confirmed. */
export function dueTrigger(state: IncidentState): SequenceReason | null {
  const { power, heat, outlook, now } = state;
  if (heat !== null) {
    if (heat.atLimit) return 'heat-limit';
    return heat.latestSafeStart !== null && now >= heat.latestSafeStart ? 'latest-safe-start' : null;
  }
  if (power === null) return null;
  if (overLimit(state) === true) return 'outlook-over-limit';
  // The hour and a half is over: whenever mains returns now, it is beyond the limit (O-PWR-4).
  const limit = limitAt(state);
  if (limit !== null && now >= limit) return 'limit-passed';
  const end = power.exhaustion.at;
  if (outlook.kind === 'until' && outlook.until !== null && end !== null && outlook.until > end) {
    return 'outlook-over-exhaustion';
  }
  return power.latestSafeStart !== null && now >= power.latestSafeStart ? 'latest-safe-start' : null;
}

/** Starts the sequence when it is time; takes a start back when its reason was revised before the point of no return. */
export function judgeSequence(turn: Turn): boolean {
  const { state } = turn;
  if (state.phase !== 'responding' && state.phase !== 'holding' && state.phase !== 'protecting') return false;
  const reason = triggerOf(state);
  if (state.sequence === null) {
    if (reason === null) return false;
    startSequence(turn, { at: turn.at, reason, by: 'zhishou' });
    return true;
  }
  if (reason !== null || !isConfirmed(state) || !isTakenBack(state)) return false;
  state.sequence = null;
  state.phase = holdsByOutlook(state) ? 'holding' : 'responding';
  withdrawProtect(turn);
  turn.record('decision', bothTexts('停止关机流程，继续等待', 'Shutdown sequence withdrawn, waiting again'), {
    why: bothTexts('恢复时间的答复已更改，尚未关闭任何设备', 'the answer was revised and nothing had been shut down'),
    figures: figuresOf(state),
  });
  return true;
}

/** A sequence that started by what people said ends when that no longer holds, before the point of no return. */
export const isTakenBack = (state: IncidentState): boolean =>
  state.pointOfNoReturn === null &&
  (state.sequence?.reason === 'outlook-over-limit' || state.sequence?.reason === 'outlook-over-exhaustion');

export const holdsByOutlook = (state: IncidentState): boolean =>
  overLimit(state) === false && state.definition.power !== null;

export function startSequence(turn: Turn, sequence: Sequence): void {
  const { state } = turn;
  state.sequence = sequence;
  state.phase = 'protecting';
  turn.record('decision', bothTexts('开始关机流程', 'The shutdown sequence starts'), {
    who: sequence.by,
    why: whyOf(state, sequence.reason),
    figures: figuresOf(state),
  });
}

/** Steps of the sequence that only wait go back to pending; what runs (backups) goes on to its end. */
function withdrawProtect(turn: Turn): void {
  for (const step of turn.state.definition.steps) {
    if (step.stage !== 'protect') continue;
    const progress = turn.step(step.id);
    if (progress.state === 'waiting') Object.assign(turn.edit(step.id), { state: 'pending', startedAt: null });
  }
}

function whyOf(state: IncidentState, reason: SequenceReason) {
  const limit = clockLength(state.definition.power?.limit ?? 0);
  const threat = threatOf(state);
  const end = clockTime(state, threat?.exhaustion.at ?? null);
  const latest = clockTime(state, threat?.latestSafeStart ?? null);
  const need = clockLength(threat?.need.ms ?? 0);
  const border = `${state.definition.heat?.limit ?? '?'} °C`;
  const outlook = outlookText(state);
  switch (reason) {
    case 'outlook-over-limit':
      // "Over the limit" was the answer itself: saying it twice tells nothing more.
      return state.outlook.kind === 'over'
        ? bothTexts(`预计停电超过 ${limit.zh}`, `the outage is expected to exceed ${limit.en}`)
        : bothTexts(
            `预计停电超过 ${limit.zh}（${outlook.zh}）`,
            `the outage is expected to exceed ${limit.en} (${outlook.en})`,
          );
    case 'limit-passed':
      return bothTexts(`停电已满 ${limit.zh}，仍未恢复`, `mains has been away for ${limit.en}`);
    case 'outlook-over-exhaustion':
      return bothTexts(`${outlook.zh}，而电池 ${end.zh} 耗尽`, `${outlook.en}, but the battery is empty at ${end.en}`);
    case 'heat-limit':
      return bothTexts(`温度已达上限 ${border}`, `the limit of ${border} is reached`);
    case 'latest-safe-start':
      if (state.heat !== null) {
        return bothTexts(
          `预计 ${end.zh} 达到 ${border}，安全关机需要 ${need.zh}，最迟 ${latest.zh} 开始`,
          `${border} is reached at ${end.en}, shutdown needs ${need.en}: latest safe start ${latest.en}`,
        );
      }
      return bothTexts(
        `电池 ${end.zh} 耗尽，安全关机需要 ${need.zh}，最迟 ${latest.zh} 开始`,
        `battery empty at ${end.en}, shutdown needs ${need.en}: latest safe start ${latest.en}`,
      );
    case 'condition':
      return bothTexts('预案条件成立', 'a condition of the plan holds');
    case 'ordered':
      return bothTexts('人工下令', 'ordered by a person');
  }
}

/**
 * Cuts unfinished backups at the moment when waiting longer would leave too little time for a clean shutdown: a backup whose
 * own device and what depends on its shutdown could not be closed in time any more, and, where the drivers' places are
 * short, the least important one so that the queue of shutdowns begins to move.
 */
export function cutBackups(turn: Turn): boolean {
  const { state } = turn;
  const end = threatOf(state)?.exhaustion.at ?? null;
  if (state.phase !== 'protecting' || end === null || !isConfirmed(state)) return false;
  const open = indexOf(state.definition)
    .backups.filter((step) => !ENDED.has(turn.step(step.id).state))
    .sort((a, b) => b.priority - a.priority || (a.id < b.id ? 1 : -1));
  if (open.length === 0) return false;
  const margin = marginOfCuts(state, end - turn.at);
  const late = open.filter((step) => turn.at >= end - remainingNeed(state, 'bare', step.id).ms - margin);
  const deadline = bareDeadline(state);
  if (late.length === 0 && deadline !== null && turn.at >= deadline && backupsHoldUp(turn))
    late.push(...open.slice(0, 1));
  for (const step of late) cut(turn, step);
  return late.length > 0;
}

/**
 * A bare shutdown now takes all the time that is left, and the backups keep it from going its way: no shutdown is under way or
 * next, or one that could begin finds the driver's places taken by a backup.
 */
function backupsHoldUp(turn: Turn): boolean {
  const ready = turn
    .acts()
    .filter(
      (step) =>
        step.operation === 'shutdown' &&
        step.stage === 'protect' &&
        !step.own &&
        !ENDED.has(turn.step(step.id).state) &&
        step.after.every((id) => ENDED.has(turn.step(id).state)),
    );
  if (ready.length === 0) return true;
  return ready.some((step) => {
    if (turn.step(step.id).state !== 'pending' || !step.proven.every((id) => ENDED.has(turn.step(id).state)))
      return false;
    const driver = step.ways[turn.step(step.id).way]?.driver;
    if (driver === undefined) return false;
    const busy = turn
      .acts()
      .filter((other) => isBusy(turn, other) && other.ways[turn.step(other.id).way]?.driver === driver);
    const full = busy.length >= turn.state.definition.atOnce[driver];
    return full && busy.some((other) => other.operation === 'backup');
  });
}

const isBusy = (turn: Turn, step: ActDefinition): boolean => {
  const { state, verify } = turn.step(step.id);
  return state === 'running' || (state === 'verifying' && verify?.purpose !== 'watch');
};

function cut(turn: Turn, step: ActDefinition): void {
  const progress = turn.edit(step.id);
  const bare = clockLength(threatOf(turn.state)?.bareMs ?? 0);
  const why = bothTexts(
    `剩余时间只够关机（需要 ${bare.zh}）`,
    `the time left is just enough for a clean shutdown (${bare.en})`,
  );
  Object.assign(progress, { state: 'cut', endedAt: turn.at, verify: null, detail: why });
  turn.record('decision', bothTexts(`放弃备份：${step.deviceName.zh}`, `Backup given up: ${step.deviceName.en}`), {
    why,
    figures: { ...figuresOf(turn.state), priority: step.priority },
    step: step.id,
  });
  turn.notify(
    `cut/${step.id}`,
    ['duty', 'director'],
    'high',
    bothTexts(`放弃备份：${step.deviceName.zh}`, `Backup given up: ${step.deviceName.en}`),
    bothTexts(`${why.zh}。随后关机。`, `${why.en}. Shutdown follows.`),
    step.id,
  );
}

/** When the sequence could start by time alone, for the next timer. */
export function sequenceDues(state: IncidentState): (Instant | null)[] {
  const threat = threatOf(state);
  if (threat === null || !isThreatened(state)) return [];
  const lostAt = state.power?.mainsSince ?? null;
  const confirm = lostAt === null ? [] : [plus(lostAt, POLLS_LAST), plus(lostAt, CONFIRMING_TIME)];
  const restart = state.unconfirmedSince === null ? null : plus(state.unconfirmedSince, CONFIRM_WITHIN);
  return [...confirm, restart, threat.latestSafeStart, limitAt(state), state.outlook.until, bareDeadline(state)];
}
