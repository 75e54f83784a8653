import type { Language } from '#core/text.ts';
import { epochOf, type Locale, lengthOf, momentOf } from './time-format.ts';

/** The figures of a decision as people read them; the unit is in the name, as the plan engine writes it. Pure. */
export function writeFigure(name: string, value: number | string | boolean | null, place: Locale, now: number): string {
  if (value === null || value === '') return '—';
  if (typeof value === 'number') return writeNumber(name, value, place.language);
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) {
    return momentOf(place, epochOf(value) ?? now, now, true);
  }
  return String(value);
}

function writeNumber(name: string, value: number, language: Language): string {
  if (name.endsWith('S')) return `${value < 0 ? '−' : ''}${lengthOf(language, Math.abs(value))}`;
  const rounded = String(Math.round(value * 10) / 10);
  if (name.endsWith('Percent') || name === 'charge') return `${rounded} %`;
  if (name.endsWith('Watts')) return `${rounded} W`;
  if (name.endsWith('C')) return `${rounded} °C`;
  return rounded;
}
