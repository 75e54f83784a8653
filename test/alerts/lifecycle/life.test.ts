import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { AlertEvent } from '#core/alert-event.ts';
import type { Rule } from '#core/config/rule.ts';
import { hours, minutes, plus, seconds, toIso } from '#core/time.ts';
import { T0 } from '../support.ts';
import {
  cooling,
  deviceOf,
  humid,
  mains,
  makeWorld,
  RULES,
  smoke,
  type Told,
  type World,
  warm,
} from './alert-world.ts';

/** The life of alerts over shelves, maintenance, inhibition and the end of the process at any write. */

const worlds: World[] = [];
const begin = () => {
  const world = makeWorld();
  worlds.push(world);
  return world;
};
afterEach(() => {
  for (const world of worlds.splice(0)) world.end();
});
const idOf = (world: World, one: Rule): string =>
  world
    .book()
    .active()
    .find((view) => view.rule === one.id)?.id ?? '';

describe('a shelf', () => {
  it('keeps silent, clears nothing, and at its end what still fires is told again, also over a restart', () => {
    const world = begin();
    world.apply(warm, 'fired');
    world.act(() => void world.book().silence(idOf(world, warm), 'ann', 30, 'filter ordered'));
    expect(world.book().shelved()).toMatchObject([{ rule: 'warm', device: 'th-1', by: 'ann' }]);
    world.clock.advanceBy(minutes(20));
    world.restart();
    expect(world.book().active()).toMatchObject([{ state: 'firing', silenced: { by: 'ann' } }]);
    world.clock.advanceBy(minutes(11));
    expect(world.keys()).toEqual(['warm/fired', 'warm/again/1']);
    expect(world.log().map(({ what, by }) => [what, by])).toEqual([
      ['pending', null],
      ['fired', null],
      ['shelved', 'ann'],
      ['unshelved', null],
    ]);
  });

  it('is ended by a person: who and when is in the log, and what still fires is told', () => {
    const world = begin();
    world.apply(warm, 'fired');
    world.act(() => void world.book().silence(idOf(world, warm), 'ann', 600, 'filter ordered'));
    expect(world.book().unshelve('warm', 'th-1', 'bo')).toBeNull();
    expect(world.book().shelved()).toEqual([]);
    expect(world.log().at(-1)).toMatchObject({ what: 'unshelved', by: 'bo' });
    expect(world.keys()).toEqual(['warm/fired', 'warm/again/1']);
    expect(world.book().unshelve('warm', 'th-1', 'bo')).toBe('NOT_FOUND');
  });

  it('of an outage is no reason for its plan not to judge it', () => {
    const world = begin();
    world.apply(mains, 'fired');
    world.act(() => void world.book().silence(idOf(world, mains), 'ann', 600, 'test'));
    world.apply(mains, 'cleared');
    world.apply(mains, 'fired');
    expect(world.record(mains)).toMatchObject({ told: null, opens: true, handed: true });
  });
});

