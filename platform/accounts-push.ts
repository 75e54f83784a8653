import type { DatabaseSync } from 'node:sqlite';
import { type Instant, instant } from '#core/time.ts';

/** Browsers that are told by Web Push, each of one account. */
export interface PushBrowser {
  readonly id: string;
  readonly user: string;
  readonly endpoint: string;
  readonly p256dh: string;
  readonly auth: string;
  /** What it is called in the list of its person. */
  readonly name: string;
  readonly createdAt: Instant;
}

export interface PushBrowsers {
  pushBrowsers(): readonly PushBrowser[];
  /** In place of one with the same endpoint, whose ever it was: a browser tells one person. */
  addPushBrowser(browser: PushBrowser): void;
  /** `user`: only if it is theirs. */
  removePushBrowser(id: string, user?: string): boolean;
}

export const PUSH_MIGRATION = `CREATE TABLE push_browsers (
  id TEXT PRIMARY KEY, user TEXT NOT NULL, endpoint TEXT NOT NULL UNIQUE, p256dh TEXT NOT NULL, auth TEXT NOT NULL,
  name TEXT NOT NULL, created_at INTEGER NOT NULL
) STRICT;`;

/** Of one account; the oldest gives way. */
export const MOST_PUSH_BROWSERS = 10;

type Row = Record<string, number | string | null>;

export function pushTable(database: DatabaseSync): PushBrowsers {
  const all = database.prepare('SELECT * FROM push_browsers ORDER BY created_at, rowid');
  const add = database.prepare('INSERT OR REPLACE INTO push_browsers VALUES (?, ?, ?, ?, ?, ?, ?)');
  const crowd = database.prepare(
    `DELETE FROM push_browsers WHERE user = ?1 AND id NOT IN
       (SELECT id FROM push_browsers WHERE user = ?1 ORDER BY created_at DESC, rowid DESC LIMIT ?2)`,
  );
  const remove = database.prepare('DELETE FROM push_browsers WHERE id = ?1 AND (?2 IS NULL OR user = ?2)');
  return {
    pushBrowsers: () => (all.all() as Row[]).map(toBrowser),
    addPushBrowser({ id, user, endpoint, p256dh, auth, name, createdAt }) {
      add.run(id, user, endpoint, p256dh, auth, name, createdAt);
      crowd.run(user, MOST_PUSH_BROWSERS);
    },
    removePushBrowser: (id, user) => Number(remove.run(id, user ?? null).changes) > 0,
  };
}

const toBrowser = (row: Row): PushBrowser => ({
  id: String(row.id),
  user: String(row.user),
  endpoint: String(row.endpoint),
  p256dh: String(row.p256dh),
  auth: String(row.auth),
  name: String(row.name),
  createdAt: instant(Number(row.created_at)),
});
