import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rotaFileSchema } from '#core/config/rota.ts';
import { createRota } from '#core/rota/rota.ts';
import { hours, instant, minutes, plus } from '#core/time.ts';
import { createFirstRota } from './first-rota.ts';
import { at, change, dutyLayer, slice, WEEKLY } from './support.ts';

const ZONES = ['Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Havana'];
const who = (config = slice(), when: string, changes: Parameters<typeof dutyLayer>[1] = []) =>
  dutyLayer(config, changes).spanAt(at(when)).person;
const order = fc.uniqueArray(fc.constantFrom('ann', 'bo', 'chief', 'mute'), { minLength: 1, maxLength: 4 });
const clockTime = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 30, 59))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
const YEAR = at('2026-01-06T00:00:00Z');
const minuteOfYear = fc.integer({ min: 0, max: 365 * 24 * 60 }).map((minute) => plus(YEAR, minutes(minute)));

describe('what was written before layers were there', () => {
  const day = fc.constantFrom('mon', 'wed', 'sun');
  const override = fc
    .tuple(minuteOfYear, fc.integer({ min: 1, max: 20_000 }), fc.constantFrom('ann', 'bo', 'gone'))
    .map(([from, length, person]) => ({
      from: new Date(from).toISOString(),
      to: new Date(from + length * 60_000).toISOString(),
      person,
    }));
  it('is answered as by the rota of then: person, until when, functions, working hours', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        day,
        clockTime,
        order,
        fc.array(override, { maxLength: 4 }),
        fc.array(minuteOfYear, { minLength: 20, maxLength: 20 }),
        (zone, onDay, time, people, overrides, instants) => {
          const config = slice({ handover: { day: onDay, at: time }, order: people, overrides }, zone, [], {
            holidays: ['2026-05-01'],
            working_days: ['2026-05-09'],
          });
          const [now, then] = [createRota(config), createFirstRota(config)];
          for (const when of instants) {
            expect(now.dutyAt(when)).toEqual(then.dutyAt(when));
            expect(now.peopleOf('duty', when)).toEqual(then.peopleOf('duty', when));
            expect(now.peopleOf('director', when)).toEqual(then.peopleOf('director', when));
            expect(now.isWorkingTime(when)).toBe(then.isWorkingTime(when));
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('turns', () => {
  it.each<[string, Record<string, unknown>, string, string | null]>([
    ['two weeks each: the second week is still the first one’s', { every: '2w' }, '2026-01-14T12:00:00+08:00', 'ann'],
    ['two weeks each: then the next', { every: '2w' }, '2026-01-19T08:30:00+08:00', 'bo'],
    [
      'a day each: hand-over at the clock time',
      { every: '1d', handover: { at: '20:00' } },
      '2026-01-06T19:59:59+08:00',
      'ann',
    ],
    ['a day each: the next', { every: '1d', handover: { at: '20:00' } }, '2026-01-06T20:00:00+08:00', 'bo'],
    ['three days each', { every: '3d', handover: { at: '08:00' } }, '2026-01-08T08:00:00+08:00', 'bo'],
    [
      'who comes in March is passed over before',
      { order: ['ann', 'bo', { person: 'chief', from: '2026-03-02' }] },
      '2026-01-19T09:00:00+08:00',
      'ann',
    ],
    [
      'and has the turn after the one before in order',
      { order: ['ann', 'bo', { person: 'chief', from: '2026-03-02' }] },
      '2026-03-02T09:00:00+08:00',
      'chief',
    ],
    [
      'who leaves within a turn does not begin it',
      { order: ['ann', { person: 'bo', until: '2026-01-16' }] },
      '2026-01-12T09:00:00+08:00',
      'ann',
    ],
    [
      'who leaves on its last day does, and keeps the night to the hand-over',
      { order: ['ann', { person: 'bo', until: '2026-01-18' }] },
      '2026-01-19T08:29:00+08:00',
      'bo',
    ],
    [
      'nobody there for the turn: nobody on duty (L25)',
      { order: [{ person: 'bo', until: '2026-01-16' }] },
      '2026-01-12T09:00:00+08:00',
      null,
    ],
  ])('%s', (_reason, rota, when, person) => {
    expect(who(slice(rota), when)).toBe(person);
  });

  it('someone who leaves and someone who comes cost nobody else a turn', () => {
    const layer = dutyLayer(
      slice({ order: ['ann', { person: 'bo', until: '2026-03-01' }, { person: 'chief', from: '2026-03-02' }] }),
    );
    const turns = layer.turns(at('2026-01-05T08:30:00+08:00'), at('2026-05-04T00:00:00+08:00'));
    const people = turns.map(({ person }) => person);
    expect(people.slice(0, 8)).toEqual(['ann', 'bo', 'ann', 'bo', 'ann', 'bo', 'ann', 'bo']);
    expect(people.slice(8)).toEqual(['chief', 'ann', 'chief', 'ann', 'chief', 'ann', 'chief', 'ann', 'chief']);
  });

  it('a rotation of weeks needs its day', () => {
    expect(rotaFileSchema.safeParse({ rota: { ...WEEKLY, handover: { at: '08:30' } } }).success).toBe(false);
  });

  it('a hand-over at 02:30 in the nights on which clocks change: one person at each instant, at the hour that there is', () => {
    const spring = dutyLayer(slice({ handover: { day: 'sun', at: '02:30' } }, 'Europe/Berlin'));
    const autumn = spring;
    // 2026-03-29: 02:00 → 03:00, so 02:30 is 03:30 (01:30 UTC). 2026-10-25: 02:30 comes twice, the first counts (00:30 UTC).
    expect(spring.spanAt(at('2026-03-29T01:29:59Z')).until).toBe(at('2026-03-29T01:30:00Z'));
    expect(autumn.spanAt(at('2026-10-25T00:29:59Z')).until).toBe(at('2026-10-25T00:30:00Z'));
    expect(autumn.spanAt(at('2026-10-25T01:30:00Z')).from).toBe(at('2026-10-25T00:30:00Z'));
  });

  it('clocks set back over midnight do not give a turn back', () => {
    // St. John's, 2010-11-07 00:01 → 2010-11-06 23:01.
    const layer = dutyLayer(
      slice({ starts: '2010-11-01', every: '1d', handover: { at: '00:00' } }, 'America/St_Johns'),
    );
    const people = layer.spans(at('2010-11-05T12:00:00Z'), at('2010-11-09T12:00:00Z')).map(({ person }) => person);
    expect(people).toEqual(['bo', 'chief', 'ann', 'bo', 'chief']);
  });
});

describe('layers', () => {
  const config = slice({}, 'Asia/Shanghai', [
    { ...WEEKLY, role: 'network-administrator', order: ['bo', 'chief'], every: '1w' },
  ]);
  it('a function with a rotation means whoever has the turn, not all who hold it', () => {
    const rota = createRota(config);
    const when = at('2026-01-06T09:00:00+08:00');
    expect(rota.peopleOf('network-administrator', when).map(({ id }) => id)).toEqual(['bo']);
    expect(rota.peopleOf('director', when).map(({ id }) => id)).toEqual(['chief']);
    expect(rota.dutyAt(when)?.person.id).toBe('ann');
  });

  it('L25: hours that are nobody’s by intention are nobody on duty', () => {
    const off = slice({ off: [{ days: ['fri'], from: '22:00', to: '06:00' }] });
    const rota = createRota(off);
    expect(rota.dutyAt(at('2026-01-09T21:59:00+08:00'))?.until).toBe(at('2026-01-09T22:00:00+08:00'));
    expect(rota.dutyAt(at('2026-01-10T05:59:00+08:00'))).toBeNull();
    expect(rota.dutyAt(at('2026-01-10T06:00:00+08:00'))?.person.id).toBe('ann');
    expect(dutyLayer(off).spanAt(at('2026-01-09T23:00:00+08:00')).why).toBe('off');
  });
});

describe('exactly one person or nobody at each instant', () => {
  it('spans follow each other without hole or overlap, and each instant within one is answered alike', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.constantFrom('1w', '2w', '1d', '3d'),
        clockTime,
        order,
        fc.boolean(),
        minuteOfYear,
        fc.array(fc.tuple(minuteOfYear, fc.integer({ min: 1, max: 9000 })), { maxLength: 3 }),
        (zone, every, time, people, off, start, covers) => {
          const changes = covers.map(([from, length]) =>
            change({
              from: new Date(from).toISOString(),
              to: new Date(from + length * 60_000).toISOString(),
              person: 'bo',
            }),
          );
          const night = [{ days: ['sat', 'sun'], from: '22:30', to: '06:15' }];
          const layer = dutyLayer(
            slice({ every, handover: { day: 'sun', at: time }, order: people, off: off ? night : [] }, zone),
            changes,
          );
          const until = plus(start, hours(24 * 15));
          let now = start;
          for (const span of layer.spans(start, until)) {
            expect(span.from).toBeLessThanOrEqual(now);
            expect(span.until).toBeGreaterThan(now);
            for (const inside of [now, Math.floor((now + span.until) / 2), span.until - 1]) {
              expect(layer.spanAt(instant(inside))).toEqual(span);
            }
            now = span.until;
          }
          expect(now).toBeGreaterThanOrEqual(until);
        },
      ),
      { numRuns: 80 },
    );
  });
});

describe('swaps and covers', () => {
  const config = slice();
  const [first, second] = ['duty@2026-01-12', 'duty@2026-01-26'];
  const swap = () => change({ a: { turn: first, person: 'bo' }, b: { turn: second, person: 'ann' } });
  const back = () => change({ a: { turn: first, person: 'ann' }, b: { turn: second, person: 'bo' } });

  it('two people exchange their turns, and nothing else changes', () => {
    const changes = [swap()];
    expect(who(config, '2026-01-12T08:30:00+08:00', changes)).toBe('ann');
    expect(who(config, '2026-01-26T08:30:00+08:00', changes)).toBe('bo');
    expect(who(config, '2026-01-19T08:30:00+08:00', changes)).toBe('chief');
    expect(dutyLayer(config, changes).spanAt(at('2026-01-12T09:00:00+08:00'))).toMatchObject({
      why: 'swap',
      reason: 'asked',
    });
  });

  it('swapping the same turns again gives back the first order: a swap is its own inverse', () => {
    const turns = dutyLayer(config).turns(at('2026-01-05T08:30:00+08:00'), at('2027-01-05T00:00:00+08:00'));
    const pick = fc.integer({ min: 0, max: turns.length - 1 });
    fc.assert(
      fc.property(fc.array(fc.tuple(pick, pick), { maxLength: 6 }), (pairs) => {
        const before = turns.map(({ person }) => person);
        let changes: ReturnType<typeof swap>[] = [];
        for (const [one, other] of [...pairs, ...pairs.toReversed()]) {
          const layer = dutyLayer(config, changes);
          const [a, b] = [layer.turn(turns[one]!.id)!, layer.turn(turns[other]!.id)!];
          changes = [
            ...changes,
            change({ a: { turn: a.id, person: a.person! }, b: { turn: b.id, person: b.person! } }),
          ];
        }
        const layer = dutyLayer(config, changes);
        expect(turns.map(({ id }) => layer.turn(id)!.person)).toEqual(before);
        expect(layer.voided).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('a cancelled change is as if it had never been', () => {
    const withdrawn = change(
      { a: { turn: first, person: 'bo' }, b: { turn: second, person: 'ann' } },
      { cancelled: true },
    );
    expect(who(config, '2026-01-12T09:00:00+08:00', [withdrawn])).toBe('bo');
  });

  it('a swap of a turn that the configuration has since given to somebody else is void, and said to be', () => {
    const changed = slice({ order: ['chief', 'ann', 'bo'] });
    const made = swap();
    const layer = dutyLayer(changed, [made]);
    expect(layer.voided).toEqual([made.id]);
    expect(layer.spanAt(at('2026-01-12T09:00:00+08:00')).person).toBe('ann');
  });

  it('a cover takes its part of a turn; of two over the same time the last written wins; both win over rota.yaml', () => {
    const override = { from: '2026-01-13T00:00:00+08:00', to: '2026-01-15T00:00:00+08:00', person: 'ann' };
    const cover = change({ from: '2026-01-14T00:00:00+08:00', to: '2026-01-16T00:00:00+08:00', person: 'chief' });
    const later = change({ from: '2026-01-14T12:00:00+08:00', to: '2026-01-14T18:00:00+08:00', person: 'bo' });
    const changes = [cover, later];
    const spans = dutyLayer(slice({ overrides: [override] }), changes).spans(
      at('2026-01-12T08:30:00+08:00'),
      at('2026-01-19T08:30:00+08:00'),
    );
    expect(spans.map(({ person, why }) => `${person} ${why}`)).toEqual([
      'bo rotation',
      'ann override',
      'chief cover',
      'bo cover',
      'chief cover',
      'chief cover',
      'bo rotation',
    ]);
  });

  it('swapping there and back leaves covers alone', () => {
    const cover = change({ from: '2026-01-14T00:00:00+08:00', to: '2026-01-15T00:00:00+08:00', person: 'chief' });
    const times = ['2026-01-13T00:00:00+08:00', '2026-01-14T06:00:00+08:00', '2026-01-28T00:00:00+08:00'];
    const plain = times.map((when) => who(config, when, [cover]));
    expect(times.map((when) => who(config, when, [cover, swap()]))).toEqual(['ann', 'chief', 'bo']);
    expect(times.map((when) => who(config, when, [cover, swap(), back()]))).toEqual(plain);
  });
});
