import type { DatabaseSync } from 'node:sqlite';
import type { SeriesBand } from '#core/series.ts';
import type { GrowingColumns } from './columns.ts';

/** How long a value stands and against which limits it counts, resolved for one series. */
export interface OwnSettings {
  readonly hold: number;
  readonly band: SeriesBand | null;
}

export interface Series {
  /** 0 until it stands in the file. */
  id: number;
  readonly device: string;
  readonly point: string;
  /** What the rollups were made with. */
  made: OwnSettings;
  /** What the configuration says now. */
  wanted: OwnSettings;
  /** Samples before are gone. */
  samplesFrom: number;
  /** Readings that are in the log, not in chunks yet. */
  head: GrowingColumns | null;
  /** While rollups are made anew for other settings: up to where. */
  renewedTo: number | null;
  /** When something older than a day last came, by the monotonic clock: an import is not thinned while it goes on. */
  lateAt: number | null;
}

export interface SeriesTable {
  find(device: string, point: string): Series | undefined;
  /** Known from now on, in the file with the first reading. */
  define(device: string, point: string, settings: OwnSettings): Series;
  all(): Iterable<Series>;
  byId(id: number): Series | undefined;
  /** Puts it into the file, within the caller's transaction; `forget` when that fails. */
  insert(series: Series): void;
  forget(series: readonly Series[]): void;
  /** Within a transaction. */
  saveSettings(series: Series, made: OwnSettings): void;
  saveSamplesFrom(series: Series, at: number): void;
  remove(series: Series): void;
  readonly size: number;
}

interface SeriesRow {
  id: number;
  device: string;
  point: string;
  hold: number;
  low: number | null;
  high: number | null;
  samples_from: number;
}

export const sameSettings = (a: OwnSettings, b: OwnSettings): boolean =>
  a.hold === b.hold && a.band?.low === b.band?.low && a.band?.high === b.band?.high;

export const bandOf = (low: number | null, high: number | null): SeriesBand | null =>
  low === null && high === null ? null : { ...(low !== null && { low }), ...(high !== null && { high }) };

export function createSeriesTable(database: DatabaseSync): SeriesTable {
  const byName = new Map<string, Map<string, Series>>();
  const byId = new Map<number, Series>();
  const insert = database.prepare('INSERT INTO series (device, point, hold, low, high) VALUES (?, ?, ?, ?, ?)');
  const settle = database.prepare('UPDATE series SET hold = ?, low = ?, high = ? WHERE id = ?');
  const border = database.prepare('UPDATE series SET samples_from = ? WHERE id = ?');
  const erase = database.prepare('DELETE FROM series WHERE id = ?');

  const put = (series: Series): Series => {
    const points = byName.get(series.device) ?? new Map<string, Series>();
    byName.set(series.device, points);
    points.set(series.point, series);
    if (series.id !== 0) byId.set(series.id, series);
    return series;
  };
  for (const row of database.prepare('SELECT id, device, point, hold, low, high, samples_from FROM series').iterate()) {
    const { id, device, point, hold, low, high, samples_from } = row as unknown as SeriesRow;
    const made = { hold, band: bandOf(low, high) };
    put(fresh(id, device, point, made, samples_from));
  }
  return {
    find: (device, point) => byName.get(device)?.get(point),
    define(device, point, settings) {
      const known = byName.get(device)?.get(point);
      if (known === undefined) return put(fresh(0, device, point, settings, 0));
      known.wanted = settings;
      return known;
    },
    *all() {
      for (const points of byName.values()) yield* points.values();
    },
    byId: (id) => byId.get(id),
    insert(series) {
      series.made = series.wanted;
      const { hold, band } = series.made;
      series.id = Number(
        insert.run(series.device, series.point, hold, band?.low ?? null, band?.high ?? null).lastInsertRowid,
      );
      byId.set(series.id, series);
    },
    forget(many) {
      for (const series of many) {
        byId.delete(series.id);
        series.id = 0;
      }
    },
    saveSettings: (series, { hold, band }) => void settle.run(hold, band?.low ?? null, band?.high ?? null, series.id),
    saveSamplesFrom: (series, at) => void border.run(at, series.id),
    remove: (series) => void erase.run(series.id),
    get size() {
      return byId.size;
    },
  };
}

function fresh(id: number, device: string, point: string, made: OwnSettings, samplesFrom: number): Series {
  return { id, device, point, made, wanted: made, samplesFrom, head: null, renewedTo: null, lateAt: null };
}
