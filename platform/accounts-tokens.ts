import type { DatabaseSync } from 'node:sqlite';
import type { Role } from '#core/command.ts';
import { type Instant, instant } from '#core/time.ts';
import { TOKEN_SCOPES, type TokenScope } from '#core/token-scope.ts';
import type { ApiToken } from './accounts-schema.ts';

/** Tokens of programs; the secret is kept as its digest. */
export interface Tokens {
  tokens(): readonly ApiToken[];
  tokenBySecret(digest: string): ApiToken | null;
  addToken(token: ApiToken, secretDigest: string): void;
  touchToken(id: string, at: Instant): void;
  removeToken(id: string): boolean;
}

/** Tokens that were made before there were scopes keep what they had: everything, within their role. Never what comes later. */
export const SCOPES_MIGRATION = `
  ALTER TABLE tokens ADD COLUMN scopes TEXT NOT NULL
    DEFAULT 'read metrics alertmanager alerts:write commands tasks:write surveys simulator';`;

type Row = Record<string, number | string | null>;

export function tokenTable(database: DatabaseSync): Tokens {
  const all = database.prepare('SELECT * FROM tokens ORDER BY created_at');
  const one = database.prepare('SELECT * FROM tokens WHERE secret = ?');
  const insert = database.prepare(
    'INSERT INTO tokens (id, secret, name, role, created_by, created_at, expires_at, scopes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const touch = database.prepare('UPDATE tokens SET last_used_at = ? WHERE id = ?');
  const remove = database.prepare('DELETE FROM tokens WHERE id = ?');
  return {
    tokens: () => (all.all() as Row[]).map(toToken),
    tokenBySecret(secretDigest) {
      const row = one.get(secretDigest) as Row | undefined;
      return row === undefined ? null : toToken(row);
    },
    addToken({ id, name, role, createdBy, createdAt, expiresAt, scopes }, secretDigest) {
      insert.run(id, secretDigest, name, role, createdBy, createdAt, expiresAt, scopes.join(' '));
    },
    touchToken: (id, at) => void touch.run(at, id),
    removeToken: (id) => Number(remove.run(id).changes) > 0,
  };
}

const toToken = (row: Row): ApiToken => ({
  id: String(row.id),
  name: String(row.name),
  role: row.role as Role,
  scopes: scopesOf(String(row.scopes)),
  createdBy: String(row.created_by),
  createdAt: instant(Number(row.created_at)),
  expiresAt: instant(Number(row.expires_at)),
  lastUsedAt: row.last_used_at === null ? null : instant(Number(row.last_used_at)),
});

function scopesOf(text: string): readonly TokenScope[] {
  const kept = new Set(text.split(' '));
  return TOKEN_SCOPES.filter((scope) => kept.has(scope));
}
