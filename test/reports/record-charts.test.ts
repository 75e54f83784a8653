import { expect, test } from 'vitest';
import type { AlarmFiguresView } from '#core/alarm-figures/view.ts';
import type { BatteryTestView } from '#core/paperwork/battery-test.ts';
import { instant } from '#core/time.ts';
import { alarmChart } from '#services/dashboard-api/period-reports/alarm-chart.ts';
import { batteryChart, batteryLines } from '#services/dashboard-api/period-reports/battery-lines.ts';
import { periodChartSvg } from '#services/dashboard-api/period-reports/paper/period-chart.ts';
import { terribleWeek } from './fixture-bad-weeks.ts';
import { chartsOf } from './fixture-charts.ts';
import { ordinaryWeek } from './fixture-report.ts';

/** Curves that come out of records and not out of history, and how curves are drawn. */
const MINUTE = 60_000;

function battery(id: string, from: string, health: number, drop: number): BatteryTestView {
  const start = Date.parse(from);
  const iso = (minutes: number): string => new Date(start + minutes * MINUTE).toISOString();
  return {
    ...{ id, ups: 'ups-1', state: 'done', startedBy: 'gao-jie', createdAt: iso(-10), preconditions: [], way: 'ups' },
    ...{
      floor: { charge: 30, runtimeS: 600 },
      discharge: { from, to: iso(40) },
      reason: null,
      now: null,
      simulated: true,
    },
    // A reading before the discharge and one of the recharge belong to no discharge.
    curve: [-5, 0, 10, 20, 30, 40, 90].map((minutes) => ({
      ...{ at: iso(minutes), charge: minutes < 0 ? 100 : 100 - minutes * drop },
      ...{ voltage: 52, power: 900, runtime: 2400, temperature: 24 },
    })),
    result: {
      ...{ dischargedWh: 600, dischargedShare: 0.62, capacityWh: 968, ratedWh: 1040, health },
      ...{ before: { at: '2026-05-11T06:00:00Z', health: 0.95, capacityWh: 988 }, promisedS: 2600, measuredS: 2460 },
      recalibrated: true,
    },
  } as unknown as BatteryTestView;
}
const OLD = battery('bt-ups-1-2026-05-11', '2026-05-11T06:00:00.000Z', 0.95, 1.4);
const NEW = battery('bt-ups-1-2026-11-11', '2026-11-11T06:00:00.000Z', 0.93, 1.55);
const WEEK = [instant(Date.parse(ordinaryWeek().from)), instant(Date.parse(ordinaryWeek().to))] as const;

test('O-BAT-1 a test of the period is a line with its health and the one before; others’ are not', () => {
  const names = [{ id: 'ups-1', name: { zh: 'UPS 1 号', en: 'UPS 1' } }];
  expect(batteryLines([OLD, NEW, { ...NEW, id: 'running', state: 'discharging' }], names, WEEK)).toEqual([
    {
      ...{
        id: NEW.id,
        device: 'ups-1',
        name: names[0]?.name,
        at: '2026-11-11T06:00:00.000Z',
        health: 0.93,
        before: 0.95,
      },
      result: { zh: '放电 62 %，按此负载可支撑 41 分', en: 'Discharged 62 %; lasts 41 min at this load' },
      chart: 'battery-bt-ups-1-2026-11-11',
    },
  ]);
});

test('O-BAT-1 the discharge lies over the earlier one, both from their own beginning, until the charge returned', () => {
  const chart = batteryChart([OLD, NEW], 'battery-bt-ups-1-2026-11-11', 'Asia/Shanghai');
  expect(chart?.lines.map(({ name }) => name.zh)).toEqual(['2026-11-11', '2026-05-11']);
  const minutes = chart?.lines.map(({ values }) => values.map(([at]) => (at - chart.from) / MINUTE));
  expect(minutes).toEqual([
    [0, 10, 20, 30, 40],
    [0, 10, 20, 30, 40],
  ]);
  const svg = periodChartSvg(chart!, 'zh');
  for (const word of ['停止线 30', '20 分', '2026-05-11']) expect(svg).toContain(word);
  expect(batteryChart([OLD], 'battery-bt-ups-1-2026-11-11', 'Asia/Shanghai')).toBeNull();
});

const figures = (days: number): AlarmFiguresView =>
  ({
    weeks: [
      {
        days: Array.from({ length: days }, (_, day) => ({
          date: `2026-11-${String(9 + day).padStart(2, '0')}`,
          alarms: day,
        })),
      },
    ],
  }) as unknown as AlarmFiguresView;

test('alarms a day stand over their days, with the line of five a week', () => {
  const chart = alarmChart(ordinaryWeek(), figures(7));
  expect(chart?.lines[0]?.values.map(([, alarms]) => alarms)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  const svg = periodChartSvg(chart!, 'en');
  expect(svg).toContain('5 a week');
  expect(svg).toContain('Mon 9');
});

test('a day that is not known leaves the chart out: it would read as a day without alarms', () => {
  expect(alarmChart(ordinaryWeek(), figures(6))).toBeNull();
  expect(alarmChart(ordinaryWeek(), null)).toBeNull();
});

test('limits, incidents and what is missing are named in the curve, in the reader’s language', () => {
  const [temperature] = chartsOf(terribleWeek());
  const zh = periodChartSvg(temperature!, 'zh');
  for (const word of ['上限 27', '下限 18', '空调全部停机', '市电中断', '冷通道', '℃', '11日周三'])
    expect(zh).toContain(word);
  const en = periodChartSvg(temperature!, 'en');
  for (const word of ['high 27', 'All cooling stopped', 'Cold aisle', '°C', 'Wed 11']) expect(en).toContain(word);
  expect(en).not.toMatch(/\p{Script=Han}/u);
  const lone = { ...temperature!, lines: temperature!.lines.slice(1) };
  expect(periodChartSvg(lone, 'en')).toContain('no data');
  // Where one of two lines has values, something is known.
  expect(en).not.toContain('no data');
});
