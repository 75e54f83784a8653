import type { Flow, PowerNode } from './power-path.ts';

/**
 * The single-line diagram from left to right: sources, UPSes, boards, consumers, each in its column. Between two columns each
 * source has a bus bar of its own, from which lines branch off to what it feeds. A line that passes a column goes through a
 * place kept free in it. Lengths are in sixteenths of a rem. Pure.
 */

export interface Box {
  readonly node: PowerNode;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
/** A piece of line. `to`: the node it ends at, for the last piece of a feed. */
export interface Piece {
  readonly net: string;
  readonly flow: Flow;
  readonly off: boolean;
  /** Carries nothing now because the transfer switch has chosen the other. */
  readonly standby: boolean;
  readonly from: readonly [x: number, y: number];
  readonly end: readonly [x: number, y: number];
  readonly to: string | null;
  readonly outlet: string | null;
}
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly pieces: readonly Piece[];
  /** Where a line branches off: a crossing without one is none. */
  readonly dots: readonly { readonly x: number; readonly y: number; readonly flow: Flow }[];
}

const WIDTHS = { mains: 92, ups: 144, transfer: 136, distribution: 136 } as const;
const HEIGHTS = { mains: 60, ups: 94, transfer: 76, distribution: 76 } as const;
const CONSUMER = { least: 192, most: 380 } as const;
/** A consumer's row. */
const LEAST_ROW = 36;
const GAP = { row: 0, group: 10, box: 14, lane: 28 } as const;
/** On the right there is room for an open contact. */
const CHANNEL = { left: 9, right: 20, track: 10 } as const;
const PORT = 10;

/** A node, or the place that a line keeps free in a column that it passes. */
interface Slot {
  readonly id: string;
  readonly column: number;
  readonly node: PowerNode | null;
  /** Whose line starts here: the node itself, or the node whose line passes. */
  readonly source: string;
  readonly key: number;
  readonly height: number;
  y: number;
  /** Where its own line leaves. */
  exit: number;
  readonly ports: number[];
}

interface Tap {
  readonly slot: Slot;
  readonly feed: number;
}

/** Null: it does not fit in the width; a narrow page takes the rail. */
export function layColumns(nodes: readonly PowerNode[], width: number, row = LEAST_ROW): Drawing | null {
  const { slots, columns } = placeSlots(nodes, row);
  if (columns === 0) return { width, height: 0, boxes: [], pieces: [], dots: [] };
  const taps = tapsOf(slots, nodes);
  setHeights(slots, columns, taps);
  const xs = columnPlaces(slots, columns, taps, width);
  if (xs === null) return null;
  const drawing = { boxes: [] as Box[], pieces: [] as Piece[], dots: [] as Drawing['dots'][number][] };
  for (const slot of slots) {
    const place = xs.columns[slot.column];
    if (slot.node === null || place === undefined) continue;
    const own = slot.node.role === 'consumer' ? place.width : widthOf(slot.node);
    drawing.boxes.push({
      ...{ node: slot.node, x: place.x, y: slot.y - slot.height / 2, width: own, height: slot.height },
    });
  }
  for (const slot of slots) drawNet(slot, taps.get(slot.id) ?? [], xs, slots, drawing);
  const height = Math.max(...slots.map(({ y, height: tall }) => y + tall / 2));
  return { width, height, ...drawing };
}

const widthOf = ({ role }: PowerNode): number => (role === 'consumer' ? CONSUMER.least : WIDTHS[role]);
const heightOf = ({ role, feeds }: PowerNode, row: number): number =>
  Math.max(role === 'consumer' ? row : HEIGHTS[role], feeds.length * PORT + 10);

/** Every node one column right of its last source, consumers together in the last. */
function columnOf(nodes: readonly PowerNode[]): { columns: Map<string, number>; last: number } {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const columns = new Map<string, number>();
  const visit = (id: string): number => {
    const known = columns.get(id);
    if (known !== undefined) return known;
    columns.set(id, 0);
    const feeds = (byId.get(id)?.feeds ?? []).filter(({ from }) => byId.has(from));
    const column = feeds.length === 0 ? 0 : Math.max(...feeds.map(({ from }) => visit(from))) + 1;
    columns.set(id, column);
    return column;
  };
  for (const { id } of nodes) visit(id);
  const inner = nodes.filter(({ role }) => role !== 'consumer').map(({ id }) => columns.get(id) ?? 0);
  const last = Math.max(0, ...inner) + 1;
  for (const { id, role } of nodes) if (role === 'consumer') columns.set(id, last);
  return { columns, last };
}

/**
 * The order from top to bottom: a node stands where its sources stand, then as the configuration has it; a passing line comes
 * below what its source feeds on the way. Keys nest: a child's part is smaller than the distance of its sources.
 */
