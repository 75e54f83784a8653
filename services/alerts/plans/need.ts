import { type Duration, milliseconds } from '#core/time.ts';
import type { DriverName } from './definition.ts';

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
  const known = new Map(tasks.map((task) => [task.id, task]));
  const tail = tailLengths(tasks, known);
  const waiting = [...tasks].sort(
    (a, b) => a.rank - b.rank || (tail.get(b.id) ?? 0) - (tail.get(a.id) ?? 0) || (a.id < b.id ? -1 : 1),
  );
  const ends = new Map<string, number>();
  const cause = new Map<string, string | null>();
  let running: { task: NeedTask; end: number }[] = [];
  let now = 0;
  let freed: string | null = null;
  while (waiting.length > 0) {
    for (let i = 0; i < waiting.length; ) {
      const task = waiting[i];
      if (task === undefined) break;
      const before = task.after.filter((id) => known.has(id));
      const ready = before.every((id) => (ends.get(id) ?? Number.POSITIVE_INFINITY) <= now);
      const used = running.filter((other) => other.task.driver === task.driver).length;
      if (!ready || (task.driver !== null && used >= atOnce[task.driver])) {
        i += 1;
        continue;
      }
      const lastBefore = before.find((id) => ends.get(id) === now) ?? null;
      cause.set(task.id, now === 0 ? null : (lastBefore ?? freed));
      ends.set(task.id, now + task.durationMs);
      running.push({ task, end: now + task.durationMs });
      waiting.splice(i, 1);
      if (task.durationMs === 0) i = 0;
    }
    const next = Math.min(...running.map((other) => other.end).filter((end) => end > now || waiting.length > 0));
    // A cycle in `after` would wait for ever; `check` refuses it, here the rest simply counts nothing.
    if (running.length === 0 || !Number.isFinite(next)) break;
    now = next;
    freed = running.find((other) => other.end <= now)?.task.id ?? null;
    running = running.filter((other) => other.end > now);
  }
  return pathTo(ends, cause);
}

function pathTo(ends: ReadonlyMap<string, number>, cause: ReadonlyMap<string, string | null>): Need {
  let last: string | null = null;
  let longest = 0;
  for (const [id, end] of ends) {
    if (last === null || end > longest) [last, longest] = [id, end];
  }
  const path: string[] = [];
  for (let id = last; id !== null && !path.includes(id); id = cause.get(id) ?? null) path.unshift(id);
  return { ms: milliseconds(longest), path };
}

/** For each task the length of the longest chain that begins with it. */
function tailLengths(tasks: readonly NeedTask[], known: ReadonlyMap<string, NeedTask>): Map<string, number> {
  const followers = new Map<string, string[]>();
  for (const task of tasks) {
    for (const id of task.after) followers.set(id, [...(followers.get(id) ?? []), task.id]);
  }
  const tail = new Map<string, number>();
  const visit = (id: string, seen: readonly string[]): number => {
    const done = tail.get(id);
    if (done !== undefined) return done;
    if (seen.includes(id)) return 0;
    const below = Math.max(0, ...(followers.get(id) ?? []).map((next) => visit(next, [...seen, id])));
    const length = (known.get(id)?.durationMs ?? 0) + below;
    tail.set(id, length);
    return length;
  };
  for (const task of tasks) visit(task.id, []);
  return tail;
}
