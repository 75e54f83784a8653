import { definePoint } from '#core/points.ts';
import type { SeriesStore } from '#core/ports.ts';
import type { SeriesEntry, SeriesStep } from '#core/series.ts';
import { bucketEdges } from '#core/series-math.ts';
import type { Instant } from '#core/time.ts';
import { toCsv } from './csv-export.ts';
import { toCell, toNameCell } from './csv-values.ts';
import { type ExportSelection, selectedSeries } from './export.ts';

export interface WideSelection extends ExportSelection {
  readonly step: SeriesStep;
  /** Of the times in the first column. */
  readonly timeZone: string;
}

/** Rows made at once: of so many steps each series is held. */
const ROWS = 500;
/** A byte order mark: without it spreadsheets take UTF-8 for something older. */
const MARK = '\ufeff';

/**
 * For a spreadsheet: one row a step, one column a series. Numbers are the step's time-weighted mean, truths and words what
 * held at its end; empty where nothing is known. Throws BAD_REQUEST for more steps than anybody reads.
 */
export async function* exportWide(store: SeriesStore, selection: WideSelection): AsyncGenerator<string> {
  const { from, to, step, timeZone } = selection;
  const series = await selectedSeries(store, selection);
  const edges = bucketEdges(from, to, step);
  const names = series.map(({ device, point }) => toNameCell(`${device} ${point}${unitOf(point)}`));
  yield `${MARK}${toCsv([[`time (${timeZone})`, ...names]])}`;
  for (let at = 0; at < edges.length - 1; at += ROWS) {
    const rows = edges.slice(at, at + ROWS + 1);
    const columns: (readonly string[])[] = [];
    for (const one of series) columns.push(await columnOf(store, one, rows, step));
    yield toCsv(
      rows.slice(0, -1).map((edge, row) => [toLocal(edge, timeZone), ...columns.map((column) => column[row] ?? '')]),
    );
  }
}

const unitOf = (point: string): string => {
  const unit = definePoint(point)?.unit ?? '';
  return unit === '' ? '' : ` [${unit}]`;
};

/** `2026-01-05 08:00:00`: what spreadsheets take for a time. */
const toLocal = (at: Instant, timeZone: string): string =>
  Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO(timeZone)
    .toPlainDateTime()
    .toString({ smallestUnit: 'second' })
    .replace('T', ' ');

async function columnOf(
  store: SeriesStore,
  { device, point }: SeriesEntry,
  edges: readonly Instant[],
  step: SeriesStep,
): Promise<readonly string[]> {
  const [from, to] = [edges[0], edges.at(-1)] as [Instant, Instant];
  const query = { device, point, from, to };
  const kind = definePoint(point)?.kind ?? 'number';
  if (kind === 'number') {
    const means = new Map((await store.buckets({ ...query, step })).map((one) => [one.from, one.timeMean ?? one.mean]));
    return edges.slice(0, -1).map((edge) => toCell(means.get(edge) ?? null));
  }
  const changes = await store.changes(query);
  let next = 0;
  return edges.slice(1).map((end) => {
    while (next < changes.length && (changes[next]?.at ?? end) < end) next++;
    const held = changes[next - 1];
    return held?.quality === 'good' ? toCell(held.value) : '';
  });
}
