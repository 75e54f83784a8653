import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import type { dutySchema } from '#core/config/duties.ts';
import { calendarFileSchema } from '#core/config/rota.ts';
import { afterDone, type Occurrence, occurrences, ofEntry } from '#core/duties/occurrences.ts';
import { hours, type Instant, instant, plus } from '#core/time.ts';
import { at, makeDuty, makeSite, yearOf } from './support.ts';

const SITE = makeSite();
type Change = Partial<z.input<typeof dutySchema>>;
const daysOf = (change: Change, [from, to]: readonly [Instant, Instant] = yearOf(2026)): string[] =>
  occurrences(makeDuty(change), SITE, from, to).map(({ day }) => day);
const namesOf = (change: Change, range = yearOf(2026)): string[] =>
  occurrences(makeDuty(change), SITE, ...range).map(({ id }) => id);

describe('days of a rule, in 2026 with its public holidays', () => {
  const ROWS: readonly [name: string, change: Change, count: number, some: readonly string[], reason: string][] = [
    [
      'daily',
      { when: 'daily' },
      365,
      ['2026-01-01', '2026-02-17', '2026-12-31'],
      'O-PAT-1: holidays too, the room runs',
    ],
    ['weekdays', { when: 'weekdays' }, 261, ['2026-10-01'], 'Monday to Friday by the name of the day'],
    [
      'working-days',
      { when: 'working-days' },
      248,
      ['2026-02-14', '2026-02-28', '2026-10-10'],
      '调休: Saturdays that the State Council makes working days',
    ],
    ['skip', { when: 'daily', holidays: 'skip' }, 332, ['2026-02-14'], '33 days of public holidays in 2026'],
    ['Thursday', { when: { weekly: 'thu' } }, 53, ['2026-01-01', '2026-12-31'], '2026 begins and ends on a Thursday'],
    ['last day', { when: { monthly: { day: 'last' } } }, 12, ['2026-02-28'], 'February has 28'],
    ['day 31', { when: { monthly: { day: 31 } } }, 12, ['2026-04-30'], 'a month without it: its last'],
    [
      'last working day',
      { when: { monthly: { working_day: 'last' } } },
      12,
      ['2026-01-30', '2026-02-28'],
      '02-28 is 调休',
    ],
    [
      'first working day',
      { when: { monthly: { working_day: 1 } } },
      12,
      ['2026-10-08', '2026-05-06'],
      'after the holidays',
    ],
    ['second Friday', { when: { monthly: { weekday: 'fri', nth: 2 } } }, 12, ['2026-11-13'], 'by the weekday'],
    [
      'quarterly',
      { when: { quarterly: { month: 3, working_day: 'last' } } },
      4,
      ['2026-03-31', '2026-06-30', '2026-09-30', '2026-12-31'],
      'O-QTR-1',
    ],
    [
      'half-yearly',
      { when: { half_yearly: { month: 5, weekday: 'wed', nth: 2 } } },
      2,
      ['2026-05-13', '2026-11-11'],
      'O-BAT-1: May and November',
    ],
    ['yearly', { when: { yearly: { month: 9, day: 1 } } }, 1, ['2026-09-01'], 'once'],
    [
      'second weeks',
      { when: { weekly: 'mon', every: 2, starts: '2026-01-07' } },
      26,
      ['2026-01-05', '2026-01-19'],
      'counted from the week of the date',
    ],
    [
      'heating season',
      { when: { weekly: 'fri' }, season: 'heating' },
      17,
      ['2026-01-02', '2026-03-13', '2026-11-20', '2026-12-25'],
      'O-FRI-1, O-WTR-1: 11-15 to 03-15, over the new year',
    ],
  ];
  test.each(ROWS)('%s', (_name, change, count, some) => {
    const days = daysOf(change);
    expect(days).toEqual(expect.arrayContaining([...some]));
    expect(days).toHaveLength(count);
  });
});

describe('O-THU-1: holidays move what cannot be done', () => {
  test('the Thursday of 国庆 is cleaned after it, once', () => {
    const cleaning = namesAndDays({ when: { weekly: 'thu' }, holidays: 'next-working-day' });
    // 2026-10-01 is a holiday up to 10-07; 10-08 is a Thursday itself, and one cleaning is enough.
    expect(cleaning).not.toContainEqual(expect.stringContaining('2026-10-01'));
    expect(cleaning).toContainEqual('patrol@2026-10-08 2026-10-08');
  });
  test('the Thursday of 春节 is cleaned on the first working day after it, under the name of its own day', () => {
    const cleaning = namesAndDays({ when: { weekly: 'thu' }, holidays: 'next-working-day' });
    expect(cleaning).toContainEqual('patrol@2026-02-19 2026-02-24');
  });
  test('O-FRI-1: the Friday of 国庆 is checked before it', () => {
    const checks = namesAndDays({ when: { weekly: 'fri' }, holidays: 'previous-working-day' });
    expect(checks).toContainEqual('patrol@2026-10-02 2026-09-30');
  });
  const namesAndDays = (change: Change): string[] =>
    occurrences(makeDuty(change), SITE, ...yearOf(2026)).map(({ id, day }) => `${id} ${day}`);
});

