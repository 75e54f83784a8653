import { describe, expect, test } from 'vitest';
import type { ReadingView } from '#core/api.ts';
import { ruleSchema } from '#core/config/rule.ts';
import { answerLine, wrongAnswers } from '#core/duties/answers.ts';
import { type Line, linesOf, liveOf, suggested } from '#core/duties/checklist.ts';
import { fineBy } from '#core/duties/fine.ts';
import type { DoneItem } from '#core/paperwork/duty-view.ts';
import { at, makeDuty, makeSite } from './support.ts';

const SITE = makeSite();
const NOW = at('2026-11-23T09:00:00+08:00');
const DUTY = makeDuty({
  checklist: [
    {
      id: 'ups',
      label: { zh: '{device}：正常', en: '{device}: in order' },
      each: { kinds: ['ups'] },
      points: ['ups.load', 'ups.status', 'outlet.#.status'],
    },
    { id: 'pipes', label: 'Pipes', season: 'heating' },
    { id: 'pressure', label: 'Pressure', kind: 'number', unit: 'MPa', min: 1, max: 1.4 },
    { id: 'remarks', label: 'Remarks', kind: 'text' },
  ],
});
const linesOn = (day: string): readonly Line[] => linesOf({ duty: DUTY, day, device: null }, SITE.devices, SITE.office);
const rule = (id: string, when: unknown, change: object = {}) =>
  ruleSchema.parse({
    ...{ id, title: id, on: { kinds: ['ups'] }, when, severity: 'high' },
    ...{ consequence: 'c', response: 'r', respond_within: '5m', source: 'test' },
    ...change,
  });
const OVERLOAD = rule('ups-overload', { point: 'ups.load', above: 90, clear: 85 });
const MAINS = rule('mains-lost', { point: 'ups.status', is: 'OB' });
const TOGETHER = rule('both', {
  all: [
    { point: 'ups.status', is: 'OL' },
    { point: 'ups.load', above: 10 },
  ],
});
const reading = (point: string, value: ReadingView['value'], change: Partial<ReadingView> = {}): ReadingView => ({
  ...{ device: 'ups-1', point, value, unit: '', quality: 'good', reason: null, simulated: false },
  ...{
    measuredAt: '2026-11-23T00:59:00.000Z',
    receivedAt: '2026-11-23T00:59:00.000Z',
    changedAt: '2026-11-23T00:00:00.000Z',
  },
  ...change,
});
const by = fineBy(SITE.devices, [OVERLOAD, MAINS, TOGETHER], [], []);
const [UPS] = linesOn('2026-11-23') as [Line];
const liveWith = (readings: readonly ReadingView[], fine = by) =>
  liveOf(UPS, (device) => (device === 'ups-1' ? readings : []), fine, NOW);

describe('O-PAT-1: a checklist is made of the room as it is', () => {
  test('one line for each device of the class, pipes in the heating season alone', () => {
    expect(linesOn('2026-11-23').map(({ id }) => id)).toEqual([
      'ups.ups-1',
      'ups.ups-2',
      'pipes',
      'pressure',
      'remarks',
    ]);
    expect(linesOn('2026-06-23').map(({ id }) => id)).toEqual(['ups.ups-1', 'ups.ups-2', 'pressure', 'remarks']);
    expect(UPS.label).toEqual({ zh: 'UPS 一号：正常', en: 'UPS 1: in order' });
  });
  test('a duty for each device is about that one alone', () => {
    expect(
      linesOf({ duty: DUTY, day: '2026-11-23', device: 'ups-2' }, SITE.devices, SITE.office).map(({ id }) => id),
    ).toContain('ups.ups-2');
    expect(
      linesOf({ duty: DUTY, day: '2026-11-23', device: 'ups-2' }, SITE.devices, SITE.office).map(({ id }) => id),
    ).not.toContain('ups.ups-1');
  });

  const ROWS: readonly [reading: ReadingView, fine: boolean, reason: string][] = [
    [reading('ups.load', 42), true, 'within its limit'],
    [reading('ups.load', 91), false, 'the rule that watches it would alarm'],
    [reading('ups.status', 'OL CHRG'), true, 'on mains'],
    [reading('ups.status', 'OB DISCHRG'), false, 'one of its words is what the rule looks for'],
    [reading('ups.load', 42, { quality: 'stale' }), false, 'nobody knows what it is now'],
    [reading('ups.load', null, { quality: 'missing' }), false, 'nothing was told'],
    [reading('outlet.3.status', 'on'), true, 'a pattern stands for every outlet, and no rule watches it'],
  ];
  test.each(ROWS)('%j is fine: %s (%s)', (one, fine) => {
    expect(liveWith([one])).toEqual([expect.objectContaining({ point: one.point, value: one.value, fine })]);
  });

  test('what must be true together with something else is no limit by itself, but its alert is', () => {
    expect(liveWith([reading('ups.load', 42)])[0]?.fine).toBe(true);
    const alarmed = fineBy(
      SITE.devices,
      [TOGETHER],
      [],
      [{ rule: 'both', device: 'ups-1', point: 'ups.status', state: 'firing' }],
    );
    expect(liveWith([reading('ups.load', 42)], alarmed)[0]?.fine).toBe(false);
    const cleared = fineBy(
      SITE.devices,
      [TOGETHER],
      [],
      [{ rule: 'both', device: 'ups-1', point: 'ups.status', state: 'cleared' }],
    );
    expect(liveWith([reading('ups.load', 42)], cleared)[0]?.fine).toBe(true);
  });
  test('people’s own numbers over a rule count', () => {
    const over = {
      rule: 'ups-overload',
      device: 'ups-1',
      by: 'gao-jie',
      at: '2026-11-01T00:00:00.000Z',
      reason: 'test',
    };
    const lower = fineBy(
      SITE.devices,
      [OVERLOAD],
      [{ ...over, values: { limits: [{ path: '0', limit: 40, clear: null }] } }],
      [],
    );
    expect(liveWith([reading('ups.load', 42)], lower)[0]?.fine).toBe(false);
  });
  test('nothing told suggests nothing; one thing that is not fine is a finding', () => {
    expect(suggested(liveWith([]))).toBeNull();
    expect(suggested(liveWith([reading('ups.load', 42)]))).toBe('ok');
    expect(suggested(liveWith([reading('ups.load', 42), reading('ups.status', 'OB')]))).toBe('finding');
  });
});

