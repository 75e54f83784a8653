import type { RoomClimate, SensorClimate } from '../paperwork/period-report.ts';
import { FLOOD_IN_TEN_MINUTES, PAGES_A_WEEK, weeksOf } from './alarm-tables.ts';
import { quantityName, unitName } from './climate-tables.ts';
import { ENOUGH_COVERAGE, type ReportItem } from './document.ts';
import { WORN_BATTERY } from './equipment-tables.ts';
import { late } from './work-tables.ts';
import type { PaperWriter } from './writer.ts';

/** What a director must know or decide, on the first page: each a sentence with its figure, the gravest first; empty when all was well. */
export const attention = (writer: PaperWriter): readonly ReportItem[] => [
  ...incidents(writer),
  ...climate(writer),
  ...equipment(writer),
  ...watched(writer),
  ...undone(writer),
  ...alarms(writer),
  ...records(writer),
];

/** Names in a sentence before the others are told by their number. */
const MOST_NAMES = 3;

function names(all: readonly string[], { say }: PaperWriter): string {
  const first = all.slice(0, MOST_NAMES).join(say('、', ', '));
  return all.length <= MOST_NAMES
    ? first
    : say(`${first}等 ${all.length} 项`, `${first} and ${all.length - MOST_NAMES} more`);
}

