import { ALARMS, WITHIN_ALARMS } from './alarm-words.ts';
import type { WordRow } from './part-words.ts';
import { joined, lookUp, textOf, wordOf } from './point-names.ts';
import { STATES } from './state-words.ts';
import { sameText, type Text } from './text.ts';
import { OF_POINTS } from './words-of-points.ts';

/**
 * The words that devices say of themselves, as people read them: one table for page, messages and reports.
 *
 * A word of the table is what the table says; one that it has not is put together out of the words between its hyphens when all of
 * them are known (`fan-1-failed` is 风机 1 故障); anything else is a name or a text of the device's own and stays as it came.
 */

/** Points whose value is a name: AL4000 is a model, not an alarm. */
const NAMES = new Set(['model', 'mfr', 'serial', 'firmware', 'name']);

/** A word of a point's value. Example: `wordText('open', 'breaker.3.status')` is 分闸 / open, of a contact 断开 / open. */
export function wordText(word: string, point = ''): Text {
  const about = point.split('.');
  if (NAMES.has(about.at(-1) ?? '')) return sameText(word);
  const key = word
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-');
  for (const part of about.toReversed()) {
    const row = lookUp(OF_POINTS, `${part.replace(/-\d+$/, '')}.${key}`);
    if (row !== undefined) return said(key, row);
  }
  const row = stateOf(key) ?? lookUp(WITHIN_ALARMS, key) ?? wordOf(key);
  return row === undefined ? (composed(key) ?? sameText(word)) : said(key, row);
}

/** The words of a set's value, in the order in which they came. */
export const wordTexts = (value: string, point: string): readonly Text[] =>
  value
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => wordText(word, point));

const stateOf = (key: string): WordRow | undefined => lookUp(STATES, key) ?? lookUp(ALARMS, key);

const said = (key: string, row: WordRow): Text => {
  const text = textOf(key, row);
  return typeof row === 'string' ? { zh: text.zh, en: english(key) } : text;
};

/** Longest known runs from the left; the last one is a state before it is a thing (`bypass` in `bypass-fault` is a thing). */
function composed(key: string): Text | null {
  const parts = key.split('-');
  const words: string[] = [];
  for (let i = 0; i < parts.length; ) {
    const taken = longest(parts, i);
    if (taken === null) return null;
    words.push(taken.zh);
    i += taken.parts;
  }
  // A number alone, or a mark, says nothing.
  return words.every((word) => MARK.test(word)) ? null : { zh: joined(words), en: english(key) };
}

function longest(parts: readonly string[], from: number): { readonly parts: number; readonly zh: string } | null {
  for (let to = parts.length; to > from; to--) {
    const run = parts.slice(from, to).join('-');
    const thing = lookUp(WITHIN_ALARMS, run) ?? wordOf(run);
    const row = to === parts.length ? (stateOf(run) ?? thing) : (thing ?? stateOf(run));
    if (row !== undefined) return { parts: to - from, zh: textOf(run, row).zh };
    if (to === from + 1 && MARK.test(run)) return { parts: 1, zh: run.toUpperCase() };
  }
  return null;
}

/** A number, a letter, a letter and a number. */
const MARK = /^[a-z]?\d*$/i;

const CAPITALS = new Map(
  'UPS DC AC PFC ATS LAN SD I/O S1 S2 SPoT'.split(' ').map((word) => [word.toLowerCase(), word]),
);

const english = (key: string): string =>
  key
    .split('-')
    .map((word) => CAPITALS.get(word === 'io' ? 'i/o' : word) ?? word)
    .join(' ');
