import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DRIVERS, type DriverName } from '#core/config/device.ts';
import { type NeedTask, needOf } from '#services/alerts/plans/need.ts';

const LIMITS = Object.fromEntries(DRIVERS.map((driver) => [driver, driver === 'local' ? 1 : 4])) as Record<
  DriverName,
  number
>;
const task = (
  id: string,
  min: number,
  after: string[] = [],
  rank = 0,
  driver: NeedTask['driver'] = 'ssh',
): NeedTask => ({
  id,
  durationMs: min * 60_000,
  driver,
  after,
  rank,
});

describe('the time that the remaining steps need', () => {
  const rows: { reason: string; tasks: NeedTask[]; ssh: number; min: number; path: string[] }[] = [
    { reason: 'nothing left needs nothing', tasks: [], ssh: 4, min: 0, path: [] },
    {
      reason: 'a chain is its sum',
      tasks: [task('b', 6), task('s', 2, ['b']), task('a', 3, ['s'])],
      ssh: 4,
      min: 11,
      path: ['b', 's', 'a'],
    },
    {
      reason: 'what is independent runs side by side, the longest way counts',
      tasks: [task('b1', 6), task('s1', 2, ['b1']), task('b2', 1), task('s2', 5, ['b2']), task('a', 3, ['s1', 's2'])],
      ssh: 4,
      min: 11,
      path: ['b1', 's1', 'a'],
    },
    {
      reason: 'with one place they queue',
      tasks: [task('b1', 6), task('s1', 2, ['b1']), task('b2', 6), task('s2', 2, ['b2'])],
      ssh: 1,
      min: 16,
      path: ['b1', 'b2', 's1', 's2'],
    },
    {
      reason: 'a step that is not among them is behind us',
      tasks: [task('s', 2, ['gone'])],
      ssh: 4,
      min: 2,
      path: ['s'],
    },
  ];
  it.each(rows)('$reason', ({ tasks, ssh, min, path }) => {
    const need = needOf(tasks, { ...LIMITS, ssh });
    expect(need.ms / 60_000).toBe(min);
    if (path.length > 0 && ssh === 4) expect(need.path).toEqual(path);
  });

  it('is never below the longest chain, never above the sum, and never shorter with fewer places', () => {
    const graphs = fc
      .array(fc.record({ min: fc.integer({ min: 0, max: 30 }), after: fc.array(fc.nat(7), { maxLength: 3 }) }), {
        maxLength: 8,
      })
      .map((nodes) =>
        nodes.map((node, i) =>
          task(`t${i}`, node.min, [...new Set(node.after.filter((j) => j < i).map((j) => `t${j}`))]),
        ),
      );
    fc.assert(
      fc.property(graphs, (tasks) => {
        const free = needOf(tasks, { ...LIMITS, ssh: 99 }).ms;
        const one = needOf(tasks, { ...LIMITS, ssh: 1 }).ms;
        const sum = tasks.reduce((total, one_) => total + one_.durationMs, 0);
        const ends = new Map<string, number>();
        for (const one_ of tasks)
          ends.set(one_.id, one_.durationMs + Math.max(0, ...one_.after.map((id) => ends.get(id) ?? 0)));
        expect(free).toBe(Math.max(0, ...ends.values()));
        expect(one).toBe(sum);
      }),
    );
  });
});
