import type { Drawing, Piece } from './power-columns.ts';
import type { Flow, PowerNode } from './power-path.ts';

/**
 * The same single line where there is no room for columns: one row a node, sources above what they feed, and to the left a bar
 * for each source from which lines branch off to its rows, as in the graph of a version history. Lengths as in power-columns.ts.
 */

const ROW = { source: 50, consumer: 38, gap: 8 } as const;
const LANE = { first: 8, step: 14, edge: 12 } as const;
const PORT = 10;

export function layRail(nodes: readonly PowerNode[], width: number): Drawing {
  const rows = inReadingOrder(nodes);
  const tops: number[] = [];
  let height = 0;
  for (const node of rows) {
    tops.push(height);
    height += heightOf(node) + ROW.gap;
  }
  const lanes = lanesOf(rows);
  const laneX = (lane: number): number => LANE.first + lane * LANE.step;
  const left = laneX(Math.max(-1, ...lanes.values())) + LANE.edge;
  const drawing = { pieces: [] as Piece[], dots: [] as { x: number; y: number; flow: Flow }[] };
  const at = new Map(rows.map((node, index) => [node.id, { node, top: tops[index] ?? 0 }]));
  for (const [id, lane] of lanes) drawBar(id, laneX(lane), left, rows, at, drawing);
  return {
    width,
    height: Math.max(0, height - ROW.gap),
    boxes: rows.map((node, index) => ({
      ...{ node, x: left, y: tops[index] ?? 0, width: Math.max(0, width - left), height: heightOf(node) },
    })),
    ...drawing,
  };
}

const heightOf = ({ role, feeds }: PowerNode): number =>
  Math.max(role === 'consumer' ? ROW.consumer : ROW.source, (feeds.length + 1) * PORT + 10);

/** Depth first, so that what hangs together stands together; what has several sources comes after the last of them. */
function inReadingOrder(nodes: readonly PowerNode[]): PowerNode[] {
  const ids = new Set(nodes.map(({ id }) => id));
  const rows: PowerNode[] = [];
  const done = new Set<string>();
  const visit = (node: PowerNode): void => {
    if (done.has(node.id) || node.feeds.some(({ from }) => ids.has(from) && !done.has(from))) return;
    done.add(node.id);
    rows.push(node);
    const fed = nodes.filter(({ feeds }) => feeds.some(({ from }) => from === node.id));
    for (const next of fed.filter(({ role }) => role !== 'consumer')) visit(next);
    for (const next of fed.filter(({ role }) => role === 'consumer')) visit(next);
  };
  for (const node of nodes) if (node.feeds.every(({ from }) => !ids.has(from))) visit(node);
  // What hangs in a circle has no beginning.
  return [...rows, ...nodes.filter(({ id }) => !done.has(id))];
}

/** A bar from its source to the last that hangs on it; a place further left is taken when one is free all the way. */
function lanesOf(rows: readonly PowerNode[]): Map<string, number> {
  const index = new Map(rows.map(({ id }, row) => [id, row]));
  const lanes = new Map<string, number>();
  const ends: number[] = [];
  rows.forEach(({ id }, row) => {
    const fed = rows.filter(({ feeds }) => feeds.some(({ from }) => from === id));
    const last = Math.max(row, ...fed.map((node) => index.get(node.id) ?? 0));
    if (fed.length === 0) return;
    const free = ends.findIndex((end) => end < row);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = last;
    lanes.set(id, lane);
  });
  return lanes;
}

function drawBar(
  id: string,
  x: number,
  left: number,
  rows: readonly PowerNode[],
  at: ReadonlyMap<string, { readonly node: PowerNode; readonly top: number }>,
  drawing: { readonly pieces: Piece[]; readonly dots: { x: number; y: number; flow: Flow }[] },
): void {
  const source = at.get(id);
  if (source === undefined) return;
  const plain = { net: id, flow: source.node.flow, off: false, standby: false, to: null, outlet: null };
  const start = source.top + heightOf(source.node) - PORT;
  const taps = rows.flatMap((node) =>
    node.feeds.flatMap((feed, index) =>
      feed.from === id ? [{ node, feed, y: portOf(node, index, at.get(node.id)?.top ?? 0) }] : [],
    ),
  );
  const ys = [start, ...taps.map(({ y }) => y)];
  drawing.pieces.push({ ...plain, from: [left, start], end: [x, start] });
  drawing.pieces.push({ ...plain, from: [x, Math.min(...ys)], end: [x, Math.max(...ys)] });
  for (const { node, feed, y } of taps) {
    drawing.pieces.push({
      ...{ net: id, flow: feed.flow, off: feed.off, standby: !feed.chosen },
      ...{ from: [x, y], end: [left, y], to: node.id, outlet: feed.outlet },
    });
    if (taps.length > 1) drawing.dots.push({ x, y, flow: source.node.flow });
  }
}

/** Lines come in above the middle, the row's own bar leaves at its foot. */
const portOf = ({ role, feeds }: PowerNode, index: number, top: number): number =>
  role === 'consumer'
    ? top + ROW.consumer / 2 + (index - (feeds.length - 1) / 2) * PORT
    : top + PORT + 6 + index * PORT;
