import { join, resolve } from 'node:path';
import type { Config } from '#core/config/config.ts';
import type { HistoryStoreName } from '#core/config/history.ts';
import type { Rule } from '#core/config/rule.ts';
import { ZhishouError } from '#core/errors.ts';
import type { SeriesStore } from '#core/ports.ts';
import { createWorkingTime } from '#core/rota/working-time.ts';
import { type BackTestResult, createBackTest, rulesRead } from '#core/rules/back-test.ts';
import { loudTimes } from '#core/rules/loud-times.ts';
import { replay } from '#core/rules/replay.ts';
import { DEFAULT_SETTINGS } from '#core/series.ts';
import { type Instant, instant } from '#core/time.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { loadRulesFile } from '#platform/config/load-config.ts';
import {
  environmentVariables,
  makeTemporaryFolder,
  printLine,
  printProgress,
  setExitCode,
} from '#platform/environment.ts';
import { openEmbeddedStore } from '#platform/series/embedded/embedded-store.ts';
import { importCsv } from '#platform/series/exchange/csv-import.ts';
import { importReadings } from '#platform/series/exchange/import.ts';
import { readPieces } from '#platform/series/exchange/text-file.ts';
import { configDirectory, describeProblem, loadSite } from './configuration.ts';
import { momentOf } from './export.ts';
import { linesOfBackTest } from './rules-words.ts';
import { readAnyHistory } from './site-history.ts';

export interface RulesTestOptions {
  /** A state directory, or a file as `export` writes it. */
  readonly history: string;
  readonly config: string | null;
  readonly store?: HistoryStoreName;
  readonly from?: string;
  readonly to?: string;
  readonly json?: boolean;
}

/** What was found, and out of what. */
export interface RulesTest extends BackTestResult {
  readonly from: Instant;
  readonly to: Instant;
  /** Series that the rules read and that there are. */
  readonly series: number;
  /** Rules and devices of which nothing is known: `{rule, device}`. */
  readonly unknown: readonly { readonly rule: string; readonly device: string; readonly points: readonly string[] }[];
}

/** `zhishou rules test …`; there is nothing else yet. */
export async function rules(what: string, file: string, options: RulesTestOptions): Promise<void> {
  if (what !== 'test') throw new ZhishouError('BAD_REQUEST', what, 'rules knows `test` alone');
  await testRules(file, options);
}

/**
 * `zhishou rules test FILE --history DIR|FILE.csv`: when the rules of a file would have fired on what was. The same engine as at
 * work; exit 1 when the file has a mistake.
 */
export async function testRules(file: string, options: RulesTestOptions): Promise<void> {
  const directory = configDirectory(options.config);
  const folder = makeTemporaryFolder('zhishou-rules-');
  try {
    const { config, problems } = loadSite(directory, { secretsDirectory: join(folder.path, 'secrets') });
    const read = loadRulesFile(directory, resolve(file), environmentVariables());
    if (read.rules === null || config === null) {
      for (const problem of read.rules === null ? read.problems : problems) await printLine(describeProblem(problem));
      setExitCode(1);
      return;
    }
    const { rules } = read;
    const test = await withHistory(options, folder.path, (store) => testOn(store, config, rules, options));
    if (options.json === true) await printLine(JSON.stringify(test));
    else for (const line of linesOfBackTest(test, rules, config)) await printLine(line);
  } finally {
    folder.remove();
  }
}

async function testOn(
  store: SeriesStore,
  config: Config,
  rules: readonly Rule[],
  { from, to }: Pick<RulesTestOptions, 'from' | 'to'>,
): Promise<RulesTest> {
  const reads = rulesRead(rules, config.devices);
  const series = (await store.series()).filter(({ device, point }) => reads.has(device, point));
  const now = createSystemClock().now();
  const zone = config.site.time_zone;
  const first = from === undefined ? Math.min(...series.map(({ firstAt }) => firstAt)) : momentOf(from, now, zone);
  const last = to === undefined ? Math.max(...series.map(({ lastAt }) => lastAt + 1)) : momentOf(to, now, zone);
  const known = new Set(series.map(({ device, point }) => `${device} ${point}`));
  const unknown = reads.all().flatMap(({ rule, device, points }) => {
    const missing = points.filter((point) => !known.has(`${device} ${point}`));
    return missing.length === points.length ? [{ rule, device, points: missing }] : [];
  });
  if (series.length === 0) {
    const nothing = { spans: [], more: 0, readings: 0, series: 0, unknown };
    return { from: instant(Number.isFinite(first) ? first : now), to: now, ...nothing };
  }
  const range = { from: instant(first), to: instant(last) };
  const rota = { isWorkingTime: createWorkingTime(config.calendar, zone) };
  const test = createBackTest({ config, rules, clock: createVirtualClock(range.from), rota });
  const loud = await loudTimes(store, series, { rules, devices: config.devices }, range);
  for await (const steps of replay(store, loud))
    for (const { device, at, samples } of steps) test.feed(device, at, samples);
  return { ...range, ...test.end(range.to), series: series.length, unknown };
}

/** CSV goes through a store of its own first: a file has its series one after another, rules want them side by side. */
async function withHistory<T>(
  options: RulesTestOptions,
  folder: string,
  work: (store: SeriesStore) => Promise<T>,
): Promise<T> {
  if (!options.history.toLowerCase().endsWith('.csv')) {
    // The embedded store needs no configuration; another one is named by it.
    const { store } = options;
    const named = store === undefined ? { config: null } : { config: options.config, store };
    return readAnyHistory({ state: options.history, ...named }, work);
  }
  const store = openEmbeddedStore(join(folder, 'series.sqlite'), { settings: DEFAULT_SETTINGS });
  try {
    const { written, bad, told } = await importReadings(store, importCsv(readPieces(options.history)));
    for (const { line, reason } of told) printProgress(`${options.history}:${line ?? '?'}: ${reason}`);
    if (written === 0) throw new ZhishouError('BAD_REQUEST', options.history, `no reading in it, ${bad} bad lines`);
    return await work(store);
  } finally {
    await store.close();
  }
}
