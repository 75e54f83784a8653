import type { DatabaseSync } from 'node:sqlite';
import { type Instant, instant } from '#core/time.ts';
import { inTransaction } from './sqlite.ts';

/** To whom an archived report goes by e-mail, and what became of it: kept beside it, so that a restart goes on where it was. */
export interface ReportMailTable {
  /** Each person once an edition; asked again (by a person) it is sent again. */
  plan(edition: string, people: readonly string[], at: Instant, again?: boolean): void;
  /** The first that may be tried now. */
  due(at: Instant): ReportMailLine | null;
  /** When the next one may be tried; null: none waits. */
  nextAt(): Instant | null;
  sent(line: ReportMailLine, at: Instant): void;
  /** `nextAt` null: it is given up. */
  failed(line: ReportMailLine, error: string, nextAt: Instant | null): void;
  of(edition: string): readonly ReportMailLine[];
}

export interface ReportMailLine {
  readonly edition: string;
  readonly person: string;
  readonly attempts: number;
  /** Which time it was asked for: 0, and 1 more for each time that a person has it sent again. */
  readonly round: number;
  readonly nextAt: Instant | null;
  readonly sentAt: Instant | null;
  readonly error: string | null;
}

export const REPORT_MAIL_TABLE = `CREATE TABLE mails (
     edition TEXT NOT NULL, person TEXT NOT NULL, attempts INTEGER NOT NULL, round INTEGER NOT NULL, next_at INTEGER,
     sent_at INTEGER, error TEXT, PRIMARY KEY (edition, person)) STRICT, WITHOUT ROWID;`;

export function createReportMail(database: DatabaseSync, file: string): ReportMailTable {
  const plan = database.prepare('INSERT INTO mails VALUES (?, ?, 0, 0, ?, NULL, NULL) ON CONFLICT DO NOTHING');
  const again = database.prepare(
    `INSERT INTO mails VALUES (?, ?, 0, 0, ?, NULL, NULL)
     ON CONFLICT DO UPDATE SET attempts = 0, round = round + 1, next_at = excluded.next_at, error = NULL`,
  );
  const due = database.prepare('SELECT * FROM mails WHERE next_at <= ? ORDER BY next_at, edition, person LIMIT 1');
  const next = database.prepare('SELECT min(next_at) AS at FROM mails');
  const mark = database.prepare(
    'UPDATE mails SET attempts = attempts + 1, next_at = ?, sent_at = coalesce(?, sent_at), error = ? WHERE edition = ? AND person = ?',
  );
  const list = database.prepare('SELECT * FROM mails WHERE edition = ? ORDER BY person');
  const change = (work: () => unknown): void => void inTransaction(database, file, work);
  return {
    plan: (edition, people, at, isAgain = false) =>
      change(() => {
        for (const person of people) (isAgain ? again : plan).run(edition, person, at);
      }),
    due(at) {
      const row = due.get(at);
      return row === undefined ? null : toLine(row);
    },
    nextAt() {
      const at = next.get()?.at;
      return at === null || at === undefined ? null : instant(Number(at));
    },
    sent: ({ edition, person }, at) => change(() => mark.run(null, at, null, edition, person)),
    failed: ({ edition, person }, error, nextAt) =>
      change(() => mark.run(nextAt, null, error.slice(0, 1000), edition, person)),
    of: (edition) => list.all(edition).map(toLine),
  };
}

const orNull = (value: unknown): Instant | null => (value === null ? null : instant(Number(value)));

const toLine = (row: Record<string, unknown>): ReportMailLine => ({
  edition: String(row.edition),
  person: String(row.person),
  attempts: Number(row.attempts),
  round: Number(row.round),
  nextAt: orNull(row.next_at),
  sentAt: orNull(row.sent_at),
  error: row.error === null ? null : String(row.error),
});