describe('maintenance (out of service, ISA-18.2)', () => {
  it('is told to nobody and recorded; what still fires at its end is told, what is over is not', () => {
    const world = begin();
    world.order(world.window());
    world.apply(cooling, 'fired');
    world.apply(cooling, 'cleared');
    world.apply(cooling, 'fired');
    expect(world.book().active()).toMatchObject([{ maintenance: { by: 'ann', reason: 'new compressor' } }]);
    expect(world.keys()).toEqual([]);
    world.restart();
    world.clock.advanceBy(hours(2));
    expect(world.keys()).toEqual(['cooling-stopped/fired']);
    expect(world.log().filter(({ what }) => what === 'maintenance' || what === 'returned')).toHaveLength(3);
  });

  it('ends early by a person, begins later by its time, covers kinds, rooms and rules', () => {
    const world = begin();
    world.order(world.window({ devices: [], rule: 'warm', from: toIso(plus(T0, minutes(10))) }));
    world.apply(warm, 'fired');
    expect(world.keys()).toEqual(['warm/fired']);
    world.clock.advanceBy(minutes(11));
    const [view] = world.book().active();
    expect(view?.maintenance).toMatchObject({ by: 'ann' });
    world.order({ kind: 'maintenance.end', window: view?.maintenance?.id });
    expect(world.book().active()[0]?.maintenance).toBeUndefined();
    expect(world.keys()).toEqual(['warm/fired', 'warm/again/1']);
  });

  it('never holds back safety (L34), is never longer than seven days, and needs something to be about', () => {
    const world = begin();
    world.order(world.window({ devices: ['smoke-1'] }));
    world.apply(smoke, 'fired');
    expect(world.keys()).toEqual(['smoke/fired']);
    const before = world.book().active();
    world.order(world.window({ to: toIso(plus(T0, hours(7 * 24 + 1))) }));
    world.order(world.window({ devices: [] }));
    world.order(world.window({ devices: ['nothing'] }));
    world.order(world.window({ devices: [], rule: 'smoke' }));
    world.apply(cooling, 'fired');
    expect(world.book().active().slice(before.length)[0]?.maintenance).toBeUndefined();
  });

  it('of a UPS leaves its outage to the plan: an outage is an outage', () => {
    const world = begin();
    world.order(world.window({ devices: ['ups-1'] }));
    world.apply(mains, 'fired');
    expect(world.record(mains)).toMatchObject({ told: null, opens: true, handed: true });
  });
});

describe('a storm', () => {
  it('of an open incident is the first message and one more a minute later, in the incident’s conversation', () => {
    const world = begin();
    world.world.incident = 'inc-1';
    for (const one of [warm, humid]) world.apply(one, 'fired');
    expect(world.keys()).toEqual(['warm/fired']);
    world.restart();
    world.clock.advanceBy(seconds(61));
    expect(world.keys()).toEqual(['warm/fired', 'humid/fired']);
    expect(world.told().map(({ conversation }) => conversation)).toEqual(['inc-1', 'inc-1']);
    for (const one of [warm, humid]) world.apply(one, 'cleared');
    world.clock.advanceBy(minutes(3));
    const ended = world.told().slice(2);
    expect(ended).toHaveLength(1);
    expect(ended[0]).toMatchObject({ phase: 'recovered', conversation: 'inc-1' });
    expect(ended[0]?.body).toBe('RECOVERED: warm (th-1)\nRECOVERED: humid (th-1)');
  });

  it('what went before its turn came is told to nobody, nor its end (L31)', () => {
    const world = begin();
    world.world.incident = 'inc-1';
    for (const one of [warm, humid]) world.apply(one, 'fired');
    world.apply(humid, 'cleared');
    world.clock.advanceBy(minutes(10));
    expect(world.keys().filter((key) => key.startsWith('humid'))).toEqual([]);
  });
});

type Own =
  | { readonly do: 'fire' | 'clear' | 'acknowledge' | 'shelve' | 'unshelve'; readonly which: number }
  | { readonly do: 'maintain'; readonly which: number; readonly minutes: number };
type Step =
  | Own
  | { readonly do: 'advance'; readonly s: number }
  | { readonly do: 'restart' | 'crash' | 'open' | 'close' };

