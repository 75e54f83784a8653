import type { DeviceView } from '#core/api.ts';
import {
  type DevicePlace,
  FARTHEST_METRES,
  placeOf,
  type Rack,
  type Rect,
  ROOMS,
  type RoomArrangement,
  type RoomId,
  type RoomShape,
  type Turn,
} from '#core/room-layout.ts';

/** Arranging a room: what can be taken in the hand, moved, turned, undone, and put together with what somebody else saved. Pure. */

export type Thing =
  | { readonly kind: 'device'; readonly id: string }
  | { readonly kind: 'rack'; readonly id: string }
  | { readonly kind: 'wall'; readonly index: number }
  | { readonly kind: 'picture' };

export const sameThing = (a: Thing | null, b: Thing | null): boolean => JSON.stringify(a) === JSON.stringify(b);

export interface Edit {
  readonly past: readonly RoomArrangement[];
  readonly now: RoomArrangement;
  readonly future: readonly RoomArrangement[];
  /** Steps of the same act are undone as one: ten presses of an arrow key. */
  readonly act: string | null;
}

const MOST_STEPS = 200;

export const beginEdit = (arrangement: RoomArrangement): Edit => ({
  past: [],
  now: arrangement,
  future: [],
  act: null,
});

/** `act`: what belongs together has the same name; null: a step of its own. */
export function doStep(edit: Edit, next: RoomArrangement, act: string | null = null): Edit {
  if (same(edit.now, next)) return edit;
  const past = act !== null && act === edit.act ? edit.past : [...edit.past, edit.now].slice(-MOST_STEPS);
  return { past, now: next, future: [], act };
}

export function undo(edit: Edit): Edit {
  const before = edit.past.at(-1);
  if (before === undefined) return edit;
  return { past: edit.past.slice(0, -1), now: before, future: [edit.now, ...edit.future], act: null };
}

export function redo(edit: Edit): Edit {
  const [next, ...future] = edit.future;
  if (next === undefined) return edit;
  return { past: [...edit.past, edit.now], now: next, future, act: null };
}

/** By what is said and not by the order of keys: a server may write them in another. */
export const same = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

/** On the grid's next line, in whole centimetres, and within what can be saved. */
export function snap(metres: number, grid: number): number {
  const near = Math.min(FARTHEST_METRES, Math.max(-FARTHEST_METRES, metres));
  return Math.round((grid > 0 ? Math.round(near / grid) * grid : near) * 100) / 100;
}

/** Where it is: devices and racks by their middle, walls and the picture by their upper left corner. */
export function spotOf(
  { rooms, places }: RoomArrangement,
  room: RoomId,
  thing: Thing,
  devices: ReadonlyMap<string, DeviceView>,
): { readonly x: number; readonly y: number; readonly turn: Turn } | null {
  const shape = rooms[room];
  if (thing.kind === 'device') {
    const device = devices.get(thing.id);
    return device === undefined ? null : placeOf(device, places);
  }
  if (thing.kind === 'rack') return shape.racks.find(({ id }) => id === thing.id) ?? null;
  const found = thing.kind === 'wall' ? shape.walls[thing.index] : shape.picture;
  return found == null ? null : { x: found.x, y: found.y, turn: 0 };
}

export function putThing(
  arrangement: RoomArrangement,
  room: RoomId,
  thing: Thing,
  spot: { readonly x: number; readonly y: number; readonly turn?: Turn },
): RoomArrangement {
  const { x, y } = spot;
  if (thing.kind === 'device') return putDevice(arrangement, thing.id, { x, y, turn: spot.turn ?? 0 });
  const turned = spot.turn === undefined ? {} : { turn: spot.turn };
  return withShape(arrangement, room, (shape) => ({
    ...shape,
    walls: shape.walls.map((wall, index) =>
      thing.kind === 'wall' && thing.index === index ? { ...wall, x, y } : wall,
    ),
    racks: shape.racks.map((rack) =>
      thing.kind === 'rack' && thing.id === rack.id ? { ...rack, x, y, ...turned } : rack,
    ),
    picture: thing.kind === 'picture' && shape.picture !== null ? { ...shape.picture, x, y } : shape.picture,
  }));
}

/** undefined: where devices.yaml says; null: not on the plan. */
export function putDevice(
  { rooms, places }: RoomArrangement,
  id: string,
  place: DevicePlace | null | undefined,
): RoomArrangement {
  const others = Object.entries(places).filter(([key]) => key !== id);
  return { rooms, places: Object.fromEntries(place === undefined ? others : [...others, [id, place]]) };
}

