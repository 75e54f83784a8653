import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { watchedChangesSchema } from '#core/config/watched-changes.ts';
import { consentTo, createPointMatch, type KnownValue, nextKnown, peopleInRoom } from '#core/paperwork/change-watch.ts';
import type { ApprovedChange } from '#core/paperwork/facts.ts';
import type { Quality, Value } from '#core/reading.ts';
import { instant } from '#core/time.ts';

const AT = instant(Date.parse('2026-11-23T02:00:00Z'));

/** What changes along a course of readings. */
function changesIn(course: readonly (readonly [Value | null, Quality])[]): Value[] {
  let known: KnownValue | null = null;
  return course.flatMap(([value, quality]) => {
    const step = nextKnown(known, { value, quality });
    known = step.known;
    return step.changedFrom === null ? [] : [step.changedFrom];
  });
}

describe('O-CHG-1: what is a change', () => {
  it.each([
    ['the first value is none', [[24, 'good']], []],
    [
      'the same again is none',
      [
        [24, 'good'],
        [24, 'good'],
      ],
      [],
    ],
    [
      'what a device rounds is none',
      [
        [24, 'good'],
        [24.04, 'good'],
      ],
      [],
    ],
    [
      'another good value is one',
      [
        [24, 'good'],
        [20, 'good'],
      ],
      [24],
    ],
    [
      'a doubtful value is none',
      [
        [24, 'good'],
        [20, 'implausible'],
      ],
      [],
    ],
    [
      'the same after a silence is none',
      [
        [24, 'good'],
        [null, 'missing'],
        [24, 'good'],
      ],
      [],
    ],
    [
      'a set point outlives a restart, so another after it is one',
      [
        [24, 'good'],
        [null, 'missing'],
        [20, 'good'],
      ],
      [24],
    ],
    [
      'an outlet may come up otherwise after a restart',
      [
        ['on', 'good'],
        [null, 'missing'],
        ['off', 'good'],
      ],
      [],
    ],
    [
      'after that it counts again',
      [
        ['on', 'good'],
        ['on', 'stale'],
        ['off', 'good'],
        ['on', 'good'],
      ],
      ['off'],
    ],
    [
      'an outlet that is switched is one',
      [
        ['on', 'good'],
        ['off', 'good'],
      ],
      ['on'],
    ],
    [
      'there and back are two',
      [
        ['on', 'good'],
        ['off', 'good'],
        ['on', 'good'],
      ],
      ['on', 'off'],
    ],
  ] as const)('%s', (_, course, changes) => {
    expect(changesIn(course)).toEqual(changes);
  });

  it('no course of bad readings between two equal values is ever one', () => {
    const bad = fc.constantFrom<Quality>('stale', 'frozen', 'implausible', 'missing');
    const value = fc.oneof(fc.integer({ min: -50, max: 300 }), fc.constantFrom('on', 'off'), fc.boolean());
    fc.assert(
      fc.property(value, fc.array(fc.tuple(fc.option(value), bad), { maxLength: 20 }), (same, between) => {
        expect(changesIn([[same, 'good'], ...between, [same, 'good']])).toEqual([]);
      }),
    );
  });
});

describe('O-CHG-1: which points', () => {
  const watches = createPointMatch(watchedChangesSchema.parse({}).points);
  it.each([
    ['cooling.setpoint', true],
    ['cooling.setpoint.humidity', true],
    ['cooling.2.temperature.setpoint', true],
    ['outlet.3.status', true],
    ['outlet.group-1.status', true],
    ['input.transfer.voltage.low', true],
    ['outlet.3.current', false],
    ['input.transfer.status', false],
    ['ups.status', false],
    ['ambient.temperature', false],
  ])('%s: %s', (point, yes) => {
    expect(watches(point)).toBe(yes);
  });

  it('a dot is a dot', () => {
    expect(createPointMatch(['a.b'])('axb')).toBe(false);
  });
});

describe('O-CHG-1: consent', () => {
  const approval = (change: Partial<ApprovedChange> = {}): ApprovedChange => ({
    entry: 'changes/2026-0003',
    devices: ['ac-1'],
    points: ['cooling.*'],
    from: '2026-11-23T01:00:00Z',
    to: '2026-11-23T03:00:00Z',
    by: 'ann',
    approvedBy: 'chief',
    ...change,
  });
  const change = { device: 'ac-1', point: 'cooling.setpoint', at: AT };
  const later = instant(AT + 24 * 3_600_000);
  it.each([
    ['within its window', approval(), AT, true],
    ['its words are of another device', approval({ devices: ['ac-2'] }), AT, false],
    ['its words are of other points', approval({ points: ['outlet.*'] }), AT, false],
    ['empty lists are any', approval({ devices: [], points: [] }), AT, true],
    ['its window is over', approval({ to: '2026-11-23T01:30:00Z' }), AT, false],
    ['its window has not begun', approval({ from: '2026-11-23T02:30:00Z' }), AT, false],
    [
      'asked for afterwards, for now',
      approval({ from: '2026-11-24T01:00:00Z', to: '2026-11-24T09:00:00Z' }),
      later,
      true,
    ],
    ['asked for afterwards, for then', approval(), later, true],
    ['an instant that is none covers nothing', approval({ from: 'soon' }), AT, false],
  ])('%s', (_, one, now, yes) => {
    expect(consentTo(change, [one], now) !== null).toBe(yes);
  });
});

describe('O-CHG-1: who could have', () => {
  const facts = {
    at: '2026-11-23T02:00:00Z',
    inRooms: [
      {
        room: 'core',
        person: 'ann',
        name: { zh: '安', en: 'Ann' },
        since: '2026-11-23T01:00:00Z',
        entry: 'core-room/1',
      },
      {
        room: 'core',
        person: null,
        name: { zh: '后来', en: 'Later' },
        since: '2026-11-23T02:30:00Z',
        entry: 'core-room/2',
      },
      {
        room: 'auxiliary',
        person: null,
        name: { zh: '别处', en: 'Elsewhere' },
        since: '2026-11-23T01:00:00Z',
        entry: 'x/1',
      },
    ],
    changes: [],
  };
  it('is whoever was signed in to that room at the time', () => {
    expect(peopleInRoom(facts, 'core', AT)).toEqual([{ zh: '安', en: 'Ann' }]);
  });
  it('is not known where the registers never said anything', () => {
    expect(peopleInRoom(null, 'core', AT)).toBeNull();
  });
});
