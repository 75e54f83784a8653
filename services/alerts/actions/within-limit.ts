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

/** The same for work that can be called off: at the limit its signal is raised, and it tells by itself how far it came. */
export async function calledOffAt(
  clock: Clock,
  limit: Duration,
  work: (signal: AbortSignal) => Promise<ActionOutcome>,
): Promise<ActionOutcome> {
  const off = new AbortController();
  const cancel = clock.after(limit, () => off.abort());
  try {
    return await work(off.signal);
  } catch (error) {
    return { result: 'unknown', detail: messageOf(error) };
  } finally {
    cancel();
  }
}
