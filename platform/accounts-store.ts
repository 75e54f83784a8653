import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Role } from '#core/command.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import { type Instant, instant } from '#core/time.ts';
import { type Factors, factorTable } from './accounts-factors.ts';
import { type Feeds, feedTable } from './accounts-feeds.ts';
import { type PushBrowsers, pushTable } from './accounts-push.ts';
import { ACCOUNT_MIGRATIONS, type Account, type Failures } from './accounts-schema.ts';
import { type Sessions, sessionTable } from './accounts-sessions.ts';
import { type Tokens, tokenTable } from './accounts-tokens.ts';
import { type AuditLog, createAuditLog } from './audit-log.ts';
import { inTransaction, openDatabase } from './sqlite.ts';

/** People's accounts, sessions, API tokens and the audit log, in a SQLite file of their own with one writer. */
export interface Accounts extends Feeds, Sessions, Tokens, Factors, PushBrowsers {
  users(): readonly Account[];
  user(name: string): Account | null;
  /** CONFLICT when the name is taken. */
  addUser(account: Account): void;
  /** False when there is an account already: of several who try at once one succeeds. */
  addFirstUser(account: Account): boolean;
  updateUser(
    user: string,
    change: Partial<Pick<Account, 'name' | 'role' | 'person' | 'disabled' | 'lastSignInAt'>>,
  ): void;
  /** Keeps the old hash among the last ones. */
  setPassword(user: string, hash: string, at: Instant, mustChange: boolean): void;
  /** The newest `count` hashes that were used, the present one first. */
  recentPasswords(user: string, count: number): readonly string[];

  failures(user: string, address: string): Failures;
  setFailures(user: string, address: string, failures: Failures, at: Instant): void;
  clearFailures(user: string): void;

  readonly audit: AuditLog;
  /** Forgets what has ended: sessions used last before `sessionsBefore`, failures before `failuresBefore`, expired tokens, old audit rows. */
  prune(before: { sessions: Instant; failures: Instant; tokens: Instant; audit: Instant }): void;
  close(): void;
}

const MOST_FAILURE_ROWS = 10_000;

type Row = Record<string, number | string | null>;

/** Opens or makes the store; `:memory:` for tests. STORE_TOO_NEW when a newer version wrote it. */
export function openAccounts(file: string): Accounts {
  if (file !== ':memory:') makePrivate(file);
  const database = openDatabase(file, { migrations: ACCOUNT_MIGRATIONS, synchronous: 'FULL' });
  return {
    ...userTable(database, file),
    ...sessionTable(database),
    ...failureTable(database),
    ...tokenTable(database),
    ...feedTable(database),
    ...pushTable(database),
    ...factorTable(database, file),
    audit: createAuditLog(database),
    prune(before) {
      database.prepare('DELETE FROM sessions WHERE last_used_at < ?').run(before.sessions);
      database.prepare('DELETE FROM failures WHERE last_at < ?').run(before.failures);
      database.prepare('DELETE FROM tokens WHERE expires_at < ?').run(before.tokens);
      createAuditLog(database).prune(before.audit);
    },
    close: () => database.close(),
  };
}

/** Password hashes are for their owner's eyes; SQLite gives its side files the same rights. */
function makePrivate(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
  } catch (error) {
    throw new ZhishouError('STORE_DOWN', file, messageOf(error), { cause: error });
  }
}

type UserPart = Pick<
  Accounts,
  'users' | 'user' | 'addUser' | 'addFirstUser' | 'updateUser' | 'setPassword' | 'recentPasswords'
>;

