import type { AvailabilityReport, EquipmentReport } from '../paperwork/period-report.ts';
import { unitName } from './climate-tables.ts';
import type { ReportTable, Row } from './document.ts';
import type { PaperWriter } from './writer.ts';

/** UPS and its tests, cooling, power, network and services. */

/** IEEE Std 1188-2005, 7.4: a battery below 80 % of its rated capacity is to be replaced. */
export const WORN_BATTERY = 0.8;

export function upsTable(writer: PaperWriter): ReportTable {
  const { say, tx, report } = writer;
  const warm = report.ups.some(({ temperature }) => temperature !== null);
  const degrees = unitName('°C', writer);
  return {
    id: 'ups',
    title: 'UPS',
    columns: [
      { label: 'UPS', kind: 'text', width: 16 },
      { label: say('平均负载', 'Mean load'), unit: '%', kind: 'number', width: 13, covered: true },
      { label: say('最高负载', 'Highest load'), unit: '%', kind: 'number', width: 13, covered: true },
      { label: say('最低电量', 'Lowest charge'), unit: '%', kind: 'number', digits: 0, width: 13, covered: true },
      {
        label: say('最高温度', 'Highest temp.'),
        unit: degrees,
        kind: 'number',
        width: 13,
        covered: true,
        ...(warm ? {} : { on: 'files' as const }),
      },
      { label: say('平均温度', 'Mean temp.'), unit: degrees, kind: 'number', width: 0, on: 'files' },
      { label: say('电池供电', 'On battery'), unit: 'h', kind: 'length', width: 15 },
      { label: say('切换', 'Transfers'), kind: 'number', digits: 0, width: 13 },
      { label: say('健康度', 'Health'), kind: 'share', digits: 0, width: 11 },
      { label: say('覆盖率', 'Coverage'), kind: 'share', digits: 1, width: 13, coverage: true },
    ],
    rows: report.ups.map((one) => ({
      values: [
        tx(one.name),
        one.load.mean,
        one.load.max,
        one.charge.min,
        one.temperature?.max ?? null,
        one.temperature?.mean ?? null,
        one.onBatteryS,
        one.transfers,
        one.health,
        one.coverage,
      ],
      coverage: one.coverage,
      pressing: one.health !== null && one.health < WORN_BATTERY,
      path: `/devices/${encodeURIComponent(one.device)}`,
    })),
  };
}

export function batteryTestTable({ say, tx, report }: PaperWriter): ReportTable {
  return {
    id: 'battery-tests',
    title: say('电池放电试验', 'Battery tests'),
    columns: [
      { label: 'UPS', kind: 'text', width: 24 },
      { label: say('时间', 'When'), kind: 'moment', width: 20 },
      { label: say('健康度', 'Health'), kind: 'share', digits: 0, width: 18 },
      { label: say('结果', 'Result'), kind: 'text', width: 38 },
    ],
    rows: report.batteryTests.map((one) => ({
      values: [tx(one.name), one.at, { value: one.health, before: one.before }, tx(one.result)],
      pressing: one.health !== null && one.health < WORN_BATTERY,
      path: `/battery-tests/${encodeURIComponent(one.id)}`,
    })),
  };
}

export const coolingTable = (writer: PaperWriter): ReportTable =>
  equipmentTable('cooling', writer.say('制冷', 'Cooling'), writer.report.cooling, writer);

export const powerTable = (writer: PaperWriter): ReportTable =>
  equipmentTable('power', writer.say('配电', 'Power'), writer.report.power, writer);

/** A row a figure, because each kind of machine tells others. */
function equipmentTable(
  id: 'cooling' | 'power',
  title: string,
  equipment: readonly EquipmentReport[],
  writer: PaperWriter,
): ReportTable {
  const { say, tx } = writer;
  return {
    id,
    title,
    columns: [
      { label: say('设备', 'Device'), kind: 'text', width: 28, on: 'paper' },
      { label: say('设备', 'Device'), kind: 'text', width: 0, on: 'files' },
      { label: say('项目', 'Figure'), kind: 'text', width: 30 },
      { label: say('数值', 'Value'), kind: 'number', width: 18, covered: true },
      { label: say('单位', 'Unit'), kind: 'text', width: 8 },
      { label: say('故障次数', 'Faults'), kind: 'number', digits: 0, width: 10 },
      { label: say('覆盖率', 'Coverage'), kind: 'share', digits: 1, width: 12, coverage: true },
    ],
    rows: equipment.flatMap((one) =>
      one.figures.map(({ label, unit, figure }, index): Row => {
        const first = index === 0;
        return {
          values: [
            first ? tx(one.name) : '',
            tx(one.name),
            tx(label),
            figure,
            unitName(unit, writer),
            one.faults,
            one.coverage,
          ],
          coverage: one.coverage,
          pressing: one.faults > 0,
          path: first ? `/devices/${encodeURIComponent(one.device)}` : null,
        };
      }),
    ),
    most: 40,
  };
}

export const networkTable = (writer: PaperWriter): ReportTable =>
  availabilityTable('network', writer.say('网络', 'Network'), writer.report.network, writer);

export const servicesTable = (writer: PaperWriter): ReportTable =>
  availabilityTable('services', writer.say('信息与数据服务', 'Services'), writer.report.services, writer);

const MOST_OUTAGES = 3;

function availabilityTable(
  id: 'network' | 'services',
  title: string,
  watched: readonly AvailabilityReport[],
  { say, tx, moment }: PaperWriter,
): ReportTable {
  const outages = ({ outages: all }: AvailabilityReport): string => {
    const first = all.slice(0, MOST_OUTAGES).map(({ from }) => moment(from));
    const rest = all.length - first.length;
    return [...first, ...(rest > 0 ? [say(`另 ${rest} 次`, `${rest} more`)] : [])].join(say('；', '; '));
  };
  return {
    id,
    title,
    columns: [
      { label: say('对象', 'Watched'), kind: 'text', width: 26 },
      { label: say('可用率', 'Availability'), kind: 'share', digits: 2, width: 20 },
      { label: say('中断', 'Down'), unit: 'h', kind: 'length', width: 14 },
      { label: say('中断次数', 'Times down'), kind: 'number', digits: 0, width: 0, on: 'files' },
      { label: say('中断始于', 'Went down'), kind: 'text', width: 22 },
      { label: say('平均时延', 'Mean delay'), unit: 'ms', kind: 'number', width: 14 },
      { label: say('计划维护', 'Maintenance'), unit: 'h', kind: 'length', width: 14 },
    ],
    rows: watched
      .toSorted((a, b) => (a.availability.value ?? -1) - (b.availability.value ?? -1))
      .map((one) => ({
        values: [
          tx(one.name),
          one.availability,
          one.downS,
          one.outages.length,
          outages(one),
          one.latency,
          one.maintenanceS,
        ],
        pressing: one.downS > 0 || one.availability.value === null,
        path: `/devices/${encodeURIComponent(one.device)}`,
      })),
    most: 20,
  };
}
