import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, test } from 'vitest';
import type { KeptChange } from '#core/paperwork/register-entry.ts';
import { instant } from '#core/time.ts';
import { makeBackup } from '#platform/backup/make-backup.ts';
import { verifyBackup } from '#platform/backup/verify-backup.ts';
import { openRegisterStore } from '#platform/register-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'zhishou-register-store-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const newFile = (): string => join(folder, `store-${files++}.sqlite`);

const change = (more: Partial<KeptChange> = {}): KeptChange => ({
  ...{
    at: '2026-11-23T01:00:00.000Z',
    by: 'lin',
    byName: 'Lin Hao',
    byPerson: 'lin-hao',
    kind: 'added',
    move: null,
    state: 'open',
  },
  ...{ changed: [], reason: null, signed: null, drawing: null, photo: null, links: [] },
  ...more,
});
const named = (name: string): KeptChange => change({ changed: [{ field: 'name', before: null, after: name }] });
const corrected = (name: string): KeptChange => ({ ...named(name), kind: 'corrected', reason: 'x' });

/** Three entries in two registers, one of them corrected and with a photo. */
function filled(file: string) {
  const store = openRegisterStore(file);
  store.add('repairs', named('a'), 2026);
  store.add('repairs', named('b'), 2026);
  store.add('supplies', named('c'), 2026);
  store.append('repairs', '2026-0001', 1, corrected('A'));
  const content = Buffer.from('a photo');
  const sha256 = createHash('sha256').update(content).digest('hex');
  const photo = {
    id: sha256.slice(0, 32),
    at: '2026-11-23T02:00:00.000Z',
    by: 'lin',
    width: 4,
    height: 3,
    type: 'image/png',
    bytes: 7,
    sha256,
  } as const;
  store.append('repairs', '2026-0001', 2, change({ kind: 'photo', photo }), content);
  return { store, photo };
}

