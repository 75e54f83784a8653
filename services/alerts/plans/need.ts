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

export interface Need {
  readonly ms: Duration;
  /** The chain behind `ms`, in order. */
  readonly path: readonly string[];
}

export function needOf(tasks: readonly NeedTask[], atOnce: Readonly<Record<DriverName, number>>): Need {
  const places = new Map(tasks.map((task, i) => [task.id, i]));
  const followers: number[][] = tasks.map(() => []);
  const before = tasks.map((task) => task.after.flatMap((id) => places.get(id) ?? []));
  for (const [i, earlier] of before.entries()) for (const j of earlier) followers[j]?.push(i);
  const line: Line = {
    tasks,
    atOnce,
    before,
    followers,
    unmet: before.map((earlier) => earlier.length),
    ends: tasks.map(() => Number.POSITIVE_INFINITY),
    cause: tasks.map(() => null),
    used: new Map(),
    now: 0,
  };
  layOut(line, inOrder(tasks, followers));
  return pathTo(line);
}

/** The time line while it is laid out; tasks by their index. */
interface Line {
  readonly tasks: readonly NeedTask[];
  readonly atOnce: Readonly<Record<DriverName, number>>;
  readonly before: readonly (readonly number[])[];
  readonly followers: readonly (readonly number[])[];
  readonly unmet: number[];
  readonly ends: number[];
  readonly cause: (number | null)[];
  readonly used: Map<DriverName, number>;
  now: number;
}

function layOut(line: Line, order: readonly number[]): void {
  let waiting = order;
  let running: number[] = [];
  let freed: number | null = null;
  while (waiting.length > 0) {
    const begun = beginReady(line, waiting, freed);
    running.push(...begun);
    if (begun.length > 0) waiting = waiting.filter((i) => line.ends[i] === Number.POSITIVE_INFINITY);
    // A cycle in `after` would wait for ever; `check` refuses it, here the rest simply counts nothing.
    if (running.length === 0) return;
    let next = Number.POSITIVE_INFINITY;
    for (const i of running) next = Math.min(next, line.ends[i] ?? next);
    line.now = next;
    const ended = running.filter((i) => (line.ends[i] ?? 0) <= next);
    freed = ended[0] ?? null;
    for (const i of ended) finish(line, i);
    running = running.filter((i) => (line.ends[i] ?? 0) > next);
  }
}

/** Begins all that may begin now, in their order. */
function beginReady(line: Line, waiting: readonly number[], freed: number | null): number[] {
  const begun: number[] = [];
  for (const i of waiting) {
    const task = line.tasks[i];
    if (task === undefined || line.unmet[i] !== 0) continue;
    const used = task.driver === null ? 0 : (line.used.get(task.driver) ?? 0);
    if (task.driver !== null && used >= line.atOnce[task.driver]) continue;
    if (task.driver !== null) line.used.set(task.driver, used + 1);
    line.ends[i] = line.now + task.durationMs;
    line.cause[i] = line.now === 0 ? null : (lastBefore(line, i) ?? freed);
    begun.push(i);
  }
  return begun;
}

/** What it waited for and what ends at this moment. */
const lastBefore = (line: Line, i: number): number | null =>
  line.before[i]?.find((earlier) => line.ends[earlier] === line.now) ?? null;

function finish(line: Line, i: number): void {
  const driver = line.tasks[i]?.driver ?? null;
  if (driver !== null) line.used.set(driver, (line.used.get(driver) ?? 1) - 1);
  for (const j of line.followers[i] ?? []) line.unmet[j] = (line.unmet[j] ?? 1) - 1;
}

function pathTo({ tasks, ends, cause }: Line): Need {
  let last: number | null = null;
  let longest = 0;
  for (const [i, end] of ends.entries()) {
    if (Number.isFinite(end) && (last === null || end > longest)) [last, longest] = [i, end];
  }
  const path: number[] = [];
  for (let i = last; i !== null && !path.includes(i); i = cause[i] ?? null) path.unshift(i);
  return { ms: milliseconds(longest), path: path.map((i) => tasks[i]?.id ?? '') };
}

/** What already runs, then by rank, then by the longest chain that begins with it. */
function inOrder(tasks: readonly NeedTask[], followers: readonly (readonly number[])[]): number[] {
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
  const rank = (i: number): number => tasks[i]?.rank ?? 0;
  const id = (i: number): string => tasks[i]?.id ?? '';
  return tasks
    .map((_, i) => i)
    .sort((a, b) => rank(a) - rank(b) || (tail[b] ?? 0) - (tail[a] ?? 0) || (id(a) < id(b) ? -1 : 1));
}
