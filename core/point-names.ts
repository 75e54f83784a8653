import {
  CODES,
  COUNTERS,
  MERGED,
  MIDDLES,
  NAMED_AFTER,
  PARTS,
  SAY_STATE,
  TELLERS,
  WITHIN,
  type WordRow,
} from './part-words.ts';
import { QUANTITIES, QUANTITIES_WITHIN } from './quantities.ts';
import type { Text } from './text.ts';

/**
 * A point's name as a person says it, out of the words between its dots.
 *
 * Chinese puts numbers before what they count and says the quantity last: `rectifier.3.current` is 3 号整流模块电流,
 * `input.L1.voltage.nominal` is 输入 L1 电压额定值, `cooling.2.return.temperature` is 2 号空调回风温度. English keeps the name's order:
 * Rectifier 3 current, Input L1 voltage (rated). A word that no table has is a name that people gave on the device (`outlet.Rack-7`):
 * it stays as it is.
 */

/** A piece of a name: a word of ours, a number or code, or a name given by people. */
interface Piece {
  readonly text: Text;
  readonly kind: 'word' | 'code' | 'given';
  /** A number goes before it, with this between: 3 号…; a phase is itself counted, 3 相. */
  readonly counter?: '号' | '相' | '路';
  /** Nothing is added by saying 状态 after it. */
  readonly isState?: boolean;
}

export function sayName(part: string, middles: readonly string[], quantity: string, aspect: Text | null): Text {
  const told: Text[] = [];
  let isAll = false;
  let before = part;
  const pieces: Piece[] = [pieceOf(part, part, null)];
  for (const middle of middles) {
    const teller = lookUp(TELLERS, middle);
    if (teller !== undefined) told.push({ zh: teller[0], en: teller[1] });
    else if (middle === 'all') isAll = true;
    else {
      const [merged, rest] = mergedOf(before, middle);
      if (merged !== null) pieces[pieces.findLastIndex(({ kind }) => kind !== 'code')] = merged;
      const more = rest === '' ? [] : piecesOf(rest, before, told);
      if (pieces.length === 1 && merged === null && NAMED_AFTER.has(part) && more.every(({ kind }) => kind === 'word'))
        pieces.unshift(...more);
      else pieces.push(...more);
      if (!isCode(middle)) before = middle.split('-')[0] ?? middle;
    }
  }
  const [, , , zh, en] = QUANTITIES[quantity] ?? ['', '', null, quantity, quantity];
  const within = lookUp(QUANTITIES_WITHIN, `${before}.${quantity}`) ?? lookUp(QUANTITIES_WITHIN, `${part}.${quantity}`);
  const what = within === undefined ? { zh, en } : textOf(quantity, within);
  return {
    zh: chineseOf(pieces, isAll, quantity === 'status' ? what.zh : null, what.zh, aspect) + inBrackets(told, 'zh'),
    en: englishOf(pieces, isAll, what.en, aspect) + inBrackets(told, 'en'),
  };
}

/** Part and word that are one thing, and what is left: `battery.string-1-midpoint` is 电池串, then `1-midpoint`. */
function mergedOf(word: string, middle: string): readonly [Piece | null, string] {
  const parts = middle.split('-');
  for (let to = parts.length; to > 0; to--) {
    const row = lookUp(MERGED, `${word}.${parts.slice(0, to).join('-')}`);
    if (row !== undefined)
      return [counted(word, { text: textOf(middle, row), kind: 'word' }), parts.slice(to).join('-')];
  }
  return [null, middle];
}

function chineseOf(
  pieces: readonly Piece[],
  isAll: boolean,
  state: string | null,
  quantity: string,
  aspect: Text | null,
): string {
  const said: string[] = isAll ? ['全部'] : [];
  let trailing = '';
  let last: Piece | null = null;
  for (const piece of pieces) {
    const { text, kind } = piece;
    if (kind === 'code' && last?.counter === '相') said.push(joined([text.zh, said.pop() ?? '']));
    else if (kind === 'code' && last?.counter !== undefined && /^\d/.test(text.zh))
      said.push(joined([`${text.zh} ${last.counter}`, said.pop() ?? '']));
    // A second number counts what is measured: `pdu.1.2.temperature` is 1 号 PDU 温度 2.
    else if (kind === 'code' && last?.kind === 'code' && /^\d+$/.test(text.zh)) trailing = text.zh;
    else said.push(text.zh);
    last = piece;
  }
  if (state === null || last?.isState !== true) said.push(quantity);
  return joined([...said, aspect?.zh ?? '', trailing]);
}

function englishOf(pieces: readonly Piece[], isAll: boolean, quantity: string, aspect: Text | null): string {
  const last = pieces.at(-1);
  const words = pieces.map(({ text }) => text.en);
  if (isAll) words[0] = `all ${plural(words[0] ?? '')}`;
  if (!(quantity === 'status' && last?.isState === true)) words.push(quantity);
  const said = words.join(' ') + (aspect === null ? '' : ` (${aspect.en})`);
  return said.charAt(0).toUpperCase() + said.slice(1);
}

