import type { AlarmFiguresView } from '#core/alarm-figures/view.ts';
import type { Config } from '#core/config/config.ts';
import { historyStep } from '#core/history-steps.ts';
import type { BatteryTestView } from '#core/paperwork/battery-test.ts';
import type { PeriodReport, RoomClimate } from '#core/paperwork/period-report.ts';
import type { SeriesKey } from '#core/series.ts';
import { sameText, type Text } from '#core/text.ts';
import { between, earliest, fromIso, type Instant, instant } from '#core/time.ts';
import { ALARM_CHART, alarmChart } from './alarm-chart.ts';
import { batteryChart } from './battery-lines.ts';
import { inTurns } from './gather-climate.ts';
import type { Measuring } from './measure.ts';
import type { PeriodChart } from './seams.ts';

/** What the charts of a report are drawn of. Of an archived report too: its curves come out of history as long as that keeps them. */

const MOST_LINES = 8;
const MOST_VALUES = 400;
const MOST_MARKS = 12;

/** Ids of all that a report may have. */
export const chartIds = (report: PeriodReport): readonly string[] => [
  ...report.rooms.flatMap(({ charts }) => charts),
  ...(report.ups.length === 0 ? [] : ['ups-load']),
  ...report.batteryTests.flatMap(({ chart }) => (chart === null ? [] : [chart])),
  ...(report.alarms === null ? [] : [ALARM_CHART]),
];

/** Those with data, in the order of the paper. Rejects with STORE_DOWN. */
export async function chartsOf(
  measuring: Measuring,
  report: PeriodReport,
  devices: Config['devices'],
  ids: readonly string[] = chartIds(report),
  records: ChartRecords = {},
): Promise<readonly PeriodChart[]> {
  const wanted = chartIds(report).filter((id) => ids.includes(id));
  const charts = await inTurns(
    wanted,
    1,
    async (id) => recordChart(report, records, id) ?? chartOf(measuring, report, devices, id),
  );
  return charts.filter((chart) => chart.lines.length > 0);
}

/** What is drawn of what is known besides history. */
export interface ChartRecords {
  readonly alarmFigures?: AlarmFiguresView | null;
  readonly batteryTests?: readonly BatteryTestView[];
}

/** Null: history has it. One that is not known any more has no lines. */
function recordChart(report: PeriodReport, records: ChartRecords, id: string): PeriodChart | null {
  const none = (): PeriodChart => ({
    ...{ id, title: sameText(id), unit: '', timeZone: report.timeZone, lines: [], limits: [], marks: [] },
    ...{ from: moment(report.from), to: moment(report.to) },
  });
  if (id === ALARM_CHART) return alarmChart(report, records.alarmFigures ?? null) ?? none();
  if (report.batteryTests.some(({ chart }) => chart === id))
    return batteryChart(records.batteryTests ?? [], id, report.timeZone) ?? none();
  return null;
}

interface Line extends SeriesKey {
  readonly name: Text;
  /** Said behind the device's name where it has several lines. */
  readonly what?: Text;
}

interface Drawing {
  readonly title: Text;
  readonly unit: string;
  readonly lines: readonly Line[];
  readonly limits: PeriodChart['limits'];
}

async function chartOf(
  measuring: Measuring,
  report: PeriodReport,
  devices: Config['devices'],
  id: string,
): Promise<PeriodChart> {
  const [from, end] = [moment(report.from), moment(report.to)];
  const to = earliest(end, moment(report.generatedAt));
  const room = report.rooms.find(({ charts }) => charts.includes(id));
  const chart: Drawing = room === undefined ? upsLoad(report) : roomLines(room, id);
  const { title, unit, lines, limits } = chart;
  const withNames = room === undefined ? (told: Lines): Lines => told : withoutCommonHead;
  const drawn = await inTurns(lines.slice(0, MOST_LINES), 2, async (line) => ({
    name: shortName(line, devices),
    values: await valuesOf(measuring, line, from, to),
  }));
  return {
    ...{ id, title, unit, from, to: end, timeZone: report.timeZone, limits },
    lines: withNames(drawn.filter(({ values }) => values.length > 1)),
    marks: report.incidents.slice(0, MOST_MARKS).map((incident) => ({
      ...{ at: moment(incident.from), to: incident.to === null ? null : moment(incident.to), label: incident.title },
    })),
  };
}

