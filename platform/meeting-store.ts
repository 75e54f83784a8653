import { createHash } from 'node:crypto';
import type { MeetingLine } from '#core/paperwork/meeting-events.ts';
import { instant } from '#core/time.ts';
import { canonicalJson } from './canonical-json.ts';
import { copyWhenIdle, inTransaction, openDatabase } from './sqlite.ts';

/**
 * The minutes of meetings, a line for each thing that was written: on the disk before anybody is told that it is, never changed, each line's
 * hash over the one before. One writer, the dashboard.
 */
export interface MeetingStore {
  /** In the order in which they were written. */
  lines(): readonly MeetingLine[];
  append(lines: readonly MeetingLine[]): void;
  /** Null: whole; else the number of the first line that is not what was written. */
  broken(): number | null;
  close(): void;
}

const MIGRATIONS = [
  `CREATE TABLE lines (
     seq INTEGER PRIMARY KEY, meeting TEXT NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL, by_name TEXT NOT NULL, body TEXT NOT NULL,
     hash TEXT NOT NULL) STRICT;
   CREATE TRIGGER lines_stay BEFORE UPDATE ON lines BEGIN SELECT RAISE(ABORT, 'minutes are never changed'); END;
   CREATE TRIGGER lines_are_kept BEFORE DELETE ON lines BEGIN SELECT RAISE(ABORT, 'minutes are never removed'); END;`,
];

type Row = Readonly<Record<string, string | number>>;

/** `:memory:` gives one without a file. Throws STORE_TOO_NEW or STORE_DOWN. */
export function openMeetingStore(file: string): MeetingStore {
  const database = openDatabase(file, { migrations: MIGRATIONS, synchronous: 'FULL' });
  const committed = copyWhenIdle(database);
  const all = database.prepare('SELECT * FROM lines ORDER BY seq');
  const last = database.prepare('SELECT seq, hash FROM lines ORDER BY seq DESC LIMIT 1');
  const insert = database.prepare('INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?)');
  return {
    lines: () => (all.all() as Row[]).map(toLine),
    append(lines) {
      if (lines.length === 0) return;
      inTransaction(database, file, () => {
        const head = last.get() as Row | undefined;
        let seq = Number(head?.seq ?? 0);
        let hash = String(head?.hash ?? '');
        for (const line of lines) {
          seq++;
          hash = hashOf(hash, line);
          insert.run(seq, line.meeting, line.at, line.by, line.byName, JSON.stringify(line.event), hash);
        }
      });
      committed();
    },
    broken() {
      let before = '';
      let expected = 1;
      for (const row of all.all() as Row[]) {
        const hash = hashOf(before, toLine(row));
        if (row.seq !== expected || row.hash !== hash) return expected;
        before = hash;
        expected++;
      }
      return null;
    },
    close() {
      if (database.isOpen) database.close();
    },
  };
}

const toLine = ({ meeting, at, by, by_name, body }: Row): MeetingLine => ({
  ...{ meeting: String(meeting), at: instant(Number(at)), by: String(by), byName: String(by_name) },
  event: JSON.parse(String(body)) as MeetingLine['event'],
});

const hashOf = (before: string, line: MeetingLine): string =>
  createHash('sha256').update(before).update(canonicalJson(line)).digest('hex');
