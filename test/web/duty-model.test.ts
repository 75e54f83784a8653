import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChecklistItem, LiveFinding } from '#core/paperwork/duty-view.ts';
import {
  type Answers,
  asOfNow,
  confirmable,
  differences,
  type Given,
  groupsOf,
  isCorrected,
  lacks,
  progressOf,
  typedNumber,
  verdictOfNumber,
  whySingly,
} from '../../services/dashboard-api/web/src/model/checklist.ts';
import { dutiesByDate, dutySections } from '../../services/dashboard-api/web/src/model/duty-list.ts';
import { dutyFixture, patrolLines } from './fixture-duties.ts';

const LINES = patrolLines();
const lineOf = (id: string): ChecklistItem => {
  const found = LINES.find((item) => item.id === id);
  if (found === undefined) throw new Error(`the patrol has no line ${id}`);
  return found;
};
const [UPS, PDU, COLD, AIR] = [lineOf('ups'), lineOf('pdu'), lineOf('cold-aisle'), lineOf('air')];
const [SMOKE, GAUGE, TIDY] = [lineOf('smoke'), lineOf('extinguisher'), lineOf('tidy')];
interface Looked {
  readonly item: ChecklistItem;
  readonly why: ReturnType<typeof whySingly>;
  readonly reason: string;
}
interface Lacks {
  readonly item: ChecklistItem;
  readonly answer: Given | undefined;
  readonly lacking: ReturnType<typeof lacks>;
  readonly reason: string;
}
const given = (over: Partial<Given> = {}): Given => ({
  ...{ verdict: 'ok', value: '', note: '', owner: '', due: '2026-11-25', at: '2026-11-22T01:00:00Z' },
  ...over,
});

