import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from './sqlite.ts';

/** The one row that says which instance may act on the site. */
export interface LeaseRow {
  readonly holder: string;
  /** Grows with each sign of life. */
  readonly beat: number;
  /** Of the holder's process: host, pid, start time. */
  readonly process: string;
}

/** Each change is one transaction that compares what it replaces, so two instances cannot both succeed. */
export interface LeaseTable {
  read(): LeaseRow | null;
  /** Takes the lease if it is still as `seen` says (null: free). */
  take(holder: string, process: string, seen: LeaseRow | null): boolean;
  /** Shows life; false when the lease is not this holder's any more. */
  beat(holder: string): boolean;
  release(holder: string): void;
}

export function createLeaseTable(database: DatabaseSync, file: string): LeaseTable {
  const select = database.prepare('SELECT holder, beat, process FROM lease');
  const replace = database.prepare('INSERT OR REPLACE INTO lease VALUES (1, ?, ?, ?)');
  const increment = database.prepare('UPDATE lease SET beat = beat + 1 WHERE holder = ?');
  const remove = database.prepare('DELETE FROM lease WHERE holder = ?');
  const read = (): LeaseRow | null => (select.get() as LeaseRow | undefined) ?? null;
  return {
    read,
    take: (holder, process, seen) =>
      inTransaction(database, file, () => {
        const now = read();
        if (now?.holder !== seen?.holder || now?.beat !== seen?.beat) return false;
        replace.run(holder, (now?.beat ?? 0) + 1, process);
        return true;
      }),
    beat: (holder) => inTransaction(database, file, () => increment.run(holder).changes === 1),
    release: (holder) => inTransaction(database, file, () => void remove.run(holder)),
  };
}
