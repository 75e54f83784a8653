import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DevicePlace, EMPTY_ARRANGEMENT, type RoomArrangement, TURNS } from '#core/room-layout.ts';
import {
  beginEdit,
  countChanges,
  doStep,
  newRack,
  putDevice,
  putThing,
  putTogether,
  redo,
  removeThing,
  same,
  scaledWidth,
  snap,
  spotOf,
  toYaml,
  turnOn,
  undo,
  withShape,
} from '../../services/dashboard-api/web/src/model/room-edit.ts';
import { devicesAt } from './fixture-room.ts';

const devices = devicesAt(Date.parse('2026-11-21T03:00:00Z'));
const byId = new Map(devices.map((device) => [device.id, device]));
const at = (x: number, y: number): DevicePlace => ({ x, y, turn: 0 });
const placed = (places: RoomArrangement['places']): RoomArrangement => ({ ...EMPTY_ARRANGEMENT, places });

const place = fc.oneof(
  fc.constant(undefined),
  fc.constant(null),
  fc.record({ x: fc.integer({ min: 0, max: 9 }), y: fc.integer({ min: 0, max: 9 }), turn: fc.constantFrom(...TURNS) }),
);
const wall = fc.record({
  x: fc.nat(5),
  y: fc.nat(5),
  width: fc.integer({ min: 1, max: 9 }),
  height: fc.integer({ min: 1, max: 9 }),
});
const arrangement = fc
  .record({ a: place, b: place, c: place, walls: fc.array(wall, { maxLength: 2 }) })
  .map(({ walls, ...places }) => {
    const put = Object.entries(places).reduce((all, [id, one]) => putDevice(all, id, one), EMPTY_ARRANGEMENT);
    return withShape(put, 'core', (shape) => ({ ...shape, walls }));
  });

describe('steps of an arrangement', () => {
  test('each is undone and done again, back to the very beginning and to the very end', () => {
    fc.assert(
      fc.property(fc.array(arrangement, { maxLength: 12 }), (steps) => {
        const done = steps.reduce((edit, step) => doStep(edit, step), beginEdit(EMPTY_ARRANGEMENT));
        let edit = done;
        for (let count = 0; count < 20; count++) edit = undo(edit);
        expect(edit.now).toEqual(EMPTY_ARRANGEMENT);
        for (let count = 0; count < 20; count++) edit = redo(edit);
        expect(edit.now).toEqual(done.now);
      }),
    );
  });

  test('presses of one key are one step, another thing is another, and what changes nothing is none', () => {
    let edit = beginEdit(EMPTY_ARRANGEMENT);
    for (const x of [1, 2, 3]) edit = doStep(edit, placed({ a: at(x, 0) }), 'nudge a');
    edit = doStep(edit, placed({ a: at(3, 0), b: at(1, 1) }), 'nudge b');
    edit = doStep(edit, placed({ b: at(1, 1), a: at(3, 0) }));
    expect(edit.past).toHaveLength(2);
    expect(undo(undo(edit)).now).toEqual(EMPTY_ARRANGEMENT);
    // After an undo the same key begins a step of its own.
    expect(doStep(undo(edit), placed({ a: at(9, 0) }), 'nudge a').past).toHaveLength(2);
  });

  test('what was undone is gone once something new is done', () => {
    const edit = undo(doStep(beginEdit(EMPTY_ARRANGEMENT), placed({ a: at(1, 1) })));
    expect(redo(doStep(edit, placed({ b: at(1, 1) }))).now).toEqual(placed({ b: at(1, 1) }));
  });
});

describe('what two people changed', () => {
  test('mine stays mine, theirs stays theirs where I left it alone', () => {
    fc.assert(
      fc.property(arrangement, arrangement, arrangement, (base, mine, theirs) => {
        const together = putTogether(base, mine, theirs);
        for (const id of ['a', 'b', 'c']) {
          const changed = !same(base.places[id], mine.places[id]);
          expect(together.places[id]).toEqual(changed ? mine.places[id] : theirs.places[id]);
        }
        const changedWalls = !same(base.rooms.core.walls, mine.rooms.core.walls);
        expect(together.rooms.core.walls).toEqual(changedWalls ? mine.rooms.core.walls : theirs.rooms.core.walls);
      }),
    );
  });

  test('without changes of mine it is theirs, without changes of theirs it is mine', () => {
    fc.assert(
      fc.property(arrangement, arrangement, (base, other) => {
        expect(same(putTogether(base, base, other), other)).toBe(true);
        expect(same(putTogether(base, other, base), other)).toBe(true);
        expect(countChanges(base, base)).toBe(0);
        expect(countChanges(base, other) === 0).toBe(same(base, other));
      }),
    );
  });
});

