import type { PeriodReport } from '../paperwork/period-report.ts';
import type { Language } from '../text.ts';
import { alarmTable, frequentTable, pagesTable } from './alarm-tables.ts';
import { attention } from './attention.ts';
import { climateTable, excursionTable, quantityName, sensorTables } from './climate-tables.ts';
import type { ReportDocument, ReportPart, ReportTable } from './document.ts';
import {
  batteryTestTable,
  coolingTable,
  networkTable,
  powerTable,
  servicesTable,
  upsTable,
} from './equipment-tables.ts';
import { keyFigures } from './key-figures.ts';
import { periodDays, periodTitle } from './period-title.ts';
import {
  changeTable,
  decisionTable,
  drillTable,
  dutyTable,
  gapTable,
  incidentTable,
  missedDutyTable,
  onDutyTable,
  repairTable,
  taskTable,
} from './work-tables.ts';
import { createPaperWriter, type PaperWriter } from './writer.ts';

/** A period's report in the order in which it is read: the first page alone tells a director what matters. */
export function periodDocument(report: PeriodReport, language: Language): ReportDocument {
  const writer = createPaperWriter(report, language);
  const { say, tx, day } = writer;
  const absent: string[] = [];
  const parts: ReportPart[] = [
    ...(report.final
      ? []
      : [
          {
            kind: 'text',
            strong: true,
            text: say(
              `${writer.now}尚未结束，这是到目前为止的情况。`,
              `${capital(writer.now)} is not over: this is how it stands so far.`,
            ),
          } as const,
        ]),
    { kind: 'text', text: tx(report.summary) },
    { kind: 'figures', items: keyFigures(writer) },
    ...firstPage(writer),
    ...groups(writer, absent),
  ];
  const nothing = absent.join(say('、', ', '));
  return {
    marks: report.simulated ? [say('【模拟】', '[SIMULATED]')] : [],
    title: periodTitle(report, language),
    subtitle: `${tx(report.siteName)} · ${periodDays(report, language)} · ${say(`${day(report.generatedAt)}制作`, `made on ${day(report.generatedAt)}`)}`,
    parts: [
      ...parts,
      ...(nothing === ''
        ? []
        : [
            {
              kind: 'text',
              text: say(`${writer.now}没有：${nothing}。`, `None ${writer.now}: ${nothing.toLowerCase()}.`),
            } as const,
          ]),
      ...method(writer),
    ],
  };
}

function groups(writer: PaperWriter, absent: string[]): ReportPart[] {
  const { say } = writer;
  return [
    ...group('climate', say('机房环境', 'Room climate'), [climateTable(writer)], absent, roomCharts(writer)),
    ...group('sensors', say('各测点', 'Sensors'), [...sensorTables(writer), excursionTable(writer)], absent),
    ...group(
      'ups',
      say('供电与电池', 'Power supply and batteries'),
      [upsTable(writer), batteryTestTable(writer)],
      absent,
      upsCharts(writer),
    ),
    ...group('equipment', say('制冷与配电', 'Cooling and power'), [coolingTable(writer), powerTable(writer)], absent),
    ...group(
      'availability',
      say('网络与服务', 'Network and services'),
      [networkTable(writer), servicesTable(writer)],
      absent,
    ),
    ...group(
      'incidents',
      say('事件与演练', 'Incidents and drills'),
      [incidentTable(writer), drillTable(writer)],
      absent,
    ),
    ...group(
      'alarms',
      say('报警', 'Alarms'),
      [alarmTable(writer), frequentTable(writer), pagesTable(writer)],
      absent,
      alarmCharts(writer),
    ),
    ...group('duties', say('例行值守', 'Duties'), [dutyTable(writer), missedDutyTable(writer)], absent),
    ...group('registers', say('维修与变更', 'Repairs and changes'), [repairTable(writer), changeTable(writer)], absent),
    ...group('tasks', say('决定与任务', 'Decisions and tasks'), [decisionTable(writer), taskTable(writer)], absent),
    ...group('people', say('值班人员', 'People on duty'), [onDutyTable(writer)], absent),
    ...group('gaps', say('未能统计的内容', 'What could not be told'), [gapTable(writer)], []),
  ];
}

/** Every table with its values, whatever is shown on paper: for Excel and CSV. Without rows only those that always are. */
export const reportTables = (report: PeriodReport, language: Language): readonly ReportTable[] => {
  const writer = createPaperWriter(report, language);
  return [
    climateTable,
    sensorTables,
    excursionTable,
    upsTable,
    batteryTestTable,
    coolingTable,
    powerTable,
    networkTable,
    servicesTable,
    incidentTable,
    drillTable,
    alarmTable,
    frequentTable,
    pagesTable,
    dutyTable,
    missedDutyTable,
    repairTable,
    changeTable,
    decisionTable,
    taskTable,
    onDutyTable,
    gapTable,
  ].flatMap((make) => make(writer));
};

