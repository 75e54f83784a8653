import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { ZhishouError } from '#core/errors.ts';
import type { Journal, JournalRecord } from '#core/ports.ts';
import { type Instant, instant } from '#core/time.ts';
import { canonicalJson } from './canonical-json.ts';
import { createLeaseTable, type LeaseTable } from './lease-table.ts';
import { hashRecord } from './record-hash.ts';
import { copyWhenIdle, inTransaction, openDatabase } from './sqlite.ts';

/**
 * The append-only journal on SQLite.
 *
 * Each record's hash covers the hash before it, its number, time, stream, kind and canonical body; `head` repeats the
 * last one, so that a record taken from the end is missed too. The lease of the site lives in the same file: once fenced,
 * an instance that lost the lease can append nothing, and what is not in the journal has no effect outside.
 */
export interface SiteJournal extends Journal {
  readonly lease: LeaseTable;
  /** From now on `append` throws CONFLICT unless this holder has the lease; returns its name, to be given to the lease. */
  fence(holder?: string): string;
}

const MIGRATIONS = [
  `CREATE TABLE journal (
     seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, stream TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, hash TEXT NOT NULL
   ) STRICT;
   CREATE INDEX journal_stream ON journal (stream, seq);
   CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;
   INSERT INTO head VALUES (1, 0, '');
   CREATE TABLE lease (
     id INTEGER PRIMARY KEY CHECK (id = 1), holder TEXT NOT NULL, beat INTEGER NOT NULL, process TEXT NOT NULL
   ) STRICT;`,
];

/** Records read at once while iterating; the file is not held between two pages. */
const PAGE = 500;
/** Records checked in one go where others wait. */
const SLICE = 100;
/** A record is an event, not a document. */
const MOST_BODY_CHARACTERS = 8 * 1024 * 1024;

interface Row {
  seq: number;
  at: number;
  stream: string;
  kind: string;
  body: string;
  hash: string;
}

/** Opens or makes the journal; `:memory:` gives one without a file, for simulation. Throws STORE_TOO_NEW or STORE_DOWN. */
export function openJournal(file: string): SiteJournal {
  const database = openDatabase(file, { migrations: MIGRATIONS, synchronous: 'FULL' });
  const lease = createLeaseTable(database, file);
  const insert = database.prepare('INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)');
  const getHead = database.prepare('SELECT seq, hash FROM head');
  const setHead = database.prepare('UPDATE head SET seq = ?, hash = ?');
  const committed = copyWhenIdle(database);
  let holder: string | null = null;

  function* verifySlowly(): ReturnType<NonNullable<Journal['verifySlowly']>> {
    let before = { seq: 0, hash: '' };
    const found = (seq: number, reason: string) => ({ records: before.seq, broken: { seq, reason } });
    for (const row of rows(database, 0)) {
      if (row.seq !== before.seq + 1) return found(before.seq + 1, 'the record is missing');
      if (hashRecord(before.hash, row) !== row.hash)
        return found(row.seq, 'the record does not fit its hash or the one before');
      before = row;
      if (row.seq % SLICE === 0) yield;
    }
    const head = getHead.get() as unknown as { seq: number; hash: string };
    if (head.seq > before.seq) return found(before.seq + 1, 'the record is missing at the end');
    return head.seq === before.seq && head.hash === before.hash
      ? { records: before.seq, broken: null }
      : found(before.seq, 'the last record is not the one that was written last');
  }

  return {
    lease,
    fence(by = randomUUID()) {
      holder = by;
      return by;
    },
    append(records) {
      if (records.length === 0) return [];
      const written = inTransaction(database, file, () => {
        if (holder !== null && lease.read()?.holder !== holder) {
          throw new ZhishouError(
            'CONFLICT',
            file,
            'this instance does not have the lease of the site; nothing may be recorded here',
          );
        }
        let { seq, hash } = getHead.get() as unknown as { seq: number; hash: string };
        const appended = records.map(({ stream, kind, body, ...record }): JournalRecord => {
          const at = instant(Math.round(record.at));
          const text = canonicalJson(body);
          if (text.length > MOST_BODY_CHARACTERS) throw new ZhishouError('TOO_LARGE', `${stream} ${kind}`);
          seq++;
          hash = hashRecord(hash, { seq, at, stream, kind, body: text });
          insert.run(seq, at, stream, kind, text, hash);
          return { seq, at, stream, kind, body: JSON.parse(text) as unknown, hash };
        });
        setHead.run(seq, hash);
        return appended;
      });
      committed();
      return written;
    },
    *read({ stream, after = 0 } = {}) {
      for (const row of rows(database, after, stream)) yield toRecord(row);
    },
    streams: () =>
      database
        .prepare(
          `SELECT s.stream, s.first, s.last, f.at AS firstAt, l.at AS lastAt
           FROM (SELECT stream, min(seq) AS first, max(seq) AS last FROM journal GROUP BY stream) s
           JOIN journal f ON f.seq = s.first JOIN journal l ON l.seq = s.last ORDER BY s.first`,
        )
        .all()
        .map((row) => ({ ...row }) as unknown as StreamRow),
    verify() {
      const slices = verifySlowly();
      for (;;) {
        const { done, value } = slices.next();
        if (done === true) return value.broken;
      }
    },
    verifySlowly,
    close() {
      if (database.isOpen) database.close();
    },
  };
}

interface StreamRow {
  stream: string;
  first: number;
  last: number;
  firstAt: Instant;
  lastAt: Instant;
}

function* rows(database: DatabaseSync, after: number, stream?: string): Iterable<Row> {
  const of = stream === undefined ? '' : 'AND stream = ?';
  const page = database.prepare(`SELECT * FROM journal WHERE seq > ? ${of} ORDER BY seq LIMIT ${PAGE}`);
  let last = after;
  for (;;) {
    const found = (stream === undefined ? page.all(last) : page.all(last, stream)) as unknown as Row[];
    yield* found;
    const end = found.at(-1);
    if (end === undefined || found.length < PAGE) return;
    last = end.seq;
  }
}

const toRecord = (row: Row): JournalRecord => ({
  seq: row.seq,
  at: instant(row.at),
  stream: row.stream,
  kind: row.kind,
  body: JSON.parse(row.body) as unknown,
  hash: row.hash,
});
