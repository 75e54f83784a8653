import { type Instant, seconds } from '#core/time.ts';
import type { ActDefinition, IncidentDefinition } from './definition.ts';
import { followersOf, type Need, type NumberedTask, needOfNumbered } from './need.ts';
import { ENDED, type IncidentState, type StepProgress } from './state.ts';
import { indexOf, type StepIndex } from './step-index.ts';
import { isSettled, stepList } from './step-list.ts';

/** How long the rest of the sequence takes, from what has been done of it. */

/** A step that outlasts its expected time is expected to end soon, but not at once. */
const OVERDUE_STEP = seconds(10);

/** all: everything · bare: without backups · close: shutdowns alone, no outlets. */
export type Kind = 'all' | 'bare' | 'close';

/** From one step on with `from`: it and what waits for it. */
export function remainingNeed(state: IncidentState, kind: Kind, from = WHOLE): Need {
  const memo = memoOf(state);
  const found = memo.needs[kind].get(from);
  if (found !== undefined && (found.at === null || found.at === state.now)) return found.need;
  const index = indexOf(state.definition);
  if (found !== undefined) {
    const need = needLater(state, index, found.tasks);
    memo.needs[kind].set(from, { ...found, need, at: state.now });
    return need;
  }
  const open = openNumbers(state, index);
  if (kind === 'bare' && from === WHOLE && !open.some((number) => !COUNTS.bare(index.sequence[number])))
    return remainingNeed(state, 'all');
  const counted = (from === WHOLE ? open : behind(from, open, index)).filter((number) =>
    COUNTS[kind](index.sequence[number]),
  );
  const list = stepList(state);
  const progressOf = (number: number): StepProgress | undefined => list[index.sequencePlaces[number] ?? -1];
  // What is under way takes less time each second; what has not begun does not.
  const moves = counted.some((number) => (progressOf(number)?.run?.begunAt ?? null) !== null);
  const tasks = tasksOf(state, index, counted);
  const need = needOfNumbered(tasks.tasks, tasks.before, state.definition.atOnce, tasks.followers);
  memo.needs[kind].set(from, { need, at: moves ? state.now : null, tasks });
  return need;
}

/** No step has this id. */
const WHOLE = '';

const COUNTS: Readonly<Record<Kind, (step: ActDefinition | undefined) => boolean>> = {
  all: () => true,
  bare: (step) => step?.operation !== 'backup',
  close: (step) => step?.operation === 'shutdown',
};

/** Is everything of the sequence that costs time done? */
export function allIsDown(state: IncidentState): boolean {
  const list = stepList(state);
  return indexOf(state.definition).sequencePlaces.every((place) => isEnded(list[place]));
}

const isEnded = (progress: StepProgress | undefined): boolean => progress !== undefined && ENDED.has(progress.state);

/** Steps of the sequence that are still to do, by number. */
function openNumbers(state: IncidentState, { sequencePlaces }: StepIndex): number[] {
  const list = stepList(state);
  const open: number[] = [];
  for (let number = 0; number < sequencePlaces.length; number++)
    if (!isEnded(list[sequencePlaces[number] ?? -1])) open.push(number);
  return open;
}

/** Of these the step itself and what waits for it, directly or through others of them. */
function behind(from: string, open: readonly number[], { sequence, numbers, sequenceAfter }: StepIndex): number[] {
  const may = new Set(open);
  const own = numbers.get(from);
  const found = new Set<number>(own === undefined ? [] : [own]);
  const queue = [...(sequenceAfter.get(from) ?? [])];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (found.has(next) || !may.has(next)) continue;
    found.add(next);
    queue.push(...(sequenceAfter.get(sequence[next]?.id ?? '') ?? []));
  }
  return open.filter((number) => found.has(number));
}

/** What a need was worked out of; the same as long as no step moves, but for how long what is under way still takes. */
interface Tasks {
  readonly counted: readonly number[];
  readonly tasks: readonly NumberedTask[];
  readonly before: readonly (readonly number[])[];
  readonly followers: readonly (readonly number[])[];
}

function needLater(state: IncidentState, index: StepIndex, { counted, tasks, before, followers }: Tasks): Need {
  const list = stepList(state);
  const now = tasks.map((task, i): NumberedTask => {
    const number = counted[i] ?? -1;
    const step = index.sequence[number];
    const progress = list[index.sequencePlaces[number] ?? -1];
    if (step === undefined || progress === undefined || progress.run === null) return task;
    return { ...task, durationMs: remainingOf(state.now, step, progress) };
  });
  return needOfNumbered(now, before, state.definition.atOnce, followers);
}

