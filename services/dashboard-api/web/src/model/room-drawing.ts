import type { DevicePlace, PlacedPicture, Rack, Rect, RoomId, RoomPlanView, RoomShape } from '#core/room-layout.ts';

/** From metres in a room to points on a drawing that fills its box. Pure. */

export interface Spot {
  readonly x: number;
  readonly y: number;
}

export interface Drawing {
  /** Points. A point is a 16th of the text's size, so 13 of them are the smallest text wherever the drawing hangs. */
  readonly width: number;
  readonly height: number;
  /** Points of a metre. */
  readonly unit: number;
  /** What is drawn, in metres. */
  readonly extent: Rect;
  /** The floor that is drawn where nobody has drawn one. */
  readonly inside: Rect;
  /** The floor, in points; `drawn`: by somebody, not put around what stands there. */
  readonly walls: readonly Rect[];
  readonly drawn: boolean;
  readonly racks: readonly (Rect & { readonly id: string; readonly name: string })[];
  readonly picture: (Rect & { readonly id: string }) | null;
  readonly toPoints: (metres: Spot) => Spot;
}

/** Around what stands in a room that nobody drew. */
const AROUND = 0.8;
const LEAST_ROOM = { width: 4, height: 3 };
/** On a phone the drawing grows beyond its box and is pushed with the finger before its words meet. */
const LEAST_UNIT = 34;
const EDGE = 4;
/** A drawing that nobody gave a height is at most so high for its width, and so high at all. */
const MOST_HEIGHT = { share: 0.8, points: 400 };

/** In points. */
export interface Box {
  readonly width: number;
  /** Null: as high as it needs, `most` at most. */
  readonly height: number | null;
  readonly most?: number;
  /** Points of a metre at least: below that it grows beyond its box and is pushed with the finger. */
  readonly least?: number;
  /** Metres around what is there, to put things to. */
  readonly margin?: number;
}

export function drawingOf(
  { rooms, pictures }: RoomPlanView,
  room: RoomId,
  places: readonly DevicePlace[],
  box: Box,
): Drawing {
  const { walls, racks, picture } = rooms[room];
  const ground = groundOf(picture, pictures);
  const made = around(places, walls.length === 0 && ground === null ? AROUND : 0.4);
  const drawn = walls.length > 0;
  // What was dragged outside the walls is drawn too: nothing gets lost.
  const inside = union([
    ...walls,
    ...(ground === null ? [] : [ground]),
    ...(drawn || ground !== null ? places.map(({ x, y }) => ({ x, y, width: 0, height: 0 })) : [made]),
    ...racks.map(rackRect),
  ]);
  const { margin = 0 } = box;
  const extent = {
    x: inside.x - margin,
    y: inside.y - margin,
    width: inside.width + 2 * margin,
    height: inside.height + 2 * margin,
  };
  const inner = {
    width: Math.max(box.width - 2 * EDGE, 40),
    height: box.height === null ? null : box.height - 2 * EDGE,
  };
  const most = inner.height ?? Math.min(box.most ?? MOST_HEIGHT.points, Math.max(inner.width * MOST_HEIGHT.share, 240));
  const fitting = Math.min(inner.width / extent.width, Math.max(most, 40) / extent.height);
  const unit = inner.height === null ? Math.max(fitting, box.least ?? LEAST_UNIT) : fitting;
  const width = Math.max(box.width, extent.width * unit + 2 * EDGE);
  const height = box.height ?? extent.height * unit + 2 * EDGE;
  const left = (width - extent.width * unit) / 2;
  const top = (height - extent.height * unit) / 2;
  const toPoints = ({ x, y }: Spot): Spot => ({ x: left + (x - extent.x) * unit, y: top + (y - extent.y) * unit });
  const scale = { unit, toPoints };
  return { ...scale, width, height, extent, inside, ...shapesOn(rooms[room], pictures, scale, inside) };
}

/** Walls, racks and picture of a room on a drawing of the given scale. */
export function shapesOn(
  { walls, racks, picture }: RoomShape,
  pictures: RoomPlanView['pictures'],
  { unit, toPoints }: Pick<Drawing, 'unit' | 'toPoints'>,
  inside: Rect,
): Pick<Drawing, 'walls' | 'drawn' | 'racks' | 'picture'> {
  const rect = (metres: Rect): Rect => ({
    ...toPoints(metres),
    width: metres.width * unit,
    height: metres.height * unit,
  });
  const ground = groundOf(picture, pictures);
  const drawn = walls.length > 0;
  return {
    drawn,
    walls: (drawn ? walls : [inside]).map(rect),
    racks: racks.map((rack) => ({ id: rack.id, name: rack.name, ...rect(rackRect(rack)) })),
    picture: ground === null ? null : { id: ground.id, ...rect(ground) },
  };
}

/** A picture keeps its own shape: how high it is in the room follows from how wide it is. */
export function groundOf(
  picture: PlacedPicture | null,
  pictures: RoomPlanView['pictures'],
): (Rect & { readonly id: string }) | null {
  const image = pictures.find(({ id }) => id === picture?.id);
  if (picture === null || image === undefined) return null;
  return { ...picture, height: (picture.width * image.height) / image.width };
}

/** The floor that a rack takes, turned as it is. */
export function rackRect({ x, y, width, depth, turn }: Rack): Rect {
  const [across, down] = turn === 90 || turn === 270 ? [depth, width] : [width, depth];
  return { x: x - across / 2, y: y - down / 2, width: across, height: down };
}

/** A floor around places; from the room's own corner where they begin near it, as metres count from there. */
function around(places: readonly Spot[], margin: number): Rect {
  if (places.length === 0) return { x: 0, y: 0, ...LEAST_ROOM };
  const xs = places.map(({ x }) => x);
  const ys = places.map(({ y }) => y);
  const x = Math.min(...xs) - margin;
  const y = Math.min(...ys) - margin;
  const width = Math.max(LEAST_ROOM.width, Math.max(...xs) + margin - x);
  const height = Math.max(LEAST_ROOM.height, Math.max(...ys) + margin - y);
  return { x, y, width, height };
}

function union(rects: readonly Rect[]): Rect {
  const x = Math.min(...rects.map((rect) => rect.x));
  const y = Math.min(...rects.map((rect) => rect.y));
  const right = Math.max(...rects.map((rect) => rect.x + rect.width));
  const bottom = Math.max(...rects.map((rect) => rect.y + rect.height));
  return { x, y, width: Math.max(right - x, 1), height: Math.max(bottom - y, 1) };
}
