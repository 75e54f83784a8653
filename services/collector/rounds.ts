import type { Cancel, Clock } from '#core/ports.ts';
import { type Duration, milliseconds } from '#core/time.ts';
import { QUIET } from '#platform/clock/quiet.ts';

/** What falls due at the same instant is one round: one timer for all of it, in the order in which it was asked for. */
export interface Rounds {
  /** Calls at this monotonic time; what it returns is a timer's word (`QUIET`). */
  at(due: Duration, run: () => unknown): Cancel;
}

interface Round {
  readonly runs: ((() => unknown) | null)[];
  live: number;
  cancel: Cancel;
}

export function createRounds(clock: Clock): Rounds {
  const rounds = new Map<number, Round>();

  const start = (due: Duration): Round => {
    const round: Round = { runs: [], live: 0, cancel: () => {} };
    rounds.set(due, round);
    round.cancel = clock.after(milliseconds(Math.max(0, due - clock.monotonic())), () => {
      rounds.delete(due);
      let quiet = true;
      for (const run of round.runs) if (run !== null && run() !== QUIET) quiet = false;
      return quiet ? QUIET : undefined;
    });
    return round;
  };
  return {
    at: (due, run) => {
      const round = rounds.get(due) ?? start(due);
      const place = round.runs.push(run) - 1;
      round.live++;
      return () => {
        if (round.runs[place] === null) return;
        round.runs[place] = null;
        round.live--;
        if (round.live > 0 || rounds.get(due) !== round) return;
        rounds.delete(due);
        round.cancel();
      };
    },
  };
}
