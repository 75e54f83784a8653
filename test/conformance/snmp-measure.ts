import type { ProbeResult } from '#core/survey.ts';
import type { ExpectedSensor } from '../collector/support/snmprec.ts';

/**
 * How well one device was read: each expected value against what the probe told of the same object. What another product
 * thought of a device is no truth, but a disagreement is a question that wants an answer.
 */
export type Verdict = 'matched' | 'wrong' | 'absent' | 'no value';

export interface SensorVerdict {
  readonly sensor: ExpectedSensor;
  readonly verdict: Verdict;
  /** What was told, for people. */
  readonly told: string;
}

type Told = ProbeResult['points'][number];

/** From the other product's unit of a class to ours. */
const FACTORS: Readonly<Record<string, number>> = {
  runtime: 60,
  power_consumed: 1000,
  airflow: 1.699_010_795_52,
  pressure: 1000,
};

export function measureDevice(sensors: readonly ExpectedSensor[], { points }: ProbeResult): readonly SensorVerdict[] {
  const byOid = new Map<string, Told[]>();
  for (const point of points) {
    if (point.oid === null) continue;
    byOid.set(point.oid, [...(byOid.get(point.oid) ?? []), point]);
  }
  return sensors
    .filter((sensor) => !sensor.suspect)
    .map((sensor) => {
      const told = byOid.get(sensor.oid) ?? [];
      const valued = told.filter((point) => point.value !== null && point.quality === 'good');
      const shown = told
        .map((one) => `${one.name} ${String(one.value)} ${one.unit} ${one.reason ?? ''}`.trim())
        .join(', ');
      if (told.length === 0) return { sensor, verdict: 'absent', told: '' };
      if (valued.length === 0) return { sensor, verdict: 'no value', told: shown };
      const right = valued.some((point) => agrees(sensor, point));
      return { sensor, verdict: right ? 'matched' : 'wrong', told: shown };
    });
}

function agrees(sensor: ExpectedSensor, { value, raw }: Told): boolean {
  // A state is a word of ours; that it comes of the right number is what can be compared.
  if (sensor.class === 'state')
    return raw === null ? false : sameText(String(raw), sensor.raw) || Number(raw) === sensor.value;
  if (typeof value !== 'number') return raw !== null && Number(raw) === sensor.value;
  // A count has no unit: where the device itself tells one (hours, hPa), ours is converted and only the raw numbers compare.
  if (sensor.class === 'count' && raw !== null && String(raw).trim() === sensor.raw.trim()) return true;
  const expected = sensor.value * (FACTORS[sensor.class] ?? 1);
  return Math.abs(value - expected) <= Math.max(0.0051 * (FACTORS[sensor.class] ?? 1), Math.abs(expected) * 1e-4);
}

const sameText = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();

export interface Tally {
  devices: number;
  recognised: number;
  matched: number;
  /** Of the matched those whose value is 0: they agree with any scale. */
  zero: number;
  wrong: number;
  absent: number;
  noValue: number;
}

export const emptyTally = (): Tally => ({
  devices: 0,
  recognised: 0,
  matched: 0,
  zero: 0,
  wrong: 0,
  absent: 0,
  noValue: 0,
});

export function addToTally(tally: Tally, recognised: boolean, verdicts: readonly SensorVerdict[]): void {
  tally.devices++;
  if (recognised) tally.recognised++;
  for (const { verdict, sensor } of verdicts) {
    if (verdict === 'matched') tally.matched++;
    if (verdict === 'matched' && sensor.value === 0) tally.zero++;
    if (verdict === 'wrong') tally.wrong++;
    if (verdict === 'absent') tally.absent++;
    if (verdict === 'no value') tally.noValue++;
  }
}

/** Of the values that could be compared, how many came out right; 1 without any. */
export function matchedShare({ matched, wrong, absent, noValue }: Tally): number {
  const all = matched + wrong + absent + noValue;
  return all === 0 ? 1 : matched / all;
}
