import { DatabaseSync } from 'node:sqlite';
import { DEFAULT_SETTINGS, type SeriesBand, type SeriesKey, type SeriesSettings } from '#core/series.ts';
import { milliseconds } from '#core/time.ts';

/**
 * The settings with which an embedded store was last opened, out of its file: a command without the configuration leaves
 * each series as it is, where another hold would have all its sums made anew. The usual ones for a series that is new.
 */
export function keptSettings(file: string): SeriesSettings {
  const kept = new Map<string, { hold: number; low: number | null; high: number | null }>();
  for (const { device, point, hold, low, high } of rowsOf(file))
    kept.set(nameOf({ device: String(device), point: String(point) }), {
      hold: Number(hold),
      low: low === null ? null : Number(low),
      high: high === null ? null : Number(high),
    });
  return {
    hold: (key) => milliseconds(kept.get(nameOf(key))?.hold ?? DEFAULT_SETTINGS.hold(key)),
    band(key): SeriesBand | null {
      const { low = null, high = null } = kept.get(nameOf(key)) ?? {};
      if (low === null && high === null) return null;
      return { ...(low === null ? {} : { low }), ...(high === null ? {} : { high }) };
    },
  };
}

const nameOf = ({ device, point }: SeriesKey): string => JSON.stringify([device, point]);

/** None of a file that is new or of a version without settings: opening it brings it up to date. */
function rowsOf(file: string): readonly Record<string, unknown>[] {
  try {
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      return database.prepare('SELECT device, point, hold, low, high FROM series').all();
    } finally {
      database.close();
    }
  } catch {
    return [];
  }
}
