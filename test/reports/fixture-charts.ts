import type { PeriodReport } from '#core/paperwork/period-report.ts';
import type { Text } from '#core/text.ts';
import { instant } from '#core/time.ts';
import type { PeriodChart } from '#services/dashboard-api/period-reports/seams.ts';

/** Made-up curves for a made-up report: daily waves, a gap, an excess where the report tells of one. */
export function chartsOf(report: PeriodReport): readonly PeriodChart[] {
  const from = Date.parse(report.from);
  const to = Date.parse(report.to);
  const span = { from: instant(from), to: instant(to), timeZone: report.timeZone };
  const bad = report.excursions.length > 0;
  const text = (zh: string, en: string): Text => ({ zh, en });
  const line = (name: Text, middle: number, height: number, gap: boolean) => ({
    name,
    values: Array.from({ length: 337 }, (_, index): readonly [number, number | null] => {
      const share = index / 336;
      const value = middle + height * Math.sin(share * 14 * Math.PI) + Math.sin(index * 7.3) * 0.2;
      const heat = bad && share > 0.3 && share < 0.36 ? 13 : 0;
      return [from + share * (to - from), gap && share > 0.2 && share < 0.34 ? null : value + heat];
    }),
  });
  const marks = report.incidents.map((one) => ({
    at: instant(Date.parse(one.from)),
    to: one.to === null ? null : instant(Date.parse(one.to)),
    label: one.title,
  }));
  const limits = (low: number | null, high: number) => [
    ...(low === null ? [] : [{ value: low, label: text(`下限 ${low}`, `low ${low}`) }]),
    { value: high, label: text(`上限 ${high}`, `high ${high}`) },
  ];
  const rooms = report.rooms.flatMap((room) =>
    room.charts.map((id): PeriodChart => {
      const damp = id.endsWith('humidity');
      return {
        id,
        title: text(
          `${room.name.zh}${damp ? '相对湿度' : '温度'}`,
          `${room.name.en}: ${damp ? 'humidity' : 'temperature'}`,
        ),
        unit: damp ? '%' : '°C',
        ...span,
        lines: [
          line(text('冷通道', 'Cold aisle'), damp ? 46 : 22, damp ? 4 : 1.4, false),
          line(text('热通道', 'Hot aisle'), damp ? 42 : 24, damp ? 3 : 1.1, true),
        ],
        limits: damp ? limits(null, 60) : limits(18, 27),
        marks,
      };
    }),
  );
  if (report.ups.length === 0) return rooms;
  const load: PeriodChart = {
    id: 'ups-load',
    title: text('负载与电量', 'Load and charge'),
    unit: '%',
    ...span,
    lines: [
      line(text('UPS 1 号负载', 'UPS 1 load'), 41, 8, false),
      { ...line(text('UPS 1 号电量', 'UPS 1 charge'), 99.6, 0.1, false) },
    ],
    limits: [],
    marks,
  };
  return [...rooms, load];
}
