import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Reading, Value } from '#core/reading.ts';
import { instant, milliseconds } from '#core/time.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { openEmbeddedStore } from '#platform/series/embedded/embedded-store.ts';
import { zhishou } from '../support/command-line.ts';

/** History in the hands of a person at a terminal: out, in, checked. */

const START = Date.UTC(2026, 0, 5);
let folder: ReturnType<typeof makeTemporaryFolder>;
let state: string;
beforeEach(() => {
  folder = makeTemporaryFolder('zhishou-history-test-');
  state = join(folder.path, 'state');
});
afterEach(() => folder.remove());
const at = (name: string): string => join(folder.path, name);

function reading(point: string, second: number, value: Value | null): Reading {
  const time = instant(START + 1000 * second);
  return {
    device: 'ups-1',
    point,
    value,
    quality: value === null ? 'missing' : 'good',
    measuredAt: time,
    receivedAt: time,
    changedAt: time,
    simulated: true,
  };
}

/** With settings that are not the usual ones: a command knows no configuration and leaves them as they are. */
const SETTINGS = { hold: () => milliseconds(240_000), band: () => ({ high: 44 }) };

async function fill(): Promise<void> {
  const store = openEmbeddedStore(join(state, 'series.sqlite'), { settings: SETTINGS });
  await store.write(Array.from({ length: 60 }, (_, i) => reading('ups.load', 10 * i, 40 + (i % 6))));
  await store.write([reading('ups.status', 0, 'OL'), reading('ups.status', 125, 'OB'), reading('ups.load', 600, null)]);
  await store.settle();
  await store.close();
}

/** In the largest of its compressed bodies, wherever the store keeps them. */
function flipABit(file: string): void {
  const database = new DatabaseSync(file);
  const columns = database
    .prepare(
      `SELECT m.name AS "table", c.name AS "column" FROM sqlite_schema m, pragma_table_info(m.name) c
       WHERE m.type = 'table' AND c.type = 'BLOB'`,
    )
    .all();
  const bodies = columns.flatMap(({ table, column }) =>
    database
      .prepare(`SELECT rowid AS id, "${column}" AS body FROM "${table}" WHERE "${column}" IS NOT NULL`)
      .all()
      .map(({ id, body }) => ({ table, column, id: Number(id), body: body as Uint8Array })),
  );
  const { table, column, id, body } = bodies.reduce((most, one) => (one.body.length > most.body.length ? one : most));
  body[body.length >> 1] = body[body.length >> 1]! ^ 4;
  database.prepare(`UPDATE "${table}" SET "${column}" = ? WHERE rowid = ?`).run(body, id);
  database.close();
}

const DAY = ['--from', '2026-01-05', '--to', '2026-01-06'];

