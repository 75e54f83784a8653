import type { DatabaseSync } from 'node:sqlite';
import { type Instant, instant } from '#core/time.ts';

/** Secrets that let a person's own calendar read the rota, one a person; kept as digests. */
export interface FeedToken {
  readonly user: string;
  readonly createdAt: Instant;
  readonly lastUsedAt: Instant | null;
}

export interface Feeds {
  feedOf(user: string): FeedToken | null;
  feedBySecret(digest: string): FeedToken | null;
  /** In place of the one before. */
  setFeed(feed: FeedToken, secretDigest: string): void;
  touchFeed(user: string, at: Instant): void;
  removeFeed(user: string): void;
}

export const FEEDS_MIGRATION = `CREATE TABLE feeds (
  user TEXT PRIMARY KEY, secret TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL, last_used_at INTEGER
) STRICT;`;

type Row = Record<string, number | string | null>;

export function feedTable(database: DatabaseSync): Feeds {
  const byUser = database.prepare('SELECT * FROM feeds WHERE user = ?');
  const bySecret = database.prepare('SELECT * FROM feeds WHERE secret = ?');
  const set = database.prepare(
    'INSERT OR REPLACE INTO feeds (user, secret, created_at, last_used_at) VALUES (?, ?, ?, ?)',
  );
  const touch = database.prepare('UPDATE feeds SET last_used_at = ? WHERE user = ?');
  const remove = database.prepare('DELETE FROM feeds WHERE user = ?');
  return {
    feedOf: (user) => toFeed(byUser.get(user) as Row | undefined),
    feedBySecret: (digest) => toFeed(bySecret.get(digest) as Row | undefined),
    setFeed: (feed, digest) => void set.run(feed.user, digest, feed.createdAt, feed.lastUsedAt),
    touchFeed: (user, at) => void touch.run(at, user),
    removeFeed: (user) => void remove.run(user),
  };
}

const toFeed = (row: Row | undefined): FeedToken | null =>
  row === undefined
    ? null
    : {
        user: String(row.user),
        createdAt: instant(Number(row.created_at)),
        lastUsedAt: row.last_used_at === null ? null : instant(Number(row.last_used_at)),
      };
