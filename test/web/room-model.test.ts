import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DeviceView } from '#core/api.ts';
import { EMPTY_ROOM_PLAN, type RoomPlanView, type RoomShape } from '#core/room-layout.ts';
import { bandOf } from '../../services/dashboard-api/web/src/model/bands.ts';
import {
  colourAt,
  colourOf,
  FAR,
  fieldAt,
  NEAR,
  type Palette,
  type Probe,
  paintField,
  strainOf,
} from '../../services/dashboard-api/web/src/model/heat-field.ts';
import { layPlan, type Placed, shortPlace } from '../../services/dashboard-api/web/src/model/room-plan.ts';
import { devicesAt } from './fixture-room.ts';

const NOW = Date.parse('2026-11-21T03:00:00Z');
const coordinate = fc.double({ min: -200, max: 200, noNaN: true });
const probe = fc.record({
  x: coordinate,
  y: coordinate,
  value: fc.double({ min: -60, max: 100, noNaN: true }),
  strain: fc.double({ min: 0, max: 2, noNaN: true }),
});
const probes = fc.array(probe, { minLength: 1, maxLength: 60 });
/** A spot within reach of one of them. */
const near = fc.tuple(
  probes,
  fc.nat(),
  fc.double({ min: -2, max: 2, noNaN: true }),
  fc.double({ min: -2, max: 2, noNaN: true }),
);

