import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Config } from '#core/config/config.ts';
import type { ClimateFigures, PeriodReport, SensorClimate } from '#core/paperwork/period-report.ts';
import { periodNamed } from '#core/period-report/periods.ts';
import type { SeriesSettings } from '#core/series.ts';
import { hours, instant, minutes } from '#core/time.ts';
import { type EmbeddedStore, openEmbeddedStore } from '#platform/series/embedded/embedded-store.ts';
import { type GatherInput, gatherReport } from '#services/dashboard-api/period-reports/gather.ts';
import { sampleConfig } from '../plans/support.ts';
import { naiveFigures, secondsOf, worstOf } from './naive.ts';
import { type MadeSeries, makeRoomYear, type RoomYear, type Span, toReadings } from './room-year.ts';

/**
 * The proof of the weekly report (O-WK-1, O-WK-2): a made-up year of the sample room in the embedded store, whose reports are held
 * against figures that loops of the test's own make of the same samples.
 */
const SEED = 'a year of paperwork';
const HOLD = minutes(12);
const SETTINGS: SeriesSettings = { hold: () => HOLD, band: () => null };
/** GB 50174-2017 grade B: the sample's standard. */
const LIMITS = { temperature: [18, 27], humidity: [Number.NEGATIVE_INFINITY, 60], 'dew-point': [5.5, 15] } as const;
const COLD = ['th-1', 'th-2'];
const DAY = 86_400_000;
const WEEKS = Array.from({ length: 52 }, (_, index) => index + 1);

/** Monday of week 1 of 2026 is 29 December 2025. The clocks of Berlin: one hour before UTC's, two from 29 March to 25 October 2026. */
const ZONES: Readonly<Record<string, (utcMidnight: number) => number>> = {
  'Asia/Shanghai': () => 8,
  'Europe/Berlin': (at) => (at >= Date.UTC(2026, 2, 30) && at <= Date.UTC(2026, 9, 25) ? 2 : 1),
};
function weekOf(week: number, zone: string): Span {
  const edge = (monday: number): number => monday - (ZONES[zone]?.(monday) ?? 0) * 3_600_000;
  const monday = Date.UTC(2025, 11, 29) + (week - 1) * 7 * DAY;
  return [edge(monday), edge(monday + 7 * DAY)];
}

let folder: string;
let store: EmbeddedStore;
let year: RoomYear;
let config: Config;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zhishou-year-'));
  store = openEmbeddedStore(join(folder, 'series.sqlite'), { settings: SETTINGS });
  year = makeRoomYear(SEED, [Date.UTC(2025, 11, 20), Date.UTC(2027, 0, 3)], minutes(5));
  for (const series of year.series) await store.write(toReadings(series));
  await store.settle();
  config = sampleConfig();
}, 300_000);

afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

function inputFor(zone: string): GatherInput {
  const site = { ...config.site, time_zone: zone };
  return {
    config: { ...config, site },
    measuring: { store, settings: SETTINGS, timeZone: zone },
    records: {
      ...{ incidents: [], alerts: [], deliveries: [], alarmFigures: null, rota: null, tasks: [], drills: [] },
      outOfService: { windows: [], shelved: [] },
    },
    sources: {},
    now: instant(Date.UTC(2027, 0, 2)),
  };
}

const made = new Map<string, Promise<PeriodReport>>();
function reportOf(zone: string, week: number): Promise<PeriodReport> {
  const key = `${zone} ${week}`;
  const report = made.get(key) ?? makeReport(zone, week);
  made.set(key, report);
  return report;
}
async function makeReport(zone: string, week: number): Promise<PeriodReport> {
  const span = periodNamed('weekly', `2026-W${String(week).padStart(2, '0')}`, zone);
  if (span === null) throw new Error('no such week');
  return gatherReport(inputFor(zone), span);
}

const seriesOf = (device: string, point: string): MadeSeries => {
  const found = year.series.find((one) => one.device === device && one.point === point);
  if (found === undefined) throw new Error(`${device}/${point}`);
  return found;
};

