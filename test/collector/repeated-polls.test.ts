import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Device } from '#core/config/device.ts';
import type { ReadingBatch } from '#core/reading.ts';
import { instant, minutes, seconds } from '#core/time.ts';
import { createDeviceBook, type DeviceBook, type Said } from '#services/collector/device-book.ts';

/**
 * A device that answers as before is told by what is different. Whatever it says, the whole of each batch must be what the
 * book would have told without knowing that it is a repetition.
 */
const device = {
  id: 'ups-1',
  kind: 'ups',
  profile: 'p',
  interval: seconds(10),
  frozen_after: { 'battery.charge': minutes(1) },
  snmp: {},
} as unknown as Device;

function openBook(batches: ReadingBatch[]): DeviceBook {
  return createDeviceBook({
    device,
    simulated: true,
    staleAfter: seconds(30),
    expected: [],
    publishReadings: (batch) => batches.push(batch),
    publishStatus: () => {},
  });
}

const value = fc.constantFrom<Said['decoded']>(
  { value: 1, quality: 'good' },
  { value: 2, quality: 'good' },
  { value: null, quality: 'missing', reason: 'no value' },
  { value: 900, quality: 'implausible', reason: 'outside' },
);
const poll = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(value, value, value) },
  { weight: 1, arbitrary: fc.constant('silent' as const) },
  { weight: 1, arbitrary: fc.tuple(value, value) },
);

const POINTS = ['battery.charge', 'ups.load', 'battery.runtime'];

/** Plays polls ten seconds apart; `afresh`: each poll is a book's first repetition of nothing. */
function play(polls: readonly (readonly Said['decoded'][] | 'silent')[], wasted: boolean): unknown[] {
  const batches: ReadingBatch[] = [];
  const book = openBook(batches);
  polls.forEach((said, index) => {
    const now = instant(Date.UTC(2026, 0, 5) + index * 10_000);
    if (said === 'silent') book.failed({ state: 'silent', reason: 'no answer' }, now);
    else {
      const all = said.map((decoded, place): Said => ({ point: POINTS[place] ?? '', decoded: { ...decoded } }));
      // Their own time makes values no plain repetition, and is the same as none.
      book.heard(wasted ? all.map((one) => ({ ...one, measuredAt: now })) : all, 'schedule', now, true);
    }
  });
  return batches.map(({ at, readings }) => ({
    at,
    readings: [...readings].sort((a, b) => (a.point < b.point ? -1 : 1)),
  }));
}

describe('polls that repeat', () => {
  it('tell the same readings as polls that are judged in full, whatever changes, freezes or falls silent', () => {
    fc.assert(
      fc.property(fc.array(poll, { minLength: 1, maxLength: 25 }), (polls) => {
        expect(play(polls, false)).toEqual(play(polls, true));
      }),
      { numRuns: 300 },
    );
  });

  it('name as news what is different and nothing else, in an unbroken series', () => {
    const batches: ReadingBatch[] = [];
    const book = openBook(batches);
    const at = (s: number) => instant(Date.UTC(2026, 0, 5) + s * 1000);
    const say = (s: number, charge: number, load: number): void =>
      book.heard(
        [
          { point: 'battery.charge', decoded: { value: charge, quality: 'good' } },
          { point: 'ups.load', decoded: { value: load, quality: 'good' } },
        ],
        'schedule',
        at(s),
        true,
      );
    say(0, 90, 10);
    say(10, 89, 10);
    say(20, 88, 12);
    say(30, 88, 12);
    const named = batches.map(({ news }) => [news?.serial, news?.changed.map(({ point }) => point).join(' ')]);
    expect(named).toEqual([
      [1, 'battery.charge ups.load device.responding'],
      [2, 'battery.charge'],
      [3, 'battery.charge ups.load'],
      [4, ''],
    ]);
    expect(new Set(batches.map(({ news }) => news?.teller)).size).toBe(1);
    expect(batches.at(-1)?.news?.good('ups.load')).toBe(12);
    // An earlier batch still says what it said.
    expect(batches[0]?.readings.find(({ point }) => point === 'ups.load')?.value).toBe(10);
  });

  it('call a value that must move frozen at the same poll', () => {
    const batches: ReadingBatch[] = [];
    const book = openBook(batches);
    for (let s = 0; s <= 70; s += 10) {
      const now = instant(Date.UTC(2026, 0, 5) + s * 1000);
      book.heard([{ point: 'battery.charge', decoded: { value: 50, quality: 'good' } }], 'schedule', now, true);
    }
    const qualities = batches.map(({ readings }) => readings[0]?.quality);
    expect(qualities).toEqual(['good', 'good', 'good', 'good', 'good', 'good', 'frozen', 'frozen']);
    expect((batches[6]?.news?.changed ?? []).map(({ quality }) => quality)).toEqual(['frozen']);
  });

  it('are JSON with all their readings over a bus that leaves the process', () => {
    const batches: ReadingBatch[] = [];
    const book = openBook(batches);
    const now = (s: number) => instant(Date.UTC(2026, 0, 5) + s * 1000) as ReturnType<typeof instant>;
    for (const s of [0, 10])
      book.heard([{ point: 'ups.load', decoded: { value: 5, quality: 'good' } }], 'schedule', now(s), true);
    const told = JSON.parse(JSON.stringify(batches[1])) as ReadingBatch;
    expect(Object.keys(told).sort()).toEqual(['at', 'cause', 'device', 'readings']);
    expect(told.readings.map(({ point, receivedAt }) => [point, receivedAt])).toEqual([
      ['ups.load', now(10)],
      ['device.responding', now(10)],
    ]);
  });
});
