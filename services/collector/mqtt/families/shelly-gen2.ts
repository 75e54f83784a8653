import { seconds } from '#core/time.ts';
import type { RawUnit } from '#core/units.ts';
import { type FamilyAnswer, type MqttFamily, nothing } from '../family.ts';
import type { MqttMemory } from '../memory.ts';
import {
  entriesOf,
  field,
  type JsonObject,
  listAt,
  type MqttMessage,
  numberAt,
  objectAt,
  objectOf,
  textAt,
} from '../message.ts';
import type { Quantity } from '../quantities.ts';
import { createTelling, type Telling, type TellOptions } from '../telling.ts';
import { timeOf } from '../times.ts';

/**
 * Shelly, second generation and later: notifications on <prefix>/events/rpc, one component each on <prefix>/status/<component>.
 * The prefix is what people set, slashes included. https://shelly-api-docs.shelly.cloud/gen2/ComponentsAndServices/Mqtt
 */
export const shellyGen2: MqttFamily = {
  id: 'shelly-gen2',
  matches: (message, memory) => {
    const { levels } = message;
    const end = levels.slice(-2).join('/');
    if (end === 'events/rpc' || STATUS.test(end)) return levels.length > 2;
    if (levels.at(-1) === 'online' && memory.shellyPrefixes.has(prefixOf(levels, 1))) return true;
    if (levels.at(-1) === 'online' && /^shelly/.test(levels[0] ?? '') && levels[0] !== 'shellies')
      return levels.length === 2;
    if (levels.at(-1) === 'rpc' && levels.length > 1)
      return textAt(message.object, 'method') !== null || textAt(message.object, 'src') !== null;
    return levels.at(-2) === 'command' && COMPONENT.test(levels.at(-1) ?? '');
  },
  decode: (message, memory) => {
    const { levels } = message;
    const last = levels.at(-1) ?? '';
    if (last === 'rpc' && levels.at(-2) === 'events') return notification(message, memory);
    if (last === 'rpc' || levels.at(-2) === 'command')
      return nothing('command', 'a request or its answer, not a state');
    if (last === 'online') {
      if (message.problem === 'empty')
        return { ...nothing('availability', 'empty: the topic is cleared'), cleared: true };
      if (message.text !== 'true' && message.text !== 'false') return nothing('bad', 'neither true nor false');
      const telling = createTelling(prefixOf(levels, 1));
      telling.availability(message.text === 'true');
      return telling.answer('availability');
    }
    if (message.object === null) return nothing('bad', message.problem ?? 'not an object');
    memory.shellyPrefixes.set(prefixOf(levels, 2), true);
    const telling = createTelling(prefixOf(levels, 2));
    tellComponent(telling, last, message.object);
    return finish(telling);
  },
};

const COMPONENT_NAMES =
  'temperature|humidity|devicepower|smoke|flood|switch|pm1|em|em1|emdata|em1data|input|cover|light|illuminance|voltmeter|wifi|sys|cloud|mqtt|ble|ws|eth|ht_ui|bthome|presence|rgb|rgbw|cct|script';
const STATUS = new RegExp(`^status/(${COMPONENT_NAMES})(:\\d+)?$`);
const COMPONENT = new RegExp(`^(${COMPONENT_NAMES})(:\\d+)?$`);

const prefixOf = (levels: readonly string[], behind: number): string => levels.slice(0, -behind).join('/');

function notification(message: MqttMessage, memory: MqttMemory): FamilyAnswer {
  const prefix = prefixOf(message.levels, 2);
  if (message.object === null) return nothing('bad', message.problem ?? 'not an object');
  memory.shellyPrefixes.set(prefix, true);
  const method = textAt(message.object, 'method');
  if (method === 'NotifyEvent') return nothing('event', 'an event, not a reading');
  if (method !== 'NotifyStatus' && method !== 'NotifyFullStatus') return nothing('bad', 'not a status notification');
  const params = objectAt(message.object, 'params');
  // Seconds since the start of a device without a clock are no time.
  const telling = createTelling(prefix, timeOf(field(params, 'ts')));
  for (const [name, value] of entriesOf(params)) {
    const component = objectOf(value);
    if (component !== null) tellComponent(telling, name, component);
  }
  const wakes = numberAt(objectAt(params, 'sys'), 'wakeup_period');
  return {
    ...finish(telling),
    ...(wakes !== null && wakes > 0 && wakes < 7 * 86_400 ? { sleepsFor: seconds(wakes) } : {}),
  };
}

function finish(telling: Telling): FamilyAnswer {
  const answer = telling.answer('reading');
  return answer.readings.length === 0 && answer.rejected === undefined
    ? nothing('birth', 'about the device itself, not a reading')
    : answer;
}

type Source = readonly [path: string, quantity: Quantity, unit?: RawUnit];

const POWER: readonly Source[] = [
  ['apower', 'power'],
  ['act_power', 'power'],
  ['voltage', 'voltage'],
  ['current', 'current'],
  ['aprtpower', 'apparent_power'],
  ['aprt_power', 'apparent_power'],
  ['pf', 'power_factor'],
  ['freq', 'frequency'],
  ['aenergy.total', 'energy', 'Wh'],
  ['total_act_energy', 'energy', 'Wh'],
  ['ret_aenergy.total', 'energy_returned', 'Wh'],
  ['total_act_ret_energy', 'energy_returned', 'Wh'],
];

