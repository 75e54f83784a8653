import { computed, type Ref, shallowRef } from 'vue';
import type { RoomArrangement, RoomId, RoomPlanView, Turn } from '#core/room-layout.ts';
import type { Drawing, Spot } from '../model/room-drawing.ts';
import { putThing, snap, type Thing } from '../model/room-edit.ts';

/** A thing in the hand: taken with a pointer, carried, put down on the grid. The page's plan changes only when it is put down. */

/** Metres by which the arrow keys move, and with Shift. */
const NUDGE = 0.1;
const FAR_NUDGE = 1;
/** Points: until it has really moved, a touch is a touch. */
const TREMBLE = 3;

const WAYS: Readonly<Record<string, Spot>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

interface Held {
  readonly thing: Thing;
  /** From the thing's place to where it was taken. */
  readonly grip: Spot;
  /** While something is in the hand the ground stands still: else it would flee from the pointer. */
  readonly drawing: Drawing;
  /** From the list: put down outside the plan it goes back there. */
  readonly fresh: boolean;
  readonly moved: boolean;
}

export function useHand(parts: {
  readonly plan: () => { readonly layout: RoomPlanView; readonly room: RoomId; readonly grid: number };
  readonly svg: Readonly<Ref<SVGSVGElement | null>>;
  readonly draw: () => Drawing;
  readonly spotOf: (thing: Thing, arrangement: RoomArrangement) => (Spot & { readonly turn: Turn }) | null;
  /** Put down; `act` as in `doStep`. */
  readonly put: (next: RoomArrangement, act: string | null, thing: Thing, spot: Spot) => void;
}) {
  const { plan, svg, draw, put } = parts;
  const held = shallowRef<Held | null>(null);
  const draft = shallowRef<RoomArrangement | null>(null);
  const drawing = computed(() => held.value?.drawing ?? draw());
  const spotNow = (thing: Thing) => parts.spotOf(thing, plan().layout);

  /** From the screen to metres on the drawing. */
  function metresAt(event: { readonly clientX: number; readonly clientY: number }): Spot | null {
    const matrix = svg.value?.getScreenCTM()?.inverse();
    if (matrix === undefined || matrix === null) return null;
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix);
    const { unit, extent, toPoints } = drawing.value;
    const origin = toPoints(extent);
    return { x: extent.x + (x - origin.x) / unit, y: extent.y + (y - origin.y) / unit };
  }
  function isInside({ clientX, clientY }: PointerEvent): boolean {
    const box = svg.value?.getBoundingClientRect();
    if (box === undefined) return false;
    return clientX >= box.left && clientX <= box.right && clientY >= box.top && clientY <= box.bottom;
  }
  function letGo(): void {
    held.value = null;
    draft.value = null;
  }
  function nudge(thing: Thing, way: Spot, metres: number): void {
    const spot = spotNow(thing);
    if (spot === null) return;
    const next = { x: snap(spot.x + way.x * metres, 0), y: snap(spot.y + way.y * metres, 0), turn: spot.turn };
    const { layout, room } = plan();
    put(putThing(layout, room, thing, next), `nudge ${JSON.stringify(thing)}`, thing, next);
  }

  return {
    drawing,
    /** The plan as it is seen, with what is in the hand where it is held. */
    shown: computed<RoomPlanView>(() => ({ ...plan().layout, ...draft.value })),
    metresAt,
    letGo,
    /** False: nothing was taken. */
    take(event: PointerEvent, thing: Thing): boolean {
      const at = metresAt(event);
      const spot = spotNow(thing);
      if (event.button !== 0 || at === null || spot === null) return false;
      const target = event.currentTarget as SVGGraphicsElement;
      target.setPointerCapture(event.pointerId);
      target.focus({ preventScroll: true });
      const grip = { x: at.x - spot.x, y: at.y - spot.y };
      held.value = { thing, grip, drawing: draw(), fresh: false, moved: false };
      return true;
    },
    /** From the list of those that have no place yet: it comes along under the pointer. */
    carry(event: PointerEvent, id: string): void {
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
      const thing: Thing = { kind: 'device', id };
      held.value = { thing, grip: { x: 0, y: 0 }, drawing: draw(), fresh: true, moved: true };
    },
    move(event: PointerEvent): void {
      const at = metresAt(event);
      if (held.value === null || at === null) return;
      const { thing, grip, fresh, moved } = held.value;
      const { layout, room, grid } = plan();
      const old = spotNow(thing);
      const to = { x: at.x - grip.x, y: at.y - grip.y };
      const far = old === null ? Number.POSITIVE_INFINITY : Math.hypot(to.x - old.x, to.y - old.y);
      if (!moved && far * drawing.value.unit < TREMBLE) return;
      if (!moved) held.value = { ...held.value, moved: true };
      const lines = event.altKey ? 0 : grid;
      const spot = { x: snap(to.x, lines), y: snap(to.y, lines), turn: old?.turn ?? 0 };
      draft.value = fresh && !isInside(event) ? null : putThing(layout, room, thing, spot);
    },
    release(): void {
      const next = draft.value;
      const thing = held.value?.thing;
      letGo();
      const spot = next === null || thing === undefined ? null : parts.spotOf(thing, next);
      if (next !== null && thing !== undefined && spot !== null) put(next, null, thing, spot);
    },
    /** True when the key was one that moves. */
    nudged(event: KeyboardEvent, thing: Thing): boolean {
      const way = WAYS[event.key];
      if (way === undefined || event.ctrlKey || event.metaKey) return false;
      nudge(thing, way, event.shiftKey ? FAR_NUDGE : NUDGE);
      return true;
    },
  };
}