describe('counted independently over ten years', () => {
  const TEN = [at('2026-01-01T00:00:00+08:00'), at('2036-01-01T00:00:00+08:00')] as const;
  test('O-PAT-1: each day has exactly one patrol', () => {
    const names = namesOf({ when: 'daily' }, TEN);
    const days: string[] = [];
    for (let day = Date.UTC(2026, 0, 1); day < Date.UTC(2036, 0, 1); day += 86_400_000)
      days.push(`patrol@${new Date(day).toISOString().slice(0, 10)}`);
    expect(names).toEqual(days);
  });
  test('O-THU-1: every Thursday, by counting seven days on from the first', () => {
    const days: string[] = [];
    for (let day = Date.UTC(2026, 0, 1); day < Date.UTC(2036, 0, 1); day += 7 * 86_400_000)
      days.push(new Date(day).toISOString().slice(0, 10));
    expect(daysOf({ when: { weekly: 'thu' } }, TEN)).toEqual(days);
  });
  test('O-BAT-1: twice a year, six months apart', () => {
    const days = daysOf({ when: { half_yearly: { month: 5, weekday: 'wed', nth: 2 } } }, TEN);
    const perYear = Map.groupBy(days, (day) => day.slice(0, 4));
    expect([...perYear.values()].map((own) => own.map((day) => day.slice(5, 7)))).toEqual(
      Array.from({ length: 10 }, () => ['05', '11']),
    );
    expect(
      days.every((day) => new Date(`${day}T00:00:00Z`).getUTCDay() === 3 && Number(day.slice(8)) in SECOND_WEEK),
    ).toBe(true);
  });
  const SECOND_WEEK = Object.fromEntries([8, 9, 10, 11, 12, 13, 14].map((day) => [day, true]));
  test('O-SAF-1: twelve times a year, on the last day that the calendar calls worked', () => {
    const days = daysOf({ when: { monthly: { working_day: 'last' } } }, TEN);
    const worked = new Set(daysOf({ when: 'working-days' }, TEN));
    const last = [...Map.groupBy(worked, (day) => day.slice(0, 7)).values()].map((month) => month.at(-1));
    expect(days).toEqual(last);
    expect(days).toHaveLength(120);
  });
});

