import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { proveRota, type RotaFault } from '#core/rota/prove.ts';
import { createLayers, createRota, type RotaSlice } from '#core/rota/rota.ts';
import { hours, type Instant, instant, minutes, plus } from '#core/time.ts';
import { at, change, slice, WEEKLY } from './support.ts';

const FROM = at('2026-01-06T00:00:00Z');
const prove = (config: RotaSlice, until = plus(FROM, hours(24 * 366)), from = FROM): RotaFault[] =>
  proveRota(config, createLayers(config), from, until);

describe('L25: check walks the coming year', () => {
  it('a whole rota has nothing to tell', () => {
    expect(prove(slice({ order: ['ann', 'bo'] }))).toEqual([]);
  });

  it.each<[string, RotaSlice, Partial<RotaFault>]>([
    [
      'nobody of the order is there any more: from when, and which rotation',
      slice({ order: [{ person: 'ann', until: '2026-06-07' }] }),
      { kind: 'gap', role: 'duty', why: 'absent', from: at('2026-06-08T08:30:00+08:00') },
    ],
    [
      'hours that are nobody’s by intention',
      slice({ off: [{ days: ['sat'], from: '00:00', to: '12:00' }] }),
      { kind: 'gap', why: 'off', from: at('2026-01-10T00:00:00+08:00'), until: at('2026-01-10T12:00:00+08:00') },
    ],
    [
      'somebody on duty who cannot be told',
      slice({ order: ['ann', 'mute'] }),
      { kind: 'unreachable', person: 'mute', from: at('2026-01-12T08:30:00+08:00') },
    ],
    [
      'an override of somebody unknown',
      slice({ overrides: [{ from: '2026-05-01T00:00:00+08:00', to: '2026-05-03T00:00:00+08:00', person: 'gone' }] }),
      { kind: 'unknown', person: 'gone', from: at('2026-05-01T00:00:00+08:00') },
    ],
    [
      'one person in two rotations at once',
      slice({}, 'Asia/Shanghai', [{ ...WEEKLY, role: 'network-administrator', order: ['bo', 'ann'] }]),
      { kind: 'twice', person: 'bo', roles: ['duty', 'network-administrator'] },
    ],
    [
      'a gap of another rotation',
      slice({}, 'Asia/Shanghai', [{ ...WEEKLY, role: 'system-administrator', starts: '2026-03-02' }]),
      { kind: 'gap', role: 'system-administrator', why: 'not-begun', until: at('2026-03-02T08:30:00+08:00') },
    ],
    [
      'a year without national holidays',
      slice({}, 'Asia/Shanghai', [], { national_holidays: 'china' }),
      { kind: 'no-holidays', year: 2027 },
    ],
  ])('tells %s', (_reason, config, fault) => {
    expect(prove(config)).toContainEqual(expect.objectContaining(fault));
  });

  it('national holidays of a year that is written by hand are known', () => {
    const config = slice({}, 'Asia/Shanghai', [], { national_holidays: 'china', years_by_hand: [2027] });
    expect(prove(config)).toEqual([]);
  });

  it('L24, L25: what the walk finds is what a look at each single minute finds', () => {
    const minuteOfMonth = fc.integer({ min: 0, max: 16 * 24 * 60 });
    const off = fc.constantFrom([], [{ days: ['sat'], from: '22:10', to: '02:20' }]);
    const some = fc.array(fc.tuple(minuteOfMonth, fc.integer({ min: 1, max: 4000 }), fc.constantFrom('ann', 'gone')), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(
        fc.constantFrom('Asia/Shanghai', 'Europe/Berlin', 'Australia/Lord_Howe'),
        off,
        some,
        fc.constantFrom('1d', '1w'),
        (zone, nobody, covers, every) => {
          // The nights of Berlin's year on which clocks change are within two weeks of these.
          for (const begins of [at('2026-03-15T00:00:00Z'), at('2026-10-12T00:00:00Z')]) {
            const leaving = [{ person: 'ann', until: '2026-10-20' }, 'mute'];
            const config = slice({ off: nobody, every, order: leaving, handover: { day: 'sun', at: '02:30' } }, zone, [
              { ...WEEKLY, role: 'network-administrator', order: ['ann', 'bo'] },
            ]);
            const changes = covers.map(([from, length, person]) =>
              change({
                from: new Date(plus(begins, minutes(from))).toISOString(),
                to: new Date(plus(begins, minutes(from + length))).toISOString(),
                person,
              }),
            );
            const until = plus(begins, hours(24 * 16));
            const layers = createLayers(config, changes);
            const told = proveRota(config, layers, begins, until);
            expect(minuteByMinute(told, begins, until)).toEqual(lookAtEach(config, layers, begins, until));
          }
        },
      ),
      { numRuns: 3 },
    );
  }, 120_000);
});

/** What the faults say of each minute. */
function minuteByMinute(faults: readonly RotaFault[], from: Instant, until: Instant): string[] {
  const said = new Map<number, string[]>();
  for (const fault of faults) {
    if (fault.kind === 'no-holidays') continue;
    const words =
      fault.kind === 'twice'
        ? `twice ${fault.person}`
        : fault.kind === 'gap'
          ? `gap ${fault.role}`
          : `${fault.kind} ${fault.role}`;
    for (let minute = fault.from; minute < fault.until; minute = plus(minute, minutes(1))) {
      said.set(minute, [...(said.get(minute) ?? []), words].sort());
    }
  }
  return listOf(said, from, until);
}

function lookAtEach(
  config: RotaSlice,
  layers: ReturnType<typeof createLayers>,
  from: Instant,
  until: Instant,
): string[] {
  const said = new Map<number, string[]>();
  const rota = createRota(config, layers);
  for (let minute = from; minute < until; minute = plus(minute, minutes(1))) {
    const words: string[] = [];
    const people = layers.map(({ role, spanAt }) => {
      const id = spanAt(minute).person;
      const [told] = rota.peopleOf(role, minute);
      if (id === null) words.push(`gap ${role}`);
      else if (told === undefined) words.push(`unknown ${role}`);
      else if (told.routes.length === 0) words.push(`unreachable ${role}`);
      return id;
    });
    if (people[0] != null && people[0] === people[1]) words.push(`twice ${people[0]}`);
    if (words.length > 0) said.set(minute, words.sort());
  }
  return listOf(said, from, until);
}

const listOf = (said: ReadonlyMap<number, readonly string[]>, from: Instant, until: Instant): string[] => {
  const list: string[] = [];
  for (let minute = from; minute < until; minute = instant(minute + 60_000)) {
    const words = said.get(minute)?.join(', ');
    if (words !== undefined) list.push(`${new Date(minute).toISOString()} ${words}`);
  }
  return list;
};
