import type { BucketColumns, BucketFigure } from '#core/bucket-table.ts';
import type { SeriesBand, SeriesStep } from '#core/series.ts';
import { bucketEdges, emptySum } from '#core/series-math.ts';
import { instant } from '#core/time.ts';
import { between, type Columns, createColumns, EMPTY, GOOD_NUMBER, valueAt } from './columns.ts';
import { type Core, headOf, samplesBackFrom, samplesIn } from './core.ts';
import { createFold } from './fold.ts';
import { createPackedBuckets, type PackedBuckets } from './packed-buckets.ts';
import { type Part, planParts, type Sources } from './plan.ts';
import { addPacked, emptySums, SUM_FIELDS } from './rollup-codec.ts';
import { coverOf } from './rollup-cover.ts';
import { type OwnSettings, type Series, sameSettings } from './series-table.ts';
import { touchedSpans, UNIT_MS, type Unit } from './units.ts';

/** The answers, as columns that cross to another thread without being copied. */

export interface Range {
  readonly device: string;
  readonly point: string;
  readonly from: number;
  readonly to: number;
}

/** Ascending, the earliest `limit`. */
export function raw(core: Core, { device, point, from, to }: Range, limit: number): Columns {
  const series = core.series.find(device, point);
  const out = createColumns();
  if (series === undefined || !(from < to)) return EMPTY;
  for (const piece of samplesIn(core, series, from, to)) {
    const part = between(piece, from, to);
    for (let i = 0; i < part.at.length && out.length < limit; i++) out.copy(part, i);
    if (out.length >= limit) break;
  }
  return out.view();
}

/** Walks back from the end: a page wants the newest. */
export function changes(core: Core, { device, point, from, to }: Range, limit: number): Columns {
  const series = core.series.find(device, point);
  if (series === undefined || limit < 1) return EMPTY;
  const found: { piece: Columns; place: number }[] = [];
  /** The earliest sample seen so far: a change when the one before it, still to come, differs. */
  let open: { piece: Columns; place: number } | null = null;
  const close = (): boolean => {
    if (open !== null) found.push(open);
    const first = open?.piece.at[open.place] ?? Number.POSITIVE_INFINITY;
    return found.length >= limit || first <= from;
  };
  walk: for (const piece of samplesBackFrom(core, series, Math.max(to, from + 1))) {
    for (let i = piece.at.length - 1; i >= 0; i--) {
      const at = piece.at[i] as number;
      if (at >= to && at > from) continue;
      if (open !== null && !sameValue(open.piece, open.place, piece, i) && close()) {
        open = null;
        break walk;
      }
      open = { piece, place: i };
    }
  }
  if (open !== null) close();
  const out = createColumns(found.length);
  for (const { piece, place } of found.reverse()) out.copy(piece, place);
  return out.view();
}

const sameValue = (a: Columns, i: number, b: Columns, j: number): boolean =>
  a.tag[i] === b.tag[j] && valueAt(a, i) === valueAt(b, j);

export interface BucketsQuery extends Range {
  readonly step: SeriesStep;
  /** Of the configuration. */
  readonly own: OwnSettings;
  /** Asked for instead of the own one. */
  readonly band: SeriesBand | null;
  readonly figures: readonly BucketFigure[];
}

export function buckets(core: Core, query: BucketsQuery): BucketColumns {
  const series = core.series.find(query.device, query.point);
  if (series === undefined) return createPackedBuckets(0, query.figures).finish();
  const { own } = query;
  const band = query.band ?? own.band;
  const edges = edgesOf(query);
  const parts = resolve(core, series, planParts(edges, sourcesFor(core, series, own, band)));
  const packed = createPackedBuckets(edges.length - 1, query.figures);
  const asked = { hold: own.hold, band };
  for (let i = 0; i < parts.length; ) {
    // A rollup of the very buckets that are asked for goes into the answer as it is.
    const first = parts[i] as Part;
    if (isStep(first, query.step) && core.rollups.pack(series.id, first.source, first.from, first.to, packed)) {
      i++;
      continue;
    }
    const group = [first];
    for (let next = parts[++i]; next !== undefined && !isStep(next, query.step); next = parts[++i]) group.push(next);
    addGroup(core, series, edges, group, asked, packed);
  }
  return packed.finish();
}

