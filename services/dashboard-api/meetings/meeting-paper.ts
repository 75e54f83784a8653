import { stringify } from 'csv-stringify/sync';
import type { Site } from '#core/config/site.ts';
import type { AgendaItem, MeetingDecision, MeetingView } from '#core/paperwork/meeting-view.ts';
import type { Language, Text } from '#core/text.ts';
import type { Cell, DocumentPart } from '../paper/document-part.ts';
import { docxOf } from '../paper/paper-docx.ts';
import { pdfOf } from '../paper/paper-pdf.ts';

/** The minutes as a paper: who was there, what was decided first, then the agenda with its notes. */
export interface MinutesOptions {
  readonly format: 'docx' | 'pdf' | 'csv';
  readonly language: Language;
  readonly site: Pick<Site, 'name' | 'time_zone' | 'simulation'>;
}

export async function minutesFile(view: MeetingView, options: MinutesOptions): Promise<Buffer> {
  const { format, language, site } = options;
  if (format === 'csv') return Buffer.from(csvOf(view, language, site.time_zone));
  const mark = site.simulation ? MARK[language] : '';
  const title = `${mark}${site.name[language]} ${view.title[language]} ${view.id}`;
  const parts = minutesParts(view, options);
  return format === 'docx'
    ? docxOf({ title, header: title, footer: '' }, parts)
    : pdfOf({ title, header: '', footer: title }, parts);
}

const MARK: Readonly<Record<Language, string>> = { zh: '【模拟】', en: '[SIMULATED] ' };
const WORDS = {
  zh: {
    minutes: '纪要',
    draft: '会议尚未结束，这不是最终纪要。',
    facts: { at: '时间', chair: '主持', present: '到会', closed: '结束', none: '未记' },
    decisions: '决定',
    none: '没有作出决定。',
    columns: ['决定', '事项', '负责人', '期限', '结果'],
    agenda: '议程',
    items: ['事项', '情况', '记录'],
    pressing: '紧要',
    confirmed: '会议已确认',
    discussed: '已议',
    addenda: '补充',
    addendaNote: '会议结束后的补充，不改动以上纪要。',
    listed: ['种类', '编号', '内容', '情况', '负责人', '期限', '结果'],
    decision: '决定',
    item: '议程',
    addendum: '补充',
  },
  en: {
    minutes: 'Minutes',
    draft: 'The meeting is not over; these are not the final minutes.',
    facts: { at: 'Time', chair: 'Chair', present: 'Present', closed: 'Closed', none: 'not recorded' },
    decisions: 'Decisions',
    none: 'Nothing was decided.',
    columns: ['Decision', 'About', 'Owner', 'Due', 'What became of it'],
    agenda: 'Agenda',
    items: ['Item', 'Where it stands', 'Notes'],
    pressing: 'pressing',
    confirmed: 'confirmed by the meeting',
    discussed: 'discussed',
    addenda: 'Addenda',
    addendaNote: 'Added after the end; the minutes above stay as they were.',
    listed: ['kind', 'id', 'text', 'detail', 'owner', 'due', 'state'],
    decision: 'decision',
    item: 'agenda',
    addendum: 'addendum',
  },
} as const;
const STATES: Readonly<Record<MeetingDecision['state'], Text>> = {
  open: { zh: '进行中', en: 'open' },
  overdue: { zh: '已逾期', en: 'overdue' },
  done: { zh: '已完成', en: 'done' },
  dropped: { zh: '已放弃', en: 'dropped' },
  noted: { zh: '记录在案', en: 'noted' },
};

