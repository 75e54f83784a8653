/**
 * A signature drawn by finger: an SVG path of `M` and `L` with whole numbers in a box of 1000 by 400. It can be shown as it is: nothing but strokes
 * fits in. Example: `M100 200L140 180M300 90L310 95`.
 */
export const DRAWING_WIDTH = 1000;
export const DRAWING_HEIGHT = 400;
export const LONGEST_DRAWING = 20_000;

/** M and L tell each repetition's end, so the pattern goes over a text once. */
const STROKES = /^(?:M\d{1,4} \d{1,4}(?:L\d{1,4} \d{1,4})+)+$/;
/** A dot or a slip of the finger is nobody's name. */
const SHORTEST = 100;

export function isDrawing(text: string): boolean {
  if (text.length > LONGEST_DRAWING || !STROKES.test(text)) return false;
  const points = pointsOf(text);
  return points.every(({ x, y }) => x <= DRAWING_WIDTH && y <= DRAWING_HEIGHT) && lengthOf(points) >= SHORTEST;
}

interface Point {
  readonly x: number;
  readonly y: number;
  readonly begins: boolean;
}

const pointsOf = (text: string): Point[] =>
  [...text.matchAll(/([ML])(\d+) (\d+)/g)].map(([, letter, x, y]) => ({
    x: Number(x),
    y: Number(y),
    begins: letter === 'M',
  }));

const lengthOf = (points: readonly Point[]): number =>
  points.reduce((sum, { x, y, begins }, index) => {
    const before = points[index - 1];
    return begins || before === undefined ? sum : sum + Math.hypot(x - before.x, y - before.y);
  }, 0);
