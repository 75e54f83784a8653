import { ByteReader, ByteWriter, DamagedError, type Effort, packBytes, unpackBytes } from './bytes.ts';
import { type Columns, kindOf, MOST_TAG, NUMBER, TRUTH, WORD } from './columns.ts';
import { readFloats, readInts, readRuns, writeFloats, writeInts, writeRuns } from './number-columns.ts';

/**
 * One series' samples of a slice of time as bytes: the times for themselves, because the points of one poll share them, and
 * the values. Any samples in, the same samples out.
 */

/** No chunk is longer: the most memory that one may ask for when it is read. */
export const MOST_SAMPLES = 16_384;
const MOST_WORD_BYTES = 8 << 20;

const BY_STEPS = 0;
const BY_GRID = 1;

/**
 * Polls come every so often, a little early or late. Either each step is kept as what it differs from the usual one, or each
 * time as what it differs from its place on an even grid (missed polls skip places): the grid wins when lateness does not add up.
 */
export function encodeTimes(at: Float64Array, effort: Effort): Uint8Array {
  const out = new ByteWriter();
  const n = at.length;
  const first = at[0] as number;
  out.varint(first);
  if (n === 1) return out.finish();
  const usual = usualStep(at);
  const steps = new Float64Array(n - 1);
  let places = 0;
  let bySteps = 0;
  for (let i = 1; i < n; i++) {
    const step = (at[i] as number) - (at[i - 1] as number);
    steps[i - 1] = step - usual;
    bySteps += Math.abs(step - usual);
    places += Math.max(1, Math.round(step / usual));
  }
  const period = ((at[n - 1] as number) - first) / places;
  const grid = onGrid(at, period);
  if (grid === null || grid.cost >= bySteps) {
    out.u8(BY_STEPS);
    out.varint(usual);
    writeInts(out, steps, effort);
  } else {
    out.u8(BY_GRID);
    out.f64(period);
    writeInts(out, grid.skips, effort);
    writeInts(out, grid.offsets, effort);
  }
  return out.finish();
}

export function decodeTimes(bytes: Uint8Array, n: number): Float64Array {
  const from = new ByteReader(bytes);
  const at = new Float64Array(n);
  const first = from.varint();
  at[0] = first;
  if (n > 1) {
    const how = from.u8();
    if (how === BY_STEPS) {
      const usual = from.varint();
      const steps = readInts(from, new Float64Array(n - 1));
      for (let i = 1; i < n; i++) at[i] = (at[i - 1] as number) + usual + (steps[i - 1] as number);
    } else if (how === BY_GRID) {
      const period = from.f64();
      const skips = readInts(from, new Float64Array(n - 1));
      const offsets = readInts(from, new Float64Array(n - 1));
      let place = 0;
      for (let i = 1; i < n; i++) {
        place += (skips[i - 1] as number) + 1;
        at[i] = Math.round(first + period * place) + (offsets[i - 1] as number);
      }
    } else throw new DamagedError('times kept in an unknown way');
  }
  from.end();
  for (let i = 1; i < n; i++)
    if (!((at[i] as number) > (at[i - 1] as number))) throw new DamagedError('times run back');
  return at;
}

/** The middle one of some of the steps. */
function usualStep(at: Float64Array): number {
  const stride = Math.max(1, Math.floor((at.length - 1) / 64));
  const some: number[] = [];
  for (let i = 1; i < at.length; i += stride) some.push((at[i] as number) - (at[i - 1] as number));
  some.sort((a, b) => a - b);
  return some[some.length >> 1] as number;
}

