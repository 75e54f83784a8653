import { onBeforeUnmount, type Ref, watch } from 'vue';
import { moveView, type View, zoomView } from '../model/chart-view.ts';

/**
 * Wheel, fingers and mouse on a chart: drag moves, pinch and wheel zoom where the pointer is, drag with Shift picks a part. The wheel
 * zooms only with Ctrl (as a touchpad's pinch says it) or when the chart has been chosen, so that the page can be scrolled over it.
 */
export interface GestureArea {
  /** The chart's own edges within the box, in pixels. */
  readonly left: Ref<number>;
  readonly right: Ref<number>;
}
export interface GestureTarget {
  readonly view: () => View;
  readonly now: () => number;
  readonly show: (view: View) => void;
  /** While a part is picked: where, in pixels; null: no more. */
  readonly picking: (part: { readonly from: number; readonly to: number } | null) => void;
}

const WHEEL = 0.0016;

export function useChartGestures(
  box: Readonly<Ref<HTMLElement | null>>,
  { left, right }: GestureArea,
  target: GestureTarget,
) {
  const pointers = new Map<number, number>();
  let pickFrom: number | null = null;
  let began: { readonly view: View; readonly x: number } | null = null;
  let spread: { readonly view: View; readonly distance: number; readonly middle: number } | null = null;

  const widthOf = (element: HTMLElement): number => Math.max(1, element.clientWidth - left.value - right.value);
  const xOf = (event: PointerEvent | WheelEvent, element: HTMLElement): number =>
    event.clientX - element.getBoundingClientRect().left;
  const timeAt = (x: number, view: View, element: HTMLElement): number =>
    view.from + ((x - left.value) / widthOf(element)) * (view.to - view.from);

  function onWheel(event: WheelEvent): void {
    const element = box.value;
    if (element === null) return;
    const isSideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    const isChosen = document.activeElement === element;
    if (!isSideways && !event.ctrlKey && !event.metaKey && !isChosen) return;
    event.preventDefault();
    const view = target.view();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    if (isSideways) target.show(moveView(view, (event.deltaX * lines) / widthOf(element), target.now()));
    else {
      const factor = Math.exp(Math.max(-300, Math.min(300, event.deltaY * lines)) * WHEEL * (event.ctrlKey ? 3 : 1));
      target.show(zoomView(view, factor, timeAt(xOf(event, element), view, element), target.now()));
    }
  }

  function onDown(event: PointerEvent): void {
    const element = box.value;
    if (element === null || event.button !== 0) return;
    pointers.set(event.pointerId, xOf(event, element));
    element.setPointerCapture(event.pointerId);
    if (event.shiftKey && pointers.size === 1) pickFrom = xOf(event, element);
    restart(element);
  }
  /** From here on: one finger moves, two pinch. */
  function restart(element: HTMLElement): void {
    const xs = [...pointers.values()];
    const view = target.view();
    const [a, b] = xs;
    began = xs.length === 1 && a !== undefined ? { view, x: a } : null;
    spread =
      a !== undefined && b !== undefined
        ? { view, distance: Math.max(20, Math.abs(a - b)), middle: timeAt((a + b) / 2, view, element) }
        : null;
  }
  function onMove(event: PointerEvent): void {
    const element = box.value;
    if (element === null || !pointers.has(event.pointerId)) return;
    const x = xOf(event, element);
    pointers.set(event.pointerId, x);
    const [a = 0, b = 0] = pointers.values();
    if (spread !== null)
      target.show(zoomView(spread.view, spread.distance / Math.max(20, Math.abs(a - b)), spread.middle, target.now()));
    else if (pickFrom !== null) target.picking({ from: Math.min(pickFrom, x), to: Math.max(pickFrom, x) });
    else if (began !== null && Math.abs(x - began.x) > 3)
      target.show(moveView(began.view, (began.x - x) / widthOf(element), target.now()));
  }
  function onUp(event: PointerEvent): void {
    const element = box.value;
    if (element === null || !pointers.delete(event.pointerId)) return;
    const x = xOf(event, element);
    if (pickFrom !== null) {
      const view = target.view();
      const [from, to] = [Math.min(pickFrom, x), Math.max(pickFrom, x)];
      if (to - from > 6) target.show({ from: timeAt(from, view, element), to: timeAt(to, view, element) });
      target.picking(null);
      pickFrom = null;
    }
    restart(element);
  }

  const stop = (element: HTMLElement | null): void => {
    element?.removeEventListener('wheel', onWheel);
    element?.removeEventListener('pointerdown', onDown);
    element?.removeEventListener('pointermove', onMove);
    element?.removeEventListener('pointerup', onUp);
    element?.removeEventListener('pointercancel', onUp);
  };
  watch(box, (element, before) => {
    stop(before ?? null);
    // The wheel must be able to keep the page from scrolling.
    element?.addEventListener('wheel', onWheel, { passive: false });
    element?.addEventListener('pointerdown', onDown);
    element?.addEventListener('pointermove', onMove);
    element?.addEventListener('pointerup', onUp);
    element?.addEventListener('pointercancel', onUp);
  });
  onBeforeUnmount(() => stop(box.value));
}
