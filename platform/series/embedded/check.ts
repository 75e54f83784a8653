import { sleep } from '#core/ports.ts';
import { emptySum, type Sum } from '#core/series-math.ts';
import { milliseconds } from '#core/time.ts';
import { DamagedError, unseal } from './bytes.ts';
import { decodeTimes } from './chunk-codec.ts';
import { chunkName } from './chunk-table.ts';
import { type Core, headOf } from './core.ts';
import { decodeLog } from './log-codec.ts';
import { decodeRollups, SUM_FIELDS } from './rollup-codec.ts';
import { isTold } from './rollup-cover.ts';
import { coarser, type RollupEntry, type RollupRow, rollupName } from './rollup-table.ts';
import { fromChunks } from './sealing.ts';
import { type Series, sameSettings } from './series-table.ts';
import { ceilTo, DAY_MS, floorTo, touchedSpans, UNIT_MS, UNITS, UNITS_IN_ROW, type Unit } from './units.ts';

export interface CheckReport {
  readonly series: number;
  readonly chunks: number;
  readonly samples: number;
  /** Rows of the log, not sealed yet. */
  readonly logRows: number;
  readonly rollupRows: number;
  /** Buckets of rollups that were made anew out of the samples and compared. */
  readonly compared: number;
  /** What cannot be read, and why: `chunk 3 2026-01-05T00:00:00.512Z`. */
  readonly damaged: readonly Finding[];
  /** Rollups that say something else than the samples: `ups-1 ups.load hour 2026-01-05T00:00:00.000Z`. */
  readonly wrong: readonly Finding[];
  /** Earlier findings that were set aside in the file. */
  readonly setAside: number;
  /** What SQLite says of its own pages; empty when all is well. */
  readonly pages: readonly string[];
}

export interface Finding {
  readonly place: string;
  readonly reason: string;
}

const MOST_FINDINGS = 1000;

type Growing = {
  -readonly [Name in keyof CheckReport]: CheckReport[Name] extends readonly (infer Item)[] ? Item[] : CheckReport[Name];
};

/** Yields to the thread's other work after each day of a series. */
export async function checkStore(core: Core): Promise<CheckReport> {
  const report: Growing = {
    series: 0,
    chunks: 0,
    samples: 0,
    logRows: 0,
    rollupRows: 0,
    compared: 0,
    damaged: [],
    wrong: [],
    setAside: 0,
    pages: [],
  };
  report.pages = core.database
    .prepare('PRAGMA quick_check(100)')
    .all()
    .map((row) => String(Object.values(row)[0]))
    .filter((line) => line !== 'ok');
  report.setAside = Number(core.database.prepare('SELECT count(*) AS n FROM damaged').get()?.n);
  await checkLog(core, report);
  await checkStamps(core, report);
  for (const series of [...core.series.all()]) {
    if (series.id === 0) continue;
    report.series++;
    await checkChunks(core, series, report);
    await checkRollups(core, series, report);
  }
  for (const { place, reason } of report.damaged) core.tell(place, reason);
  for (const { place, reason } of report.wrong) core.tell(place, reason);
  return report;
}

const breathe = (core: Core): Promise<void> => sleep(core.clock, milliseconds(0));

function found(list: Finding[], place: string, reason: string): void {
  if (list.length < MOST_FINDINGS) list.push({ place, reason });
}

/** Runs what may find damage; false when it did. */
function sound(report: Growing, place: string, work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (!(error instanceof DamagedError)) throw error;
    found(report.damaged, place, error.message);
    return false;
  }
}

async function checkLog(core: Core, report: Growing): Promise<void> {
  for (const { id } of core.database.prepare('SELECT id FROM log').all()) {
    const body = core.database.prepare('SELECT body FROM log WHERE id = ?').get(Number(id))?.body;
    if (!(body instanceof Uint8Array)) continue;
    report.logRows++;
    sound(report, `log ${Number(id)}`, () => decodeLog(body));
    await breathe(core);
  }
}

/** Times that nobody uses, or that are said to be used more or less often than they are. */
async function checkStamps(core: Core, report: Growing): Promise<void> {
  const odd = core.database
    .prepare(
      `SELECT stamp.id AS id, uses, count(chunk.series) AS real FROM stamp LEFT JOIN chunk ON chunk.stamp = stamp.id
       GROUP BY stamp.id HAVING uses <> real LIMIT ${MOST_FINDINGS}`,
    )
    .all();
  for (const { id, uses, real } of odd)
    found(report.wrong, `stamp ${Number(id)}`, `used ${Number(real)} times, noted ${Number(uses)}`);
  await breathe(core);
}

