import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escalationSchema } from '#core/config/escalation.ts';
import { holdsAt, ladderAt, laddersOf, stepAfter, waitOf } from '#core/escalation.ts';
import { instant, minutes, plus } from '#core/time.ts';
import type { AlertRecord } from '#services/alerts/lifecycle/alert-record.ts';
import { nextRing } from '#services/alerts/lifecycle/escalation.ts';
import { LEAST_RESPOND_WITHIN, reopenAt } from '#services/alerts/lifecycle/reopening.ts';
import { T0 } from '../support.ts';

const parse = (written: unknown) => escalationSchema.parse(written);
const NIGHT = { severity: ['high'], when: { from: '22:00', to: '07:00' }, steps: [{ tell: ['director'] }] };
const DAY = { severity: ['high', 'medium'], when: 'working', steps: [{ tell: ['duty'], wait: '10m' }] };

describe('the language of chains', () => {
  it('reads the short form as chains for high and, slower, medium severity; low is not rung for', () => {
    const ladders = laddersOf(parse({ order: ['duty', 'deputy'], every: '5m' }));
    const at = { working: true, minute: 600 };
    expect(ladderAt(ladders, 'high', at)?.steps.map(({ wait }) => wait)).toEqual([minutes(5), minutes(5)]);
    expect(ladderAt(ladders, 'medium', at)?.steps.map(({ wait }) => wait)).toEqual([minutes(30), minutes(30)]);
    expect(ladderAt(ladders, 'low', at)).toBeNull();
  });

  it('gives whoever stands in and the pace of chains to those who know the short form alone', () => {
    expect(parse({ chains: [{ ...NIGHT, repeat_every: '8m' }] })).toMatchObject({
      order: ['director'],
      every: minutes(8),
    });
  });

  it.each([
    [{}, 'nothing at all'],
    [{ chains: [] }, 'no chain'],
    [{ chains: [{ ...DAY, steps: [] }] }, 'no step'],
    [{ chains: [{ ...DAY, steps: [{ wait: '5m' }] }] }, 'a step for nobody'],
    [{ chains: [{ ...DAY, steps: [{ tell: ['duty'], wait: '2s' }] }] }, 'a wait in which nobody can answer'],
    [{ chains: [{ ...DAY, steps: [{ tell: ['duty'], wait: '3d' }] }] }, 'a wait that is silence'],
    [{ chains: [{ ...DAY, when: { from: '22:00' } }] }, 'half a time of day'],
  ])('refuses %j: %s', (written, _why) => {
    expect(escalationSchema.safeParse(written).success).toBe(false);
  });

  it.each([
    ['always', true, 0, true],
    ['working', true, 600, true],
    ['off-hours', true, 600, false],
    [{ from: '22:00', to: '07:00' }, false, 23 * 60, true],
    [{ from: '22:00', to: '07:00' }, false, 6 * 60 + 59, true],
    [{ from: '22:00', to: '07:00' }, false, 7 * 60, false],
    [{ from: '08:00', to: '09:00' }, false, 8 * 60, true],
  ] as const)('%j, working %s, minute %i of the day: %s', (when, working, minute, expected) => {
    expect(holdsAt(when, { working, minute })).toBe(expected);
  });

  it('L24: a time without a chain of its own pauses nothing: the first of that severity holds', () => {
    const ladders = laddersOf(parse({ chains: [NIGHT, DAY] }));
    expect(ladderAt(ladders, 'high', { working: false, minute: 12 * 60 })).toBe(ladders[0]);
    expect(ladderAt(ladders, 'medium', { working: false, minute: 12 * 60 })).toBe(ladders[1]);
  });
});