describe('a checklist answered in the room', () => {
  test.each(
    [
      [UPS, null, 'every device says that it is fine'],
      [SMOKE, null, 'a truth is a reading as well'],
      [COLD, 'unfit', 'one of three is out of its limits'],
      [AIR, 'doubtful', 'nobody has heard of it for long'],
      [GAUGE, 'untold', 'no device tells it'],
      [TIDY, 'untold', 'no device tells it'],
      [{ ...UPS, suggested: null }, 'doubtful', 'nobody judges it'],
      [{ ...UPS, suggested: 'finding' as const }, 'unfit', 'the service says that something is wrong'],
      [{ ...UPS, kind: 'text' as const }, 'doubtful', 'words are asked for'],
    ].map(([item, why, reason]) => ({ item, why, reason }) as Looked),
  )('O-PAT-1 looked at by itself or not: $reason', ({ item, why }) => {
    expect(whySingly(item)).toBe(why);
  });

  test('O-PAT-1 "as shown" never answers for a reading that is doubtful, missing or out of its limits', () => {
    const live = fc.record({
      quality: fc.constantFrom<LiveFinding['quality']>('good', 'stale', 'frozen', 'implausible', 'missing'),
      fine: fc.boolean(),
      value: fc.constantFrom(21, null, true),
    });
    const item = fc.record({
      live: fc.array(live, { maxLength: 3 }),
      suggested: fc.constantFrom<ChecklistItem['suggested']>('ok', 'finding', 'not-applicable', null),
      kind: fc.constantFrom<ChecklistItem['kind']>('tick', 'number', 'text'),
    });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 6 }), (drawn) => {
        const items = drawn.map((one, index) => ({
          ...{ ...UPS, id: `${index}`, kind: one.kind, suggested: one.suggested },
          live: one.live.map((reading) => ({ ...UPS.live[0]!, ...reading })),
        }));
        for (const group of groupsOf(items)) {
          for (const one of confirmable(group, {})) {
            expect(one.live.length).toBeGreaterThan(0);
            expect(one.live.every(({ quality, fine, value }) => quality === 'good' && fine && value !== null)).toBe(
              true,
            );
          }
        }
      }),
    );
  });

  test('readings of two minutes ago are not confirmed with their neighbours any more', () => {
    const good = () => 'good' as const;
    expect(whySingly(asOfNow([UPS], 60_000, good)[0]!)).toBe(null);
    expect(whySingly(asOfNow([UPS], 121_000, good)[0]!)).toBe('doubtful');
    expect(whySingly(asOfNow([UPS], 0, () => 'frozen')[0]!)).toBe('doubtful');
  });

  test.each(
    [
      [UPS, undefined, 'verdict', 'nobody has answered'],
      [UPS, given(), null, 'a tick is enough'],
      [TIDY, given({ verdict: 'finding' }), 'note', 'what was found must be said'],
      [TIDY, given({ verdict: 'finding', note: '纸箱', due: '' }), 'due', 'until when must be said'],
      [TIDY, given({ verdict: 'finding', note: '纸箱' }), null, 'found, with a day'],
      [GAUGE, given(), 'number', 'a gauge is read'],
      [GAUGE, given({ value: '1.2.3' }), 'number', 'that is no number'],
      [GAUGE, given({ value: '1,2' }), null, 'a comma is a point'],
      [GAUGE, given({ verdict: 'finding', note: '指针看不清' }), null, 'what cannot be read is found'],
      [GAUGE, given({ verdict: 'not-applicable' }), null, 'it is not there'],
      [{ ...TIDY, kind: 'text' as const }, given({ value: ' ' }), 'text', 'blanks are no words'],
    ].map(([item, answer, lacking, reason]) => ({ item, answer, lacking, reason }) as Lacks),
  )('what a line lacks: $reason', ({ item, answer, lacking }) => {
    expect(lacks(item, answer)).toBe(lacking);
  });

  test('a typed number is judged by its limits', () => {
    expect(['0.9', '1', '1.4', '1.41', '', 'x'].map((text) => verdictOfNumber(GAUGE, text))).toEqual([
      ...['finding', 'ok', 'ok', 'finding', null, null],
    ]);
    expect(verdictOfNumber({ ...GAUGE, min: null, max: null }, '7')).toBe(null);
    expect([' 1,25 ', '-3', '1e3', '．5'].map(typedNumber)).toEqual([1.25, -3, null, null]);
  });

  test('whoever says otherwise than the devices is marked so, whichever of both is worse', () => {
    expect(isCorrected(UPS, given({ verdict: 'finding' }))).toBe(true);
    expect(isCorrected(COLD, given())).toBe(true);
    expect(isCorrected(UPS, given())).toBe(false);
    expect(isCorrected(TIDY, given({ verdict: 'finding' }))).toBe(false);
    const told = { ...PDU, kind: 'number' as const };
    expect(isCorrected(told, given({ value: '3120' }))).toBe(false);
    expect(isCorrected(told, given({ value: '3000' }))).toBe(true);
  });

  test('how far it is, and where it goes on', () => {
    const answers: Answers = { ups: given(), pdu: given({ verdict: 'finding' }), smoke: given() };
    expect(progressOf(patrolLines(), answers)).toEqual({ of: 7, answered: 2, findings: 1, corrected: 1, next: 'pdu' });
  });

  test('of two who did the same, what one of them found is not passed over', () => {
    const answer = { verdict: 'ok' as const, value: null, note: null, live: [], corrected: false };
    const done = patrolLines().map((item) => ({
      ...item,
      answer: { ...answer, value: item.id === 'extinguisher' ? 1.2 : null },
    }));
    const mine: Answers = {
      ups: given(),
      tidy: given({ verdict: 'finding', note: '纸箱' }),
      extinguisher: given({ value: '1.2' }),
    };
    expect(differences(done, mine).map(({ id }) => id)).toEqual(['tidy']);
  });
});

describe('the order of duties', () => {
  const { duties } = dutyFixture();
  const me = { person: 'gao-jie', functions: ['network-administrator'] };

  test('mine are those with my name and those of my function that nobody has by name', () => {
    const ids = (of: typeof me): string[] => dutySections(duties, of, Date.now()).mine.map(({ duty }) => duty);
    expect(ids(me)).toEqual(['patrol']);
    expect(ids({ ...me, functions: ['equipment-administrator'] })).toEqual(['patrol', 'logs']);
    expect(dutySections(duties, null, Date.now()).mine).toEqual([]);
  });

  test('midnight at the end of a day belongs to that day; what went wrong stands first', () => {
    const [one] = duties;
    const due = '2026-11-22T16:00:00Z';
    const list = (['done', 'planned', 'missed', 'overdue'] as const).map((state) => ({
      ...one!,
      id: state,
      state,
      dueAt: due,
    }));
    const byDate = dutiesByDate(list, 'Asia/Shanghai');
    expect([...byDate.keys()]).toEqual(['2026-11-22']);
    expect(byDate.get('2026-11-22')?.map(({ state }) => state)).toEqual(['overdue', 'missed', 'planned', 'done']);
  });
});
