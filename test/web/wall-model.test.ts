import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { IncidentView } from '#core/incident.ts';
import type { DayWeather } from '#core/wall-view.ts';
import wallEn from '../../services/dashboard-api/web/src/locales/wall-en.ts';
import wallZh from '../../services/dashboard-api/web/src/locales/wall-zh.ts';
import { bandOf } from '../../services/dashboard-api/web/src/model/bands.ts';
import { wallClocks, wallDigits, wallSteps } from '../../services/dashboard-api/web/src/model/wall.ts';
import { layWeather } from '../../services/dashboard-api/web/src/model/wall-weather.ts';
import { outageAt, shutdownAt } from './fixture-incident.ts';
import { fireAt } from './fixture-wall.ts';

const NOW = Date.parse('2026-11-22T02:00:00Z');
const clocksOf = (over: Partial<NonNullable<IncidentView['clocks']>>, incident = outageAt(NOW)): IncidentView => ({
  ...incident,
  clocks: incident.clocks && { ...incident.clocks, ...over },
});

describe('the clocks of an emergency on the wall', () => {
  test.each<[reason: string, incident: IncidentView, names: string[], tone: string]>([
    [
      'waiting for an answer: the latest safe start counts',
      outageAt(NOW),
      ['latestStart', 'exhaustion', 'need', 'outlook'],
      '',
    ],
    [
      'ten minutes before it, it is urgent',
      clocksOf({ latestSafeStart: new Date(NOW + 599_000).toISOString() }),
      ['latestStart', 'exhaustion', 'need', 'outlook'],
      'high',
    ],
    [
      'shutting down: the end of the battery counts',
      shutdownAt(NOW),
      ['exhaustion', 'latestStart', 'need', 'outlook'],
      '',
    ],
    [
      'no latest start is known',
      clocksOf({ latestSafeStart: null }),
      ['exhaustion', 'latestStart', 'need', 'outlook'],
      '',
    ],
    [
      'mains is back: what was lost no longer runs out',
      { ...clocksOf({ mains: 'present' }, shutdownAt(NOW)), phase: 'recovering' },
      ['elapsed', 'progress', 'charge'],
      '',
    ],
    [
      'a fire has no figure that runs down but what is asked of people',
      fireAt(NOW),
      ['elapsed', 'deadline', 'progress'],
      '',
    ],
    [
      'before a planned outage',
      { ...outageAt(NOW), phase: 'preparing', planned: { id: 'p', from: new Date(NOW + 1000).toISOString(), to: '' } },
      ['planned', 'deadline', 'progress'],
      '',
    ],
    [
      'the heat rises and nobody has said when it is cool again',
      clocksOf({ threat: 'heat', mains: 'unknown', limitS: null }),
      ['latestStart', 'exhaustion', 'need', 'elapsed'],
      '',
    ],
  ])('%s', (_reason, incident, names, tone) => {
    const clocks = wallClocks(incident, NOW);
    expect(clocks.map(({ name }) => name)).toEqual(names);
    expect(clocks.length).toBeLessThanOrEqual(4);
    expect(clocks[0]?.tone).toBe(tone);
  });

  test('a deadline that has passed is told in colour', () => {
    expect(wallClocks(fireAt(NOW), NOW).find(({ name }) => name === 'deadline')).toMatchObject({
      tone: 'high',
      at: NOW - 12_000,
    });
  });

  test('digits always have the same number of places under ten hours', () => {
    fc.assert(
      fc.property(fc.integer({ min: -100, max: 35_999 }), (seconds) => {
        const { quiet, digits } = wallDigits(seconds);
        expect(quiet + digits).toMatch(/^\d:\d\d:\d\d$/);
      }),
    );
    expect(wallDigits(3600)).toEqual({ quiet: '', digits: '1:00:00' });
    expect(wallDigits(3599.9)).toEqual({ quiet: '0:', digits: '59:59' });
    expect(wallDigits(-5)).toEqual({ quiet: '0:', digits: '00:00' });
  });
});

