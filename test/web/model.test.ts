import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { IncidentView } from '#core/incident.ts';
import type { Value } from '#core/reading.ts';
import { abnormality, bandOf } from '../../services/dashboard-api/web/src/model/bands.ts';
import { mergeTimeline, summaryOf } from '../../services/dashboard-api/web/src/model/incident-merge.ts';
import { byUrgency, isTold, placeOf, worstOf } from '../../services/dashboard-api/web/src/model/severity.ts';
import {
  answeredQuestions,
  canStandDown,
  canStartNow,
  groupByStage,
  openRequests,
} from '../../services/dashboard-api/web/src/model/steps.ts';
import {
  countdown,
  lengthOf,
  momentOf,
  nextTimeOfDay,
} from '../../services/dashboard-api/web/src/model/time-format.ts';
import { appendSample, sparkPath, trendOf, writeValue } from '../../services/dashboard-api/web/src/model/values.ts';
import { askStep, outageAt, shutdownAt } from './fixture-incident.ts';
import { alertAt } from './fixture-room.ts';

const NOW = Date.parse('2026-11-21T02:00:00Z');
const SHANGHAI = { language: 'zh', timeZone: 'Asia/Shanghai' } as const;

describe('times', () => {
  test.each([
    [0, '00:00', 'nothing left'],
    [-5, '00:00', 'past due never shows a negative time'],
    [59.9, '00:59', 'whole seconds only, never rounded up to a time that is not there'],
    [3600, '1:00:00', 'hours appear when needed'],
    [36_061, '10:01:01', 'two digits of hours'],
  ])('%d s left is shown as %s: %s', (seconds, shown) => {
    expect(countdown(seconds)).toBe(shown);
  });

  test('a count-down keeps its width from one second to the next, but for the change of the hour', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 86_400 }), (seconds) => {
        const [now, before] = [countdown(seconds), countdown(seconds - 1)];
        expect(now.length === before.length || seconds % 3600 === 0).toBe(true);
      }),
    );
  });

  test.each([
    [8, '8 秒'],
    [90 * 60, '90 分钟'],
    [2 * 3600 + 600, '2 小时 10 分钟'],
    [3 * 86_400, '3 天'],
  ])('a length of %d s reads %s', (seconds, shown) => {
    expect(lengthOf('zh', seconds)).toBe(shown);
  });

  test("times are the site's, not the browser's; another day is named", () => {
    expect(momentOf(SHANGHAI, NOW, NOW)).toBe('10:00');
    expect(momentOf(SHANGHAI, NOW + 86_400_000, NOW)).toContain('10:00');
    expect(momentOf(SHANGHAI, NOW + 86_400_000, NOW)).toContain('22');
  });

  test.each<[string, string | null, string]>([
    ['11:30', '2026-11-21T11:30:00+08:00', 'later today'],
    ['09:30', '2026-11-22T09:30:00+08:00', 'passed already: tomorrow'],
    ['', null, 'not yet typed'],
  ])('the next %s at the site is %s: %s', (typed, expected) => {
    expect(nextTimeOfDay('Asia/Shanghai', typed, NOW)).toBe(expected);
  });
});

describe('values', () => {
  const t = (key: string): string => key;
  test.each<[string, Value | null, string, string, string]>([
    ['ambient.temperature', 22.44, '22.4', '°C', 'one decimal where the sensor deserves it'],
    ['battery.runtime', 4260, '71', '分钟', 'seconds read as minutes'],
    ['ups.realpower', 2270, '2.27', 'kW', 'large powers in kW'],
    ['ups.timer.shutdown', -1, '未计时', '', 'minus one is no countdown (RFC 1628)'],
    ['battery.charge', null, '—', '', 'no value is a dash'],
    ['ups.status', 'OB DISCHRG', 'status.OBlist.commastatus.DISCHRG', '', 'tokens become words'],
    ['room.smoke', true, 'truth.room_smoke.true', '', 'truths have words of their own'],
    ['device.model', 'Eaton 9PX', 'Eaton 9PX', '', 'names stay as they are'],
  ])('%s of %s reads %s %s: %s', (point, value, text, unit) => {
    expect(writeValue(point, value, 'zh', t)).toEqual({ text, unit });
  });

  test('noise is no trend, a steady rise is', () => {
    const at = (index: number, value: number) => ({ at: index * 1000, value });
    expect(
      trendOf(
        Array.from({ length: 30 }, (_, i) => at(i, 22 + (i % 2) * 0.1)),
        30,
      ),
    ).toBe('steady');
    expect(
      trendOf(
        Array.from({ length: 30 }, (_, i) => at(i, 22 + i * 0.1)),
        30,
      ),
    ).toBe('up');
  });

  test('a series stays bounded and in order whatever arrives', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ at: fc.integer({ min: 0, max: 1e6 }), value: fc.double({ noNaN: true }) })),
        (samples) => {
          let trail: { at: number; value: number }[] = [];
          for (const sample of samples) trail = appendSample(trail, sample, 100_000, 20);
          expect(trail.length).toBeLessThanOrEqual(20);
          expect(trail.every((sample, index) => index === 0 || sample.at > (trail[index - 1]?.at ?? 0))).toBe(true);
        },
      ),
    );
  });

  test('a gap breaks the line', () => {
    const box = { width: 100, height: 10, low: 0, high: 10 };
    const path = sparkPath(
      [0, 10, 500, 510].map((at) => ({ at, value: 5 })),
      box,
      100,
    );
    expect(path.match(/M/g)?.length).toBe(2);
  });

  test.each([
    ['ambient.temperature', 22, null],
    ['ambient.temperature', 28, 'medium'],
    ['ambient.temperature', 33, 'high'],
    ['battery.charge', 25, 'high'],
    ['battery.runtime', 60_000, null],
    ['input.voltage', 0, 'high'],
  ] as const)('%s of %d is %s', (point, value, expected) => {
    expect(abnormality(value, bandOf(point)!)).toBe(expected);
  });

  test('the limits of the rules take the place of the fallback on their side, and a rule inside the band narrows it', () => {
    const rule = {
      point: 'ambient.temperature',
      rule: 'hot',
      above: 29,
      below: null,
      clear: 28,
      severity: 'medium',
    } as const;
    const at = (above: number) => bandOf('ambient.temperature', { limits: [{ ...rule, above }] })!;
    expect(at(29)).toMatchObject({
      normal: [18, 27],
      limits: [
        { at: 29, side: 'above', severity: 'medium' },
        { at: 15, side: 'below', severity: 'high' },
      ],
    });
    expect(at(25).normal).toEqual([18, 25]);
    expect(at(55).scale).toEqual({ low: 10, high: 55 });
    expect([26, 28, 30].map((value) => abnormality(value, at(25)))).toEqual(['medium', 'medium', 'medium']);
    expect(abnormality(33, at(29))).toBe('medium');
    expect(bandOf('battery.charge', { limits: [rule] })).toEqual(bandOf('battery.charge'));
    expect(bandOf('device.uptime', { limits: [{ ...rule, point: 'device.uptime' }] })).toBeNull();
  });
});

