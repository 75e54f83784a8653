import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { figuresOf } from '#core/duties/figures.ts';
import { type Occurrence, occurrences } from '#core/duties/occurrences.ts';
import { type Outcome, stateOf } from '#core/duties/state.ts';
import { stepsOf, tellNow } from '#core/duties/telling.ts';
import { noticeOf } from '#core/duties/words.ts';
import { noticeSchema } from '#core/notice.ts';
import { DUTY_STATES, type DutyState } from '#core/paperwork/duty-view.ts';
import { type Instant, instant, minutes, plus } from '#core/time.ts';
import { at, makeDuty, makeSite } from './support.ts';

const PATROL = makeDuty({
  obligations: ['O-PAT-1'],
  remind: ['30m'],
  late_until: '20h',
  severity: 'medium',
  escalate: [
    { after: '0m', tell: ['duty'], severity: 'low' },
    { after: '2h', tell: ['duty', 'deputy'] },
    { after: '6h', tell: ['director'] },
  ],
});
const [ONE] = occurrences(PATROL, makeSite(), at('2026-11-23T00:00:00+08:00'), at('2026-11-24T00:00:00+08:00')) as [
  Occurrence,
];
const clock = (text: string): Instant => at(`2026-11-${text}:00+08:00`);

describe('O-PAT-1: what is told of a patrol, and to whom', () => {
  const ROWS: readonly [
    when: string,
    told: readonly string[],
    outcome: Outcome | null,
    key: string | null,
    functions: readonly string[],
    reason: string,
  ][] = [
    ['23T07:00', [], null, null, [], 'nothing before it begins'],
    ['23T09:59', [], null, null, [], 'nobody is reminded too early'],
    ['23T10:00', [], null, 'remind-1', ['duty'], 'half an hour before'],
    ['23T10:29', ['remind-1'], null, null, [], 'once'],
    ['23T10:30', ['remind-1'], null, 'overdue-1', ['duty'], 'when it is due'],
    ['23T10:31', [], null, 'overdue-1', ['duty'], 'a reminder that was never sent is sent no more'],
    ['23T12:30', ['remind-1', 'overdue-1'], null, 'overdue-2', ['duty', 'deputy'], 'the deputy after two hours'],
    [
      '23T17:00',
      ['overdue-1'],
      null,
      'overdue-3',
      ['duty', 'deputy', 'director'],
      'the service was down: one message to all whom it concerns',
    ],
    [
      '24T06:30',
      ['overdue-1', 'overdue-2', 'overdue-3'],
      null,
      'missed',
      ['duty', 'deputy', 'director'],
      'all hear that it was missed',
    ],
    ['24T06:31', ['overdue-1', 'overdue-2', 'overdue-3', 'missed'], null, null, [], 'once'],
    [
      '23T11:00',
      ['overdue-1'],
      { kind: 'done', at: clock('23T10:59') },
      'done',
      ['duty'],
      'who heard that it was late hears that it was done',
    ],
    [
      '23T10:20',
      ['remind-1'],
      { kind: 'done', at: clock('23T10:19') },
      null,
      [],
      'done in time: nobody hears anything',
    ],
    ['23T13:00', ['overdue-1', 'done'], { kind: 'done', at: clock('23T10:59') }, null, [], 'once'],
    ['23T13:00', [], { kind: 'waived', at: clock('23T09:00') }, null, [], 'nobody waits for what was waived'],
  ];
  test.each(ROWS)('at %s with %j told before, %j: %s to %j (%s)', (when, told, outcome, key, functions) => {
    const now = clock(when);
    const telling = tellNow(ONE, stateOf(ONE, outcome, now), new Set(told), now);
    expect(telling?.step?.key ?? null).toBe(key);
    expect(telling?.step?.functions ?? []).toEqual(functions);
  });

  test('the words say what, until when, by which rule, and that the monitor was not running', () => {
    const now = clock('24T07:00');
    const telling = tellNow(ONE, 'missed', new Set(), now);
    const words = {
      zone: 'Asia/Shanghai',
      person: { zh: '林浩', en: 'Lin Hao' },
      ended: null,
      downSince: clock('23T02:00'),
      now,
    };
    const notice = noticeSchema.parse(telling === null ? null : noticeOf(ONE, telling, words));
    expect(notice).toMatchObject({
      key: 'duty/patrol@2026-11-23/missed',
      conversation: 'duty/patrol@2026-11-23',
      path: '/duties/patrol%402026-11-23',
      severity: 'medium',
      subject: { zh: '工作未做：日常巡检（2026-11-23）', en: 'Not done: Daily patrol (2026-11-23)' },
    });
    expect(notice.body.zh).toContain('系统在 2026-11-23 02:00 至 2026-11-24 07:00 没有运行');
    expect(notice.body.en).toContain('Lin Hao');
    expect(notice.body.en).toContain('O-PAT-1');
  });
});

