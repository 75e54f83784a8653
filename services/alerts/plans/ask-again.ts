import { type Instant, milliseconds, minutes, plus } from '#core/time.ts';
import { giveCommand, mayAct } from './acts.ts';
import { cutDeadline } from './clocks.ts';
import type { ActDefinition } from './definition.ts';
import { figuresOf } from './figures.ts';
import type { EvidenceView, IncidentState, StepProgress } from './state.ts';
import { bothTexts } from './texts.ts';
import type { Turn } from './turn.ts';

/** Who did not go down and plainly runs is ordered once more by the gentle way, while mains is away and the order could help. */

/**
 * A machine that took the order, was seen away and then runs was on its way up when it got it, or lost its power and came back:
 * whoever waits for it to go down waits in vain, and cutting its supply would be the harm (I1).
 */
export function hasStartedAnew(
  step: ActDefinition,
  { tookOrder }: StepProgress,
  before: readonly EvidenceView[],
  now: readonly EvidenceView[],
): boolean {
  if (step.operation !== 'shutdown' || step.stage !== 'protect' || tookOrder !== true) return false;
  const returned = now.some((item, i) => item.holds === false && before[i]?.holds === true);
  return returned && now.every((item) => item.holds !== true);
}

/**
 * The gentle order once more for who has started anew, as soon as it may be given. Not before the order has had its time: a slow
 * network looks like a closed port, and a machine on its way down is not to be told twice (I4).
 */
export function orderAnew(turn: Turn, step: ActDefinition): boolean {
  const { startedAnew, state, attempts, run } = turn.step(step.id);
  if (startedAnew !== true || state === 'running' || attempts >= MOST_ATTEMPTS || !mayAct(turn.state, step))
    return false;
  if (run?.begunAt != null && turn.at < run.begunAt + step.giveUpMs) return false;
  tryAgain(turn, step);
  return true;
}

/** Bounded, so that a network that comes and goes does not wear the machine down. */
const MOST_ATTEMPTS = 10;

/**
 * It could not be reached, every way failed or a person was asked, and now it is plainly there and running: the network was away
 * and not the machine. Its failure is verified as few are, so the gentle way is tried again.
 */
export function answersAgain(
  turn: Turn,
  step: ActDefinition,
  before: readonly EvidenceView[],
  now: readonly EvidenceView[],
): boolean {
  const { state, held, tookOrder, attempts } = turn.step(step.id);
  if (step.operation !== 'shutdown' || step.stage !== 'protect' || tookOrder === true || attempts >= MOST_ATTEMPTS)
    return false;
  // A reading that is still to come is nobody away: something said that it was down, or nothing said that it ran.
  const wasAway = before.some((item) => item.holds === true) || before.every((item) => item.holds !== false);
  const runs = now.length > 0 && now.every((item) => item.holds === false);
  return (state === 'failed' || held) && wasAway && runs && mayAct(reopened(turn.state), step);
}

/** All others are down and this one failed: while mains is away its shutdown is still owed. */
const reopened = (state: IncidentState): IncidentState =>
  state.phase === 'shut-down' ? { ...state, phase: 'protecting' } : state;

/**
 * When a machine that refused or did not hear its shutdown, and plainly runs on, is asked once more: what was wrong with it may
 * have passed or been mended, and while the battery lasts asking costs nothing. Null: never.
 */
export function askAgainAt(state: Pick<IncidentState, 'steps'>, step: ActDefinition): Instant | null {
  if (step.operation !== 'shutdown' || step.stage !== 'protect') return null;
  const progress = state.steps[step.id];
  if (progress === undefined) return null;
  const { verify, held, tookOrder, attempts } = progress;
  const stands = progress.state === 'failed' || (progress.state === 'waiting' && held);
  if (!stands || tookOrder === true || attempts >= MOST_ATTEMPTS || verify?.purpose !== 'watch') return null;
  const runs = verify.items.length > 0 && verify.items.every((item) => item.holds === false);
  return runs ? plus(verify.since, milliseconds(Math.max(ASK_AGAIN, step.giveUpMs))) : null;
}

export function askAgain(turn: Turn): boolean {
  if (!asksAgainIn(turn.state)) return false;
  let changed = false;
  for (const step of turn.acts()) {
    const at = askAgainAt(turn.state, step);
    if (at === null || turn.at < at || !mayAct(reopened(turn.state), step) || isTooLate(turn, step)) continue;
    tryAgain(turn, step, bothTexts('仍在运行，电池还有时间', 'it still runs, and the battery lasts'));
    changed = true;
  }
  return changed;
}

/** The last moment, at which its supply is cut for those behind it, is not talked away. */
function isTooLate({ state, at }: Turn, step: ActDefinition): boolean {
  const deadline = cutDeadline(state, step.id);
  return deadline !== null && at + step.giveUpMs > deadline;
}

export const asksAgainIn = ({ phase }: IncidentState): boolean => phase === 'protecting' || phase === 'shut-down';

const ASK_AGAIN = minutes(5);

export function tryAgain(
  turn: Turn,
  step: ActDefinition,
  why = bothTexts('设备重新可达且仍在运行', 'it answers again and still runs'),
): void {
  const afresh = { way: 0, tries: 0, held: false, dueAt: null, tookOrder: false, startedAnew: false };
  Object.assign(turn.edit(step.id), { ...afresh, state: 'verifying', endedAt: null, detail: null });
  if (turn.state.phase === 'shut-down') turn.state.phase = 'protecting';
  turn.forget('waits-for-people');
  turn.record('decision', bothTexts(`再次执行：${step.title.zh}`, `Tried again: ${step.title.en}`), {
    step: step.id,
    why,
    figures: figuresOf(turn.state),
  });
  giveCommand(turn, step);
}
