import type { DeviceView, ReadingView } from '#core/api.ts';
import { statusTokens } from '#core/reading.ts';

/**
 * The way of the power as a graph: mains → UPS → PDU → consumers, with redundant feeds and transfer switches, and which lines
 * carry it now. Pure; power-columns.ts and power-rail.ts say where it is drawn.
 */

/** `unknown`: no good value says so; drawn dotted, never as dead. */
export type Flow = 'live' | 'battery' | 'dead' | 'unknown';
export type PowerRole = 'mains' | 'ups' | 'transfer' | 'distribution' | 'consumer';

/** One line into a node. */
export interface PowerFeed {
  /** The node that it comes from. */
  readonly from: string;
  readonly outlet: string | null;
  readonly flow: Flow;
  /** Switched off at the outlet: by intention, not by failure. */
  readonly off: boolean;
  readonly watts: number | null;
  /** Of a transfer switch: this one carries the load; of others always. */
  readonly chosen: boolean;
}

export interface PowerNode {
  readonly id: string;
  readonly role: PowerRole;
  /** Null: mains that no device of the configuration stands for, and several consumers drawn as one. */
  readonly device: DeviceView | null;
  /** How many consumers it stands for. */
  readonly count: number;
  readonly feeds: readonly PowerFeed[];
  /** What it gives on, or has. */
  readonly flow: Flow;
  readonly bypass: boolean;
  /** It has power, but a line that should stand by does not. */
  readonly weak: boolean;
  /** Without power because each of its outlets was switched off. */
  readonly off: boolean;
  readonly watts: number | null;
  /** Load of what it can bear. */
  readonly percent: number | null;
}

export type ReadingLookup = (device: string, point: string) => ReadingView | null;

/** Mains of UPSes whose feed nobody wrote down. */
export const UNNAMED_MAINS = 'mains';
const RANK: Readonly<Record<Flow, number>> = { live: 0, battery: 1, unknown: 2, dead: 3 };

/** Sources before what they feed; what takes no part in the distribution is left out. A circle in the configuration ends at its first repetition. */
export function powerGraph(devices: readonly DeviceView[], reading: ReadingLookup): PowerNode[] {
  const byId = new Map(devices.map((device) => [device.id, device]));
  const sources = new Map(devices.map((device) => [device.id, sourcesOf(device, byId)]));
  const feeding = new Set([...sources.values()].flat().map(({ from }) => from));
  const nodes = new Map<string, PowerNode>();
  const making = new Set<string>();
  const context: Context = { byId, reading, sources, feeding, nodeOf };

  function nodeOf(id: string): PowerNode | null {
    const made = nodes.get(id);
    if (made !== undefined) return made;
    const device = byId.get(id);
    if (making.has(id) || (device === undefined && id !== UNNAMED_MAINS)) return null;
    making.add(id);
    const node = device === undefined ? mainsNode(UNNAMED_MAINS, null, context) : deviceNode(device, context);
    nodes.set(id, node);
    return node;
  }
  for (const device of devices) {
    if (feeding.has(device.id) || (sources.get(device.id) ?? []).length > 0) nodeOf(device.id);
  }
  return [...nodes.values()];
}

interface Source {
  readonly from: string;
  readonly outlet: string | null;
}
interface Context {
  readonly byId: ReadonlyMap<string, DeviceView>;
  readonly reading: ReadingLookup;
  readonly sources: ReadonlyMap<string, readonly Source[]>;
  readonly feeding: ReadonlySet<string>;
  readonly nodeOf: (id: string) => PowerNode | null;
}

/** `pdu-1/3` is outlet 3 of pdu-1. */
function sourcesOf(device: DeviceView, byId: ReadonlyMap<string, DeviceView>): Source[] {
  const named = device.feeds.flatMap((feed): Source[] => {
    const [from = '', ...rest] = feed.split('/');
    return byId.has(from) && from !== device.id ? [{ from, outlet: rest.length === 0 ? null : rest.join('/') }] : [];
  });
  return named.length === 0 && device.kind === 'ups' ? [{ from: UNNAMED_MAINS, outlet: null }] : named;
}