function placeSlots(nodes: readonly PowerNode[], row: number): { slots: Slot[]; columns: number } {
  if (nodes.length === 0) return { slots: [], columns: 0 };
  const { columns, last } = columnOf(nodes);
  const step = (column: number): number => (0.6 / (nodes.length + 1)) ** column;
  const keys = new Map<string, number>();
  const slots: Slot[] = [];
  const add = (slot: Omit<Slot, 'y' | 'exit' | 'ports'>): void =>
    void slots.push({ ...slot, y: 0, exit: 0, ports: [] });
  const inOrder = nodes.map((node, index) => ({ node, index, column: columns.get(node.id) ?? 0 }));
  inOrder.sort((a, b) => a.column - b.column);
  for (const { node, index, column } of inOrder) {
    const above = node.feeds.map(({ from }) => sourceKey(from, column, columns, keys, step));
    const key =
      above.length === 0
        ? index
        : above.reduce((total, one) => total + one, 0) / above.length + (index + 1) * step(column);
    keys.set(node.id, key);
    add({ id: node.id, column, node, source: node.id, key, height: heightOf(node, row) });
  }
  for (const { node, column } of inOrder) {
    const reach = Math.max(
      ...nodes.filter(({ feeds }) => feeds.some(({ from }) => from === node.id)).map(({ id }) => columns.get(id) ?? 0),
      0,
    );
    for (let passed = column + 1; passed < reach; passed++) {
      const key = sourceKey(node.id, passed + 1, columns, keys, step);
      add({ id: `${node.id}~${passed}`, column: passed, node: null, source: node.id, key, height: GAP.lane });
    }
  }
  return { slots, columns: last + 1 };
}

/** Whoever is fed from further away hangs on the passing line, which stands below its source's other children. */
function sourceKey(
  from: string,
  column: number,
  columns: ReadonlyMap<string, number>,
  keys: ReadonlyMap<string, number>,
  step: (column: number) => number,
): number {
  const own = columns.get(from) ?? 0;
  const key = keys.get(from) ?? 0;
  return column - own > 1 ? key + step(own) * 0.8 : key;
}

/** What hangs on each slot's bar: nodes in the next column, and the place through which the line goes on. */
function tapsOf(slots: readonly Slot[], nodes: readonly PowerNode[]): Map<string, Tap[]> {
  const taps = new Map<string, Tap[]>();
  const at = new Map(slots.map((slot) => [slot.id, slot]));
  const put = (id: string, tap: Tap): void => void taps.set(id, [...(taps.get(id) ?? []), tap]);
  for (const node of nodes) {
    const slot = at.get(node.id);
    node.feeds.forEach(({ from }, feed) => {
      const source = at.get(from);
      if (slot === undefined || source === undefined) return;
      const bar = source.column === slot.column - 1 ? from : `${from}~${slot.column - 1}`;
      put(bar, { slot, feed });
    });
  }
  for (const slot of slots) {
    if (slot.node !== null) continue;
    const before = at.get(`${slot.source}~${slot.column - 1}`);
    put(before === undefined ? slot.source : before.id, { slot, feed: -1 });
  }
  return taps;
}

/** From the consumers' rows back to the sources: each stands in the middle of what it feeds, as far as its neighbours let it. */
function setHeights(slots: readonly Slot[], columns: number, taps: ReadonlyMap<string, readonly Tap[]>): void {
  const stacks = Array.from({ length: columns }, (_, column) =>
    slots.filter((slot) => slot.column === column).sort((a, b) => a.key - b.key || a.id.localeCompare(b.id)),
  );
  const needed = stacks.map((stack, column) => {
    const gaps = stack.reduce((total, slot, index) => total + gapBefore(stack, index, slot, column === columns - 1), 0);
    return stack.reduce((total, { height }) => total + height, gaps);
  });
  const height = Math.max(...needed);
  for (let column = columns - 1; column >= 0; column--) {
    const stack = stacks[column] ?? [];
    const isLast = column === columns - 1;
    let bottom = isLast ? (height - (needed[column] ?? 0)) / 2 : 0;
    stack.forEach((slot, index) => {
      const targets = (taps.get(slot.id) ?? []).map((tap) => tap.slot.y);
      const wanted = targets.length === 0 ? 0 : (Math.min(...targets) + Math.max(...targets)) / 2;
      bottom += gapBefore(stack, index, slot, isLast);
      slot.y = isLast ? bottom + slot.height / 2 : Math.max(wanted, bottom + slot.height / 2);
      bottom = slot.y + slot.height / 2;
    });
    let limit = height;
    for (const [index, slot] of [...stack.entries()].reverse()) {
      slot.y = Math.min(slot.y, limit - slot.height / 2);
      limit = slot.y - slot.height / 2 - gapBefore(stack, index, slot, isLast);
    }
    for (const slot of stack) setPorts(slot);
    for (const slot of stack) chooseExit(slot, stack, taps);
  }
}

