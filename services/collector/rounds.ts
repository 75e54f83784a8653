import type { Clock } from '#core/ports.ts';
import { type Duration, milliseconds } from '#core/time.ts';
import { QUIET } from '#platform/clock/quiet.ts';

/** What falls due at the same instant is one round: one timer for all of it, in the order in which it was asked for. */
export interface Rounds {
  /** Calls at this monotonic time; what it returns is a timer's word (`QUIET`). */
  at(due: Duration, run: () => unknown): Seat;
  /** Does nothing when it has run or was left before. */
  leave(seat: Seat): void;
}

/** A place in a round. */
export interface Seat {
  readonly due: Duration;
  /** Null: it was left, or it has run. */
  run: (() => unknown) | null;
}

interface Round {
  readonly seats: Seat[];
  live: number;
  cancel: () => void;
}

export function createRounds(clock: Clock): Rounds {
  const rounds = new Map<number, Round>();

  const start = (due: Duration): Round => {
    const round: Round = { seats: [], live: 0, cancel: () => {} };
    rounds.set(due, round);
    round.cancel = clock.after(milliseconds(Math.max(0, due - clock.monotonic())), () => {
      rounds.delete(due);
      let quiet = true;
      for (const seat of round.seats) {
        const { run } = seat;
        seat.run = null;
        if (run !== null && run() !== QUIET) quiet = false;
      }
      return quiet ? QUIET : undefined;
    });
    return round;
  };
  return {
    at: (due, run) => {
      const round = rounds.get(due) ?? start(due);
      const seat: Seat = { due, run };
      round.seats.push(seat);
      round.live++;
      return seat;
    },
    leave: (seat) => {
      if (seat.run === null) return;
      seat.run = null;
      const round = rounds.get(seat.due);
      // The round may be the one that runs just now.
      if (round === undefined || !round.seats.includes(seat)) return;
      round.live--;
      if (round.live > 0) return;
      rounds.delete(seat.due);
      round.cancel();
    },
  };
}