describe('alerts', () => {
  test('safety comes first, then what nobody has acknowledged, then by severity', () => {
    const alerts = [
      alertAt(NOW, { id: 'low', severity: 'low' }),
      alertAt(NOW, { id: 'acknowledged', severity: 'high', state: 'acknowledged' }),
      alertAt(NOW, { id: 'high', severity: 'high' }),
      alertAt(NOW, { id: 'smoke', severity: 'high', safety: true, state: 'acknowledged' }),
    ];
    expect([...alerts].sort(byUrgency).map(({ id }) => id)).toEqual(['smoke', 'high', 'low', 'acknowledged']);
    expect(worstOf(alerts)).toBe('high');
  });

  test('pending, cleared and inhibited alerts are not told', () => {
    expect(isTold(alertAt(NOW, { state: 'pending' }))).toBe(false);
    expect(isTold(alertAt(NOW, { state: 'cleared' }))).toBe(false);
    expect(isTold(alertAt(NOW, { inhibitedBy: 'mains-lost' }))).toBe(false);
    const aside = { by: 'ann', until: '2027-01-01T00:00:00Z', reason: 'r' };
    expect(placeOf(alertAt(NOW, { silenced: aside }))).toBe('shelved');
    expect(placeOf(alertAt(NOW, { silenced: aside, maintenance: { id: 'm', ...aside } }))).toBe('maintenance');
    expect(placeOf(alertAt(NOW, { state: 'acknowledged' }))).toBe('acknowledged');
  });
});

describe('incidents', () => {
  test('stages come in the order in which they are lived through', () => {
    expect(groupByStage(outageAt(NOW).steps).map(({ stage }) => stage)).toEqual([
      'respond',
      'hold',
      'protect',
      'recover',
    ]);
  });

  test('a question that was answered by default still stands while mains is away', () => {
    const byDefault = {
      ...askStep(NOW),
      state: 'done' as const,
      answer: { id: 'unknown', label: { zh: '', en: '' }, by: 'zhishou', at: '' },
    };
    const incident: IncidentView = { ...outageAt(NOW), steps: [byDefault] };
    expect(openRequests(incident)).toHaveLength(1);
    expect(answeredQuestions(incident)).toHaveLength(0);
  });

  test('a person’s answer may be revised until the incident is closed', () => {
    expect(answeredQuestions(shutdownAt(NOW))).toHaveLength(1);
    expect(answeredQuestions({ ...shutdownAt(NOW), phase: 'closed' })).toHaveLength(0);
  });

  test('past the point of no return nobody is offered to stand down', () => {
    expect(canStandDown(outageAt(NOW))).toBe(true);
    expect(canStandDown(shutdownAt(NOW))).toBe(false);
  });

  test('O-ORG-2: while the equipment waits for charge or coolness a person is offered to start it now, and never before', () => {
    expect(canStartNow({ ...shutdownAt(NOW), phase: 'awaiting-recovery' })).toBe(true);
    expect(canStartNow(shutdownAt(NOW))).toBe(false);
    expect(canStandDown({ ...shutdownAt(NOW), phase: 'awaiting-recovery' })).toBe(false);
  });

  test('the older timeline survives a live view that carries only the newest entries', () => {
    const before = shutdownAt(NOW);
    const merged = mergeTimeline(before, { ...before, timeline: before.timeline.slice(-2) });
    expect(merged.timeline.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(summaryOf(merged).steps).toMatchObject({ failed: 1 });
  });
});
