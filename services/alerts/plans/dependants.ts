import { type Instant, instant } from '#core/time.ts';
import { giveCommand, mayAct } from './acts.ts';
import { orderAnew } from './ask-again.ts';
import { cutDeadline } from './clocks.ts';
import type { ActDefinition } from './definition.ts';
import { figuresOf } from './figures.ts';
import { ENDED, type IncidentState } from './state.ts';
import { indexOf } from './step-index.ts';
import { stepList } from './step-list.ts';
import { bothTexts } from './texts.ts';
import { isThreatened } from './threat.ts';
import { definitionOf, type Turn } from './turn.ts';

/**
 * A device whose dependants are not proven off yet: order is kept always (I2), it is never shut down before them.
 *
 * When time runs short, the dependants' own clean shutdowns get as much time as this device's clean shutdown leaves. Then
 * whoever hangs (was told to go down, had the time it usually takes, and is still there) loses its supply by the way that its
 * `otherwise` names, so that the device behind it can still be closed in order: the running server is harmed either way when
 * the battery ends, the disk array with its unwritten cache is not (I1). Nobody is cut who may just be slow: as long as a
 * dependant is within its usual time it goes on, for its going down is what lightens the battery's load most. What has no such
 * way left is held to the end, and people are told what they can do.
 */
export function judgeDependants(turn: Turn): boolean {
  const { state } = turn;
  if (state.phase !== 'protecting') return false;
  const { sequence, sequencePlaces, waitingFor } = indexOf(state.definition);
  let changed = false;
  for (let number = 0; number < sequence.length; number++) {
    const step = sequence[number];
    if (step?.operation !== 'shutdown') continue;
    const progress = turn.progressAt(sequencePlaces[number] ?? -1);
    if (progress.state === 'done') continue;
    // Only who was told to go down can hang.
    const told = progress.run !== null && progress.run.begunAt !== null;
    const behind = told ? waitingFor.get(step.id)?.find((other) => !ENDED.has(turn.step(other.id).state)) : undefined;
    if (behind !== undefined) changed = cutHanging(turn, step, behind) || changed;
    if (turn.progressAt(sequencePlaces[number] ?? -1).state !== 'pending') continue;
    const stuck = step.proven.filter((id) => turn.step(id).state === 'failed');
    if (stuck.length > 0 && turn.once(`holding/${step.id}`)) {
      tellHeld(turn, step, stuck);
      changed = true;
    }
  }
  return changed;
}

function cutHanging(turn: Turn, dependant: ActDefinition, behind: ActDefinition): boolean {
  const { state } = turn;
  if (orderAnew(turn, dependant)) return true;
  const way = cutOf(state, dependant);
  const due = way === null ? null : cutDue(state, dependant);
  if (way === null || due === null || turn.at < due || !mayAct(state, dependant)) return false;
  const progress = turn.edit(dependant.id);
  progress.way = way;
  progress.tries = 0;
  const what = bothTexts(
    `${dependant.deviceName.zh} 未能按时关闭，剩余时间只够 ${behind.deviceName.zh} 干净关机`,
    `${dependant.deviceName.en} is not down in its time, and what is left is just enough to close ${behind.deviceName.en} in order`,
  );
  turn.record('decision', bothTexts(`切断电源：${dependant.deviceName.zh}`, `Supply cut: ${dependant.deviceName.en}`), {
    step: dependant.id,
    why: what,
    figures: figuresOf(state),
  });
  turn.notify(
    `cut-supply/${dependant.id}/${progress.attempts}`,
    ['duty', 'system-administrator'],
    'high',
    bothTexts(`切断电源：${dependant.deviceName.zh}`, `Supply cut: ${dependant.deviceName.en}`),
    what,
    dependant.id,
  );
  giveCommand(turn, dependant);
  return true;
}

/** The next way that takes its supply away; null: it has none left, is being cut already, or is not ours to cut. */
function cutOf(state: IncidentState, step: ActDefinition): number | null {
  const progress = state.steps[step.id];
  if (progress === undefined || ENDED.has(progress.state) || progress.held) return null;
  if (progress.state === 'advised' || step.ways[progress.way]?.cutsPower === true) return null;
  const way = step.ways.findIndex((one, i) => i > progress.way && one.cutsPower);
  return way < 0 ? null : way;
}

/** From when on it hangs and there is no time to wait for it. */
function cutDue(state: IncidentState, step: ActDefinition): Instant | null {
  if (state.phase !== 'protecting' || !isThreatened(state)) return null;
  // Only who was told to go down can hang; and who waits for its own dependants is not cut from under them (I2).
  const told = state.steps[step.id]?.run?.begunAt ?? null;
  if (told === null || !step.proven.every((id) => isOff(state, id))) return null;
  const deadline = cutDeadline(state, step.id);
  return deadline === null ? null : instant(Math.max(deadline, told + step.expectedMs));
}

const isOff = (state: IncidentState, id: string): boolean => {
  const is = state.steps[id]?.state;
  return is === 'done' || is === 'waived' || is === 'skipped';
};

/** When a supply may have to be cut, or a device that is held for a person has to go, by time alone. */
export function dependantDues(state: IncidentState): Instant[] {
  if (state.phase !== 'protecting' || !isThreatened(state)) return [];
  const dues: Instant[] = [];
  const { sequence, sequencePlaces } = indexOf(state.definition);
  const list = stepList(state);
  for (let number = 0; number < sequence.length; number++) {
    const step = sequence[number];
    const progress = list[sequencePlaces[number] ?? -1];
    if (step?.operation !== 'shutdown' || progress === undefined) continue;
    const { held, run } = progress;
    if (!held && (run === null || cutOf(state, step) === null)) continue;
    const due = held ? cutDeadline(state, step.id) : cutDue(state, step);
    if (due !== null) dues.push(due);
  }
  return dues;
}

function tellHeld(turn: Turn, step: ActDefinition, stuck: readonly string[]): void {
  const names = stuck.map((id) => {
    const other = definitionOf(turn.state, id);
    return other?.kind === 'act' ? other.deviceName : bothTexts(id, id);
  });
  const zh = names.map((name) => name.zh).join('、');
  const en = names.map((name) => name.en).join(', ');
  const subject = bothTexts(`等待：${step.title.zh}`, `Held: ${step.title.en}`);
  const body = bothTexts(
    `${zh} 未证实关闭，${step.deviceName.zh} 不会先于它关闭。请人工关闭后点“完成”，或说明理由免除，系统随即关闭 ${step.deviceName.zh}。`,
    `${en} could not be proven off, and ${step.deviceName.en} does not go before it. Shut it down by hand and say “done”, or waive it with a reason: ${step.deviceName.en} is then closed at once.`,
  );
  turn.record('decision', subject, { step: step.id, why: body, figures: figuresOf(turn.state) });
  turn.notify(`holding/${step.id}`, ['duty', 'system-administrator'], 'high', subject, body, step.id);
}
