import type { DatabaseSync } from 'node:sqlite';
import { type Instant, instant } from '#core/time.ts';
import { inTransaction } from './sqlite.ts';

/** What stands beside or instead of a password: one-time codes, and who somebody is at a sign-in provider. */

export interface OneTimeCodes {
  readonly user: string;
  /** Sealed (platform/sealed-message.ts), so that a copy of this file alone makes no codes. */
  readonly sealed: string;
  readonly createdAt: Instant;
  /** Null: shown and not yet proven by a code; it counts for nothing. */
  readonly confirmedAt: Instant | null;
  /** The 30 s step of the last code that was taken; none up to it is taken again. */
  readonly lastStep: number;
}

export interface Factors {
  codesOf(user: string): OneTimeCodes | null;
  /** In place of what was there and with its recovery codes gone. */
  setCodes(codes: OneTimeCodes): void;
  /** False when a code of this step or a later one was taken before: two at once do not both get in. */
  takeStep(user: string, step: number): boolean;
  /** The codes count from now on; `recovery` are digests. */
  confirmCodes(user: string, at: Instant, recovery: readonly string[]): void;
  setRecovery(user: string, digests: readonly string[]): void;
  /** True once for each. */
  takeRecovery(user: string, digest: string): boolean;
  recoveryLeft(user: string): number;
  removeCodes(user: string): boolean;

  linkedUser(issuer: string, subject: string): string | null;
  /** Replaces what this subject and this user were linked with at the issuer before. */
  link(issuer: string, subject: string, user: string, at: Instant): void;
  isLinked(user: string): boolean;
  unlink(user: string): boolean;
}

export const FACTORS_MIGRATION = `
  CREATE TABLE one_time_codes (
    user TEXT PRIMARY KEY, sealed TEXT NOT NULL, created_at INTEGER NOT NULL, confirmed_at INTEGER, last_step INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE recovery_codes (user TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (user, digest)) STRICT;
  CREATE TABLE links (
    issuer TEXT NOT NULL, subject TEXT NOT NULL, user TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (issuer, subject)
  ) STRICT;
  CREATE INDEX links_by_user ON links (user);`;

type Row = Record<string, number | string | null>;

export function factorTable(database: DatabaseSync, file: string): Factors {
  return { ...codeTable(database, file), ...linkTable(database, file) };
}

type CodePart = Omit<Factors, 'linkedUser' | 'link' | 'isLinked' | 'unlink'>;

function codeTable(database: DatabaseSync, file: string): CodePart {
  const one = database.prepare('SELECT * FROM one_time_codes WHERE user = ?');
  const set = database.prepare('INSERT OR REPLACE INTO one_time_codes VALUES (?, ?, ?, ?, ?)');
  const step = database.prepare('UPDATE one_time_codes SET last_step = ?2 WHERE user = ?1 AND last_step < ?2');
  const confirm = database.prepare('UPDATE one_time_codes SET confirmed_at = ? WHERE user = ?');
  const remove = database.prepare('DELETE FROM one_time_codes WHERE user = ?');
  const addRecovery = database.prepare('INSERT INTO recovery_codes (user, digest) VALUES (?, ?)');
  const takeRecovery = database.prepare('DELETE FROM recovery_codes WHERE user = ? AND digest = ?');
  const clearRecovery = database.prepare('DELETE FROM recovery_codes WHERE user = ?');
  const countRecovery = database.prepare('SELECT COUNT(*) AS count FROM recovery_codes WHERE user = ?');
  const setRecovery = (user: string, digests: readonly string[]): void => {
    clearRecovery.run(user);
    for (const digest of digests) addRecovery.run(user, digest);
  };
  const together = <T>(work: () => T): T => inTransaction(database, file, work);
  return {
    codesOf(user) {
      const row = one.get(user) as Row | undefined;
      return row === undefined ? null : toCodes(row);
    },
    setCodes: ({ user, sealed, createdAt, confirmedAt, lastStep }) =>
      together(() => {
        set.run(user, sealed, createdAt, confirmedAt, lastStep);
        clearRecovery.run(user);
      }),
    takeStep: (user, taken) => Number(step.run(user, taken).changes) > 0,
    confirmCodes: (user, at, recovery) =>
      together(() => {
        confirm.run(at, user);
        setRecovery(user, recovery);
      }),
    setRecovery: (user, digests) => together(() => setRecovery(user, digests)),
    takeRecovery: (user, digest) => Number(takeRecovery.run(user, digest).changes) > 0,
    recoveryLeft: (user) => Number(countRecovery.get(user)?.count ?? 0),
    removeCodes: (user) =>
      together(() => {
        clearRecovery.run(user);
        return Number(remove.run(user).changes) > 0;
      }),
  };
}

function linkTable(database: DatabaseSync, file: string): Pick<Factors, 'linkedUser' | 'link' | 'isLinked' | 'unlink'> {
  const one = database.prepare('SELECT user FROM links WHERE issuer = ? AND subject = ?');
  const clear = database.prepare('DELETE FROM links WHERE issuer = ?1 AND (subject = ?2 OR user = ?3)');
  const insert = database.prepare('INSERT INTO links (issuer, subject, user, at) VALUES (?, ?, ?, ?)');
  const any = database.prepare('SELECT 1 FROM links WHERE user = ?');
  const remove = database.prepare('DELETE FROM links WHERE user = ?');
  return {
    linkedUser: (issuer, subject) => (one.get(issuer, subject)?.user as string | undefined) ?? null,
    link: (issuer, subject, user, at) =>
      inTransaction(database, file, () => {
        clear.run(issuer, subject, user);
        insert.run(issuer, subject, user, at);
      }),
    isLinked: (user) => any.get(user) !== undefined,
    unlink: (user) => Number(remove.run(user).changes) > 0,
  };
}

const toCodes = (row: Row): OneTimeCodes => ({
  user: String(row.user),
  sealed: String(row.sealed),
  createdAt: instant(Number(row.created_at)),
  confirmedAt: row.confirmed_at === null ? null : instant(Number(row.confirmed_at)),
  lastStep: Number(row.last_step),
});
