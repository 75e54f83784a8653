import { tableOfBuckets } from '#core/bucket-table.ts';
import type { SeriesStore } from '#core/ports.ts';
import {
  DEFAULT_SETTINGS,
  refusal,
  type SeriesEntry,
  type SeriesKey,
  type SeriesRejection,
  type SeriesSample,
  type SeriesSettings,
  toSample,
} from '#core/series.ts';
import { bucketEdges, changesOf, figuresByBucket, quantilesOf } from '#core/series-math.ts';

const DEFAULT_LIMIT = 10_000;

interface Kept extends SeriesKey {
  /** By time. */
  readonly samples: Map<number, SeriesSample>;
}

/** A slash may be part of either name. */
const nameOf = ({ device, point }: SeriesKey): string => JSON.stringify([device, point]);

/** History in memory, each answer computed anew from all samples: what the other stores are measured against, and simulations' own. */
export function createMemorySeriesStore(settings: SeriesSettings = DEFAULT_SETTINGS): SeriesStore {
  const kept = new Map<string, Kept>();
  const sorted = (key: SeriesKey): readonly SeriesSample[] =>
    [...(kept.get(nameOf(key))?.samples.values() ?? [])].sort((a, b) => a.at - b.at);
  const within = ({ from, to, ...key }: SeriesKey & { from: number; to: number }): readonly SeriesSample[] =>
    sorted(key).filter(({ at }) => at >= from && at < to);

  const buckets: SeriesStore['buckets'] = async ({ from, to, step, band, ...key }) => {
    const edges = bucketEdges(from, to, step);
    return figuresByBucket(sorted(key), edges, settings.hold(key), band ?? settings.band(key));
  };

  return {
    async write(readings) {
      const rejected: SeriesRejection[] = [];
      for (const reading of readings) {
        const reason = refusal(reading);
        if (reason !== null) {
          rejected.push({ reading, reason });
          continue;
        }
        const { device, point } = reading;
        const series = kept.get(nameOf(reading)) ?? { device, point, samples: new Map() };
        kept.set(nameOf(reading), series);
        const sample = toSample(reading);
        series.samples.set(sample.at, sample);
      }
      return { written: readings.length - rejected.length, rejected };
    },
    raw: async ({ limit = DEFAULT_LIMIT, ...range }) => within(range).slice(0, limit),
    async changes({ limit = DEFAULT_LIMIT, ...range }) {
      const all = changesOf(sorted(range));
      const first = all.findLast(({ at }) => at <= range.from);
      const later = all.filter(({ at }) => at > range.from && at < range.to);
      return limit > 0 ? [...(first === undefined ? [] : [first]), ...later].slice(-limit) : [];
    },
    buckets,
    table: async (query) => tableOfBuckets(await buckets(query)),
    quantiles: async ({ shares, ...range }) => quantilesOf(within(range), shares),
    async series() {
      const entries = [...kept.values()].map(({ device, point }): SeriesEntry => {
        const samples = sorted({ device, point });
        const [first, last] = [samples[0], samples.at(-1)] as [SeriesSample, SeriesSample];
        return { device, point, firstAt: first.at, lastAt: last.at };
      });
      return entries.sort((a, b) =>
        a.device === b.device ? (a.point < b.point ? -1 : 1) : a.device < b.device ? -1 : 1,
      );
    },
    status: () => ({ state: 'ok', store: 'memory', error: null }),
    close: async () => {},
  };
}
