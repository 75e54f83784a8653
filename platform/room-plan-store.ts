import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { ZhishouError } from '#core/errors.ts';
import {
  EMPTY_ARRANGEMENT,
  type PictureType,
  type PictureView,
  ROOMS,
  type RoomArrangement,
} from '#core/room-layout.ts';
import { type Instant, instant } from '#core/time.ts';
import { inTransaction, openDatabase } from './sqlite.ts';

/** How people arranged the rooms on the page, and the pictures that they laid under them; one writer, the dashboard. */
export interface RoomPlanStore {
  arrangement(): KeptArrangement;
  /**
   * Takes the place of version `expected` and gives the new one. CONFLICT when somebody was faster: nothing is changed then.
   * Pictures that no room uses any more are forgotten after a day.
   */
  save(next: RoomArrangement, expected: number, who: { readonly user: string; readonly at: Instant }): KeptArrangement;
  /** Keeps the bytes under their own digest: the same picture twice is one. TOO_MANY when too many wait to be used. */
  addPicture(bytes: Buffer, about: Omit<PictureView, 'id' | 'bytes'>, at: Instant): PictureView;
  picture(id: string): (PictureView & { readonly content: Buffer }) | null;
  pictures(): readonly PictureView[];
  close(): void;
}

export interface KeptArrangement {
  readonly version: number;
  readonly changedAt: Instant | null;
  readonly changedBy: string | null;
  readonly arrangement: RoomArrangement;
}

const MIGRATIONS = [
  `CREATE TABLE arrangement (
     one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, changed_at INTEGER NOT NULL, changed_by TEXT NOT NULL,
     body TEXT NOT NULL) STRICT;
   CREATE TABLE pictures (
     id TEXT PRIMARY KEY, type TEXT NOT NULL, width REAL NOT NULL, height REAL NOT NULL, added_at INTEGER NOT NULL,
     content BLOB NOT NULL) STRICT;`,
];
const MOST_PICTURES = 12;
const UNUSED_KEPT_MS = 24 * 3600_000;

type Row = Record<string, unknown>;

/** Opens or makes the store; `:memory:` gives one without a file. Throws STORE_TOO_NEW or STORE_DOWN. */
export function openRoomPlanStore(file: string): RoomPlanStore {
  const database = openDatabase(file, { migrations: MIGRATIONS, synchronous: 'FULL' });
  const select = database.prepare('SELECT * FROM arrangement WHERE one = 1');
  const replace = database.prepare('INSERT OR REPLACE INTO arrangement VALUES (1, ?, ?, ?, ?)');
  const pictures = pictureTable(database);

  const arrangement = (): KeptArrangement => {
    const row = select.get() as Row | undefined;
    if (row === undefined) return { version: 0, changedAt: null, changedBy: null, arrangement: EMPTY_ARRANGEMENT };
    return {
      version: Number(row.version),
      changedAt: instant(Number(row.changed_at)),
      changedBy: String(row.changed_by),
      arrangement: JSON.parse(String(row.body)) as RoomArrangement,
    };
  };
  return {
    arrangement,
    save: (next, expected, { user, at }) =>
      inTransaction(database, file, () => {
        const present = arrangement();
        if (present.version !== expected) {
          const by = present.changedBy === null ? '' : ` by ${present.changedBy}`;
          throw new ZhishouError('CONFLICT', 'room plan', `version ${present.version} was saved meanwhile${by}`);
        }
        replace.run(present.version + 1, at, user, JSON.stringify(next));
        pictures.forget(picturesUsed(next), at - UNUSED_KEPT_MS);
        return arrangement();
      }),
    addPicture: (bytes, about, at) =>
      inTransaction(database, file, () => {
        pictures.forget(picturesUsed(arrangement().arrangement), at - UNUSED_KEPT_MS);
        return pictures.add(bytes, about, at);
      }),
    picture: pictures.one,
    pictures: pictures.all,
    close() {
      if (database.isOpen) database.close();
    },
  };
}

const picturesUsed = ({ rooms }: RoomArrangement): readonly string[] =>
  ROOMS.flatMap((room) => rooms[room].picture?.id ?? []);

function pictureTable(database: DatabaseSync) {
  const columns = 'id, type, width, height, length(content) AS bytes';
  const list = database.prepare(`SELECT ${columns} FROM pictures ORDER BY added_at, id`);
  const select = database.prepare(`SELECT ${columns}, content FROM pictures WHERE id = ?`);
  const count = database.prepare('SELECT count(*) AS count FROM pictures WHERE id <> ?');
  const insert = database.prepare(
    `INSERT INTO pictures (id, type, width, height, added_at, content) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET added_at = excluded.added_at`,
  );
  const unused = database.prepare(
    'DELETE FROM pictures WHERE added_at < ? AND id NOT IN (SELECT value FROM json_each(?))',
  );
  return {
    all: (): readonly PictureView[] => (list.all() as Row[]).map(toPicture),
    one(id: string): (PictureView & { readonly content: Buffer }) | null {
      const row = select.get(id) as Row | undefined;
      return row === undefined ? null : { ...toPicture(row), content: Buffer.from(row.content as Uint8Array) };
    },
    add(bytes: Buffer, about: Omit<PictureView, 'id' | 'bytes'>, at: Instant): PictureView {
      const id = createHash('sha256').update(about.type).update(bytes).digest('hex').slice(0, 32);
      if (Number(count.get(id)?.count) >= MOST_PICTURES) {
        throw new ZhishouError('TOO_MANY', 'pictures', `${MOST_PICTURES} are kept; unused ones go after a day`);
      }
      insert.run(id, about.type, about.width, about.height, at, bytes);
      return { id, ...about, bytes: bytes.length };
    },
    forget: (used: readonly string[], addedBefore: number): void => void unused.run(addedBefore, JSON.stringify(used)),
  };
}

const toPicture = (row: Row): PictureView => ({
  id: String(row.id),
  type: row.type as PictureType,
  width: Number(row.width),
  height: Number(row.height),
  bytes: Number(row.bytes),
});
