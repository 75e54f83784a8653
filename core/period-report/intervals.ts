/** Stretches of time as pairs of milliseconds, `[from, to)`. Lists are in order and apart unless said otherwise. */
export type Interval = readonly [from: number, to: number];

/** In order and apart, whatever came in. */
export function merged(all: readonly Interval[]): readonly Interval[] {
  const out: [number, number][] = [];
  for (const [from, to] of all.filter(([from, to]) => from < to).sort((a, b) => a[0] - b[0])) {
    const last = out.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else out.push([from, to]);
  }
  return out;
}

export function common(a: readonly Interval[], b: readonly Interval[]): readonly Interval[] {
  const out: Interval[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [one, other] = [a[i] as Interval, b[j] as Interval];
    const [from, to] = [Math.max(one[0], other[0]), Math.min(one[1], other[1])];
    if (from < to) out.push([from, to]);
    if (one[1] < other[1]) i++;
    else j++;
  }
  return out;
}

/** `a` without what is in `b`. */
export function without(a: readonly Interval[], b: readonly Interval[]): readonly Interval[] {
  const out: Interval[] = [];
  let next = 0;
  for (const [from, to] of a) {
    let at = from;
    while (next > 0 && (b[next - 1] as Interval)[1] > from) next--;
    while (next < b.length && (b[next] as Interval)[1] <= from) next++;
    for (let i = next; i < b.length && (b[i] as Interval)[0] < to; i++) {
      const [start, end] = b[i] as Interval;
      if (at < start) out.push([at, start]);
      at = Math.max(at, end);
    }
    if (at < to) out.push([at, to]);
  }
  return out;
}

export const lengthOf = (all: readonly Interval[]): number => all.reduce((sum, [from, to]) => sum + (to - from), 0);
