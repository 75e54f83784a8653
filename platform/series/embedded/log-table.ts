import type { DatabaseSync } from 'node:sqlite';
import { DamagedError } from './bytes.ts';
import { createColumns, slice } from './columns.ts';
import type { Core } from './core.ts';
import { decodeLog, encodeLog, type LogBatch, MOST_IN_ROW } from './log-codec.ts';
import { setAside } from './sealing.ts';
import type { Series } from './series-table.ts';

/**
 * What was acknowledged and is in no chunk yet, in the order in which it came. Rows go from the front only: what is read
 * again after a crash may stand in chunks already, and the last word on a moment is still the last one read.
 */
export interface LogTable {
  /** Within the caller's transaction. */
  add(batch: LogBatch): void;
  /** The newest row; 0 without any. */
  last(): number;
  /** Removes at most `limit` rows up to this one; false when there is none left. */
  drop(upTo: number, limit: number): boolean;
}

export function createLogTable(database: DatabaseSync): LogTable {
  const insert = database.prepare('INSERT INTO log (body) VALUES (?)');
  const newest = database.prepare('SELECT max(id) AS id FROM log');
  const erase = database.prepare('DELETE FROM log WHERE id IN (SELECT id FROM log WHERE id <= ? ORDER BY id LIMIT ?)');
  return {
    add(batch) {
      for (let from = 0; from < batch.at.length; from += MOST_IN_ROW) {
        const to = from + MOST_IN_ROW;
        insert.run(encodeLog({ series: batch.series.subarray(from, to), ...slice(batch, from, to) }));
      }
    },
    last: () => Number(newest.get()?.id ?? 0),
    drop: (upTo, limit) => Number(erase.run(upTo, limit).changes) === limit,
  };
}

/** Into memory what the log holds. A row that is damaged is told, set aside and left out. */
export function readLog(core: Core): void {
  for (const { id } of core.database.prepare('SELECT id FROM log ORDER BY id').all()) {
    const body = core.database.prepare('SELECT body FROM log WHERE id = ?').get(Number(id))?.body as Uint8Array;
    try {
      const batch = decodeLog(body);
      addToHeads(core, batch);
    } catch (error) {
      if (!(error instanceof DamagedError)) throw error;
      core.tell(`log ${Number(id)}`, error.message);
      core.transaction(() => {
        setAside(core, `log ${Number(id)}`, error.message, body);
        core.database.prepare('DELETE FROM log WHERE id = ?').run(Number(id));
      });
    }
  }
}

export function addToHeads(core: Core, batch: LogBatch): void {
  const { series: ids, at, num, tag, words } = batch;
  let series: Series | undefined;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] as number;
    if (series?.id !== id) series = core.series.byId(id);
    if (series === undefined) continue;
    series.head ??= createColumns();
    series.head.addRaw(at[i] as number, num[i] as number, tag[i] as number, words);
  }
  core.headReadings += ids.length;
}
