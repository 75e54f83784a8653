import { BoundedMap } from '../bounded-map.ts';
import { type FamilyAnswer, type MqttFamily, nothing } from '../family.ts';
import { readKey, tellQuantity } from '../keys.ts';
import { type SparkplugMetricType, type SparkplugNode, unitNamed } from '../memory.ts';
import type { MqttMessage } from '../message.ts';
import { metricValue, readSparkplug, type SparkplugMetric, type SparkplugPayload } from '../sparkplug-payload.ts';
import { createTelling, type Telling } from '../telling.ts';
import { timeOf } from '../times.ts';

/**
 * Sparkplug B: spBv1.0/<group>/<type>/<edge node>[/<device>]. A birth names every metric; data may name them by alias alone; a
 * node's death takes its devices down with it. Sparkplug 3.0, chapters 4 to 6.
 */
export const sparkplug: MqttFamily = {
  id: 'sparkplug-b',
  matches: ({ levels }) => levels[0] === 'spBv1.0' && levels.length >= 3,
  decode: (message, memory) => {
    const [, group = '', type = '', edge = '', device = ''] = message.levels;
    if (group === 'STATE') return nothing('housekeeping', 'the state of a host application, not of a device');
    if (type === 'NCMD' || type === 'DCMD') return nothing('command', 'a command, not a state');
    if (!TYPES.has(type) || edge === '') return nothing('bad', 'not a Sparkplug message type');
    if ((type[0] === 'D') !== (device !== '')) return nothing('bad', 'the topic does not fit its message type');
    const payload = payloadOf(message);
    if (payload === null) return nothing('bad', 'not a Sparkplug payload: cut off or damaged');
    const name = `${group}/${edge}`;
    const node = memory.sparkplugNodes.obtain(name, createNode);
    if (type === 'NDEATH') return nodeDeath(name, node, payload);
    if (type === 'DDEATH') return deviceDeath(name, device, node, payload);
    if (type === 'NBIRTH') beginSession(node, payload);
    return tellMetrics(name, device, node, payload, type.endsWith('BIRTH'));
  },
};

const TYPES = new Set(['NBIRTH', 'NDATA', 'NDEATH', 'DBIRTH', 'DDATA', 'DDEATH']);

/** Metrics that a birth may name; a node with more than that loses the oldest. */
const MOST_METRICS = 5000;

const createNode = (): SparkplugNode => ({
  bdSeq: null,
  seq: null,
  born: false,
  devices: new BoundedMap(500),
  datatypes: new BoundedMap(MOST_METRICS),
  aliases: new BoundedMap(MOST_METRICS),
});

function payloadOf(message: MqttMessage): SparkplugPayload | null {
  if (message.bytes.length === 0) return null;
  try {
    return readSparkplug(message.bytes);
  } catch {
    return null;
  }
}

const deviceName = (node: string, device: string): string => (device === '' ? node : `${node}/${device}`);

function bdSeqOf(payload: SparkplugPayload): bigint | null {
  const raw = payload.metrics.find(({ name }) => name === 'bdSeq')?.value;
  if (raw?.kind === 'long') return raw.value;
  return raw?.kind === 'int' ? BigInt(raw.value) : null;
}

/** Everything of the session before is void: aliases, devices, numbers. */
function beginSession(node: SparkplugNode, payload: SparkplugPayload): void {
  Object.assign(node, createNode(), { born: true, bdSeq: bdSeqOf(payload) });
}

function nodeDeath(name: string, node: SparkplugNode, payload: SparkplugPayload): FamilyAnswer {
  const bdSeq = bdSeqOf(payload);
  if (node.bdSeq !== null && bdSeq !== null && bdSeq !== node.bdSeq)
    return nothing('availability', 'the will of an earlier session');
  const telling = createTelling(name);
  telling.availability(false, { gateway: true });
  for (const device of [...node.devices.keys()]) telling.availability(false, { device: deviceName(name, device) });
  node.born = false;
  return telling.answer('availability');
}

function deviceDeath(name: string, device: string, node: SparkplugNode, payload: SparkplugPayload): FamilyAnswer {
  const telling = createTelling(deviceName(name, device), timeOf(payload.timestamp));
  telling.availability(false);
  node.seq = payload.seq;
  return telling.answer('availability');
}