describe('who is rung next', () => {
  const ladder = ladderAt(
    laddersOf(
      parse({
        chains: [
          {
            severity: ['high'],
            steps: [
              { tell: ['duty'], wait: '3m' },
              { tell: ['deputy'], wait: '7m' },
              { people: ['ann'], wait: '2m' },
            ],
            repeat_every: '4m',
          },
        ],
      }),
    ),
    'high',
    { working: true, minute: 0 },
  )!;
  const record = (change: Partial<AlertRecord>): AlertRecord =>
    ({ view: { state: 'firing' }, told: ['x'], toldAt: T0, rung: 0, step: 0, ...change }) as AlertRecord;
  const rule = { notify: ['duty' as const] };
  const all = (): boolean => true;

  it('follows each step by that step’s own wait, and rings all again at the end (L27)', () => {
    const walked = [0, 1, 2, 3, 3].map((step) => nextRing(record({ step }), rule, ladder, T0, all));
    expect(walked).toEqual([
      { at: plus(T0, minutes(3)), step: 1 },
      { at: plus(T0, minutes(7)), step: 2 },
      { at: plus(T0, minutes(2)), step: 3 },
      { at: plus(T0, minutes(4)), step: 3 },
      { at: plus(T0, minutes(4)), step: 3 },
    ]);
  });

  it('passes a step with nobody in it at once (L26), also when all the rest are empty', () => {
    const withoutDeputy = (step: (typeof ladder.steps)[number]): boolean => !step.tell.includes('deputy');
    expect(nextRing(record({}), rule, ladder, T0, withoutDeputy)).toEqual({ at: plus(T0, minutes(3)), step: 2 });
    expect(nextRing(record({}), rule, ladder, T0, () => false)?.step).toBe(3);
  });

  it('keeps the wait that was promised, whatever chain holds later (L24)', () => {
    expect(nextRing(record({ wait: minutes(1) }), rule, ladder, T0, all)?.at).toBe(plus(T0, minutes(1)));
  });

  it('rings now when the stored instant is ahead: the clock was set back between two runs (L28)', () => {
    expect(nextRing(record({ toldAt: plus(T0, minutes(60)) }), rule, ladder, T0, all)?.at).toBe(T0);
  });

  it('always comes to an end that rings, in bounded steps, whoever is missing', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), (there) => {
        let step = -1;
        for (let i = 0; i < 4; i++) step = stepAfter(ladder, step, (one) => there[ladder.steps.indexOf(one)] === true);
        expect(step).toBe(3);
        expect(waitOf(ladder, step)).toBe(minutes(4));
      }),
    );
  });
});

describe('acknowledged and left alone', () => {
  const plan = parse({ order: ['duty'], every: '5m' });
  const rule = { id: 'r', respond_within: minutes(20) };
  const record = (caredAt: number): AlertRecord =>
    ({ view: { acknowledged: { by: 'ann', at: '2026-11-23T02:00:00Z' } }, caredAt }) as AlertRecord;

  it('fires again after the time to respond, and never sooner than after five minutes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 120 }), (within, passed) => {
        const now = { steady: plus(T0, minutes(passed)), wall: plus(T0, minutes(passed)) };
        const { at } = reopenAt(record(T0), plan, { id: 'r', respond_within: minutes(within) }, now);
        expect(at - T0).toBe(Math.max(LEAST_RESPOND_WITHIN, minutes(within)));
      }),
    );
  });

  it('is put off by what is done about it, as often as something is done', () => {
    const now = { steady: plus(T0, minutes(25)), wall: plus(T0, minutes(25)) };
    const worked = reopenAt(record(T0), plan, rule, now, (_rule, since) => since === T0);
    expect(worked.at).toBe(plus(now.steady, minutes(20)));
    expect(worked.record.caredAt).toBe(now.steady);
    expect(reopenAt(worked.record, plan, rule, now, () => false).at).toBe(worked.at);
  });

  it('counts on across a restart, and from now where the clock was set back (L28)', () => {
    const later = { steady: plus(T0, minutes(10)), wall: plus(T0, minutes(10)) };
    expect(reopenAt(record(T0), plan, rule, later).at).toBe(plus(T0, minutes(20)));
    const back = { steady: instant(T0 - minutes(30)), wall: instant(T0 - minutes(30)) };
    expect(reopenAt(record(T0), plan, rule, back).at).toBe(plus(back.steady, minutes(20)));
    // A record of an earlier version has the wall time of the acknowledgement alone.
    const { caredAt: _, ...old } = record(T0);
    expect(reopenAt(old as AlertRecord, plan, rule, later).at).toBe(plus(T0, minutes(20)));
  });
});