/** Who asks of one series asks the same of others: a year has 8,760 edges. */
let lastEdges: { readonly name: string; readonly edges: Float64Array } | null = null;

function edgesOf({ from, to, step }: BucketsQuery): Float64Array {
  const name = `${from} ${to} ${'every' in step ? step.every : `${step.calendar} ${step.timeZone}`}`;
  if (lastEdges?.name !== name)
    lastEdges = { name, edges: new Float64Array(bucketEdges(instant(from), instant(to), step)) };
  return lastEdges.edges;
}

/** Parts of a level that the series does not have come from its samples; neighbours of the same source made one. */
function resolve(core: Core, series: Series, planned: readonly Part[]): readonly Part[] {
  const parts: Part[] = [];
  const push = (part: Part): void => {
    const last = parts.at(-1);
    if (last?.source === part.source && last.to === part.from) parts[parts.length - 1] = { ...last, to: part.to };
    else parts.push(part);
  };
  for (const part of planned) {
    const { source } = part;
    if (source === 'samples') push(part);
    else
      for (const { from, to, told } of coverOf(core, series, source, part.from, part.to))
        push({ source: told ? source : 'samples', from, to });
  }
  return parts;
}

type RollupPart = Part & { readonly source: Unit };

const isStep = (part: Part, step: SeriesStep): part is RollupPart =>
  part.source !== 'samples' && 'every' in step && step.every === UNIT_MS[part.source];

/** Neighbouring parts whose sums belong to buckets that more than one of them may have a share in. */
function addGroup(
  core: Core,
  series: Series,
  all: Float64Array,
  parts: readonly Part[],
  asked: OwnSettings,
  packed: PackedBuckets,
): void {
  const [first, last] = [parts[0], parts.at(-1)];
  if (first === undefined || last === undefined) return;
  const start = lastAtOrBefore(all, first.from);
  let end = start + 1;
  while ((all[end] ?? Number.POSITIVE_INFINITY) < last.to) end++;
  const edges = all.subarray(start, end + 1);
  const sums = emptySums(edges.length - 1);
  for (const part of parts) {
    const low = lastAtOrBefore(edges, part.from);
    const within = partEdges(edges, low, part.from, part.to);
    const mine = sums.subarray(low * SUM_FIELDS.length);
    // A row that cannot be read costs time, not the answer, while its samples are kept.
    const readable =
      part.source !== 'samples' &&
      (part.from < series.samplesFrom || core.rollups.sound(series.id, part.source, part.from, part.to));
    if (part.source === 'samples' || !readable) addSamples(core, series, within, mine, asked);
    else core.rollups.addTo(series.id, part.source, part.from, part.to, within, mine);
  }
  packed.addSums(edges, sums);
}

function sourcesFor(core: Core, series: Series, own: OwnSettings, band: SeriesBand | null): Sources {
  const asked = { hold: own.hold, band };
  if (sameSettings(series.made, asked) && series.renewedTo === null) {
    const unsettled = touchedSpans(headOf(core, series).at, own.hold);
    return { samplesFrom: series.samplesFrom, unsettled, rollups: true };
  }
  // Other limits than the series' own: the samples alone can tell. Its own ones, changed since: what was kept then is the best there is.
  const usable = sameSettings(own, asked);
  const unsettled = [{ from: series.samplesFrom, to: Number.MAX_SAFE_INTEGER }];
  return { samplesFrom: series.samplesFrom, unsettled, rollups: usable };
}

