import type { Reading } from '#core/reading.ts';
import { refusal, type SeriesKey, type SeriesSample } from '#core/series.ts';
import type { Parsed } from './records.ts';

/** A sample as the reading that it was, as far as history kept it. */
export const exportedReading = (key: SeriesKey, { at, value, quality }: SeriesSample, simulated: boolean): Reading => ({
  device: key.device,
  point: key.point,
  value,
  quality,
  measuredAt: at,
  receivedAt: at,
  changedAt: at,
  simulated,
});

/** A reading out of a file; what no store takes is a bad line. */
export function importedReading(key: SeriesKey, sample: SeriesSample, simulated = false): Parsed<Reading> {
  const reading = exportedReading(key, sample, simulated);
  const reason = refusal(reading);
  return reason === null ? { value: reading } : { bad: reason };
}
