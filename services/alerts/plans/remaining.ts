import { type Instant, seconds } from '#core/time.ts';
import type { ActDefinition, IncidentDefinition } from './definition.ts';
import { type Need, type NeedTask, needOf } from './need.ts';
import { ENDED, type IncidentState, type StepProgress } from './state.ts';
import { indexOf, type StepIndex } from './step-index.ts';

/** How long the rest of the sequence takes, from what has been done of it. */

/** A step that outlasts its expected time is expected to end soon, but not at once. */
const OVERDUE_STEP = seconds(10);

/** all: everything · bare: without backups · close: shutdowns alone, no outlets. */
export type Kind = 'all' | 'bare' | 'close';

/** From one step on with `from`: it and what waits for it. */
export function remainingNeed(state: IncidentState, kind: Kind, from?: string): Need {
  const memo = memoOf(state);
  const key = from === undefined ? kind : `${kind} ${from}`;
  const found = memo.needs.get(key);
  if (found !== undefined && (found.at === null || found.at === state.now)) return found.need;
  const index = indexOf(state.definition);
  const open = openSteps(state, index);
  const counted = from === undefined ? open : behind(from, open, index);
  const wanted = counted.filter((step) => COUNTS[kind](step));
  const need = needOf(
    wanted.map((step) => taskOf(state, step, index)),
    state.definition.atOnce,
  );
  // What is under way takes less time each second; what has not begun does not.
  const moves = wanted.some((step) => (state.steps[step.id]?.run?.begunAt ?? null) !== null);
  memo.needs.set(key, { need, at: moves ? state.now : null });
  return need;
}

const COUNTS: Readonly<Record<Kind, (step: ActDefinition) => boolean>> = {
  all: () => true,
  bare: (step) => step.operation !== 'backup',
  close: (step) => step.operation === 'shutdown',
};

/** Acts of the sequence that are still to do. */
export const openProtectActs = (state: IncidentState): ActDefinition[] => openSteps(state, indexOf(state.definition));

const openSteps = (state: IncidentState, { sequence }: StepIndex): ActDefinition[] =>
  sequence.filter((step) => {
    const progress = state.steps[step.id];
    return progress === undefined || !ENDED.has(progress.state);
  });

function behind(from: string, steps: readonly ActDefinition[], { before }: StepIndex): ActDefinition[] {
  const found = new Set([from]);
  for (let grew = true; grew; ) {
    grew = false;
    for (const step of steps) {
      if (found.has(step.id) || !(before.get(step.id) ?? []).some((id) => found.has(id))) continue;
      found.add(step.id);
      grew = true;
    }
  }
  return steps.filter((step) => found.has(step.id));
}

function taskOf(state: IncidentState, step: ActDefinition, { before }: StepIndex): NeedTask {
  const progress = state.steps[step.id];
  const active = progress !== undefined && (progress.state === 'running' || progress.state === 'verifying');
  return {
    id: step.id,
    durationMs: remainingOf(state.now, step, progress),
    driver: step.ways[progress?.way ?? 0]?.driver ?? null,
    after: active ? [] : (before.get(step.id) ?? []),
    rank: active ? -1 : step.priority,
  };
}

function remainingOf(now: Instant, step: ActDefinition, progress: StepProgress | undefined): number {
  const begun = progress?.run?.begunAt ?? null;
  if (progress === undefined || begun === null || progress.state === 'pending') return step.expectedMs;
  return Math.max(OVERDUE_STEP, step.expectedMs - (now - begun));
}

/**
 * The needs of one incident as they were last worked out. They depend on the steps' states alone, and on the time only while
 * something runs; so they are kept until a step moves. Exact: what decides a need is compared, nothing is assumed.
 */
interface Memo {
  readonly marks: Mark[];
  readonly needs: Map<string, { readonly need: Need; readonly at: Instant | null }>;
}
interface Mark {
  state: StepProgress['state'] | undefined;
  way: number;
  begunAt: Instant | null;
}
const memos = new WeakMap<IncidentDefinition, Memo>();

function memoOf(state: IncidentState): Memo {
  const { sequence } = indexOf(state.definition);
  let memo = memos.get(state.definition);
  if (memo === undefined) {
    memo = { marks: sequence.map(() => ({ state: undefined, way: 0, begunAt: null })), needs: new Map() };
    memos.set(state.definition, memo);
  }
  let moved = false;
  for (let i = 0; i < sequence.length; i++) {
    const progress = state.steps[sequence[i]?.id ?? ''];
    const mark = memo.marks[i];
    const begunAt = progress?.run?.begunAt ?? null;
    const way = progress?.way ?? 0;
    if (mark === undefined || (mark.state === progress?.state && mark.way === way && mark.begunAt === begunAt))
      continue;
    memo.marks[i] = { state: progress?.state, way, begunAt };
    moved = true;
  }
  if (moved) memo.needs.clear();
  return memo;
}