function onGrid(at: Float64Array, period: number): { skips: Float64Array; offsets: Float64Array; cost: number } | null {
  const n = at.length;
  const first = at[0] as number;
  const skips = new Float64Array(n - 1);
  const offsets = new Float64Array(n - 1);
  let cost = 0;
  let place = 0;
  for (let i = 1; i < n; i++) {
    const next = Math.round(((at[i] as number) - first) / period);
    if (!Number.isSafeInteger(next)) return null;
    skips[i - 1] = next - place - 1;
    offsets[i - 1] = (at[i] as number) - Math.round(first + period * next);
    cost += Math.abs(skips[i - 1] as number) + Math.abs(offsets[i - 1] as number);
    place = next;
  }
  return { skips, offsets, cost };
}

export function encodeValues(columns: Columns, effort: Effort): Uint8Array {
  const out = new ByteWriter();
  packBytes(out, columns.tag, effort);
  writeFloats(out, ofKind(columns, NUMBER), effort);
  const truths = ofKind(columns, TRUTH);
  if (truths.length > 0) writeRuns(out, truths, effort);
  const words = ofKind(columns, WORD);
  if (words.length > 0) writeWords(out, words, columns.words, effort);
  return out.finish();
}

export function decodeValues(bytes: Uint8Array, at: Float64Array): Columns {
  const from = new ByteReader(bytes);
  const tag = unpackBytes(from, at.length);
  const counts = [0, 0, 0, 0];
  for (const mark of tag) {
    if (mark > MOST_TAG) throw new DamagedError('an unknown kind of value');
    const kind = kindOf(mark);
    counts[kind] = (counts[kind] as number) + 1;
  }
  const [, numbers = 0, truths = 0, texts = 0] = counts;
  const columnsOf: Float64Array[] = [
    new Float64Array(counts[0] as number),
    readFloats(from, new Float64Array(numbers)),
  ];
  columnsOf.push(truths > 0 ? readRuns(from, truths) : new Float64Array(0));
  const read = texts > 0 ? readWords(from, texts) : { places: new Float64Array(0), words: [] };
  columnsOf.push(read.places);
  from.end();
  if (numbers === at.length) return { at, num: columnsOf[NUMBER] as Float64Array, tag, words: [] };
  const num = new Float64Array(at.length);
  const next = [0, 0, 0, 0];
  for (let i = 0; i < num.length; i++) {
    const kind = kindOf(tag[i] as number);
    const place = next[kind] as number;
    num[i] = columnsOf[kind]?.[place] as number;
    next[kind] = place + 1;
  }
  return { at, num, tag, words: read.words };
}

function ofKind({ num, tag }: Columns, kind: number): Float64Array {
  let count = 0;
  for (let i = 0; i < tag.length; i++) if (kindOf(tag[i] as number) === kind) count++;
  if (count === num.length) return num;
  const own = new Float64Array(count);
  for (let i = 0, next = 0; next < count; i++) if (kindOf(tag[i] as number) === kind) own[next++] = num[i] as number;
  return own;
}

function writeWords(out: ByteWriter, places: Float64Array, words: readonly string[], effort: Effort): void {
  const used = new Map<string, number>();
  const own = places.map((place) => {
    const word = words[place] ?? '';
    const known = used.get(word) ?? used.size;
    used.set(word, known);
    return known;
  });
  // A lone surrogate has no place in UTF-8, a JSON text has one for it.
  const texts = new TextEncoder().encode(JSON.stringify([...used.keys()]));
  out.varint(texts.length);
  packBytes(out, texts, effort);
  writeRuns(out, own, effort);
}

function readWords(from: ByteReader, n: number): { places: Float64Array; words: readonly string[] } {
  const length = from.varint();
  if (length > MOST_WORD_BYTES) throw new DamagedError('too many words');
  const words = wordsIn(new TextDecoder().decode(unpackBytes(from, length)));
  const places = readRuns(from, n);
  if (places.some((place) => words[place] === undefined)) throw new DamagedError('a word is missing');
  return { places, words };
}

function wordsIn(text: string): readonly string[] {
  try {
    const words: unknown = JSON.parse(text);
    if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words;
  } catch (error) {
    throw new DamagedError('its words cannot be read', { cause: error });
  }
  throw new DamagedError('its words are none');
}
