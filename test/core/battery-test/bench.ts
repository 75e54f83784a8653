import type { BatteryTest, CurveSample, TestFacts, TestSample } from '#core/battery-test/state.ts';
import { hours, instant, minutes, seconds } from '#core/time.ts';

/** A test and facts in which everything holds, for tables that change one thing. */

export const NOON = instant(Date.UTC(2026, 10, 18, 4, 0, 0));

export const sampleAt = (at: number, more: Partial<TestSample> = {}): TestSample => ({
  at: instant(at),
  status: 'OL',
  charge: 100,
  voltage: 240,
  power: 2000,
  loadPercent: 40,
  runtimeS: 3600,
  temperature: 25,
  inputVoltage: 220,
  remainingS: 3600,
  ...more,
});

export const factsAt = (at: number, more: Partial<TestFacts> = {}): TestFacts => ({
  sample: sampleAt(at),
  mainsSince: instant(at - hours(48)),
  dischargedAt: null,
  watchedSince: instant(at - hours(48)),
  incidents: [],
  outageAt: null,
  alerts: [],
  consumers: { all: 7, redundant: 2 },
  others: [],
  working: true,
  onSite: true,
  armed: true,
  need: { needS: 600, bareS: 240, share: 0.1, leastS: 90 },
  fullS: 3600,
  otherTest: null,
  first: null,
  previous: null,
  model: { runtimeS: 3600, atLoadW: 2000 },
  ...more,
});

export const SETTINGS: BatteryTest['settings'] = {
  floor: { charge: 40, runtimeS: 300 },
  restoreS: 180,
  clearAheadMs: hours(6),
  mainsStableMs: hours(1),
  rechargeMs: hours(24),
  load: { least: 10, most: 85 },
  temperature: { least: 10, most: 35 },
  breaker: null,
  rated: { runtimeS: 3600, atLoadW: 2000 },
};

export const newTest = (way: 'ups' | 'by-hand' = 'ups', more: Partial<BatteryTest> = {}): BatteryTest => ({
  ...{ id: 'bt-ups-1-2026-11-18', ups: 'ups-1', upsName: { zh: 'UPS 一号', en: 'UPS 1' }, way, settings: SETTINGS },
  ...{ state: 'checking', startedBy: 'ann', createdAt: NOON, since: NOON, simulated: false },
  ...{ floor: { charge: 40, runtimeS: 300 }, stopsAt: { charge: 42, runtimeS: 360 }, preconditions: [] },
  ...{ atBegin: null, begunBy: null, saidOff: false, saidOn: false, from: null, to: null, curve: [], last: null },
  ...{ stop: null, released: false, backSamples: 0, lowestCharge: null, result: null, reason: null, told: [] },
  ...more,
});

/** A discharge at constant power; the gauge rounds. */
export function discharge(
  {
    hoursFull,
    watts,
    to,
    error = () => 0,
  }: { hoursFull: number; watts: number; to: number; error?: (i: number) => number },
  began = NOON,
): CurveSample[] {
  const every = seconds(10);
  const length = minutes(60 * hoursFull * ((100 - to) / 96));
  return Array.from({ length: Math.floor(length / every) + 1 }, (_, i) => ({
    at: instant(began + i * every),
    charge: Math.round(Math.min(100, Math.max(0, 100 - (96 * i * every) / hours(hoursFull) + error(i)))),
    voltage: 230,
    power: watts,
    runtime: 1800,
    temperature: 25,
    wh: (watts * i * every) / 3_600_000,
  }));
}
