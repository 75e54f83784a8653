import type { SeriesStore } from '#core/ports.ts';
import type { SeriesKey, SeriesSample } from '#core/series.ts';
import { type Instant, instant } from '#core/time.ts';

/**
 * The past of some series in the order in which it happened, a device's points of one time together, however long it is: a page of
 * each series is in memory.
 */
export interface ReplayStep {
  readonly device: string;
  readonly at: Instant;
  readonly samples: readonly (readonly [point: string, sample: SeriesSample])[];
}

const PAGE = 10_000;

/** One series on its way through time. */
interface Reader extends SeriesKey {
  page: readonly SeriesSample[];
  next: number;
  /** Where the next page begins; null: there is none. */
  from: Instant | null;
}

/** Throws STORE_DOWN as the store does. Steps come in bundles of one page's reach, so that who takes them can breathe between. */
export async function* replay(
  store: Pick<SeriesStore, 'raw'>,
  keys: readonly SeriesKey[],
  from: Instant,
  to: Instant,
): AsyncGenerator<readonly ReplayStep[]> {
  const readers: Reader[] = keys.map(({ device, point }) => ({ device, point, page: [], next: 0, from }));
  for (;;) {
    const empty = readers.filter((reader) => reader.next >= reader.page.length && reader.from !== null);
    await Promise.all(empty.map((reader) => turnPage(store, reader, to)));
    const going = readers.filter((reader) => reader.next < reader.page.length);
    if (going.length === 0) return;
    yield stepsOf(going);
  }
}

async function turnPage(store: Pick<SeriesStore, 'raw'>, reader: Reader, to: Instant): Promise<void> {
  const { device, point, from } = reader;
  if (from === null) return;
  reader.page = from >= to ? [] : await store.raw({ device, point, from, to, limit: PAGE });
  reader.next = 0;
  const last = reader.page.at(-1);
  reader.from = last === undefined || reader.page.length < PAGE ? null : instant(last.at + 1);
}

/** All up to where the first of them needs its next page: what is later of the others waits for that. */
function stepsOf(readers: readonly Reader[]): readonly ReplayStep[] {
  const reach = Math.min(
    ...readers.map(({ page, from }) => (from === null ? Number.POSITIVE_INFINITY : (page.at(-1)?.at ?? 0))),
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
