import type { Instant } from '#core/time.ts';
import { type Duration, hours, minutes } from '#core/time.ts';
import type { InfluxKeep } from './influx-options.ts';
import { identifier, literal, moment } from './influx-ql.ts';
import { MEASUREMENTS } from './line-layout.ts';

/**
 * Rollups, made by the server itself where InfluxQL can: 1.x has continuous queries. In 2.x the same would be a Flux task
 * (Flux is in maintenance and 3 has none), in 3 a Python plugin of the processing engine: neither is made here, there the
 * raw readings are to be kept as long as they are wanted (`keep.raw`).
 *
 * What InfluxQL can sum up of good numbers is count, mean, min and max. How long each number held it cannot say: seconds
 * covered, time-weighted mean and seconds outside the band are known while the raw readings are.
 */
export interface Rollup {
  /** The name of the retention policy, of the continuous query and of its key in `keep`. */
  readonly policy: string;
  readonly key: Exclude<keyof InfluxKeep, 'raw'>;
  readonly size: Duration;
  /** Summed up anew at each run, so that readings which come late by less than this count. */
  readonly again: Duration;
}

export const RAW_POLICY = 'zhishou_raw';
/** From fine to coarse. */
export const ROLLUPS: readonly Rollup[] = [
  { policy: 'zhishou_1m', key: 'minute', size: minutes(1), again: minutes(10) },
  { policy: 'zhishou_15m', key: 'quarter', size: minutes(15), again: minutes(45) },
  { policy: 'zhishou_1h', key: 'hour', size: hours(1), again: hours(3) },
  { policy: 'zhishou_1d', key: 'day', size: hours(24), again: hours(48) },
];

/** What comes later than this is summed up by `fillStatement`, whatever the resolution. */
export const LATE: Duration = minutes(9);

/** InfluxQL's durations are whole numbers with one unit. */
export const qlDuration = (duration: Duration): string => `${Math.round(duration / 1000)}s`;

/** Every measurement of ours; a pattern in InfluxQL stands between slashes. */
const OURS = `/^(${MEASUREMENTS.join('|')})$/`;

function summing(database: string, { policy, size }: Rollup, when: string): string {
  const [db, to, from] = [database, policy, RAW_POLICY].map(identifier);
  // `*` keeps every tag; the time of a group is its beginning, on whole multiples since 1970.
  return (
    'SELECT count("value") AS "count", mean("value") AS "mean", min("value") AS "min", max("value") AS "max" ' +
    `INTO ${db}.${to}.:MEASUREMENT FROM ${db}.${from}.${OURS} WHERE ${when} GROUP BY time(${qlDuration(size)}), *`
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
