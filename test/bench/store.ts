import { performance } from 'node:perf_hooks';
import { percentile } from '../alerts/latency.ts';
import { against, say } from './figures.ts';
import { load } from './peers.ts';
import { batchesOf, type DataSpec, endOf, START, totalOf } from './store-data.ts';
import { type Engine, embeddedEngine, influxEngine, rowsEngine, victoriaEngine } from './store-engines.ts';
import type { FirstYear } from './store-first-year.ts';

/**
 * The embedded store beside SQLite's plain rows, InfluxDB 1.6 and VictoriaMetrics: the same made-up readings, one store after
 * the other. Rates are told by the clock on the wall and by CPU, which others on the machine disturb less.
 */
const BUDGETS = { bytes: 1, perSecond: 500_000, yearMs: 50, hourMs: 5 } as const;

export interface StoreOptions {
  /** 200 series at 10 s for the year: hours of work and tens of GB. Else 20 series. */
  readonly full: boolean;
  /** Seconds between the readings of the year. */
  readonly everyS: number;
  /** The embedded store alone, beside nobody. */
  readonly alone: boolean;
}

interface Written {
  readonly readings: number;
  readonly perSecond: number;
  /** CPU of a reading, microseconds: taking it, and all that follows until it is sealed. */
  readonly writeUs: number;
  readonly sealUs: number;
  readonly bytesEach: number;
  readonly settleS: number;
}

interface Figures {
  readonly engine: string;
  readonly day: Written;
  readonly year: Written;
  readonly yearMs: number;
  readonly yearCpuMs: number;
  readonly firstYearMs: number;
  /** Each in a process of its own; the embedded store alone. */
  readonly firstYears: readonly FirstYear[];
  readonly hourMs: number;
  readonly means: readonly (readonly number[])[];
}

export type StoreFigures = Omit<Figures, 'means'>;

const ENGINES: readonly (() => Promise<Engine | null> | Engine)[] = [
  embeddedEngine,
  rowsEngine,
  influxEngine,
  victoriaEngine,
];

export async function measureStore(options: StoreOptions): Promise<readonly StoreFigures[]> {
  const day: DataSpec = { series: 1000, readings: 3600, everyS: 10 };
  const year: DataSpec = {
    series: options.full ? 200 : 20,
    readings: Math.floor((365 * 86_400) / options.everyS),
    everyS: options.everyS,
  };
  say(
    `store · load ${load()} · ${totalOf(day)} readings of 1,000 series, then a year of ${year.series} series every ${year.everyS} s (${totalOf(year)})`,
  );
  const figures: Figures[] = [];
  for (const make of options.alone ? ENGINES.slice(0, 1) : ENGINES) {
    const found = await measureEngine(make, day, year);
    if (found === null) continue;
    figures.push(found);
    tell(found, figures[0] as Figures);
  }
  return figures.map(({ means: _, ...rest }) => rest);
}

/** Times the year is asked for, after the first. */
const YEARS = 5;

async function measureEngine(
  make: () => Promise<Engine | null> | Engine,
  day: DataSpec,
  year: DataSpec,
): Promise<Figures | null> {
  const first = await make();
  if (first === null) return null;
  let dayWritten: Written;
  try {
    dayWritten = await fill(first, day);
  } finally {
    await first.stop();
  }
  const second = (await make()) as Engine;
  try {
    const yearWritten = await fill(second, year);
    const to = endOf(year) - (endOf(year) % 3_600_000);
    const times: number[] = [];
    let means: readonly (readonly number[])[] = [];
    const cpu = second.cpuS ?? ownCpuS;
    let cpuS = 0;
    for (let run = 0; run < 1 + YEARS; run++) {
      const [from, fromCpu] = [performance.now(), cpu()];
      means = await second.hourlyMeans(20, START, to);
      times.push(performance.now() - from);
      if (run > 0) cpuS += cpu() - fromCpu;
    }
    const hourTimes: number[] = [];
    for (let run = 0; run < 40; run++) {
      const at = START + ((run * 211) % 8700) * 3_600_000;
      const from = performance.now();
      const found = await second.rawHour(run % 20, at);
      hourTimes.push(performance.now() - from);
      // The jitter moves a reading over the hour's edge now and then.
      if (Math.abs(found - 3600 / year.everyS) > 1) throw new Error(`${second.name}: ${found} readings in an hour`);
    }
    const firstYears = (await second.firstYears?.()) ?? [];
    const hours = (to - START) / 3_600_000;
    if (means.length !== 20 || means.some((own) => Math.abs(own.length - hours) > 1))
      throw new Error(`${second.name}: ${means.length} series of ${means[0]?.length} hours instead of 20 of ${hours}`);
    return {
      engine: second.name,
      day: dayWritten,
      year: yearWritten,
      firstYearMs: times[0] ?? Number.NaN,
      firstYears,
      yearMs: percentile(times.slice(1), 0.5),
      yearCpuMs: (1000 * cpuS) / YEARS,
      hourMs: percentile(hourTimes, 0.5),
      means,
    };
  } finally {
    await second.stop();
  }
}

