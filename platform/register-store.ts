import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { ZhishouError } from '#core/errors.ts';
import { applyChange, type EntryRecord, type KeptChange } from '#core/paperwork/register-entry.ts';
import { canonicalJson } from './canonical-json.ts';
import { copyWhenIdle, inTransaction, openDatabase } from './sqlite.ts';

/**
 * The registers' entries as an append-only chain of changes, one chain a register: each change's hash covers the one before it, and a photo's
 * digest stands in its change. One writer, the dashboard. An entry is the fold of its changes; nothing is ever rewritten.
 */
export interface RegisterStore {
  /** As they are now, by number. Changed by the calls below; never by who reads it. */
  entries(register: string): ReadonlyMap<string, EntryRecord>;
  /** Everything that ever happened to it, oldest first. */
  history(register: string, entry: string): readonly HashedChange[];
  /**
   * Gives it the next number of the year; that is never given twice. `once`: something that may be said again (a backup that enters
   * itself); null when it has its entry already.
   */
  add(register: string, change: KeptChange, year: number, once?: string): EntryRecord | null;
  /** The entry that was made under this `once`. */
  entryOnce(register: string, once: string): string | null;
  /** CHANGED_MEANWHILE unless the entry is the one of that revision; `content` are the bytes of the change's photo. */
  append(register: string, entry: string, revision: number, change: KeptChange, content?: Buffer): EntryRecord;
  photo(register: string, entry: string, id: string): Buffer | null;
  /** The first change that does not fit the chain, or the photo that is not what was added; null: all is as it was written. */
  verify(): BrokenChange | null;
  close(): void;
}

export type HashedChange = KeptChange & { readonly hash: string };

export interface BrokenChange {
  readonly register: string;
  readonly seq: number;
  readonly entry: string;
  readonly reason: string;
}

const MIGRATIONS = [
  `CREATE TABLE changes (
     register TEXT NOT NULL, seq INTEGER NOT NULL, entry TEXT NOT NULL, body TEXT NOT NULL, hash TEXT NOT NULL,
     PRIMARY KEY (register, seq)) STRICT;
   CREATE INDEX changes_entry ON changes (register, entry, seq);
   CREATE TABLE heads (register TEXT PRIMARY KEY, seq INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;
   CREATE TABLE numbers (register TEXT NOT NULL, year INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (register, year)) STRICT;
   CREATE TABLE once (register TEXT NOT NULL, key TEXT NOT NULL, entry TEXT NOT NULL, PRIMARY KEY (register, key)) STRICT;
   CREATE TABLE photos (
     register TEXT NOT NULL, entry TEXT NOT NULL, id TEXT NOT NULL, content BLOB NOT NULL,
     PRIMARY KEY (register, entry, id)) STRICT;`,
];

interface Row {
  readonly register: string;
  readonly seq: number;
  readonly entry: string;
  readonly body: string;
  readonly hash: string;
}

/** Opens or makes the store; `:memory:` gives one without a file. Throws STORE_TOO_NEW or STORE_DOWN. */
export function openRegisterStore(file: string): RegisterStore {
  const database = openDatabase(file, { migrations: MIGRATIONS, synchronous: 'FULL' });
  const committed = copyWhenIdle(database);
  const chain = chainTable(database);
  const side = sideTables(database);
  const folded = new Map<string, Map<string, EntryRecord>>();
  const version = database.prepare('PRAGMA data_version');
  let seen = -1;

  const entries = (register: string): Map<string, EntryRecord> => {
    // A stand-by on the same directory may have written: what was folded before that is not what there is.
    const now = Number(version.get()?.data_version);
    if (now !== seen) folded.clear();
    seen = now;
    const known = folded.get(register) ?? fold(chain.of(register));
    folded.set(register, known);
    return known;
  };
  /** In memory only when it is on the disk. */
  const keep = (register: string, record: EntryRecord): EntryRecord => {
    entries(register).set(record.id, record);
    committed();
    return record;
  };

  return {
    entries,
    history: (register, entry) => chain.ofEntry(register, entry).map(toChange),
    add(register, change, year, once) {
      const record = inTransaction(database, file, () => {
        // Within the transaction nobody else writes.
        entries(register);
        if (once !== undefined && side.entryOnce(register, once) !== null) return null;
        const id = side.nextNumber(register, year);
        if (once !== undefined) side.remember(register, once, id);
        chain.append(register, id, change);
        return applyChange(null, id, change);
      });
      return record === null ? null : keep(register, record);
    },
    append(register, entry, revision, change, content) {
      const record = inTransaction(database, file, () => {
        const before = entries(register).get(entry);
        if (before === undefined) throw new ZhishouError('NOT_FOUND', `${register}/${entry}`, 'no such entry');
        if (before.revision !== revision)
          throw new ZhishouError('CHANGED_MEANWHILE', `${register}/${entry}`, 'nothing of yours was changed');
        if (change.photo !== null && content !== undefined) side.addPhoto(register, entry, change.photo.id, content);
        chain.append(register, entry, change);
        return applyChange(before, entry, change);
      });
      return keep(register, record);
    },
    entryOnce: side.entryOnce,
    photo: side.photo,
    verify: () => verifyChains(chain, side.photo),
    close() {
      if (database.isOpen) database.close();
    },
  };
}

