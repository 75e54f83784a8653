import type { Cancel, Clock } from '#core/ports.ts';
import { QUIET } from '#core/quiet.ts';
import { type Duration, formatDuration, milliseconds, plus } from '#core/time.ts';
import type { DeviceBook } from '../device-book.ts';

export interface SilenceWatch {
  heard(): void;
  stop(): void;
}

export interface SilenceWatchOptions {
  readonly clock: Clock;
  readonly book: DeviceBook;
  /** Asked anew each time: a device may say how long it sleeps. */
  readonly staleAfter: () => Duration;
}

/** Calls the device silent when nothing came for `staleAfter`, and says so again with each further such time. */
export function createSilenceWatch({ clock, book, staleAfter }: SilenceWatchOptions): SilenceWatch {
  let cancel: Cancel | null = null;
  let since = clock.now();
  let sinceMs = clock.monotonic();
  const tell = (): void => {
    const seen = book.lastSeenAt();
    const silence = seen === null ? staleAfter() : ((plus(since, staleAfter()) - seen) as Duration);
    const reason = seen === null ? 'no message since the start' : `no message for ${formatDuration(silence)}`;
    book.silenced(reason, clock.now());
  };
  /** The timer is left where it is by a message; when it rings it waits for the rest. */
  const arm = (): void => {
    const left = milliseconds(sinceMs + staleAfter() - clock.monotonic());
    cancel = clock.after(left, () => {
      if (clock.monotonic() < sinceMs + staleAfter()) {
        arm();
        return QUIET;
      }
      tell();
      heard();
      arm();
      return undefined;
    });
  };
  const heard = (): void => {
    since = clock.now();
    sinceMs = clock.monotonic();
  };
  return {
    heard: () => {
      heard();
      if (cancel === null) arm();
    },
    stop: () => cancel?.(),
  };
}
