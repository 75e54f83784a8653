/** A seeded generator (sfc32): small, quick, the same sequence on every machine, which the simulator's determinism (I8) needs. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [from, to], both included. */
  integer(from: number, to: number): number;
  /** Uniform in [from, to). */
  between(from: number, to: number): number;
  /** True with probability `share`. */
  chance(share: number): boolean;
  /** Normally distributed (Box–Muller). */
  normal(mean: number, deviation: number): number;
  pick<T>(items: readonly [T, ...T[]]): T;
  /** An independent generator whose sequence depends only on this one's seed and the name. */
  fork(name: string): Random;
}

/** Makes a generator. Example: `seededRandom(7).next()` is the same number each time it is asked anew. */
export function seededRandom(seed: number | string): Random {
  let [a, b, c, d] = hash128(String(seed));
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 4_294_967_296;
  };
  for (let i = 0; i < 15; i++) next();
  return {
    next,
    integer: (from, to) => from + Math.floor(next() * (to - from + 1)),
    between: (from, to) => from + next() * (to - from),
    chance: (share) => next() < share,
    normal: (mean, deviation) =>
      mean + deviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    pick: (items) => items[Math.floor(next() * items.length)] ?? items[0],
    fork: (name) => seededRandom(`${seed}/${name}`),
  };
}

/** cyrb128: spreads a text over four 32-bit words. */
function hash128(text: string): [number, number, number, number] {
  let h1 = 1_779_033_703;
  let h2 = 3_144_134_277;
  let h3 = 1_013_904_242;
  let h4 = 2_773_480_762;
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i);
    h1 = h2 ^ Math.imul(h1 ^ k, 597_399_067);
    h2 = h3 ^ Math.imul(h2 ^ k, 2_869_860_233);
    h3 = h4 ^ Math.imul(h3 ^ k, 951_274_213);
    h4 = h1 ^ Math.imul(h4 ^ k, 2_716_044_179);
  }
  return [h1 ^ h2 ^ h3 ^ h4, h2 ^ h1, h3 ^ h1, h4 ^ h1];
}
