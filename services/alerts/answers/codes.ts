import type { Random } from '#core/random.ts';

/** `K7`: short, and nothing in it looks like something else (no 0, O, 1, I). Longer ones only when many matters are open. */
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
const DIGITS = '23456789';
const MOST_DIGITS = 4;
/** So many of one length are given before longer ones are: a wrong digit should rarely be somebody else's code. */
const SHARE_USED = 0.5;

/** A code in a text, also written `k 7` or with full-width letters. */
export const CODE = /(?<![A-Z0-9])([A-HJ-NP-Z])\s?([2-9]{1,4})(?![A-Z0-9])/g;

export function newCode(taken: ReadonlySet<string>, random: Random): string {
  for (let digits = 1; ; digits++) {
    const all = LETTERS.length * DIGITS.length ** digits;
    const used = [...taken].filter((code) => code.length === digits + 1).length;
    if (used >= all * SHARE_USED && digits < MOST_DIGITS) continue;
    for (let tries = 0; tries < 200; tries++) {
      const letter = LETTERS[random.integer(0, LETTERS.length - 1)] ?? '';
      const number = Array.from({ length: digits }, () => DIGITS[random.integer(0, DIGITS.length - 1)]).join('');
      if (!taken.has(letter + number)) return letter + number;
    }
    if (digits >= MOST_DIGITS) throw new RangeError('no code is free');
  }
}