async function checkChunks(core: Core, series: Series, report: Growing): Promise<void> {
  let last = Number.NEGATIVE_INFINITY;
  for (let row = core.chunks.first(series.id); row !== null; row = core.chunks.after(row)) {
    const own = row;
    const { first, stamp, count, body: bodyId } = row;
    const name = chunkName(row);
    report.chunks++;
    if (first <= last) found(report.wrong, name, 'it overlaps the one before');
    last = row.last;
    core.cache.delete(`c${bodyId}`);
    const read = sound(report, name, () => {
      const body = core.database.prepare('SELECT body FROM stamp WHERE id = ?').get(stamp)?.body;
      if (!(body instanceof Uint8Array)) throw new DamagedError('its times are missing');
      decodeTimes(unseal(body), count);
      core.chunks.read(own);
    });
    if (read) report.samples += count;
    await breathe(core);
  }
}

async function checkRollups(core: Core, series: Series, report: Growing): Promise<void> {
  for (const unit of UNITS) checkRollupRows(core, series, unit, report);
  const [first, last] = [core.chunks.first(series.id), core.chunks.last(series.id)];
  if (first === null || last === null || series.renewedTo !== null || !sameSettings(series.made, series.wanted)) return;
  const { hold } = series.made;
  const unsettled = touchedSpans(headOf(core, series).at, hold);
  const from = Math.max(floorTo(first.first, DAY_MS), series.samplesFrom);
  for (let day = from; day < last.last + hold; day += DAY_MS) {
    const to = day + DAY_MS;
    // What held on from dropped samples is in the rollups only; what waits in the log is in none yet.
    const unknown =
      (day < series.samplesFrom + hold && series.samplesFrom > 0) ||
      unsettled.some((span) => span.from < to && span.to > day);
    if (!unknown) compareDay(core, series, day, report);
    await breathe(core);
  }
}

function checkRollupRows(core: Core, series: Series, unit: Unit, report: Growing): void {
  const rows = core.database
    .prepare(
      'SELECT unit, series, start, body, bytes FROM rollup JOIN rollup_body ON id = body WHERE unit = ? AND series = ?',
    )
    .iterate(UNITS.indexOf(unit), series.id);
  for (const row of rows) {
    const { unit: index, series: id, start, body, bytes } = row as unknown as RollupRow;
    report.rollupRows++;
    core.cache.delete(`i${body}`);
    core.cache.delete(`r${body}`);
    sound(report, rollupName(unit, id, start), () =>
      decodeRollups(unseal(bytes, index, id, start), UNITS_IN_ROW[unit]),
    );
  }
}

function compareDay(core: Core, series: Series, day: number, report: Growing): void {
  const to = ceilTo(day + 1, DAY_MS);
  const minutes = fromChunks(core, series, 'minute', day, to);
  const right: Readonly<Record<Unit, readonly RollupEntry[]>> = {
    minute: minutes,
    quarter: coarser(minutes, UNIT_MS.quarter),
    hour: coarser(minutes, UNIT_MS.hour),
    day: coarser(minutes, UNIT_MS.day),
  };
  for (const unit of UNITS) {
    if (!isTold(core, series, unit, day, to)) continue;
    const kept = new Map(core.rollups.entries(series.id, unit, day, to));
    const moments = new Set([...kept.keys(), ...right[unit].map(([at]) => at)]);
    const truth = new Map(right[unit]);
    for (const at of moments) {
      report.compared++;
      if (!sameSum(kept.get(at) ?? emptySum(), truth.get(at) ?? emptySum()))
        found(
          report.wrong,
          `${series.device} ${series.point} ${unit} ${new Date(at).toISOString()}`,
          'the samples say something else',
        );
    }
  }
}

/** Sums of many numbers differ in their last digits by the order in which they were added. */
function sameSum(a: Sum, b: Sum): boolean {
  const largest = Math.max(Math.abs(a.min), Math.abs(a.max), 1e-300);
  const scale = { total: largest * a.count, area: largest * a.coveredMs } as Partial<Record<keyof Sum, number>>;
  return SUM_FIELDS.every((field) => {
    if (a[field] === b[field]) return true;
    const room = scale[field];
    if (room === undefined) return false;
    // What held on from the bucket before may be larger than anything measured in this one.
    const weight = Math.max(Number.isFinite(room) ? room : 0, Math.abs(b[field]));
    return Math.abs(a[field] - b[field]) <= 1e-9 * weight;
  });
}
