import { PARTS } from './part-words.ts';
import { lookUp, sayName } from './point-names.ts';
import type { PointDefinition } from './points.ts';
import { ASPECTS, QUANTITIES } from './quantities.ts';

/**
 * Points that no list can hold: a device tells whatever parts it has. Such a name is a part, its numbers or names, and a
 * quantity: `rectifier.3.current`, `outlet.group-2.realpower`, `compressor.1.status`, `ambient.probe-4.temperature.setpoint`.
 *
 * The list of points.ts comes first and is what rules and plans are written with; this gives unit, range and words for people
 * to everything else that a profile reads.
 */

const LONGEST_NAME = 120;
const MIDDLE = /^[A-Za-z0-9_-]{1,60}$/;

/** The definition of a name by its parts, null when it is not built as the grammar says. */
export function defineByGrammar(name: string): PointDefinition | null {
  if (name.length > LONGEST_NAME) return null;
  const words = name.split('.');
  const aspect = lookUp(ASPECTS, words.at(-1));
  if (aspect !== undefined) words.pop();
  const last = words.pop();
  const quantity = lookUp(QUANTITIES, last);
  const [part, ...middles] = words;
  if (quantity === undefined || part === undefined || lookUp(PARTS, part) === undefined || middles.length > 4)
    return null;
  if (!middles.every((word) => MIDDLE.test(word))) return null;
  const [kind, unit, range] = quantity;
  if (aspect !== undefined && kind !== 'number') return null;
  // A difference may lie on either side of zero; a set point's plausible range is the quantity's own.
  const sides =
    range !== null && aspect === ASPECTS.difference ? ([-Math.max(...range), Math.max(...range)] as const) : range;
  return {
    pattern: name,
    kind,
    unit: aspect === ASPECTS.difference && unit === '°C' ? 'K' : unit,
    ...(sides === null ? {} : { range: sides }),
    meaning: sayName(part, middles, last ?? '', aspect ?? null),
    source: 'Zhishou',
  };
}