function tasksOf(state: IncidentState, index: StepIndex, counted: readonly number[]): Tasks {
  const list = stepList(state);
  const { sequence, sequencePlaces, sequenceBefore } = index;
  const places: number[] = new Array<number>(sequence.length).fill(-1);
  for (let i = 0; i < counted.length; i++) places[counted[i] ?? 0] = i;
  const tasks: NumberedTask[] = [];
  const before: number[][] = [];
  for (const number of counted) {
    const step = sequence[number];
    const progress = list[sequencePlaces[number] ?? -1];
    if (step === undefined || progress === undefined) continue;
    const active = progress.state === 'running' || progress.state === 'verifying';
    const waits: number[] = [];
    if (!active) {
      for (const other of sequenceBefore[number] ?? []) {
        const place = places[other] ?? -1;
        if (place >= 0) waits.push(place);
      }
    }
    before.push(waits);
    tasks.push({
      id: step.id,
      durationMs: remainingOf(state.now, step, progress),
      driver: step.ways[progress.way]?.driver ?? null,
      rank: active ? -1 : step.priority,
    });
  }
  return { counted, tasks, before, followers: followersOf(before) };
}

function remainingOf(now: Instant, step: ActDefinition, progress: StepProgress): number {
  const begun = progress.run?.begunAt ?? null;
  if (begun === null || progress.state === 'pending') return step.expectedMs;
  return Math.max(OVERDUE_STEP, step.expectedMs - (now - begun));
}

/**
 * The needs of one incident as they were last worked out. They depend on the steps' states alone, and on the time only while
 * something runs; so they are kept until a step moves. Exact: what decides a need is compared, nothing is assumed.
 */
interface Memo {
  readonly marks: Mark[];
  /** These are known to be the marks' own, and change no more. */
  checked: IncidentState['steps'] | null;
  readonly needs: Readonly<Record<Kind, Map<string, KnownNeed>>>;
}
interface KnownNeed {
  readonly need: Need;
  /** Null: it is the same at any time. */
  readonly at: Instant | null;
  readonly tasks: Tasks;
}
interface Mark {
  state: StepProgress['state'] | undefined;
  way: number;
  begunAt: Instant | null;
}
const memos = new WeakMap<IncidentDefinition, Memo>();

function memoOf(state: IncidentState): Memo {
  const { sequencePlaces } = indexOf(state.definition);
  let memo = memos.get(state.definition);
  if (memo === undefined) {
    memo = {
      marks: sequencePlaces.map(() => ({ state: undefined, way: 0, begunAt: null })),
      checked: null,
      needs: { all: new Map(), bare: new Map(), close: new Map() },
    };
    memos.set(state.definition, memo);
  }
  if (memo.checked === state.steps) return memo;
  memo.checked = isSettled(state.steps) ? state.steps : null;
  const moved = takeMarks(memo.marks, sequencePlaces, stepList(state));
  if (moved.length > 0) forget(memo, indexOf(state.definition), moved);
  return memo;
}

const KINDS = ['all', 'bare', 'close'] as const;

/** A need stands until a step moves that is behind its own. */
function forget({ needs }: Memo, index: StepIndex, moved: readonly Moved[]): void {
  for (const kind of KINDS) {
    for (const from of needs[kind].keys()) {
      const reach = from === WHOLE ? null : reachOf(index, from);
      const touched = moved.some(
        ({ number, opened }) =>
          (reach === null || reach.has(number)) && (opened || COUNTS[kind](index.sequence[number])),
      );
      if (touched) needs[kind].delete(from);
    }
  }
}

const reaches = new WeakMap<StepIndex, Map<string, ReadonlySet<number>>>();

/** Everything that may ever be behind this step. */
function reachOf(index: StepIndex, from: string): ReadonlySet<number> {
  const known = reaches.get(index) ?? new Map<string, ReadonlySet<number>>();
  reaches.set(index, known);
  const found = known.get(from);
  if (found !== undefined) return found;
  const reach = new Set(behind(from, [...index.sequence.keys()], index));
  known.set(from, reach);
  return reach;
}

/** What moved that decides a need; `opened`: it has ended, or is to be done again. */
interface Moved {
  readonly number: number;
  readonly opened: boolean;
}

function takeMarks(marks: readonly Mark[], places: readonly number[], list: readonly StepProgress[]): Moved[] {
  const moved: Moved[] = [];
  for (let i = 0; i < places.length; i++) {
    const progress = list[places[i] ?? -1];
    const mark = marks[i];
    if (mark === undefined || progress === undefined) continue;
    const begunAt = progress.run === null ? null : progress.run.begunAt;
    if (mark.state === progress.state && mark.way === progress.way && mark.begunAt === begunAt) continue;
    const opened = mark.state === undefined || ENDED.has(mark.state) !== ENDED.has(progress.state);
    moved.push({ number: i, opened });
    mark.state = progress.state;
    mark.way = progress.way;
    mark.begunAt = begunAt;
  }
  return moved;
}
