import { emptySum } from '#core/series-math.ts';
import { DamagedError, type Effort } from './bytes.ts';
import { MOST_SAMPLES } from './chunk-codec.ts';
import { type ChunkRow, chunkName, type Stamps } from './chunk-table.ts';
import { between, type Columns, EMPTY, kindOf, merge, slice, WORD } from './columns.ts';
import type { Core } from './core.ts';
import { createFold } from './fold.ts';
import { isTold, isWorthKeeping, rowStarts } from './rollup-cover.ts';
import { coarser, type RollupEntry } from './rollup-table.ts';
import type { Series } from './series-table.ts';
import {
  ceilTo,
  DAY_MS,
  floorTo,
  joinSpans,
  QUARTER_MS,
  rowMs,
  type Span,
  touchedSpans,
  UNIT_MS,
  UNITS,
  type Unit,
} from './units.ts';

/**
 * Puts samples into the chunks of their days, late ones among those that are there, and makes the rollups that they touch
 * anew out of the samples. Within the caller's transaction; done twice it comes to the same.
 */
export function sealSamples(core: Core, series: Series, samples: Columns, stamps: Stamps): void {
  const [first, last] = [samples.at[0], samples.at.at(-1)];
  if (first === undefined || last === undefined) return;
  const newest = floorTo(last, DAY_MS);
  const before = core.chunks.before(series.id, newest);
  const firstOfDay = (core.chunks.last(series.id)?.last ?? 0) < newest;
  for (let i = 0; i < samples.at.length; ) {
    const day = floorTo(samples.at[i] as number, DAY_MS);
    const part = between(samples, day, day + DAY_MS);
    mergeIntoDay(core, series, part, day < newest, stamps);
    i += part.at.length;
  }
  // The day before is over: what came in hours becomes one.
  if (firstOfDay && before !== null && before.last < floorTo(first, DAY_MS))
    compactDay(core, series, before.first, stamps);
  const spans = touchedSpans(samples.at, series.made.hold);
  renewRollups(core, series, spans);
  const from = spans[0]?.from ?? 0;
  if (series.renewedTo !== null && from < series.renewedTo) series.renewedTo = floorTo(from, DAY_MS);
}

/** Chunks grow by doubling, so that a day of hours is written some five times and not twenty-four; when it is over it is one. */
function mergeIntoDay(core: Core, series: Series, fresh: Columns, over: boolean, stamps: Stamps): void {
  const [first, last] = [fresh.at[0] as number, fresh.at.at(-1) as number];
  const day = floorTo(first, DAY_MS);
  const rows = core.chunks.rows(series.id, day, day + DAY_MS);
  let low = rows.findIndex((row) => row.last >= first);
  if (low < 0) low = rows.length;
  let high = low;
  while (high < rows.length && (rows[high] as ChunkRow).first <= last) high++;
  let total = fresh.at.length + rows.slice(low, high).reduce((sum, { count }) => sum + count, 0);
  const worth = ({ count }: ChunkRow): boolean => count + total <= MOST_SAMPLES && (over || count <= 2 * total);
  for (let row = rows[low - 1]; row !== undefined && worth(row); row = rows[low - 1]) {
    total += row.count;
    low--;
  }
  for (let row = rows[high]; row !== undefined && worth(row); row = rows[high]) {
    total += row.count;
    high++;
  }
  rewrite(core, series, rows.slice(low, high), fresh, over ? 'thorough' : 'quick', stamps);
}

/** One chunk of a day that is over. */
function compactDay(core: Core, series: Series, at: number, stamps: Stamps): void {
  const day = floorTo(at, DAY_MS);
  const rows = core.chunks.rows(series.id, day, day + DAY_MS);
  const total = rows.reduce((sum, { count }) => sum + count, 0);
  if (rows.length > 0 && total <= MOST_SAMPLES) rewrite(core, series, rows, EMPTY, 'thorough', stamps);
}

function rewrite(
  core: Core,
  series: Series,
  rows: readonly ChunkRow[],
  fresh: Columns,
  effort: Effort,
  stamps: Stamps,
): void {
  let older = EMPTY;
  for (const row of rows) older = merge(older, readOrSetAside(core, row));
  for (const row of rows) core.chunks.remove(row, stamps);
  for (const piece of pieces(merge(older, fresh))) core.chunks.write(series.id, piece, stamps, effort);
}

/** A damaged chunk in the way is kept as it is, apart, for whoever wants to try. */
function readOrSetAside(core: Core, row: ChunkRow): Columns {
  try {
    return core.chunks.read(row);
  } catch (error) {
    if (!(error instanceof DamagedError)) throw error;
    core.tell(chunkName(row), error.message);
    setAside(core, chunkName(row), error.message, core.chunks.bytes(row));
    return EMPTY;
  }
}

