import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { instant } from '#core/time.ts';
import { makeBackup } from '#platform/backup/make-backup.ts';
import { MANIFEST, type Manifest } from '#platform/backup/manifest.ts';
import { restoreBackup, verifyBackup } from '#platform/backup/verify-backup.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { openJournal } from '#platform/journal.ts';
import { openStateStore } from '#platform/state-store.ts';

/** Copies of a directory in which services are at work. */

const NOW = instant(Date.UTC(2026, 0, 5));
let folder: ReturnType<typeof makeTemporaryFolder>;
let state: string;
beforeEach(() => {
  folder = makeTemporaryFolder('zhishou-backup-');
  state = join(folder.path, 'state');
});
afterEach(() => folder.remove());
const at = (...parts: string[]): string => join(folder.path, ...parts);

/** A journal and a state store that are open and not yet copied out of their logs, a key, and a folder of other files. */
function openAll() {
  const journal = openJournal(join(state, 'journal.sqlite'));
  journal.append([1, 2, 3].map((n) => ({ at: NOW, stream: 'inc-1', kind: 'test', body: { n } })));
  const store = openStateStore(join(state, 'state.sqlite'));
  store.set('rule/mains', { since: 1 });
  writeFileSync(join(state, 'command-key'), 'made up');
  mkdirSync(join(state, 'spool', 'deep'), { recursive: true });
  writeFileSync(join(state, 'spool', 'deep', 'segment-1'), Buffer.from([1, 2, 3]));
  return {
    journal,
    store,
    close() {
      journal.close();
      store.close();
    },
  };
}

