import type { Value } from '#core/reading.ts';
import { type Columns, createColumns, QUALITIES } from './columns.ts';
import type { Core } from './core.ts';
import { NEW_FILE } from './schema.ts';
import { sealSamples } from './sealing.ts';

/** Rows moved in one transaction. */
const ROWS_AT_ONCE = 50_000;

/** Moves what the first version kept, one row a reading, into chunks: in slices, each all or none, so that it may be ended at any moment and goes on at the next start. */
export function moveRows(core: Core): void {
  const { database, log, file } = core;
  if (database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sample'").get() === undefined) return;
  let moved = 0;
  for (let count = moveSlice(core); count > 0; count = moveSlice(core)) {
    moved += count;
    if (moved % (20 * ROWS_AT_ONCE) === 0) log.info({ file, moved }, 'history is moved into its new layout');
  }
  core.transaction(() => database.exec('DROP TABLE sample'));
  if (moved > 0) log.info({ file, moved }, 'history was moved into its new layout');
  relayPages(core);
}

function moveSlice(core: Core): number {
  const { database } = core;
  const rows = database
    .prepare('SELECT series, at, value, quality, truth FROM sample ORDER BY series, at LIMIT ?')
    .all(ROWS_AT_ONCE);
  const lastAt = new Map<number, number>();
  const bySeries = new Map<number, ReturnType<typeof createColumns>>();
  for (const { series, at, value, quality, truth } of rows) {
    const id = Number(series);
    const columns = bySeries.get(id) ?? createColumns();
    bySeries.set(id, columns);
    lastAt.set(id, Number(at));
    // Clocks that were never set: the new layout has no place before 1970.
    if (Number(at) < 0) continue;
    const known = QUALITIES.find((one) => one === quality) ?? 'missing';
    columns.add(Number(at), truth === 1 ? value === 1 : (value as Value | null), known);
  }
  core.transaction(() => {
    const stamps = core.chunks.stamps();
    const erase = database.prepare('DELETE FROM sample WHERE series = ? AND at <= ?');
    for (const [id, growing] of bySeries) {
      const series = core.series.byId(id);
      const columns: Columns = growing.view();
      if (series !== undefined) sealSamples(core, series, columns, stamps);
      erase.run(id, lastAt.get(id) ?? 0);
    }
    stamps.settle();
  });
  return rows.length;
}

/** An old file has pages of another size and keeps what is free; laid out anew once. Without room for a copy it stays as it is. */
function relayPages({ database, file, log }: Core): void {
  try {
    database.exec('PRAGMA journal_mode = DELETE');
    database.exec(NEW_FILE);
    database.exec('VACUUM');
  } catch (error) {
    log.warn({ err: error, file }, 'history could not be laid out anew; it works as it is');
  }
  database.exec('PRAGMA journal_mode = WAL');
}
