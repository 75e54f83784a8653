import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { ZhishouError } from '#core/errors.ts';
import type { Period } from '#core/paperwork/period-report.ts';
import type { Text } from '#core/text.ts';
import { type Instant, instant } from '#core/time.ts';
import { canonicalJson } from './canonical-json.ts';
import { createReportFiles, type ReportFiles } from './report-files.ts';
import { createReportMail, REPORT_MAIL_TABLE, type ReportMailTable } from './report-mail.ts';
import { inTransaction, openDatabase } from './sqlite.ts';

/**
 * The reports that were made, unalterable: files written once and read-only, with the SHA-256 of each in a list whose every line covers
 * the one before, so that none can be exchanged, or left out of the middle, unseen. A mistake in one is mended by a new edition that
 * names the one before it. One writer, the dashboard.
 */
export interface ReportArchive {
  /** Newest first. */
  list(): readonly KeptEdition[];
  get(id: string): KeptEdition | null;
  /** The newest edition of a period, by the period's id. */
  newest(periodId: string): KeptEdition | null;
  /** The id of the next edition: `weekly-2026-W46`, then `weekly-2026-W46-2`. */
  nextId(periodId: string): string;
  /** Resolves into what was kept, when it is on the disk. Throws CONFLICT when there is such an edition. */
  add(edition: NewEdition, files: readonly NewFile[]): KeptEdition;
  /** Its bytes, which are those of the list. Throws NOT_FOUND, or STORE_DOWN when it was changed or is gone. */
  file(id: string, name: string): Uint8Array;
  /** Whether all files of an edition are those of the list. Hashed once, and again when a file has changed since. */
  intact(id: string): boolean;
  /** Hashes everything, and follows the list's own chain. */
  verify(): Generator<void, ArchiveCheck>;
  readonly mail: ReportMailTable;
  close(): void;
}

export interface NewEdition {
  readonly id: string;
  readonly periodId: string;
  readonly period: Period;
  readonly name: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly madeAt: Instant;
  /** `zhishou`, or the user who asked for it. */
  readonly madeBy: string;
  readonly summary: Text;
  /** Why there is another edition; null of the first. */
  readonly reason: string | null;
}
export interface NewFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}
export interface KeptEdition extends NewEdition {
  readonly seq: number;
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
  readonly hash: string;
}
export interface ArchiveCheck {
  readonly editions: number;
  readonly files: number;
  readonly broken: readonly { readonly id: string; readonly reason: string }[];
}

const MIGRATIONS = [
  `CREATE TABLE editions (
     seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, period_id TEXT NOT NULL, body TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
   CREATE INDEX editions_of_period ON editions (period_id, seq);
   ${REPORT_MAIL_TABLE}`,
];
/** Five hundred years of weeks. */
const MOST_EDITIONS = 30_000;

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** `folder` is where the files are; null (with `:memory:`): in memory. Throws STORE_TOO_NEW or STORE_DOWN. */
export function openReportArchive(file: string, folder: string | null): ReportArchive {
  const database = openDatabase(file, { migrations: MIGRATIONS, synchronous: 'FULL' });
  const files = createReportFiles(folder);
  const rows = editionRows(database);
  const sound = new Map<string, string>();

  const get = (id: string): KeptEdition | null => rows.one(id);
  const read = (edition: KeptEdition, name: string): Uint8Array => {
    const kept = edition.files.find((one) => one.name === name);
    if (kept === undefined) throw new ZhishouError('NOT_FOUND', `${edition.id}/${name}`, 'the report has no such file');
    const bytes = files.read(edition.id, name);
    if (bytes === null) throw new ZhishouError('STORE_DOWN', `${edition.id}/${name}`, 'the archived file is gone');
    if (sha256(bytes) !== kept.sha256)
      throw new ZhishouError(
        'STORE_DOWN',
        `${edition.id}/${name}`,
        'the archived file was changed; it is not given out',
      );
    return bytes;
  };
  return {
    list: rows.all,
    get,
    newest: rows.newest,
    nextId(periodId) {
      const editions = rows.count(periodId);
      return editions === 0 ? periodId : `${periodId}-${editions + 1}`;
    },
    add: (edition, given) =>
      inTransaction(database, file, () => {
        if (get(edition.id) !== null)
          throw new ZhishouError('CONFLICT', edition.id, 'it is archived already and is never written over');
        if (rows.last().seq >= MOST_EDITIONS)
          throw new ZhishouError('TOO_MANY', 'reports', `${MOST_EDITIONS} are kept`);
        // Files first: a list never names what is not there. Without a line in the list they are nothing, and are written anew.
        files.write(edition.id, given);
        return rows.append({
          ...edition,
          files: given.map(({ name, bytes }) => ({ name, bytes: bytes.length, sha256: sha256(bytes) })),
        });
      }),
    file(id, name) {
      const edition = get(id);
      if (edition === null) throw new ZhishouError('NOT_FOUND', id, 'no such report is archived');
      return read(edition, name);
    },
    intact(id) {
      const edition = get(id);
      if (edition === null) return false;
      const marks = edition.files.map(({ name }) => files.mark(id, name)).join('\n');
      if (sound.get(id) === marks) return true;
      if (brokenFile(edition, files) !== null) return false;
      sound.set(id, marks);
      return true;
    },
    verify: () => verify(rows.all().toReversed(), files),
    mail: createReportMail(database, file),
    close() {
      if (database.isOpen) database.close();
    },
  };
}

