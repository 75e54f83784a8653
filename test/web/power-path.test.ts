import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DeviceView, ReadingView } from '#core/api.ts';
import type { Value } from '#core/reading.ts';
import { type Drawing, layColumns, type Piece } from '../../services/dashboard-api/web/src/model/power-columns.ts';
import {
  foldConsumers,
  type PowerNode,
  powerGraph,
  UNNAMED_MAINS,
} from '../../services/dashboard-api/web/src/model/power-path.ts';
import { layRail } from '../../services/dashboard-api/web/src/model/power-rail.ts';
import { devicesAt, quietRoom, readingsAt } from './fixture-room.ts';

const NOW = Date.parse('2026-11-22T02:00:00Z');
const [TEMPLATE] = devicesAt(NOW);

const device = (id: string, kind: DeviceView['kind'], feeds: string[] = [], over: Partial<DeviceView> = {}) => {
  if (TEMPLATE === undefined) throw new Error('no template');
  return { ...TEMPLATE, id, name: { zh: id, en: id }, kind, feeds, state: 'responding' as const, ...over };
};
const said =
  (values: Record<string, Value | null>) =>
  (id: string, point: string): ReadingView | null => {
    const value = values[`${id}/${point}`];
    const at = new Date(NOW).toISOString();
    return value === undefined
      ? null
      : {
          ...{ device: id, point, value, unit: '', quality: 'good', reason: null, simulated: true },
          ...{ measuredAt: at, receivedAt: at, changedAt: at },
        };
  };
const graphOf = (devices: DeviceView[], values: Record<string, Value | null>): Map<string, PowerNode> =>
  new Map(powerGraph(devices, said(values)).map((node) => [node.id, node]));

const TWO_WAYS = [
  device('feed-a', 'feed'),
  device('feed-b', 'feed'),
  device('ups-a', 'ups', ['feed-a']),
  device('ups-b', 'ups', ['feed-b']),
  device('pdu-a', 'pdu', ['ups-a']),
  device('pdu-b', 'pdu', ['ups-b']),
  device('server', 'server', ['pdu-a/1', 'pdu-b/1']),
  device('hungry', 'server', ['pdu-a/2', 'pdu-b/2'], { minFeeds: 2 }),
  device('ac', 'cooling', ['feed-a']),
  device('sensor', 'sensor'),
];
const WELL = {
  'ups-a/ups.status': 'OL',
  'ups-b/ups.status': 'OL',
  'pdu-a/outlet.1.status': 'on',
  'pdu-a/outlet.2.status': 'on',
  'pdu-b/outlet.1.status': 'on',
  'pdu-b/outlet.2.status': 'on',
};

