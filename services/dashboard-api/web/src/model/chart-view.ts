import { historyStep } from '#core/history-steps.ts';

/** What part of time a chart shows, from a minute to decades, and how wheel, fingers, buttons and keys move it. Pure. */
export interface View {
  /** Epoch milliseconds. */
  readonly from: number;
  readonly to: number;
}

export const SHORTEST_MS = 60_000;
export const LONGEST_MS = 25 * 365.25 * 86_400_000;
/** Past now there is nothing yet; a little room shows that the line ends here. */
const AHEAD = 0.02;

export const lengthOfView = ({ from, to }: View): number => to - from;

/** Inside the shortest and longest, and not past now by more than a little; the length is kept where it can be. */
export function clampView({ from, to }: View, now: number): View {
  const length = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, to - from));
  const middle = (from + to) / 2;
  const end = Math.min(middle + length / 2, now + length * AHEAD);
  return { from: end - length, to: end };
}

/** `factor` under 1 looks closer; the instant `at` stays where it is on the screen. */
export function zoomView(view: View, factor: number, at: number, now: number): View {
  const length = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, lengthOfView(view) * factor));
  const share = (at - view.from) / lengthOfView(view);
  const from = at - share * length;
  return clampView({ from, to: from + length }, now);
}

/** `share` of the view's length, later or earlier. */
export function moveView(view: View, share: number, now: number): View {
  const by = share * lengthOfView(view);
  return clampView({ from: view.from + by, to: view.to + by }, now);
}

export const isAtNow = (view: View, now: number): boolean => view.to >= now - lengthOfView(view) * 0.01;

export const PRESETS = [
  ['10m', 600],
  ['1h', 3600],
  ['6h', 21_600],
  ['24h', 86_400],
  ['7d', 604_800],
  ['30d', 2_592_000],
  ['1y', 31_557_600],
  ['5y', 157_788_000],
] as const;
export type Preset = (typeof PRESETS)[number][0];

/** What is asked for: the step for this width, on whole steps, with half a view on either side so that moving on is at hand. */
export interface Fetch extends View {
  readonly stepMs: number;
  readonly points: number;
}

/** How many buckets a picture so wide can show; in steps, so that a little resizing asks for nothing new. */
export const pointsFor = (widthPx: number): number => (widthPx >= 1000 ? 800 : widthPx >= 560 ? 500 : 250);

const MOST_POINTS = 2000;

export function fetchFor(view: View, now: number, points: number): Fetch {
  const length = lengthOfView(view);
  const stepMs = historyStep(length, Math.min(points, MOST_POINTS / 2 - 2));
  const from = Math.floor((view.from - length / 2) / stepMs) * stepMs;
  const latest = Math.ceil(Math.max(now, from + stepMs) / stepMs) * stepMs;
  const to = Math.min(Math.ceil((view.to + length / 2) / stepMs) * stepMs, latest);
  // With one more than fits the service takes this very step.
  const whole = Math.max(from + stepMs, to);
  return { from, to: whole, stepMs, points: Math.round((whole - from) / stepMs) + 1 };
}
