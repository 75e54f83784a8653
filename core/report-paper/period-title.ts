import type { Period, PeriodReport } from '../paperwork/period-report.ts';
import type { Language } from '../text.ts';

/** `机房运行周报 2026 年第 46 周`, `Weekly report, week 46 of 2026`: of a report and of its line in the archive. */
export function periodTitle({ period, name }: Pick<PeriodReport, 'period' | 'name'>, language: Language): string {
  const [year = name, rest = ''] = name.split('-');
  const number = String(Number(rest.replace(/^[A-Z]/, '')));
  return language === 'zh' ? `机房运行${ZH[period](year, number)}` : EN[period](year, number);
}

type Title = (year: string, number: string) => string;

const ZH: Readonly<Record<Period, Title>> = {
  weekly: (year, number) => `周报 ${year} 年第 ${number} 周`,
  monthly: (year, number) => `月报 ${year} 年 ${number} 月`,
  quarterly: (year, number) => `季报 ${year} 年第 ${number} 季度`,
  yearly: (year) => `年报 ${year} 年`,
};

const MONTHS = 'January February March April May June July August September October November December'.split(' ');

const EN: Readonly<Record<Period, Title>> = {
  weekly: (year, number) => `Weekly report, week ${number} of ${year}`,
  monthly: (year, number) => `Monthly report, ${MONTHS[Number(number) - 1] ?? number} ${year}`,
  quarterly: (year, number) => `Quarterly report, quarter ${number} of ${year}`,
  yearly: (year) => `Yearly report, ${year}`,
};

/** First and last day, the last one included: `2026-11-09 – 2026-11-15`. */
export function periodDays(
  { from, to, timeZone }: Pick<PeriodReport, 'from' | 'to' | 'timeZone'>,
  language: Language,
): string {
  const format = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
    year: 'numeric',
    month: language === 'zh' ? 'long' : 'short',
    day: 'numeric',
    timeZone,
  });
  return `${format.format(new Date(from))} – ${format.format(new Date(Date.parse(to) - 1))}`;
}