describe('the heat field', () => {
  test('lies between the lowest and the highest sensor, and is a number everywhere', () => {
    fc.assert(
      fc.property(near, ([all, index, dx, dy]) => {
        const middle = all[index % all.length]!;
        const found = fieldAt(all, middle.x + dx, middle.y + dy)!;
        const values = all.map(({ value }) => value);
        expect(found.value).toBeGreaterThanOrEqual(Math.min(...values) - 1e-6);
        expect(found.value).toBeLessThanOrEqual(Math.max(...values) + 1e-6);
        expect(found.strain).toBeGreaterThanOrEqual(-1e-9);
        expect(found.strain).toBeLessThanOrEqual(2 + 1e-9);
        expect(found.trust).toBeGreaterThan(0);
        expect(found.trust).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('says at a sensor what the sensor says', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(probe, {
          minLength: 1,
          maxLength: 20,
          comparator: (a, b) => Math.hypot(a.x - b.x, a.y - b.y) < 1,
        }),
        (all) => {
          for (const one of all) {
            const found = fieldAt(all, one.x, one.y)!;
            expect(found.value).toBeCloseTo(one.value, 1);
            expect(found.trust).toBe(1);
          }
        },
      ),
    );
  });

  test('does not depend on the order of the sensors, nor on left and right', () => {
    fc.assert(
      fc.property(near, ([all, index, dx, dy]) => {
        const middle = all[index % all.length]!;
        const [x, y] = [middle.x + dx, middle.y + dy];
        const found = fieldAt(all, x, y)!;
        expect(fieldAt(all.toReversed(), x, y)!.value).toBeCloseTo(found.value, 6);
        const mirrored = all.map((one) => ({ ...one, x: -one.x }));
        expect(fieldAt(mirrored, -x, y)!.value).toBeCloseTo(found.value, 6);
      }),
    );
    const two: Probe[] = [
      { x: 0, y: 0, value: 22, strain: 0 },
      { x: 2, y: 0, value: 26, strain: 0 },
    ];
    expect(fieldAt(two, 1, 0)!.value).toBeCloseTo(24, 9);
  });

  test('fades where no sensor is near, and nobody claims to know anything beyond', () => {
    const one: Probe[] = [{ x: 0, y: 0, value: 25, strain: 0 }];
    expect(fieldAt(one, NEAR, 0)!.trust).toBe(1);
    expect(fieldAt(one, (NEAR + FAR) / 2, 0)!.trust).toBeCloseTo(0.5, 6);
    expect(fieldAt(one, FAR, 0)).toBeNull();
    expect(fieldAt([], 0, 0)).toBeNull();
  });

  test.each([
    [22, false, 0, 'within'],
    [27, false, 0, 'at the end of the band'],
    [27.5, false, 1.05, 'just outside'],
    [31.9, false, 1.49, 'nearly dangerous'],
    [32, false, 2, 'dangerous'],
    [10, false, 2, 'too cold'],
    [36, true, 0, 'a hot aisle may be warm'],
    [46, true, 2, 'and may be too hot'],
  ])('%d °C (warm by intention: %s) strains %d: %s', (value, warm, strain) => {
    expect(strainOf(value, bandOf('ambient.temperature', { warm })!)).toBeCloseTo(strain, 2);
  });

  test.each([0, 1, 60])(
    'a picture of %d sensors has a size, no more pixels than asked for, and nothing where nobody knows',
    (count) => {
      const all = Array.from({ length: count }, (_, index): Probe => ({ x: index % 3, y: 1, value: 20, strain: 0 }));
      const palette: Palette = { cool: [9, 9, 9], warm: [9, 9, 9], medium: [255, 0, 0], high: [255, 0, 0] };
      const { width, height, pixels } = paintField(all, { x: 0, y: 0, width: 20, height: 10 }, [18, 27], palette);
      expect(width * height).toBeLessThanOrEqual(12_500);
      expect(pixels).toHaveLength(width * height * 4);
      expect(pixels.at(-1)).toBe(0);
      expect(pixels[3]).toBe(count === 0 ? 0 : 255);
    },
  );
});

/** Relative luminance and contrast, WCAG 2.2. */
const luminance = (colour: readonly number[]): number => {
  const [red = 0, green = 0, blue = 0] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const contrast = (a: readonly number[], b: readonly number[]): number => {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((one, other) => other - one);
  return (high + 0.05) / (low + 0.05);
};
const css = readFileSync(join(import.meta.dirname, '../../services/dashboard-api/web/src/styles/tokens.css'), 'utf8');
const split = css.indexOf(':root[data-theme="dark"]');

describe.each([
  ['light', css.slice(0, split)],
  ['dark', css.slice(split)],
])('the colours of the field in the %s theme', (_theme, block) => {
  const token = (name: string) => colourOf(new RegExp(`--${name}:\\s*(#[0-9a-f]{6})`).exec(block)?.[1] ?? '');
  const palette: Palette = {
    cool: token('field-cool'),
    warm: token('field-warm'),
    medium: token('field-medium'),
    high: token('field-high'),
  };

  test('what is well is grey, however warm: no colour but for the abnormal', () => {
    for (let value = 10; value <= 50; value += 0.5) {
      const colour = colourAt({ value, strain: 0 }, [18, 38], palette);
      expect(Math.max(...colour) - Math.min(...colour)).toBeLessThan(20);
    }
    const [red, , blue] = colourAt({ value: 30, strain: 1 }, [18, 27], palette);
    expect(red - blue).toBeGreaterThan(60);
  });

  test('words can be read over every colour that it can take, faded or not', () => {
    const ink = token('ink');
    const page = token('page');
    for (let value = 16; value <= 40; value += 1)
      for (let strain = 0; strain <= 2; strain += 0.05)
        for (const trust of [0, 0.5, 1]) {
          const colour = colourAt({ value, strain }, [18, 38], palette).map(
            (part, at) => part * trust + (page[at] ?? 0) * (1 - trust),
          );
          expect(contrast(ink, colour)).toBeGreaterThanOrEqual(4.5);
        }
  });
});

const overlap = (a: Placed, b: Placed): boolean =>
  Math.abs(a.x - b.x) < a.half.x + b.half.x - 0.01 && Math.abs(a.y - b.y) < a.half.y + b.half.y - 0.01;
const withRoom = (core: Partial<RoomShape>, change: Partial<RoomPlanView> = {}): RoomPlanView => ({
  ...EMPTY_ROOM_PLAN,
  ...change,
  rooms: { ...EMPTY_ROOM_PLAN.rooms, core: { ...EMPTY_ROOM_PLAN.rooms.core, ...core } },
});
const sensor = (id: string, x: number, y: number): DeviceView => ({
  ...devicesAt(NOW).find((device) => device.id === 'th-1')!,
  id,
  place: { x, y },
});

describe('the plan of a room', () => {
  test.each([
    [340, null, 'a phone'],
    [560, null, 'the overview'],
    [900, null, 'a page of its own'],
    [620, 430, 'a box of the wall'],
    [900, 300, 'a flat box'],
  ])('%d × %s points, %s: everything is inside, and words cover neither each other nor a machine', (...row) => {
    const [width, height] = row;
    const plan = layPlan(devicesAt(NOW), EMPTY_ROOM_PLAN, 'core', { width, height });
    expect(plan.items).toHaveLength(17);
    if (height !== null) expect(plan).toMatchObject({ width, height });
    for (const item of plan.items) {
      expect(item.x - item.half.x).toBeGreaterThanOrEqual(0);
      expect(item.x + item.half.x).toBeLessThanOrEqual(plan.width);
      expect(item.y - item.half.y).toBeGreaterThanOrEqual(0);
      expect(item.y + item.half.y).toBeLessThanOrEqual(plan.height);
    }
    const words = plan.items.filter(({ shape }) => shape !== 'machine');
    const covered = words.flatMap((item) =>
      plan.items.filter((other) => other !== item && overlap(item, other)).map(({ id }) => `${item.id} ${id}`),
    );
    expect(covered).toEqual([]);
  });

  test('sixty sensors in a hall keep their words apart, as far as the hall has room', () => {
    const many = Array.from({ length: 60 }, (_, index) =>
      sensor(`th-${index}`, (index % 10) * 2.5, Math.floor(index / 10) * 2),
    );
    const { items } = layPlan(many, EMPTY_ROOM_PLAN, 'core', { width: 1200, height: 700 });
    expect(items.flatMap((item, at) => items.slice(at + 1).filter((other) => overlap(item, other)))).toEqual([]);
  });

  test('where a device was dragged to counts before devices.yaml; off the plan it is not drawn; another room has its own', () => {
    const devices = [
      sensor('th-1', 1, 1),
      sensor('th-2', 2, 2),
      { ...sensor('th-3', 3, 3), room: 'auxiliary' as const },
    ];
    const layout: RoomPlanView = { ...EMPTY_ROOM_PLAN, places: { 'th-1': { x: 5, y: 4, turn: 0 }, 'th-2': null } };
    const { items, toPoints } = layPlan(devices, layout, 'core', { width: 600, height: null });
    expect(items.map(({ id }) => id)).toEqual(['th-1']);
    expect(items[0]?.spot).toEqual(toPoints({ x: 5, y: 4 }));
    expect(layPlan(devices, layout, 'auxiliary', { width: 600, height: null }).items.map(({ id }) => id)).toEqual([
      'th-3',
    ]);
  });

  test('walls and a picture are the ground, in metres; what stands outside is drawn all the same', () => {
    const pictures = [{ id: 'p', type: 'image/png' as const, width: 1000, height: 500, bytes: 1 }];
    const layout = withRoom(
      { walls: [{ x: 0, y: 0, width: 10, height: 4 }], picture: { id: 'p', x: 0, y: 0, width: 10 } },
      { pictures },
    );
    const plan = layPlan([sensor('th-1', 12, 2)], layout, 'core', { width: 640, height: null });
    expect(plan.extent).toEqual({ x: 0, y: 0, width: 12, height: 5 });
    expect(plan.picture!.width).toBeCloseTo(plan.unit * 10, 6);
    expect(plan.picture!.height).toBeCloseTo(plan.unit * 5, 6);
    expect(plan.drawn).toBe(true);
  });

  test('machines of one rack are slices of it, none over the other', () => {
    const server = devicesAt(NOW).find(({ id }) => id === 'server-1')!;
    const stack = Array.from({ length: 8 }, (_, index) => ({
      ...server,
      id: `server-${index}`,
      place: { x: 2, y: 2 },
    }));
    const { items } = layPlan(stack, EMPTY_ROOM_PLAN, 'core', { width: 560, height: null });
    expect(items.flatMap((item, at) => items.slice(at + 1).filter((other) => overlap(item, other)))).toEqual([]);
  });

  test('a turned machine lies the other way, a rack too', () => {
    const ups = devicesAt(NOW).find(({ id }) => id === 'ups-1')!;
    const rack = { id: 'r', name: '', x: 3, y: 3, width: 0.6, depth: 1.1, turn: 90 as const };
    const layout = withRoom({ racks: [rack] }, { places: { 'ups-1': { x: 1, y: 5, turn: 90 } } });
    const plan = layPlan([ups], layout, 'core', { width: 560, height: null });
    expect(plan.items[0]!.half.y).toBeGreaterThan(plan.items[0]!.half.x);
    expect(plan.racks[0]!.width).toBeGreaterThan(plan.racks[0]!.height);
  });

  test('an empty room is drawn too', () => {
    const { items, walls, width, height } = layPlan([], EMPTY_ROOM_PLAN, 'core', { width: 560, height: null });
    expect({ items, walls: walls.length }).toEqual({ items: [], walls: 1 });
    expect(width * height).toBeGreaterThan(0);
  });

  test('what all sensors share is left out of their short names', () => {
    expect(shortPlace('温湿度 热通道')).toBe('热通道');
    expect(shortPlace('Temperature/humidity: hot aisle')).toBe('Hot aisle');
    expect(shortPlace('机柜 3')).toBe('机柜 3');
  });
});