describe('a backup', () => {
  test('made while the stores are open holds what they held, and a restored directory has everything', async () => {
    const open = openAll();
    const manifest = await makeBackup(state, at('copy'), NOW);
    open.journal.append([{ at: NOW, stream: 'inc-1', kind: 'test', body: { n: 4 } }]);
    open.close();
    expect(manifest.files.map(({ path, kind }) => [path, kind])).toEqual([
      ['journal.sqlite', 'sqlite'],
      ['command-key', 'file'],
      ['spool/deep/segment-1', 'file'],
      ['state.sqlite', 'sqlite'],
    ]);
    expect((await verifyBackup(at('copy'))).damages).toEqual([]);
    await restoreBackup(at('copy'), at('again'));
    const journal = openJournal(at('again', 'journal.sqlite'));
    expect([...journal.read()].map(({ body }) => body)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(journal.verify()).toBeNull();
    journal.append([{ at: NOW, stream: 'inc-1', kind: 'test', body: { n: 5 } }]);
    journal.close();
    const store = openStateStore(at('again', 'state.sqlite'));
    expect(store.get('rule/mains')).toEqual({ since: 1 });
    store.close();
    expect(readFileSync(at('again', 'command-key'), 'utf8')).toBe('made up');
    expect([...readFileSync(at('again', 'spool', 'deep', 'segment-1'))]).toEqual([1, 2, 3]);
  });

  test('of a store that is written to all the time comes to an end, and is the store of one moment', async () => {
    mkdirSync(state);
    const file = join(state, 'series.sqlite');
    const database = new DatabaseSync(file);
    database.exec('PRAGMA journal_mode = WAL; CREATE TABLE pair (a INTEGER, b INTEGER, filling BLOB)');
    const add = database.prepare('INSERT INTO pair VALUES (?, ?, zeroblob(20000))');
    // Two rows of one transaction: a copy of two moments would have one of them.
    let n = 0;
    const write = (): void => {
      database.exec('BEGIN');
      n++;
      add.run(n, 0);
      add.run(n, 1);
      database.exec('COMMIT');
    };
    for (let i = 0; i < 500; i++) write();
    let done = false;
    const made = makeBackup(state, at('copy'), NOW).finally(() => {
      done = true;
    });
    let during = 0;
    while (!done) {
      write();
      during++;
      await new Promise(setImmediate);
    }
    await made;
    database.close();
    expect(during).toBeGreaterThan(0);
    const copy = new DatabaseSync(at('copy', 'series.sqlite'), { readOnly: true });
    const { rows, pairs } = copy
      .prepare('SELECT count(*) AS rows, count(DISTINCT a) AS pairs FROM pair')
      .get() as unknown as { rows: number; pairs: number };
    copy.close();
    expect(pairs).toBeGreaterThanOrEqual(500);
    expect(rows).toBe(2 * pairs);
    expect((await verifyBackup(at('copy'))).damages).toEqual([]);
  });

  test('never writes over anything, needs something to copy, and is nothing as long as it is not whole', async () => {
    await expect(makeBackup(state, at('copy'), NOW)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    openAll().close();
    mkdirSync(at('copy'));
    await makeBackup(state, at('copy'), NOW);
    await expect(makeBackup(state, at('copy'), NOW)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(restoreBackup(at('copy'), state)).rejects.toMatchObject({ code: 'CONFLICT' });
    writeFileSync(at('file'), 'x');
    await expect(makeBackup(state, at('file'), NOW)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(verifyBackup(state)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(makeBackup(state, at('file', 'below'), NOW)).rejects.toMatchObject({ code: 'STORE_DOWN' });
    expect(readdirSync(folder.path).sort()).toEqual(['copy', 'file', 'state']);
  });

  test('of a database that is none fails as a whole, and leaves nothing behind', async () => {
    openAll().close();
    writeFileSync(join(state, 'broken.sqlite'), `SQLite format 3\0${'x'.repeat(5000)}`);
    await expect(makeBackup(state, at('copy'), NOW)).rejects.toMatchObject({ code: 'STORE_DOWN' });
    expect(readdirSync(folder.path)).toEqual(['state']);
  });

  test('within the state directory does not copy itself', async () => {
    openAll().close();
    const { files } = await makeBackup(state, join(state, 'backups', 'one'), NOW);
    expect(files).toHaveLength(4);
  });

  test('is for its owner’s eyes only: it has keys and accounts', async () => {
    openAll().close();
    await makeBackup(state, at('copy'), NOW);
    expect(statSync(at('copy')).mode & 0o077).toBe(0);
    for (const name of ['journal.sqlite', 'command-key', MANIFEST])
      expect(statSync(at('copy', name)).mode & 0o077).toBe(0);
  });
});

describe('verify', () => {
  const flip = (file: string, place: number): void => {
    const bytes = readFileSync(file);
    bytes[place] = bytes[place]! ^ 1;
    writeFileSync(file, bytes);
  };
  test.each<[why: string, harm: (copy: string) => void, path: string, reason: RegExp]>([
    ['a flipped bit', (copy) => flip(join(copy, 'state.sqlite'), 5000), 'state.sqlite', /changed/],
    ['a missing file', (copy) => rmSync(join(copy, 'command-key')), 'command-key', /missing/],
    ['a cut file', (copy) => truncateSync(join(copy, 'journal.sqlite'), 4096), 'journal.sqlite', /4096 bytes instead/],
    ['a longer file', (copy) => appendFileSync(join(copy, 'command-key'), 'x'), 'command-key', /bytes instead/],
  ])('%s is found and told, and nothing is restored from it', async (_why, harm, path, reason) => {
    openAll().close();
    await makeBackup(state, at('copy'), NOW);
    harm(at('copy'));
    expect((await verifyBackup(at('copy'))).damages).toEqual([{ path, reason: expect.stringMatching(reason) }]);
    await expect(restoreBackup(at('copy'), at('again'))).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(existsSync(at('again'))).toBe(false);
  });

  test('a journal that was broken before it was copied is told by its record', async () => {
    openAll().close();
    const database = new DatabaseSync(join(state, 'journal.sqlite'));
    database.exec(`UPDATE journal SET body = '{"n":9}' WHERE seq = 2`);
    database.close();
    await makeBackup(state, at('copy'), NOW);
    expect((await verifyBackup(at('copy'))).damages).toEqual([
      { path: 'journal.sqlite', reason: expect.stringMatching(/^record 2:/) },
    ]);
  });

  test.each(['../state/command-key', '/etc/hostname', 'a/../../b', '.', 'a\\b'])(
    'a manifest that names %j reaches out of its folder and is refused',
    async (path) => {
      openAll().close();
      const manifest: Manifest = await makeBackup(state, at('copy'), NOW);
      writeFileSync(at('copy', MANIFEST), JSON.stringify({ ...manifest, files: [{ ...manifest.files[0], path }] }));
      await expect(verifyBackup(at('copy'))).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    },
  );

  test('reads only: a second look finds the same', async () => {
    openAll().close();
    await makeBackup(state, at('copy'), NOW);
    await verifyBackup(at('copy'));
    expect((await verifyBackup(at('copy'))).damages).toEqual([]);
    expect(readdirSync(at('copy')).sort()).toEqual([
      'command-key',
      'journal.sqlite',
      MANIFEST,
      'spool',
      'state.sqlite',
    ]);
  });
});
