import { describe, expect, it } from 'vitest';
import type { SeriesStep } from '#core/series.ts';
import { hours, instant, minutes } from '#core/time.ts';
import { reading, type StoreUnderTest } from './series-store-support.ts';

/** Local days and hours where the clocks are odd. Expected as instants with their offsets: readable, and checked against the zone's law, not against our code. */
const CASES: readonly { why: string; step: SeriesStep; from: string; to: string; edges: readonly string[] }[] = [
  {
    why: 'Berlin: the Sunday on which the clocks go forward has 23 hours',
    step: { calendar: 'day', timeZone: 'Europe/Berlin' },
    from: '2026-03-28T12:00+01:00',
    to: '2026-03-30T12:00+02:00',
    edges: ['2026-03-28T00:00+01:00', '2026-03-29T00:00+01:00', '2026-03-30T00:00+02:00', '2026-03-31T00:00+02:00'],
  },
  {
    why: 'Berlin: the Sunday on which they go back has 25',
    step: { calendar: 'day', timeZone: 'Europe/Berlin' },
    from: '2025-10-26T00:00+02:00',
    to: '2025-10-27T00:00+01:00',
    edges: ['2025-10-26T00:00+02:00', '2025-10-27T00:00+01:00'],
  },
  {
    why: 'Berlin: 2 o’clock comes twice and is two hours',
    step: { calendar: 'hour', timeZone: 'Europe/Berlin' },
    from: '2025-10-26T01:30+02:00',
    to: '2025-10-26T03:00+01:00',
    edges: ['2025-10-26T01:00+02:00', '2025-10-26T02:00+02:00', '2025-10-26T02:00+01:00', '2025-10-26T03:00+01:00'],
  },
  {
    why: 'Berlin: 2 o’clock that does not come',
    step: { calendar: 'hour', timeZone: 'Europe/Berlin' },
    from: '2026-03-29T01:10+01:00',
    to: '2026-03-29T03:10+02:00',
    edges: ['2026-03-29T01:00+01:00', '2026-03-29T03:00+02:00', '2026-03-29T04:00+02:00'],
  },
  {
    why: 'Berlin: weeks begin on Monday, the one in which the clocks change too',
    step: { calendar: 'week', timeZone: 'Europe/Berlin' },
    from: '2026-03-29T10:00+02:00',
    to: '2026-03-30T10:00+02:00',
    edges: ['2026-03-23T00:00+01:00', '2026-03-30T00:00+02:00', '2026-04-06T00:00+02:00'],
  },
  {
    why: 'Shanghai: no change of the clocks; the first of March after 28 days',
    step: { calendar: 'month', timeZone: 'Asia/Shanghai' },
    from: '2026-02-01T00:00+08:00',
    to: '2026-03-01T00:00+08:00',
    edges: ['2026-02-01T00:00+08:00', '2026-03-01T00:00+08:00'],
  },
  {
    why: 'Shanghai: a leap year',
    step: { calendar: 'year', timeZone: 'Asia/Shanghai' },
    from: '2024-02-29T23:59+08:00',
    to: '2025-01-01T00:01+08:00',
    edges: ['2024-01-01T00:00+08:00', '2025-01-01T00:00+08:00', '2026-01-01T00:00+08:00'],
  },
  {
    why: 'Kolkata: the day begins at half past six in the evening of UTC',
    step: { calendar: 'day', timeZone: 'Asia/Kolkata' },
    from: '2026-01-05T18:29Z',
    to: '2026-01-05T18:31Z',
    edges: ['2026-01-04T18:30Z', '2026-01-05T18:30Z', '2026-01-06T18:30Z'],
  },
  {
    why: 'Kolkata: the local hour begins at UTC’s half',
    step: { calendar: 'hour', timeZone: 'Asia/Kolkata' },
    from: '2026-01-05T06:29Z',
    to: '2026-01-05T06:31Z',
    edges: ['2026-01-05T05:30Z', '2026-01-05T06:30Z', '2026-01-05T07:30Z'],
  },
  {
    why: 'Kathmandu: three quarters of an hour',
    step: { calendar: 'hour', timeZone: 'Asia/Kathmandu' },
    from: '2026-01-05T00:15Z',
    to: '2026-01-05T01:15Z',
    edges: ['2026-01-05T00:15Z', '2026-01-05T01:15Z'],
  },
  {
    why: 'Lord Howe: half an hour back; from 2:00 (+11) it is 1:30 again, and the hours strike as before',
    step: { calendar: 'hour', timeZone: 'Australia/Lord_Howe' },
    from: '2026-04-05T01:10+11:00',
    to: '2026-04-05T03:00+10:30',
    edges: ['2026-04-05T01:00+11:00', '2026-04-05T01:30+10:30', '2026-04-05T02:00+10:30', '2026-04-05T03:00+10:30'],
  },
  {
    why: 'Lord Howe: the hours are the same when the question begins after the change',
    step: { calendar: 'hour', timeZone: 'Australia/Lord_Howe' },
    from: '2026-04-05T01:45+10:30',
    to: '2026-04-05T02:30+10:30',
    edges: ['2026-04-05T01:30+10:30', '2026-04-05T02:00+10:30', '2026-04-05T03:00+10:30'],
  },
  {
    why: 'Lord Howe: half an hour forward; 2:00 becomes 2:30, that hour has 30 minutes',
    step: { calendar: 'hour', timeZone: 'Australia/Lord_Howe' },
    from: '2026-10-04T01:00+10:30',
    to: '2026-10-04T04:00+11:00',
    edges: ['2026-10-04T01:00+10:30', '2026-10-04T02:30+11:00', '2026-10-04T03:00+11:00', '2026-10-04T04:00+11:00'],
  },
  {
    why: 'Lord Howe: the day has 24 hours and a half',
    step: { calendar: 'day', timeZone: 'Australia/Lord_Howe' },
    from: '2026-04-05T00:00+11:00',
    to: '2026-04-06T00:00+10:30',
    edges: ['2026-04-05T00:00+11:00', '2026-04-06T00:00+10:30'],
  },
  {
    why: 'São Paulo 2018: midnight does not exist, the day begins at 1:00',
    step: { calendar: 'day', timeZone: 'America/Sao_Paulo' },
    from: '2018-11-03T12:00-03:00',
    to: '2018-11-04T12:00-02:00',
    edges: ['2018-11-03T00:00-03:00', '2018-11-04T01:00-02:00', '2018-11-05T00:00-02:00'],
  },
  {
    why: 'São Paulo 2018: a week and a month that begin around it',
    step: { calendar: 'month', timeZone: 'America/Sao_Paulo' },
    from: '2018-11-04T01:00-02:00',
    to: '2018-12-01T00:00-02:00',
    edges: ['2018-11-01T00:00-03:00', '2018-12-01T00:00-02:00'],
  },
  {
    why: 'Apia 2011: 30 December was left out',
    step: { calendar: 'day', timeZone: 'Pacific/Apia' },
    from: '2011-12-29T12:00-10:00',
    to: '2011-12-31T12:00+14:00',
    edges: ['2011-12-29T00:00-10:00', '2011-12-31T00:00+14:00', '2012-01-01T00:00+14:00'],
  },
  {
    why: 'even steps stand on whole multiples since 1970 in UTC, whatever the range',
    step: { every: minutes(7) },
    from: '1970-01-01T00:08Z',
    to: '1970-01-01T00:15Z',
    edges: ['1970-01-01T00:07Z', '1970-01-01T00:14Z', '1970-01-01T00:21Z'],
  },
  {
    why: 'a day of even steps is one of UTC',
    step: { every: hours(24) },
    from: '2026-03-29T00:00+02:00',
    to: '2026-03-29T12:00+02:00',
    edges: ['2026-03-28T00:00Z', '2026-03-29T00:00Z', '2026-03-30T00:00Z'],
  },
];

const at = (iso: string) => instant(Temporal.Instant.from(iso).epochMilliseconds);

/** Time zones and daylight saving. */
export function calendarContract(test: StoreUnderTest): void {
  describe('calendar', () => {
    for (const { why, step, from, to, edges } of CASES) {
      it(why, async () => {
        const key = { device: test.device(), point: 'ups.status' };
        const times = edges.map(at);
        // One reading on each edge, one just before it: each bucket has two, the ones outside none of ours.
        const readings = times.flatMap((time, index) => [
          reading(key, time, index),
          ...(time > 0 ? [reading(key, instant(time - 1), index)] : []),
        ]);
        await test.store().write(readings);
        await test.disturbed();
        const buckets = await test.store().buckets({ ...key, from: at(from), to: at(to), step });
        expect(buckets.map((bucket) => [bucket.from, bucket.to, bucket.count])).toEqual(
          times.slice(1).map((end, index) => [times[index], end, 2]),
        );
      });
    }
  });
}