describe('which lines carry power', () => {
  test('everything that is fed or feeds is in it, nothing else', () => {
    expect([...graphOf(TWO_WAYS, WELL).keys()].toSorted()).toEqual(
      TWO_WAYS.map(({ id }) => id)
        .filter((id) => id !== 'sensor')
        .toSorted(),
    );
  });

  test.each<[reason: string, values: Record<string, Value | null>, flows: Record<string, string>]>([
    [
      'all is well',
      {},
      { 'feed-a': 'live', 'ups-a': 'live', 'pdu-a': 'live', server: 'live', hungry: 'live', ac: 'live' },
    ],
    [
      'one side on battery: who needs one feed has mains, who needs both hangs on the battery',
      { 'ups-a/ups.status': 'OB DISCHRG' },
      { 'feed-a': 'dead', 'ups-a': 'battery', 'pdu-a': 'battery', server: 'live', hungry: 'battery', ac: 'dead' },
    ],
    [
      'one side gone: who needs both is dead',
      { 'ups-a/ups.status': 'OFF' },
      { 'ups-a': 'dead', 'pdu-a': 'dead', server: 'live', hungry: 'dead' },
    ],
    [
      'both on battery',
      { 'ups-a/ups.status': 'OB', 'ups-b/ups.status': 'OB' },
      { 'feed-a': 'dead', 'feed-b': 'dead', server: 'battery' },
    ],
    [
      'a self-test is not an outage',
      { 'ups-a/ups.status': 'OB', 'ups-a/input.voltage': 229 },
      { 'feed-a': 'live', 'ups-a': 'battery' },
    ],
    [
      'a UPS that says nothing is not known, and never dead (L29)',
      { 'ups-a/ups.status': null },
      { 'feed-a': 'unknown', 'ups-a': 'unknown', 'pdu-a': 'unknown', ac: 'unknown' },
    ],
  ])('%s', (_reason, values, flows) => {
    const nodes = graphOf(TWO_WAYS, { ...WELL, ...values });
    expect(Object.fromEntries(Object.keys(flows).map((id) => [id, nodes.get(id)?.flow]))).toEqual(flows);
  });

  test('a lost second line is told though nobody lacks power; an outlet that was switched off is no failure', () => {
    const nodes = graphOf(TWO_WAYS, {
      ...{ ...WELL, 'ups-a/ups.status': 'OFF' },
      ...{ 'pdu-b/outlet.2.status': 'off', 'pdu-a/outlet.2.status': 'off' },
    });
    expect(nodes.get('server')).toMatchObject({ flow: 'live', weak: true, off: false });
    const off = graphOf(TWO_WAYS, { ...WELL, 'pdu-b/outlet.1.status': 'off', 'pdu-a/outlet.1.status': 'off' });
    expect(off.get('server')).toMatchObject({ flow: 'dead', off: true });
  });

  test('a transfer switch gives on what the feed has that it has chosen', () => {
    const devices = [...TWO_WAYS, device('sts', 'pdu', ['ups-a', 'ups-b']), device('switch', 'network', ['sts'])];
    const values = { ...WELL, 'ups-a/ups.status': 'OB', 'sts/ats.source.status': 'source-a' };
    expect(graphOf(devices, values).get('sts')).toMatchObject({ role: 'transfer', flow: 'battery' });
    const other = graphOf(devices, { ...values, 'sts/ats.source.status': 'source-b' });
    expect(other.get('sts')).toMatchObject({ flow: 'live', feeds: [{ chosen: false }, { chosen: true }] });
    expect(other.get('switch')?.flow).toBe('live');
  });

  test('a board without switches gives what it has; mains that nobody wrote down is drawn all the same', () => {
    const devices = [device('ups', 'ups'), device('board', 'pdu', ['ups']), device('one', 'server', ['board/3'])];
    const nodes = graphOf(devices, { 'ups/ups.status': 'OL', 'ups/ups.load': 42, 'ups/output.L1.realpower': 700 });
    expect(nodes.get('one')?.flow).toBe('live');
    expect(nodes.get(UNNAMED_MAINS)).toMatchObject({ role: 'mains', flow: 'live', device: null });
    expect(nodes.get('ups')).toMatchObject({ watts: 700, percent: 42 });
  });

  test('a circle in the configuration ends', () => {
    const devices = [device('a', 'pdu', ['b']), device('b', 'pdu', ['a']), device('c', 'server', ['a'])];
    expect(graphOf(devices, {}).size).toBe(3);
  });

  test('the sample room: watts of each outlet, of the board, and of the UPS', () => {
    const readings = new Map(readingsAt(NOW, quietRoom()).map((one) => [`${one.device}/${one.point}`, one]));
    const nodes = powerGraph(devicesAt(NOW), (id, point) => readings.get(`${id}/${point}`) ?? null);
    const server = nodes.find(({ id }) => id === 'server-1');
    expect(server?.watts).toBeGreaterThan(300);
    expect(nodes.find(({ id }) => id === 'pdu-1')?.watts).toBeGreaterThan(2000);
  });
});

