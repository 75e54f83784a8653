import { describe, expect, it } from 'vitest';
import { instant, minutes, plus, seconds } from '#core/time.ts';
import { GATHER_FOR, planTelling, type Waiting, type Window } from '#services/alerts/lifecycle/gathering.ts';

const T = instant(1_000_000);
const one = (id: string, more: Partial<Waiting> = {}): Waiting => ({
  ...{ id, severity: 'medium', safety: false, said: false, recovery: false, putOff: false },
  ...more,
});
const some = (count: number, more: Partial<Waiting> = {}): Waiting[] =>
  Array.from({ length: count }, (_, i) => one(`a${i}`, more));
const full: Window = { since: T, left: 0 };

describe('what is told each by itself, together, or a little later', () => {
  it.each<[string, Window | null, Waiting[], 'incident' | 'site', object]>([
    ['the first of anything goes at once', null, [one('a')], 'incident', { each: [{ id: 'a', reason: 'first' }] }],
    ['what follows it in an incident waits', { since: T, left: 0 }, [one('b')], 'incident', { later: ['b'] }],
    ['five of a minute go each where no incident leads', null, some(5), 'site', { later: [] }],
    ['the sixth and all after it are a storm', null, some(9), 'site', { later: ['a5', 'a6', 'a7', 'a8'] }],
    [
      'safety never waits (L34)',
      full,
      some(3, { safety: true }),
      'incident',
      { each: some(3).map(({ id }) => ({ id, reason: 'safety' })), later: [] },
    ],
    [
      'high severity never waits in a storm',
      full,
      some(3, { severity: 'high' }),
      'site',
      { each: some(3).map(({ id }) => ({ id, reason: 'high' })), later: [] },
    ],
    [
      'but waits when the open incident says the same already',
      full,
      [one('a', { severity: 'high', said: true })],
      'incident',
      { each: [], later: ['a'] },
    ],
    [
      'the end of a high alert is not urgent',
      full,
      [one('a', { severity: 'high', recovery: true })],
      'incident',
      { each: [], later: ['a'] },
    ],
  ])('%s', (_name, window, waiting, leads, expected) => {
    expect(planTelling(window, waiting, plus(T, seconds(10)), leads)).toMatchObject(expected);
  });

  it('what waited goes as one message when the minute is over, with what came just then', () => {
    const now = plus(T, GATHER_FOR);
    const plan = planTelling(full, [one('a', { putOff: true }), one('b', { putOff: true }), one('c')], now, 'incident');
    expect(plan).toMatchObject({ each: [], together: ['a', 'b', 'c'], later: [], window: { since: now, left: 0 } });
  });

  it('the minute after such a message gathers again; a quiet one ends the conversation’s window', () => {
    const later = plus(T, seconds(30));
    expect(planTelling(full, [one('d')], later, 'site')).toMatchObject({ later: ['d'], due: plus(T, GATHER_FOR) });
    expect(planTelling(full, [], plus(T, minutes(2)), 'site').window).toBeNull();
  });

  it('a window from ahead of now (the clock was set back between two runs) holds nothing up', () => {
    const ahead: Window = { since: plus(T, minutes(600)), left: 0 };
    expect(planTelling(ahead, [one('a')], T, 'site').each).toHaveLength(1);
    expect(planTelling(ahead, [one('a', { putOff: true })], T, 'site').together).toEqual(['a']);
  });
});