const answer = (change: Partial<DoneItem> & Pick<DoneItem, 'item'>): DoneItem => ({
  ...{ verdict: 'ok', value: null, note: null, at: '2026-11-23T01:00:00.000Z', owner: null, dueAt: null },
  ...change,
});
const WHOLE: readonly DoneItem[] = [
  answer({ item: 'ups.ups-1' }),
  answer({ item: 'ups.ups-2', verdict: 'not-applicable' }),
  answer({ item: 'pipes' }),
  answer({ item: 'pressure', value: 1.2 }),
  answer({ item: 'remarks', value: '无' }),
];

describe('answers', () => {
  test('a whole one is taken', () => expect(wrongAnswers(linesOn('2026-11-23'), WHOLE)).toEqual([]));
  const ROWS: readonly [items: readonly DoneItem[], path: string, reason: string][] = [
    [WHOLE.slice(1), 'items.ups.ups-1', 'a line that nobody answered'],
    [[...WHOLE, answer({ item: 'pipes' })], 'items.5.item', 'answered twice'],
    [[...WHOLE, answer({ item: 'nope' })], 'items.5.item', 'no such line'],
    [
      WHOLE.map((one) => (one.item === 'pipes' ? { ...one, verdict: 'finding' as const } : one)),
      'items.2.note',
      'a finding says what',
    ],
    [
      WHOLE.map((one) => (one.item === 'pressure' ? { ...one, value: 'high' } : one)),
      'items.3.value',
      'a number is asked for',
    ],
    [
      WHOLE.map((one) => (one.item === 'remarks' ? { ...one, value: null } : one)),
      'items.4.value',
      'a text is asked for',
    ],
  ];
  test.each(ROWS)('%#: refused at %s', (items, path) => {
    expect(wrongAnswers(linesOn('2026-11-23'), items).map((one) => one.path)).toEqual([path]);
  });
  test('who says otherwise than the readings corrects them, and the readings stay beside it', () => {
    const live = liveWith([reading('ups.load', 42)]);
    const kept = answerLine(UPS, live, answer({ item: 'ups.ups-1', verdict: 'finding', note: 'beeps' }));
    expect(kept).toMatchObject({
      suggested: 'ok',
      answer: { verdict: 'finding', corrected: true, note: 'beeps', live },
    });
  });
  test('a typed number beyond its limits that is called right is a correction too', () => {
    const pressure = linesOn('2026-11-23').find(({ id }) => id === 'pressure') as Line;
    expect(answerLine(pressure, [], answer({ item: 'pressure', value: 0.8 }))).toMatchObject({
      suggested: 'finding',
      answer: { corrected: true },
    });
    expect(answerLine(pressure, [], answer({ item: 'pressure', value: 1.2 }))).toMatchObject({
      suggested: 'ok',
      answer: { corrected: false },
    });
  });
});
