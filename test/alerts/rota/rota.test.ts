import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calendarFileSchema, rotaFileSchema } from '#core/config/rota.ts';
import { hours, type Instant, instant, milliseconds, minutes, plus } from '#core/time.ts';
import { createRota } from '#services/alerts/rota/rota.ts';
import { makeConfig } from '../support.ts';

const at = (text: string): Instant => instant(Date.parse(text));

function makeRota(rota: Record<string, unknown>, zone = 'Asia/Shanghai', calendar: Record<string, unknown> = {}) {
  const config = makeConfig();
  return createRota({
    ...config,
    site: { ...config.site, time_zone: zone },
    rota: rotaFileSchema.parse({
      rota: { starts: '2026-01-05', handover: { day: 'mon', at: '08:30' }, order: ['ann', 'bo', 'chief'], ...rota },
    }),
    calendar: calendarFileSchema.parse({
      working_hours: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:30', to: '17:30' }],
      ...calendar,
    }),
  });
}

describe('the weekly rotation', () => {
  it.each<[string, string | null, string]>([
    ['2026-01-05T08:29:59+08:00', null, 'before the first hand-over nobody is on duty (L25)'],
    ['2026-01-05T08:30:00+08:00', 'ann', 'the first hand-over'],
    ['2026-01-12T08:29:59+08:00', 'ann', 'to the last second of the week'],
    ['2026-01-12T08:30:00+08:00', 'bo', 'handed over'],
    ['2026-01-26T09:00:00+08:00', 'ann', 'round again'],
  ])('at %s is %s: %s', (when, person) => {
    expect(makeRota({}).dutyAt(at(when))?.person.id ?? null).toBe(person);
  });

  it('counts whole weeks from the hand-over at or before its start date', () => {
    const rota = makeRota({ starts: '2026-01-07' });
    expect(rota.dutyAt(at('2026-01-05T09:00:00+08:00'))?.person.id).toBe('ann');
    expect(rota.dutyAt(at('2026-01-12T09:00:00+08:00'))?.person.id).toBe('bo');
  });

  it.each(['Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca'])(
    'in %s somebody is on duty in every minute of a year, hands over at the local time, and nobody loses a turn',
    (zone) => {
      const rota = makeRota({}, zone);
      const order = ['ann', 'bo', 'chief'];
      let now = instant(Temporal.ZonedDateTime.from(`2026-01-05T08:30:00[${zone}]`).epochMilliseconds);
      for (let week = 0; week < 53; week++) {
        const duty = rota.dutyAt(now);
        expect(duty?.person.id, `week ${week}`).toBe(order[week % 3]);
        const until = duty!.until;
        const local = Temporal.Instant.fromEpochMilliseconds(until).toZonedDateTimeISO(zone);
        expect([local.dayOfWeek, local.hour, local.minute], `week ${week}`).toEqual([1, 8, 30]);
        expect(rota.dutyAt(instant(until - 1))?.person.id).toBe(order[week % 3]);
        now = until;
      }
    },
  );

  it('names one person whose turn lasts beyond the instant, at any instant of a year', () => {
    const rota = makeRota({}, 'Europe/Berlin');
    const start = at('2026-01-06T00:00:00Z');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 365 * 24 * 60 }), (minute) => {
        const now = plus(start, minutes(minute));
        const duty = rota.dutyAt(now);
        expect(duty).not.toBeNull();
        expect(duty!.until).toBeGreaterThan(now);
        expect(duty!.until - now).toBeLessThanOrEqual(hours(7 * 24 + 1));
        expect(rota.dutyAt(milliseconds(duty!.until - 1) as unknown as Instant)?.person.id).toBe(duty!.person.id);
      }),
    );
  });

  it('keeps the local hand-over time when the clocks jump over it', () => {
    // Europe/Berlin 2026-03-29: 02:00 → 03:00, a Sunday.
    const rota = makeRota({ handover: { day: 'sun', at: '02:30' } }, 'Europe/Berlin');
    const before = rota.dutyAt(at('2026-03-29T00:59:00Z'));
    const after = rota.dutyAt(at('2026-03-29T01:31:00Z'));
    expect(before?.person.id).not.toBe(after?.person.id);
    expect(before?.until).toBe(at('2026-03-29T01:30:00Z'));
  });
});

describe('overrides', () => {
  const override = { from: '2026-01-06T00:00:00+08:00', to: '2026-01-08T00:00:00+08:00', person: 'chief' };

  it('take the place of the rotation from their first to before their last instant', () => {
    const rota = makeRota({ overrides: [override] });
    expect(rota.dutyAt(at('2026-01-05T23:59:59+08:00'))).toMatchObject({
      person: { id: 'ann' },
      until: at(override.from),
    });
    expect(rota.dutyAt(at(override.from))).toMatchObject({ person: { id: 'chief' }, until: at(override.to) });
    expect(rota.dutyAt(at(override.to))?.person.id).toBe('ann');
  });

  it('the later line wins where two overlap', () => {
    const second = { from: '2026-01-07T00:00:00+08:00', to: '2026-01-07T12:00:00+08:00', person: 'bo' };
    const rota = makeRota({ overrides: [override, second] });
    expect(rota.dutyAt(at('2026-01-07T01:00:00+08:00'))?.person.id).toBe('bo');
    expect(rota.dutyAt(at('2026-01-06T01:00:00+08:00'))?.until).toBe(at(second.from));
  });

  it('of somebody unknown leave nobody on duty, which is said (L25)', () => {
    const rota = makeRota({ overrides: [{ ...override, person: 'nobody' }] });
    expect(rota.dutyAt(at('2026-01-07T01:00:00+08:00'))).toBeNull();
    expect(rota.peopleOf('duty', at('2026-01-07T01:00:00+08:00'))).toEqual([]);
  });
});

describe('working time', () => {
  const calendar = { holidays: ['2026-10-01'], working_days: ['2026-10-10'] };
  it.each([
    ['2026-11-23T08:29:00+08:00', false, 'before work'],
    ['2026-11-23T08:30:00+08:00', true, 'Monday morning'],
    ['2026-11-23T17:30:00+08:00', false, 'the end is not worked'],
    ['2026-11-22T10:00:00+08:00', false, 'Sunday'],
    ['2026-10-01T10:00:00+08:00', false, 'a holiday on a Thursday'],
    ['2026-10-10T10:00:00+08:00', true, '调休: a Saturday that is worked, with the hours of a weekday'],
    ['2026-10-10T18:00:00+08:00', false, '调休 after hours'],
  ])('%s is %s: %s', (when, working) => {
    expect(makeRota({}, 'Asia/Shanghai', calendar).isWorkingTime(at(when))).toBe(working);
  });

  it('a shift past midnight belongs to the day it began', () => {
    const night = { working_hours: [{ days: ['fri'], from: '22:00', to: '06:00' }] };
    const rota = makeRota({}, 'Asia/Shanghai', night);
    expect(rota.isWorkingTime(at('2026-11-28T05:59:00+08:00'))).toBe(true);
    expect(rota.isWorkingTime(at('2026-11-28T06:00:00+08:00'))).toBe(false);
    expect(rota.isWorkingTime(at('2026-11-27T05:59:00+08:00'))).toBe(false);
  });
});
