import { SERIES_CLASSES, type SeriesClass } from '#core/series.ts';
import type { Instant } from '#core/time.ts';
import { type Duration, hours, minutes } from '#core/time.ts';
import type { InfluxKeep } from './influx-options.ts';
import { identifier, literal, moment } from './influx-ql.ts';
import { anyOf, measurementOfClass } from './line-layout.ts';

/**
 * Rollups, made by the server itself where InfluxQL can: 1.x has continuous queries. In 2.x the same would be a Flux task
 * (Flux is in maintenance and 3 has none), in 3 a Python plugin of the processing engine: neither is made here, there the
 * raw readings are to be kept as long as they are wanted (`keep.raw`).
 *
 * What InfluxQL can sum up of good numbers is count, mean, min and max. How long each number held it cannot say: seconds
 * covered, time-weighted mean and seconds outside the band are known while the raw readings are.
 */
export interface Rollup {
  /** The name of the retention policy and of the continuous query. */
  readonly policy: string;
  /** What is summed up: measurements of ours, in the policy that has their raw readings. */
  readonly rawPolicy: string;
  readonly measurements: readonly string[];
  /** In `keep`. */
  readonly key: Exclude<keyof InfluxKeep, 'raw'>;
  readonly size: Duration;
  /** Summed up anew at each run, so that readings which come late by less than this count. */
  readonly again: Duration;
}

export const RAW_POLICY = 'zhishou_raw';
/** From fine to coarse. */
const ROLLUPS: readonly Omit<Rollup, 'rawPolicy' | 'measurements'>[] = [
  { policy: 'zhishou_1m', key: 'minute', size: minutes(1), again: minutes(10) },
  { policy: 'zhishou_15m', key: 'quarter', size: minutes(15), again: minutes(45) },
  { policy: 'zhishou_1h', key: 'hour', size: hours(1), again: hours(3) },
  { policy: 'zhishou_1d', key: 'day', size: hours(24), again: hours(48) },
];

/**
 * Classes that are kept for the same times. Policies and continuous queries of all but the largest group end on its class:
 * `zhishou_raw_state`.
 */
export interface KeepGroup {
  readonly keep: InfluxKeep;
  readonly rawPolicy: string;
  readonly measurements: readonly string[];
  readonly rollups: readonly Rollup[];
}

/** The group of most classes first: it has the plain names. */
export function keepGroups(
  keep: InfluxKeep,
  byClass?: Readonly<Record<SeriesClass, InfluxKeep>>,
): readonly KeepGroup[] {
  const groups = Map.groupBy(SERIES_CLASSES, (name) => JSON.stringify(byClass?.[name] ?? keep));
  const bySize = [...groups.values()].sort((a, b) => b.length - a.length);
  return bySize.map((classes, place) => {
    const end = place === 0 ? '' : `_${classes[0]}`;
    const rawPolicy = `${RAW_POLICY}${end}`;
    const measurements = classes.map(measurementOfClass);
    // States have no numbers to sum up.
    const summed = classes.every((name) => name === 'state') ? [] : ROLLUPS;
    const rollups = summed.map((one) => ({ ...one, policy: `${one.policy}${end}`, rawPolicy, measurements }));
    return { keep: byClass?.[classes[0] as SeriesClass] ?? keep, rawPolicy, measurements, rollups };
  });
}

/** What comes later than this is summed up by `fillStatement`, whatever the resolution. */
export const LATE: Duration = minutes(9);

/** InfluxQL's durations are whole numbers with one unit. */
export const qlDuration = (duration: Duration): string => `${Math.round(duration / 1000)}s`;

function summing(database: string, { policy, rawPolicy, measurements, size }: Rollup, when: string): string {
  const [db, to, from] = [database, policy, rawPolicy].map(identifier);
  // `*` keeps every tag; the time of a group is its beginning, on whole multiples since 1970.
  return (
    'SELECT count("value") AS "count", mean("value") AS "mean", min("value") AS "min", max("value") AS "max" ' +
    `INTO ${db}.${to}.:MEASUREMENT FROM ${db}.${from}.${anyOf(measurements)} WHERE ${when} GROUP BY time(${qlDuration(size)}), *`
  );
}

const GOOD = `"quality" = ${literal('good')}`;

/** The continuous query of 1.x: runs at each end of its step. */
export const continuousQuery = (database: string, rollup: Rollup): string =>
  `CREATE CONTINUOUS QUERY ${identifier(rollup.policy)} ON ${identifier(database)} ` +
  `RESAMPLE EVERY ${qlDuration(rollup.size)} FOR ${qlDuration(rollup.again)} ` +
  `BEGIN ${summing(database, rollup, GOOD)} END`;

/** Sums up again what lies between two moments, whole steps of it: a day's catch-up is later than any continuous query looks. */
export function fillStatement(database: string, rollup: Rollup, from: Instant, to: Instant): string {
  const start = Math.floor(from / rollup.size) * rollup.size;
  const end = Math.ceil(to / rollup.size) * rollup.size;
  return summing(
    database,
    rollup,
    `${GOOD} AND time >= ${moment(start as Instant)} AND time < ${moment(end as Instant)}`,
  );
}