/** A middle word of hyphened parts: words of ours with numbers, or a name that people gave. `monitor-1-2` is 监测器 1-2. */
function piecesOf(middle: string, before: string, told: Text[]): readonly Piece[] {
  if (isCode(middle)) return [codePiece(middle)];
  const whole = lookUp(WITHIN, `${before}.${middle}`) ?? wordOf(middle);
  if (whole !== undefined) return [pieceOf(middle, before, whole)];
  const parts = middle.split('-');
  const texts: Text[] = [];
  const mine: Text[] = [];
  for (let i = 0; i < parts.length; ) {
    const [taken, text] = longest(parts, i, before);
    if (text === null) return [{ text: { zh: middle, en: middle }, kind: 'given' }];
    const teller = taken === 1 ? lookUp(TELLERS, parts[i]) : undefined;
    if (teller === undefined) texts.push(text);
    else mine.push({ zh: teller[0], en: teller[1] });
    i += taken;
  }
  told.push(...mine);
  const [first] = texts;
  if (texts.length === 1 && first !== undefined) return [{ text: first, kind: 'code' }];
  const isPhase = texts.length === 2 && parts[0] === 'phase';
  const ordered = isPhase ? texts.toReversed() : texts;
  return [
    {
      text: { zh: joined(ordered.map(({ zh }) => zh)), en: texts.map(({ en }) => en).join(' ') },
      kind: 'word',
      isState: SAY_STATE.has(parts[0] ?? '') || parts.includes('state'),
    },
  ];
}

/** The longest run of parts from `from` that is one word or one code. */
function longest(parts: readonly string[], from: number, before: string): readonly [taken: number, text: Text | null] {
  for (let to = parts.length; to > from; to--) {
    const run = parts.slice(from, to).join('-');
    const row = lookUp(WITHIN, `${before}.${run}`) ?? wordOf(run);
    if (row !== undefined) return [to - from, textOf(run, row)];
    const teller = lookUp(TELLERS, run);
    if (teller !== undefined) return [to - from, { zh: teller[0], en: teller[1] }];
    if (isCode(run)) return [to - from, codePiece(run).text];
  }
  return [1, null];
}

function pieceOf(word: string, before: string, given: WordRow | null): Piece {
  const row = given ?? lookUp(WITHIN, `${before}.${word}`) ?? wordOf(word);
  if (row === undefined) return { text: { zh: word, en: word }, kind: 'given' };
  return counted(word, { text: textOf(word, row), kind: 'word', isState: SAY_STATE.has(word) });
}

function counted(word: string, piece: Piece): Piece {
  const counter = COUNTERS.get(word);
  return counter === undefined ? piece : { ...piece, counter };
}

/** `3`, `1-3`, `L1`, `L1-N`, `P1-1`, `A`: a number or a mark, not a word. A lower letter alone (`source.a`) is written as a capital. */
const CODE = /^(?:[A-Z]{0,2}\d{0,4}|[a-z]\d?|cw\d)(?:-(?:[A-Z]{0,2}\d{0,4}|[a-z]))*$/;
const isCode = (word: string): boolean => word !== '' && CODE.test(word) && !Object.hasOwn(CODES, word);

const codePiece = (word: string): Piece => {
  const text = word.toUpperCase();
  return { text: { zh: text, en: text }, kind: 'code' };
};

/** A word of ours: what stands in the middle, a part, a quantity, or a short name of a kind. */
export function wordOf(word: string): WordRow | undefined {
  const row = lookUp(MIDDLES, word) ?? lookUp(PARTS, word);
  if (row !== undefined) return row;
  const code = lookUp(CODES, word);
  if (code !== undefined) return [code, code];
  const quantity = lookUp(QUANTITIES, word);
  return quantity === undefined ? undefined : [quantity[3], quantity[4]];
}

export const textOf = (word: string, row: WordRow): Text =>
  typeof row === 'string' ? { zh: row, en: word.replaceAll('-', ' ') } : { zh: row[0], en: row[1] };

/** Chinese runs together; between Chinese and Latin letters or digits, and between two of those, stands a space. */
export function joined(words: readonly string[]): string {
  let text = '';
  for (const word of words) {
    if (word === '') continue;
    text += text !== '' && (isLatin(text.at(-1)) || isLatin(word.at(0))) ? ` ${word}` : word;
  }
  return text;
}

const isLatin = (letter: string | undefined): boolean =>
  letter !== undefined && /[\p{Script=Latin}\d.₂/−]/u.test(letter);

const inBrackets = (told: readonly Text[], language: keyof Text): string =>
  told.length === 0
    ? ''
    : language === 'zh'
      ? `（${told.map(({ zh }) => zh).join('、')}）`
      : ` (${told.map(({ en }) => en).join(', ')})`;

const plural = (word: string): string => (word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`);

export const lookUp = <T>(table: Readonly<Record<string, T>>, word: string | undefined): T | undefined =>
  word !== undefined && Object.hasOwn(table, word) ? table[word] : undefined;
