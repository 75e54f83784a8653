import type { Journal, JournalRecord } from '#core/ports.ts';
import { instant } from '#core/time.ts';

/** The reading half of a journal over records in memory. */
export const readingOf = (records: readonly JournalRecord[]): Pick<Journal, 'read' | 'streams'> => ({
  *read(options = {}) {
    for (const record of records) if (options.stream === undefined || record.stream === options.stream) yield record;
  },
  streams: () =>
    [...Map.groupBy(records, (record) => record.stream)].map(([stream, own]) => ({
      stream,
      first: own[0]?.seq ?? 0,
      last: own.at(-1)?.seq ?? 0,
      firstAt: own[0]?.at ?? instant(0),
      lastAt: own.at(-1)?.at ?? instant(0),
    })),
});
