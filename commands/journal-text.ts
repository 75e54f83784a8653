import type { Journal } from '#core/ports.ts';

/** The journal as text, a record a line: what two runs of one seed are compared by (I8). */
export const journalText = (journal: Journal): string =>
  [...journal.read()]
    .map(({ seq, at, stream, kind, body }) => JSON.stringify({ seq, at, stream, kind, body }))
    .join('\n');