function tellMetrics(
  name: string,
  device: string,
  node: SparkplugNode,
  payload: SparkplugPayload,
  birth: boolean,
): FamilyAnswer {
  const telling = createTelling(deviceName(name, device), timeOf(payload.timestamp));
  const gap = !birth && node.seq !== null && payload.seq !== null && payload.seq !== (node.seq + 1) % 256;
  node.seq = payload.seq;
  if (birth) {
    if (device !== '') node.devices.set(device, true);
    telling.availability(true, device === '' ? { gateway: true } : {});
  }
  for (const metric of payload.metrics) {
    const type = birth ? learn(metric, device, node) : recall(metric, device, node);
    if (type === null)
      telling.problem(`alias ${metric.alias ?? '?'} was named by no birth: the node has to be asked for a new one`);
    else tellMetric(telling, metric, type);
  }
  // Something is missing before this one; what is here is still right where it has its own name.
  if (gap && payload.metrics.some((metric) => metric.name === null))
    telling.problem('its number does not follow the one before: a message was lost');
  const answer = telling.answer(birth ? 'birth' : 'reading');
  return answer.readings.length === 0 && answer.rejected === undefined ? nothing('reading', 'no value') : answer;
}

function learn(metric: SparkplugMetric, device: string, node: SparkplugNode): SparkplugMetricType | null {
  if (metric.name === null) return null;
  const unit = metric.properties.get('engUnit') ?? metric.properties.get('Engineering Units');
  const type: SparkplugMetricType = {
    device,
    name: metric.name,
    datatype: metric.datatype,
    unit: typeof unit === 'string' ? unit : null,
  };
  node.datatypes.set(`${device}\n${metric.name}`, type);
  if (metric.alias !== null) node.aliases.set(metric.alias, type);
  return type;
}

function recall(metric: SparkplugMetric, device: string, node: SparkplugNode): SparkplugMetricType | null {
  if (metric.name !== null) {
    const known = node.datatypes.get(`${device}\n${metric.name}`);
    return known ?? { device, name: metric.name, datatype: metric.datatype, unit: null };
  }
  if (metric.alias === null) return null;
  const known = node.aliases.get(metric.alias);
  // An alias is the node's: one of another device behind it names nothing here.
  return known?.device === device ? known : null;
}

/** What a node tells of itself and of its outputs' orders is no measurement. */
const HOUSEKEEPING = /^(bdSeq$|Node Control\/|Device Control\/|Properties\/|Node Info\/)/;

function tellMetric(telling: Telling, metric: SparkplugMetric, type: SparkplugMetricType): void {
  if (HOUSEKEEPING.test(type.name)) return;
  const measuredAt = timeOf(metric.timestamp);
  const quality = metric.properties.get('Quality');
  if (metric.isNull) {
    telling.number('temperature', null, { as: type.name });
    return;
  }
  // 192 is good, 0 bad, 500 stale (Sparkplug 3.0, 6.4.9).
  if (typeof quality === 'number' && quality !== 192) {
    telling.problem(`${type.name}: its quality is ${quality}`);
    return;
  }
  const value = metric.value === null ? null : metricValue(metric.value, metric.datatype ?? type.datatype);
  if (value === null) return;
  const parts = type.name.split('/');
  const last = parts.at(-1) ?? '';
  const before = parts.slice(0, -1).join('-');
  if (typeof value === 'boolean' && /^inputs?$/i.test(parts[0] ?? '') && parts.length > 1) {
    telling.truth('input', value, { channel: parts.slice(1).join('-'), numbered: true, measuredAt });
    return;
  }
  if (typeof value === 'boolean' && /^outputs?$/i.test(parts[0] ?? '') && parts.length > 1) {
    telling.truth('output', value, { channel: parts.slice(1).join('-'), numbered: true, measuredAt });
    return;
  }
  const key = readKey(last) ?? (parts.length > 1 ? readKey(parts.slice(-2).join(' ')) : null);
  const stated = type.unit === null ? null : unitNamed(type.unit);
  if (key === null) {
    telling.other(type.name, value, { measuredAt });
    return;
  }
  const unit = stated ?? key.unit;
  tellQuantity(telling, key.quantity, value, {
    channel: before === '' ? key.channel : before,
    numbered: before !== '' || key.channel !== null,
    as: type.name,
    measuredAt,
    contact: key.contact,
    ...(unit === null ? {} : { unit }),
  });
}
