import type { Row, StateSpan } from './chart-pieces.ts';
import type { View } from './chart-view.ts';

/** What a chart shows as CSV (RFC 4180): a line a bucket or a change, times in the site's own zone with their offset. Pure. */
export interface Exported {
  readonly device: string;
  readonly point: string;
  readonly name: string;
  readonly unit: string;
  readonly rows: readonly Row[];
  readonly states: readonly StateSpan[];
}

const HEAD = ['time', 'device', 'point', 'name', 'unit', 'mean', 'min', 'max', 'readings', 'known', 'value', 'quality'];

export function chartCsv(series: readonly Exported[], view: View, offsetMinutes: (at: number) => number): string {
  const lines = [HEAD.join(',')];
  const inView = (from: number, to: number): boolean => to > view.from && from < view.to;
  for (const { device, point, name, unit, rows, states } of series) {
    const head = [device, point, name, unit].map(cell);
    const time = (at: number): string => isoWith(at, offsetMinutes(at));
    for (const { at, span, mean, min, max, count, coverage } of rows) {
      if (mean === null || !inView(at, at + span)) continue;
      lines.push([time(at), ...head, mean, min ?? '', max ?? '', count, coverage, '', ''].join(','));
    }
    for (const { from, to, value, quality } of states) {
      if (inView(from, to))
        lines.push([time(from), ...head, '', '', '', '', '', cell(String(value ?? '')), quality].join(','));
    }
  }
  return `${lines.join('\r\n')}\r\n`;
}

/** A text that a table programme would take for a formula is kept a text: names come from devices too. */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

function isoWith(at: number, offset: number): string {
  const local = new Date(at + offset * 60_000).toISOString().slice(0, 19);
  const magnitude = Math.abs(offset);
  const pad = (n: number): string => String(n).padStart(2, '0');
  return `${local}${offset < 0 ? '-' : '+'}${pad(Math.floor(magnitude / 60))}:${pad(magnitude % 60)}`;
}