const toChange = ({ body, hash }: Row): HashedChange => ({ ...(JSON.parse(body) as KeptChange), hash });

function fold(rows: Iterable<Row>): Map<string, EntryRecord> {
  const records = new Map<string, EntryRecord>();
  for (const row of rows) records.set(row.entry, applyChange(records.get(row.entry) ?? null, row.entry, toChange(row)));
  return records;
}

/** Written as a JSON list, so that no two different changes give the same text. */
const hashOf = (before: string, { register, seq, entry, body }: Omit<Row, 'hash'>): string =>
  createHash('sha256')
    .update(JSON.stringify([before, register, seq, entry, body]))
    .digest('hex');

type ChainTable = ReturnType<typeof chainTable>;

function chainTable(database: DatabaseSync) {
  const insert = database.prepare('INSERT INTO changes VALUES (?, ?, ?, ?, ?)');
  const head = database.prepare('SELECT seq, hash FROM heads WHERE register = ?');
  const setHead = database.prepare('INSERT OR REPLACE INTO heads VALUES (?, ?, ?)');
  const all = database.prepare('SELECT * FROM changes WHERE register = ? ORDER BY seq');
  const one = database.prepare('SELECT * FROM changes WHERE register = ? AND entry = ? ORDER BY seq');
  const names = database.prepare('SELECT register FROM changes UNION SELECT register FROM heads ORDER BY register');
  const headOf = (register: string): { seq: number; hash: string } => {
    const row = head.get(register);
    return { seq: Number(row?.seq ?? 0), hash: String(row?.hash ?? '') };
  };
  return {
    headOf,
    of: (register: string) => all.iterate(register) as unknown as Iterable<Row>,
    ofEntry: (register: string, entry: string) => one.all(register, entry) as unknown as readonly Row[],
    registers: (): readonly string[] => names.all().map(({ register }) => String(register)),
    append(register: string, entry: string, change: KeptChange): void {
      const before = headOf(register);
      const row = { register, seq: before.seq + 1, entry, body: canonicalJson(change) };
      const hash = hashOf(before.hash, row);
      insert.run(register, row.seq, entry, row.body, hash);
      setHead.run(register, row.seq, hash);
    },
  };
}

/** Numbers, what was entered once, and photos. */
function sideTables(database: DatabaseSync) {
  const number = database.prepare(
    `INSERT INTO numbers VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last`,
  );
  const findOnce = database.prepare('SELECT entry FROM once WHERE register = ? AND key = ?');
  const addOnce = database.prepare('INSERT INTO once VALUES (?, ?, ?)');
  const addPhoto = database.prepare('INSERT OR IGNORE INTO photos VALUES (?, ?, ?, ?)');
  const findPhoto = database.prepare('SELECT content FROM photos WHERE register = ? AND entry = ? AND id = ?');
  return {
    nextNumber: (register: string, year: number): string =>
      `${String(year).padStart(4, '0')}-${String(number.get(register, year)?.last).padStart(4, '0')}`,
    entryOnce(register: string, key: string): string | null {
      const row = findOnce.get(register, key);
      return row === undefined ? null : String(row.entry);
    },
    remember: (register: string, key: string, entry: string): void => void addOnce.run(register, key, entry),
    addPhoto: (register: string, entry: string, id: string, content: Buffer): void =>
      void addPhoto.run(register, entry, id, content),
    photo(register: string, entry: string, id: string): Buffer | null {
      const row = findPhoto.get(register, entry, id);
      return row === undefined ? null : Buffer.from(row.content as Uint8Array);
    },
  };
}

function verifyChains(chain: ChainTable, photo: RegisterStore['photo']): BrokenChange | null {
  for (const register of chain.registers()) {
    let before = { seq: 0, hash: '' };
    for (const row of chain.of(register)) {
      const broken = (seq: number, reason: string): BrokenChange => ({ register, seq, entry: row.entry, reason });
      if (row.seq !== before.seq + 1) return broken(before.seq + 1, 'the change is missing');
      if (hashOf(before.hash, row) !== row.hash)
        return broken(row.seq, 'the change does not fit its hash or the one before');
      const reason = photoTrouble(row, photo);
      if (reason !== null) return broken(row.seq, reason);
      before = row;
    }
    const head = chain.headOf(register);
    if (head.seq > before.seq)
      return { register, seq: before.seq + 1, entry: '', reason: 'the change is missing at the end' };
    if (head.seq !== before.seq || head.hash !== before.hash)
      return { register, seq: before.seq, entry: '', reason: 'the last change is not the one that was written last' };
  }
  return null;
}

function photoTrouble(row: Row, photo: RegisterStore['photo']): string | null {
  const about = toChange(row).photo;
  if (about === null) return null;
  const content = photo(row.register, row.entry, about.id);
  if (content === null) return `the photo ${about.id} is missing`;
  return createHash('sha256').update(content).digest('hex') === about.sha256
    ? null
    : `the photo ${about.id} was changed`;
}
