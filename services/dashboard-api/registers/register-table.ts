import type { Register, RegisterField } from '#core/config/register.ts';
import type { EntryRecord } from '#core/paperwork/register-entry.ts';
import { labelOf, localMoment, stateLabel, type WordsOf } from '#core/paperwork/register-words.ts';
import type { Language } from '#core/text.ts';

/** A register as a table for files: every field but photos, numbers as numbers, moments in the site's zone. */
export interface RegisterTable {
  readonly title: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly TableValue[])[];
  /** There are more than a file takes; these are the newest. */
  readonly left: number;
}

export interface TableColumn {
  readonly label: string;
  readonly kind: 'text' | 'number' | 'money';
  readonly width: number;
  /** Also on paper, where there is room for a few. */
  readonly onPaper: boolean;
}
export type TableValue = string | number | null;

export const MOST_FILE_ROWS = 20_000;
/** A thousand rows are some forty pages. */
export const MOST_PAPER_ROWS = 1000;
const MOST_PAPER_COLUMNS = 4;

interface Source extends TableColumn {
  readonly read: (entry: EntryRecord) => TableValue;
}

/** `entries` newest first. */
export function registerTable(
  register: Register,
  entries: readonly EntryRecord[],
  language: Language,
  words: WordsOf,
  most: number,
): RegisterTable {
  const sources = sourcesOf(register, language, words);
  return {
    title: register.title[language],
    columns: sources.map(({ read: _read, ...column }) => column),
    rows: entries.slice(0, most).map((entry) => sources.map(({ read }) => read(entry))),
    left: Math.max(0, entries.length - most),
  };
}

function sourcesOf(register: Register, language: Language, words: WordsOf): Source[] {
  const say = (zh: string, en: string): string => ({ zh, en })[language];
  const text = (label: string, width: number, onPaper: boolean, read: Source['read']): Source => ({
    ...{ label, kind: 'text', width, onPaper, read },
  });
  const listed = register.fields.filter(({ list }) => list).slice(0, MOST_PAPER_COLUMNS);
  return [
    text(say('编号', 'Number'), 12, true, ({ id }) => id),
    text(say('状态', 'State'), 16, true, ({ state }) => stateLabel(register, state)[language]),
    ...register.fields
      .filter(({ kind }) => kind !== 'file-photos')
      .map((field) => fieldSource(field, listed.includes(field), language, words)),
    text(say('登记时间', 'Written at'), 17, false, ({ createdAt }) => localMoment(createdAt, words.zone)),
    text(say('登记人', 'Written by'), 16, false, ({ createdByName }) => createdByName),
    text(say('更正过', 'Corrected'), 9, false, ({ corrected }) => (corrected ? say('是', 'yes') : say('否', 'no'))),
    { ...text(say('照片', 'Photos'), 7, false, ({ photos }) => photos.length), kind: 'number' },
  ];
}

function fieldSource(field: RegisterField, onPaper: boolean, language: Language, words: WordsOf): Source {
  const isNumber = field.kind === 'number' || field.kind === 'money';
  const unit = isNumber && field.unit !== undefined ? ` (${field.unit})` : '';
  return {
    label: `${field.label[language]}${unit}`,
    kind: field.kind === 'money' ? 'money' : isNumber ? 'number' : 'text',
    width: field.kind === 'text' ? widthOfText(field) : (WIDTHS[field.kind] ?? 18),
    onPaper,
    read({ values }) {
      const value = values[field.id] ?? null;
      if (isNumber && typeof value === 'number') return value;
      return value === null ? null : labelOf(field, value, words)[language];
    },
  };
}

const widthOfText = ({ longest = 200 }: RegisterField): number => (longest <= 60 ? 16 : longest <= 100 ? 20 : 32);
const WIDTHS: Readonly<Record<string, number>> = {
  'long-text': 48,
  moment: 17,
  date: 12,
  money: 12,
  number: 9,
};
