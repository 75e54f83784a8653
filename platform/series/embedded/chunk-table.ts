import type { DatabaseSync } from 'node:sqlite';
import { DamagedError, type Effort, seal, unseal } from './bytes.ts';
import type { Cache } from './cache.ts';
import { decodeTimes, decodeValues, encodeTimes, encodeValues, MOST_SAMPLES } from './chunk-codec.ts';
import type { Columns } from './columns.ts';
import { DAY_MS, floorTo } from './units.ts';

/** Where one chunk lies; chunks of a series never overlap, and none reaches over midnight UTC. */
export interface ChunkRow {
  readonly series: number;
  readonly first: number;
  readonly last: number;
  readonly count: number;
  readonly stamp: number;
  readonly body: number;
}

/** For the log and the report. */
export const chunkName = ({ series, first }: ChunkRow): string => `chunk ${series} ${new Date(first).toISOString()}`;

/**
 * The times that several series of a device have in common are kept once: those of one transaction, and of the ones that
 * follow it as long as nothing else removes chunks between.
 */
export interface Stamps {
  share(at: Float64Array, effort: Effort): number;
  release(stamp: number): void;
  /** Before the commit. */
  settle(): void;
  /** After a transaction that failed: what it made is not there. */
  reset(): void;
}

export interface ChunkTable {
  /** Those that reach into the range, in order. */
  rows(series: number, from: number, to: number): readonly ChunkRow[];
  /** Whether there is one that reaches into the range. */
  any(series: number, from: number, to: number): boolean;
  first(series: number): ChunkRow | null;
  last(series: number): ChunkRow | null;
  /** The one that follows. */
  after(row: ChunkRow): ChunkRow | null;
  /** The last that begins before. */
  before(series: number, at: number): ChunkRow | null;
  /** Throws DamagedError. */
  read(row: ChunkRow): Columns;
  write(series: number, columns: Columns, stamps: Stamps, effort: Effort): void;
  remove(row: ChunkRow, stamps: Stamps): void;
  /** The bytes as they are, for the table of the damaged. */
  bytes(row: ChunkRow): Uint8Array;
  stamps(): Stamps;
}

type Row = Record<string, number>;

const toRow = ({ first, span, ...rest }: Row): ChunkRow => {
  const at = first as number;
  return { ...rest, first: at, last: at + (span as number) } as unknown as ChunkRow;
};

const FIELDS = 'series, first, span, count, stamp, body';

