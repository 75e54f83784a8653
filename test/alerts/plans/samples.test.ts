import { describe, expect, it } from 'vitest';
import type { Quality, Reading, Value } from '#core/reading.ts';
import { instant } from '#core/time.ts';
import { judgeStatus } from '#services/alerts/plans/power.ts';
import { sampleOf } from '#services/alerts/plans/samples.ts';

const AT = instant(Date.UTC(2026, 10, 18, 4));
const reading = (point: string, value: Value | null, quality: Quality = 'good'): Reading => ({
  ...{ device: 'ups-1', point, value, quality, measuredAt: AT, receivedAt: AT, changedAt: AT, simulated: false },
});
const batch = (status: string, volts: number | null, quality: Quality = 'good') => ({
  device: 'ups-1',
  at: AT,
  readings: [reading('ups.status', status), reading('input.voltage', volts, quality), reading('battery.charge', 70)],
});

describe('a UPS’s state as the plans take it (L3, O-BAT-1)', () => {
  it.each([
    ['a calibration on battery, mains at its input', batch('OB CAL DISCHRG', 221), 'OB CAL DISCHRG', 'mains'],
    ['the same, and mains is gone', batch('OB CAL DISCHRG', 0), 'OB DISCHRG', 'battery'],
    ['a self-test, and mains is gone', batch('OB DISCHRG TEST', 3), 'OB DISCHRG', 'battery'],
    ['nothing is told of the input', batch('OB CAL DISCHRG', null, 'missing'), 'OB CAL DISCHRG', 'mains'],
    ['a doubtful word of the input proves nothing', batch('OB CAL DISCHRG', 0, 'stale'), 'OB CAL DISCHRG', 'mains'],
    ['on line, testing: nothing is changed', batch('OL CAL DISCHRG', 0), 'OL CAL DISCHRG', 'mains'],
    ['a plain outage: nothing is changed', batch('OB DISCHRG', 0), 'OB DISCHRG', 'battery'],
  ] as const)('%s', (_why, said, status, judged) => {
    const news = {
      ...said,
      news: {
        points: said.readings.map(({ point }) => point),
        good: (point: string) => {
          const found = said.readings.find((one) => one.point === point);
          return found?.quality === 'good' ? (found.value ?? null) : null;
        },
      },
    };
    for (const form of [said, news]) {
      const sample = sampleOf(form as never, null);
      expect(sample?.status).toBe(status);
      expect(judgeStatus(sample?.status ?? '')).toBe(judged);
    }
  });
});