describe('export and import', () => {
  test.each(['csv', 'lines'])('%s: what goes out comes in again, and a second export says the same', async (format) => {
    await fill();
    const file = at(`out.${format}`);
    const out = await zhishou(['export', '--state', state, ...DAY, '--format', format, '--out', file]);
    expect([out.code, out.output, out.errors]).toEqual([0, '', '']);
    const other = at('other');
    const into = await zhishou(['import', file, '--state', other, '--format', format, '--json']);
    expect([into.code, JSON.parse(into.output)]).toEqual([0, { written: 63, bad: 0, told: [] }]);
    const again = await zhishou(['export', '--state', other, ...DAY, '--format', format]);
    expect(again.output).toBe(readFileSync(file, 'utf8'));
    expect(readdirSync(folder.path).sort()).toEqual(['other', `out.${format}`, 'state']);
  });

  test('parquet: what goes out comes in again', async () => {
    await fill();
    const file = at('out.parquet');
    const out = await zhishou(['export', '--state', state, ...DAY, '--format', 'parquet', '--out', file]);
    expect([out.code, out.output, out.errors]).toEqual([0, '', '']);
    const other = at('other');
    const into = await zhishou(['import', file, '--state', other, '--format', 'parquet', '--json']);
    expect([into.code, JSON.parse(into.output)]).toEqual([0, { written: 63, bad: 0, told: [] }]);
    const [first, again] = [
      await zhishou(['export', '--state', state, ...DAY]),
      await zhishou(['export', '--state', other, ...DAY]),
    ];
    expect(again.output).toBe(first.output);
  });

  test('wide: a row a step, a column a series, local times; empty where nothing is known', async () => {
    await fill();
    const { output } = await zhishou(
      ['export', '--state', state, '--format', 'wide', '--step', '2m', '--time-zone', 'Asia/Shanghai'].concat([
        '--from',
        '2026-01-05T08:00:00+08:00',
        '--to',
        '2026-01-05T08:14:00+08:00',
      ]),
    );
    expect(output.split('\r\n')).toEqual([
      '\ufefftime (Asia/Shanghai),ups-1 ups.load [%],ups-1 ups.status',
      '2026-01-05 08:00:00,42.5,OL',
      '2026-01-05 08:02:00,42.5,OB',
      '2026-01-05 08:04:00,42.5,OB',
      '2026-01-05 08:06:00,42.5,OB',
      '2026-01-05 08:08:00,42.5,OB',
      '2026-01-05 08:10:00,,OB',
      '2026-01-05 08:12:00,,OB',
      '',
    ]);
  });

  test('while a service has the store open, export reads a copy; import and vacuum wait until it is stopped', async () => {
    await fill();
    const store = openEmbeddedStore(join(state, 'series.sqlite'));
    try {
      await store.write([reading('ups.load', 1000, 99)]);
      const out = await zhishou(['export', '--state', state, ...DAY, '--point', 'ups.load', '--device', 'ups-1']);
      expect(out.output).toContain('2026-01-05T00:16:40.000Z,ups-1,ups.load,99,good');
      expect(out.output).not.toContain('ups.status');
      writeFileSync(at('in.csv'), out.output);
      for (const command of [
        ['import', at('in.csv')],
        ['history', 'vacuum'],
      ]) {
        const { code, errors } = await zhishou([...command, '--state', state]);
        expect([code, errors]).toEqual([1, expect.stringMatching(/process \d+ has it open: stop the service first/)]);
      }
    } finally {
      await store.close();
    }
  });

  test('bad lines are told as file:line, the others are kept; exit 1', async () => {
    writeFileSync(
      at('in.csv'),
      'time,device,point,value\n2026-01-05T00:00:00Z,ups-1,ups.load,1\nrubbish\n2026-01-05T00:00:10Z,ups-1,ups.load,2\n',
    );
    const { code, output, errors } = await zhishou(['import', at('in.csv'), '--state', state]);
    expect([code, output]).toEqual([1, '2 readings kept, 1 lines bad\n']);
    expect(errors).toBe(`${at('in.csv')}:3: 1 columns are too few\n`);
  });

  test.each([
    [['export', '--from', 'soon'], /no moment/],
    [['export', '--from', '2026-02-31'], /no moment/],
    [['export', '--from', '7d', '--time-zone', 'Mars'], /no time zone/],
    [['export', '--from', '7d', '--format', 'wide', '--step', 'often'], /no step/],
    [['export', '--from', '7d'], /there is no history yet/],
    [['import', 'none.csv'], /There is no such thing \(none\.csv\)/],
    [['history', 'polish'], /one of check, status, vacuum/],
    [['history', 'check'], /there is no history yet/],
  ])('%j is told in a sentence', async (args, sentence) => {
    const { code, errors } = await zhishou([...args, '--state', state]);
    expect([code, errors]).toEqual([1, expect.stringMatching(sentence)]);
  });
});

describe('history', () => {
  test('check and status of a whole one, vacuum keeps everything', async () => {
    await fill();
    const check = await zhishou(['history', 'check', '--state', state, '--json']);
    expect([check.code, JSON.parse(check.output)]).toMatchObject([0, { ok: true, series: 2, damaged: [], wrong: [] }]);
    expect(JSON.parse(check.output).compared).toBeGreaterThan(0);
    const status = await zhishou(['history', 'status', '--state', state]);
    expect(status.output).toMatch(
      /^ups-1 {2}ups\.load {2}2026-01-05T00:00:00\.000Z – 2026-01-05T00:10:00\.000Z\n[\s\S]*\n2 series, .* MB\n$/,
    );
    expect((await zhishou(['history', 'vacuum', '--state', state])).code).toBe(0);
    const out = await zhishou(['export', '--state', state, ...DAY]);
    expect(out.output.split('\r\n')).toHaveLength(65);
  });

  test('check tells a flipped bit by its place, and the rest is readable', async () => {
    await fill();
    flipABit(join(state, 'series.sqlite'));
    const { code, output } = await zhishou(['history', 'check', '--state', state]);
    expect([code, output]).toEqual([1, expect.stringMatching(/checksum[\s\S]*\d findings; the rest is readable/)]);
  });
});
