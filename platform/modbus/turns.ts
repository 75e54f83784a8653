import { type Duration, seconds } from '#core/time.ts';

/**
 * Whose turn it is on a line that carries one question at a time. Pure.
 *
 * A unit that let its last question run into its time-out is doubtful. It is asked when nobody else waits, the one first whose
 * turn is longest ago; so a live unit waits for one time-out at most, however many dead ones hang on the line. Now and then a
 * doubtful one comes first all the same, or on a full line nobody would learn that it is back.
 */
export interface Waiting {
  readonly unit: number;
  readonly since: Duration;
}

export interface UnitState {
  /** Its last question ran into its time-out. */
  readonly doubtful: boolean;
  readonly askedAt: Duration;
  /** RTU has no transaction numbers: a late answer must not be taken for that of the next question to the same unit. */
  readonly notBefore: Duration;
}

export type Units = ReadonlyMap<number, UnitState>;

/** So many live questions, then a doubtful one has its turn. */
const LIVE_IN_A_ROW = 8;
/** A doubtful unit's question waits no longer than that; whoever asked tries again by its own schedule. */
export const LONGEST_WAIT: Duration = seconds(30);

export type Turn =
  | { readonly place: number; readonly doubtful: boolean }
  /** Nobody may be asked before. */
  | { readonly notBefore: Duration };

/** Null: nobody waits. `liveInARow`: how many live ones have had their turn since a doubtful one had it. */
export function nextTurn(waiting: readonly Waiting[], units: Units, liveInARow: number, now: Duration): Turn | null {
  let live: number | null = null;
  let doubtful: { place: number; askedAt: Duration } | null = null;
  let notBefore: Duration | null = null;
  for (const [place, { unit }] of waiting.entries()) {
    const state = units.get(unit);
    if (state !== undefined && state.notBefore > now) {
      if (notBefore === null || state.notBefore < notBefore) notBefore = state.notBefore;
    } else if (state?.doubtful !== true) live ??= place;
    else if (doubtful === null || state.askedAt < doubtful.askedAt) doubtful = { place, askedAt: state.askedAt };
  }
  if (doubtful !== null && (live === null || liveInARow >= LIVE_IN_A_ROW))
    return { place: doubtful.place, doubtful: true };
  if (live !== null) return { place: live, doubtful: false };
  return notBefore === null ? null : { notBefore };
}

/** Those who have waited for too long, by their place. */
export function overdue(waiting: readonly Waiting[], units: Units, now: Duration): number[] {
  return [...waiting.entries()].flatMap(([place, { unit, since }]) =>
    units.get(unit)?.doubtful === true && now - since > LONGEST_WAIT ? [place] : [],
  );
}
