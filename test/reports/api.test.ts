import { afterEach, expect, test } from 'vitest';
import type { ArchivedReport, PeriodReport } from '#core/paperwork/period-report.ts';
import { periodNamed } from '#core/period-report/periods.ts';
import { hours, type Instant, instant, minutes, plus, toIso } from '#core/time.ts';
import { createMemorySeriesStore } from '#platform/series/memory-series-store.ts';
import { periodReportSchema } from '#services/dashboard-api/schemas/period-report.ts';
import {
  makeConfig,
  reading,
  type SignedIn,
  START,
  startDashboard,
  type TestDashboard,
} from '../dashboard-api/support.ts';

/** The reports' interface over a site in memory; it is Saturday of 2026-W47. */
const ZONE = 'Asia/Shanghai';
const LAST_WEEK = periodNamed('weekly', '2026-W46', ZONE) ?? { from: START, to: START };
let site: TestDashboard;

/** 22 °C, but 30 °C for one hour of Wednesday; each five minutes. */
async function startSite(): Promise<SignedIn> {
  const series = createMemorySeriesStore();
  const warm = plus(LAST_WEEK.from, hours(60));
  const readings = [];
  for (let at = LAST_WEEK.from; at < LAST_WEEK.to; at = plus(at, minutes(5))) {
    const value = at >= warm && at < plus(warm, hours(1)) ? 30 : 22;
    readings.push(sample('ambient.temperature', value, at), sample('ambient.humidity', 45, at));
  }
  await series.write(readings);
  const config = makeConfig();
  const devices = config.devices.map((device) => ({ ...device, stale_after: minutes(5) }));
  site = await startDashboard({ series, config: { ...config, devices } });
  return site.signIn();
}
const sample = (point: string, value: number, at: Instant) =>
  reading({ device: 'th-1', point, value, measuredAt: at, receivedAt: at, changedAt: at });

afterEach(() => site.dashboard.stop());

const get = async (as: SignedIn, url: string) => site.dashboard.inject({ method: 'GET', url, headers: as.headers });
const post = async (as: SignedIn, url: string, payload: object) =>
  site.dashboard.inject({ method: 'POST', url, headers: as.headers, payload });

test('O-WK-1 a report of any week on demand: mean by time, out of range against the standard, dew point reckoned', async () => {
  const admin = await startSite();
  const answer = await get(admin, '/api/v1/reports/weekly-2026-W46');
  expect(answer.statusCode, answer.body).toBe(200);
  const report = answer.json<PeriodReport>();
  expect(periodReportSchema.parse(report)).toEqual(report);
  const [core] = report.rooms;
  const temperature = core?.whole.find(({ quantity }) => quantity === 'temperature')?.figures;
  expect(temperature?.mean.value).toBeCloseTo(22 + 8 / 168, 9);
  expect(temperature).toMatchObject({ coverage: 1, outsideS: { value: 3600 }, max: { value: 30 }, min: { value: 22 } });
  expect(temperature?.degreeHours.value).toBeCloseTo(3, 9);
  expect(core?.whole.map(({ quantity }) => quantity)).toEqual(['temperature', 'humidity', 'dew-point']);
  expect(report.excursions[0]).toMatchObject({
    ...{ device: 'th-1', limit: 27, worst: 30, from: toIso(plus(LAST_WEEK.from, hours(60))) },
    to: toIso(plus(LAST_WEEK.from, hours(61))),
  });
  expect(report.summary.zh).toMatch(/平均温度 22\.0 ℃.*1 小时.*30\.0 ℃/);
  expect(report.summary.en).toMatch(/mean temperature 22\.0 °C.*1 h.*30\.0 °C/);
});

test('what is no period, and what has not begun, is said plainly', async () => {
  const admin = await startSite();
  expect((await get(admin, '/api/v1/reports/weekly-2026-W60')).statusCode).toBe(404);
  expect((await get(admin, '/api/v1/reports/weekly-2027-W01')).statusCode).toBe(400);
  expect((await get(admin, '/api/v1/reports/weekly-2026-W46/charts/nothing')).statusCode).toBe(404);
});

test('the present week is told as far as it has gone, says so, and is not archived', async () => {
  const admin = await startSite();
  const made = await post(admin, '/api/v1/reports', { period: 'weekly', name: '2026-W47' });
  expect(made.statusCode, made.body).toBe(200);
  const { report, archived } = made.json<{ report: PeriodReport; archived: ArchivedReport | null }>();
  expect(archived).toBeNull();
  expect(report.final).toBe(false);
  expect(report.gaps.map(({ en }) => en).join()).toMatch(/not over/);
});

test('a week that is over is archived once; a corrected one is another edition that leaves the first as it is', async () => {
  const admin = await startSite();
  const body = { period: 'weekly', name: '2026-W46' };
  const first = (await post(admin, '/api/v1/reports', body)).json<{ archived: ArchivedReport }>().archived;
  expect(first).toMatchObject({ id: 'weekly-2026-W46', intact: true });
  expect(first.files.map(({ name }) => name)).toContain('weekly-2026-W46-zh.docx');
  const same = (await post(admin, '/api/v1/reports', body)).json<{ archived: ArchivedReport }>().archived;
  expect(same.madeAt).toBe(first.madeAt);
  const second = await post(admin, '/api/v1/reports', { ...body, reason: 'a sensor was named wrongly' });
  expect(second.json<{ archived: ArchivedReport }>().archived.id).toBe('weekly-2026-W46-2');
  const list = (await get(admin, '/api/v1/reports')).json<{ reports: ArchivedReport[] }>().reports;
  expect(list.map(({ id }) => id)).toEqual(['weekly-2026-W46-2', 'weekly-2026-W46']);
  expect(list[1]?.files).toEqual(first.files);
  const file = await get(admin, '/api/v1/reports/weekly-2026-W46/files/docx?language=zh');
  expect(file.headers['content-disposition']).toContain('weekly-2026-W46-zh.docx');
  expect(instant(file.rawPayload.length)).toBe(first.files.find(({ name }) => name.endsWith('zh.docx'))?.bytes);
  // Twelve papers are drawn, on a machine that may build other things beside.
}, 300_000);

test('one table alone as CSV, by its name; no other file has parts', async () => {
  const admin = await startSite();
  const csv = await get(admin, '/api/v1/reports/weekly-2026-W46/files/csv?part=excursions&language=en');
  expect(csv.statusCode, csv.body).toBe(200);
  expect(csv.headers['content-disposition']).toBe('attachment; filename="weekly-2026-W46-excursions-en.csv"');
  expect(csv.body.split('\r\n')[0]).toMatch(/^\ufeffSensor,Quantity,From,To,/);
  // Too warm and, with as much water in the air, too damp: two lines, the head, and nothing behind the last.
  expect(csv.body.split('\r\n')).toHaveLength(4);
  expect((await get(admin, '/api/v1/reports/weekly-2026-W46/files/pdf?part=excursions')).statusCode).toBe(400);
  expect((await get(admin, '/api/v1/reports/weekly-2026-W46/files/csv?part=nothing')).statusCode).toBe(400);
});