describe('what runs, what is asked, what comes next', () => {
  test('what failed stands first among what runs; what can begin soonest first among what comes', () => {
    const { running, asked, next } = wallSteps(shutdownAt(NOW));
    expect(running[0]?.state).toBe('failed');
    expect(running.map(({ state }) => state)).toEqual(['failed', 'verifying', 'running']);
    expect(asked).toEqual([]);
    expect(next.every(({ state }) => state === 'pending')).toBe(true);
  });

  test('while there is something to save, starting things again is not among what comes next', () => {
    expect(wallSteps(outageAt(NOW)).next.some(({ stage }) => stage === 'recover')).toBe(false);
    const done = shutdownAt(NOW);
    const recovering: IncidentView = {
      ...done,
      phase: 'recovering',
      steps: done.steps.map((step) => (step.stage === 'recover' ? step : { ...step, state: 'done' })),
    };
    expect(wallSteps(recovering).next.map(({ id }) => id)).toContain('start:array-1');
  });

  test('what belongs to an announced outage does not come next in one that nobody announced', () => {
    const outage = outageAt(NOW);
    const [first] = outage.steps;
    if (first === undefined) throw new Error('no steps');
    const planned = { ...first, id: 'tell-planned', stage: 'prepare', state: 'pending' as const };
    const late = { ...first, id: 'call-again', stage: 'respond', state: 'pending' as const };
    const steps = [planned, late, ...outage.steps];
    const ids = wallSteps({ ...outage, steps }).next.map(({ id }) => id);
    expect(ids).not.toContain('tell-planned');
    expect(ids[0]).toBe('shed-screens');
    expect(ids.at(-1)).toBe('call-again');
    expect(wallSteps({ ...outage, steps, phase: 'preparing' }).next[0]?.id).toBe('tell-planned');
  });

  test('each step stands in one column at most', () => {
    for (const incident of [outageAt(NOW), shutdownAt(NOW), fireAt(NOW)]) {
      const { running, asked, next } = wallSteps(incident);
      const ids = [...running, ...asked, ...next].map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });
});

describe('the weather of the week as drawn', () => {
  const DATES = ['2026-11-20', '2026-11-21', '2026-11-22'];
  const day = (date: string, min: number, mean: number, max: number): DayWeather => ({ date, min, mean, max });
  const inlet = bandOf('ambient.temperature');

  test('a day without readings keeps its place; only the part past the band is set apart', () => {
    const { bars, band } = layWeather(DATES, [day('2026-11-20', 20, 22, 24), day('2026-11-22', 21, 25, 29)], inlet);
    expect(bars.map((bar) => bar.day === null)).toEqual([false, true, false]);
    expect(bars[0]).toMatchObject({ over: null, under: null, abnormal: null });
    expect(bars[2]?.abnormal).toBe('medium');
    expect(bars[2]?.over).toBeCloseTo((band?.top ?? 0) - (bars[2]?.top ?? 0));
  });

  test('everything is inside the drawing and in order, with a band and without', () => {
    const temperatures = fc.double({ min: -40, max: 60, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(temperatures, temperatures, temperatures), { maxLength: 3 }),
        fc.boolean(),
        (week, banded) => {
          const days = week.map((three, index) => {
            const [min = 0, mean = 0, max = 0] = three.toSorted((a, b) => a - b);
            return day(DATES[index] ?? '', min, mean, max);
          });
          const { bars, low, high } = layWeather(DATES, days, banded ? inlet : null);
          expect(high).toBeGreaterThan(low);
          for (const bar of bars.filter((one) => one.day !== null)) {
            expect(bar.top).toBeGreaterThanOrEqual(0);
            expect(bar.bottom).toBeLessThanOrEqual(1);
            expect(bar.top).toBeLessThanOrEqual(bar.mean + 1e-9);
            expect(bar.mean).toBeLessThanOrEqual(bar.bottom + 1e-9);
          }
        },
      ),
    );
  });
});

describe('the words of the wall', () => {
  test('every text that a file of the wall asks for is among them', () => {
    const seen = new Map<string, string>();
    const visit = (file: string): void => {
      if (seen.has(file) || file.includes('/locales/')) return;
      const text = readFileSync(file, 'utf8');
      seen.set(file, text);
      for (const [, path = ''] of text.matchAll(/from '(\.[^']+)'/g)) visit(join(dirname(file), path));
    };
    visit(join(import.meta.dirname, '../../services/dashboard-api/web/src/wall-main.ts'));
    expect([...seen.keys()].some((file) => file.endsWith('room-plan.vue'))).toBe(true);
    const asked = [...seen.values()].flatMap((text) =>
      [...text.matchAll(/\bt\(\s*['`]([a-zA-Z]+)\./g)].map(([, area = '']) => area),
    );
    // What the kiosk never meets: it sends no orders, so it has no problems to word.
    const never = ['problem'];
    for (const words of [wallZh, wallEn]) {
      expect([...new Set(asked)].filter((area) => !(area in words) && !never.includes(area))).toEqual([]);
    }
    expect(Object.keys(wallEn).toSorted()).toEqual(Object.keys(wallZh).toSorted());
  });
});
