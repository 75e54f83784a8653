import type { ReportTable, Row } from './document.ts';
import type { PaperWriter } from './writer.ts';

/** Alarms by ISA-18.2 (IEC 62682): how many, how bunched, by what, and how often each person was called. */

/** A room should call nobody more often than this: who is called every day stops listening. */
export const PAGES_A_WEEK = 5;
/** EEMUA 191: more than ten in ten minutes nobody can follow. */
export const FLOOD_IN_TEN_MINUTES = 10;

export const weeksOf = ({ report }: Pick<PaperWriter, 'report'>): number =>
  Math.max(1, (Date.parse(report.to) - Date.parse(report.from)) / (7 * 86_400_000));

export function alarmTable(writer: PaperWriter): ReportTable {
  const { say, report, percent } = writer;
  const { alarms } = report;
  const row = (label: string, value: Row['values'][number], should: string, digits = 0, pressing = false): Row => ({
    values: [label, value, should],
    digits,
    pressing,
  });
  const rows = (): Row[] => {
    if (alarms === null) return [];
    const { bySeverity, worstTenMinutes: worst, stale, chattering } = alarms;
    const flood = { value: share(alarms.floodShare.value), before: share(alarms.floodShare.before) };
    return [
      row(say('报警次数', 'Alarms'), alarms.alarms, ''),
      row(say('每天', 'A day'), alarms.perDay, '', 1),
      row(
        say('最密的十分钟', 'Worst ten minutes'),
        worst,
        `≤ ${FLOOD_IN_TEN_MINUTES}`,
        0,
        worst > FLOOD_IN_TEN_MINUTES,
      ),
      row(say('报警洪流占时，%', 'Time in flood, %'), flood, '< 1', 1, (flood.value ?? 0) >= 1),
      row(say('超过一天未消', 'Stale (over a day)'), stale, '0', 0, stale > 0),
      row(say('抖动', 'Chattering'), chattering, '0', 0, chattering > 0),
      row(say('高级', 'High'), bySeverity.high, shareOf(bySeverity.high, 5)),
      row(say('中级', 'Medium'), bySeverity.medium, shareOf(bySeverity.medium, 15)),
      row(say('低级', 'Low'), bySeverity.low, shareOf(bySeverity.low, 80)),
    ];
  };
  /** `12 % (about 5 %)`. */
  const shareOf = (count: number, about: number): string => {
    const all = alarms?.alarms.value ?? 0;
    const is = all === 0 ? '' : percent(count / all);
    return is === '' ? '' : say(`占 ${is}，宜约 ${about} %`, `${is} of all, about ${about} % is good`);
  };
  return {
    id: 'alarms',
    title: say('报警', 'Alarms'),
    columns: [
      { label: say('项目', 'Figure'), kind: 'text', width: 34 },
      { label: say('数值', 'Value'), kind: 'number', width: 24 },
      { label: say('宜为', 'Should be'), kind: 'text', width: 42 },
    ],
    rows: rows(),
  };
}

const share = (value: number | null): number | null => (value === null ? null : value * 100);

export function frequentTable({ say, tx, report }: PaperWriter): ReportTable {
  return {
    id: 'frequent-alarms',
    title: say('最多的报警', 'Most frequent alarms'),
    columns: [
      { label: say('报警', 'Alarm'), kind: 'text', width: 46 },
      { label: say('次数', 'Times'), kind: 'number', digits: 0, width: 12 },
      { label: say('建议', 'Suggestion'), kind: 'text', width: 42 },
    ],
    rows: (report.alarms?.mostFrequent ?? []).map((one) => ({
      values: [tx(one.title), one.count, one.suggestion === null ? '' : tx(one.suggestion)],
    })),
    most: 5,
  };
}

export function pagesTable(writer: PaperWriter): ReportTable {
  const { say, tx, report } = writer;
  const weeks = weeksOf(writer);
  return {
    id: 'pages-per-person',
    title: say('每人被呼叫的次数', 'Calls to each person'),
    columns: [
      { label: say('姓名', 'Name'), kind: 'text', width: 46 },
      { label: say('次数', 'Calls'), kind: 'number', digits: 0, width: 20 },
      { label: say('每周', 'A week'), kind: 'number', width: 34 },
    ],
    rows: (report.alarms?.pagesPerPerson ?? [])
      .filter(({ pages }) => pages > 0)
      .map((one) => ({
        values: [tx(one.name), one.pages, one.pages / weeks],
        pressing: one.pages / weeks > PAGES_A_WEEK,
      })),
    most: 10,
  };
}
