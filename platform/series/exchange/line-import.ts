import type { Reading } from '#core/reading.ts';
import { instant } from '#core/time.ts';
import { decodeTag, MEASUREMENT_PREFIX, SAMPLE_COLUMNS, toSample } from '../influx/line-layout.ts';
import { importedReading } from './imported-reading.ts';
import { type LineProtocol, parseLineProtocol } from './line-protocol.ts';
import { numberedLines } from './numbered-lines.ts';
import { type ImportedRecord, type Parsed, readRecords } from './records.ts';

/** How many milliseconds the unit of a line's time has. */
export const PRECISIONS = { ns: 1e-6, us: 1e-3, ms: 1, s: 1000 } as const;
export type Precision = keyof typeof PRECISIONS;

/** Readings of a file in line protocol, as exportLines or a dump of InfluxDB has them; lines that are no readings of ours are bad. */
export async function* importLines(
  chunks: AsyncIterable<Uint8Array>,
  precision: Precision = 'ms',
): AsyncGenerator<readonly ImportedRecord<Reading>[]> {
  yield* readRecords(numberedLines(chunks), (text) => parseReading(text, PRECISIONS[precision]));
}

function parseReading(text: string, unitMs: number): Parsed<Reading> {
  // As a comment, an importer of InfluxData's has it.
  if (text.startsWith('#')) return 'nothing';
  const line = parseLineProtocol(text.endsWith('\r') ? text.slice(0, -1) : text);
  return line === 'unfinished' || 'bad' in line ? line : toReading(line, unitMs);
}

function toReading({ measurement, tags, fields, time }: LineProtocol, unitMs: number): Parsed<Reading> {
  const [device, point] = [tags.get('device'), tags.get('point')];
  if (!measurement.startsWith(MEASUREMENT_PREFIX) || device === undefined || point === undefined)
    return { bad: `no reading of ours: ${MEASUREMENT_PREFIX}… with the tags device and point` };
  if (time === null) return { bad: 'the line has no time' };
  const simulated = tags.get('simulated') === 'true';
  const columns = SAMPLE_COLUMNS.map((name) => fields.get(name) ?? null);
  const key = { device: decodeTag(device), point: decodeTag(point) };
  const sample = toSample(key, [Math.round(time * unitMs), ...columns]);
  if (sample === null) return { bad: 'the field quality says nothing that we know' };
  return importedReading(key, { ...sample, at: instant(sample.at) }, simulated);
}