/** Means to a millionth, seconds to the second, moments to the millisecond. */
function holdSensor(sensor: SensorClimate, week: Span): ReturnType<typeof naiveFigures> {
  const judged = COLD.includes(sensor.device);
  const [low, high] = judged ? LIMITS[sensor.quantity] : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const own = naiveFigures(seriesOf(sensor.device, sensor.point).samples, week, HOLD, low, high);
  const { figures } = sensor;
  const what = `${sensor.device} ${sensor.point}`;
  expect(figures.coverage * ((week[1] - week[0]) / 1000), what).toBeCloseTo(own.coveredS, 1);
  expect(figures.min.value, what).toBe(own.min);
  expect(figures.max.value, what).toBe(own.max);
  expect(figures.minAt === null ? null : Date.parse(figures.minAt), what).toBe(own.minAt);
  expect(figures.maxAt === null ? null : Date.parse(figures.maxAt), what).toBe(own.maxAt);
  near(figures.mean.value, own.mean, what);
  if (judged) {
    near(figures.outsideS.value, own.outsideS, what);
    near(figures.degreeHours.value, own.degreeHours, what);
  } else expect(figures.outsideS.value, what).toBeNull();
  return own;
}

function near(found: number | null, wanted: number | null, what: string): void {
  if (wanted === null) expect(found, what).toBeNull();
  else
    expect(Math.abs((found ?? Number.NaN) - wanted), `${what}: ${found} instead of ${wanted}`).toBeLessThanOrEqual(
      1e-6 * Math.max(1, Math.abs(wanted)),
    );
}

describe.each(Object.keys(ZONES))('52 weeks in %s', (zone) => {
  test('O-WK-1 every sensor of every week: mean by time, extremes and their moments, coverage, out of range, degree-hours', async () => {
    let [outside, gaps, compared] = [0, 0, 0];
    for (const week of WEEKS) {
      const span = weekOf(week, zone);
      const report = await reportOf(zone, week);
      expect([Date.parse(report.from), Date.parse(report.to)], report.id).toEqual(span);
      const [core] = report.rooms;
      if (core === undefined) throw new Error(`${report.id} has no core room`);
      const told = core.sensors.filter(({ device, quantity }) => quantity !== 'dew-point' || device === 'th-2');
      expect(told).toHaveLength(9);
      const own = told.map((sensor) => ({ sensor, naive: holdSensor(sensor, span) }));
      for (const { naive } of own) {
        compared++;
        if (naive.outsideS > 0) outside++;
        if (naive.coveredS < (span[1] - span[0]) / 1000 - 3600) gaps++;
      }
      for (const quantity of ['temperature', 'humidity'] as const) {
        const parts = own.filter(({ sensor }) => sensor.quantity === quantity);
        holdRoom(core.whole.find((one) => one.quantity === quantity)?.figures, parts, span);
      }
    }
    // The year has what the test is about.
    expect(compared).toBe(52 * 9);
    expect(outside).toBeGreaterThan(60);
    expect(gaps).toBeGreaterThan(30);
  }, 300_000);

  test('O-WK-2 hosts: down as long as they were, not while the monitor was away; O-WK-1 transfers to battery and time on it', async () => {
    for (const week of WEEKS) {
      const span = weekOf(week, zone);
      const report = await reportOf(zone, week);
      const counts = (at: number): boolean => seenQuarters().has(Math.floor(at / 900_000));
      const lines = [...report.network, ...report.services];
      for (const device of ['switch-1', 'server-1']) {
        const { samples } = seriesOf(device, 'host.reachable');
        const downS = secondsOf(samples, span, (value) => value === false, counts);
        const line = lines.find((one) => one.device === device);
        expect(line?.downS ?? 0, `${report.id} ${device}`).toBeCloseTo(downS, 2);
        const knownS = secondsOf(samples, span, () => true, counts);
        if (knownS > 0) expect(line?.availability.value, report.id).toBeCloseTo(1 - downS / knownS, 9);
      }
      const { samples } = seriesOf('ups-1', 'ups.status');
      const isOnBattery = (value: unknown): boolean => String(value).includes('OB');
      const batteryS = secondsOf(samples, span, isOnBattery, counts);
      const [ups] = report.ups;
      expect(ups?.onBatteryS.value ?? 0, report.id).toBeCloseTo(batteryS, 2);
      const begun = samples.filter(
        ({ at, value }, index) =>
          at >= span[0] && at < span[1] && isOnBattery(value) && index > 0 && !isOnBattery(samples[index - 1]?.value),
      );
      expect(ups?.transfers.value ?? 0, report.id).toBe(begun.length);
      near(ups?.load.mean.value ?? null, naiveOf('ups-1', 'ups.load', span).mean, 'ups load');
      near(ups?.charge.min.value ?? null, naiveOf('ups-1', 'battery.charge', span).min, 'charge');
    }
  }, 300_000);
});

