import { formatLength } from '../length-words.ts';
import type { Figure, Period, PeriodReport } from '../paperwork/period-report.ts';
import type { Language, Text } from '../text.ts';

/** What the parts of a paper need: words, times, numbers and changes in its language. */
export interface PaperWriter {
  readonly report: PeriodReport;
  readonly language: Language;
  readonly say: (zh: string, en: string) => string;
  readonly tx: (text: Text) => string;
  /** `11月12日 03:20`, `12 Nov 03:20`: of the year that the title tells. */
  readonly moment: (iso: string) => string;
  /** `2026年11月12日`, `12 Nov 2026`. */
  readonly day: (iso: string) => string;
  readonly length: (seconds: number) => string;
  /** `1,234.5`. */
  readonly number: (value: number, digits: number) => string;
  readonly percent: (share: number, digits?: number) => string;
  /** 上周, the week before. */
  readonly before: string;
  /** 本周, this week. */
  readonly now: string;
}

const BEFORE: Readonly<Record<Period, readonly [now: Text, before: Text]>> = {
  weekly: [
    { zh: '本周', en: 'this week' },
    { zh: '上周', en: 'the week before' },
  ],
  monthly: [
    { zh: '本月', en: 'this month' },
    { zh: '上月', en: 'the month before' },
  ],
  quarterly: [
    { zh: '本季度', en: 'this quarter' },
    { zh: '上季度', en: 'the quarter before' },
  ],
  yearly: [
    { zh: '本年', en: 'this year' },
    { zh: '上年', en: 'the year before' },
  ],
};

export function createPaperWriter(report: PeriodReport, language: Language): PaperWriter {
  const { timeZone, period } = report;
  const tag = language === 'zh' ? 'zh-CN' : 'en-GB';
  const month = language === 'zh' ? ('long' as const) : ('short' as const);
  const date = { day: 'numeric', month, timeZone } as const;
  const dates = new Intl.DateTimeFormat(tag, date);
  const times = new Intl.DateTimeFormat(tag, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone });
  const days = new Intl.DateTimeFormat(tag, { ...date, year: 'numeric' });
  const numbers = [0, 1, 2, 3].map(
    (digits) => new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  );
  const number = (value: number, digits: number): string =>
    (numbers[digits] ?? numbers[1])?.format(value).replace(/^-(0(?:\.0*)?)$/, '$1') ?? String(value);
  const [now, before] = BEFORE[period];
  return {
    report,
    language,
    say: (zh, en) => (language === 'zh' ? zh : en),
    tx: (text) => text[language],
    moment: (iso) => `${dates.format(new Date(iso))} ${times.format(new Date(iso))}`,
    day: (iso) => days.format(new Date(iso)),
    // Of a hundred hours nobody reads the minutes.
    length: (seconds) => formatLength(seconds >= 360_000 ? Math.round(seconds / 3600) * 3600 : seconds, language),
    number,
    percent: (share, digits = 0) => {
      const scale = 100 * 10 ** digits;
      const rounded = Math.round(share * scale);
      // No 100 % where something is missing.
      const kept = rounded === scale && share < 1 ? scale - 1 : rounded;
      return `${number((kept / scale) * 100, digits)} %`;
    },
    before: before[language],
    now: now[language],
  };
}

/** `▲0.4`, `▼12 min`, `=`; empty where there was nothing before, or nothing either time. Written by figure and shape, not by colour. */
export function sayChange({ value, before }: Figure, write: (size: number) => string): string {
  if (value === null || before === null) return '';
  const size = write(Math.abs(value - before));
  if (size === write(0)) return value === 0 ? '' : '=';
  return value > before ? `▲${size}` : `▼${size}`;
}