function tellComponent(telling: Telling, name: string, component: JsonObject): void {
  const [kind = '', index] = name.split(':');
  const channel = index ?? null;
  for (const error of [...listAt(component, 'errors'), ...listAt(component, 'flags')].slice(0, 5))
    if (typeof error === 'string' && error !== 'power_meter_failure') telling.problem(`${name}: ${error.slice(0, 40)}`);
  if (kind === 'em' || kind === 'emdata') {
    tellThreePhase(telling, component);
    return;
  }
  if (kind === 'devicepower') {
    telling.number('battery', field(objectAt(component, 'battery'), 'percent'));
    telling.number('battery_voltage', field(objectAt(component, 'battery'), 'V'));
  } else if (kind === 'wifi') telling.number('rssi', field(component, 'rssi'));
  else if (['switch', 'pm1', 'em1', 'em1data', 'cover', 'light'].includes(kind))
    tellSwitch(telling, component, channel);
  else tellSensor(telling, kind, channel, component);
}

function tellSwitch(telling: Telling, component: JsonObject, channel: string | null): void {
  const at = { channel, numbered: true };
  for (const [path, quantity, unit] of POWER) {
    const raw = path.split('.').reduce<unknown>((value, key) => field(objectOf(value), key), component);
    if (raw !== undefined) telling.number(quantity, raw, { ...at, as: path, ...(unit === undefined ? {} : { unit }) });
  }
  const output = field(component, 'output');
  if (typeof output === 'boolean') telling.truth('output', output, at);
  // Inside the relay, not the room.
  telling.number('device_temperature', field(objectAt(component, 'temperature'), 'tC'));
}

/** The first probe is the device's own; what hangs on an add-on is numbered from 100. */
function tellSensor(telling: Telling, kind: string, index: string | null, component: JsonObject): void {
  const at: TellOptions = { channel: index, numbered: index !== null && index !== '0' };
  if (kind === 'temperature') {
    const celsius = field(component, 'tC');
    if (celsius !== undefined) telling.number('temperature', celsius, at);
    else if (field(component, 'tF') !== undefined)
      telling.number('temperature', field(component, 'tF'), { ...at, unit: '°F' });
  } else if (kind === 'humidity') tellIf(telling, 'humidity', field(component, 'rh'), at);
  else if (kind === 'illuminance') tellIf(telling, 'illuminance', field(component, 'lux'), at);
  else if (kind === 'voltmeter') tellIf(telling, 'dc_voltage', field(component, 'voltage'), { ...at, numbered: true });
  else if (kind === 'smoke' || kind === 'flood') {
    const alarm = field(component, 'alarm');
    const { channel: _, ...plain } = at;
    if (alarm !== undefined) telling.truth(kind === 'smoke' ? 'smoke' : 'water_leak', alarm, at.numbered ? at : plain);
  } else if (kind === 'input' && typeof field(component, 'state') === 'boolean')
    telling.truth('input', field(component, 'state'), { ...at, numbered: true });
}

const tellIf = (telling: Telling, quantity: Quantity, raw: unknown, more: TellOptions): void => {
  if (raw !== undefined) telling.number(quantity, raw, more);
};

const PHASE_KEYS: readonly (readonly [suffix: string, quantity: Quantity, unit?: RawUnit])[] = [
  ['act_power', 'power'],
  ['voltage', 'voltage'],
  ['current', 'current'],
  ['aprt_power', 'apparent_power'],
  ['pf', 'power_factor'],
  ['freq', 'frequency'],
  ['total_act_energy', 'energy', 'Wh'],
  ['total_act_ret_energy', 'energy_returned', 'Wh'],
];
const TOTALS: readonly Source[] = [
  ['total_act_power', 'power'],
  ['total_current', 'current'],
  ['total_aprt_power', 'apparent_power'],
  ['total_act', 'energy', 'Wh'],
  ['total_act_ret', 'energy_returned', 'Wh'],
];

function tellThreePhase(telling: Telling, component: JsonObject): void {
  for (const phase of ['a', 'b', 'c', 'n']) {
    for (const [suffix, quantity, unit] of PHASE_KEYS) {
      const raw = field(component, `${phase}_${suffix}`);
      // A missing clamp on the neutral is told as null.
      if (raw === undefined || (raw === null && phase === 'n')) continue;
      telling.number(quantity, raw, { channel: phase, numbered: true, ...(unit === undefined ? {} : { unit }) });
    }
  }
  for (const [key, quantity, unit] of TOTALS) {
    const raw = field(component, key);
    if (raw !== undefined)
      telling.number(quantity, raw, {
        channel: 'total',
        point: totalPoint(quantity),
        ...(unit === undefined ? {} : { unit }),
      });
  }
}

/** The sum of the phases is the plain point. */
const totalPoint = (quantity: Quantity): string =>
  ({
    power: 'input.realpower',
    current: 'input.current',
    apparent_power: 'input.power',
    energy: 'input.energy',
    energy_returned: 'meter.returned.energy',
  })[quantity as 'power'] ?? 'input.realpower';
