import type { SeriesStore } from '#core/ports.ts';
import type { Reading } from '#core/reading.ts';
import type { ImportedRecord } from './records.ts';

export interface ImportReport {
  readonly written: number;
  readonly bad: number;
  /** The first bad lines, by their number in the file; null where the store alone would not have the reading. */
  readonly told: readonly { readonly line: number | null; readonly reason: string }[];
}

const MOST_TOLD = 50;
const BATCH = 5000;

/** Writes what a file holds, a batch at a time; a bad line is counted and told, and costs no other. STORE_DOWN as the store has it. */
export async function importReadings(
  store: SeriesStore,
  records: AsyncIterable<readonly ImportedRecord<Reading>[]>,
): Promise<ImportReport> {
  const told: { line: number | null; reason: string }[] = [];
  let written = 0;
  let bad = 0;
  const tell = (line: number | null, reason: string): void => {
    bad++;
    if (told.length < MOST_TOLD) told.push({ line, reason });
  };
  const write = async (readings: readonly Reading[]): Promise<void> => {
    for (let from = 0; from < readings.length; from += BATCH) {
      const answer = await store.write(readings.slice(from, from + BATCH));
      written += answer.written;
      for (const { reason } of answer.rejected) tell(null, reason);
    }
  };
  let batch: Reading[] = [];
  for await (const some of records) {
    for (const record of some) {
      if ('bad' in record) tell(record.line, record.bad);
      else batch.push(record.value);
    }
    if (batch.length < BATCH) continue;
    await write(batch);
    batch = [];
  }
  await write(batch);
  return { written, bad, told };
}
