import { describe, expect, test } from 'vitest';
import { sayScore, writeScore } from '#services/dashboard-api/reports/report-score.ts';
import { incident, iso, step } from './support.ts';

const drill = (id: string, openedAt: string, late: boolean) =>
  incident({
    id,
    openedAt,
    closedAt: iso(3600),
    phase: 'closed',
    outcome: 'stood-down',
    acknowledged: { by: 'gao-jie', at: new Date(Date.parse(openedAt) + 30_000).toISOString() },
    steps: [step({ id: 'go', kind: 'task', state: late ? 'waiting' : 'done', startedAt: openedAt })],
    timeline: [],
  });
const write = (own: ReturnType<typeof drill>, others: readonly ReturnType<typeof drill>[]) =>
  writeScore({
    incident: own,
    incidents: [own, ...others],
    deliveries: [],
    language: 'zh',
    localTime: (at) => at.slice(0, 10),
  });

describe('a drill in its report (O-DRL-1)', () => {
  const first = drill('a', '2026-09-21T03:00:00.000Z', true);
  const second = drill('b', '2026-10-21T03:00:00.000Z', false);

  test('is scored beside the earlier drills of its plan, with its parts in plain words', () => {
    const score = write(second, [first]);
    expect(score?.earlier.map(({ incident: id, localTime }) => [id, localTime])).toEqual([['a', '2026-09-21']]);
    expect(score?.figure).toBeGreaterThan(score?.earlier[0]?.figure ?? 100);
    expect(score?.parts.map(({ title }) => title)).toContain('按时完成任务');
    expect(score === null ? '' : sayScore(score, 'zh')).toMatch(/^满分 100，得 \d+ 分；此前：\d+（2026-09-21）。$/);
  });

  test.each([
    ['one that is still open', { phase: 'responding', closedAt: null, outcome: null } as const],
    ['the real thing', { mode: 'live' } as const],
  ])('%s has no score', (_what, change) => {
    expect(write({ ...second, ...change }, [first])).toBeNull();
  });

  test('later drills and those of other plans do not stand before it', () => {
    const other = { ...first, plan: { ...first.plan, id: 'fire' } };
    expect(write(first, [second, other])?.earlier).toEqual([]);
  });
});