describe('many consumers on a small screen', () => {
  const crowd = [
    ...TWO_WAYS,
    ...Array.from({ length: 40 }, (_, index) => device(`s-${index}`, 'server', [`pdu-a/${index + 10}`])),
  ];
  const on = Object.fromEntries(crowd.map((_, index) => [`pdu-a/outlet.${index + 10}.status`, 'on']));
  test('the healthy ones of one feed become one row; what is abnormal keeps its own', () => {
    const nodes = powerGraph(crowd, said({ ...WELL, ...on, 'pdu-a/outlet.17.status': 'off' }));
    const folded = foldConsumers(nodes, 8).filter(({ role }) => role === 'consumer');
    expect(folded.length).toBeLessThanOrEqual(8);
    expect(folded.reduce((total, { count }) => total + count, 0)).toBe(43);
    expect(folded.find(({ id }) => id === 's-7')).toMatchObject({ off: true, count: 1 });
  });
  test('few stay as they are', () => {
    const nodes = powerGraph(TWO_WAYS, said(WELL));
    expect(foldConsumers(nodes, 8)).toBe(nodes);
  });
});

/** Rooms of every shape: feeds, UPSes on them, boards on those and on each other, consumers on up to three of all. */
const rooms = fc
  .record({
    feeds: fc.integer({ min: 0, max: 3 }),
    upses: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
    boards: fc.array(fc.array(fc.nat(), { minLength: 1, maxLength: 2 }), { maxLength: 5 }),
    consumers: fc.array(fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), { maxLength: 14 }),
  })
  .map(({ feeds, upses, boards, consumers }) => {
    const made: DeviceView[] = Array.from({ length: feeds }, (_, index) => device(`feed-${index}`, 'feed'));
    const pick = (among: readonly DeviceView[], choice: number): string => among[choice % among.length]?.id ?? '';
    upses.forEach((choice, index) => {
      made.push(device(`ups-${index}`, 'ups', feeds === 0 ? [] : [pick(made.slice(0, feeds), choice)]));
    });
    for (const [index, choices] of boards.entries()) {
      const among = [...made];
      made.push(device(`pdu-${index}`, 'pdu', [...new Set(choices.map((choice) => pick(among, choice)))]));
    }
    const sources = [...made];
    for (const [index, choices] of consumers.entries()) {
      const from = choices.map((choice, feed) => `${pick(sources, choice)}/${index * 3 + feed}`);
      made.push(device(`server-${index}`, 'server', from));
    }
    return powerGraph(made, said({ 'ups-0/ups.status': 'OL', 'ups-1/ups.status': 'OB' }));
  });

const isUpright = ({ from, end }: Piece): boolean => from[0] === end[0];
const within = (low: number, value: number, high: number): boolean => value > low + 0.01 && value < high - 0.01;
const spans = (a: number, b: number): [number, number] => [Math.min(a, b), Math.max(a, b)];

function checkDrawing(nodes: readonly PowerNode[], { boxes, pieces, width, height }: Drawing): void {
  expect(boxes.map(({ node }) => node.id).toSorted()).toEqual(nodes.map(({ id }) => id).toSorted());
  for (const [index, a] of boxes.entries()) {
    expect(a.x >= 0 && a.y >= -0.01 && a.x + a.width <= width + 0.01 && a.y + a.height <= height + 0.01).toBe(true);
    for (const b of boxes.slice(index + 1)) {
      const apart =
        a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y + 0.01 || b.y + b.height <= a.y + 0.01;
      expect([a.node.id, b.node.id, apart]).toEqual([a.node.id, b.node.id, true]);
    }
  }
  for (const node of nodes) {
    const lines = pieces.filter(({ to }) => to === node.id);
    expect([node.id, lines.map(({ net, outlet }) => `${net}/${outlet}`).toSorted()]).toEqual([
      node.id,
      node.feeds.map(({ from, outlet }) => `${from}/${outlet}`).toSorted(),
    ]);
    const box = boxes.find((one) => one.node === node);
    for (const { end } of lines) {
      expect(end[0]).toBeCloseTo(box?.x ?? -1);
      expect(within((box?.y ?? 0) - 1, end[1], (box?.y ?? 0) + (box?.height ?? 0) + 1)).toBe(true);
    }
  }
  for (const piece of pieces) {
    for (const box of boxes) {
      const [x0, x1] = spans(piece.from[0], piece.end[0]);
      const [y0, y1] = spans(piece.from[1], piece.end[1]);
      const through = isUpright(piece)
        ? within(box.x, x0, box.x + box.width) && y1 > box.y + 0.01 && y0 < box.y + box.height - 0.01
        : within(box.y, y0, box.y + box.height) && x1 > box.x + 0.01 && x0 < box.x + box.width - 0.01;
      expect([piece.net, box.node.id, through]).toEqual([piece.net, box.node.id, false]);
    }
  }
}

