import { createHash } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { type Instant, instant } from '#core/time.ts';
import type { AuditRecord, AuditRow } from './accounts-schema.ts';

/** Who changed what: append-only, each row's hash covers the row before it, so that a change or a gap in the middle shows. */
export interface AuditLog {
  append(record: AuditRecord): void;
  /** Newest first. */
  read(options: AuditQuery): readonly AuditRow[];
  /** The same, however many, some at a time: what else this process does comes in between. */
  slices(options: AuditQuery): AsyncGenerator<readonly AuditRow[]>;
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

/** Some milliseconds' worth of rows. */
const SLICE = 1000;

export const AUDIT_INDEX_MIGRATION = `
  CREATE INDEX audit_by_user ON audit (user, seq);
  CREATE INDEX audit_by_action ON audit (action, seq);`;

/** Each word of a column once, from one to the next by the index: the whole record is not read for it. */
const distinct = (column: 'user' | 'action'): string => `
  WITH RECURSIVE words (word) AS (
    SELECT MIN(${column}) FROM audit
    UNION ALL SELECT (SELECT MIN(${column}) FROM audit WHERE ${column} > word) FROM words WHERE word IS NOT NULL
  ) SELECT word FROM words WHERE word IS NOT NULL LIMIT 1000`;

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
  // A condition that is not there is left out, so that the index serves those that are.
  const pages = new Map<string, StatementSync>();
  const pageBy = (byUser: boolean, byAction: boolean): StatementSync => {
    const conditions = `${byUser ? 'AND user = ?5' : 'AND ?5 IS NULL'} ${byAction ? 'AND action = ?6' : 'AND ?6 IS NULL'}`;
    const statement =
      pages.get(conditions) ??
      database.prepare(
        `SELECT * FROM audit WHERE seq < ?1 AND (?3 IS NULL OR at >= ?3) AND (?4 IS NULL OR at < ?4) ${conditions}
         ORDER BY seq DESC LIMIT ?2`,
      );
    pages.set(conditions, statement);
    return statement;
  };
  const users = database.prepare(distinct('user'));
  const actions = database.prepare(distinct('action'));
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

  const read = ({ limit, before, user, action, from, to }: AuditQuery): AuditRow[] => {
    const rows = pageBy(user !== undefined, action !== undefined).all(
      ...[before ?? Number.MAX_SAFE_INTEGER, limit],
      ...[from ?? null, to ?? null, user ?? null, action ?? null],
    );
    return (rows as unknown as Row[]).map(toAuditRow);
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
    read,
    async *slices(options) {
      let { before, limit } = options;
      while (limit > 0) {
        const rows = read({ ...options, ...(before === undefined ? {} : { before }), limit: Math.min(limit, SLICE) });
        if (rows.length === 0) return;
        yield rows;
        before = rows.at(-1)?.seq;
        limit -= rows.length;
        await setImmediate();
      }
    },
    facets: () => ({
      users: users.all().map((row) => String(row.word)),
      actions: actions.all().map((row) => String(row.word)),
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
