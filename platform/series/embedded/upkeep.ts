import { type SeriesClass, seriesClass } from '#core/series.ts';
import type { Duration } from '#core/time.ts';
import { type Core, headOf } from './core.ts';
import type { LogTable } from './log-table.ts';
import { endsOf } from './queries.ts';
import { completeRows, renewRollups, sealSamples } from './sealing.ts';
import { type Series, sameSettings } from './series-table.ts';
import { ceilTo, DAY_MS, floorTo, HOUR_MS, MINUTE_MS, UNITS } from './units.ts';

/** What the store does for itself, in slices of some milliseconds. Each job says whether it has more to do at once. */

/** How long is kept what, null for ever. Levels that were not worth keeping beside the samples are made before these go. */
export interface Keep {
  readonly raw: Duration | null;
  readonly minute: Duration | null;
  readonly quarter: Duration | null;
  readonly hour: Duration | null;
  readonly day: Duration | null;
}
export type Retention = Readonly<Partial<Record<SeriesClass, Keep>>>;

export const KEEP_ALL: Keep = { raw: null, minute: null, quarter: null, hour: null, day: null };

/** Some tens of milliseconds; a device is not parted before the second bound, so that its series share their times. */
const SAMPLES_AT_ONCE = 20_000;
const SAMPLES_AT_MOST = 100_000;
const LOG_ROWS_AT_ONCE = 64;

export interface Sealer {
  /** Everything that is in the log now is to be sealed. */
  begin(): void;
  readonly busy: boolean;
  /** One slice; throws STORE_DOWN. */
  step(): void;
}

export function createSealer(core: Core, log: LogTable): Sealer {
  let queue: Series[] = [];
  let upTo: number | null = null;
  const stamps = core.chunks.stamps();

  const sealNext = (): void => {
    const group: Series[] = [];
    let samples = 0;
    for (let series = queue.at(-1); series !== undefined; series = queue.at(-1)) {
      const same = series.device === group.at(-1)?.device;
      if (samples >= (same ? SAMPLES_AT_MOST : SAMPLES_AT_ONCE)) break;
      samples += series.head?.length ?? 0;
      group.push(series);
      queue.pop();
    }
    try {
      core.transaction(() => {
        for (const series of group) sealSamples(core, series, headOf(core, series), stamps);
        stamps.settle();
      });
    } catch (error) {
      queue.push(...group);
      stamps.reset();
      throw error;
    }
    for (const series of group) {
      const { at } = headOf(core, series);
      const now = core.clock.now();
      if ((at[0] ?? now) < now - DAY_MS) series.lateAt = core.clock.monotonic();
      core.headReadings -= at.length;
      series.head = null;
    }
  };
  return {
    begin() {
      if (upTo !== null) return;
      upTo = log.last();
      queue = [...core.series.all()].filter(({ head }) => head !== null).reverse();
    },
    get busy() {
      return upTo !== null;
    },
    step() {
      if (upTo === null) return;
      if (queue.length > 0) return sealNext();
      const border = upTo;
      if (core.transaction(() => log.drop(border, LOG_ROWS_AT_ONCE))) return;
      upTo = null;
      stamps.reset();
    },
  };
}

/** An import of old data is left alone for so long after its last reading. */
const LEFT_ALONE_MS = 6 * HOUR_MS;
const ROWS_AT_ONCE = 64;

/** Thins and drops what one series has for too long. True: there is more to do. Throws STORE_DOWN. */
export function thin(core: Core, series: Series, retention: Retention): boolean {
  const keep = retention[seriesClass(series.point)];
  if (keep === undefined || series.id === 0) return false;
  if (series.lateAt !== null && core.clock.monotonic() - series.lateAt < LEFT_ALONE_MS) return false;
  const now = core.clock.now();
  if (keep.raw !== null && thinSamples(core, series, keep, floorTo(now - keep.raw, DAY_MS))) return true;
  for (const unit of UNITS) {
    const kept = keep[unit];
    if (kept === null) continue;
    if (core.transaction(() => core.rollups.drop(series.id, unit, now - kept, ROWS_AT_ONCE)) === ROWS_AT_ONCE)
      return true;
  }
  forgetEmpty(core, series);
  return false;
}

/** One day of samples becomes rollups; the day after has its rows by then too, because what this one held reaches into it. */
function thinSamples(core: Core, series: Series, keep: Keep, before: number): boolean {
  const first = core.chunks.first(series.id);
  const head = headOf(core, series).at[0];
  if (first === null || first.first >= before || (head !== undefined && head < before)) return false;
  const day = floorTo(first.first, DAY_MS);
  const after = day + DAY_MS;
  const held = ceilTo(series.made.hold, MINUTE_MS);
  core.transaction(() => {
    for (const unit of UNITS) {
      const kept = keep[unit];
      if (kept === null || kept > (keep.raw ?? 0)) completeRows(core, series, unit, { from: day, to: after + held });
    }
    const stamps = core.chunks.stamps();
    for (const row of core.chunks.rows(series.id, day, after)) core.chunks.remove(row, stamps);
    stamps.settle();
    core.series.saveSamplesFrom(series, after);
  });
  series.samplesFrom = after;
  return true;
}

function forgetEmpty(core: Core, series: Series): void {
  if (series.head !== null || endsOf(core, series) !== null) return;
  core.transaction(() => core.series.remove(series));
  core.series.forget([series]);
  series.samplesFrom = 0;
}

/** Days of rollups made anew at once. */
const DAYS_AT_ONCE = 8;

/** Rollups for the settings of now, out of the samples that are kept. True: there is more to do. Throws STORE_DOWN. */
export function renew(core: Core, series: Series): boolean {
  if (series.id === 0 || sameSettings(series.made, series.wanted)) return false;
  const [first, last] = [core.chunks.first(series.id), core.chunks.last(series.id)];
  const { made, wanted } = series;
  const from = Math.max(series.renewedTo ?? 0, floorTo(first?.first ?? 0, DAY_MS));
  const to = from + DAYS_AT_ONCE * DAY_MS;
  const done = first === null || last === null || to > last.last + wanted.hold;
  // The rollups are mixed until the last day: renewedTo keeps the questions away from them, and it begins anew after a crash.
  series.renewedTo = from;
  series.made = wanted;
  try {
    core.transaction(() => {
      if (last !== null) renewRollups(core, series, [{ from, to: Math.min(to, last.last + wanted.hold) }]);
      if (done) core.series.saveSettings(series, wanted);
    });
    series.renewedTo = done ? null : to;
  } finally {
    if (series.renewedTo !== null) series.made = made;
  }
  return series.renewedTo !== null;
}

/** Free pages are given back when they are more than a twentieth of the file. */
const FREE_SHARE = 0.05;
const FREE_LEAST = 128;
const PAGES_AT_ONCE = 64;

/** True: there is more to give back. Throws STORE_DOWN. */
export function giveBack(core: Core, share = FREE_SHARE, least = FREE_LEAST): boolean {
  const free = pragma(core, 'freelist_count');
  if (free <= Math.max(least, pragma(core, 'page_count') * share) || pragma(core, 'auto_vacuum') !== 2) return false;
  core.onStep('vacuum');
  core.database.exec(`PRAGMA incremental_vacuum(${PAGES_AT_ONCE})`);
  return pragma(core, 'freelist_count') < free;
}

export const pragma = (core: Core, name: string): number =>
  Number(Object.values(core.database.prepare(`PRAGMA ${name}`).get() ?? {})[0] ?? 0);
