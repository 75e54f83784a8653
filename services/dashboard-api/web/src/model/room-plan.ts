import type { DeviceView } from '#core/api.ts';
import { type DevicePlace, placeOf, type RoomId, type RoomPlanView } from '#core/room-layout.ts';
import { sameText, type Text } from '#core/text.ts';
import { stepAside } from './room-crowd.ts';
import { type Box, type Drawing, drawingOf, type Spot } from './room-drawing.ts';

/** What stands where on the drawing of a room, so that its words can be read. Pure. */

export interface Placed {
  readonly id: string;
  /** The middle of its mark. */
  readonly x: number;
  readonly y: number;
  /** Where the thing itself is; marks that would cover each other step aside from it. */
  readonly spot: Spot;
  readonly shape: 'climate' | 'detector' | 'machine';
  /** Half the size of its mark. */
  readonly half: Spot;
  /** For detectors: the point that speaks. */
  readonly detects: string | null;
  readonly kind: DeviceView['kind'];
  readonly short: Text;
}

export interface Plan extends Drawing {
  /** Climate marks have place for the second line. */
  readonly roomy: boolean;
  readonly items: readonly Placed[];
}

/** The point that a detector speaks by; null: a climate sensor. Detectors are told apart by their profile, and by their id where the profile is not known yet. */
export function detects(device: DeviceView): string | null {
  const clue = `${device.profile ?? ''} ${device.id}`;
  if (/smoke|heat/.test(clue)) return 'room.smoke';
  if (/leak|water/.test(clue)) return 'room.leak';
  if (/door|contact/.test(clue)) return 'room.door';
  if (/motion|occupancy/.test(clue)) return 'room.motion';
  if (/button|panic/.test(clue)) return 'room.panic';
  return null;
}

/** The place without the words that all sensors of the list share. Example: `温湿度 热通道` is `热通道`. */
export function shortPlace(name: string): string {
  const place = name.replace(/^(温湿度|temperature\/humidity)[\s:：]*/i, '').trim();
  return place === '' ? name : place.charAt(0).toUpperCase() + place.slice(1);
}

const SHORT: Partial<Record<DeviceView['kind'], Text>> = {
  ups: sameText('UPS'),
  pdu: sameText('PDU'),
  cooling: { zh: '空调', en: 'A/C' },
  storage: { zh: '阵列', en: 'Array' },
  network: { zh: '交换机', en: 'Switch' },
  display: { zh: '大屏', en: 'Screen' },
  light: { zh: '照明', en: 'Lights' },
  siren: { zh: '声光', en: 'Siren' },
  monitor: { zh: '值守', en: 'Monitor' },
};

/** `server-2` is number 2 of its kind: 服务器2 / Srv 2. Others have a number where the room has two of them. */
export function shortName(device: DeviceView, all: readonly DeviceView[]): Text {
  const number = /-(\d+)$/.exec(device.id)?.[1] ?? '';
  if (device.kind === 'server') return { zh: `服务器${number}`, en: `Srv ${number}` };
  const short = SHORT[device.kind];
  if (short === undefined) return device.name;
  const alone = all.filter(({ kind }) => kind === device.kind).length < 2;
  return alone ? short : { zh: `${short.zh}${number}`, en: `${short.en} ${number}`.trim() };
}

/** A room's devices that have a place on its plan, with it. Buttons hang beside the door, one over the other: they stand in the list. */
export const placedIn = (
  devices: readonly DeviceView[],
  room: RoomId,
  { places }: Pick<RoomPlanView, 'places'>,
): readonly (readonly [DeviceView, DevicePlace])[] =>
  devices.flatMap((device) => {
    const place = device.room === room && detects(device) !== 'room.panic' ? placeOf(device, places) : null;
    return place === null ? [] : [[device, place] as const];
  });

/** Half the sizes of marks with their words, in points (13 points are the smallest text). */
const CLIMATE: Readonly<Record<'roomy' | 'tight', Spot>> = { roomy: { x: 39, y: 23 }, tight: { x: 23, y: 12 } };
const DETECTOR: Spot = { x: 26, y: 17 };

/**
 * Lays a room into a box of `width` points (and `height`, where the box is given whole). Machines stand where they stand; one over
 * the other in a rack they are slices of it. Climate marks and detectors hang from ceilings and walls: they step aside until their
 * words are free, climate first, for that is what is read.
 */
export function layPlan(devices: readonly DeviceView[], layout: RoomPlanView, room: RoomId, box: Box): Plan {
  const placed = placedIn(devices, room, layout);
  const drawing = drawingOf(
    layout,
    room,
    placed.map(([, place]) => place),
    box,
  );
  const items = placed.map(([device, place]): Placed => {
    const point = device.kind === 'sensor' ? detects(device) : null;
    const spot = drawing.toPoints(place);
    const shape = device.kind !== 'sensor' ? 'machine' : point === null ? 'climate' : 'detector';
    const half =
      shape === 'machine' ? machineHalf(drawing.unit, place) : shape === 'climate' ? CLIMATE.roomy : DETECTOR;
    return {
      id: device.id,
      ...spot,
      spot,
      shape,
      half,
      detects: point,
      kind: device.kind,
      short: shortName(device, devices),
    };
  });
  const machines = sliceStacks(items.filter(({ shape }) => shape === 'machine'));
  const marks = items.filter(({ shape }) => shape === 'climate');
  const roomy = stepAside(marks, machines, drawing);
  const tight = roomy.free
    ? null
    : stepAside(
        marks.map((mark) => ({ ...mark, half: CLIMATE.tight })),
        machines,
        drawing,
      );
  const climates = (tight ?? roomy).items;
  const detectors = stepAside(
    items.filter(({ shape }) => shape === 'detector'),
    [...machines, ...climates],
    drawing,
  ).items;
  return { ...drawing, roomy: tight === null, items: [...machines, ...climates, ...detectors] };
}

/** About a rack's size, never too small for a finger's eye nor so large that it is all there is. */
function machineHalf(unit: number, { turn }: DevicePlace): Spot {
  const half = { x: Math.min(34, Math.max(9, unit * 0.42)), y: Math.min(22, Math.max(8, unit * 0.27)) };
  return turn === 90 || turn === 270 ? { x: half.y, y: half.x } : half;
}

const LEAST_SLICE = 9;

/** Machines of one place share it, one over the other. */
function sliceStacks(machines: readonly Placed[]): readonly Placed[] {
  const stacks = new Map<string, Placed[]>();
  for (const machine of machines) {
    const key = `${Math.round(machine.spot.x / 6)} ${Math.round(machine.spot.y / 6)}`;
    stacks.set(key, [...(stacks.get(key) ?? []), machine]);
  }
  return [...stacks.values()].flatMap((stack) => {
    const [first] = stack;
    if (first === undefined || stack.length === 1) return stack;
    const slice = Math.max(LEAST_SLICE, (first.half.y * 2) / stack.length);
    return stack.map((machine, index) => ({
      ...machine,
      y: first.spot.y + (index - (stack.length - 1) / 2) * slice,
      half: { x: first.half.x, y: slice / 2 },
    }));
  });
}