export function setAside(core: Core, place: string, reason: string, body: Uint8Array | null): void {
  core.database
    .prepare('INSERT INTO damaged (found_at, place, reason, body) VALUES (?, ?, ?, ?)')
    .run(Math.round(core.clock.now()), place, reason, body);
}

const MOST_WORD_CHARS = 1 << 20;

/** None longer than a chunk may be. */
function* pieces(columns: Columns): Generator<Columns> {
  let from = 0;
  let chars = 0;
  for (let i = 0; i < columns.at.length; i++) {
    const changed = i === 0 || columns.num[i] !== columns.num[i - 1];
    if (changed && kindOf(columns.tag[i] as number) === WORD)
      chars += columns.words[columns.num[i] as number]?.length ?? 0;
    if (i - from === MOST_SAMPLES || (chars > MOST_WORD_CHARS && i > from)) {
      yield slice(columns, from, i);
      from = i;
      chars = 0;
    }
  }
  yield slice(columns, from, columns.at.length);
}

/** The rollups that overlap the spans, out of the chunks and with the settings that the others were made with. */
export function renewRollups(core: Core, series: Series, spans: readonly Span[]): void {
  const clipped = spans
    .map(({ from, to }) => ({
      from: Math.max(series.samplesFrom, floorTo(Math.max(0, from), QUARTER_MS)),
      to: ceilTo(to, QUARTER_MS),
    }))
    .filter(({ from, to }) => from < to);
  for (const span of joinSpans(clipped)) for (const unit of UNITS) renewUnit(core, series, unit, span);
}

/** Row by row: what is there is kept up, what is not there is made when it is worth it. */
function renewUnit(core: Core, series: Series, unit: Unit, span: Span): void {
  const [size, length] = [UNIT_MS[unit], rowMs(unit)];
  const [from, to] = [floorTo(span.from, size), ceilTo(span.to, size)];
  const there = new Set(core.rollups.starts(series.id, unit, from, to));
  for (const start of rowStarts(unit, from, to)) {
    if (!there.has(start) && !isWorthKeeping(core, series, unit, start)) continue;
    const part = { from: Math.max(from, start), to: Math.min(to, start + length) };
    // A row that cannot be read is made anew whole: else what stood beside the new buckets would be gone unnoticed.
    const kept = there.has(start) && core.rollups.sound(series.id, unit, part.from, part.to);
    makeBuckets(core, series, unit, kept ? part : { from: start, to: start + length });
  }
}

/** Rows that are not there yet, of the levels that are kept longer than the samples: before these go. */
export function completeRows(core: Core, series: Series, unit: Unit, span: Span): void {
  const there = new Set(core.rollups.starts(series.id, unit, span.from, span.to));
  for (const start of rowStarts(unit, span.from, span.to))
    if (!there.has(start)) makeBuckets(core, series, unit, { from: start, to: start + rowMs(unit) });
}

const FINER: Readonly<Record<Unit, Unit | null>> = { minute: null, quarter: 'minute', hour: 'quarter', day: 'hour' };

/** Out of the finer level where it tells everything, else out of the samples. */
function makeBuckets(core: Core, series: Series, unit: Unit, span: Span): void {
  const from = Math.max(span.from, series.samplesFrom);
  if (from >= span.to) return;
  const finer = FINER[unit];
  const told = finer !== null && isTold(core, series, finer, from, span.to);
  const entries = told
    ? coarser(core.rollups.entries(series.id, finer, from, span.to), UNIT_MS[unit])
    : fromChunks(core, series, unit, from, span.to);
  core.rollups.replace(series.id, unit, from, span.to, entries);
}

/** Buckets of the unit out of what is sealed. */
export function fromChunks(core: Core, series: Series, unit: Unit, from: number, to: number): readonly RollupEntry[] {
  const size = UNIT_MS[unit];
  const edges = Float64Array.from({ length: Math.round((to - from) / size) + 1 }, (_, i) => from + i * size);
  const sums = Array.from({ length: edges.length - 1 }, emptySum);
  const { hold, band } = series.made;
  const fold = createFold(edges, sums, hold, band);
  for (const row of core.chunks.rows(series.id, from - hold, to))
    fold.add(between(core.samplesOf(row), from - hold, to));
  fold.finish();
  return sums.flatMap((sum, i) => (sum.count === 0 && sum.coveredMs === 0 ? [] : [[edges[i] as number, sum] as const]));
}
