import type { Cancel } from '#core/ports.ts';

/** Timers by deadline, equal deadlines in the order they were made: a binary heap with lazy removal of cancelled ones. */

export interface Timer {
  readonly deadlineMs: number;
  readonly order: number;
  /** What the clock showed when it was made; a timer that fires at that very time made no progress. */
  readonly madeAtMs: number;
  /** Null once cancelled or fired, so that what it held can be freed. */
  run: (() => unknown) | null;
}

export interface TimerQueue {
  add(deadlineMs: number, madeAtMs: number, run: () => void): Cancel;
  /** The earliest live deadline, null when there is none. */
  nextDeadlineMs(): number | null;
  /** Takes the earliest timer out if its deadline is not after `untilMs`. */
  take(untilMs: number): Timer | null;
  /** Live timers. */
  readonly size: number;
}

/** Makes an empty queue; `onChange` is told after each cancel, so that an idle clock can stop waiting. */
export function createTimerQueue(onChange: () => void = () => {}): TimerQueue {
  let heap: Timer[] = [];
  let order = 0;
  let live = 0;

  const dropCancelledHead = (): Timer | null => {
    for (let head = heap[0]; head !== undefined; head = heap[0]) {
      if (head.run !== null) return head;
      removeHead(heap);
    }
    return null;
  };
  const cancel = (timer: Timer): void => {
    if (timer.run === null) return;
    timer.run = null;
    live--;
    // Far deadlines that are always cancelled in time (time limits) would pile up otherwise.
    if (heap.length > 1024 && live < heap.length / 2) {
      heap = heap.filter((one) => one.run !== null).sort((a, b) => (isBefore(a, b) ? -1 : 1));
    }
    onChange();
  };
  return {
    add(deadlineMs, madeAtMs, run) {
      const timer: Timer = { deadlineMs, order: order++, madeAtMs, run };
      insert(heap, timer);
      live++;
      return () => cancel(timer);
    },
    nextDeadlineMs: () => dropCancelledHead()?.deadlineMs ?? null,
    take(untilMs) {
      const head = dropCancelledHead();
      if (head === null || head.deadlineMs > untilMs) return null;
      removeHead(heap);
      live--;
      return head;
    },
    get size() {
      return live;
    },
  };
}

/** Fires a timer taken from the queue. What it throws goes to the process's handler, never to another timer. */
export function fire(timer: Timer): unknown {
  const run = timer.run;
  timer.run = null;
  try {
    return run?.();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
    return undefined;
  }
}

/**
 * Resolves when every promise turn that can run without I/O has run: inside a microtask Node empties the whole microtask
 * queue before it takes the next tick.
 */
export const settlePromises = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

const isBefore = (a: Timer, b: Timer): boolean =>
  a.deadlineMs < b.deadlineMs || (a.deadlineMs === b.deadlineMs && a.order < b.order);

function insert(heap: Timer[], timer: Timer): void {
  let place = heap.length;
  heap.push(timer);
  while (place > 0) {
    const parentPlace = (place - 1) >> 1;
    const parent = heap[parentPlace];
    if (parent === undefined || isBefore(parent, timer)) break;
    heap[place] = parent;
    place = parentPlace;
  }
  heap[place] = timer;
}

function removeHead(heap: Timer[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let place = 0;
  for (;;) {
    const left = heap[2 * place + 1];
    const right = heap[2 * place + 2];
    if (left === undefined) break;
    const goRight = right !== undefined && isBefore(right, left);
    const child = goRight ? right : left;
    if (isBefore(last, child)) break;
    heap[place] = child;
    place = 2 * place + (goRight ? 2 : 1);
  }
  heap[place] = last;
}