const when = fc.integer({ min: ONE.from - 3_600_000, max: ONE.missed + 7_200_000 }).map(instant);
const outcome = fc.option(
  fc.record({
    kind: fc.constantFrom('done' as const, 'waived' as const),
    at: fc.integer({ min: ONE.from, max: ONE.missed }).map(instant),
  }),
);

describe('whatever happens when', () => {
  test('states go one way as time goes on, and what was done stays done', () => {
    const rank = (state: DutyState): number => ['planned', 'open', 'overdue', 'missed'].indexOf(state);
    fc.assert(
      fc.property(when, when, outcome, (a, b, ended) => {
        const [first, then] = [Math.min(a, b), Math.max(a, b)].map(instant) as [Instant, Instant];
        const [before, after] = [stateOf(ONE, ended, first), stateOf(ONE, ended, then)];
        if (ended === null) expect(rank(after)).toBeGreaterThanOrEqual(rank(before));
        else expect(after).toBe(before);
      }),
    );
  });
  test('looked at whenever: nothing is told twice, nothing after it is over, and a missed one is told as missed', () => {
    const looks = fc.array(when, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(looks, outcome, (times, ended) => {
        const told = new Set<string>();
        const heard: string[] = [];
        for (const now of [...times].sort((x, y) => x - y)) {
          const known = ended !== null && ended.at <= now ? ended : null;
          const telling = tellNow(ONE, stateOf(ONE, known, now), told, now);
          if (telling === null) continue;
          if (telling.step !== null) heard.push(telling.step.key);
          expect(telling.until).toBeGreaterThan(now);
          for (const key of telling.settles) told.add(key);
        }
        expect(new Set(heard).size).toBe(heard.length);
        const last = instant(Math.max(...times));
        expect(heard.includes('missed')).toBe(ended === null && last >= ONE.missed);
      }),
    );
  });
  test('a clock that is set back repeats nothing', () => {
    fc.assert(
      fc.property(when, fc.integer({ min: 1, max: 600 }), (now, back) => {
        const told = new Set(tellNow(ONE, stateOf(ONE, null, now), new Set(), now)?.settles);
        const earlier = plus(now, minutes(-back));
        const again = tellNow(ONE, stateOf(ONE, null, earlier), told, earlier);
        expect(again?.settles.some((key) => told.has(key)) ?? false).toBe(false);
      }),
    );
  });
  test('steps come in the order of their times, and none at or after the end', () => {
    const steps = stepsOf(ONE);
    expect(steps.map(({ key }) => key)).toEqual(['remind-1', 'overdue-1', 'overdue-2', 'overdue-3', 'missed']);
    expect(steps.every(({ at: time }, index) => index === 0 || time >= (steps[index - 1]?.at ?? 0))).toBe(true);
  });
});

describe('figures', () => {
  test('done in time by all but waived ones; what is due and not done is late; what is to come is nothing', () => {
    const states: DutyState[] = ['done', 'done', 'done-late', 'overdue', 'missed', 'waived', 'planned', 'open'];
    const due = states.map((state) => ({ duty: 'patrol', state }));
    const { duties } = figuresOf([{ id: 'patrol', title: PATROL.title }], due, ONE.from, ONE.due);
    expect(duties).toEqual([
      { duty: 'patrol', title: PATROL.title, done: 2, late: 2, missed: 1, waived: 1, rate: 0.4 },
    ]);
  });
  test('none due: no rate; and never above one or below nothing', () => {
    expect(figuresOf([{ id: 'patrol', title: PATROL.title }], [], ONE.from, ONE.due).duties[0]?.rate).toBeNull();
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...DUTY_STATES)), (states) => {
        const due = states.map((state) => ({ duty: 'patrol', state }));
        const [row] = figuresOf([{ id: 'patrol', title: PATROL.title }], due, ONE.from, ONE.due).duties;
        expect(row?.rate ?? 0).toBeGreaterThanOrEqual(0);
        expect(row?.rate ?? 0).toBeLessThanOrEqual(1);
      }),
    );
  });
});
