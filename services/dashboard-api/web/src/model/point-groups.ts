import { PARTS } from '#core/part-words.ts';
import { textOf } from '#core/point-names.ts';
import type { Text } from '#core/text.ts';

/** The points of a device under quiet headings: what they belong to, in the order of the power's way, the identity last. Pure. */

export interface PointGroup<Row> {
  readonly part: string;
  readonly title: Text;
  readonly rows: readonly Row[];
}

const ORDER = [...Object.keys(PARTS).filter((part) => part !== 'device'), 'device'];

/** Rows within a group by their names, numbers by size: outlet 2 before outlet 10. */
export function groupPoints<Row extends { readonly point: string }>(rows: readonly Row[]): readonly PointGroup<Row>[] {
  const groups = new Map<string, Row[]>();
  for (const row of [...rows].sort((a, b) => a.point.localeCompare(b.point, 'en', { numeric: true }))) {
    const part = row.point.split('.')[0] ?? '';
    groups.set(part, [...(groups.get(part) ?? []), row]);
  }
  return [...groups]
    .map(([part, own]) => ({ part, title: titleOf(part), rows: own }))
    .sort((a, b) => placeOf(a.part) - placeOf(b.part));
}

const placeOf = (part: string): number => {
  const place = ORDER.indexOf(part);
  return place === -1 ? ORDER.length : place;
};

function titleOf(part: string): Text {
  const row = PARTS[part];
  if (row === undefined) return { zh: part, en: part };
  const { zh, en } = textOf(part, row);
  return { zh, en: en.charAt(0).toUpperCase() + en.slice(1) };
}

/** Words by which a device says that something is wrong with it, whatever is wrong. */
const TROUBLE =
  /(^|-)(fault|failed|failure|failing|alarm|critical|severe|tripped|overload|overheated|lost|blown|depleted|shorted|broken|bad|abnormal|emergency-stop|emergency-power-off)$/;

/** Does a device say of itself that something is wrong? Not a rule's alert: the page gives the word weight and a mark, no more. */
export function saysTrouble(point: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value && /\.(alarm|leak|smoke|tamper)$/.test(point);
  if (typeof value !== 'string' || /\.(model|serial|firmware|name|mfr|type|mode)$/.test(point)) return false;
  if (point.endsWith('.alarms')) return value !== 'none' && value !== '';
  return TROUBLE.test(value);
}