function brokenFile(edition: KeptEdition, files: ReportFiles): string | null {
  for (const { name, sha256: kept } of edition.files) {
    const bytes = files.read(edition.id, name);
    if (bytes === null) return `${name} is gone`;
    if (sha256(bytes) !== kept) return `${name} was changed`;
  }
  return null;
}

/** Oldest first. A line that was taken out of the middle shows by its number and by the hash of the next. */
function* verify(editions: readonly KeptEdition[], files: ReportFiles): Generator<void, ArchiveCheck> {
  const broken: { id: string; reason: string }[] = [];
  let before = '';
  for (const [index, edition] of editions.entries()) {
    const { hash, ...line } = edition;
    if (line.seq !== index + 1) broken.push({ id: line.id, reason: `line ${index + 1} of the list is missing` });
    if (hash !== hashLine(before, line))
      broken.push({ id: line.id, reason: 'its line in the list does not fit the one before' });
    const reason = brokenFile(edition, files);
    if (reason !== null) broken.push({ id: line.id, reason });
    before = hash;
    yield;
  }
  return { editions: editions.length, files: editions.reduce((sum, one) => sum + one.files.length, 0), broken };
}

const hashLine = (before: string, line: Omit<KeptEdition, 'hash'>): string =>
  sha256(JSON.stringify([before, canonicalJson(line)]));

function editionRows(database: DatabaseSync) {
  const all = database.prepare('SELECT seq, body, hash FROM editions ORDER BY seq DESC');
  const one = database.prepare('SELECT seq, body, hash FROM editions WHERE id = ?');
  const ofPeriod = database.prepare(
    'SELECT seq, body, hash FROM editions WHERE period_id = ? ORDER BY seq DESC LIMIT 1',
  );
  const counted = database.prepare('SELECT count(*) AS count FROM editions WHERE period_id = ?');
  const newest = database.prepare('SELECT seq, hash FROM editions ORDER BY seq DESC LIMIT 1');
  const insert = database.prepare('INSERT INTO editions VALUES (?, ?, ?, ?, ?)');
  const toEdition = (row: Record<string, unknown> | undefined): KeptEdition | null => {
    if (row === undefined) return null;
    const body = JSON.parse(String(row.body)) as Omit<KeptEdition, 'hash'>;
    return {
      ...body,
      from: instant(body.from),
      to: instant(body.to),
      madeAt: instant(body.madeAt),
      hash: String(row.hash),
    };
  };
  const last = (): { seq: number; hash: string } => {
    const row = newest.get();
    return row === undefined ? { seq: 0, hash: '' } : { seq: Number(row.seq), hash: String(row.hash) };
  };
  return {
    last,
    all: (): readonly KeptEdition[] => all.all().flatMap((row) => toEdition(row) ?? []),
    one: (id: string) => toEdition(one.get(id)),
    newest: (periodId: string) => toEdition(ofPeriod.get(periodId)),
    count: (periodId: string) => Number(counted.get(periodId)?.count ?? 0),
    append(edition: Omit<KeptEdition, 'seq' | 'hash'>): KeptEdition {
      const before = last();
      const line = { ...edition, seq: before.seq + 1 };
      const hash = hashLine(before.hash, line);
      insert.run(line.seq, line.id, line.periodId, canonicalJson(line), hash);
      return { ...line, hash };
    },
  };
}
