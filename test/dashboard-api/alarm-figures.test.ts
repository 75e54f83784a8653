import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAlarmCollector } from '#core/alarm-figures/alarms.ts';
import { figuresOf } from '#core/alarm-figures/figures.ts';
import type { AlarmFiguresView } from '#core/alarm-figures/view.ts';
import { weekOf } from '#core/alarm-figures/weeks.ts';
import { sameText } from '#core/text.ts';
import { instant, toIso } from '#core/time.ts';
import { type SignedIn, startDashboard, type TestDashboard } from './support.ts';

const span = weekOf(instant(Date.parse('2026-11-18T00:00:00Z')), 'Asia/Shanghai');
function sample(): AlarmFiguresView {
  const collector = createAlarmCollector();
  const line = { alert: 'a1', rule: 'r', device: 'th-1', severity: 'low' as const, by: null };
  collector.add({ ...line, at: '2026-11-18T01:00:00.000Z', what: 'fired' });
  collector.add({ ...line, at: '2026-11-18T01:05:00.000Z', what: 'cleared' });
  const figures = figuresOf({
    ...{ alarms: collector.alarms(), pages: [], span, now: span.to, simulation: false },
    ...{ roomOf: () => 'core', isSafety: () => false, titleOf: () => sameText('规则') },
  });
  return { at: toIso(span.to), timeZone: 'Asia/Shanghai', weeks: [{ week: span.id, ended: true, ...figures }] };
}

describe('GET /alarm-figures', () => {
  let site: TestDashboard;
  let admin: SignedIn;
  beforeAll(async () => {
    site = await startDashboard();
    admin = await site.signIn();
  });
  afterAll(() => site.dashboard.stop());
  const get = (query = '') => site.dashboard.inject({ url: `/api/v1/alarm-figures${query}`, headers: admin.headers });

  it('has no weeks until the alerts service has spoken, and then what it said, whole', async () => {
    expect((await get()).json()).toMatchObject({ weeks: [] });
    const view = sample();
    await site.publish('alarm-figures', '', view);
    expect((await get()).json()).toEqual(view);
  });

  it('gives a line a week as CSV', async () => {
    await site.publish('alarm-figures', '', sample());
    const answer = await get('?format=csv');
    expect(answer.headers['content-type']).toContain('text/csv');
    const [head, week, ...rest] = answer.body.split('\r\n');
    expect(head).toMatch(/^week,ended,alarms,alarms_a_day,/);
    expect(week).toMatch(/^2026-11-16,1,1,0\.14,1,0,/);
    expect(week?.split(',')).toHaveLength(head?.split(',').length ?? 0);
    expect(rest).toEqual(['']);
    expect((await get('?format=xml')).statusCode).toBe(400);
  });
});
