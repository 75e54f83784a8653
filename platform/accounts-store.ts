import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Role } from '#core/command.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import { type Instant, instant } from '#core/time.ts';
import { type Feeds, feedTable } from './accounts-feeds.ts';
import { ACCOUNT_MIGRATIONS, type Account, type ApiToken, type Failures, type Session } from './accounts-schema.ts';
import { type AuditLog, createAuditLog } from './audit-log.ts';
import { inTransaction, openDatabase } from './sqlite.ts';

/** People's accounts, sessions, API tokens and the audit log, in a SQLite file of their own with one writer. */
export interface Accounts extends Feeds {
  users(): readonly Account[];
  user(name: string): Account | null;
  /** CONFLICT when the name is taken. */
  addUser(account: Account): void;
  updateUser(
    user: string,
    change: Partial<Pick<Account, 'name' | 'role' | 'person' | 'disabled' | 'lastSignInAt'>>,
  ): void;
  /** Keeps the old hash among the last ones. */
  setPassword(user: string, hash: string, at: Instant, mustChange: boolean): void;
  /** The newest `count` hashes that were used, the present one first. */
  recentPasswords(user: string, count: number): readonly string[];

  addSession(session: Session): void;
  session(id: string): Session | null;
  touchSession(id: string, at: Instant): void;
  endSession(id: string): void;
  /** All of a person's, but perhaps one. */
  endSessionsOf(user: string, except?: string): void;

  failures(user: string, address: string): Failures;
  setFailures(user: string, address: string, failures: Failures, at: Instant): void;
  clearFailures(user: string): void;

  tokens(): readonly ApiToken[];
  tokenBySecret(digest: string): ApiToken | null;
  addToken(token: ApiToken, secretDigest: string): void;
  touchToken(id: string, at: Instant): void;
  removeToken(id: string): boolean;

  readonly audit: AuditLog;
  /** Forgets what has ended: sessions used last before `sessionsBefore`, failures before `failuresBefore`, expired tokens, old audit rows. */
  prune(before: { sessions: Instant; failures: Instant; tokens: Instant; audit: Instant }): void;
  close(): void;
}

const MOST_SESSIONS_PER_USER = 50;
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

type UserPart = Pick<Accounts, 'users' | 'user' | 'addUser' | 'updateUser' | 'setPassword' | 'recentPasswords'>;

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
  return {
    users: () => (all.all() as Row[]).map(toAccount),
    user,
    addUser(account) {
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
      if (changes === 0) throw new ZhishouError('CONFLICT', account.user, 'this user name is taken');
    },
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

type SessionPart = Pick<Accounts, 'addSession' | 'session' | 'touchSession' | 'endSession' | 'endSessionsOf'>;

function sessionTable(database: DatabaseSync): SessionPart {
  const insert = database.prepare('INSERT INTO sessions (id, user, created_at, last_used_at) VALUES (?, ?, ?, ?)');
  const crowd = database.prepare(
    `DELETE FROM sessions WHERE user = ?1 AND id NOT IN
       (SELECT id FROM sessions WHERE user = ?1 ORDER BY last_used_at DESC, rowid DESC LIMIT ?2)`,
  );
  const one = database.prepare('SELECT * FROM sessions WHERE id = ?');
  const touch = database.prepare('UPDATE sessions SET last_used_at = ? WHERE id = ?');
  const end = database.prepare('DELETE FROM sessions WHERE id = ?');
  const endAll = database.prepare('DELETE FROM sessions WHERE user = ? AND id <> ?');
  return {
    addSession(session) {
      insert.run(session.id, session.user, session.createdAt, session.lastUsedAt);
      crowd.run(session.user, MOST_SESSIONS_PER_USER);
    },
    session(id) {
      const row = one.get(id) as Row | undefined;
      if (row === undefined) return null;
      return {
        id,
        user: String(row.user),
        createdAt: instant(Number(row.created_at)),
        lastUsedAt: instant(Number(row.last_used_at)),
      };
    },
    touchSession: (id, at) => void touch.run(at, id),
    endSession: (id) => void end.run(id),
    endSessionsOf: (user, except = '') => void endAll.run(user, except),
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

function tokenTable(
  database: DatabaseSync,
): Pick<Accounts, 'tokens' | 'tokenBySecret' | 'addToken' | 'touchToken' | 'removeToken'> {
  const all = database.prepare('SELECT * FROM tokens ORDER BY created_at');
  const one = database.prepare('SELECT * FROM tokens WHERE secret = ?');
  const insert = database.prepare(
    'INSERT INTO tokens (id, secret, name, role, created_by, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const touch = database.prepare('UPDATE tokens SET last_used_at = ? WHERE id = ?');
  const remove = database.prepare('DELETE FROM tokens WHERE id = ?');
  return {
    tokens: () => (all.all() as Row[]).map(toToken),
    tokenBySecret(secretDigest) {
      const row = one.get(secretDigest) as Row | undefined;
      return row === undefined ? null : toToken(row);
    },
    addToken(token, secretDigest) {
      insert.run(token.id, secretDigest, token.name, token.role, token.createdBy, token.createdAt, token.expiresAt);
    },
    touchToken: (id, at) => void touch.run(at, id),
    removeToken: (id) => Number(remove.run(id).changes) > 0,
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

const toToken = (row: Row): ApiToken => ({
  id: String(row.id),
  name: String(row.name),
  role: row.role as Role,
  createdBy: String(row.created_by),
  createdAt: instant(Number(row.created_at)),
  expiresAt: instant(Number(row.expires_at)),
  lastUsedAt: maybeInstant(row.last_used_at),
});
