import type { ClimateFigures, Excursion, RoomClimate, SensorClimate } from '../paperwork/period-report.ts';
import { type Column, ENOUGH_COVERAGE, type ReportTable, type Row, type Value } from './document.ts';
import type { PaperWriter } from './writer.ts';

/** Temperature, humidity and dew point of rooms and of their sensors, and the times out of the standard's limits. */

export function quantityName(quantity: SensorClimate['quantity'], { say }: PaperWriter): string {
  if (quantity === 'temperature') return say('温度', 'Temperature');
  return quantity === 'humidity' ? say('相对湿度', 'Humidity') : say('露点', 'Dew point');
}

/** ℃ and not °C in Chinese, as GB/T papers write it. */
export const unitName = (unit: string, { language }: PaperWriter): string =>
  language === 'zh' && unit === '°C' ? '℃' : unit;

/** Each room as a whole: what the weekly meeting asks for (O-WK-1). */
export function climateTable(writer: PaperWriter): ReportTable {
  const { say, tx, report } = writer;
  return {
    id: 'climate',
    title: say('机房环境', 'Room climate'),
    columns: [
      { label: say('机房', 'Room'), kind: 'text', width: 13 },
      { label: say('项目', 'Quantity'), kind: 'text', width: 17 },
      { label: say('单位', 'Unit'), kind: 'text', width: 0, on: 'files' },
      ...figureColumns(writer, undefined),
    ],
    rows: report.rooms.flatMap((room) =>
      room.whole.map(({ quantity, unit, figures, low, high }): Row => {
        const inUnit = unitName(unit, writer);
        const name = quantityName(quantity, writer);
        return {
          values: [tx(room.name), `${name} ${inUnit}`, inUnit, ...figureValues(figures, low, high, writer)],
          coverage: figures.coverage,
          pressing: (figures.outsideS.value ?? 0) > 0,
        };
      }),
    ),
  };
}

/** Every sensor, a table a quantity, so that its unit stands in the head. */
export function sensorTables(writer: PaperWriter): readonly ReportTable[] {
  const { say, report } = writer;
  return (['temperature', 'humidity', 'dew-point'] as const).flatMap((quantity): ReportTable[] => {
    const found = report.rooms.flatMap((room) =>
      room.sensors.filter((sensor) => sensor.quantity === quantity).map((sensor) => ({ room, sensor })),
    );
    const [first] = found;
    if (first === undefined) return [];
    const name = quantityName(quantity, writer);
    return [
      {
        id: quantity,
        title: say(`各测点${name}`, `${name} by sensor`),
        columns: [
          { label: say('测点', 'Sensor'), kind: 'text', width: 25 },
          { label: say('机房', 'Room'), kind: 'text', width: 0, on: report.rooms.length > 1 ? 'note' : 'files' },
          ...figureColumns(writer, unitName(first.sensor.unit, writer)),
        ],
        // The worst first: on paper the others may be told by their number alone.
        rows: found.map(({ room, sensor }) => sensorRow(room, sensor, writer)).toSorted((a, b) => doubt(b) - doubt(a)),
        most: 24,
      },
    ];
  });
}

const doubt = ({ pressing, coverage }: Row): number =>
  (pressing === true ? 2 : 0) + ((coverage ?? 1) < ENOUGH_COVERAGE ? 1 : 0);

const sensorRow = (room: RoomClimate, sensor: SensorClimate, writer: PaperWriter): Row => ({
  values: [
    writer.tx(sensor.name),
    writer.tx(room.name),
    ...figureValues(sensor.figures, sensor.low, sensor.high, writer),
  ],
  coverage: sensor.figures.coverage,
  pressing: (sensor.figures.outsideS.value ?? 0) > 0,
  path: `/devices/${encodeURIComponent(sensor.device)}`,
});

