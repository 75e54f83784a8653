import type { DatabaseSync } from 'node:sqlite';
import { type Instant, instant } from '#core/time.ts';
import type { Session } from './accounts-schema.ts';

/** Who is signed in, where and how. */
export interface Sessions {
  addSession(session: Session): void;
  session(id: string): Session | null;
  /** A person's, or everybody's, used last first. */
  sessions(user?: string): readonly Session[];
  touchSession(id: string, at: Instant): void;
  endSession(id: string): void;
  /** All of a person's, but perhaps one; returns how many ended. */
  endSessionsOf(user: string, except?: string): number;
}

const MOST_SESSIONS_PER_USER = 50;

export const SESSIONS_MIGRATION = `
  ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
  ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '';
  ALTER TABLE sessions ADD COLUMN via TEXT NOT NULL DEFAULT 'password';`;

type Row = Record<string, number | string | null>;

export function sessionTable(database: DatabaseSync): Sessions {
  const insert = database.prepare(
    'INSERT INTO sessions (id, user, created_at, last_used_at, address, agent, via) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const crowd = database.prepare(
    `DELETE FROM sessions WHERE user = ?1 AND id NOT IN
       (SELECT id FROM sessions WHERE user = ?1 ORDER BY last_used_at DESC, rowid DESC LIMIT ?2)`,
  );
  const one = database.prepare('SELECT * FROM sessions WHERE id = ?');
  const all = database.prepare('SELECT * FROM sessions ORDER BY last_used_at DESC, rowid DESC');
  const own = database.prepare('SELECT * FROM sessions WHERE user = ? ORDER BY last_used_at DESC, rowid DESC');
  const touch = database.prepare('UPDATE sessions SET last_used_at = ? WHERE id = ?');
  const end = database.prepare('DELETE FROM sessions WHERE id = ?');
  const endAll = database.prepare('DELETE FROM sessions WHERE user = ? AND id <> ?');
  return {
    addSession({ id, user, createdAt, lastUsedAt, address, agent, via }) {
      insert.run(id, user, createdAt, lastUsedAt, address, agent, via);
      crowd.run(user, MOST_SESSIONS_PER_USER);
    },
    session(id) {
      const row = one.get(id) as Row | undefined;
      return row === undefined ? null : toSession(row);
    },
    sessions: (user) => ((user === undefined ? all.all() : own.all(user)) as Row[]).map(toSession),
    touchSession: (id, at) => void touch.run(at, id),
    endSession: (id) => void end.run(id),
    endSessionsOf: (user, except = '') => Number(endAll.run(user, except).changes),
  };
}

const toSession = (row: Row): Session => ({
  id: String(row.id),
  user: String(row.user),
  createdAt: instant(Number(row.created_at)),
  lastUsedAt: instant(Number(row.last_used_at)),
  address: String(row.address),
  agent: String(row.agent),
  via: row.via === 'oidc' ? 'oidc' : 'password',
});