const signature = ({ node }: Slot): string => (node?.feeds ?? []).map(({ from }) => from).join();
function gapBefore(stack: readonly Slot[], index: number, slot: Slot, isLast: boolean): number {
  const before = stack[index - 1];
  if (before === undefined) return 0;
  if (!isLast) return GAP.box;
  return signature(before) === signature(slot) ? GAP.row : GAP.group;
}

function setPorts(slot: Slot): void {
  const count = slot.node?.feeds.length ?? 0;
  slot.ports.length = 0;
  for (let feed = 0; feed < count; feed++) slot.ports.push(slot.y + (feed - (count - 1) / 2) * PORT);
}

/** The line leaves in the middle, or a little beside it where another source's branch runs at the same height. */
function chooseExit(slot: Slot, stack: readonly Slot[], taps: ReadonlyMap<string, readonly Tap[]>): void {
  const own = new Set(taps.get(slot.id));
  const taken = stack
    .filter((other) => other !== slot)
    .flatMap((other) => taps.get(other.id) ?? [])
    .filter((tap) => !own.has(tap))
    .map(portOf);
  const reach = slot.height / 2 - 4;
  const offsets = [0];
  for (let offset = 3; offset <= reach; offset += 3) offsets.push(offset, -offset);
  const free = offsets.find((offset) => taken.every((y) => Math.abs(y - slot.y - offset) >= 3));
  slot.exit = slot.y + (free ?? 0);
}

const portOf = ({ slot, feed }: Tap): number => (feed < 0 ? slot.exit : (slot.ports[feed] ?? slot.y));

interface Places {
  readonly columns: readonly { readonly x: number; readonly width: number }[];
  /** The bar of each slot that feeds something. */
  readonly tracks: ReadonlyMap<string, number>;
}

function columnPlaces(
  slots: readonly Slot[],
  columns: number,
  taps: ReadonlyMap<string, readonly Tap[]>,
  width: number,
): Places | null {
  const bars = Array.from({ length: columns }, (_, column) =>
    slots
      .filter((slot) => slot.column === column && (taps.get(slot.id) ?? []).length > 0)
      .sort((a, b) => a.key - b.key),
  );
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(0, ...slots.flatMap(({ node, column: own }) => (node === null || own !== column ? [] : [widthOf(node)]))),
  );
  const channels = bars
    .slice(0, -1)
    .map((own) => CHANNEL.left + CHANNEL.right + Math.max(0, own.length - 1) * CHANNEL.track);
  const least = [...widths, ...channels].reduce((total, one) => total + one, 0);
  if (least > width) return null;
  const lastWidth = widths.at(-1) ?? 0;
  const consumers = Math.min(CONSUMER.most, lastWidth + width - least);
  const rest = width - least - (consumers - lastWidth);
  const spare = columns < 2 ? 0 : Math.min(40, rest / (columns - 1));
  const tracks = new Map<string, number>();
  const places: { x: number; width: number }[] = [];
  let x = 0;
  for (let column = 0; column < columns; column++) {
    const own = column === columns - 1 ? consumers : (widths[column] ?? 0);
    places.push({ x, width: own });
    x += own;
    (bars[column] ?? []).forEach((slot, index) => {
      tracks.set(slot.id, x + CHANNEL.left + spare / 2 + index * CHANNEL.track);
    });
    x += (channels[column] ?? 0) + spare;
  }
  return { columns: places, tracks };
}

function drawNet(
  slot: Slot,
  taps: readonly Tap[],
  { columns, tracks }: Places,
  slots: readonly Slot[],
  drawing: { readonly pieces: Piece[]; readonly dots: { x: number; y: number; flow: Flow }[] },
): void {
  const track = tracks.get(slot.id);
  const place = columns[slot.column];
  if (track === undefined || place === undefined) return;
  const source = slots.find(({ id }) => id === slot.source)?.node;
  const flow = source?.flow ?? 'unknown';
  const plain = { net: slot.source, flow, off: false, standby: false, to: null, outlet: null };
  const start = slot.node === null ? place.x : place.x + (slot.node.role === 'consumer' ? 0 : widthOf(slot.node));
  const ys = [slot.exit, ...taps.map(portOf)];
  drawing.pieces.push({ ...plain, from: [start, slot.exit], end: [track, slot.exit] });
  if (Math.max(...ys) > Math.min(...ys))
    drawing.pieces.push({ ...plain, from: [track, Math.min(...ys)], end: [track, Math.max(...ys)] });
  for (const tap of taps) {
    const y = portOf(tap);
    const end = columns[tap.slot.column]?.x ?? 0;
    const feed = tap.slot.node?.feeds[tap.feed];
    drawing.pieces.push(
      feed === undefined
        ? { ...plain, from: [track, y], end: [end, y] }
        : {
            ...{ net: slot.source, flow: feed.flow, off: feed.off, standby: !feed.chosen },
            ...{ from: [track, y], end: [end, y], to: tap.slot.id, outlet: feed.outlet },
          },
    );
    if (taps.length > 1) drawing.dots.push({ x: track, y, flow });
  }
}
