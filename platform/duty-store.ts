import type { DatabaseSync } from 'node:sqlite';
import { ZhishouError } from '#core/errors.ts';
import { type Instant, instant } from '#core/time.ts';
import { copyWhenIdle, inTransaction, openDatabase, storeDown } from './sqlite.ts';

/**
 * What became of duties, on the disk before anybody is told that it is: how each ended, what was found, who was told. Written once and
 * never changed; the database itself refuses that.
 */
export interface DutyStore {
  /** False: how it ended is written already. */
  end(record: DutyRecord): boolean;
  of(occurrence: string): readonly DutyRecord[];
  /** Of those due from one time up to another; of all that is kept. Without what was found in each. */
  due(from: Instant, to: Instant): readonly DutyOutline[];
  /** The last times, newest first. */
  last(duty: string, before: Instant, most: number): readonly DutyRecord[];
  /** What was written from one time up to another. */
  written(from: Instant, to: Instant): readonly DutyRecord[];
  /** What followed: tasks, an entry of a register. Written once by its key. */
  follow(occurrence: string, key: string, at: Instant, body: unknown): void;
  followed(occurrence: string): readonly { readonly key: string; readonly body: unknown }[];
  /** Done ones of which something may still have to follow. */
  unfollowed(): readonly DutyRecord[];
  tell(occurrence: string, keys: readonly string[], at: Instant): void;
  told(occurrence: string): readonly { readonly key: string; readonly at: Instant }[];
  /** When a duty was first known of: what was due before is nobody's. */
  knownSince(duty: string, now: Instant): Instant;
  /** When the duties were looked at last; null: never. */
  looked(): Instant | null;
  look(at: Instant): void;
  close(): void;
}

export interface DutyOutline {
  readonly occurrence: string;
  readonly duty: string;
  readonly kind: 'done' | 'waived' | 'missed';
  readonly from: Instant;
  readonly due: Instant;
  readonly at: Instant;
  readonly by: string;
  readonly byName: string;
  readonly findings: number;
}
export interface DutyRecord extends DutyOutline {
  /** JSON: answers, note, signature; core/duties/answers.ts. */
  readonly body: unknown;
}

const MIGRATIONS = [
  `CREATE TABLE records (
     seq INTEGER PRIMARY KEY,
     occurrence TEXT NOT NULL,
     duty TEXT NOT NULL,
     kind TEXT NOT NULL CHECK (kind IN ('done', 'waived', 'missed')),
     from_at INTEGER NOT NULL,
     due_at INTEGER NOT NULL,
     at INTEGER NOT NULL,
     by TEXT NOT NULL,
     by_name TEXT NOT NULL,
     findings INTEGER NOT NULL,
     body TEXT NOT NULL
   ) STRICT;
   CREATE UNIQUE INDEX ended_once ON records (occurrence, (kind = 'missed'));
   CREATE INDEX by_due ON records (due_at);
   CREATE INDEX by_duty ON records (duty, due_at);
   CREATE INDEX by_time ON records (at);
   CREATE TABLE follow_ups (
     occurrence TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (occurrence, key)
   ) STRICT;
   CREATE TABLE told (
     occurrence TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (occurrence, key)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE known (duty TEXT PRIMARY KEY, since INTEGER NOT NULL) STRICT;
   CREATE TABLE looked (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL) STRICT;
   CREATE TRIGGER records_stay BEFORE UPDATE ON records BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;
   CREATE TRIGGER records_are_kept BEFORE DELETE ON records BEGIN SELECT RAISE(ABORT, 'records are never removed'); END;
   CREATE TRIGGER follow_ups_stay BEFORE UPDATE ON follow_ups BEGIN SELECT RAISE(ABORT, 'never changed'); END;
   CREATE TRIGGER follow_ups_are_kept BEFORE DELETE ON follow_ups BEGIN SELECT RAISE(ABORT, 'never removed'); END;`,
];

type Row = Readonly<Record<string, string | number | null>>;
const OUTLINE = 'occurrence, duty, kind, from_at, due_at, at, by, by_name, findings';