function firstPage(writer: PaperWriter): ReportPart[] {
  const { say } = writer;
  const items = attention(writer);
  const heading = { kind: 'heading', id: 'attention', text: say('需要注意', 'Needs attention') } as const;
  return items.length === 0
    ? [
        {
          kind: 'text',
          strong: true,
          text: say(`${writer.now}没有需要处理的问题。`, `Nothing needed attention ${writer.now}.`),
        },
      ]
    : [heading, { kind: 'list', items }];
}

/** A heading with its tables; several have titles of their own. What has no rows is told by its name at the end. */
function group(
  id: string,
  text: string,
  tables: readonly ReportTable[],
  absent: string[],
  charts: readonly ReportPart[] = [],
): ReportPart[] {
  const there = tables.filter(({ rows }) => rows.length > 0);
  for (const { rows, title } of tables) if (rows.length === 0) absent.push(title);
  if (there.length === 0) return [];
  const lone = there.length === 1 && there[0]?.title === text;
  return [
    { kind: 'heading', id, text },
    ...there.flatMap((table): ReportPart[] => [
      ...(lone || table.title === text || table.columns[0]?.label === table.title
        ? []
        : [{ kind: 'heading', id: `table-${table.id}`, text: shortTitle(table.title, text), level: 2 } as const]),
      { kind: 'table', table },
    ]),
    ...charts,
  ];
}

/** 各测点温度 below 各测点 is 温度. */
const shortTitle = (title: string, below: string): string =>
  title.startsWith(below) ? title.slice(below.length) : title;

function roomCharts(writer: PaperWriter): ReportPart[] {
  const { tx, report } = writer;
  return report.rooms.flatMap((room) =>
    room.charts.map((chart): ReportPart => {
      const quantity = (['temperature', 'humidity', 'dew-point'] as const).find((one) => chart.endsWith(one));
      const name = quantity === undefined ? '' : quantityName(quantity, writer);
      return { kind: 'chart', chart, title: `${tx(room.name)} ${name}`.trim() };
    }),
  );
}

function upsCharts({ say, tx, report }: PaperWriter): ReportPart[] {
  const tests = report.batteryTests.flatMap(({ chart, name }): ReportPart[] =>
    chart === null ? [] : [{ kind: 'chart', chart, title: say(`${tx(name)}放电曲线`, `${tx(name)}: discharge curve`) }],
  );
  return [{ kind: 'chart', chart: 'ups-load', title: say('负载与电量', 'Load and charge') }, ...tests];
}

const alarmCharts = ({ say }: PaperWriter): ReportPart[] => [
  { kind: 'chart', chart: 'alarms', title: say('每天的报警', 'Alarms a day') },
];

function method({ say, tx, percent, report, before }: PaperWriter): ReportPart[] {
  const { standard } = report;
  const sentences = [
    say(
      '平均值按时间加权：每个读数按其有效时长计入。覆盖率是有可信读数的时间所占比例；低于 95 % 的数字带 *，只代表有记录的时间。',
      `Means are weighted by time: each reading counts for as long as it held. Coverage is the share of the time with a good reading; figures below ${percent(0.95)} carry a * and tell only of the time on record.`,
    ),
    say(
      `限值依据${tx(standard.name)}（${standard.source}）。度时是超出限值的量乘以小时数。`,
      `Limits are those of ${tx(standard.name)} (${standard.source}). Degree-hours are what was beyond the limit times the hours.`,
    ),
    say(
      '机房一行含其全部测点；超限只按受限值约束的测点计（热通道本来就热）。',
      'A room’s line is of all its sensors; out of limits counts only those that are held to the limits (a hot aisle is hot by intention).',
    ),
    say(
      `▲ 与 ▼ 是比${before}增加与减少的量，= 为相同。时刻均为 ${report.timeZone}。`,
      `▲ and ▼ tell how much more or less than ${before}, = is the same. Times are of ${report.timeZone}.`,
    ),
    ...(report.simulated
      ? [say('数据来自模拟机房，不是真实设备。', 'The data are of a simulated room, not of real equipment.')]
      : []),
  ];
  return [
    { kind: 'heading', id: 'method', text: say('数字的由来', 'How the figures are made') },
    { kind: 'text', quiet: true, text: sentences.join(say('', ' ')) },
  ];
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
