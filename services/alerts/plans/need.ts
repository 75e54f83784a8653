import type { DriverName } from '#core/config/device.ts';
import { type Duration, milliseconds } from '#core/time.ts';

/**
 * How long the remaining steps take: the longest path by their dependencies, with the drivers' limits.
 *
 * The steps are laid out on a time line: each begins when all it waits for have ended and its driver has a free place;
 * where places are short, the more urgent goes first (what already runs, then rank, then the longest way behind it).
 * Example: two backups of 6 min with one place, each followed by a shutdown of 2 min → 14 min, not 8.
 */
export interface NeedTask {
  readonly id: string;
  readonly durationMs: number;
  readonly driver: DriverName | null;
  readonly after: readonly string[];
  /** Smaller goes first where places are short; what already runs has -1. */
  readonly rank: number;
}

/** The same with what it waits for by numbers. */
export type NumberedTask = Omit<NeedTask, 'after'>;

export interface Need {
  readonly ms: Duration;
  /** The chain behind `ms`, in order. */
  readonly path: readonly string[];
}

type Limits = Readonly<Record<DriverName, number>>;

export function needOf(tasks: readonly NeedTask[], atOnce: Limits): Need {
  const places = new Map(tasks.map((task, i) => [task.id, i]));
  const before = tasks.map((task) => task.after.flatMap((id) => places.get(id) ?? []));
  return needOfNumbered(tasks, before, atOnce);
}

/** The numbers of what waits for each task. */
export function followersOf(before: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const followers: number[][] = before.map(() => []);
  for (let i = 0; i < before.length; i++) for (const j of before[i] ?? []) followers[j]?.push(i);
  return followers;
}

/** `before`: the numbers of what each task waits for; `followers`: what comes of it, where it is known already. */
export function needOfNumbered(
  tasks: readonly NumberedTask[],
  before: readonly (readonly number[])[],
  atOnce: Limits,
  followers = followersOf(before),
): Need {
  const line: Line = {
    tasks,
    atOnce,
    before,
    followers,
    unmet: before.map((earlier) => earlier.length),
    ends: tasks.map(() => Number.POSITIVE_INFINITY),
    cause: tasks.map(() => -1),
    used: {},
    now: 0,
  };
  layOut(line, inOrder(tasks, followers));
  return pathTo(line);
}

/** The time line while it is laid out; tasks by their numbers, none is -1. */
interface Line {
  readonly tasks: readonly NumberedTask[];
  readonly atOnce: Limits;
  readonly before: readonly (readonly number[])[];
  readonly followers: readonly (readonly number[])[];
  readonly unmet: number[];
  readonly ends: number[];
  readonly cause: number[];
  readonly used: Partial<Record<DriverName, number>>;
  now: number;
}

function layOut(line: Line, waiting: number[]): void {
  const running: number[] = [];
  let freed = -1;
  let left = waiting.length;
  while (left > 0) {
    left = beginReady(line, waiting, left, running, freed);
    // A cycle in `after` would wait for ever; `check` refuses it, here the rest simply counts nothing.
    if (running.length === 0) return;
    let next = Number.POSITIVE_INFINITY;
    for (const i of running) next = Math.min(next, line.ends[i] ?? next);
    line.now = next;
    freed = -1;
    let kept = 0;
    for (const i of running) {
      if ((line.ends[i] ?? 0) > next) {
        running[kept++] = i;
        continue;
      }
      if (freed < 0) freed = i;
      finish(line, i);
    }
    running.length = kept;
  }
}

/** Begins all that may begin now, in their order; those that still wait stay in front, and how many they are is returned. */
function beginReady(line: Line, waiting: number[], left: number, running: number[], freed: number): number {
  const { tasks, unmet, used, atOnce } = line;
  let kept = 0;
  for (let place = 0; place < left; place++) {
    const i = waiting[place] ?? 0;
    const driver = tasks[i]?.driver ?? null;
    const busy = driver === null ? 0 : (used[driver] ?? 0);
    if (unmet[i] !== 0 || (driver !== null && busy >= atOnce[driver])) {
      waiting[kept++] = i;
      continue;
    }
    if (driver !== null) used[driver] = busy + 1;
    line.ends[i] = line.now + (tasks[i]?.durationMs ?? 0);
    if (line.now > 0) line.cause[i] = lastBefore(line, i) ?? freed;
    running.push(i);
  }
  return kept;
}

/** What it waited for and what ends at this moment. */
const lastBefore = (line: Line, i: number): number | undefined =>
  line.before[i]?.find((earlier) => line.ends[earlier] === line.now);

function finish(line: Line, i: number): void {
  const driver = line.tasks[i]?.driver ?? null;
  if (driver !== null) line.used[driver] = (line.used[driver] ?? 1) - 1;
  for (const j of line.followers[i] ?? []) line.unmet[j] = (line.unmet[j] ?? 1) - 1;
}

function pathTo({ tasks, ends, cause }: Line): Need {
  let last = -1;
  let longest = 0;
  for (const [i, end] of ends.entries()) {
    if (Number.isFinite(end) && (last < 0 || end > longest)) [last, longest] = [i, end];
  }
  const path: number[] = [];
  for (let i = last; i >= 0 && !path.includes(i); i = cause[i] ?? -1) path.unshift(i);
  return { ms: milliseconds(longest), path: path.map((i) => tasks[i]?.id ?? '') };
}

/** What already runs, then by rank, then by the longest chain that begins with it. */
function inOrder(tasks: readonly NumberedTask[], followers: readonly (readonly number[])[]): number[] {
  const tail = tasks.map(() => -1);
  const visit = (i: number, depth: number): number => {
    const known = tail[i] ?? -1;
    if (known >= 0) return known;
    if (depth > tasks.length) return 0;
    let below = 0;
    for (const next of followers[i] ?? []) below = Math.max(below, visit(next, depth + 1));
    tail[i] = (tasks[i]?.durationMs ?? 0) + below;
    return tail[i] ?? 0;
  };
  for (let i = 0; i < tasks.length; i++) visit(i, 0);
  // By insertion: a few dozen at most, and nearly in order.
  const order: number[] = [];
  for (let i = 0; i < tasks.length; i++) {
    let place = i;
    for (; place > 0 && goesFirst(tasks, tail, i, order[place - 1] ?? -1); place--)
      order[place] = order[place - 1] ?? -1;
    order[place] = i;
  }
  return order;
}

function goesFirst(tasks: readonly NumberedTask[], tail: readonly number[], i: number, j: number): boolean {
  const [one, other] = [tasks[i], tasks[j]];
  if (one === undefined || other === undefined) return false;
  if (one.rank !== other.rank) return one.rank < other.rank;
  const longer = (tail[i] ?? 0) - (tail[j] ?? 0);
  return longer !== 0 ? longer > 0 : one.id < other.id;
}