export function withShape(
  { rooms, places }: RoomArrangement,
  room: RoomId,
  change: (shape: RoomShape) => RoomShape,
): RoomArrangement {
  return { places, rooms: { ...rooms, [room]: change(rooms[room]) } };
}

/** Takes it away: a device goes to those that wait for a place. */
export function removeThing(
  arrangement: RoomArrangement,
  room: RoomId,
  thing: Thing,
  hasDefault: boolean,
): RoomArrangement {
  if (thing.kind === 'device') return putDevice(arrangement, thing.id, hasDefault ? null : undefined);
  return withShape(arrangement, room, (shape) => ({
    walls: shape.walls.filter((_, index) => thing.kind !== 'wall' || thing.index !== index),
    racks: shape.racks.filter(({ id }) => thing.kind !== 'rack' || thing.id !== id),
    picture: thing.kind === 'picture' ? null : shape.picture,
  }));
}

export const turnOn = (turn: Turn): Turn => ((turn + 90) % 360) as Turn;

/** A rack of 600 × 1100 mm (IEC 60297, the usual depth), with the first free number. */
export function newRack(arrangement: RoomArrangement, at: { readonly x: number; readonly y: number }): Rack {
  const taken = new Set(ROOMS.flatMap((room) => arrangement.rooms[room].racks.map(({ id }) => id)));
  let number = 1;
  while (taken.has(`rack-${number}`)) number++;
  return { id: `rack-${number}`, name: String(number), ...at, width: 0.6, depth: 1.1, turn: 0 };
}

/**
 * Mine over theirs: what I changed since `base` is as I want it, everything else as they saved it. Walls and racks of a room are
 * one piece each. Nothing of theirs that I left alone is lost, and nothing of mine.
 */
export function putTogether(base: RoomArrangement, mine: RoomArrangement, theirs: RoomArrangement): RoomArrangement {
  const ids = new Set([base, mine, theirs].flatMap(({ places }) => Object.keys(places)));
  const places = [...ids].flatMap((id) => {
    const chosen = same(base.places[id], mine.places[id]) ? theirs.places[id] : mine.places[id];
    return chosen === undefined ? [] : [[id, chosen] as const];
  });
  const pick = <T>(before: T, own: T, other: T): T => (same(before, own) ? other : own);
  const rooms = Object.fromEntries(
    ROOMS.map((room) => {
      const [before, own, other] = [base.rooms[room], mine.rooms[room], theirs.rooms[room]];
      const shape: RoomShape = {
        walls: pick(before.walls, own.walls, other.walls),
        racks: pick(before.racks, own.racks, other.racks),
        picture: pick(before.picture, own.picture, other.picture),
      };
      return [room, shape];
    }),
  ) as Record<RoomId, RoomShape>;
  return { rooms, places: Object.fromEntries(places) };
}

/** How many devices, and pieces of rooms, are otherwise. */
export function countChanges(before: RoomArrangement, after: RoomArrangement): number {
  const ids = new Set([...Object.keys(before.places), ...Object.keys(after.places)]);
  const moved = [...ids].filter((id) => !same(before.places[id], after.places[id])).length;
  const pieces = ROOMS.flatMap((room) => (['walls', 'racks', 'picture'] as const).map((part) => [room, part] as const));
  return moved + pieces.filter(([room, part]) => !same(before.rooms[room][part], after.rooms[room][part])).length;
}

/** Lines for devices.yaml, for those that stand elsewhere than it says. */
export function toYaml(devices: readonly DeviceView[], { places }: RoomArrangement): string {
  const lines = devices.flatMap((device) => {
    const place = placeOf(device, places);
    if (place === null || (place.x === device.place?.x && place.y === device.place.y)) return [];
    return [`  - id: ${device.id}`, `    place: { x: ${place.x}, y: ${place.y} }`];
  });
  return lines.join('\n');
}

/** The width of a picture after two points of it were said to be so many metres apart. */
export function scaledWidth(
  picture: Pick<Rect, 'width'>,
  [a, b]: readonly [{ x: number; y: number }, { x: number; y: number }],
  metres: number,
): number | null {
  const now = Math.hypot(a.x - b.x, a.y - b.y);
  const width = (picture.width * metres) / now;
  return now > 0 && width >= 0.1 && width <= FARTHEST_METRES ? Math.round(width * 1000) / 1000 : null;
}