describe('the store of the registers', () => {
  test('folds to the same entries after a restart, with their whole history', () => {
    const file = newFile();
    const { store, photo } = filled(file);
    const before = [...store.entries('repairs').values()];
    const history = store.history('repairs', '2026-0001');
    store.close();
    const again = openRegisterStore(file);
    expect([...again.entries('repairs').values()]).toEqual(before);
    expect(again.history('repairs', '2026-0001')).toEqual(history);
    expect(history.map(({ kind }) => kind)).toEqual(['added', 'corrected', 'photo']);
    expect(again.photo('repairs', '2026-0001', photo.id)).toEqual(Buffer.from('a photo'));
    expect(again.verify()).toBeNull();
    again.close();
  });

  test('a number is never given twice: not after a restart, not in another year', () => {
    const file = newFile();
    const first = openRegisterStore(file);
    expect(first.add('repairs', named('a'), 2026)?.id).toBe('2026-0001');
    expect(first.add('repairs', named('b'), 2027)?.id).toBe('2027-0001');
    first.close();
    const again = openRegisterStore(file);
    expect(again.add('repairs', named('c'), 2026)?.id).toBe('2026-0002');
    expect(again.add('supplies', named('d'), 2026)?.id).toBe('2026-0001');
    again.close();
  });

  test('what enters itself is entered once, also when it is said again after a restart (O-REG-4)', () => {
    const file = newFile();
    const store = openRegisterStore(file);
    expect(store.add('backup-upgrade', named('a'), 2026, 'incident/1/backup')?.id).toBe('2026-0001');
    expect(store.add('backup-upgrade', named('a'), 2026, 'incident/1/backup')).toBeNull();
    store.close();
    const again = openRegisterStore(file);
    expect(again.add('backup-upgrade', named('a'), 2026, 'incident/1/backup')).toBeNull();
    expect(again.add('backup-upgrade', named('b'), 2026, 'incident/2/backup')?.id).toBe('2026-0002');
    expect(again.entries('backup-upgrade').size).toBe(2);
    again.close();
  });

  test('a change of an older revision changes nothing', () => {
    const store = openRegisterStore(':memory:');
    store.add('repairs', named('a'), 2026);
    store.append('repairs', '2026-0001', 1, corrected('b'));
    expect(() => store.append('repairs', '2026-0001', 1, corrected('c'))).toThrow(/CHANGED_MEANWHILE|changed it since/);
    expect(() => store.append('repairs', '2026-0009', 1, corrected('c'))).toThrow(/no such entry/);
    expect(store.history('repairs', '2026-0001')).toHaveLength(2);
  });

  test('what a stand-by on the same directory has written is there, and its numbers are not given again', () => {
    const file = newFile();
    const [one, other] = [openRegisterStore(file), openRegisterStore(file)];
    one.add('repairs', named('a'), 2026);
    expect(other.entries('repairs').size).toBe(1);
    expect(other.add('repairs', named('b'), 2026)?.id).toBe('2026-0002');
    other.append('repairs', '2026-0001', 1, corrected('A'));
    expect(() => one.append('repairs', '2026-0001', 1, corrected('Z'))).toThrow(/changed it since/);
    expect([...one.entries('repairs').values()].map(({ values }) => values.name)).toEqual(['A', 'b']);
    expect(one.verify()).toBeNull();
    one.close();
    other.close();
  });

  const DAMAGES: readonly [what: string, sql: string, register: string, seq: number, reason: RegExp][] = [
    ['a value rewritten', `UPDATE changes SET body = replace(body, '"A"', '"Z"')`, 'repairs', 3, /does not fit/],
    ['a change taken out', 'DELETE FROM changes WHERE seq = 2', 'repairs', 2, /missing/],
    ['the last one taken', `DELETE FROM changes WHERE register = 'supplies'`, 'supplies', 1, /missing at the end/],
    ['a change of another entry', `UPDATE changes SET entry = '2026-0002' WHERE seq = 3`, 'repairs', 3, /does not fit/],
    [
      'the head set back',
      `UPDATE heads SET seq = 3 WHERE register = 'repairs'`,
      'repairs',
      4,
      /not the one that was written last/,
    ],
    ['a photo exchanged', `UPDATE photos SET content = x'00'`, 'repairs', 4, /the photo .* was changed/],
    ['a photo taken', 'DELETE FROM photos', 'repairs', 4, /the photo .* is missing/],
  ];
  test.each(DAMAGES)('verify names where it was tampered with: %s', (_what, sql, register, seq, reason) => {
    const file = newFile();
    filled(file).store.close();
    const database = new DatabaseSync(file);
    database.exec(sql);
    database.close();
    const store = openRegisterStore(file);
    expect(store.verify()).toMatchObject({ register, seq, reason: expect.stringMatching(reason) });
    store.close();
  });

  test('a store of a newer version is refused', () => {
    const file = newFile();
    openRegisterStore(file).close();
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 9');
    database.close();
    expect(() => openRegisterStore(file)).toThrow(/newer version/);
  });

  test('a backup while it is open is whole', async () => {
    const state = mkdtempSync(join(folder, 'state-'));
    const { store } = filled(join(state, 'registers.sqlite'));
    const target = join(folder, 'backup');
    await makeBackup(state, target, instant(0));
    store.close();
    expect((await verifyBackup(target)).damages).toEqual([]);
    const copy = openRegisterStore(join(target, 'registers.sqlite'));
    expect(copy.verify()).toBeNull();
    expect(copy.entries('repairs').size).toBe(2);
    copy.close();
  });

  test('after kill -9 at any moment each acknowledged change is there, the chain is whole and no number comes twice', async () => {
    const file = newFile();
    const script = `
      import { openRegisterStore } from ${JSON.stringify(join(process.cwd(), 'platform', 'register-store.ts'))};
      const store = openRegisterStore(${JSON.stringify(file)});
      const change = ${JSON.stringify(named('x'))};
      for (;;) {
        const entry = store.add('repairs', change, 2026);
        console.log(entry.id);
        store.append('repairs', entry.id, 1, { ...change, kind: 'corrected', reason: 'y' });
        console.log(entry.id + '+');
      }`;
    const acknowledged: string[] = [];
    for (let round = 0; round < 4; round++) {
      const told = await writeUntilKilled(script, 15 + round * 11);
      acknowledged.push(...told);
      const store = openRegisterStore(file);
      expect(store.verify()).toBeNull();
      for (const line of acknowledged) {
        const entry = store.entries('repairs').get(line.replace('+', ''));
        expect(entry?.revision ?? 0, line).toBeGreaterThanOrEqual(line.endsWith('+') ? 2 : 1);
      }
      store.close();
    }
    const added = acknowledged.filter((line) => !line.endsWith('+'));
    expect(new Set(added).size).toBe(added.length);
  });
});

function writeUntilKilled(script: string, lines: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stderr.on('data', (text) => {
      errors += String(text);
    });
    child.stdout.on('data', (text) => {
      output += String(text);
      if (output.split('\n').length > lines) child.kill('SIGKILL');
    });
    child.on('close', () => {
      // A line that was cut off was not told.
      const told = output.split('\n').slice(0, -1);
      if (told.length === 0) reject(new Error(errors));
      else resolve(told);
    });
  });
}
