import { instant } from '#core/time.ts';
import { LOOK_AGAIN } from './acts.ts';
import type { ActDefinition, StepDefinition } from './definition.ts';
import { figuresOf } from './figures.ts';
import { newStep } from './state.ts';
import { fillPlanText } from './texts.ts';
import { threatWords } from './threat-words.ts';
import type { Turn } from './turn.ts';

/**
 * Mains was believed back and is lost again while standing down or recovering (or the room heats up again): a new outage in the
 * same incident.
 *
 * Its clocks begin anew (the settled return ended the old one), what people said of the old one no longer holds and is
 * asked again. What is off stays off; what was started, or may have been, or has started by itself when its supply came back,
 * is looked at and shut down again when its time comes; run numbers go on counting, so that no idempotency key is used twice (I4).
 */
export function relapse(turn: Turn): true {
  const { state } = turn;
  const mayBeUp = new Set([...devicesOf(turn, ['start', 'restore']), ...withSupply(turn)]);
  for (const step of state.definition.steps) resetStep(turn, step, mayBeUp);
  Object.assign(state, { phase: 'responding', before: null, sequence: null, outcome: null });
  state.outlook = { kind: 'unknown', until: null, by: null, at: null };
  if (state.power !== null) state.power.outageSince = state.power.mainsSince;
  const words = threatWords(state);
  state.relapses += 1;
  for (const key of Object.keys(state.told)) turn.forget(key);
  turn.record('power', words.again, { why: words.relapseWhy, figures: figuresOf(state) });
  const body = fillPlanText(state, null, words.relapseBody);
  turn.notify(`relapse/${turn.at}`, ['duty', 'director'], 'high', words.again, body);
  return true;
}

/** Devices on which one of these operations was begun. */
const devicesOf = (turn: Turn, operations: readonly string[]): string[] =>
  turn
    .acts()
    .filter((step) => operations.includes(step.operation) && touched(turn, step.id))
    .map((step) => step.device);

/** Shut down, but its outlet is on: such a machine may start as soon as its UPS gives power again. */
const withSupply = (turn: Turn): string[] => {
  const cut = turn.acts().flatMap((step) => {
    const { state, way } = turn.step(step.id);
    const used = step.ways[way];
    const cuts = step.operation === 'power_off' || used?.cutsPower === true || used?.driver === 'snmp_set';
    return cuts && state === 'done' ? [step.device] : [];
  });
  return turn
    .acts()
    .flatMap((step) => (step.operation === 'shutdown' && !cut.includes(step.device) ? [step.device] : []));
};

const touched = (turn: Turn, id: string): boolean => {
  const { state, run } = turn.step(id);
  return run !== null || state === 'done' || state === 'advised' || state === 'rehearsed';
};

function resetStep(turn: Turn, step: StepDefinition, mayBeUp: ReadonlySet<string>): void {
  const { state } = turn.step(step.id);
  if (state === 'pending') return;
  if (step.kind !== 'act') {
    // What was told at the beginning is not told again; questions and the later stages are.
    if (step.kind === 'tell' && step.stage === 'respond') return;
    reset(turn, step);
    return;
  }
  // A backup goes on where it runs, whatever mains does: a second one beside it would be refused.
  if (step.operation === 'backup' && (state === 'done' || state === 'running' || state === 'verifying')) return;
  if (step.operation === 'backup' && stillRuns(turn, step)) {
    lookForIt(turn, step);
    return;
  }
  const takesAway = step.operation === 'shutdown' || step.operation === 'power_off' || step.operation === 'shed';
  if (takesAway && state === 'done' && !mayBeUp.has(step.device)) return;
  if (takesAway && (state === 'running' || state === 'verifying')) return;
  reset(turn, step);
}

/** It was left to itself when mains came back, or given up for lack of time, and nothing says that it failed. */
const stillRuns = (turn: Turn, { id }: ActDefinition): boolean => {
  const { state, run } = turn.step(id);
  return (state === 'skipped' || state === 'cut') && run !== null && run.begunAt !== null && run.result !== 'failed';
};

/** It may be complete by now, or go on: ordered again only once it is known to have failed (I4). */
function lookForIt(turn: Turn, step: ActDefinition): void {
  const begunAt = turn.step(step.id).run?.begunAt ?? turn.at;
  const until = instant(Math.max(begunAt + step.giveUpMs, turn.at + LOOK_AGAIN));
  const verify = { purpose: 'after', since: turn.at, until, items: [] } as const;
  Object.assign(turn.edit(step.id), { state: 'verifying', endedAt: null, detail: null, verify });
}

function reset(turn: Turn, step: StepDefinition): void {
  const { attempts, reminders, ours } = turn.step(step.id);
  // `ours` stays: what we once stopped is ours to bring back, whatever happened in between.
  turn.replace(step.id, { ...newStep(), attempts, ours, reminders: reminders + 1 });
}