/** The same for Word and PDF. */
export function minutesParts(view: MeetingView, { language: l, site }: Omit<MinutesOptions, 'format'>): DocumentPart[] {
  const words = WORDS[l];
  const join = (texts: readonly string[]): string => texts.join(l === 'zh' ? '、' : ', ');
  const moment = momentIn(site.time_zone);
  const day = (iso: string): string => moment(iso).slice(0, 10);
  const titles = new Map(view.agenda.map(({ id, title }) => [id, title[l]]));
  const about = (id: string | null): string => (id === null ? '' : (titles.get(id) ?? ''));
  const present = view.present.length === 0 ? words.facts.none : join(view.present.map(({ name }) => name[l]));
  return [
    ...(site.simulation ? [{ kind: 'text', text: MARK[l].trim(), strong: true } as const] : []),
    {
      kind: 'title',
      text: `${view.title[l]}${l === 'zh' ? '' : ' '}${l === 'zh' ? words.minutes : `– ${words.minutes.toLowerCase()}`}`,
    },
    ...(view.state === 'closed' ? [] : [{ kind: 'text', text: words.draft, strong: true } as const]),
    {
      kind: 'table',
      columns: [],
      widths: [20, 80],
      rows: [
        [words.facts.at, moment(view.at)],
        [words.facts.chair, view.chair?.name[l] ?? words.facts.none],
        [words.facts.present, present],
        ...(view.closed === null ? [] : [[words.facts.closed, `${moment(view.closed.at)} ${view.closed.by}`]]),
      ],
    },
    { kind: 'heading', text: words.decisions },
    view.decisions.length === 0
      ? { kind: 'text', text: words.none }
      : {
          kind: 'table',
          columns: [...words.columns],
          widths: [38, 24, 13, 13, 12],
          rows: view.decisions.map((one) => [
            one.text,
            about(one.item),
            one.owner?.name[l] ?? '',
            one.dueAt === null ? '' : day(one.dueAt),
            STATES[one.state][l],
          ]),
        },
    { kind: 'heading', text: words.agenda },
    { kind: 'table', columns: [...words.items], widths: [36, 34, 30], rows: view.agenda.map((item) => row(item, l)) },
    ...(view.addenda.length === 0
      ? []
      : [
          { kind: 'heading', text: words.addenda } as const,
          { kind: 'text', text: words.addendaNote, quiet: true } as const,
          {
            kind: 'list',
            items: view.addenda.map(({ text, by, at }) => `${moment(at)} ${by}${l === 'zh' ? '：' : ': '}${text}`),
          } as const,
        ]),
  ];
}

function row(item: AgendaItem, l: Language): Cell[] {
  const words = WORDS[l];
  const marks = [
    ...(item.pressing ? [words.pressing] : []),
    ...(item.confirmed ? [words.confirmed] : []),
    ...(item.discussed ? [words.discussed] : []),
  ];
  return [
    {
      text: item.title[l],
      strong: item.pressing,
      ...(marks.length === 0 ? {} : { note: marks.join(l === 'zh' ? '，' : ', ') }),
    },
    item.detail?.[l] ?? '',
    item.note ?? '',
  ];
}

/** One line each; what begins like a formula is none, and a mark at the beginning tells spreadsheets that it is UTF-8. */
function csvOf(view: MeetingView, l: Language, timeZone: string): string {
  const words = WORDS[l];
  const moment = momentIn(timeZone);
  const rows = [
    ...view.decisions.map((one) => [
      ...[words.decision, one.id, one.text, one.item ?? '', one.owner?.name[l] ?? ''],
      ...[one.dueAt === null ? '' : moment(one.dueAt), STATES[one.state][l]],
    ]),
    ...view.agenda.map((item) => [
      ...[
        words.item,
        item.id,
        item.title[l],
        [item.detail?.[l] ?? '', item.note ?? ''].filter((text) => text !== '').join('; '),
      ],
      ...['', '', item.confirmed ? words.confirmed : item.discussed ? words.discussed : ''],
    ]),
    ...view.addenda.map(({ text, by, at }) => [words.addendum, '', text, moment(at), by, '', '']),
  ];
  return `\uFEFF${stringify([[...words.listed], ...rows.map((cells) => cells.map(harmless))])}`;
}
const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

/** `2026-11-23 09:00` in the zone; sv-SE writes ISO 8601's order. */
const momentIn = (timeZone: string): ((iso: string) => string) => {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  return (iso) => format.format(new Date(iso));
};