/** `:memory:` gives one without a file. Throws STORE_TOO_NEW or STORE_DOWN. */
export function openDutyStore(file: string): DutyStore {
  const database = openDatabase(file, { migrations: MIGRATIONS, synchronous: 'FULL' });
  const committed = copyWhenIdle(database);
  const sql = statementsOf(database);
  const change = <T>(work: () => T): T => {
    const result = inTransaction(database, file, work);
    committed();
    return result;
  };
  const read = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw error instanceof ZhishouError ? error : storeDown(file, error);
    }
  };
  return {
    end: (record) =>
      change(() => {
        const { occurrence, duty, kind, from, due, at, by, byName, findings, body } = record;
        const made = sql.end.run(
          ...([occurrence, duty, kind, from, due, at, by, byName, findings, JSON.stringify(body)] as const),
        );
        return Number(made.changes) === 1;
      }),
    of: (occurrence) => read(() => (sql.of.all(occurrence) as Row[]).map(toRecord)),
    due: (from, to) => read(() => (sql.due.all(from, to) as Row[]).map(toOutline)),
    last: (duty, before, most) => read(() => (sql.last.all(duty, before, most) as Row[]).map(toRecord)),
    written: (from, to) => read(() => (sql.written.all(from, to) as Row[]).map(toRecord)),
    follow: (occurrence, key, at, body) => change(() => void sql.follow.run(occurrence, key, at, JSON.stringify(body))),
    followed: (occurrence) =>
      read(() =>
        (sql.followed.all(occurrence) as Row[]).map(({ key, body }) => ({
          key: String(key),
          body: JSON.parse(String(body)) as unknown,
        })),
      ),
    unfollowed: () => read(() => (sql.unfollowed.all() as Row[]).map(toRecord)),
    tell: (occurrence, keys, at) => change(() => keys.forEach((key) => void sql.tell.run(occurrence, key, at))),
    told: (occurrence) =>
      read(() =>
        (sql.told.all(occurrence) as Row[]).map(({ key, at }) => ({ key: String(key), at: instant(Number(at)) })),
      ),
    knownSince: (duty, now) =>
      change(() => {
        sql.know.run(duty, now);
        return instant(Number(sql.known.get(duty)?.since ?? now));
      }),
    looked: () => {
      const row = read(() => sql.looked.get());
      return row === undefined ? null : instant(Number(row.at));
    },
    look: (at) => change(() => void sql.look.run(at)),
    close() {
      if (database.isOpen) database.close();
    },
  };
}

const statementsOf = (database: DatabaseSync) => ({
  end: database.prepare(
    `INSERT INTO records (${OUTLINE}, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  ),
  of: database.prepare(`SELECT ${OUTLINE}, body FROM records WHERE occurrence = ? ORDER BY seq`),
  due: database.prepare(`SELECT ${OUTLINE} FROM records WHERE due_at >= ? AND due_at < ? ORDER BY due_at, seq`),
  last: database.prepare(
    `SELECT ${OUTLINE}, body FROM records WHERE duty = ? AND due_at < ? ORDER BY due_at DESC, seq DESC LIMIT ?`,
  ),
  written: database.prepare(`SELECT ${OUTLINE}, body FROM records WHERE at >= ? AND at < ? ORDER BY at, seq`),
  follow: database.prepare('INSERT INTO follow_ups VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING'),
  followed: database.prepare('SELECT key, body FROM follow_ups WHERE occurrence = ? ORDER BY at, key'),
  unfollowed: database.prepare(
    `SELECT ${OUTLINE}, body FROM records WHERE kind = 'done'
     AND NOT EXISTS (SELECT 1 FROM follow_ups WHERE follow_ups.occurrence = records.occurrence AND key = 'all')`,
  ),
  tell: database.prepare('INSERT INTO told VALUES (?, ?, ?) ON CONFLICT DO NOTHING'),
  told: database.prepare('SELECT key, at FROM told WHERE occurrence = ? ORDER BY at, key'),
  know: database.prepare('INSERT INTO known VALUES (?, ?) ON CONFLICT DO NOTHING'),
  known: database.prepare('SELECT since FROM known WHERE duty = ?'),
  looked: database.prepare('SELECT at FROM looked'),
  look: database.prepare('INSERT INTO looked VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET at = excluded.at'),
});

const toOutline = (row: Row): DutyOutline => ({
  occurrence: String(row.occurrence),
  duty: String(row.duty),
  kind: row.kind as DutyOutline['kind'],
  from: instant(Number(row.from_at)),
  due: instant(Number(row.due_at)),
  at: instant(Number(row.at)),
  by: String(row.by),
  byName: String(row.by_name),
  findings: Number(row.findings),
});
const toRecord = (row: Row): DutyRecord => ({ ...toOutline(row), body: JSON.parse(String(row.body)) as unknown });
