import type { ClimateFigures, Figure } from '../paperwork/period-report.ts';
import { type Instant, toIso } from '../time.ts';
import type { Beyond, ClimateTable } from './outside.ts';

/** What the buckets of a sensor come to. Sums of several sensors add up. */
export interface ClimateSum {
  /** Sensors in it. */
  readonly sensors: number;
  readonly coveredS: number;
  /** Value × seconds. */
  readonly area: number;
  readonly min: number | null;
  readonly minAt: Instant | null;
  readonly max: number | null;
  readonly maxAt: Instant | null;
  /** Null: nothing holds it to limits. */
  readonly outsideS: number | null;
  readonly beyondS: number | null;
}

/** `minAt` and `maxAt` are the beginnings of the buckets that have them. */
export function sumOf(table: ClimateTable, beyond: Pick<Beyond, 'outsideS' | 'beyondS'> | null): ClimateSum {
  let [coveredS, area, outsideS, beyondS, least, most] = [0, 0, 0, 0, -1, -1];
  const [allCovered, means] = [table.column('coveredS'), table.column('timeMean')];
  const [mins, maxs] = [table.column('min'), table.column('max')];
  for (let place = 0; place < table.length; place++) {
    const covered = allCovered[place] ?? 0;
    if (covered > 0) {
      coveredS += covered;
      area += (means[place] ?? 0) * covered;
    }
    const [min, max] = [mins[place] ?? Number.NaN, maxs[place] ?? Number.NaN];
    if (!Number.isNaN(min) && (least < 0 || min < (mins[least] ?? 0))) least = place;
    if (!Number.isNaN(max) && (most < 0 || max > (maxs[most] ?? 0))) most = place;
    outsideS += beyond?.outsideS[place] ?? 0;
    beyondS += beyond?.beyondS[place] ?? 0;
  }
  return {
    ...{ sensors: 1, coveredS, area },
    min: least < 0 ? null : table.figure(least, 'min'),
    minAt: least < 0 ? null : table.from(least),
    max: most < 0 ? null : table.figure(most, 'max'),
    maxAt: most < 0 ? null : table.from(most),
    outsideS: beyond === null ? null : outsideS,
    beyondS: beyond === null ? null : beyondS,
  };
}

/** A sensor's part in its room. */
export interface RoomPart {
  readonly sum: ClimateSum;
  /** Null: nothing holds it to limits. */
  readonly outside: readonly OutsideBucket[] | null;
}

/** A bucket in which a sensor was outside: the few that a room's figures need, so that a year of tables need not be held. */
export interface OutsideBucket {
  readonly from: number;
  readonly outsideS: number;
  readonly beyondS: number;
}

export function outsideBuckets(
  table: ClimateTable,
  { outsideS, beyondS }: Pick<Beyond, 'outsideS' | 'beyondS'>,
): readonly OutsideBucket[] {
  const found: OutsideBucket[] = [];
  for (let place = 0; place < table.length; place++)
    if ((outsideS[place] ?? 0) > 0)
      found.push({ from: table.from(place), outsideS: outsideS[place] ?? 0, beyondS: beyondS[place] ?? 0 });
  return found;
}

/**
 * A room's sensors of one quantity together: the mean over all the time that is covered, lowest and highest of all. Outside its limits
 * is a room as long as the sensor that was outside longest, quarter of an hour by quarter (hour by hour in a quarter or a year): four
 * sensors that were too warm in the same hour are one hour, not four.
 */
export function sumOfRoom(parts: readonly RoomPart[]): ClimateSum {
  const sums = parts.map(({ sum }) => sum);
  const lowest = sums.reduce<ClimateSum | null>(
    (a, b) => (b.min !== null && (a?.min == null || b.min < a.min) ? b : a),
    null,
  );
  const highest = sums.reduce<ClimateSum | null>(
    (a, b) => (b.max !== null && (a?.max == null || b.max > a.max) ? b : a),
    null,
  );
  const judged = parts.flatMap(({ outside }) => (outside === null ? [] : [outside]));
  return {
    sensors: parts.length,
    coveredS: total(sums.map(({ coveredS }) => coveredS)),
    area: total(sums.map(({ area }) => area)),
    min: lowest?.min ?? null,
    minAt: lowest?.minAt ?? null,
    max: highest?.max ?? null,
    maxAt: highest?.maxAt ?? null,
    outsideS: judged.length === 0 ? null : worstByBucket(judged, 'outsideS'),
    beyondS: judged.length === 0 ? null : worstByBucket(judged, 'beyondS'),
  };
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

function worstByBucket(sensors: readonly (readonly OutsideBucket[])[], name: 'outsideS' | 'beyondS'): number {
  const worst = new Map<number, number>();
  for (const buckets of sensors)
    for (const bucket of buckets)
      if (bucket[name] > (worst.get(bucket.from) ?? 0)) worst.set(bucket.from, bucket[name]);
  return total([...worst.values()]);
}

const figure = (value: number | null, before: number | null): Figure => ({ value, before });
const meanOf = (sum: ClimateSum | null): number | null =>
  sum === null || sum.coveredS === 0 ? null : sum.area / sum.coveredS;
const hoursOf = (sum: ClimateSum | null): number | null =>
  sum === null || sum.beyondS === null ? null : sum.beyondS / 3600;

/** `lengthS`: of the period as far as it has gone; `before`: null where nothing was measured then. */
export function climateFigures(now: ClimateSum, before: ClimateSum | null, lengthS: number): ClimateFigures {
  const then = before === null || before.coveredS === 0 ? null : before;
  return {
    mean: figure(meanOf(now), meanOf(then)),
    min: figure(now.min, then?.min ?? null),
    minAt: now.minAt === null ? null : toIso(now.minAt),
    max: figure(now.max, then?.max ?? null),
    maxAt: now.maxAt === null ? null : toIso(now.maxAt),
    coverage: lengthS <= 0 ? 0 : Math.min(1, now.coveredS / (lengthS * Math.max(1, now.sensors))),
    outsideS: figure(now.outsideS, then?.outsideS ?? null),
    degreeHours: figure(hoursOf(now), hoursOf(then)),
  };
}
