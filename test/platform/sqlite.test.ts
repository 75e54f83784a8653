import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { openJournal } from '#platform/journal.ts';
import { inTransaction, openDatabase } from '#platform/sqlite.ts';
import { openStateStore } from '#platform/state-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'zhishou-sqlite-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const one = 'CREATE TABLE a (x INTEGER) STRICT';
const two = 'ALTER TABLE a ADD COLUMN y INTEGER';

it('makes the folder, then brings an older store to the newest version step by step', () => {
  const file = join(folder, 'deep', 'er', 'store.sqlite');
  openDatabase(file, { migrations: [one], synchronous: 'FULL' }).close();
  const seen: number[] = [];
  const database = openDatabase(file, {
    migrations: [one, two, () => void seen.push(3)],
    synchronous: 'NORMAL',
  });
  database.exec('INSERT INTO a VALUES (1, 2)');
  expect(database.prepare('PRAGMA user_version').get()).toMatchObject({ user_version: 3 });
  expect(database.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' });
  expect(seen).toEqual([3]);
  database.close();
});

it('keeps the old version when a step fails in its middle', () => {
  const file = join(folder, 'half.sqlite');
  openDatabase(file, { migrations: [one], synchronous: 'FULL' }).close();
  const broken = `${two}; INSERT INTO nowhere VALUES (1)`;
  expect(() => openDatabase(file, { migrations: [one, broken], synchronous: 'FULL' })).toThrow(/no such table/);
  const database = openDatabase(file, { migrations: [one], synchronous: 'FULL' });
  expect(database.prepare('SELECT * FROM a').columns()).toHaveLength(1);
  database.close();
});

it('says STORE_DOWN for a file that is no database, and for a folder that cannot be made', () => {
  const file = join(folder, 'garbage.sqlite');
  writeFileSync(file, 'this is not a database, and long enough to be looked at as one'.repeat(100));
  expect(() => openDatabase(file, { migrations: [one], synchronous: 'FULL' })).toThrow(
    expect.objectContaining({ code: 'STORE_DOWN', subject: file }),
  );
  expect(() => openDatabase(join(file, 'x', 'y'), { migrations: [one], synchronous: 'FULL' })).toThrow(
    expect.objectContaining({ code: 'STORE_DOWN' }),
  );
});

it('turns a full disk into STORE_DOWN, keeps what was there, and goes on when there is room again', () => {
  const file = join(folder, 'full.sqlite');
  const database = openDatabase(file, { migrations: ['CREATE TABLE a (x TEXT) STRICT'], synchronous: 'FULL' });
  database.exec("INSERT INTO a VALUES ('before')");
  database.exec('PRAGMA max_page_count = 4');
  const insert = database.prepare('INSERT INTO a VALUES (?)');
  expect(() => inTransaction(database, file, () => insert.run('x'.repeat(100_000)))).toThrow(
    expect.objectContaining({ code: 'STORE_DOWN' }),
  );
  expect(database.isTransaction).toBe(false);
  database.exec('PRAGMA max_page_count = 100000');
  inTransaction(database, file, () => insert.run('after'));
  expect(database.prepare('SELECT x FROM a').all()).toHaveLength(2);
  database.close();
});

it('keeps the copying of the write-ahead log off the commits and does it when a while has passed', () => {
  vi.useFakeTimers();
  try {
    const file = join(folder, 'idle.sqlite');
    const store = openStateStore(file);
    const copied = (text: string): boolean => readFileSync(file).includes(text);
    // Far more than the thousand pages at which SQLite would begin to copy within a commit.
    for (let i = 0; i < 40; i++) store.set(`key-${i}`, `value-${i} ${'x'.repeat(200_000)}`);
    store.set('last', 'the newest of all');
    expect(copied('value-0')).toBe(false);
    vi.advanceTimersByTime(6000);
    expect(copied('the newest of all')).toBe(true);
    store.set('again', 'once more');
    store.close();
    expect(() => vi.advanceTimersByTime(6000)).not.toThrow();
    expect(copied('once more')).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

it('copies the journal in the same manner', () => {
  vi.useFakeTimers();
  try {
    const file = join(folder, 'idle-journal.sqlite');
    const journal = openJournal(file);
    journal.append([{ at: 0 as never, stream: 'site', kind: 'test', body: 'a line to look for' }]);
    expect(readFileSync(file).includes('a line to look for')).toBe(false);
    vi.advanceTimersByTime(6000);
    expect(readFileSync(file).includes('a line to look for')).toBe(true);
    journal.close();
  } finally {
    vi.useRealTimers();
  }
});