const zone = fc.constantFrom('Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC');
const clock = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '15', '30', '45'))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${minute}`);
const rule: fc.Arbitrary<z.input<typeof dutySchema>['when']> = fc.oneof(
  fc.constant('daily' as const),
  fc.constant('working-days' as const),
  fc.constantFrom('mon' as const, 'thu' as const, 'sun' as const).map((weekly) => ({ weekly })),
  fc.integer({ min: 1, max: 31 }).map((day) => ({ monthly: { day } })),
  fc.integer({ min: 1, max: 15 }).map((working) => ({ monthly: { working_day: working } })),
);
const holidays = fc.constantFrom(
  'as-they-are' as const,
  'skip' as const,
  'next-working-day' as const,
  'previous-working-day' as const,
);
const someDuty = fc.record({ when: rule, holidays, from: clock, due: clock, opens: fc.integer({ min: 0, max: 9 }) });
const someTime = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) }).map(instant);

describe('whatever the rule, the zone and the time', () => {
  test('a time asked for in two pieces gives what it gives whole: nothing hangs on who asks when', () => {
    fc.assert(
      fc.property(
        someDuty,
        zone,
        someTime,
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 1, max: 90 }),
        (change, in_, from, a, b) => {
          const site = makeSite(in_);
          const [middle, to] = [plus(from, hours(24 * a)), plus(from, hours(24 * (a + b)))];
          const ask = (begin: Instant, end: Instant): Occurrence[] => [
            ...occurrences(makeDuty(change), site, begin, end),
          ];
          expect([...ask(from, middle), ...ask(middle, to)].map(({ id, due }) => [id, due])).toEqual(
            ask(from, to).map(({ id, due }) => [id, due]),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
  test('every window is open before it is due and due before it is missed, on the days of summer time too; no name comes twice', () => {
    fc.assert(
      fc.property(someDuty, zone, someTime, (change, in_, from) => {
        const found = occurrences(makeDuty(change), makeSite(in_), from, plus(from, hours(24 * 200)));
        expect(found.every((one) => one.from < one.due && one.due <= one.missed)).toBe(true);
        expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
      }),
      { numRuns: 60 },
    );
  });
  test('what holidays moved stands on a working day, and two never stand on one', () => {
    const moved = fc.constantFrom('next-working-day' as const, 'previous-working-day' as const);
    fc.assert(
      fc.property(someDuty, moved, someTime, (change, move, from) => {
        const found = occurrences(makeDuty({ ...change, holidays: move }), SITE, from, plus(from, hours(24 * 200)));
        const days = found.map(({ day }) => day);
        expect(days.every((day) => SITE.office.isWorked(Temporal.PlainDate.from(day)))).toBe(true);
        expect(new Set(days).size).toBe(days.length);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the site’s own clock', () => {
  const BERLIN = makeSite('Europe/Berlin');
  test('a clock time stays where it is when summer time begins and ends', () => {
    const due = (day: string): number =>
      occurrences(makeDuty(), BERLIN, at(`${day}T00:00:00Z`), at(`${day}T23:00:00Z`))[0]?.due ?? 0;
    expect(new Date(due('2026-03-28')).toISOString()).toBe('2026-03-28T09:30:00.000Z');
    expect(new Date(due('2026-03-29')).toISOString()).toBe('2026-03-29T08:30:00.000Z');
    expect(new Date(due('2026-10-25')).toISOString()).toBe('2026-10-25T09:30:00.000Z');
  });
  test('a window inside the hour that summer time takes away is as long as ever', () => {
    const [one] = occurrences(
      makeDuty({ from: '02:10', due: '02:50' }),
      BERLIN,
      at('2026-03-29T00:00:00Z'),
      at('2026-03-29T12:00:00Z'),
    );
    expect((one?.due ?? 0) - (one?.from ?? 0)).toBe(40 * 60_000);
  });
  test('a night round is due on the morning after', () => {
    const [one] = occurrences(
      makeDuty({ from: '22:00', due: '02:00' }),
      SITE,
      at('2026-11-24T00:00:00+08:00'),
      at('2026-11-24T12:00:00+08:00'),
    );
    expect(one).toMatchObject({
      id: 'patrol@2026-11-23',
      from: at('2026-11-23T22:00:00+08:00'),
      due: at('2026-11-24T02:00:00+08:00'),
    });
  });
});

describe('duties that follow what people did', () => {
  const change: Change = { when: { after_done: { days: 85, first: '2026-12-01' } }, holidays: 'previous-working-day' };
  const far = at('2027-12-01T00:00:00+08:00');
  test('O-PWD-1: the first time on its date, then so many days after it was done, never on a day off', () => {
    expect(afterDone(makeDuty(change), SITE, null, far).map(({ day }) => day)).toEqual([
      '2026-12-01',
      '2027-02-24',
      '2027-05-20',
      '2027-08-13',
      '2027-11-05',
    ]);
    // 85 days after 2 December is 25 February.
    expect(
      afterDone(makeDuty(change), SITE, { at: at('2026-12-02T15:00:00+08:00'), isMissed: false }, far)[0]?.day,
    ).toBe('2027-02-25');
  });
  test('O-PWD-1: one that nobody did is asked for again at once', () => {
    const missed = { at: at('2026-12-11T17:00:00+08:00'), isMissed: true };
    const [next] = afterDone(makeDuty({ ...change, opens: 10 }), SITE, missed, far);
    expect(next).toMatchObject({ day: '2026-12-22', from: at('2026-12-12T08:30:00+08:00') });
  });
  const followed = {
    entry: '2026-0017',
    part: '1',
    label: { zh: '空调', en: 'AC' },
    path: '/registers/repairs/entries/2026-0017',
  };
  const duty = makeDuty({
    when: { deadline: { register: 'repairs', deadline: 're-inspection' } },
    opens: 20,
    holidays: 'previous-working-day',
  });
  test('O-REG-6: due on the deadline of the register, or on the working day before it', () => {
    const due = at('2026-10-03T11:00:00+08:00');
    expect(ofEntry(duty, SITE, { ...followed, at: due, left: null })).toMatchObject({
      id: 'patrol@2026-0017.1',
      day: '2026-09-30',
      settled: null,
    });
  });
  test('what was settled before anybody was asked is no duty; what was settled in time is done', () => {
    const due = at('2026-11-30T11:00:00+08:00');
    const left = (when: string) => ({ at: at(when), by: 'gao-jie', byName: 'Gao Jie' });
    expect(ofEntry(duty, SITE, { ...followed, at: due, left: left('2026-10-01T09:00:00+08:00') })).toBeNull();
    expect(ofEntry(duty, SITE, { ...followed, at: due, left: left('2026-11-20T09:00:00+08:00') })?.settled?.by).toBe(
      'gao-jie',
    );
  });
});

test('a calendar without a single working day moves nothing for ever and says so by having none', () => {
  const idle = makeSite('Asia/Shanghai', calendarFileSchema.parse({ working_hours: [] }));
  expect(occurrences(makeDuty({ holidays: 'next-working-day' }), idle, ...yearOf(2026))).toEqual([]);
});
