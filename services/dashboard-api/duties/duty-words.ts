import type { DutyEnd } from '#core/duties/answers.ts';
import { fillText, type Text } from '#core/text.ts';

/** What happened with a duty, as its history says it. */
export const HISTORY: Readonly<
  Record<'done' | 'done-late' | 'waived' | 'missed' | 'missed-while-down' | 'arrived-late' | 'elsewhere', Text>
> = {
  done: { zh: '已完成', en: 'Done' },
  'done-late': { zh: '逾期完成', en: 'Done late' },
  waived: { zh: '免做：{note}', en: 'Waived: {note}' },
  missed: { zh: '无人完成，记为未做', en: 'Nobody did it: recorded as missed' },
  'missed-while-down': {
    zh: '系统停运期间（自 {from} 起）过期，无人得到提醒，记为未做',
    en: 'It ran out while the monitor was not running (since {from}) and nobody was reminded: recorded as missed',
  },
  'arrived-late': {
    zh: '离线完成，{at} 送达系统',
    en: 'Done without a connection, delivered {at}',
  },
  elsewhere: { zh: '已在登记簿中办理', en: 'Settled in the register' },
};

const TOLD: Readonly<Record<string, Text>> = {
  remind: { zh: '已提醒', en: 'Reminded' },
  overdue: { zh: '已通知逾期', en: 'Told as overdue' },
  missed: { zh: '已通知未做', en: 'Told as missed' },
  done: { zh: '已通知补做', en: 'Told as done after all' },
};
const STEP: Text = { zh: '{what}（第 {n} 级）', en: '{what} (step {n})' };

/** `overdue-2` → Told as overdue (step 2). */
export function toldText(key: string): Text {
  const [what = '', n] = key.split('-');
  const text = TOLD[what] ?? { zh: key, en: key };
  return n === undefined ? text : fillText(STEP, { what: text, n });
}

const FINDING: Text = { zh: '{duty}：{item}——{note}', en: '{duty}: {item} – {note}' };
export const findingTitle = (duty: Text, item: Text, note: string): Text => fillText(FINDING, { duty, item, note });

const SUMMARY: Text = { zh: '{ok} 项正常，{findings} 项异常', en: '{ok} in order, {findings} found wrong' };
export function summaryOf({ items }: Pick<DutyEnd, 'items'>): Text {
  const count = (verdict: string): string => String(items.filter(({ answer }) => answer.verdict === verdict).length);
  return fillText(SUMMARY, { ok: count('ok'), findings: count('finding') });
}
export const findingsOf = ({ items }: Pick<DutyEnd, 'items'>, language: keyof Text): string =>
  items
    .filter(({ answer }) => answer.verdict === 'finding')
    .map(({ label, answer }) => `${label[language]}: ${answer.note ?? ''}`)
    .join('; ');

const CAUGHT_UP: { readonly subject: Text; readonly body: Text } = {
  subject: { zh: '停运期间有 {n} 项工作未做', en: '{n} duties were missed while the monitor was down' },
  body: {
    zh: '系统在 {from} 至 {to} 没有运行，期间没有发出提醒。以下工作已过期，记为未做：\n{list}',
    en: 'The monitor was not running from {from} to {to} and reminded nobody. These duties ran out meanwhile and are recorded as missed:\n{list}',
  },
};
export const caughtUp = (
  values: Readonly<Record<string, Text | string>>,
): { readonly subject: Text; readonly body: Text } => ({
  subject: fillText(CAUGHT_UP.subject, values),
  body: fillText(CAUGHT_UP.body, values),
});
