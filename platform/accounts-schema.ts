import type { Role } from '#core/command.ts';
import type { Instant } from '#core/time.ts';
import type { TokenScope } from '#core/token-scope.ts';
import { FACTORS_MIGRATION } from './accounts-factors.ts';
import { FEEDS_MIGRATION } from './accounts-feeds.ts';
import { PUSH_MIGRATION } from './accounts-push.ts';
import { SESSIONS_MIGRATION } from './accounts-sessions.ts';
import { SCOPES_MIGRATION } from './accounts-tokens.ts';
import { AUDIT_INDEX_MIGRATION } from './audit-log.ts';

/** What the accounts' database keeps, and the steps by which its tables came to be. */

export interface Account {
  readonly user: string;
  readonly name: string;
  readonly role: Role;
  readonly person: string | null;
  readonly disabled: boolean;
  readonly createdAt: Instant;
  readonly lastSignInAt: Instant | null;
  /** Empty: this account has no password, its owner signs in at a provider. */
  readonly passwordHash: string;
  readonly passwordChangedAt: Instant;
  readonly mustChangePassword: boolean;
}

export interface Session {
  /** The digest of the secret in the cookie. */
  readonly id: string;
  readonly user: string;
  readonly createdAt: Instant;
  readonly lastUsedAt: Instant;
  /** Where from, at sign-in. */
  readonly address: string;
  /** What the browser said it was, shortened. */
  readonly agent: string;
  readonly via: 'password' | 'oidc';
}

export interface ApiToken {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly scopes: readonly TokenScope[];
  readonly createdBy: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  readonly lastUsedAt: Instant | null;
}

/** Wrong passwords in a row for one name from one address. */
export interface Failures {
  readonly count: number;
  readonly lockedUntil: Instant | null;
}

export interface AuditRecord {
  readonly at: Instant;
  readonly user: string;
  readonly address: string;
  readonly action: string;
  readonly status: number;
  readonly detail: string;
}
export interface AuditRow extends AuditRecord {
  readonly seq: number;
  /** SHA-256 over the record and the hash before it. */
  readonly hash: string;
}

/** Each runs once, in one transaction with the version it leads to. Never edit one that has been released: add another. */
export const ACCOUNT_MIGRATIONS: readonly string[] = [
  `CREATE TABLE users (
     user TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, person TEXT, disabled INTEGER NOT NULL DEFAULT 0,
     created_at INTEGER NOT NULL, last_sign_in_at INTEGER, password_hash TEXT NOT NULL, password_changed_at INTEGER NOT NULL,
     must_change INTEGER NOT NULL DEFAULT 0
   ) STRICT;
   CREATE TABLE old_passwords (user TEXT NOT NULL, at INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;
   CREATE INDEX old_passwords_by_user ON old_passwords (user, at);
   CREATE TABLE sessions (
     id TEXT PRIMARY KEY, user TEXT NOT NULL, created_at INTEGER NOT NULL, last_used_at INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX sessions_by_user ON sessions (user);
   CREATE TABLE failures (
     user TEXT NOT NULL, address TEXT NOT NULL, count INTEGER NOT NULL, last_at INTEGER NOT NULL, locked_until INTEGER,
     PRIMARY KEY (user, address)
   ) STRICT;
   CREATE TABLE tokens (
     id TEXT PRIMARY KEY, secret TEXT NOT NULL UNIQUE, name TEXT NOT NULL, role TEXT NOT NULL, created_by TEXT NOT NULL,
     created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, last_used_at INTEGER
   ) STRICT;
   CREATE TABLE audit (
     seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, user TEXT NOT NULL, address TEXT NOT NULL, action TEXT NOT NULL,
     status INTEGER NOT NULL, detail TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL
   ) STRICT;`,
  FEEDS_MIGRATION,
  SESSIONS_MIGRATION + SCOPES_MIGRATION + FACTORS_MIGRATION,
  PUSH_MIGRATION,
  AUDIT_INDEX_MIGRATION,
];
