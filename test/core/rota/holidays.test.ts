import { describe, expect, it } from 'vitest';
import { createSpecialDays, holidaysKnown } from '#core/rota/holidays.ts';
import { createRota } from '#core/rota/rota.ts';
import { calendarDays } from '#core/rota/working-time.ts';
import { at, slice } from './support.ts';

const calendarOf = (lines: Record<string, unknown>) =>
  slice({}, 'Asia/Shanghai', [], { national_holidays: 'china', ...lines }).calendar;

describe('national holidays and days worked instead', () => {
  it.each<[string, string, string | null]>([
    ['国庆节', '2026-10-01', 'holiday national'],
    ['调休: a Saturday that is worked', '2026-10-10', 'worked national'],
    ['a Monday like any other', '2026-11-23', null],
    ['a Sunday like any other', '2026-11-22', null],
    ['春节 of the year before', '2025-01-29', 'holiday national'],
  ])('%s (%s) is %s', (_what, date, expected) => {
    const special = createSpecialDays(calendarOf({}))(date);
    expect(special === null ? null : `${special.kind} ${special.source}`).toBe(expected);
  });

  it('has names in both languages', () => {
    expect(createSpecialDays(calendarOf({}))('2026-10-01')?.name).toEqual({ zh: '国庆节', en: 'National Day' });
  });

  it('calendar.yaml’s own lines win, either way', () => {
    const special = createSpecialDays(calendarOf({ working_days: ['2026-10-01'], holidays: ['2026-10-10'] }));
    expect(special('2026-10-01')).toMatchObject({ kind: 'worked', source: 'own' });
    expect(special('2026-10-10')).toMatchObject({ kind: 'holiday', source: 'own' });
  });

  it('without being asked for they do nothing: a calendar of before is answered as before', () => {
    const special = createSpecialDays(slice().calendar);
    expect(special('2026-10-01')).toBeNull();
    expect(holidaysKnown(slice().calendar, 2099)).toBe(true);
  });

  it.each([
    [2026, true, 'published'],
    [2099, false, 'nobody has published it'],
    [2098, true, 'written by hand'],
  ])('%i is known: %s, %s', (year, known) => {
    expect(holidaysKnown(calendarOf({ years_by_hand: [2098] }), year)).toBe(known);
  });

  it('working hours follow them, whatever zone the machine is in', () => {
    const rota = createRota(slice({}, 'Asia/Shanghai', [], { national_holidays: 'china' }));
    expect(rota.isWorkingTime(at('2026-10-01T10:00:00+08:00'))).toBe(false);
    expect(rota.isWorkingTime(at('2026-10-10T10:00:00+08:00'))).toBe(true);
    expect(rota.isWorkingTime(at('2026-10-10T00:30:00+08:00'))).toBe(false);
  });

  it('a day that is worked on a weekday keeps its own hours', () => {
    const days = calendarDays(calendarOf({}), Temporal.PlainDate.from('2026-10-05'), 7);
    expect(days.map(({ worked }) => worked)).toEqual([false, false, false, true, true, true, false]);
  });
});
