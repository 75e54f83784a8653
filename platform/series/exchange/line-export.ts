import type { SeriesStore } from '#core/ports.ts';
import { toLine } from '../influx/line-layout.ts';
import { type ExportSelection, exportPages } from './export.ts';
import { exportedReading } from './imported-reading.ts';

/** InfluxDB's line protocol, exactly as the InfluxDB adapter writes it, times in milliseconds: `influx -import` takes it too. */
export async function* exportLines(
  store: SeriesStore,
  selection: ExportSelection & { readonly site: string; readonly simulated: boolean },
): AsyncGenerator<string> {
  for await (const { key, samples } of exportPages(store, selection)) {
    const lines = samples.map((sample) => toLine(selection.site, exportedReading(key, sample, selection.simulated)));
    yield `${lines.join('\n')}\n`;
  }
}
