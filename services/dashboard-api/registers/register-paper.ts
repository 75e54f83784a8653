import type { Register } from '#core/config/register.ts';
import type { EntryRecord } from '#core/paperwork/register-entry.ts';
import type { EntryChange } from '#core/paperwork/register-view.ts';
import { labelOf, localMoment, stateLabel, titleOf, type WordsOf } from '#core/paperwork/register-words.ts';
import type { Language } from '#core/text.ts';
import type { Cell, DocumentPart, DrawnChart, PaperFrame } from '../paper/document-part.ts';
import type { RegisterTable } from './register-table.ts';

/** A register as a paper, and one entry as the form that is printed, signed and filed: with its whole history. */
export interface Paper {
  readonly frame: PaperFrame;
  readonly parts: readonly DocumentPart[];
}

export interface PaperSite {
  readonly name: string;
  readonly simulated: boolean;
  readonly language: Language;
  readonly madeAt: string;
  readonly words: WordsOf;
}

const frameOf = (title: string, { name, simulated, language, madeAt, words }: PaperSite): PaperFrame => {
  const mark = simulated ? { zh: '【模拟】', en: '[SIMULATED] ' }[language] : '';
  const made = localMoment(madeAt, words.zone);
  const marked = `${mark}${title}`;
  return {
    title: marked,
    header: marked,
    footer: `${name} · ${language === 'zh' ? `制作于 ${made}` : `made ${made}`}`,
  };
};

/** Longest texts are seen in the entry; a list is for finding it. */
const MOST_IN_A_CELL = 160;
const clip = (text: string): string =>
  [...text].length > MOST_IN_A_CELL ? `${[...text].slice(0, MOST_IN_A_CELL).join('')}…` : text;

export function listPaper(register: Register, table: RegisterTable, filter: string, site: PaperSite): Paper {
  const { language } = site;
  const say = (zh: string, en: string): string => ({ zh, en })[language];
  const frame = frameOf(table.title, site);
  const shown = table.columns.flatMap(({ onPaper }, index) => (onPaper ? [index] : []));
  const count = table.rows.length;
  const parts: DocumentPart[] = [
    { kind: 'title', text: frame.title },
    ...(register.description === undefined ? [] : [{ kind: 'text', text: register.description[language] } as const]),
    {
      kind: 'text',
      quiet: true,
      text: [filter, say(`共 ${count + table.left} 条，最新在前。`, `${count + table.left} entries, newest first.`)]
        .filter((text) => text !== '')
        .join(say('；', '; ')),
    },
    ...(table.left > 0
      ? [
          {
            kind: 'text',
            strong: true,
            text: say(
              `这里是最新的 ${count} 条；全部内容请导出 Excel 或 CSV。`,
              `These are the newest ${count}; export Excel or CSV for all.`,
            ),
          } as const,
        ]
      : []),
    {
      kind: 'table',
      columns: shown.map((index) => table.columns[index]?.label ?? ''),
      widths: shown.map((index) => Math.min(32, Math.max(13, table.columns[index]?.width ?? 13))),
      rows: table.rows.map((row) => shown.map((index) => clip(String(row[index] ?? '')))),
      align: shown.map((index) => (table.columns[index]?.kind === 'text' ? 'start' : 'end')),
    },
  ];
  return { frame, parts };
}

export interface EntryPictures {
  /** By the hash of the change that was signed, and by the id of a field that holds a signature. */
  readonly signatures: ReadonlyMap<string, DrawnChart>;
  readonly photos: readonly DrawnChart[];
}