async function fill(engine: Engine, spec: DataSpec): Promise<Written> {
  const cpu = engine.cpuS ?? ownCpuS;
  let wallMs = 0;
  let cpuS = 0;
  for (const batch of batchesOf(spec)) {
    const prepared = engine.prepare(batch);
    const [from, fromCpu] = [performance.now(), cpu()];
    await engine.write(prepared);
    wallMs += performance.now() - from;
    cpuS += cpu() - fromCpu;
  }
  const [from, fromCpu] = [performance.now(), cpu()];
  await engine.settle();
  const settleMs = performance.now() - from;
  const sealS = cpu() - fromCpu;
  const readings = totalOf(spec);
  return {
    readings,
    perSecond: readings / (wallMs / 1000),
    writeUs: (cpuS * 1e6) / readings,
    sealUs: (sealS * 1e6) / readings,
    bytesEach: engine.bytes() / readings,
    settleS: settleMs / 1000,
  };
}

function ownCpuS(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const MOST_DEVIATION = 1e-9;

function tell(own: Figures, embedded: Figures): void {
  const first = own === embedded;
  const ratio = (value: number, to: number): string => (first ? '' : ` (${(value / to).toFixed(2)}×)`);
  const budget = (value: number, limit: number): string => (first ? `, budget ${limit}: ${against(value, limit)}` : '');
  const { day, year } = own;
  const rateBudget = first
    ? `, budget ${BUDGETS.perSecond}: ${day.perSecond >= BUDGETS.perSecond ? 'reached' : 'missed'} by the clock; ${Math.round(1e6 / day.writeUs)} in a second of CPU`
    : '';
  const cpu = day.writeUs + day.sealUs;
  const cpuTo = embedded.day.writeUs + embedded.day.sealUs;
  say(`  ${own.engine}   load ${load()}`);
  say(`    write     ${Math.round(day.perSecond)}/s${ratio(day.perSecond, embedded.day.perSecond)}${rateBudget}`);
  say(
    `    CPU       ${cpu.toFixed(2)} µs a reading${ratio(cpu, cpuTo)}: ${day.writeUs.toFixed(2)} to take it, ${day.sealUs.toFixed(2)} to seal it`,
  );
  say(
    `    bytes     ${day.bytesEach.toFixed(2)} a reading${ratio(day.bytesEach, embedded.day.bytesEach)}${budget(day.bytesEach, BUDGETS.bytes)}; of the year ${year.bytesEach.toFixed(2)}${ratio(year.bytesEach, embedded.year.bytesEach)}`,
  );
  say(
    `    year      hourly means of 20 series ${own.yearMs.toFixed(1)} ms${ratio(own.yearMs, embedded.yearMs)}${budget(own.yearMs, BUDGETS.yearMs)}; CPU ${own.yearCpuMs.toFixed(1)} ms${ratio(own.yearCpuMs, embedded.yearCpuMs)}; the first time ${own.firstYearMs.toFixed(1)} ms`,
  );
  tellFirstYears(own.firstYears);
  say(
    `    raw hour  ${own.hourMs.toFixed(2)} ms${ratio(own.hourMs, embedded.hourMs)}${budget(own.hourMs, BUDGETS.hourMs)}`,
  );
  // VictoriaMetrics' hours exclude their beginning and include their end, so its means are of other readings.
  if (first || own.engine === 'VictoriaMetrics') return;
  const off = deviation(own.means, embedded.means);
  say(`    answers   ${off <= MOST_DEVIATION ? 'the same' : `OFF BY ${off}`}`);
}

function tellFirstYears(years: readonly FirstYear[]): void {
  if (years.length === 0) return;
  const of = (which: keyof FirstYear, share: number): number =>
    percentile(
      years.map((one) => one[which]),
      share,
    );
  const both = (which: keyof FirstYear): string =>
    `least ${of(which, 0).toFixed(1)} p50 ${of(which, 0.5).toFixed(1)} worst ${of(which, 1).toFixed(1)} ms`;
  const toLoop = percentile(
    years.map(({ cpuMs, referenceMs }) => cpuMs / referenceMs),
    0.5,
  );
  const p50 = of('wallMs', 0.5);
  say(
    `    first     the year as the first question of ${years.length} processes: ${both('wallMs')}, budget ${BUDGETS.yearMs}: ${against(p50, BUDGETS.yearMs)}; CPU ${both('cpuMs')}, ${toLoop.toFixed(1)} times the loop of reference of ${of('referenceMs', 0).toFixed(1)} to ${of('referenceMs', 1).toFixed(1)} ms; again ${both('againMs')}`,
  );
  say(
    `    memory    grows by ${of('grownMb', 1).toFixed(0)} MB at most from ${of('beforeMb', 0.5).toFixed(0)} MB, while these and a page of each series' whole year are asked for`,
  );
}

/** The largest difference between two stores' means. */
function deviation(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  const sorted = (means: readonly (readonly number[])[]) => means.flat().sort((x, y) => x - y);
  const [x, y] = [sorted(a), sorted(b)];
  return x.reduce((most, value, i) => Math.max(most, Math.abs(value - (y[i] ?? Number.NaN))), 0);
}
