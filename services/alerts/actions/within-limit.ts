import { messageOf } from '#core/errors.ts';
import type { ActionOutcome, Clock } from '#core/ports.ts';
import type { Duration } from '#core/time.ts';

/** Settles with what `work` came to, or as `unknown` when the clock's limit is reached first: sent, and its fate not known (L20). */
export function withinLimit(clock: Clock, limit: Duration, work: Promise<ActionOutcome>): Promise<ActionOutcome> {
  return new Promise((resolve) => {
    const cancel = clock.after(limit, () => resolve({ result: 'unknown', detail: 'no answer in the time given' }));
    work
      .catch((error: unknown): ActionOutcome => ({ result: 'unknown', detail: messageOf(error) }))
      .then((outcome) => {
        cancel();
        resolve(outcome);
      })
      .catch(() => {});
  });
}