const moment = (iso: string): Instant => fromIso(iso) ?? instant(0);
function shortName({ device, name, what }: Line, devices: Config['devices']): Text {
  const own = devices.find(({ id }) => id === device)?.name ?? name;
  return what === undefined ? own : { zh: `${own.zh}${what.zh}`, en: `${own.en} ${what.en}` };
}

function roomLines(room: RoomClimate, id: string) {
  const quantity = id.slice(room.room.length + 1);
  const whole = room.whole.find((one) => one.quantity === quantity);
  const own = room.sensors.filter((one) => one.quantity === quantity);
  // Those that are held to the standard first: they are what its lines across are for.
  const lines = own.toSorted((a, b) => Number(isHeld(b)) - Number(isHeld(a)));
  const name = whole?.pointName ?? { zh: quantity, en: quantity };
  const label = (zh: string, en: string): Text => ({ zh: `限值 ${zh}`, en: `limit ${en}` });
  return {
    title: { zh: `${room.name.zh}${name.zh}`, en: `${room.name.en}: ${name.en.toLowerCase()}` },
    unit: whole?.unit ?? '',
    lines,
    limits: [whole?.low, whole?.high].flatMap((value) =>
      value == null ? [] : [{ value, label: label(String(value), String(value)) }],
    ),
  };
}
const isHeld = ({ low, high }: { low: number | null; high: number | null }): boolean => low !== null || high !== null;

/** The battery's charge beside the load: an outage is where one falls. */
const upsLoad = ({ ups }: PeriodReport) => ({
  title: { zh: 'UPS 负载率与电量', en: 'UPS load and battery charge' },
  unit: '%',
  lines: ups.flatMap(({ device, name }): Line[] => [
    { device, point: 'ups.load', name, what: { zh: '负载率', en: 'load' } },
    { device, point: 'battery.charge', name, what: { zh: '电量', en: 'charge' } },
  ]),
  limits: [],
});

async function valuesOf(
  { store }: Measuring,
  { device, point }: SeriesKey,
  from: Instant,
  to: Instant,
): Promise<PeriodChart['lines'][number]['values']> {
  const step = historyStep(between(from, to), MOST_VALUES);
  const table = await store.table({ device, point, from, to, step: { every: step }, figures: ['timeMean', 'mean'] });
  const values: [number, number | null][] = [];
  let before: number | null = null;
  for (let place = 0; place < table.length; place++) {
    const timeMean = table.figure(place, 'timeMean');
    const value = Number.isNaN(timeMean) ? table.figure(place, 'mean') : timeMean;
    if (Number.isNaN(value)) continue;
    const at = Math.max(from, table.from(place));
    if (before !== null && at - before > step * 1.5) values.push([before + step, null]);
    values.push([at, value]);
    before = at;
  }
  return values;
}

type Lines = PeriodChart['lines'];

/** `Sensor: cold aisle`, `Sensor: hot aisle` → `cold aisle`, `hot aisle`: a legend has one line. */
function withoutCommonHead(lines: Lines): Lines {
  const cut = (language: keyof Text): ((name: Text) => string) => {
    const heads = lines.map(({ name }) => /^.+?(?:[:：]\s*|\s)(?=\S)/.exec(name[language])?.[0] ?? '');
    const [head = ''] = heads;
    const isCommon = lines.length > 1 && head !== '' && heads.every((one) => one === head);
    return (name) => (isCommon ? name[language].slice(head.length) : name[language]);
  };
  const [zh, en] = [cut('zh'), cut('en')];
  return lines.map((line) => ({ ...line, name: { zh: zh(line.name), en: en(line.name) } }));
}
