import type { Random } from '#core/random.ts';

/** One of the choices, by weight; only the chosen one draws. */
export function weighted<T>(random: Random, choices: readonly (readonly [weight: number, draw: () => T])[]): T {
  let at = random.next() * choices.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, draw] of choices) {
    at -= weight;
    if (at < 0) return draw();
  }
  const last = choices.at(-1);
  if (last === undefined) throw new RangeError('nothing to choose from');
  return last[1]();
}
