import type { SeriesStore } from '#core/ports.ts';
import type { SeriesEntry, SeriesKey, SeriesSample } from '#core/series.ts';
import { type Instant, instant } from '#core/time.ts';

/** What is exported: of these devices and points (all where none is named), from `from` up to before `to`. */
export interface ExportSelection {
  readonly from: Instant;
  readonly to: Instant;
  readonly devices: readonly string[];
  readonly points: readonly string[];
}

export interface ExportPage {
  readonly key: SeriesKey;
  readonly samples: readonly SeriesSample[];
}

/** So many readings are held at once. */
const PAGE = 5000;

export async function selectedSeries(store: SeriesStore, selection: ExportSelection): Promise<readonly SeriesEntry[]> {
  const { from, to, devices, points } = selection;
  return (await store.series()).filter(
    ({ device, point, firstAt, lastAt }) =>
      (devices.length === 0 || devices.includes(device)) &&
      (points.length === 0 || points.includes(point)) &&
      firstAt < to &&
      lastAt >= from,
  );
}

/** All readings of the selection, series after series, each in the order of time, a page at a time. */
export async function* exportPages(store: SeriesStore, selection: ExportSelection): AsyncGenerator<ExportPage> {
  for (const { device, point } of await selectedSeries(store, selection)) {
    for (let { from } = selection; ; ) {
      const samples = await store.raw({ device, point, from, to: selection.to, limit: PAGE });
      if (samples.length > 0) yield { key: { device, point }, samples };
      const last = samples.at(-1);
      if (last === undefined || samples.length < PAGE) break;
      from = instant(last.at + 1);
    }
  }
}