const goodValue = (reading: ReadingView | null): ReadingView['value'] =>
  reading !== null && reading.quality === 'good' ? reading.value : null;
const goodNumber = (reading: ReadingView | null): number | null => {
  const value = goodValue(reading);
  return typeof value === 'number' ? value : null;
};

const PLAIN = { count: 1, bypass: false, weak: false, off: false, watts: null, percent: null } as const;

function mainsNode(id: string, device: DeviceView | null, context: Context): PowerNode {
  return { ...PLAIN, id, role: 'mains', device, feeds: [], flow: mainsFlow(id, context) };
}

/** Nothing reads a feed; the inputs of the UPSes on it, directly or through boards, tell whether it is there. */
function mainsFlow(id: string, { byId, sources, reading }: Context): Flow {
  const seen = new Set<string>();
  const upsesOn = (source: string): string[] => {
    if (seen.has(source)) return [];
    seen.add(source);
    return [...sources].flatMap(([device, feeds]) =>
      feeds.every(({ from }) => from !== source)
        ? []
        : byId.get(device)?.kind === 'ups'
          ? [device]
          : byId.get(device)?.kind === 'sensor'
            ? []
            : upsesOn(device),
    );
  };
  const flows = upsesOn(id).map((ups) => inputFlow(ups, reading));
  return flows.includes('live') ? 'live' : flows.includes('dead') ? 'dead' : 'unknown';
}

function inputFlow(ups: string, reading: ReadingLookup): Flow {
  const voltage = goodNumber(reading(ups, 'input.voltage')) ?? goodNumber(reading(ups, 'input.L1.voltage'));
  const tokens = statusTokens(goodValue(reading(ups, 'ups.status')));
  // On battery with a healthy input is a self-test or a calibration: mains is there.
  if (tokens.has('OB')) return voltage !== null && voltage > 150 ? 'live' : 'dead';
  if (tokens.has('OL') || tokens.has('BYPASS')) return 'live';
  return voltage === null ? 'unknown' : voltage > 100 ? 'live' : 'dead';
}

function deviceNode(device: DeviceView, context: Context): PowerNode {
  const sources = context.sources.get(device.id) ?? [];
  if (device.kind === 'feed' && sources.length === 0) return mainsNode(device.id, device, context);
  const transfer = chosenSource(device, context.reading);
  const feeds = sources.flatMap((source, index) => {
    const node = context.nodeOf(source.from);
    return node === null ? [] : [feedOf(source, node, transfer === null || transfer === index, context)];
  });
  if (device.kind === 'ups') return upsNode(device, feeds, context.reading);
  const needs = Math.min(Math.max(1, device.minFeeds ?? 1), Math.max(1, feeds.length));
  const carrying = transfer === null ? feeds : feeds.filter(({ chosen }) => chosen);
  const flow = flowOf(carrying, transfer === null ? needs : 1);
  const role = context.feeding.has(device.id) ? (transfer === null ? 'distribution' : 'transfer') : 'consumer';
  return {
    ...{ ...PLAIN, id: device.id, role, device, feeds, flow },
    weak: (flow === 'live' || flow === 'battery') && feeds.some((feed) => feed.flow === 'dead'),
    off: flow === 'dead' && feeds.length > 0 && feeds.every(({ off }) => off),
    watts: role === 'consumer' ? sum(feeds.map(({ watts }) => watts)) : boardWatts(device, context),
  };
}

function upsNode(device: DeviceView, feeds: readonly PowerFeed[], reading: ReadingLookup): PowerNode {
  const status = goodValue(reading(device.id, 'ups.status'));
  const tokens = statusTokens(status);
  const flow: Flow = status === null ? 'unknown' : tokens.has('OFF') ? 'dead' : tokens.has('OB') ? 'battery' : 'live';
  const lines = ['L1', 'L2', 'L3'].map((line) => goodNumber(reading(device.id, `output.${line}.realpower`)));
  return {
    ...{ ...PLAIN, id: device.id, role: 'ups', device, feeds, flow, bypass: tokens.has('BYPASS') },
    watts: goodNumber(reading(device.id, 'ups.realpower')) ?? sum(lines),
    percent: goodNumber(reading(device.id, 'ups.load')),
  };
}