export function entryPaper(
  register: Register,
  entry: EntryRecord,
  history: readonly EntryChange[],
  pictures: EntryPictures,
  site: PaperSite,
): Paper {
  const { language, words } = site;
  const say = (zh: string, en: string): string => ({ zh, en })[language];
  const heading = (zh: string, en: string): DocumentPart => ({ kind: 'heading', text: say(zh, en) });
  const frame = frameOf(`${register.title[language]} ${entry.id}`, site);
  const facts = register.fields.flatMap((field): [string, string][] => {
    const value = entry.values[field.id] ?? null;
    if (field.kind === 'file-photos') return [];
    return [[field.label[language], value === null ? '—' : labelOf(field, value, words)[language]]];
  });
  const signed = [...pictures.signatures.values()];
  const parts: DocumentPart[] = [
    { kind: 'title', text: frame.title },
    { kind: 'text', text: titleOf(register, entry, words)[language], strong: true },
    {
      kind: 'table',
      columns: [],
      widths: [26, 74],
      rows: [
        [say('状态', 'State'), { text: stateLabel(register, entry.state)[language], strong: true }],
        [say('登记', 'Written'), `${localMoment(entry.createdAt, words.zone)}  ${entry.createdByName}`],
        ...facts,
        ...entry.links.map(({ label }): Cell[] => [say('来自', 'From'), label[language]]),
        ...(register.obligations.length === 0
          ? []
          : [[say('条款', 'Rules'), register.obligations.join(say('、', ', '))]]),
      ],
    },
    ...(signed.length === 0
      ? []
      : [heading('签名', 'Signatures'), ...signed.map((one): DocumentPart => ({ kind: 'chart', ...one }))]),
    heading('经过', 'History'),
    historyTable(register, history, site),
    ...(pictures.photos.length === 0
      ? []
      : [heading('照片', 'Photos'), ...pictures.photos.map((one): DocumentPart => ({ kind: 'chart', ...one }))]),
    {
      kind: 'text',
      quiet: true,
      text: say(
        `内容取自不可更改的记录；最后一条的校验值 ${history.at(-1)?.hash.slice(0, 16) ?? ''}。`,
        `Taken from the unalterable record; digest of its last line ${history.at(-1)?.hash.slice(0, 16) ?? ''}.`,
      ),
    },
  ];
  return { frame, parts };
}

function historyTable(
  register: Register,
  history: readonly EntryChange[],
  { language, words }: PaperSite,
): DocumentPart {
  const say = (zh: string, en: string): string => ({ zh, en })[language];
  return {
    kind: 'table',
    columns: [say('时间', 'When'), say('谁', 'Who'), say('何事', 'What'), say('内容', 'Detail')],
    widths: [17, 14, 19, 50],
    rows: history.map((change) => [
      localMoment(change.at, words.zone),
      change.byName,
      whatOf(register, change, language),
      detailOf(register, change, language, words),
    ]),
  };
}

function whatOf(register: Register, change: EntryChange, language: Language): string {
  const say = (zh: string, en: string): string => ({ zh, en })[language];
  const signed = change.signed === null ? '' : say('（已签名）', ' (signed)');
  switch (change.kind) {
    case 'added':
      return `${say('登记', 'Written')}${signed}`;
    case 'corrected':
      return say('更正', 'Corrected');
    case 'photo':
      return say('添加照片', 'Photo added');
    default: {
      const move = register.moves.find(({ id }) => id === change.move)?.label[language] ?? change.move ?? '';
      const state = stateLabel(register, change.state)[language];
      return move === state ? `${move}${signed}` : `${move}${signed} → ${state}`;
    }
  }
}

/** The first lines are the entry itself, which stands above. */
function detailOf(register: Register, change: EntryChange, language: Language, words: WordsOf): string {
  const say = (zh: string, en: string): string => ({ zh, en })[language];
  const reason = change.reason === null ? [] : [`${say('原因：', 'Reason: ')}${change.reason}`];
  if (change.kind === 'added') return reason.join('\n');
  const changed = change.changed.flatMap(({ field: id, before, after }) => {
    const field = register.fields.find((one) => one.id === id);
    if (field === undefined) return [];
    const [was, is] = [labelOf(field, before, words)[language], labelOf(field, after, words)[language]];
    const value =
      change.kind === 'corrected' || before !== null ? `${was === '' ? '—' : was} → ${is === '' ? '—' : is}` : is;
    return [`${field.label[language]}${say('：', ': ')}${value}`];
  });
  return [...reason, ...changed].join('\n');
}