function addSamples(
  core: Core,
  series: Series,
  edges: Float64Array,
  into: Float64Array,
  { hold, band }: OwnSettings,
): void {
  const [from, to] = [(edges[0] as number) - hold, edges.at(-1) as number];
  const sums = Array.from({ length: edges.length - 1 }, emptySum);
  const fold = createFold(edges, sums, hold, band);
  for (const piece of samplesIn(core, series, from, to)) fold.add(between(piece, from, to));
  fold.finish();
  sums.forEach((sum, i) => void addPacked(into, i * SUM_FIELDS.length, sum));
}

function lastAtOrBefore(edges: Float64Array, at: number): number {
  let low = 0;
  let high = edges.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((edges[middle] as number) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The edges that cut [from, to): both ends and those between. */
function partEdges(edges: Float64Array, low: number, from: number, to: number): Float64Array {
  let high = low + 1;
  while ((edges[high] ?? Number.POSITIVE_INFINITY) < to) high++;
  const within = edges.slice(low, high + 1);
  within[0] = from;
  within[within.length - 1] = to;
  return within;
}

/** Every good number of the range at once: eight bytes each, the only question whose memory grows with the range. */
const MOST_NUMBERS = 16_000_000;

/** Good numbers for quantilesOf; of more than `MOST_NUMBERS` every second, fourth … is taken. */
export function goodNumbers(core: Core, { device, point, from, to }: Range): Float64Array {
  const series = core.series.find(device, point);
  if (series === undefined || !(from < to)) return new Float64Array(0);
  let numbers = new Float64Array(1024);
  let length = 0;
  let seen = 0;
  let every = 1;
  for (const piece of samplesIn(core, series, from, to)) {
    const { num, tag } = between(piece, from, to);
    for (let i = 0; i < num.length; i++) {
      if (tag[i] !== GOOD_NUMBER || seen++ % every !== 0) continue;
      if (length === MOST_NUMBERS) {
        for (let j = 0; j < length; j += 2) numbers[j / 2] = numbers[j] as number;
        length /= 2;
        every *= 2;
      }
      if (length === numbers.length) {
        const grown = new Float64Array(length * 2);
        grown.set(numbers);
        numbers = grown;
      }
      numbers[length++] = num[i] as number;
    }
  }
  return numbers.subarray(0, length);
}

/** Quantiles by the definition of quantilesOf, null as NaN. */
export function quantiles(numbers: Float64Array, shares: readonly number[]): readonly (number | null)[] {
  numbers.sort();
  return shares.map((share) => {
    if (numbers.length === 0) return null;
    const place = Math.min(1, Math.max(0, share)) * (numbers.length - 1);
    const low = numbers[Math.floor(place)] as number;
    const high = numbers[Math.ceil(place)] as number;
    return low + (high - low) * (place - Math.floor(place));
  });
}

export interface Ends {
  readonly device: string;
  readonly point: string;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** Every series that has anything, by device and point. */
export function seriesEnds(core: Core): readonly Ends[] {
  const found: Ends[] = [];
  for (const series of core.series.all()) {
    const ends = series.id === 0 ? null : endsOf(core, series);
    if (ends !== null) found.push({ device: series.device, point: series.point, ...ends });
  }
  return found.sort((a, b) => (a.device === b.device ? order(a.point, b.point) : order(a.device, b.device)));
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export function endsOf(core: Core, series: Series): { firstAt: number; lastAt: number } | null {
  const head = headOf(core, series);
  const times: number[] = [];
  if (head.at.length > 0) times.push(head.at[0] as number, head.at.at(-1) as number);
  const [first, last] = [core.chunks.first(series.id), core.chunks.last(series.id)];
  if (first !== null && last !== null) times.push(first.first, last.last);
  if (series.samplesFrom > 0 || times.length === 0) {
    const rollups = core.rollups.ends(series.id);
    if (rollups !== null) times.push(rollups.first, ...(times.length === 0 ? [rollups.last] : []));
  }
  return times.length === 0 ? null : { firstAt: Math.min(...times), lastAt: Math.max(...times) };
}
