import type { Clock } from '#core/ports.ts';
import type { Random } from '#core/random.ts';

/** Crockford's letters: in the order of their codes, without those that look alike. */
const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_LETTERS = 9;
const RANDOM_LETTERS = 4;

/**
 * Makes short ids that sort by time: nine letters of milliseconds, four of chance, e.g. `1kt5vz3q0-7m2c`. Within one maker each is
 * greater than the one before, also when the wall clock is set back.
 */
export function createIds(clock: Clock, random: Random): () => string {
  let lastMs = 0;
  let lastTail = 0;
  const mostTail = 32 ** RANDOM_LETTERS;
  return () => {
    const now = clock.now();
    if (now > lastMs) {
      lastMs = now;
      // From the lower half, so that many can follow within the same millisecond.
      lastTail = random.integer(0, mostTail / 2);
    } else if (++lastTail >= mostTail) {
      lastMs++;
      lastTail = 0;
    }
    return `${inLetters(lastMs, TIME_LETTERS)}-${inLetters(lastTail, RANDOM_LETTERS)}`;
  };
}

function inLetters(number: number, length: number): string {
  let text = '';
  for (let rest = number; text.length < length; rest = Math.floor(rest / 32)) text = (LETTERS[rest % 32] ?? '0') + text;
  return text;
}