/** Two lines of different sources one upon the other would read as one. */
function checkApart({ pieces }: Drawing): void {
  for (const [index, a] of pieces.entries()) {
    for (const b of pieces.slice(index + 1)) {
      if (a.net === b.net || isUpright(a) !== isUpright(b)) continue;
      const across = isUpright(a) ? 0 : 1;
      const along = across === 0 ? 1 : 0;
      if (Math.abs(a.from[across] - b.from[across]) > 0.5) continue;
      const [a0, a1] = spans(a.from[along], a.end[along]);
      const [b0, b1] = spans(b.from[along], b.end[along]);
      expect([a.net, b.net, Math.min(a1, b1) - Math.max(a0, b0) > 0.5]).toEqual([a.net, b.net, false]);
    }
  }
}

/** From each node back along its pieces one comes to the box of its source. */
function checkConnected({ boxes, pieces }: Drawing): void {
  const touches = ([x, y]: readonly [number, number], piece: Piece): boolean => {
    const [x0, x1] = spans(piece.from[0], piece.end[0]);
    const [y0, y1] = spans(piece.from[1], piece.end[1]);
    return x >= x0 - 0.01 && x <= x1 + 0.01 && y >= y0 - 0.01 && y <= y1 + 0.01;
  };
  for (const last of pieces.filter(({ to }) => to !== null)) {
    const own = pieces.filter(({ net }) => net === last.net);
    const reached = new Set([last]);
    for (let grown = -1; grown !== reached.size; ) {
      grown = reached.size;
      for (const piece of own) {
        for (const other of [...reached]) {
          const joined =
            [piece.from, piece.end].some((end) => touches(end, other)) ||
            [other.from, other.end].some((end) => touches(end, piece));
          if (joined) reached.add(piece);
        }
      }
    }
    const source = boxes.find(({ node }) => node.id === last.net);
    const edges = source === undefined ? [] : [source.x, source.x + source.width];
    const begins = [...reached].some(({ from }) => edges.some((x) => Math.abs(x - from[0]) < 0.01));
    expect([last.net, last.to, begins]).toEqual([last.net, last.to, true]);
  }
}

describe('the single-line diagram', () => {
  test('in columns: each feed drawn once from its source to its consumer, no box on another, no line through a box or on another', () => {
    fc.assert(
      fc.property(rooms, (nodes) => {
        const drawing = layColumns(nodes, 3000);
        if (drawing === null) throw new Error('it does not fit in a very wide space');
        checkDrawing(nodes, drawing);
        checkConnected(drawing);
        checkApart(drawing);
      }),
      { numRuns: 100 },
    );
  });

  test('on a rail, for a phone: the same', () => {
    fc.assert(
      fc.property(rooms, (nodes) => {
        const drawing = layRail(nodes, 358);
        checkDrawing(nodes, drawing);
        checkConnected(drawing);
        checkApart(drawing);
      }),
      { numRuns: 100 },
    );
  });

  test('columns that do not fit are not squeezed', () => {
    expect(layColumns(powerGraph(TWO_WAYS, said(WELL)), 400)).toBeNull();
    expect(layColumns(powerGraph(TWO_WAYS, said(WELL)), 900)).not.toBeNull();
  });

  test('nothing to draw is an empty drawing', () => {
    expect(layColumns([], 500)).toMatchObject({ boxes: [], pieces: [] });
    expect(layRail([], 300)).toMatchObject({ boxes: [], pieces: [], height: 0 });
  });
});
