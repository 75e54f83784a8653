/**
 * How the rooms look from above, as people arranged them on the page: walls, racks, a picture under them, and where devices stand.
 * Lengths are metres from the upper left of a room's plan, x to the right, y down. What is not in `places` stands where
 * devices.yaml says.
 */

export const ROOMS = ['core', 'auxiliary'] as const;
export type RoomId = (typeof ROOMS)[number];

/** Clockwise, degrees. */
export const TURNS = [0, 90, 180, 270] as const;
export type Turn = (typeof TURNS)[number];

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface DevicePlace {
  readonly x: number;
  readonly y: number;
  readonly turn: Turn;
}

/** Equipment stands in it; `width` × `depth` as it stands at turn 0, around its middle `x`, `y`. Example: 0.6 × 1.1 m. */
export interface Rack {
  readonly id: string;
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly depth: number;
  readonly turn: Turn;
}

/** A picture kept by the dashboard, laid under the plan: its upper left corner and how wide it is in the room. */
export interface PlacedPicture {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export interface RoomShape {
  /** Rectangles that together are the floor, so that a room can have corners. None: drawn around what stands in it. */
  readonly walls: readonly Rect[];
  readonly racks: readonly Rack[];
  readonly picture: PlacedPicture | null;
}

export interface RoomArrangement {
  readonly rooms: Readonly<Record<RoomId, RoomShape>>;
  /** By device; null: taken off the plan although devices.yaml has a place for it. */
  readonly places: Readonly<Record<string, DevicePlace | null>>;
}

export interface PictureView {
  readonly id: string;
  readonly type: PictureType;
  /** Pixels, or the units of an SVG: what matters is how they stand to each other. */
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
}
export const PICTURE_TYPES = ['image/png', 'image/jpeg', 'image/svg+xml'] as const;
export type PictureType = (typeof PICTURE_TYPES)[number];

/** What pages are shown; `version` counts up with each saving and is the ETag. */
export interface RoomPlanView extends RoomArrangement {
  readonly version: number;
  /** Null: nothing was arranged yet, all is as devices.yaml says. */
  readonly changedAt: string | null;
  /** Those that the rooms use. */
  readonly pictures: readonly PictureView[];
}

/** A hall of a data centre is smaller; what lies beyond is a slip of the hand. */
export const FARTHEST_METRES = 200;
export const MOST_WALLS = 12;
export const MOST_RACKS = 100;
export const MOST_PLACES = 1000;
export const MOST_PICTURE_BYTES = 4 * 1024 * 1024;

const EMPTY_ROOM: RoomShape = { walls: [], racks: [], picture: null };
export const EMPTY_ARRANGEMENT: RoomArrangement = { rooms: { core: EMPTY_ROOM, auxiliary: EMPTY_ROOM }, places: {} };
export const EMPTY_ROOM_PLAN: RoomPlanView = { ...EMPTY_ARRANGEMENT, version: 0, changedAt: null, pictures: [] };

/** Where a device stands: as it was dragged, else as devices.yaml says; null: nowhere on the plan. */
export function placeOf(
  device: { readonly id: string; readonly place: { readonly x: number; readonly y: number } | null },
  places: RoomArrangement['places'],
): DevicePlace | null {
  const dragged = Object.hasOwn(places, device.id) ? places[device.id] : undefined;
  if (dragged !== undefined) return dragged;
  return device.place === null ? null : { ...device.place, turn: 0 };
}
