import type { Quality, Value } from '#core/reading.ts';
import { keptValue, type SeriesSample } from '#core/series.ts';
import { instant } from '#core/time.ts';

/** Samples as columns: 17 bytes each in memory instead of an object. */
export interface Columns {
  /** Epoch milliseconds, rising, one a moment, wherever it is not said otherwise. */
  readonly at: Float64Array;
  /** The number itself, 0 or 1 of a truth, the place in `words` of a word, 0 of nothing. */
  readonly num: Float64Array;
  /** Kind and quality, see tagOf. */
  readonly tag: Uint8Array;
  readonly words: readonly string[];
}

export const QUALITIES: readonly Quality[] = ['good', 'stale', 'frozen', 'implausible', 'missing'];
export const NOTHING = 0;
export const NUMBER = 1;
export const TRUTH = 2;
export const WORD = 3;
/** A number that counts. Kind in the two lowest bits, the quality's place in the list above. */
export const GOOD_NUMBER = NUMBER;
export const MOST_TAG = (QUALITIES.length - 1) * 4 + WORD;

export const EMPTY: Columns = { at: new Float64Array(0), num: new Float64Array(0), tag: new Uint8Array(0), words: [] };

export const kindOf = (tag: number): number => tag & 3;

export function tagOf(value: Value | null, quality: Quality): number {
  const kind = value === null ? NOTHING : typeof value === 'number' ? NUMBER : typeof value === 'string' ? WORD : TRUTH;
  return QUALITIES.indexOf(quality) * 4 + kind;
}

export function valueAt(columns: Columns, place: number): Value | null {
  const num = columns.num[place] as number;
  const kind = kindOf(columns.tag[place] as number);
  if (kind === NUMBER) return num;
  if (kind === WORD) return columns.words[num] ?? '';
  return kind === TRUTH ? num === 1 : null;
}

export const sampleAt = (columns: Columns, place: number): SeriesSample => ({
  at: instant(columns.at[place] as number),
  value: valueAt(columns, place),
  quality: QUALITIES[(columns.tag[place] as number) >> 2] ?? 'missing',
});

export const toSamples = (columns: Columns): readonly SeriesSample[] =>
  Array.from(columns.at, (_, place) => sampleAt(columns, place));

/** The first place whose time is `at` or later. */
export function placeOf(times: Float64Array, at: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** From place `from` up to `to`; shares the memory. */
export const slice = ({ at, num, tag, words }: Columns, from: number, to: number): Columns => ({
  at: at.subarray(from, to),
  num: num.subarray(from, to),
  tag: tag.subarray(from, to),
  words,
});

/** Those with from ≤ time < to; shares the memory. */
export const between = (columns: Columns, from: number, to: number): Columns =>
  slice(columns, placeOf(columns.at, from), placeOf(columns.at, to));

/** Both in the order of time; where both know a moment, `newer` does. */
export function merge(older: Columns, newer: Columns): Columns {
  if (newer.at.length === 0) return older;
  if (older.at.length === 0) return newer;
  const out = createColumns(older.at.length + newer.at.length);
  let i = 0;
  let j = 0;
  while (i < older.at.length || j < newer.at.length) {
    const mine = older.at[i] ?? Number.POSITIVE_INFINITY;
    const other = newer.at[j] ?? Number.POSITIVE_INFINITY;
    if (other <= mine) {
      out.copy(newer, j++);
      if (other === mine) i++;
    } else out.copy(older, i++);
  }
  return out.view();
}

/** Columns in the making. */
export interface GrowingColumns {
  readonly length: number;
  /** Every time later than the one before. */
  readonly rising: boolean;
  add(at: number, value: Value | null, quality: Quality): void;
  /** `num` of a word is its place in `words`. */
  addRaw(at: number, num: number, tag: number, words: readonly string[]): void;
  copy(from: Columns, place: number): void;
  /** As it was added; shares the memory until the next addition. */
  view(): Columns;
}

export function createColumns(capacity = 16): GrowingColumns {
  let at = new Float64Array(capacity);
  let num = new Float64Array(capacity);
  let tag = new Uint8Array(capacity);
  const words: string[] = [];
  const placeOfWord = new Map<string, number>();
  let length = 0;
  let rising = true;
  let last = Number.NEGATIVE_INFINITY;

  const grow = (): void => {
    const size = Math.max(16, at.length * 2);
    const [wasAt, wasNum, wasTag] = [at, num, tag];
    at = new Float64Array(size);
    num = new Float64Array(size);
    tag = new Uint8Array(size);
    at.set(wasAt);
    num.set(wasNum);
    tag.set(wasTag);
  };
  const word = (text: string): number => {
    const known = placeOfWord.get(text);
    if (known !== undefined) return known;
    placeOfWord.set(text, words.length);
    return words.push(text) - 1;
  };
  const put = (time: number, value: number, mark: number): void => {
    if (length === at.length) grow();
    if (time <= last) rising = false;
    last = time;
    at[length] = time;
    num[length] = value;
    tag[length++] = mark;
  };
  const addRaw = (time: number, value: number, mark: number, from: readonly string[]): void =>
    put(time, kindOf(mark) === WORD ? word(from[value] ?? '') : value, mark);
  return {
    get length() {
      return length;
    },
    get rising() {
      return rising;
    },
    add(time, value, quality) {
      const kept = keptValue(value);
      const mark = tagOf(kept, quality);
      put(time, typeof kept === 'string' ? word(kept) : Number(kept ?? 0), mark);
    },
    addRaw,
    copy(from, place) {
      addRaw(from.at[place] as number, from.num[place] as number, from.tag[place] as number, from.words);
    },
    view: () => ({ at: at.subarray(0, length), num: num.subarray(0, length), tag: tag.subarray(0, length), words }),
  };
}

/** Into the order of time; of the same moment the one added last. */
export function sortColumns(columns: Columns): GrowingColumns {
  const order = Uint32Array.from(columns.at, (_, place) => place);
  order.sort((a, b) => (columns.at[a] as number) - (columns.at[b] as number) || a - b);
  const sorted = createColumns(columns.at.length);
  order.forEach((place, i) => {
    const following = order[i + 1];
    if (following === undefined || columns.at[following] !== columns.at[place]) sorted.copy(columns, place);
  });
  return sorted;
}