describe('things in the hand', () => {
  test.each([
    [1.37, 0.25, 1.25, 'the nearer line'],
    [1.38, 0.25, 1.5, 'the other line'],
    [0.30000000000000004, 0.1, 0.3, 'no tail of binary fractions'],
    [1.2345, 0, 1.23, 'centimetres without a grid'],
    [-0.04, 0.1, 0, 'zero without a sign'],
    [1e6, 0.25, 200, 'never farther than can be saved'],
  ])('%d on a grid of %d is %d: %s', (value, grid, expected) => {
    expect(snap(value, grid) + 0).toBe(expected);
  });

  test('a device is moved and turned, taken off, and put back to where devices.yaml has it', () => {
    const thing = { kind: 'device', id: 'server-1' } as const;
    const moved = putThing(EMPTY_ARRANGEMENT, 'core', thing, { x: 1, y: 1, turn: turnOn(0) });
    expect(spotOf(moved, 'core', thing, byId)).toEqual({ x: 1, y: 1, turn: 90 });
    expect(spotOf(removeThing(moved, 'core', thing, true), 'core', thing, byId)).toBeNull();
    expect(removeThing(moved, 'core', thing, false).places).toEqual({});
    expect(spotOf(putDevice(moved, 'server-1', undefined), 'core', thing, byId)).toEqual({ x: 3, y: 2, turn: 0 });
    expect(TURNS.map(turnOn)).toEqual([90, 180, 270, 0]);
  });

  test('racks get numbers of their own across rooms; walls and the picture move alone', () => {
    const first = newRack(EMPTY_ARRANGEMENT, { x: 1, y: 1 });
    const one = withShape(EMPTY_ARRANGEMENT, 'auxiliary', (shape) => ({ ...shape, racks: [first] }));
    expect(newRack(one, { x: 2, y: 2 }).id).toBe('rack-2');
    const walls = [
      { x: 0, y: 0, width: 4, height: 4 },
      { x: 4, y: 0, width: 2, height: 2 },
    ];
    const drawn = withShape(one, 'core', () => ({ walls, racks: [], picture: { id: 'p', x: 0, y: 0, width: 9 } }));
    const moved = putThing(drawn, 'core', { kind: 'wall', index: 1 }, { x: 4, y: 2 });
    expect(moved.rooms.core.walls).toEqual([walls[0], { ...walls[1], y: 2 }]);
    expect(putThing(moved, 'core', { kind: 'picture' }, { x: 1, y: 1 }).rooms.core.picture).toMatchObject({
      x: 1,
      y: 1,
    });
    expect(removeThing(moved, 'core', { kind: 'wall', index: 0 }, false).rooms.core.walls).toHaveLength(1);
    expect(removeThing(moved, 'auxiliary', { kind: 'rack', id: 'rack-1' }, false).rooms.auxiliary.racks).toEqual([]);
  });

  test('two points whose distance is known give a picture its width; the same point twice gives none', () => {
    expect(
      scaledWidth(
        { width: 10 },
        [
          { x: 1, y: 1 },
          { x: 3, y: 1 },
        ],
        4,
      ),
    ).toBe(20);
    expect(
      scaledWidth(
        { width: 10 },
        [
          { x: 1, y: 1 },
          { x: 1, y: 1 },
        ],
        4,
      ),
    ).toBeNull();
    expect(
      scaledWidth(
        { width: 10 },
        [
          { x: 1, y: 1 },
          { x: 1.001, y: 1 },
        ],
        4,
      ),
    ).toBeNull();
  });

  test('the export names those that stand elsewhere than devices.yaml says, and nobody else', () => {
    expect(toYaml(devices, EMPTY_ARRANGEMENT)).toBe('');
    const yaml = toYaml(devices, placed({ 'server-1': at(1.25, 2), 'ups-1': null, 'th-1': at(2, 1) }));
    expect(yaml).toBe('  - id: server-1\n    place: { x: 1.25, y: 2 }');
  });
});
