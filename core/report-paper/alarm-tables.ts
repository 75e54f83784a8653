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
  const row = (label: string, value: Row['values'][number], unit: string, should: string, pressing = false): Row => ({
    values: [label, value, unit, should],
    pressing,
  });
  const rows = (): Row[] => {
    if (alarms === null) return [];
    const { bySeverity } = alarms;
    const flood = alarms.floodShare.value ?? 0;
    return [
      row(say('报警', 'Alarms'), alarms.alarms, say('次', ''), ''),
      row(say('每天', 'A day'), alarms.perDay, say('次', ''), ''),
      row(
        say('最密的十分钟', 'Worst ten minutes'),
        alarms.worstTenMinutes,
        say('次', ''),
        `≤ ${FLOOD_IN_TEN_MINUTES}`,
        alarms.worstTenMinutes > FLOOD_IN_TEN_MINUTES,
      ),
      row(
        say('报警洪流占时', 'Time in flood'),
        { value: share(alarms.floodShare.value), before: share(alarms.floodShare.before) },
        '%',
        '< 1 %',
        flood >= 0.01,
      ),
      row(say('超过一天未消', 'Stale (over a day)'), alarms.stale, say('条', ''), '0', alarms.stale > 0),
      row(say('抖动', 'Chattering'), alarms.chattering, say('条', ''), '0', alarms.chattering > 0),
      row(say('高级', 'High'), bySeverity.high, say('次', ''), shareOf(bySeverity.high, 5)),
      row(say('中级', 'Medium'), bySeverity.medium, say('次', ''), shareOf(bySeverity.medium, 15)),
      row(say('低级', 'Low'), bySeverity.low, say('次', ''), shareOf(bySeverity.low, 80)),
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
      { label: say('数值', 'Value'), kind: 'number', width: 22 },
      { label: say('单位', 'Unit'), kind: 'text', width: 10 },
      { label: say('宜为', 'Should be'), kind: 'text', width: 34 },
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
