import type { Excursion } from '../paperwork/period-report.ts';
import type { SeriesBand, SeriesSample } from '../series.ts';
import { goodNumber } from '../series-math.ts';
import { type Duration, type Instant, instant } from '../time.ts';
import type { Beyond, ClimateTable } from './outside.ts';

/** A time that a reading spent outside its limits without coming back for a whole bucket. */
export interface FoundExcursion {
  readonly from: Instant;
  readonly to: Instant;
  readonly outsideS: number;
  readonly beyondS: number;
  readonly worst: number;
  readonly worstAt: Instant;
  /** The limit that it was beyond by most. */
  readonly limit: number;
}

/** To the bucket, the worst first: by degree-seconds, then by the time it took. */
export function findExcursions(
  table: ClimateTable,
  beyond: Pick<Beyond, 'outsideS' | 'beyondS'>,
  band: SeriesBand,
): readonly FoundExcursion[] {
  const found: FoundExcursion[] = [];
  let run: { first: number; last: number } | null = null;
  const close = (): void => {
    if (run !== null) found.push(describe(table, beyond, band, run.first, run.last));
    run = null;
  };
  for (let place = 0; place < table.length; place++) {
    if (!((beyond.outsideS[place] ?? 0) > 0)) close();
    else if (run !== null && table.figure(run.last, 'to') === table.from(place)) run.last = place;
    else {
      close();
      run = { first: place, last: place };
    }
  }
  close();
  return found.sort(worstFirst);
}

export const worstFirst = (
  a: Pick<FoundExcursion, 'beyondS' | 'outsideS'>,
  b: Pick<FoundExcursion, 'beyondS' | 'outsideS'>,
): number => b.beyondS - a.beyondS || b.outsideS - a.outsideS;

function describe(
  table: ClimateTable,
  { outsideS, beyondS }: Pick<Beyond, 'outsideS' | 'beyondS'>,
  band: SeriesBand,
  first: number,
  last: number,
): FoundExcursion {
  let [outside, beyond] = [0, 0];
  let worst = { value: Number.NaN, over: Number.NEGATIVE_INFINITY, at: first, limit: Number.NaN };
  for (let place = first; place <= last; place++) {
    outside += outsideS[place] ?? 0;
    beyond += beyondS[place] ?? 0;
    // A bucket that only a value from before reaches into has a mean alone.
    const mean = table.figure(place, 'timeMean');
    for (const { value, over, limit } of [
      beyondOf(orElse(table.figure(place, 'max'), mean), band),
      beyondOf(orElse(table.figure(place, 'min'), mean), band),
    ])
      if (over > worst.over) worst = { value, over, at: place, limit };
  }
  return {
    from: table.from(first),
    to: instant(table.figure(last, 'to')),
    ...{ outsideS: outside, beyondS: beyond, worst: worst.value, worstAt: table.from(worst.at), limit: worst.limit },
  };
}

const orElse = (value: number, other: number): number => (Number.isNaN(value) ? other : value);

function beyondOf(value: number, { low, high }: SeriesBand): { value: number; over: number; limit: number } {
  const above = high === undefined ? Number.NEGATIVE_INFINITY : value - high;
  const below = low === undefined ? Number.NEGATIVE_INFINITY : low - value;
  return above >= below
    ? { value, over: above, limit: high ?? Number.NaN }
    : { value, over: below, limit: low ?? Number.NaN };
}

/** Begin, end and worst moment to the sample, where its samples are kept: of those from one `hold` before its first bucket on. */
export function sharpen(
  found: FoundExcursion,
  samples: readonly SeriesSample[],
  band: SeriesBand,
  hold: Duration,
): FoundExcursion {
  let [from, to, worstAt]: [number | null, number, number] = [null, found.to, found.worstAt];
  let worst = Number.NEGATIVE_INFINITY;
  let value = found.worst;
  let { limit } = found;
  for (const [index, sample] of samples.entries()) {
    const number = goodNumber(sample);
    if (number === null) continue;
    const { over, limit: own } = beyondOf(number, band);
    const until = Math.min(samples[index + 1]?.at ?? Number.POSITIVE_INFINITY, sample.at + hold, found.to);
    if (!(over > 0) || until <= found.from) continue;
    from ??= Math.max(found.from, sample.at);
    to = until;
    if (over <= worst) continue;
    [worst, value, limit, worstAt] = [over, number, own, Math.max(found.from, sample.at)];
  }
  if (from === null) return found;
  return { ...found, from: instant(from), to: instant(to), worst: value, limit, worstAt: instant(worstAt) };
}

/** What happened at the same time, by what it is called; times in ISO 8601. */
export interface Happening {
  readonly kind: 'incident' | 'alert' | 'entry';
  readonly id: string;
  readonly title: Excursion['joined'][number]['title'];
  readonly path: string;
  readonly from: Instant;
  /** Null: it goes on. */
  readonly to: Instant | null;
  /** Empty: the whole site. */
  readonly devices: readonly string[];
}

const MOST_JOINED = 8;
const WEIGHT = { incident: 0, entry: 1, alert: 2 } as const;

/** Incidents and entries of the same time whatever they are about (somebody had the door open), alerts of the same device. */
export function joinedWith(
  { from, to, device }: { readonly from: Instant; readonly to: Instant; readonly device: string },
  happenings: readonly Happening[],
): Excursion['joined'] {
  return happenings
    .filter((one) => one.from < to && (one.to === null || one.to >= from))
    .filter(({ kind, devices }) => kind !== 'alert' || devices.includes(device))
    .sort((a, b) => WEIGHT[a.kind] - WEIGHT[b.kind] || a.from - b.from)
    .slice(0, MOST_JOINED)
    .map(({ kind, id, title, path }) => ({ kind, id, title, path }));
}
