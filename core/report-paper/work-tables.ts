import type { FunctionName } from '../config/people.ts';
import type { DecisionLine, IncidentLine, PeriodReport, RegisterLine } from '../paperwork/period-report.ts';
import { FUNCTION_NAMES } from '../record-words.ts';
import type { Text } from '../text.ts';
import type { ReportTable, Row } from './document.ts';
import type { PaperWriter } from './writer.ts';

/** What people did and left undone: incidents, drills, duties, repairs, changes, decisions, tasks, who was on duty. */

export const incidentTable = (writer: PaperWriter): ReportTable =>
  linesOf('incidents', writer.say('事件', 'Incidents'), writer.report.incidents, writer);

export const drillTable = (writer: PaperWriter): ReportTable =>
  linesOf('drills', writer.say('演练', 'Drills'), writer.report.drills, writer);

const LEVELS: Readonly<Record<string, Text>> = {
  ordinary: { zh: '一般', en: 'ordinary' },
  serious: { zh: '较重', en: 'serious' },
  major: { zh: '重大', en: 'major' },
};

function linesOf(
  id: 'incidents' | 'drills',
  title: string,
  lines: readonly IncidentLine[],
  { say, tx }: PaperWriter,
): ReportTable {
  return {
    id,
    title,
    columns: [
      { label: title, kind: 'text', width: 30 },
      { label: say('级别', 'Level'), kind: 'text', width: 10 },
      { label: say('开始', 'Began'), kind: 'moment', width: 18 },
      { label: say('结束', 'Ended'), kind: 'moment', width: 0, on: 'files' },
      { label: say('历时', 'Lasted'), unit: 'h', kind: 'length', width: 14 },
      { label: say('结果', 'Result'), kind: 'text', width: 28 },
      {
        label: say('得分', 'Score'),
        kind: 'number',
        digits: 0,
        width: 10,
        ...(id === 'drills' ? {} : { on: 'files' as const }),
      },
    ],
    rows: lines.map((one): Row => {
      const level = LEVELS[one.level];
      const lasted = one.to === null ? null : (Date.parse(one.to) - Date.parse(one.from)) / 1000;
      const result = one.to === null ? say('尚未结束', 'still going on') : tx(one.result);
      return {
        values: [
          tx(one.title),
          level === undefined ? one.level : tx(level),
          one.from,
          one.to,
          lasted,
          result,
          one.score,
        ],
        pressing: one.to === null || one.level !== 'ordinary',
        path: one.path,
      };
    }),
    most: 20,
  };
}

export function dutyTable({ say, tx, report }: PaperWriter): ReportTable {
  return {
    id: 'duties',
    title: say('例行值守', 'Duties'),
    columns: [
      { label: say('工作', 'Duty'), kind: 'text', width: 46 },
      { label: say('按时完成', 'In time'), kind: 'number', digits: 0, width: 11 },
      { label: say('迟做', 'Late'), kind: 'number', digits: 0, width: 10 },
      { label: say('未做', 'Missed'), kind: 'number', digits: 0, width: 10 },
      { label: say('免做', 'Waived'), kind: 'number', digits: 0, width: 10 },
      { label: say('按时率', 'In time %'), kind: 'share', digits: 0, width: 13 },
    ],
    // What was not due in the period says nothing of it.
    rows: report.duties.duties.filter(wasDue).map((one) => ({
      values: [tx(one.title), one.done, one.late, one.missed, one.waived, one.rate],
      pressing: one.missed > 0,
    })),
    most: 25,
  };
}

const wasDue = ({ done, late: lateOnes, missed, waived }: PeriodReport['duties']['duties'][number]): boolean =>
  done + lateOnes + missed + waived > 0;

const DUTY_STATES: Readonly<Record<string, Text>> = {
  missed: { zh: '未做', en: 'missed' },
  overdue: { zh: '已逾期', en: 'overdue' },
  'done-late': { zh: '迟做', en: 'done late' },
  open: { zh: '待做', en: 'open' },
};

export function missedDutyTable({ say, tx, report }: PaperWriter): ReportTable {
  return {
    id: 'missed-duties',
    title: say('未做与逾期的工作', 'Duties not done'),
    columns: [
      { label: say('工作', 'Duty'), kind: 'text', width: 56 },
      { label: say('应于', 'Due'), kind: 'moment', width: 24 },
      { label: say('状态', 'State'), kind: 'text', width: 20 },
    ],
    rows: report.missedDuties.map((one) => {
      const state = DUTY_STATES[one.state];
      return {
        values: [tx(one.title), one.dueAt, state === undefined ? one.state : tx(state)],
        path: `/duties/${encodeURIComponent(one.id)}`,
      };
    }),
    most: 15,
  };
}

export const repairTable = (writer: PaperWriter): ReportTable =>
  entriesOf('repairs', writer.say('维修', 'Repairs'), writer.report.repairs, writer);

export const changeTable = (writer: PaperWriter): ReportTable =>
  entriesOf('changes', writer.say('变更', 'Changes'), writer.report.changes, writer);

