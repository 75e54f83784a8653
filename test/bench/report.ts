import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type Device, devicesFileSchema } from '#core/config/device.ts';
import type { Period } from '#core/paperwork/period-report.ts';
import { periodAt } from '#core/period-report/periods.ts';
import { instant, minutes } from '#core/time.ts';
import { openEmbeddedStore } from '#platform/series/embedded/embedded-store.ts';
import { openEmbeddedStoreInWorker } from '#platform/series/embedded/store-worker.ts';
import { gatherReport } from '#services/dashboard-api/period-reports/gather.ts';
import { sampleConfig } from '../plans/support.ts';
import { say } from './figures.ts';
import { referenceMs } from './reference-loop.ts';
import { batchesOf, type DataSpec, deviceOf, endOf, START, toReadings } from './store-data.ts';

/**
 * `npm run bench -- report`: the figures of a report of 50 temperatures (`--full`: 200), every one held to limits, as the service gathers them through the
 * store's thread. A year comes out of rollups of hours, which are as many whatever the polls are: its readings are five minutes apart here,
 * so that they are made in a minute. A week is at ten seconds, its samples read wherever a limit goes through a quarter of an hour.
 */
export interface ReportFigures {
  readonly period: Period;
  readonly series: number;
  readonly readings: number;
  /** The first of the process, and the least of the next four. */
  readonly firstMs: number;
  readonly againMs: number;
  readonly cpuMs: number;
  readonly referenceMs: number;
  readonly excursions: number;
}

const BUDGET_MS: Readonly<Record<Period, number>> = { yearly: 1000, weekly: 1000, monthly: 1000, quarterly: 1000 };
const ZONE = 'Asia/Shanghai';
const HOLD = minutes(15);
const SETTINGS = { hold: () => HOLD, band: () => null };
const DAY = 86_400_000;

export async function measureReport(series: number): Promise<readonly ReportFigures[]> {
  return [
    await measure('yearly', { series, everyS: 300, readings: Math.floor((365 * DAY) / 300_000) }),
    await measure('weekly', { series, everyS: 10, readings: Math.floor((14 * DAY) / 10_000) }),
  ];
}

async function measure(period: Period, spec: DataSpec): Promise<ReportFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-bench-report-'));
  const file = join(folder, 'series.sqlite');
  try {
    const filled = openEmbeddedStore(file, { settings: SETTINGS });
    for (const batch of batchesOf(spec)) await filled.write(toReadings(batch));
    await filled.settle();
    await filled.close();
    const store = await openEmbeddedStoreInWorker(file, { settings: SETTINGS });
    const input = inputFor(spec.series, store, endOf(spec));
    const span = periodAt(period, instant(period === 'yearly' ? START + 100 * DAY : START + 8 * DAY), ZONE);
    const times: number[] = [];
    let excursions = 0;
    const before = process.cpuUsage();
    for (let round = 0; round < 5; round++) {
      const from = performance.now();
      excursions = (await gatherReport(input, span)).excursions.length;
      times.push(performance.now() - from);
    }
    const { user, system } = process.cpuUsage(before);
    const reference = Math.min(referenceMs(), referenceMs(), referenceMs());
    await store.close();
    const [firstMs = 0, ...again] = times;
    return {
      ...{ period, series: spec.series, readings: spec.series * spec.readings, firstMs, againMs: Math.min(...again) },
      ...{ cpuMs: (user + system) / 5000, referenceMs: reference, excursions },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function inputFor(series: number, store: Parameters<typeof gatherReport>[0]['measuring']['store'], now: number) {
  const sample = sampleConfig();
  const names = new Set(Array.from({ length: series }, (_, one) => deviceOf(one)));
  const devices: readonly Device[] = devicesFileSchema.parse({
    devices: [...names].map((id) => ({ id, name: id, kind: 'sensor', mqtt: { topic: id } })),
  }).devices;
  const records = { incidents: [], alerts: [], deliveries: [], alarmFigures: null, rota: null, tasks: [], drills: [] };
  return {
    config: { ...sample, devices, site: { ...sample.site, time_zone: ZONE } },
    measuring: { store, settings: SETTINGS, timeZone: ZONE },
    records: { ...records, outOfService: { windows: [], shelved: [] } },
    sources: {},
    now: instant(now),
  };
}

export function tellReport(figures: readonly ReportFigures[]): void {
  for (const { period, series, readings, firstMs, againMs, cpuMs, referenceMs: reference } of figures) {
    const budget = BUDGET_MS[period];
    say(
      `report ${period}: ${series} points, ${(readings / 1e6).toFixed(1)} M readings kept: first ${firstMs.toFixed(0)} ms (${(firstMs / budget).toFixed(2)} of its budget of ${budget}), again ${againMs.toFixed(0)} ms (${(againMs / budget).toFixed(2)}); CPU ${cpuMs.toFixed(0)} ms, ${(cpuMs / reference).toFixed(1)} times the loop of reference (${reference.toFixed(1)} ms)`,
    );
  }
}