const naiveOf = (device: string, point: string, span: Span) =>
  naiveFigures(seriesOf(device, point).samples, span, HOLD, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);

/** Quarters of an hour in which any climate sensor's good number held. */
let seen: ReadonlySet<number> | null = null;
function seenQuarters(): ReadonlySet<number> {
  if (seen !== null) return seen;
  const found = new Set<number>();
  for (const { point, samples } of year.series) {
    if (!point.startsWith('ambient.')) continue;
    for (const [index, { at, value, quality }] of samples.entries()) {
      if (quality !== 'good' || typeof value !== 'number') continue;
      const end = Math.min(samples[index + 1]?.at ?? Number.POSITIVE_INFINITY, at + HOLD);
      for (let quarter = Math.floor(at / 900_000); quarter * 900_000 < end; quarter++) found.add(quarter);
    }
  }
  seen = found;
  return found;
}

/** All sensors of the room together. */
function holdRoom(
  figures: ClimateFigures | undefined,
  parts: readonly { readonly sensor: SensorClimate; readonly naive: ReturnType<typeof naiveFigures> }[],
  [from, to]: Span,
): void {
  const all = parts.map(({ naive }) => naive);
  const coveredS = all.reduce((sum, one) => sum + one.coveredS, 0);
  near(figures?.mean.value ?? null, all.reduce((sum, { area }) => sum + area, 0) / coveredS, 'room mean');
  expect((figures?.coverage ?? 0) * parts.length * ((to - from) / 1000)).toBeCloseTo(coveredS, 0);
  expect(figures?.max.value).toBe(Math.max(...all.map(({ max }) => max ?? Number.NEGATIVE_INFINITY)));
  expect(figures?.min.value).toBe(Math.min(...all.map(({ min }) => min ?? Number.POSITIVE_INFINITY)));
  const judged = parts.filter(({ sensor }) => COLD.includes(sensor.device)).map(({ naive }) => naive);
  near(figures?.outsideS.value ?? null, worstOf(judged.map(({ quarters }) => quarters)), 'room out of range');
  near(
    figures?.degreeHours.value ?? null,
    worstOf(judged.map(({ beyondQuarters }) => beyondQuarters)) / 3600,
    'room degree-hours',
  );
}

test('O-WK-1 the change against the week before is that week’s own figure', async () => {
  for (const week of [2, 13, 14, 30, 44, 52]) {
    const [report, before] = [await reportOf('Europe/Berlin', week), await reportOf('Europe/Berlin', week - 1)];
    const figuresIn = ({ rooms }: PeriodReport, device: string) =>
      rooms[0]?.sensors.find((one) => one.device === device && one.quantity === 'temperature')?.figures;
    for (const device of ['th-1', 'th-2', 'th-3']) {
      const [now, then] = [figuresIn(report, device), figuresIn(before, device)];
      for (const name of ['mean', 'min', 'max', 'outsideS', 'degreeHours'] as const)
        expect(now?.[name].before, `${report.id} ${device} ${name}`).toBe(then?.[name].value);
    }
  }
});

test('O-WK-1 gaps of half an hour and more in which nothing was recorded are said, each of them', async () => {
  let said = 0;
  for (const [from, to] of year.away.filter(([from, to]) => to - from > hours(2))) {
    const week = Math.floor((from + 8 * 3_600_000 - Date.UTC(2025, 11, 29)) / (7 * DAY)) + 1;
    if (week < 1 || week > 52) continue;
    const report = await reportOf('Asia/Shanghai', week);
    said++;
    expect(report.gaps.map(({ zh }) => zh).join('\n'), report.id).toContain('没有任何传感器的记录');
    expect(report.gaps.map(({ en }) => en).join('\n'), report.id).toMatch(/no sensor was recorded/);
    expect(Date.parse(report.to) - from, `${to}`).toBeGreaterThan(0);
  }
  expect(said).toBeGreaterThan(4);
});
