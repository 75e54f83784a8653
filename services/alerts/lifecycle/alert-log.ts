import type { AlertEvent } from '#core/alert-event.ts';
import type { StateStore } from '#core/ports.ts';
import { type Duration, fromIso, hours, type Instant } from '#core/time.ts';

/**
 * The alert log: append-only, one line for each change of an alert, in the order in which they happened (keys `alert-log/<number>`).
 * Bounded: what is older than 400 days, or more than 200,000 lines ago, goes in small slices, so that no change waits for it.
 */
export interface AlertLog {
  /** Joins the open unit of work. */
  append(event: AlertEvent): void;
}

export const MOST_EVENTS = 200_000;
export const EVENTS_KEPT: Duration = hours(400 * 24);
/** Taken away with each line that is added, at most. */
const SLICE = 20;

const RANGE = 'alert-log';
const keyOf = (number: number): string => `${RANGE}/${String(number).padStart(12, '0')}`;

/** The log holds the numbers from `first` up to but not with `next`. */
interface Range {
  readonly first: number;
  readonly next: number;
}
const rangeOf = (state: Pick<StateStore, 'get'>): Range =>
  (state.get(RANGE) as Range | undefined) ?? { first: 0, next: 0 };

export function createAlertLog(
  state: Pick<StateStore, 'get' | 'set' | 'delete'>,
  now: () => Instant,
  most: number = MOST_EVENTS,
): AlertLog {
  function isOver(number: number, next: number): boolean {
    if (next - number > most) return true;
    const event = state.get(keyOf(number)) as AlertEvent | undefined;
    return event === undefined || (fromIso(event.at) ?? 0) + EVENTS_KEPT < now();
  }
  return {
    append(event) {
      const range = rangeOf(state);
      const next = range.next + 1;
      state.set(keyOf(range.next), event);
      let { first } = range;
      for (let i = 0; i < SLICE && first < range.next && isOver(first, next); i++) state.delete(keyOf(first++));
      state.set(RANGE, { first, next });
    },
  };
}

/** The events from `from` (ISO 8601 in UTC) on, the earliest first; each is read when its turn comes. */
export function* readAlertLog(state: Pick<StateStore, 'get'>, from = ''): Generator<AlertEvent> {
  const { next } = rangeOf(state);
  for (let number = alertLogNumberAt(state, from); number < next; number++) {
    const event = alertLogEvent(state, number);
    if (event !== undefined) yield event;
  }
}

/** The number that the next event will have: it grows with each. */
export const alertLogEnd = (state: Pick<StateStore, 'get'>): number => rangeOf(state).next;

export const alertLogEvent = (state: Pick<StateStore, 'get'>, number: number): AlertEvent | undefined =>
  state.get(keyOf(number)) as AlertEvent | undefined;

/** The number of the first event from `from` (ISO 8601 in UTC) on. */
export function alertLogNumberAt(state: Pick<StateStore, 'get'>, from: string): number {
  let { first: low, next: high } = rangeOf(state);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((alertLogEvent(state, middle)?.at ?? '') < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
