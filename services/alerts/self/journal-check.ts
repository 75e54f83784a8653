import type { JournalState } from '#core/journal-state.ts';
import type { Cancel, Clock, Journal } from '#core/ports.ts';
import { type Duration, hours, milliseconds, minutes, seconds, toIso } from '#core/time.ts';
import type { AlertsDependencies } from '../app.ts';
import type { BusEdge } from '../bus-edge.ts';

/**
 * The journal's chain of hashes, checked from the first record to the last, in slices between which everything else has its turn:
 * soon after the start, and each hour. It only reads.
 */
export interface JournalCheck {
  start(): void;
  publish(): void;
  stop(): void;
}

export interface JournalCheckDependencies {
  /** Real time; the site's own says when. */
  readonly wall: Clock;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'verifySlowly'>;
  readonly publishState: (state: JournalState) => void;
  readonly onBroken: (state: JournalState) => void;
  readonly onError: (error: unknown) => void;
}

const FIRST_AFTER: Duration = seconds(10);
const EVERY: Duration = hours(1);
const AFTER_FAILURE: Duration = minutes(10);
const PAUSE: Duration = milliseconds(5);

export function createJournalCheck(deps: JournalCheckDependencies): JournalCheck {
  const { wall, journal } = deps;
  let cancel: Cancel | null = null;
  let state: JournalState | null = null;
  const later = (delay: Duration, work: () => void): void => {
    cancel = wall.after(delay, work);
  };

  function begin(): void {
    const slices = journal.verifySlowly?.();
    if (slices !== undefined) goOn(slices);
  }
  function goOn(slices: ReturnType<NonNullable<Journal['verifySlowly']>>): void {
    try {
      const { done, value } = slices.next();
      if (done !== true) {
        later(PAUSE, () => goOn(slices));
        return;
      }
      state = { at: toIso(deps.clock.now()), records: value.records, broken: value.broken };
      deps.publishState(state);
      if (value.broken !== null) deps.onBroken(state);
      later(EVERY, begin);
    } catch (error) {
      deps.onError(error);
      later(AFTER_FAILURE, begin);
    }
  }

  return {
    start: () => later(FIRST_AFTER, begin),
    publish: () => {
      if (state !== null) deps.publishState(state);
    },
    stop: () => cancel?.(),
  };
}

/** Null in a simulated run: nobody looks. */
export function openJournalCheck(
  base: Pick<AlertsDependencies, 'outward' | 'clock' | 'journal' | 'log' | 'metrics'> & { readonly edge: BusEdge },
): JournalCheck | null {
  const { outward, clock, journal, log, metrics, edge } = base;
  if (outward === undefined) return null;
  return createJournalCheck({
    wall: outward.wall,
    clock,
    journal,
    publishState: (state) => edge.publish('journal', '', state),
    onBroken: ({ broken }) => log.error({ broken }, 'the journal is not whole'),
    onError: (error) => {
      metrics.count('zhishou_journal_check_failures_total');
      log.error({ err: error }, 'the journal could not be checked');
    },
  });
}
