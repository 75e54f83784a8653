import { definePoint } from '#core/points.ts';
import type { Quality, Reading, Value } from '#core/reading.ts';
import {
  keptValue,
  SERIES_CLASSES,
  type SeriesClass,
  type SeriesKey,
  type SeriesSample,
  seriesClass,
} from '#core/series.ts';
import { instant } from '#core/time.ts';

/**
 * How a reading stands in the database.
 *
 *   zhishou_power,site=hq,device=ups-1,point=ups.load,simulated=true value=41.5,quality="good" 1795000000000
 *
 * One measurement a class. Tags are few and stable: site, device, point, and `simulated=true` on what is no real device.
 * The point is a tag and not a field: each reading has its own time and quality, the fields are the same few whatever is
 * measured, and so no two points can quarrel about a field's type. The number of series is devices × points either way.
 *
 * Fields and their one type each: `value` float (never an integer), `truth` boolean, `word` string, `quality` string.
 * InfluxDB merges the fields of one series and time: what was written there before stays beside the new. So `quality` says
 * which field counts when it is not the one that the point's kind has: `good`, but `missing null`, `good truth`.
 */
export const MEASUREMENT_PREFIX = 'zhishou_';
export const measurementOfClass = (name: SeriesClass): string => `${MEASUREMENT_PREFIX}${name}`;
export const MEASUREMENTS: readonly string[] = SERIES_CLASSES.map(measurementOfClass);
/** A pattern in InfluxQL stands between slashes. */
export const anyOf = (measurements: readonly string[]): string => `/^(${measurements.join('|')})$/`;

/** What a point's name says of its lines; asked for each reading, so kept. */
interface PointLayout {
  readonly measurement: string;
  readonly field: Field;
}
const layoutOf = remembered((point): PointLayout => {
  const kind = definePoint(point)?.kind ?? 'number';
  return {
    measurement: `${MEASUREMENT_PREFIX}${seriesClass(point)}`,
    field: kind === 'number' ? 'value' : kind === 'boolean' ? 'truth' : 'word',
  };
});
export const measurementOf = (point: string): string => layoutOf(point).measurement;
/** The field that readings of the point usually have. */
export const usualField = (point: string): Field => layoutOf(point).field;

/** The fields and the tag that a sample is made of, in the order in which queries ask for them. */
export const SAMPLE_COLUMNS = ['value', 'truth', 'word', 'quality', 'simulated'] as const;

export type Field = 'value' | 'truth' | 'word';
const MOST_NAMES = 20_000;
const QUALITIES: readonly Quality[] = ['good', 'stale', 'frozen', 'implausible', 'missing'];

export const fieldOf = (value: Value): Field =>
  typeof value === 'number' ? 'value' : typeof value === 'boolean' ? 'truth' : 'word';

/** The tags of a reading's series, escaped. */
export function tagsOf(site: string, { device, point, simulated }: Reading): string {
  const own = `site=${tag(site)},device=${tag(device)},point=${tag(point)}`;
  return simulated ? `${own},simulated=true` : own;
}

/** The line of a reading that is not refused, for InfluxDB; its time in milliseconds. */
export function toLine(site: string, reading: Reading): string {
  const { point, quality } = reading;
  const value = keptValue(reading.value);
  const fields = value === null ? '' : `${fieldOf(value)}=${fieldValue(value)},`;
  return `${measurementOf(point)},${tagsOf(site, reading)} ${fields}quality="${qualityText(point, value, quality)}" ${Math.round(reading.measuredAt)}`;
}

/** What stands in `quality`. */
export function qualityText(point: string, value: Value | null, quality: Quality): string {
  if (value === null) return `${quality} null`;
  const field = fieldOf(value);
  return field === usualField(point) ? quality : `${quality} ${field}`;
}

const fieldValue = (value: Value): string =>
  typeof value === 'string' ? `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : String(value);

/**
 * The line for VictoriaMetrics, which keeps numbers only: each field becomes a metric (`zhishou_power_value`). `value` has
 * what is good alone and what is not good stands in `doubtful`, since a metric cannot be filtered by another; a truth is 0 or
 * 1; a word is a label beside the number 1, as Prometheus' state sets are; `quality` is 0 good … 4 missing.
 */
export function toMetricsLine(site: string, reading: Reading): string {
  const { point, quality } = reading;
  const value = keptValue(reading.value);
  const code = QUALITIES.indexOf(quality);
  const word = typeof value === 'string' && value !== '' ? `,word=${tag(value)}` : '';
  const field = quality === 'good' ? 'value' : 'doubtful';
  const fields = value === null ? '' : `${field}=${typeof value === 'string' ? 1 : Number(value)},`;
  return `${measurementOf(point)},${tagsOf(site, reading)}${word} ${fields}quality=${code} ${Math.round(reading.measuredAt)}`;
}

/**
 * Line protocol has no way to write a backslash at the end of a tag, nor a line break in one: these are written as %5C and
 * the like, and a percent sign as %25.
 */
export const encodeTag = (text: string): string =>
  text.replaceAll(
    /[\\%\p{Cc}]/gu,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
export const decodeTag = (text: string): string =>
  text.replaceAll(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
const tag = remembered((text) => encodeTag(text).replaceAll(/[ ,=]/g, '\\$&'));

/** A row of `time` and SAMPLE_COLUMNS as the sample it was; null when it is none of ours. */
export function toSample({ point }: Pick<SeriesKey, 'point'>, row: readonly unknown[]): SeriesSample | null {
  const [time, value, truth, word, text] = row;
  if (typeof text !== 'string') return null;
  const [name, field = usualField(point)] = text.split(' ', 2);
  const quality = QUALITIES.find((one) => one === name);
  if (quality === undefined) return null;
  const fields: Readonly<Record<string, unknown>> = { value, truth, word, null: null };
  return { at: instant(toMs(time)), value: asValue(fields[field] ?? null), quality };
}

const asValue = (field: unknown): Value | null =>
  typeof field === 'number' || typeof field === 'boolean' || typeof field === 'string' ? field : null;

/** With `epoch=ms` a number; a server that ignores it gives RFC 3339. */
export const toMs = (time: unknown): number => (typeof time === 'number' ? time : Date.parse(String(time)));

/** What a simulated and a real device of one name wrote at the same moment: the real one counts. */
export const isSimulated = (row: readonly unknown[]): boolean =>
  row[SAMPLE_COLUMNS.indexOf('simulated') + 1] === 'true';

/** The function's answers for the names last asked for: there are as many as devices and points. */
function remembered<T>(compute: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    if (known.size >= MOST_NAMES) known.clear();
    const made = compute(name);
    known.set(name, made);
    return made;
  };
}