/** Some names are a paragraph; below, they stand whole. */
const LONGEST_NAME = 44;
const clip = (name: string): string => (name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`);

function incidents({ say, tx, moment, report }: PaperWriter): ReportItem[] {
  const most = 3;
  const lines = report.incidents.slice(0, most).map((one): ReportItem => {
    const end = one.to === null ? say('，尚未结束', ', not over yet') : '';
    return {
      text: `${tx(one.title)}${say('，', ', ')}${moment(one.from)}${end}${one.to === null ? '' : say(`：${tx(one.result)}`, `: ${tx(one.result)}`)}`,
      path: one.path,
    };
  });
  const rest = report.incidents.length - most;
  return rest > 0
    ? [...lines, { text: say(`另有 ${rest} 起事件，见下。`, `${rest} more incidents, see below.`), path: '/incidents' }]
    : lines;
}

function climate(writer: PaperWriter): ReportItem[] {
  const { say, tx, report, length, number, moment } = writer;
  return report.rooms.flatMap((room) =>
    room.whole.flatMap(({ quantity, unit, figures }): ReportItem[] => {
      const outside = figures.outsideS.value ?? 0;
      if (outside <= 0) return [];
      const write = (value: number): string => `${number(value, 1)} ${unitName(unit, writer)}`;
      const worst = worstOf(room, quantity);
      const name = quantityName(quantity, writer);
      const peak =
        worst === null
          ? ''
          : say(
              `，${worst.above ? '最高' : '最低'} ${write(worst.value)}（${moment(worst.at)}，限值 ${number(worst.limit, 1)}）`,
              `, ${worst.above ? 'highest' : 'lowest'} ${write(worst.value)} (${moment(worst.at)}, limit ${number(worst.limit, 1)})`,
            );
      return [
        {
          text: say(
            `${tx(room.name)}${name}超限共 ${length(outside)}${peak}`,
            `${tx(room.name)}: ${name.toLowerCase()} out of limits for ${length(outside)}${peak}`,
          ),
          path: null,
        },
      ];
    }),
  );
}

interface Worst {
  readonly value: number;
  readonly at: string;
  readonly limit: number;
  readonly above: boolean;
}

/** The farthest beyond a limit, of the sensors that are held to one: a hot aisle is hot by intention. */
function worstOf({ sensors }: RoomClimate, quantity: SensorClimate['quantity']): Worst | null {
  const found = sensors
    .filter((sensor) => sensor.quantity === quantity)
    .flatMap(({ low, high, figures: { min, minAt, max, maxAt } }): Worst[] => [
      ...(high === null || max.value === null || maxAt === null
        ? []
        : [{ value: max.value, at: maxAt, limit: high, above: true }]),
      ...(low === null || min.value === null || minAt === null
        ? []
        : [{ value: min.value, at: minAt, limit: low, above: false }]),
    ]);
  const beyond = ({ value, limit, above }: Worst): number => (above ? value - limit : limit - value);
  return found.filter((one) => beyond(one) > 0).toSorted((a, b) => beyond(b) - beyond(a))[0] ?? null;
}

function equipment(writer: PaperWriter): ReportItem[] {
  const { say, tx, report, percent, length } = writer;
  const ups = report.ups.flatMap((one): ReportItem[] => {
    const path = `/devices/${encodeURIComponent(one.device)}`;
    const lines: ReportItem[] = [];
    const onBattery = one.onBatteryS.value ?? 0;
    if (onBattery > 0)
      lines.push({
        text: say(
          `${tx(one.name)}由电池供电 ${length(onBattery)}，切换 ${one.transfers.value ?? 0} 次`,
          `${tx(one.name)} ran on battery for ${length(onBattery)}, ${one.transfers.value ?? 0} transfers`,
        ),
        path,
      });
    if (one.health !== null && one.health < WORN_BATTERY)
      lines.push({
        text: say(
          `${tx(one.name)}电池健康度 ${percent(one.health)}，低于 ${percent(WORN_BATTERY)}，应安排更换`,
          `${tx(one.name)}: battery health ${percent(one.health)}, below ${percent(WORN_BATTERY)}: to be replaced`,
        ),
        path,
      });
    return lines;
  });
  const faulty = [...report.cooling, ...report.power].filter(({ faults }) => faults > 0);
  if (faulty.length === 0) return ups;
  const list = faulty.map(({ name, faults }) => say(`${clip(tx(name))} ${faults} 次`, `${clip(tx(name))} ${faults}×`));
  return [...ups, { text: say(`设备故障：${names(list, writer)}`, `Faults: ${names(list, writer)}`), path: null }];
}

function watched(writer: PaperWriter): ReportItem[] {
  const { say, tx, report, percent, length } = writer;
  const down = [...report.network, ...report.services]
    .filter(({ downS }) => downS > 0)
    .toSorted((a, b) => b.downS - a.downS)
    .map(({ name, downS, availability }) => {
      const share = availability.value === null ? '' : percent(availability.value, 2);
      return say(
        `${clip(tx(name))} ${length(downS)}（可用率 ${share}）`,
        `${clip(tx(name))} ${length(downS)} (${share} available)`,
      );
    });
  return down.length === 0
    ? []
    : [{ text: say(`中断过：${names(down, writer)}`, `Was down: ${names(down, writer)}`), path: null }];
}

function undone(writer: PaperWriter): ReportItem[] {
  const { say, tx, report } = writer;
  const group = (zh: string, en: string, path: string, titles: readonly string[]): ReportItem[] =>
    titles.length === 0
      ? []
      : [
          {
            text: say(
              `${zh} ${titles.length} 项：${names(titles, writer)}`,
              `${en} (${titles.length}): ${names(titles, writer)}`,
            ),
            path,
          },
        ];
  const missed = report.missedDuties.filter(({ state }) => state === 'missed' || state === 'overdue');
  const decisions = report.minutes.filter(({ state }) => state === 'overdue');
  const tasks = report.tasks.filter(({ state }) => state === 'overdue');
  const repairs = report.repairs.filter((one) => late(one, report));
  const unique = (titles: readonly string[]): string[] => [...new Set(titles)];
  return [
    ...group('未做的例行工作', 'Duties not done', '/duties', unique(missed.map(({ title }) => clip(tx(title))))),
    ...group(
      '逾期的会议决定',
      'Overdue decisions',
      '/meetings',
      decisions.map(({ text }) => clip(tx(text))),
    ),
    ...group(
      '逾期任务',
      'Overdue tasks',
      '/tasks',
      tasks.map(({ title }) => clip(tx(title))),
    ),
    ...group(
      '逾期维修',
      'Overdue repairs',
      '/registers/repairs',
      repairs.map(({ title }) => clip(tx(title))),
    ),
  ];
}

function alarms(writer: PaperWriter): ReportItem[] {
  const { say, tx, report, number, percent } = writer;
  if (report.alarms === null) return [];
  const { worstTenMinutes, floodShare, pagesPerPerson } = report.alarms;
  const weeks = weeksOf(writer);
  const often = pagesPerPerson.filter(({ pages }) => pages / weeks > PAGES_A_WEEK);
  const list = often.map(({ name, pages }) =>
    say(`${tx(name)} ${number(pages / weeks, 1)} 次`, `${tx(name)} ${number(pages / weeks, 1)}`),
  );
  return [
    ...(worstTenMinutes > FLOOD_IN_TEN_MINUTES
      ? [
          {
            text: say(
              `报警最密时十分钟 ${worstTenMinutes} 次，洪流占时 ${percent(floodShare.value ?? 0, 1)}`,
              `${worstTenMinutes} alarms in the worst ten minutes, ${percent(floodShare.value ?? 0, 1)} of the time in flood`,
            ),
            path: '/alarm-figures',
          },
        ]
      : []),
    ...(often.length > 0
      ? [
          {
            text: say(
              `每周被呼叫超过 ${PAGES_A_WEEK} 次：${names(list, writer)}`,
              `Called more than ${PAGES_A_WEEK} times a week: ${names(list, writer)}`,
            ),
            path: '/alarm-figures',
          },
        ]
      : []),
  ];
}

/** What the figures above rest on, where it is thin. */
function records(writer: PaperWriter): ReportItem[] {
  const { say, tx, report, percent } = writer;
  const least = new Map<string, { readonly name: string; readonly coverage: number }>();
  for (const one of report.rooms.flatMap(({ sensors }) => sensors)) {
    const { coverage } = one.figures;
    if (coverage < (least.get(one.device)?.coverage ?? ENOUGH_COVERAGE))
      least.set(one.device, { name: clip(tx(one.name)), coverage });
  }
  const thin = [...least.values()]
    .toSorted((a, b) => a.coverage - b.coverage)
    .map(({ name, coverage }) => `${name} ${percent(coverage)}`);
  return thin.length === 0
    ? []
    : [
        {
          text: say(
            `记录不足 ${percent(ENOUGH_COVERAGE)}：${names(thin, writer)}`,
            `Recorded for less than ${percent(ENOUGH_COVERAGE)}: ${names(thin, writer)}`,
          ),
          path: null,
        },
      ];
}
