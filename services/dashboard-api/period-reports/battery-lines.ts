import type { Device } from '#core/config/device.ts';
import { formatLength } from '#core/length-words.ts';
import type { BatteryTestView } from '#core/paperwork/battery-test.ts';
import type { BatteryTestLine } from '#core/paperwork/period-report.ts';
import { sameText, type Text } from '#core/text.ts';
import { type Instant, instant } from '#core/time.ts';
import type { PeriodChart } from './seams.ts';

/** Battery tests (O-BAT-1) as a report tells them: a line each, and the discharge over the one before. */

const OVER: readonly BatteryTestView['state'][] = ['recharging', 'done', 'failed', 'abandoned'];
const at = (iso: string): Instant => instant(Date.parse(iso));
const chartId = ({ id }: Pick<BatteryTestView, 'id'>): string => `battery-${id}`;

export const batteryLines = (
  tests: readonly BatteryTestView[],
  devices: readonly Pick<Device, 'id' | 'name'>[],
  [from, to]: readonly [Instant, Instant],
): readonly BatteryTestLine[] =>
  tests
    .filter((test) => OVER.includes(test.state) && at(startOf(test)) >= from && at(startOf(test)) < to)
    .toSorted((a, b) => startOf(a).localeCompare(startOf(b)))
    .map((test) => ({
      ...{ id: test.id, device: test.ups, at: startOf(test), result: resultOf(test) },
      name: devices.find(({ id }) => id === test.ups)?.name ?? sameText(test.ups),
      health: test.result?.health ?? null,
      before: test.result?.before?.health ?? null,
      chart: test.curve.length > 1 ? chartId(test) : null,
    }));

const startOf = ({ discharge, createdAt }: BatteryTestView): string => discharge?.from ?? createdAt;

function resultOf({ result, reason }: BatteryTestView): Text {
  if (result === null) return reason ?? { zh: '没有结果', en: 'No result' };
  const share = Math.round(result.dischargedShare * 100);
  return {
    zh: `放电 ${share} %，按此负载可支撑 ${formatLength(result.measuredS, 'zh')}`,
    en: `Discharged ${share} %; lasts ${formatLength(result.measuredS, 'en')} at this load`,
  };
}

/** By minutes since it began, so that the two lie over each other. Null: no such test, or no curve. */
export function batteryChart(tests: readonly BatteryTestView[], id: string, timeZone: string): PeriodChart | null {
  const test = tests.find((one) => chartId(one) === id);
  const from = test?.discharge?.from;
  if (test === undefined || from === undefined || test.curve.length < 2) return null;
  const before = tests
    .filter((one) => one.ups === test.ups && one.state === 'done' && one.createdAt < test.createdAt)
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))[0];
  const own = { name: dayOf(test, timeZone), values: chargesOf(test, at(from)) };
  const earlier = before === undefined ? [] : [{ name: dayOf(before, timeZone), values: chargesOf(before, at(from)) }];
  const lines = [own, ...earlier].filter(({ values }) => values.length > 1);
  return {
    ...{ id, unit: '%', axis: 'elapsed', from: at(from), timeZone, lines, marks: [] },
    title: { zh: '放电曲线：电量', en: 'Discharge: charge' },
    to: instant(Math.max(...lines.flatMap(({ values }) => values.map(([time]) => time)), at(from) + 60_000)),
    limits: [
      { value: test.floor.charge, label: { zh: `停止线 ${test.floor.charge}`, en: `floor ${test.floor.charge}` } },
    ],
  };
}

/** Until the discharge ended; the recharge takes hours and tells nothing of the battery. */
function chargesOf(
  { curve, discharge }: BatteryTestView,
  start: Instant,
): readonly (readonly [number, number | null])[] {
  if (discharge === null) return [];
  const first = at(discharge.from);
  const last = discharge.to === null ? Number.POSITIVE_INFINITY : at(discharge.to);
  return curve.flatMap((point) => {
    const time = at(point.at);
    return time < first || time > last ? [] : [[start + (time - first), point.charge] as const];
  });
}

function dayOf(test: BatteryTestView, timeZone: string): Text {
  // sv-SE writes ISO 8601's order.
  return sameText(new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(at(startOf(test))));
}
