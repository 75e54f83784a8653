import type { Notice } from '../notice.ts';
import { FUNCTION_NAMES } from '../record-words.ts';
import { fillText, type Text } from '../text.ts';
import { type Instant, toIso } from '../time.ts';
import type { Occurrence } from './occurrences.ts';
import type { Telling } from './telling.ts';

/** The words in which people hear of a duty. */
const SUBJECTS: Readonly<Record<'reminder' | 'overdue' | 'missed' | 'recovered', Text>> = {
  reminder: { zh: '待办工作：{title}（{due} 前）', en: 'To be done: {title} (by {due})' },
  overdue: { zh: '工作逾期：{title}', en: 'Overdue: {title}' },
  missed: { zh: '工作未做：{title}（{day}）', en: 'Not done: {title} ({day})' },
  recovered: { zh: '已补做：{title}', en: 'Done after all: {title}' },
};
const BODIES: Readonly<Record<'reminder' | 'overdue' | 'missed' | 'recovered', Text>> = {
  reminder: {
    zh: '{title}{about}应在 {due} 前完成。负责：{who}。',
    en: '{title}{about} is to be done by {due}. In charge: {who}.',
  },
  overdue: {
    zh: '{title}{about}应在 {due} 前完成，至今没有记录。负责：{who}。最迟 {missed} 前仍可补做。',
    en: '{title}{about} was to be done by {due} and nobody has recorded it. In charge: {who}. It can still be done until {missed}.',
  },
  missed: {
    zh: '{title}{about}应在 {due} 前完成，无人完成，已记为未做。负责：{who}。',
    en: '{title}{about} was to be done by {due}. Nobody did it; it is recorded as missed. In charge: {who}.',
  },
  recovered: { zh: '{title}{about}：{ended}。', en: '{title}{about}: {ended}.' },
};
const BY_OBLIGATION: Text = { zh: '\n依据：{ids}', en: '\nRule: {ids}' };
const WAS_DOWN: Text = {
  zh: '\n系统在 {from} 至 {to} 没有运行，期间没有发出提醒。',
  en: '\nThe monitor was not running from {from} to {to}: no reminder was sent in that time.',
};

export interface WordsFor {
  readonly zone: string;
  /** Who is to do it by name; null: by function alone. */
  readonly person: Text | null;
  /** How it ended: `Lin Hao did it on 23 November at 11:05`; null: it has not. */
  readonly ended: Text | null;
  /** The service looked last then, and was down since; null: it was not. */
  readonly downSince: Instant | null;
  readonly now: Instant;
}

/** The message, as it goes into the outbox. */
export function noticeOf(occurrence: Occurrence, { step, until }: Telling, words: WordsFor): Notice | null {
  if (step === null) return null;
  const { duty, id } = occurrence;
  const role = FUNCTION_NAMES[duty.function];
  const { person } = words;
  const values = {
    title: duty.title,
    about: aboutOf(occurrence),
    due: momentOf(occurrence.due, words.zone),
    missed: momentOf(occurrence.missed, words.zone),
    day: occurrence.day,
    who: person === null ? role : { zh: `${person.zh}（${role.zh}）`, en: `${person.en} (${role.en})` },
    ended: words.ended ?? { zh: '已完成', en: 'done' },
  };
  const tail = duty.obligations.length === 0 ? null : fillText(BY_OBLIGATION, { ids: duty.obligations.join(', ') });
  const down =
    words.downSince === null || step.kind === 'recovered' || words.downSince > step.at
      ? null
      : fillText(WAS_DOWN, { from: momentOf(words.downSince, words.zone), to: momentOf(words.now, words.zone) });
  return {
    key: `duty/${id}/${step.key}`,
    functions: step.functions,
    people: [],
    severity: step.severity,
    subject: cut(fillText(SUBJECTS[step.kind], values), 200),
    body: cut(joined([fillText(BODIES[step.kind], values), down, tail]), 4000),
    phase: step.kind === 'reminder' ? 'reminder' : step.kind === 'recovered' ? 'recovered' : 'raised',
    conversation: `duty/${id}`,
    path: `/duties/${encodeURIComponent(id)}`,
    until: toIso(until),
  };
}

const aboutOf = ({ about }: Occurrence): Text =>
  about === null ? { zh: '', en: '' } : { zh: `（${about.label.zh}）`, en: ` (${about.label.en})` };

/** `2026-11-23 10:30`, in the site's zone: the same in both languages. */
export const momentOf = (at: Instant, zone: string): string =>
  Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO(zone)
    .toPlainDateTime()
    .toString({ smallestUnit: 'minute' })
    .replace('T', ' ');

const joined = (parts: readonly (Text | null)[]): Text => ({
  zh: parts.map((part) => part?.zh ?? '').join(''),
  en: parts.map((part) => part?.en ?? '').join(''),
});
const cut = ({ zh, en }: Text, most: number): Text => ({ zh: zh.slice(0, most), en: en.slice(0, most) });
