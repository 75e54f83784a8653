import type { SeriesStore } from '../ports.ts';
import type { SeriesKey, SeriesSample } from '../series.ts';
import { type Instant, instant } from '../time.ts';

/**
 * The past of some series in the order in which it happened, a device's points of one time together, however long it is: a page of
 * each series is in memory.
 */
export interface ReplayStep {
  readonly device: string;
  readonly at: Instant;
  readonly samples: readonly (readonly [point: string, sample: SeriesSample])[];
}

/** From, and up to before. */
export interface ReplayRange {
  readonly from: Instant;
  readonly to: Instant;
}

const PAGE = 10_000;

/** One series on its way through time. */
interface Reader extends SeriesKey {
  page: readonly SeriesSample[];
  next: number;
  /** What of it is still to come, the first of them in part. */
  left: readonly ReplayRange[];
}

/** Throws STORE_DOWN as the store does. Steps come in bundles of one page's reach, so that who takes them can breathe between. */
export async function* replay(
  store: Pick<SeriesStore, 'raw'>,
  series: readonly (SeriesKey & { readonly ranges: readonly ReplayRange[] })[],
): AsyncGenerator<readonly ReplayStep[]> {
  const readers: Reader[] = series.map(({ device, point, ranges }) => ({
    device,
    point,
    page: [],
    next: 0,
    left: ranges,
  }));
  for (;;) {
    const empty = readers.filter((reader) => reader.next >= reader.page.length && reader.left.length > 0);
    await Promise.all(empty.map((reader) => turnPage(store, reader)));
    const going = readers.filter((reader) => reader.next < reader.page.length);
    if (going.length === 0) return;
    yield stepsOf(going);
  }
}

/** The next page that has anything in it. */
async function turnPage(store: Pick<SeriesStore, 'raw'>, reader: Reader): Promise<void> {
  const { device, point } = reader;
  reader.page = [];
  reader.next = 0;
  while (reader.page.length === 0) {
    const [range, ...rest] = reader.left;
    if (range === undefined) return;
    reader.page = range.from >= range.to ? [] : await store.raw({ device, point, ...range, limit: PAGE });
    const last = reader.page.at(-1);
    const more = last !== undefined && reader.page.length >= PAGE;
    reader.left = more ? [{ from: instant(last.at + 1), to: range.to }, ...rest] : rest;
  }
}

/** All up to where the first of them needs its next page: what is later of the others waits for that. */
function stepsOf(readers: readonly Reader[]): readonly ReplayStep[] {
  const reach = Math.min(
    ...readers.map(({ page, left }) => (left.length === 0 ? Number.POSITIVE_INFINITY : (page.at(-1)?.at ?? 0))),
  );
  const byDevice = new Map<string, Reader[]>();
  for (const reader of readers) {
    const of = byDevice.get(reader.device);
    if (of === undefined) byDevice.set(reader.device, [reader]);
    else of.push(reader);
  }
  const steps = [...byDevice].flatMap(([device, of]) => stepsOfDevice(device, of, reach));
  return byDevice.size === 1 ? steps : steps.sort((a, b) => a.at - b.at);
}

function stepsOfDevice(device: string, readers: readonly Reader[], reach: number): ReplayStep[] {
  const steps: ReplayStep[] = [];
  for (;;) {
    let at = Number.POSITIVE_INFINITY;
    for (const { page, next } of readers) at = Math.min(at, page[next]?.at ?? Number.POSITIVE_INFINITY);
    if (at > reach || at === Number.POSITIVE_INFINITY) return steps;
    const samples: [string, SeriesSample][] = [];
    for (const reader of readers) {
      const sample = reader.page[reader.next];
      if (sample?.at !== at) continue;
      samples.push([reader.point, sample]);
      reader.next++;
    }
    steps.push({ device, at: instant(at), samples });
  }
}
