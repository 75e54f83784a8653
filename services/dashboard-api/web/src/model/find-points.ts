import type { ReadingView } from '#core/api.ts';
import { definePoint } from '#core/points.ts';
import type { SeriesKey } from '#core/series.ts';
import type { Language, Text } from '#core/text.ts';
import { keyOf } from './chart-link.ts';

/** Points to lay beside those that are shown: by words, and without words those that are usually compared. Pure. */
export interface FoundPoint {
  readonly key: SeriesKey;
  readonly name: Text;
  readonly label: string;
}
export interface FindAsk {
  readonly wanted: string;
  readonly chosen: readonly SeriesKey[];
  readonly language: Language;
  readonly nameOf: (device: string) => Text | null;
  readonly labelOf: (device: string, point: string) => string;
}

const MOST = 80;

/** Each word must be found somewhere in the names (either language), the address of the point or what people call it on the device. */
export function findPoints(readings: readonly ReadingView[], ask: FindAsk): readonly FoundPoint[] {
  const words = ask.wanted
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const chosen = new Set(ask.chosen.map(keyOf));
  const points = new Set(ask.chosen.map(({ point }) => point));
  const devices = new Set(ask.chosen.map(({ device }) => device));
  const units = new Set(ask.chosen.map(({ point }) => definePoint(point)?.unit ?? ''));
  const found: (FoundPoint & { readonly rank: number })[] = [];
  for (const { device, point } of readings) {
    const key = { device, point };
    const definition = definePoint(point);
    if (chosen.has(keyOf(key)) || definition === null || isIdentity(point)) continue;
    const label = ask.labelOf(device, point);
    const name = definition.meaning;
    const text = [device, point, label, name.zh, name.en, ask.nameOf(device)?.zh ?? '', ask.nameOf(device)?.en ?? ''];
    const whole = text.join(' ').toLowerCase();
    if (!words.every((word) => whole.includes(word))) continue;
    const rank = points.has(point) ? 0 : devices.has(device) ? (units.has(definition.unit) ? 1 : 2) : 3;
    found.push({ key, name, label, rank });
  }
  return found
    .sort((a, b) => a.rank - b.rank || keyOf(a.key).localeCompare(keyOf(b.key), 'en', { numeric: true }))
    .slice(0, MOST);
}

/** What never changes has no history worth a curve. */
const isIdentity = (point: string): boolean => /\.(model|serial|firmware|name|mfr)$/.test(point);
