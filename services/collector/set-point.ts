import type { SetPoint, SetSource } from '#core/config/profile.ts';
import { pointOf } from '#core/config/profile-decode.ts';
import type { Decoded, Raw } from './decode.ts';

/**
 * Set points are made of several objects: `ups.status` of the output's source, the battery's state and the alarm table.
 *
 * Each source adds tokens; rules then drop and add some, in order. Tokens that begin with `~` never leave this file.
 * Example: source battery(5) gives OB; a rule adds DISCHRG: the value is `OB DISCHRG`, in the registry's order.
 */
export interface SetInput {
  /** The raw value of a scalar's instance. */
  readonly scalar: (oid: string) => Raw;
  /** The raw values of a column's present rows. */
  readonly column: (oid: string) => readonly Raw[];
  /** The value of a number that was decoded, null when it is not good. */
  readonly number: (point: string) => number | null;
}

/** The value of a set of alarms when there is none. */
const NO_ALARM = 'none';

export function composeSet(set: SetPoint, input: SetInput): Decoded {
  const tokens = new Set<string>();
  for (const source of set.from) {
    const contribution = tokensOf(source, input);
    if (typeof contribution === 'string') return { value: null, quality: 'missing', reason: contribution };
    for (const token of contribution) tokens.add(token);
  }
  for (const rule of set.rules) {
    if (!rule.all.every((token) => tokens.has(token)) || rule.none.some((token) => tokens.has(token))) continue;
    for (const token of rule.drop) tokens.delete(token);
    for (const token of rule.add) tokens.add(token);
  }
  const answered = set.from.some((source) => 'oid' in source && !source.table && input.scalar(source.oid) !== null);
  return inOrder(set.point, tokens, answered);
}

/** Is a good number on the side of the threshold on which it gives its tokens? */
export const isWithin = (source: Extract<SetSource, { point: unknown }>, value: number | null): boolean =>
  value !== null &&
  (source.above === undefined || value > source.above) &&
  (source.below === undefined || value < source.below);

/** Tokens, or why the whole point has no value. */
function tokensOf(source: SetSource, input: SetInput): readonly string[] | string {
  if ('point' in source) {
    return isWithin(source, input.number(source.point)) ? source.tokens : [];
  }
  const raws = source.table ? input.column(source.oid) : [input.scalar(source.oid)];
  const present = raws.filter((raw) => raw !== null);
  if (present.length === 0) return source.required ? `${source.source} gave no value` : [];
  const tokens: string[] = [];
  for (const raw of present) {
    const text = String(raw).trim();
    const mapped = mappedTokens(source.map, text);
    if (mapped === null && source.required) return `${source.source} gave ${text.slice(0, 40)}, which has no meaning`;
    tokens.push(...(mapped ?? []), ...bitTokens(source.bits, text), ...flagTokens(source.flags, text));
  }
  return tokens;
}

function mappedTokens(
  map: Readonly<Record<string, readonly string[]>> | undefined,
  text: string,
): readonly string[] | null {
  if (map === undefined) return [];
  if (Object.hasOwn(map, text)) return map[text] ?? [];
  return map['*'] ?? null;
}

function bitTokens(bits: Readonly<Record<string, readonly string[]>> | undefined, text: string): string[] {
  if (bits === undefined || !/^\d{1,20}$/.test(text)) return [];
  const number = BigInt(text);
  return Object.entries(bits).flatMap(([bit, tokens]) => (((number >> BigInt(bit)) & 1n) === 1n ? tokens : []));
}

/** PowerNet tells its states as a text of 64 noughts and ones. */
function flagTokens(flags: Readonly<Record<string, readonly string[]>> | undefined, text: string): string[] {
  if (flags === undefined || !/^[01]+$/.test(text)) return [];
  return Object.entries(flags).flatMap(([place, tokens]) => (text[Number(place) - 1] === '1' ? tokens : []));
}

function inOrder(point: string, tokens: ReadonlySet<string>, answered: boolean): Decoded {
  const definition = pointOf(point);
  const known = definition?.words ?? [];
  const told = [...tokens].filter((token) => !token.startsWith('~'));
  const unknown = told.find((token) => known.length > 0 && !known.includes(token));
  if (unknown !== undefined)
    return { value: null, quality: 'implausible', reason: `"${unknown}" is not a word of ${point}` };
  // Without an order of its own by the alphabet: the rows of an alarm table change their places, which changes nothing.
  const ordered = known.length === 0 ? told.sort() : told.sort((a, b) => known.indexOf(a) - known.indexOf(b));
  // Alarms, of which none is what one hopes for; that a table has no rows is no proof that it is served.
  if (ordered.length === 0 && known.length === 0 && answered) return { value: NO_ALARM, quality: 'good' };
  if (ordered.length === 0) return { value: null, quality: 'missing', reason: 'the device tells no state' };
  if (definition?.kind === 'word' && ordered.length > 1) {
    return { value: null, quality: 'implausible', reason: `${ordered.join(' and ')} at once` };
  }
  return { value: ordered.join(' '), quality: 'good' };
}
