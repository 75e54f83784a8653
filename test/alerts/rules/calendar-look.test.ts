import { describe, expect, it } from 'vitest';
import { calendarFileSchema } from '#core/config/rota.ts';
import { createWorkingTime } from '#core/rota/working-time.ts';
import { createCalendarLook } from '#core/rules/calendar-look.ts';
import { createLatestReadings } from '#core/rules/latest-readings.ts';
import { createRuleEngine } from '#core/rules/rule-engine.ts';
import { type Instant, instant, minutes, plus } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { openStateStore } from '#platform/state-store.ts';
import { makeBatch, makeConfig, makeRule } from '../support.ts';

const calendar = calendarFileSchema.parse({
  working_hours: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:30', to: '17:30' }],
  holidays: ['2026-10-01'],
  seasons: { heating: { from: '11-15', to: '03-15' }, rain: { from: '06-01', to: '06-30' } },
});
const at = (iso: string): Instant => instant(Date.parse(iso));
const config = makeConfig({ calendar });
const night = makeRule({ when: { point: 'calendar.time', between: ['22:00', '06:00'] } });
const look = () => createCalendarLook(config, [night], { isWorkingTime: createWorkingTime(calendar, 'Asia/Shanghai') });

describe('the calendar as points', () => {
  it.each([
    ['calendar.working', '2026-11-23T02:00:00Z', true, 'Monday 10:00'],
    ['calendar.working', '2026-11-23T10:00:00Z', false, 'Monday 18:00'],
    ['calendar.holiday', '2026-10-01T02:00:00Z', true, 'a day of calendar.yaml'],
    ['calendar.holiday', '2026-11-22T02:00:00Z', false, 'a Sunday is no holiday'],
    ['calendar.season', '2026-11-14T02:00:00Z', '', 'the day before'],
    ['calendar.season', '2026-11-15T02:00:00Z', 'heating', 'the first day'],
    ['calendar.season', '2027-01-20T02:00:00Z', 'heating', 'over the year’s end'],
    ['calendar.season', '2027-03-15T15:59:00Z', 'heating', 'the last minute in the site’s own time'],
    ['calendar.season', '2027-03-15T16:00:00Z', '', 'over'],
    ['calendar.season', '2027-06-30T02:00:00Z', 'rain', 'within a year'],
    ['calendar.weekday', '2026-11-22T15:59:00Z', 'sun', 'Sunday 23:59'],
    ['calendar.weekday', '2026-11-22T16:00:00Z', 'mon', 'Monday 00:00'],
    ['calendar.time', '2026-11-22T14:00:00Z', '22:00', 'local'],
  ])('%s at %s is %j: %s', (point, iso, value, _why) => {
    expect(look().observe(point, at(iso), at(iso))?.value).toBe(value);
  });

  it('says until when it holds, and looks again before long, since the clock may be set', () => {
    const now = at('2026-11-23T09:25:00Z');
    expect(look().observe('calendar.working', now, now)?.until).toBe(plus(now, minutes(5)));
    const noon = at('2026-11-23T04:00:00Z');
    expect(look().observe('calendar.working', noon, noon)?.until).toBe(plus(noon, minutes(10)));
  });

  it('follows the clock when it is set back', () => {
    const one = look();
    const monday = at('2026-11-23T02:00:00Z');
    expect(one.observe('calendar.working', monday, monday)?.value).toBe(true);
    expect(one.observe('calendar.working', monday, at('2026-11-22T02:00:00Z'))?.value).toBe(false);
  });

  it('without anyone who knows the working hours has none of them, and all else', () => {
    const one = createCalendarLook(config, [], undefined);
    const now = at('2026-11-23T02:00:00Z');
    expect(one.observe('calendar.working', now, now)).toBeNull();
    expect(one.observe('calendar.weekday', now, now)?.value).toBe('mon');
  });
});

describe('a rule by the time of day', () => {
  const rule = makeRule({
    id: 'night-load',
    when: {
      all: [
        { point: 'ups.load', above: 50 },
        { point: 'calendar.time', between: ['22:00', '06:00'] },
      ],
    },
  });

  it('begins and ends at its hour with nobody speaking, to the minute', () => {
    const clock = createVirtualClock(at('2026-11-23T13:58:00Z'));
    const whole = makeConfig({ calendar, rules: [rule] });
    const latest = createLatestReadings(whole);
    const said: string[] = [];
    const engine = createRuleEngine({
      ...{ config: whole, clock, latest, state: openStateStore(':memory:'), steady: () => clock.now() },
      onDue: (due) => {
        for (const { effects } of due())
          said.push(...effects.map(({ kind }) => `${new Date(clock.now()).toISOString().slice(11, 16)} ${kind}`));
      },
    });
    engine.start();
    const tell = (): void => {
      const now = clock.now();
      const news = latest.take(makeBatch('ups-1', now, { 'ups.load': 60 }), now, false) ?? [];
      const touched = engine.touchedBy('ups-1', news, now);
      if (touched !== null) engine.step(touched, now);
    };
    tell();
    for (let i = 0; i < 9 * 60 * 6; i++) {
      clock.advanceBy(minutes(1 / 6));
      tell();
    }
    engine.stop();
    expect(said).toEqual(['14:00 fired', '22:00 cleared']);
  });
});
