import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Config } from '#core/config/config.ts';
import type { Period, PeriodReport } from '#core/paperwork/period-report.ts';
import { periodNamed } from '#core/period-report/periods.ts';
import { seededRandom } from '#core/random.ts';
import { instant, minutes } from '#core/time.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { type EmbeddedStore, openEmbeddedStore } from '#platform/series/embedded/embedded-store.ts';
import { gatherReport } from '#services/dashboard-api/period-reports/gather.ts';
import { sampleConfig } from '../plans/support.ts';
import { naiveFigures } from './naive.ts';
import { type MadeSample, type MadeSeries, toReadings } from './room-year.ts';

/**
 * A week at ten seconds, out of rollups: th-1 is within its limits, th-2 sits on one, so that it goes over and back all the time; with limits
 * of history's own that are not the standard's.
 */
const ZONE = 'Asia/Shanghai';
const WEEK = periodNamed('weekly', '2026-W20', ZONE) ?? { from: instant(0), to: instant(0) };
const HOLD = minutes(2);
const SETTINGS = { hold: () => HOLD, band: () => ({ high: 30 }) };
let folder: ReturnType<typeof makeTemporaryFolder>;
let store: EmbeddedStore;
let config: Config;
const series: MadeSeries[] = ['th-1', 'th-2'].map((device, place) => ({
  ...{ device, point: 'ambient.temperature' },
  samples: wander(device, [22, 27][place] ?? 0),
}));

function wander(device: string, middle: number): readonly MadeSample[] {
  const random = seededRandom(device);
  const samples: MadeSample[] = [];
  let walk = 0;
  for (let at: number = WEEK.from - 3_600_000; at < WEEK.to + 3_600_000; at += 10_000) {
    walk = walk * 0.9995 + random.normal(0, 0.01);
    const gap = random.chance(0.001);
    if (gap) at += random.integer(60_000, 3_600_000);
    const value = Math.round((middle + walk + 0.3 * Math.sin(at / 900_000)) * 10) / 10;
    samples.push({ at: at + random.integer(0, 200), value, quality: 'good' });
  }
  return samples;
}

beforeAll(async () => {
  folder = makeTemporaryFolder('zhishou-ten-seconds-');
  store = openEmbeddedStore(join(folder.path, 'series.sqlite'), { settings: SETTINGS });
  for (const one of series) await store.write(toReadings(one));
  await store.settle();
  config = sampleConfig();
}, 300_000);
afterAll(async () => {
  await store.close();
  folder.remove();
});

async function reportOf(period: Period, name: string): Promise<PeriodReport> {
  const span = periodNamed(period, name, ZONE);
  if (span === null) throw new Error(name);
  const records = { incidents: [], alerts: [], deliveries: [], alarmFigures: null, rota: null, tasks: [], drills: [] };
  return gatherReport(
    {
      config: { ...config, site: { ...config.site, time_zone: ZONE } },
      measuring: { store, settings: SETTINGS, timeZone: ZONE },
      records: { ...records, outOfService: { windows: [], shelved: [] } },
      sources: {},
      now: instant(Date.UTC(2027, 1, 1)),
    },
    span,
  );
}
const sensorOf = ({ rooms }: PeriodReport, device: string) =>
  rooms[0]?.sensors.find((one) => one.device === device)?.figures;

test.each(['th-1', 'th-2'])('O-WK-1 %s: the week’s figures are those of its sixty thousand samples', async (device) => {
  const figures = sensorOf(await reportOf('weekly', '2026-W20'), device);
  const own = naiveFigures(
    series.find((one) => one.device === device)?.samples ?? [],
    [WEEK.from, WEEK.to],
    HOLD,
    18,
    27,
  );
  expect(figures?.mean.value).toBeCloseTo(own.mean ?? Number.NaN, 7);
  expect((figures?.coverage ?? 0) * 604_800).toBeCloseTo(own.coveredS, 1);
  expect(figures?.outsideS.value).toBeCloseTo(own.outsideS, 3);
  expect(figures?.degreeHours.value).toBeCloseTo(own.degreeHours, 6);
  expect([figures?.min.value, figures?.max.value]).toEqual([own.min, own.max]);
  expect(Date.parse(figures?.maxAt ?? '')).toBe(own.maxAt);
  if (device === 'th-2') expect(own.outsideS).toBeGreaterThan(86_400);
});

test('O-WK-1 a quarter of a year estimates within its hours what a week tells by samples, is near, and says so', async () => {
  const report = await reportOf('quarterly', '2026-Q2');
  const samples = series[1]?.samples ?? [];
  const own = naiveFigures(samples, [Date.UTC(2026, 2, 31, 16), Date.UTC(2026, 5, 30, 16)], HOLD, 18, 27);
  const figures = sensorOf(report, 'th-2');
  expect(figures?.mean.value).toBeCloseTo(own.mean ?? Number.NaN, 7);
  expect(Math.abs((figures?.outsideS.value ?? 0) / own.outsideS - 1)).toBeLessThan(0.1);
  expect(Math.abs((figures?.degreeHours.value ?? 0) / own.degreeHours - 1)).toBeLessThan(0.1);
  expect(report.gaps.map(({ en }) => en).join('\n')).toMatch(/are estimated from means and extremes/);
});
