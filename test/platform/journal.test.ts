import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { instant } from '#core/time.ts';
import { openJournal } from '#platform/journal.ts';

const folder = mkdtempSync(join(tmpdir(), 'zhishou-journal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const AT = instant(Date.UTC(2026, 0, 5));
let made = 0;

/** A journal of five records, then somebody's change to its file. */
function tampered(sql: string): string {
  const file = join(folder, `${++made}.sqlite`);
  const journal = openJournal(file);
  for (let i = 1; i <= 5; i++) journal.append([{ at: AT, stream: 's', kind: 'event', body: { i } }]);
  expect(journal.verify()).toBeNull();
  journal.close();
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
  return file;
}

describe('verify finds', () => {
  it.each([
    ['a changed body', `UPDATE journal SET body = '{"i":9}' WHERE seq = 3`, 3],
    ['a changed time', 'UPDATE journal SET at = at + 1 WHERE seq = 2', 2],
    ['a record moved to another stream', `UPDATE journal SET stream = 't' WHERE seq = 4`, 4],
    ['a missing record', 'DELETE FROM journal WHERE seq = 2', 2],
    ['a missing first record', 'DELETE FROM journal WHERE seq = 1', 1],
    ['a missing last record', 'DELETE FROM journal WHERE seq = 5', 5],
    ['an empty journal that had records', 'DELETE FROM journal', 1],
    [
      'two swapped records',
      'UPDATE journal SET seq = -2 WHERE seq = 2; UPDATE journal SET seq = 2 WHERE seq = 3; UPDATE journal SET seq = 3 WHERE seq = -2',
      2,
    ],
    ['a changed hash', `UPDATE journal SET hash = 'x' WHERE seq = 5`, 5],
    ['a changed head', `UPDATE head SET hash = 'x'`, 5],
    ['a record added past the end', `INSERT INTO journal VALUES (6, 0, 's', 'event', '{}', 'x')`, 6],
  ])('%s', (_what, sql, seq) => {
    const journal = openJournal(tampered(sql));
    expect(journal.verify()).toMatchObject({ seq, reason: expect.stringMatching(/record/) });
    journal.close();
  });
});

it('refuses a file that a newer program wrote, and leaves it alone', () => {
  const file = tampered('PRAGMA user_version = 99');
  expect(() => openJournal(file)).toThrow(expect.objectContaining({ code: 'STORE_TOO_NEW' }));
  const database = new DatabaseSync(file);
  expect(database.prepare('SELECT count(*) AS n FROM journal').get()?.n).toBe(5);
  database.close();
});

it('has every record that was acknowledged, and a whole chain, after kill -9 at any moment', async () => {
  const file = join(folder, 'killed.sqlite');
  const script = `
    import { openJournal } from ${JSON.stringify(new URL('../../platform/journal.ts', import.meta.url).pathname)};
    const journal = openJournal(${JSON.stringify(file)});
    for (;;) {
      const records = journal.append([1, 2, 3].map((i) => ({ at: 1, stream: 's', kind: 'event', body: { i } })));
      process.stdout.write(records.at(-1).seq + '\\n');
    }`;
  let acknowledged = 0;
  for (let round = 0; round < 3; round++) {
    const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: new URL('../..', import.meta.url).pathname,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
      if (output.split('\n').length > 20 + round * 7) child.kill('SIGKILL');
    });
    await once(child, 'close');
    acknowledged = Math.max(acknowledged, ...output.split('\n').slice(0, -1).map(Number));
    const journal = openJournal(file);
    expect(journal.verify()).toBeNull();
    const last = [...journal.read()].length;
    expect(last).toBeGreaterThanOrEqual(acknowledged);
    expect(last % 3).toBe(0);
    journal.close();
  }
  expect(acknowledged).toBeGreaterThan(0);
});

it('closes twice without complaint', () => {
  const journal = openJournal(':memory:');
  journal.close();
  journal.close();
});
