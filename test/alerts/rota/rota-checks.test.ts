import { describe, expect, it } from 'vitest';
import type { FunctionName } from '#core/config/people.ts';
import { calendarFileSchema, rotaFileSchema } from '#core/config/rota.ts';
import { hours, type Instant, instant, minutes, plus } from '#core/time.ts';
import { createRota } from '#services/alerts/rota/rota.ts';
import { createRotaChecks } from '#services/alerts/self/rota-checks.ts';
import { makeConfig } from '../support.ts';

const at = (text: string): Instant => instant(Date.parse(text));

/** Judges as the self-checks do: what was so is remembered. */
function watch(rota: Record<string, unknown>, needed: FunctionName[] = [], calendar: Record<string, unknown> = {}) {
  const weekly = { starts: '2026-11-16', handover: { day: 'mon', at: '08:30' }, order: ['ann'] };
  const config = makeConfig({
    rota: rotaFileSchema.parse({
      rota: { ...weekly, ...rota },
      layers: [{ ...weekly, role: 'system-administrator', order: [{ person: 'bo', until: '2026-11-29' }] }],
    }),
    calendar: calendarFileSchema.parse({ working_hours: [], ...calendar }),
  });
  const live = createRota(config);
  const checks = createRotaChecks(config, live.layers);
  const firing = new Set<string>();
  return (when: Instant): string[] => {
    const found = checks.judge(when, new Set(needed), (id, subject) => firing.has(`${id} ${subject}`));
    firing.clear();
    for (const { id, subject, truth } of found) if (truth) firing.add(`${id} ${subject}`);
    return [...firing].map((one) => one.replace('zhishou-', ''));
  };
}

describe('L25: nobody on duty is an alarm', () => {
  const gap = { overrides: [{ from: '2026-12-01T10:00:00+08:00', to: '2026-12-01T12:00:00+08:00', person: 'gone' }] };
  const begins = at('2026-12-01T10:00:00+08:00');
  it('foreseen a day and an hour before, raised the minute it begins, and over when it is over', () => {
    const look = watch(gap);
    expect(look(plus(begins, hours(-25)))).toEqual([]);
    expect(look(plus(begins, hours(-24)))).toEqual(['nobody-on-duty-soon rota']);
    expect(look(plus(begins, minutes(-61)))).toEqual(['nobody-on-duty-soon rota']);
    expect(look(plus(begins, hours(-1)))).toEqual(['nobody-on-duty-next rota', 'nobody-on-duty-soon rota']);
    expect(look(begins)).toEqual(['nobody-on-duty rota', 'nobody-on-duty-next rota', 'nobody-on-duty-soon rota']);
    expect(look(plus(begins, hours(2)))).toEqual([]);
  });

  it('is one alarm, not three, where nobody could foresee it', () => {
    expect(watch(gap)(plus(begins, minutes(5)))).toEqual(['nobody-on-duty rota']);
  });

  it('hours that are nobody’s by intention are an alarm too, and nothing to foresee', () => {
    const look = watch({ off: [{ days: ['tue'], from: '10:00', to: '12:00' }] });
    expect(look(plus(begins, minutes(-10)))).toEqual([]);
    expect(look(begins)).toEqual(['nobody-on-duty rota']);
  });

  it('another rotation counts when something asks for its people, and else is nobody’s business', () => {
    const after = at('2026-12-01T00:00:00Z');
    expect(watch({})(after)).toEqual([]);
    expect(watch({}, ['system-administrator'])(after)).toEqual(['nobody-on-duty rota-system-administrator']);
  });

  it('never misses a gap that a look at each minute of the day before would see', () => {
    const look = watch(gap);
    let first: Instant | null = null;
    for (let now = at('2026-11-29T00:07:00Z'); now < begins; now = plus(now, minutes(1))) {
      if (look(now).length > 0) first ??= now;
    }
    expect(first).toBe(plus(begins, hours(-24)));
  });
});

describe('national holidays that are not known', () => {
  const china = { national_holidays: 'china' };
  it.each<[string, string, Record<string, unknown>, boolean]>([
    ['in November the next year’s may still be to come', '2026-11-30T15:59:00Z', china, false],
    ['from the first of December, on the site’s own clock, they are missed', '2026-11-30T16:00:00Z', china, true],
    ['not when they are written by hand', '2026-12-10T00:00:00Z', { ...china, years_by_hand: [2027] }, false],
    ['not where nobody asks for them', '2026-12-10T00:00:00Z', {}, false],
    ['all through a year that nobody knows', '2099-06-01T00:00:00Z', china, true],
  ])('%s', (_reason, when, calendar, missing) => {
    expect(watch({}, [], calendar)(at(when)).includes('holidays-missing calendar')).toBe(missing);
  });
});