function feedOf({ from, outlet }: Source, node: PowerNode, chosen: boolean, { reading }: Context): PowerFeed {
  const base = { from, outlet, chosen };
  if (outlet === null) return { ...base, flow: node.flow, off: false, watts: null };
  const status = reading(from, `outlet.${outlet}.status`);
  const watts = goodNumber(reading(from, `outlet.${outlet}.realpower`));
  const state = goodValue(status);
  if (state === 'off') return { ...base, flow: 'dead', off: node.flow !== 'dead', watts };
  // A board without switches says nothing of its outlets: they have what it has.
  const silent = status === null && (node.device?.source === 'none' || node.device?.state === 'responding');
  return { ...base, flow: state === 'on' || silent || node.flow === 'dead' ? node.flow : 'unknown', off: false, watts };
}

/** Which of its feeds a transfer switch has chosen, by its place among them; null: it is none, or does not say. */
function chosenSource(device: DeviceView, reading: ReadingLookup): number | null {
  const said = goodValue(reading(device.id, 'ats.source.status'));
  if (typeof said !== 'string') return null;
  const [, letter = ''] = /(?:source|input)?[-\s]?([ab12])$/.exec(said) ?? [];
  const index = { a: 0, '1': 0, b: 1, '2': 1 }[letter];
  return index === undefined || index >= device.feeds.length ? null : index;
}

/** What `needs` of the lines carry together: the worst of the best. */
const flowOf = (feeds: readonly PowerFeed[], needs: number): Flow =>
  feeds.map(({ flow }) => flow).sort((a, b) => RANK[a] - RANK[b])[needs - 1] ?? 'unknown';

function boardWatts({ id }: DeviceView, { reading, sources }: Context): number | null {
  const own = goodNumber(reading(id, 'input.realpower'));
  if (own !== null) return own;
  const outlets = [...sources.values()].flat().filter(({ from, outlet }) => from === id && outlet !== null);
  return sum(outlets.map(({ outlet }) => goodNumber(reading(id, `outlet.${outlet}.realpower`))));
}

const sum = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
};

/** Something about it wants a look: it keeps its own row however many there are. */
const isPlain = ({ flow, weak, off, feeds }: PowerNode): boolean =>
  flow === 'live' && !weak && !off && feeds.every((feed) => feed.flow === 'live');

/** At most so many consumers: the healthy ones of the same feeds become one row, and when that is not enough all of one state. */
export function foldConsumers(nodes: readonly PowerNode[], most: number): readonly PowerNode[] {
  const consumers = nodes.filter(({ role }) => role === 'consumer');
  if (consumers.length <= most) return nodes;
  const others = nodes.filter(({ role }) => role !== 'consumer');
  const plain = grouped(consumers, isPlain);
  return [...others, ...(plain.length <= most ? plain : grouped(consumers, () => true))];
}

function grouped(consumers: readonly PowerNode[], folds: (node: PowerNode) => boolean): PowerNode[] {
  const groups = new Map<string, PowerNode[]>();
  for (const node of consumers) {
    const sources = node.feeds.map(({ from, flow, off }) => `${from} ${flow} ${off}`).join(',');
    const key = folds(node) ? `${sources} ${node.flow} ${node.weak}` : node.id;
    groups.set(key, [...(groups.get(key) ?? []), node]);
  }
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    if (members.length === 1) return [first];
    const feeds = first.feeds.map((feed, index) => ({
      ...{ ...feed, outlet: null, watts: sum(members.map((member) => member.feeds[index]?.watts ?? null)) },
    }));
    const watts = sum(members.map((member) => member.watts));
    return [{ ...first, id: `${first.id}+${members.length - 1}`, device: null, count: members.length, feeds, watts }];
  });
}
