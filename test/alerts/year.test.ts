import { describe, expect, it } from 'vitest';
import type { Clock } from '#core/ports.ts';
import { minutes } from '#core/time.ts';
import { runYear, type YearMutant } from './year.ts';
import { judge } from './year-judge.ts';

describe('a year (L24, L25, L26, L27, L28, L31)', () => {
  it('leaves no serious alert untold or forgotten, tells no end twice, and has somebody on duty or an alarm at every hour', async () => {
    const year = await runYear(1, 365);
    expect(judge(year)).toEqual([]);
    // It was a year in which things happened.
    expect(year.firings.length).toBeGreaterThan(300);
    expect(year.restarts).toBeGreaterThan(100);
    expect(year.attempts.filter(({ ok }) => !ok).length).toBeGreaterThan(100);
    expect(year.firings.some(({ reopened }) => reopened.length > 0)).toBe(true);
    expect(year.firings.some(({ rule }) => rule.id === 'zhishou-nobody-on-duty')).toBe(true);
  }, 240_000);

  it.each([2, 3, 4])('holds for a month from seed %i', async (seed) => {
    expect(judge(await runYear(seed, 30))).toEqual([]);
  });
});

describe('the judge of the year', () => {
  /** Timers beyond so long are lost, as they are with a process that keeps them in memory alone. */
  const forgetting = (clock: Clock): Clock => ({
    ...clock,
    after: (delay, run) => (delay > minutes(2) ? () => {} : clock.after(delay, run)),
  });
  const MUTANTS: readonly [what: string, mutant: YearMutant, caught: RegExp][] = [
    [
      'a step of the chain is skipped',
      { tell: (one) => (one.key.endsWith('/ring/1') ? [] : [one]) },
      /nobody was told/,
    ],
    [
      'the end of the list falls silent',
      { tell: (one) => (/\/ring\/([5-9]|\d\d)/.test(one.key) ? [] : [one]) },
      /nobody was told/,
    ],
    ['the first message is lost', { tell: (one) => (one.key.endsWith('/fired') ? [] : [one]) }, /nobody was tried/],
    ['timers are forgotten', { clock: forgetting }, /nobody was told|left alone/],
    [
      'alerts are not kept across a restart',
      { forgets: (key) => key.startsWith('alerts/active/') },
      /nobody was told|left alone/,
    ],
    [
      'what fires again is told to nobody',
      { tell: (one) => (one.key.includes('/reopened/') ? [] : [one]) },
      /nobody was tried/,
    ],
    [
      'an end is told twice',
      {
        tell: (one) =>
          one.phase === 'recovered'
            ? [one, { ...one, key: `${one.key}/again`, conversation: `${one.key}/again` }]
            : [one],
      },
      /L31/,
    ],
    ['nobody minds the rota', { noRotaAlarm: true }, /L25/],
  ];
  it.each(MUTANTS)('notices that %s', async (_what, mutant, caught) => {
    const wrong = judge(await runYear(1, 200, mutant));
    expect(wrong.some((one) => caught.test(one))).toBe(true);
  });
});
