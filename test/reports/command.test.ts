import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PeriodReport } from '#core/paperwork/period-report.ts';
import { periodNamed } from '#core/period-report/periods.ts';
import { instant, minutes } from '#core/time.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { openReportArchive } from '#platform/report-archive.ts';
import { openEmbeddedStore } from '#platform/series/embedded/embedded-store.ts';
import { zhishou } from '../support/command-line.ts';
import { naiveFigures } from './naive.ts';
import { makeRoomYear, type RoomYear, toReadings } from './room-year.ts';

/** Reports in the hands of a person at a terminal, of the sample room's week 6 of 2026. */
const HOLD = minutes(12);
const WEEK = periodNamed('weekly', '2026-W06', 'Asia/Shanghai') ?? { from: instant(0), to: instant(0) };
let folder: ReturnType<typeof makeTemporaryFolder>;
let state: string;
let year: RoomYear;

beforeAll(async () => {
  folder = makeTemporaryFolder('zhishou-report-test-');
  state = join(folder.path, 'state');
  year = makeRoomYear('a command', [WEEK.from - 2 * 86_400_000, WEEK.to + 86_400_000], minutes(5));
  const settings = { hold: () => HOLD, band: () => null };
  const store = openEmbeddedStore(join(state, 'series.sqlite'), { settings });
  for (const series of year.series) await store.write(toReadings(series));
  await store.settle();
  await store.close();
}, 60_000);
afterAll(() => folder.remove());

const at = (name: string): string => join(folder.path, name);
const weekly = ['report', 'weekly', '--week', '2026-W06', '--state'];

test('O-WK-1 `report weekly --format docx --out FILE` writes a Word file with the Chinese title, and leaves the state as it was', async () => {
  // SQLite makes these beside any store that is read.
  const stores = (): readonly string[] =>
    readdirSync(state)
      .filter((name) => !/-(wal|shm)$/.test(name))
      .sort();
  const before = stores();
  const made = await zhishou([...weekly, state, '--format', 'docx', '--out', at('week.docx')]);
  expect(made, made.errors).toMatchObject({ code: 0, output: `${at('week.docx')}\n` });
  const text = strFromU8(unzipSync(readFileSync(at('week.docx')))['word/document.xml'] ?? new Uint8Array());
  expect(text).toContain('第 6 周');
  expect(text).toContain('℃');
  expect(stores()).toEqual(before);
}, 300_000);

test('O-WK-1 as JSON it has the figures of the samples', async () => {
  const made = await zhishou([...weekly, state, '--format', 'json', '--out', '-']);
  expect(made.code, made.errors).toBe(0);
  const report = JSON.parse(made.output) as PeriodReport;
  const told = report.rooms[0]?.sensors.find((one) => one.device === 'th-3' && one.quantity === 'temperature');
  const samples =
    year.series.find((one) => one.device === 'th-3' && one.point === 'ambient.temperature')?.samples ?? [];
  const own = naiveFigures(samples, [WEEK.from, WEEK.to], HOLD, -100, 100);
  expect(told?.figures.mean.value).toBeCloseTo(own.mean ?? Number.NaN, 6);
  expect(told?.figures.max.value).toBe(own.max);
}, 300_000);

test('what cannot be is said in a sentence that helps', async () => {
  const wrong = await zhishou(['report', 'weekly', '--week', '2026-W60', '--state', state]);
  expect(wrong).toMatchObject({ code: 1, output: '' });
  expect(wrong.errors).toMatch(/2026-W60.*no week has this name; as 2026-W46/);
  const mixed = await zhishou(['report', 'monthly', '--week', '2026-W06', '--state', state]);
  expect(mixed.errors).toMatch(/a monthly report takes --month/);
  const nothing = await zhishou(['report', 'list', '--state', at('nowhere')]);
  expect(nothing.errors).toMatch(/no report has been made yet/);
}, 300_000);

test('the archive is listed and verified; a file that was changed is told, and is not given out', async () => {
  const archive = openReportArchive(join(state, 'reports.sqlite'), join(state, 'reports'));
  const edition = {
    ...{ id: 'weekly-2026-W06', periodId: 'weekly-2026-W06', period: 'weekly' as const, name: '2026-W06' },
    ...{ from: WEEK.from, to: WEEK.to, madeAt: instant(WEEK.to), madeBy: 'zhishou', reason: null },
    summary: { zh: '平静的一周', en: 'A calm week' },
  };
  archive.add(edition, [{ name: 'weekly-2026-W06-zh.docx', bytes: Buffer.from('as it was made') }]);
  archive.close();
  const file = join(state, 'reports', 'weekly-2026-W06', 'weekly-2026-W06-zh.docx');
  expect(statSync(file).mode & 0o777).toBe(0o400);
  const kept = await zhishou([...weekly, state, '--format', 'docx', '--language', 'zh', '--out', at('kept.docx')]);
  expect(kept.code, kept.errors).toBe(0);
  expect(readFileSync(at('kept.docx'), 'utf8')).toBe('as it was made');
  expect((await zhishou(['report', 'verify', '--state', state])).output).toMatch(/^whole: 1 reports, 1 files/);
  chmodSync(file, 0o600);
  writeFileSync(file, 'as somebody likes it');
  const verified = await zhishou(['report', 'verify', '--state', state]);
  expect(verified).toMatchObject({ code: 1 });
  expect(verified.output).toContain('weekly-2026-W06: weekly-2026-W06-zh.docx was changed');
  expect((await zhishou(['report', 'list', '--state', state])).output).toContain('CHANGED');
  const refused = await zhishou([...weekly, state, '--format', 'docx', '--language', 'zh', '--out', at('again.docx')]);
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.errors).toContain('was changed; it is not given out');
}, 300_000);