export function createChunkTable(database: DatabaseSync, cache: Cache): ChunkTable {
  const within = `SELECT ${FIELDS} FROM chunk WHERE series = ? AND first BETWEEN ? AND ? ORDER BY first`;
  const range = database.prepare(within);
  const earliest = database.prepare(`${within} LIMIT 1`);
  const latest = database.prepare(`${within} DESC LIMIT 1`);
  const bytesOf = database.prepare('SELECT bytes FROM body WHERE id = ?');
  const times = database.prepare('SELECT body FROM stamp WHERE id = ?');
  const insert = database.prepare(`INSERT INTO chunk (${FIELDS}) VALUES (?, ?, ?, ?, ?, ?)`);
  const erase = database.prepare('DELETE FROM chunk WHERE series = ? AND first = ?');
  const insertBody = database.prepare('INSERT INTO body (bytes) VALUES (?)');
  const eraseBody = database.prepare('DELETE FROM body WHERE id = ?');
  const one = (row: unknown): ChunkRow | null => (row === undefined ? null : toRow(row as Row));

  const timesOf = (stamp: number, count: number): Float64Array => {
    const known = cache.get<Float64Array>(`s${stamp}`);
    if (known !== undefined) return known;
    const found = times.get(stamp)?.body;
    if (!(found instanceof Uint8Array)) throw new DamagedError('its times are missing');
    const at = decodeTimes(unseal(found), count);
    cache.set(`s${stamp}`, at, at.byteLength + 100);
    return at;
  };
  const bytes = (row: ChunkRow): Uint8Array => {
    const found = bytesOf.get(row.body)?.bytes;
    if (!(found instanceof Uint8Array)) throw new DamagedError('it is missing');
    return found;
  };
  return {
    rows: (series, from, to) =>
      range
        .all(series, floorTo(from, DAY_MS), to - 1)
        .map((row) => toRow(row as Row))
        .filter(({ last }) => last >= from),
    any(series, from, to) {
      const last = one(latest.get(series, 0, to - 1));
      return last !== null && last.last >= from;
    },
    first: (series) => one(earliest.get(series, 0, Number.MAX_SAFE_INTEGER)),
    last: (series) => one(latest.get(series, 0, Number.MAX_SAFE_INTEGER)),
    after: ({ series, first }) => one(earliest.get(series, first + 1, Number.MAX_SAFE_INTEGER)),
    before: (series, at) => one(latest.get(series, 0, at - 1)),
    read(row) {
      const known = cache.get<Columns>(`c${row.body}`);
      if (known !== undefined) return known;
      if (!(row.count > 0 && row.count <= MOST_SAMPLES)) throw new DamagedError('it is too long');
      const inside = unseal(bytes(row), row.series, row.first, row.last, row.count, row.stamp);
      const at = timesOf(row.stamp, row.count);
      if (at.length !== row.count || at[0] !== row.first || at.at(-1) !== row.last)
        throw new DamagedError('its times are not its own');
      const columns = decodeValues(inside, at);
      remember(cache, row.body, columns);
      return columns;
    },
    write(series, columns, stamps, effort) {
      const [first, last] = [columns.at[0] as number, columns.at.at(-1) as number];
      const count = columns.at.length;
      const stamp = stamps.share(columns.at, effort);
      const sealed = seal(encodeValues(columns, effort), series, first, last, count, stamp);
      const body = Number(insertBody.run(sealed).lastInsertRowid);
      insert.run(series, first, last - first, count, stamp, body);
      // Numbers are used again when the newest is gone.
      cache.delete(`c${body}`);
    },
    remove(row, stamps) {
      erase.run(row.series, row.first);
      eraseBody.run(row.body);
      stamps.release(row.stamp);
      cache.delete(`c${row.body}`);
    },
    bytes,
    stamps: () => createStamps(database, cache),
  };
}

function remember(cache: Cache, body: number, columns: Columns): void {
  const words = columns.words.reduce((sum, word) => sum + 2 * word.length + 16, 0);
  cache.set(`c${body}`, columns, columns.num.byteLength + columns.tag.byteLength + words + 200);
}

/** Times at hand while it lasts, 16 MB: as many as a head that is full twice over has. */
const MOST_SHARED = 2_000_000;

function createStamps(database: DatabaseSync, cache: Cache): Stamps {
  const insert = database.prepare('INSERT INTO stamp (uses, body) VALUES (0, ?)');
  const use = database.prepare('UPDATE stamp SET uses = uses + ? WHERE id = ?');
  const clear = database.prepare('DELETE FROM stamp WHERE id = ? AND uses <= 0');
  const made = new Map<string, { readonly at: Float64Array; readonly stamp: number }>();
  let held = 0;
  const nameOf = (at: Float64Array): string => `${at[0]} ${at.at(-1)} ${at.length}`;
  const uses = new Map<number, number>();
  const change = (stamp: number, by: number): void => void uses.set(stamp, (uses.get(stamp) ?? 0) + by);
  const forget = (gone: number): void => {
    cache.delete(`s${gone}`);
    for (const [name, { stamp }] of made) if (stamp === gone) made.delete(name);
  };
  return {
    share(at, effort) {
      const name = nameOf(at);
      const known = made.get(name);
      const same = known !== undefined && sameTimes(known.at, at) ? known.stamp : null;
      const stamp = same ?? Number(insert.run(seal(encodeTimes(at, effort))).lastInsertRowid);
      if (same === null) {
        cache.delete(`s${stamp}`);
        if (held + at.length > MOST_SHARED) {
          made.clear();
          held = 0;
        }
        held += at.length;
        made.set(name, { at, stamp });
      }
      change(stamp, 1);
      return stamp;
    },
    release: (stamp) => change(stamp, -1),
    settle() {
      for (const [stamp, by] of uses) {
        use.run(by, stamp);
        if (by <= 0 && Number(clear.run(stamp).changes) > 0) forget(stamp);
      }
      uses.clear();
    },
    reset() {
      uses.clear();
      made.clear();
      held = 0;
    },
  };
}

function sameTimes(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length || a[0] !== b[0] || a.at(-1) !== b.at(-1)) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