const which = fc.integer({ min: 0, max: RULES.length - 1 });
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('fire' as const, 'clear' as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('acknowledge' as const, 'shelve' as const, 'unshelve' as const),
      which,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('advance' as const), s: fc.integer({ min: 1, max: 1200 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('maintain' as const), which, minutes: fc.integer({ min: 1, max: 90 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('restart' as const, 'crash' as const, 'open' as const, 'close' as const),
    }),
  },
);

function carryOut(world: World, step: Step): void {
  const { act } = world;
  if (step.do === 'crash') world.failNext();
  else if (step.do === 'restart') world.restart();
  else if (step.do === 'advance') act(() => world.clock.advanceBy(seconds(step.s)));
  else if ('which' in step) carryOutOn(world, step, RULES[step.which] ?? mains);
  else {
    world.world.incident = step.do === 'open' ? 'inc-1' : null;
    act(() => world.book().review());
  }
}

function carryOutOn(world: World, step: Own, one: Rule): void {
  const { act, book } = world;
  const device = deviceOf(one);
  if (step.do === 'fire') world.apply(one, 'fired');
  else if (step.do === 'clear') world.apply(one, 'cleared');
  else if (step.do === 'acknowledge') act(() => void book().acknowledge(idOf(world, one), 'ann'));
  else if (step.do === 'shelve') act(() => void book().silence(idOf(world, one), 'ann', 15, 'r'));
  else if (step.do === 'unshelve') act(() => void book().unshelve(one.id, device, 'bo'));
  else if ('minutes' in step) {
    const to = toIso(plus(world.clock.now(), minutes(step.minutes)));
    world.order(world.window({ devices: [device], to }));
  }
}

/** What people read of each alert, in order: `up`, `again`, `over`. */
function readOf(told: readonly Told[], one: Rule): string[] {
  return told.flatMap(({ key, subject, body }) => {
    if (key.includes('/ring/')) return [];
    const lines = key.startsWith('together/') ? body.split('\n') : [subject];
    return lines.flatMap((line) => {
      if (!line.includes(`: ${one.id} (`)) return [];
      if (line.startsWith('RECOVERED')) return ['over'];
      return [key.includes('/again/') || key.includes('/reopened/') ? 'again' : 'up'];
    });
  });
}

describe('whatever happens, and wherever the process ends', () => {
  it('no recovery is told twice or without an alert (L31), each change is one event, and nothing grave stays untold', () => {
    fc.assert(
      fc.property(fc.array(steps, { minLength: 5, maxLength: 60 }), (all) => {
        const world = makeWorld();
        for (const step of all) {
          carryOut(world, step);
          const record = world.record(smoke);
          // L34: whatever else holds.
          if (record?.view.state === 'firing') expect(record.told).not.toBeNull();
        }
        world.restart();
        world.world.incident = null;
        world.clock.advanceBy(hours(2));
        for (const one of RULES) {
          const record = world.record(one);
          if (record?.view.state === 'firing' && record.view.inhibitedBy === null) expect(record.told).not.toBeNull();
        }
        for (const one of RULES) world.apply(one, 'cleared');
        world.clock.advanceBy(minutes(5));
        for (const one of RULES) {
          const read = readOf(world.told(), one).filter(
            (word, i, list) => !(word === 'again' && list[i - 1] !== 'over' && i > 0),
          );
          expect(read.join(' ')).toMatch(/^((up|again) over ?)*$/);
        }
        checkLog(world.log());
        world.end();
      }),
      { numRuns: 60 },
    );
  });
});

/** Of each alert at most one of each turn, in an order that makes sense. */
function checkLog(log: readonly AlertEvent[]): void {
  for (const [id, events] of Map.groupBy(log, ({ alert }) => alert)) {
    const count = (what: string): number => events.filter((event) => event.what === what).length;
    expect(events[0]?.what, id).toBe('pending');
    for (const once of ['pending', 'fired', 'cleared', 'retired', 'dismissed', 'chattering'])
      expect(count(once), `${id} ${once}`).toBeLessThanOrEqual(1);
    expect(count('cleared') + count('dismissed'), id).toBe(1);
    const held = { maintenance: false, inhibited: false };
    for (const { what } of events) {
      // Held by another one than before is an event of its own.
      if (what === 'maintenance' || what === 'inhibited') held[what] = true;
      if (what === 'returned') expect(held.maintenance, id).toBe(true);
      if (what === 'released') expect(held.inhibited, id).toBe(true);
      if (what === 'returned') held.maintenance = false;
      if (what === 'released') held.inhibited = false;
    }
  }
}
