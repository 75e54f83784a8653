import type { Cancel, Clock } from '#core/ports.ts';
import { earliest, type Instant, milliseconds } from '#core/time.ts';

/** One timer, for the earliest of what is to come. */
export interface WakeUp {
  /** In place of what was asked for before; null is never. */
  at(now: Instant, moments: readonly (Instant | null)[]): void;
  cancel(): void;
}

export function createWakeUp(clock: Clock, run: () => void): WakeUp {
  let timer: { readonly at: Instant; readonly cancel: Cancel } | null = null;
  return {
    at(now, moments) {
      const known = moments.filter((at) => at !== null);
      const next = known.length === 0 ? null : earliest(...known);
      if (timer?.at === next) return;
      timer?.cancel();
      timer = null;
      if (next === null) return;
      const cancel = clock.after(milliseconds(Math.max(1, next - now)), () => {
        timer = null;
        run();
      });
      timer = { at: next, cancel };
    },
    cancel() {
      timer?.cancel();
      timer = null;
    },
  };
}