function userTable(database: DatabaseSync, file: string): UserPart {
  const all = database.prepare('SELECT * FROM users ORDER BY user');
  const one = database.prepare('SELECT * FROM users WHERE user = ?');
  const insert = database.prepare(
    `INSERT INTO users (user, name, role, person, disabled, created_at, last_sign_in_at, password_hash, password_changed_at, must_change)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const change = database.prepare(
    'UPDATE users SET name = ?, role = ?, person = ?, disabled = ?, last_sign_in_at = ? WHERE user = ?',
  );
  const password = database.prepare(
    'UPDATE users SET password_hash = ?, password_changed_at = ?, must_change = ? WHERE user = ?',
  );
  const keepOld = database.prepare('INSERT INTO old_passwords (user, at, hash) VALUES (?, ?, ?)');
  const oldOnes = database.prepare(
    'SELECT hash FROM old_passwords WHERE user = ? ORDER BY at DESC, rowid DESC LIMIT ?',
  );

  const user = (name: string): Account | null => {
    const row = one.get(name) as Row | undefined;
    return row === undefined ? null : toAccount(row);
  };
  const add = (account: Account): boolean => {
    const { changes } = insert.run(
      account.user,
      account.name,
      account.role,
      account.person,
      Number(account.disabled),
      account.createdAt,
      account.lastSignInAt,
      account.passwordHash,
      account.passwordChangedAt,
      Number(account.mustChangePassword),
    );
    return changes > 0;
  };
  return {
    users: () => (all.all() as Row[]).map(toAccount),
    user,
    addUser(account) {
      if (!add(account)) throw new ZhishouError('CONFLICT', account.user, 'this user name is taken');
    },
    addFirstUser: (account) => inTransaction(database, file, () => all.get() === undefined && add(account)),
    updateUser(name, part) {
      const before = user(name);
      if (before === null) throw new ZhishouError('NOT_FOUND', name);
      const after = { ...before, ...part };
      change.run(after.name, after.role, after.person, Number(after.disabled), after.lastSignInAt, name);
    },
    setPassword(name, hash, at, mustChange) {
      const before = user(name);
      if (before === null) throw new ZhishouError('NOT_FOUND', name);
      inTransaction(database, file, () => {
        keepOld.run(name, at, before.passwordHash);
        password.run(hash, at, Number(mustChange), name);
      });
    },
    recentPasswords(name, count) {
      const present = user(name);
      if (present === null) return [];
      const older = (oldOnes.all(name, count - 1) as Row[]).map((row) => String(row.hash));
      return [present.passwordHash, ...older];
    },
  };
}

function failureTable(database: DatabaseSync): Pick<Accounts, 'failures' | 'setFailures' | 'clearFailures'> {
  const one = database.prepare('SELECT count, locked_until FROM failures WHERE user = ? AND address = ?');
  const set = database.prepare(
    `INSERT INTO failures (user, address, count, last_at, locked_until) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET count = excluded.count, last_at = excluded.last_at, locked_until = excluded.locked_until`,
  );
  const clear = database.prepare('DELETE FROM failures WHERE user = ?');
  const crowd = database.prepare(
    'DELETE FROM failures WHERE rowid IN (SELECT rowid FROM failures ORDER BY last_at DESC LIMIT -1 OFFSET ?)',
  );
  return {
    failures(user, address) {
      const row = one.get(user, address) as Row | undefined;
      return {
        count: Number(row?.count ?? 0),
        lockedUntil: row?.locked_until == null ? null : instant(Number(row.locked_until)),
      };
    },
    setFailures(user, address, failures, at) {
      set.run(user, address, failures.count, at, failures.lockedUntil);
      crowd.run(MOST_FAILURE_ROWS);
    },
    clearFailures: (user) => void clear.run(user),
  };
}

const maybeInstant = (value: Row[string] | undefined): Instant | null =>
  value == null ? null : instant(Number(value));

const toAccount = (row: Row): Account => ({
  user: String(row.user),
  name: String(row.name),
  role: row.role as Role,
  person: row.person === null ? null : String(row.person),
  disabled: row.disabled === 1,
  createdAt: instant(Number(row.created_at)),
  lastSignInAt: maybeInstant(row.last_sign_in_at),
  passwordHash: String(row.password_hash),
  passwordChangedAt: instant(Number(row.password_changed_at)),
  mustChangePassword: row.must_change === 1,
});
