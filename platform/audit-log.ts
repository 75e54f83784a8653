import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { type Instant, instant } from '#core/time.ts';
import type { AuditRecord, AuditRow } from './accounts-schema.ts';

/** Who changed what: append-only, each row's hash covers the row before it, so that a change or a gap in the middle shows. */
export interface AuditLog {
  append(record: AuditRecord): void;
  /** Newest first. */
  read(options: AuditQuery): readonly AuditRow[];
  /** Who and what there is to choose from. */
  facets(): { readonly users: readonly string[]; readonly actions: readonly string[] };
  /** The first row that does not fit, or null. Rows pruned from the old end are no gap. */
  verify(): { seq: number; reason: string } | null;
  /**
   * A stretch of the chain, so that a long one can be gone through without keeping others waiting: `limit` rows after `after` (0: from
   * the oldest). `to`: the last row that holds; `last`: the newest there is.
   */
  verifyStretch(after: number, limit: number): AuditStretch;
  /** Drops rows from the old end; returns how many went. */
  prune(before: Instant): number;
}

export interface AuditQuery {
  readonly limit: number;
  readonly before?: number;
  readonly user?: string;
  /** Whole: `POST /api/v1/commands`. */
  readonly action?: string;
  readonly from?: Instant;
  /** The first instant that is not asked for. */
  readonly to?: Instant;
}

export interface AuditStretch {
  readonly to: number;
  readonly last: number;
  readonly broken: { readonly seq: number; readonly reason: string } | null;
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
  const page = database.prepare(
    `SELECT * FROM audit WHERE seq < ?1 AND (?3 IS NULL OR user = ?3) AND (?4 IS NULL OR action = ?4)
       AND (?5 IS NULL OR at >= ?5) AND (?6 IS NULL OR at < ?6) ORDER BY seq DESC LIMIT ?2`,
  );
  const users = database.prepare('SELECT DISTINCT user FROM audit ORDER BY user LIMIT 1000');
  const actions = database.prepare('SELECT DISTINCT action FROM audit ORDER BY action LIMIT 1000');
  const after = database.prepare('SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?');
  const one = database.prepare('SELECT seq, hash FROM audit WHERE seq = ?');
  // The newest row stays: the chain goes on from it.
  const drop = database.prepare('DELETE FROM audit WHERE at < ? AND seq < (SELECT MAX(seq) FROM audit)');

  const stretch = (start: number, limit: number): AuditStretch => {
    const newest = (last.get() as { seq: number } | undefined)?.seq ?? 0;
    let before = (one.get(start) as { seq: number; hash: string } | undefined) ?? null;
    for (const raw of after.iterate(start, limit)) {
      const row = raw as unknown as Row;
      const reason = misfit(row, before);
      if (reason !== null) return { to: before?.seq ?? 0, last: newest, broken: { seq: row.seq, reason } };
      before = row;
    }
    return { to: before?.seq ?? start, last: newest, broken: null };
  };

  return {
    append(record) {
      const before = last.get() as { seq: number; hash: string } | undefined;
      const seq = (before?.seq ?? 0) + 1;
      const previous = before?.hash ?? GENESIS;
      const hash = hashOf(seq, record, previous);
      const { at, user, address, action, status, detail } = record;
      insert.run(seq, at, user, address, action, status, detail, previous, hash);
    },
    read({ limit, before, user, action, from, to }) {
      const rows = page.all(
        before ?? Number.MAX_SAFE_INTEGER,
        limit,
        user ?? null,
        action ?? null,
        from ?? null,
        to ?? null,
      );
      return (rows as unknown as Row[]).map(toAuditRow);
    },
    facets: () => ({
      users: users.all().map((row) => String(row.user)),
      actions: actions.all().map((row) => String(row.action)),
    }),
    verify: () => stretch(0, -1).broken,
    verifyStretch: stretch,
    prune: (before) => Number(drop.run(before).changes),
  };
}

/** Why a row does not follow the one before it, or null. */
function misfit(row: Row, before: { readonly seq: number; readonly hash: string } | null): string | null {
  if (before !== null && row.seq !== before.seq + 1) return 'a row before it is missing';
  const expected = before?.hash ?? (row.seq === 1 ? GENESIS : row.previous);
  if (row.previous !== expected) return 'it does not follow the row before it';
  return hashOf(row.seq, toAuditRow(row), row.previous) === row.hash ? null : 'it was changed';
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