function figureColumns({ say }: PaperWriter, unit: string | undefined): readonly Column[] {
  const inUnit = unit === undefined ? {} : { unit };
  const hours = unit === undefined ? '' : unit === '%' ? ' %·h' : ` ${unit}·h`;
  return [
    { label: say('平均', 'Mean'), ...inUnit, kind: 'number', width: 14, covered: true },
    { label: say('最低', 'Lowest'), ...inUnit, kind: 'number', width: 14, covered: true },
    { label: say('最低时刻', 'Lowest at'), kind: 'moment', width: 0, on: 'note' },
    { label: say('最高', 'Highest'), ...inUnit, kind: 'number', width: 14, covered: true },
    { label: say('最高时刻', 'Highest at'), kind: 'moment', width: 0, on: 'note' },
    { label: say('限值', 'Limits'), kind: 'text', width: 9, on: 'paper', align: 'end' },
    { label: say('下限', 'Low limit'), ...inUnit, kind: 'number', width: 0, on: 'files' },
    { label: say('上限', 'High limit'), ...inUnit, kind: 'number', width: 0, on: 'files' },
    { label: say('超限时间', 'Out of limits'), unit: 'h', kind: 'length', width: 15, covered: true },
    { label: `${say('超限度时', 'Degree-hours')}${hours}`, kind: 'number', width: 12, covered: true },
    { label: say('覆盖率', 'Coverage'), kind: 'share', digits: 1, width: 13, coverage: true },
  ];
}

const figureValues = (
  { mean, min, minAt, max, maxAt, outsideS, degreeHours, coverage }: ClimateFigures,
  low: number | null,
  high: number | null,
  writer: PaperWriter,
): readonly Value[] => [
  mean,
  min,
  minAt,
  max,
  maxAt,
  sayLimits(low, high, writer),
  low,
  high,
  outsideS,
  degreeHours,
  coverage,
];

function sayLimits(low: number | null, high: number | null, { say }: PaperWriter): string {
  if (low !== null && high !== null) return `${low}–${high}`;
  if (high !== null) return `≤ ${high}`;
  return low === null ? say('无', 'none') : `≥ ${low}`;
}

export function excursionTable(writer: PaperWriter): ReportTable {
  const { say, report } = writer;
  return {
    id: 'excursions',
    title: say('超出限值的时段', 'Times out of limits'),
    columns: [
      { label: say('测点', 'Sensor'), kind: 'text', width: 24 },
      { label: say('项目', 'Quantity'), kind: 'text', width: 0, on: 'note' },
      { label: say('从', 'From'), kind: 'moment', width: 17 },
      { label: say('到', 'To'), kind: 'moment', width: 0, on: 'files' },
      { label: say('历时', 'Lasted'), unit: 'h', kind: 'length', width: 14 },
      { label: say('最甚', 'Worst'), kind: 'text', width: 14, on: 'paper' },
      { label: say('最甚时刻', 'Worst at'), kind: 'moment', width: 0, on: 'note' },
      { label: say('最甚值', 'Worst value'), kind: 'number', width: 0, on: 'files' },
      { label: say('限值', 'Limit'), kind: 'number', width: 9 },
      { label: say('单位', 'Unit'), kind: 'text', width: 0, on: 'files' },
      { label: say('度时', 'Degree-hours'), kind: 'number', width: 11 },
      { label: say('同时发生', 'At the same time'), kind: 'text', width: 26 },
    ],
    rows: report.excursions.map((one) => excursionRow(one, writer)),
    most: 15,
  };
}

function excursionRow(one: Excursion, writer: PaperWriter): Row {
  const { say, tx, number } = writer;
  const unit = unitName(one.unit, writer);
  return {
    values: [
      tx(one.name),
      tx(one.pointName),
      one.from,
      one.to,
      (Date.parse(one.to) - Date.parse(one.from)) / 1000,
      `${number(one.worst, 1)} ${unit}`,
      one.worstAt,
      one.worst,
      one.limit,
      unit,
      one.degreeHours,
      one.joined.map(({ title }) => tx(title)).join(say('；', '; ')),
    ],
    path: one.joined[0]?.path ?? null,
  };
}