function entriesOf(
  id: 'repairs' | 'changes',
  title: string,
  lines: readonly RegisterLine[],
  { say, tx, report }: PaperWriter,
): ReportTable {
  return {
    id,
    title,
    columns: [
      { label: title, kind: 'text', width: 56 },
      { label: say('状态', 'State'), kind: 'text', width: 24 },
      { label: say('期限', 'Due'), kind: 'moment', width: 20 },
    ],
    rows: lines.map((one) => ({
      values: [
        tx(one.title),
        late(one, report) ? `${tx(one.state)}${say('（逾期）', ' (overdue)')}` : tx(one.state),
        one.dueAt,
      ],
      pressing: late(one, report),
      path: one.path,
    })),
    most: 20,
  };
}

export const late = ({ open, dueAt }: RegisterLine, { to }: PeriodReport): boolean =>
  open && dueAt !== null && Date.parse(dueAt) < Date.parse(to);

const TASK_STATES: Readonly<Record<DecisionLine['state'], Text>> = {
  open: { zh: '进行中', en: 'open' },
  overdue: { zh: '逾期', en: 'overdue' },
  done: { zh: '已完成', en: 'done' },
  dropped: { zh: '已放弃', en: 'dropped' },
  noted: { zh: '已记录', en: 'noted' },
};

export function decisionTable({ say, tx, report }: PaperWriter): ReportTable {
  return {
    id: 'decisions',
    title: say('以前会议的决定', 'Decisions of earlier meetings'),
    columns: [
      { label: say('会议', 'Meeting'), kind: 'text', width: 14 },
      { label: say('决定', 'Decision'), kind: 'text', width: 42 },
      { label: say('负责人', 'Owner'), kind: 'text', width: 14 },
      { label: say('期限', 'Due'), kind: 'moment', width: 17 },
      { label: say('状态', 'State'), kind: 'text', width: 13 },
    ],
    rows: report.minutes.map((one) => ({
      values: [one.meeting, tx(one.text), ownerOf(one.owner, say, tx), one.dueAt, tx(TASK_STATES[one.state])],
      pressing: one.state === 'overdue',
      path: `/meetings/${encodeURIComponent(one.meeting)}`,
    })),
    most: 20,
  };
}

export function taskTable({ say, tx, report }: PaperWriter): ReportTable {
  return {
    id: 'tasks',
    title: say('交办任务', 'Tasks'),
    columns: [
      { label: say('任务', 'Task'), kind: 'text', width: 52 },
      { label: say('负责人', 'Owner'), kind: 'text', width: 16 },
      { label: say('期限', 'Due'), kind: 'moment', width: 18 },
      { label: say('状态', 'State'), kind: 'text', width: 14 },
    ],
    rows: report.tasks.map((one) => ({
      values: [tx(one.title), ownerOf(one.owner, say, tx), one.dueAt, tx(TASK_STATES[one.state])],
      pressing: one.state === 'overdue',
      path: '/tasks',
    })),
    most: 20,
  };
}

const ownerOf = (owner: Text | null, say: PaperWriter['say'], tx: PaperWriter['tx']): string =>
  owner === null ? say('无人', 'nobody') : tx(owner);

/** A week's turns one by one; in longer periods how often and how long each person was on duty. */
export function onDutyTable(writer: PaperWriter): ReportTable {
  const { say, tx, report } = writer;
  const lengthOf = ({ from, to }: { from: string; to: string }): number => (Date.parse(to) - Date.parse(from)) / 1000;
  const nameOf = (one: string): string => {
    const name = FUNCTION_NAMES[one as FunctionName];
    return name === undefined ? one : tx(name);
  };
  const title = say('值班人员', 'People on duty');
  const who = [
    { label: say('姓名', 'Name'), kind: 'text', width: 30 },
    { label: say('岗位', 'Function'), kind: 'text', width: 30 },
  ] as const;
  if (report.period === 'weekly')
    return {
      id: 'on-duty',
      title,
      columns: [
        ...who,
        { label: say('从', 'From'), kind: 'moment', width: 20 },
        { label: say('到', 'To'), kind: 'moment', width: 20 },
      ],
      rows: report.onDuty.map((one) => ({ values: [tx(one.name), nameOf(one.function), one.from, one.to] })),
      most: 25,
    };
  const people = Map.groupBy(report.onDuty, (one) => `${one.person} ${one.function}`);
  return {
    id: 'on-duty',
    title,
    columns: [
      ...who,
      { label: say('班次', 'Turns'), kind: 'number', digits: 0, width: 16 },
      { label: say('时间', 'Time'), unit: 'h', kind: 'length', width: 24 },
    ],
    rows: [...people.values()].flatMap((turns) => {
      const [first] = turns;
      if (first === undefined) return [];
      const total = turns.reduce((sum, turn) => sum + lengthOf(turn), 0);
      return [{ values: [tx(first.name), nameOf(first.function), turns.length, total] }];
    }),
    most: 25,
  };
}

export function gapTable({ say, tx, report }: PaperWriter): ReportTable {
  return {
    id: 'gaps',
    title: say('未能统计的内容', 'What could not be told'),
    columns: [{ label: say('内容与原因', 'What, and why'), kind: 'text', width: 100 }],
    rows: report.gaps.map((gap) => ({ values: [tx(gap)] })),
    most: 20,
  };
}
