import type { Clock } from '#core/ports.ts';
import { QUIET } from '#core/quiet.ts';
import { type Duration, milliseconds } from '#core/time.ts';

/** What falls due at the same instant is one round: one timer for all of it, in the order in which it was asked for. */
export interface Rounds {
  /** Calls at this monotonic time; what it returns is a timer's word (`QUIET`). `used`: a seat that has run, to be taken again. */
  at(due: Duration, run: () => unknown, used?: Seat | null): Seat;
  /** Does nothing when it has run or was left before. */
  leave(seat: Seat): void;
}

/** A place in a round. */
export interface Seat {
  due: Duration;
  /** Null: it was left, or it has run. */
  run: (() => unknown) | null;
}

interface Round {
  readonly due: Duration;
  readonly seats: Seat[];
  live: number;
  cancel: () => void;
}

/** `together`: around each round. */
export function createRounds(clock: Clock, together: (round: () => boolean) => boolean = (round) => round()): Rounds {
  const rounds = new Map<number, Round>();
  /** Nearly all of a round are to follow each other in the next one. */
  let latest: Round | null = null;

  const start = (due: Duration): Round => {
    const round: Round = { due, seats: [], live: 0, cancel: () => {} };
    rounds.set(due, round);
    const runAll = (): boolean => {
      let quiet = true;
      for (const seat of round.seats) {
        const { run } = seat;
        seat.run = null;
        if (run !== null && run() !== QUIET) quiet = false;
      }
      return quiet;
    };
    round.cancel = clock.after(milliseconds(Math.max(0, due - clock.monotonic())), () => {
      forget(round);
      return together(runAll) ? QUIET : undefined;
    });
    return round;
  };
  const forget = (round: Round): void => {
    rounds.delete(round.due);
    if (latest === round) latest = null;
  };
  return {
    at: (due, run, used = null) => {
      if (latest?.due !== due) latest = rounds.get(due) ?? start(due);
      const seat = used ?? { due, run };
      seat.due = due;
      seat.run = run;
      latest.seats.push(seat);
      latest.live++;
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
      forget(round);
      round.cancel();
    },
  };
}
