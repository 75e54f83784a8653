import type { Reading } from '#core/reading.ts';
import { refusal, type SeriesRejection, type SeriesSettings } from '#core/series.ts';
import { createColumns } from './columns.ts';
import type { Batch, Definition, Refusal } from './engine.ts';

/** Readings as columns, each series by a number that the writer gives out. */
export interface Numbering {
  batchOf(readings: readonly Reading[]): NumberedBatch;
  /** Everything that was given a number: for a store that was opened again. */
  definitions(): readonly Definition[];
}

export interface NumberedBatch {
  readonly batch: Batch;
  /** Series that had no number before. */
  readonly fresh: readonly Definition[];
  readonly refused: readonly SeriesRejection[];
  /** Which reading stands where in the batch. */
  readingAt(place: number): Reading;
}

export function createNumbering(settings: SeriesSettings): Numbering {
  const numbers = new Map<string, Map<string, number>>();
  const all: Definition[] = [];
  let latest = -1;
  const numberOf = (device: string, point: string): number => {
    const points = numbers.get(device) ?? new Map<string, number>();
    numbers.set(device, points);
    const index = all.length;
    points.set(point, index);
    const key = { device, point };
    all.push({ index, device, point, settings: { hold: settings.hold(key), band: settings.band(key) } });
    return index;
  };
  return {
    batchOf(readings) {
      const known = all.length;
      const series = new Float64Array(readings.length);
      const columns = createColumns(readings.length);
      const refused: SeriesRejection[] = [];
      const taken: Reading[] = [];
      for (const reading of readings) {
        const { device, point, measuredAt, value } = reading;
        // What was looked at before is good: the name of a known series, a time not later than one that was taken.
        let index = numbers.get(device)?.get(point);
        if (index === undefined || typeof value === 'string' || !(measuredAt >= 0 && measuredAt <= latest)) {
          const reason = refusal(reading);
          if (reason !== null) {
            refused.push({ reading, reason });
            continue;
          }
          latest = Math.max(latest, measuredAt);
          index ??= numberOf(device, point);
        }
        series[columns.length] = index;
        columns.add(Math.round(reading.measuredAt), reading.value, reading.quality);
        taken.push(reading);
      }
      return {
        batch: { series: series.subarray(0, columns.length), ...columns.view() },
        fresh: all.slice(known),
        refused,
        readingAt: (place) => taken[place] as Reading,
      };
    },
    definitions: () => all,
  };
}

/** What the store refused, as the port says it. */
export const toRejections = (
  { refused, readingAt }: NumberedBatch,
  refusals: readonly Refusal[],
): readonly SeriesRejection[] => [
  ...refused,
  ...refusals.map(([place, reason]) => ({ reading: readingAt(place), reason })),
];
