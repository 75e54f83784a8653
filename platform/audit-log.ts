import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { type Instant, instant } from '#core/time.ts';
import type { AuditRecord, AuditRow } from './accounts-schema.ts';

/** Who changed what: append-only, each row's hash covers the row before it, so that a change or a gap in the middle shows. */
export interface AuditLog {
  append(record: AuditRecord): void;
  /** Newest first. */
  read(options: { limit: number; before?: number }): readonly AuditRow[];
  /** The first row that does not fit, or null. Rows pruned from the old end are no gap. */
  verify(): { seq: number; reason: string } | null;
  /** Drops rows from the old end; returns how many went. */
  prune(before: Instant): number;
}

const GENESIS = 'zhishou-audit';

interface Row {
  seq: number;
  at: number;
  user: string;
  address: string;
  action: string;
  status: number;
  detail: string;
  previous: string;
  hash: string;
}

export function createAuditLog(database: DatabaseSync): AuditLog {
  const last = database.prepare('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1');
  const insert = database.prepare(
    'INSERT INTO audit (seq, at, user, address, action, status, detail, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const page = database.prepare('SELECT * FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?');
  const all = database.prepare('SELECT * FROM audit ORDER BY seq');
  // The newest row stays: the chain goes on from it.
  const drop = database.prepare('DELETE FROM audit WHERE at < ? AND seq < (SELECT MAX(seq) FROM audit)');

  return {
    append(record) {
      const before = last.get() as { seq: number; hash: string } | undefined;
      const seq = (before?.seq ?? 0) + 1;
      const previous = before?.hash ?? GENESIS;
      const hash = hashOf(seq, record, previous);
      const { at, user, address, action, status, detail } = record;
      insert.run(seq, at, user, address, action, status, detail, previous, hash);
    },
    read({ limit, before }) {
      return (page.all(before ?? Number.MAX_SAFE_INTEGER, limit) as unknown as Row[]).map(toAuditRow);
    },
    verify() {
      let before: { seq: number; hash: string } | null = null;
      for (const raw of all.iterate()) {
        const row = raw as unknown as Row;
        if (before !== null && row.seq !== before.seq + 1)
          return { seq: row.seq, reason: 'a row before it is missing' };
        const expected = before?.hash ?? (row.seq === 1 ? GENESIS : row.previous);
        if (row.previous !== expected) return { seq: row.seq, reason: 'it does not follow the row before it' };
        if (hashOf(row.seq, toAuditRow(row), row.previous) !== row.hash) {
          return { seq: row.seq, reason: 'it was changed' };
        }
        before = row;
      }
      return null;
    },
    prune: (before) => Number(drop.run(before).changes),
  };
}

const hashOf = (seq: number, record: AuditRecord, previous: string): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        seq,
        record.at,
        record.user,
        record.address,
        record.action,
        record.status,
        record.detail,
        previous,
      ]),
    )
    .digest('base64url');

const toAuditRow = (row: Row): AuditRow => ({
  seq: row.seq,
  at: instant(row.at),
  user: row.user,
  address: row.address,
  action: row.action,
  status: row.status,
  detail: row.detail,
  hash: row.hash,
});
