import type { RawUnit } from '#core/units.ts';
import { type FamilyAnswer, type MqttFamily, nothing } from '../family.ts';
import type { MqttMemory } from '../memory.ts';
import { field, type JsonObject, listAt, type MqttMessage, numberAt, objectAt, objectOf, textAt } from '../message.ts';
import type { Quantity } from '../quantities.ts';
import { createTelling, type Telling } from '../telling.ts';

/**
 * Shelly, first generation: shellies/<id>/…, one bare value a topic. The id may hold slashes.
 * https://shelly-api-docs.shelly.cloud/gen1/#mqtt-support
 */
export const shellyGen1: MqttFamily = {
  id: 'shelly-gen1',
  matches: ({ levels }) => levels[0] === 'shellies' && levels.length >= 2,
  decode: (message, memory) => {
    const rest = message.levels.slice(1);
    if (rest.at(-1) === 'command' || rest[0] === 'command') return nothing('command', 'a command, not a state');
    if (rest.at(-1) === 'announce') return nothing('birth', 'an announcement of the device, not a reading');
    const [tail, device] = splitTail(rest);
    if (tail === null || device === '') return nothing('housekeeping', 'not a topic with readings');
    if (tail === 'info' || (tail === 'status' && message.object !== null)) return info(message, device, memory);
    if (message.problem === 'empty') return nothing('bad', 'empty');
    if (message.text === null) return nothing('bad', message.problem ?? 'not a text');
    return tell(message, tail, device, memory);
  },
};

const TAILS =
  /^(.+?)\/(online|info|temperature_f|temperature_status|temperature|overtemperature|voltage|sensor\/[a-z_]+|emeter\/\d+\/[a-z_]+|(?:relay|light|roller|meter)\/\d+\/[a-z_]+|relay\/(?:power|energy)|relay\/\d+|adc\/\d+|ext_(?:temperature|humidity)(?:_f)?\/\d+|input\/\d+|input_event\/\d+|longpush\/\d+|ext_(?:temperatures|humidities)|status|energy_meter)$/;

function splitTail(rest: readonly string[]): [tail: string | null, device: string] {
  const match = TAILS.exec(rest.join('/').slice(0, 500));
  return match === null ? [null, ''] : [match[2] ?? null, match[1] ?? ''];
}

const SENSOR: Readonly<Record<string, readonly [Quantity, 'number' | 'truth']>> = {
  temperature: ['temperature', 'number'],
  humidity: ['humidity', 'number'],
  battery: ['battery', 'number'],
  lux: ['illuminance', 'number'],
  concentration: ['gas_concentration', 'number'],
  flood: ['water_leak', 'truth'],
  smoke: ['smoke', 'truth'],
  motion: ['motion', 'truth'],
  vibration: ['vibration', 'truth'],
  state: ['door', 'truth'],
};

/** Energies of emeters count anew after a power cut, in watt-minutes; `total` is the lasting counter, in watt-hours. */
const METER: Readonly<Record<string, readonly [Quantity, RawUnit, point?: string]>> = {
  power: ['power', 'W'],
  voltage: ['voltage', 'V'],
  current: ['current', 'A'],
  pf: ['power_factor', ''],
  reactive_power: ['reactive_power', 'var'],
  energy: ['energy', 'Wmin', 'meter.{}.session.energy'],
  returned_energy: ['energy_returned', 'Wmin', 'meter.{}.returned.session.energy'],
  total: ['energy', 'Wh'],
  total_returned: ['energy_returned', 'Wh'],
};

function tell({ text }: MqttMessage, tail: string, device: string, memory: MqttMemory): FamilyAnswer {
  const [component = '', second = '', third = ''] = tail.split('/');
  const telling = createTelling(device);
  const degrees: RawUnit = memory.shellyFahrenheit.has(device) ? '°F' : '°C';
  if (component === 'online') {
    if (text !== 'true' && text !== 'false') return nothing('bad', 'neither true nor false');
    telling.availability(text === 'true');
    return telling.answer('availability');
  }
  if (component === 'sensor') return tellSensor(telling, second, text, degrees);
  if (component === 'temperature') telling.number('device_temperature', text, { unit: '°C' });
  else if (component === 'voltage') telling.number('voltage', text);
  else if (component === 'overtemperature') telling.truth('overtemperature', text);
  else if (component === 'ext_temperature')
    telling.number('temperature', text, { channel: second, numbered: true, unit: degrees });
  else if (component === 'ext_humidity') telling.number('humidity', text, { channel: second, numbered: true });
  else if (component === 'input') telling.truth('input', text, { channel: second, numbered: true });
  else if (['relay', 'light', 'roller', 'emeter', 'meter'].includes(component))
    tellMeter(telling, component, second, third, text);
  else if (component === 'temperature_f' || component.endsWith('_f'))
    return nothing('housekeeping', 'told in °C on its sister topic');
  const answer = telling.answer('reading');
  return answer.readings.length === 0 && answer.rejected === undefined
    ? nothing('event', 'not a reading of the room')
    : answer;
}

function tellSensor(telling: Telling, name: string, text: string | null, degrees: RawUnit): FamilyAnswer {
  const known = Object.hasOwn(SENSOR, name) ? SENSOR[name] : undefined;
  if (name === 'gas') {
    // none, mild, heavy; unknown and test say nothing of the air.
    if (text !== 'none' && text !== 'mild' && text !== 'heavy') return nothing('bad', 'no known word for gas');
    telling.truth('gas', text !== 'none');
  } else if (name === 'error' && text !== '0') telling.problem(`the sensor says error ${(text ?? '').slice(0, 40)}`);
  else if (known === undefined) return nothing('event', 'not a reading of the room');
  else if (known[1] === 'number') telling.number(known[0], text, known[0] === 'temperature' ? { unit: degrees } : {});
  else telling.truth(known[0], text);
  return telling.answer('reading');
}

function tellMeter(telling: Telling, component: string, index: string, key: string, text: string | null): void {
  const numbered = /^\d+$/.test(index);
  const [name, channel] = numbered ? [key, index] : [index, '0'];
  const at = { channel, numbered: true, as: `${component} ${name}` };
  if (name === '') {
    if (component === 'relay') telling.onOff('switch', text, at);
    return;
  }
  const known = Object.hasOwn(METER, name) ? METER[name] : undefined;
  if (known === undefined) return;
  const [quantity, unit, session] = known;
  // Plugs have no lasting counter beside it.
  const point = session === undefined || component !== 'emeter' ? {} : { point: session.replace('{}', channel) };
  telling.number(quantity, text, { ...at, unit, ...point });
}

/** The whole status as JSON, as battery devices send it when they wake. */
function info(message: MqttMessage, device: string, memory: MqttMemory): FamilyAnswer {
  const status = message.object;
  if (status === null) return nothing('bad', message.problem ?? 'not an object');
  const telling = createTelling(device);
  const tmp = objectAt(status, 'tmp');
  if (textAt(tmp, 'units') === 'F') memory.shellyFahrenheit.set(device, true);
  else if (tmp !== null) memory.shellyFahrenheit.delete(device);
  if (valid(status)) {
    telling.truth('water_leak', field(status, 'flood'));
    telling.truth('smoke', field(status, 'smoke'));
  }
  const sensor = objectAt(status, 'sensor');
  if (valid(sensor)) telling.truth('door', field(sensor, 'state'));
  const celsius = field(tmp, 'tC');
  if (valid(tmp)) {
    if (celsius !== undefined) telling.number('temperature', celsius, { unit: '°C' });
    else telling.number('temperature', field(tmp, 'value'), { unit: textAt(tmp, 'units') === 'F' ? '°F' : '°C' });
  }
  const hum = objectAt(status, 'hum');
  if (valid(hum)) telling.number('humidity', field(hum, 'value'));
  // Shelly Motion's own status: bare figures.
  telling.truth('motion', field(status, 'motion') ?? field(sensor, 'motion'));
  telling.truth('vibration', field(status, 'vibration') ?? field(sensor, 'vibration'));
  telling.number('illuminance', numberAt(status, 'lux') ?? undefined);
  telling.number('battery', numberAt(status, 'bat') ?? undefined);
  const lux = objectAt(status, 'lux');
  if (valid(lux)) telling.number('illuminance', field(lux, 'value'));
  telling.number('battery', field(objectAt(status, 'bat'), 'value'));
  telling.number('battery_voltage', field(objectAt(status, 'bat'), 'voltage'));
  telling.number('rssi', field(objectAt(status, 'wifi_sta'), 'rssi'));
  if (tmp === null) telling.number('device_temperature', numberAt(status, 'temperature') ?? undefined);
  tellMeters(telling, status);
  if (numberAt(status, 'sensor_error') !== null && numberAt(status, 'sensor_error') !== 0)
    telling.problem('the sensor says that it has an error');
  return telling.answer('reading');
}

const valid = (part: JsonObject | null): boolean => part !== null && field(part, 'is_valid') !== false;

function tellMeters(telling: Telling, status: JsonObject): void {
  for (const [index, one] of listAt(status, 'relays').slice(0, 16).entries())
    telling.onOff('switch', field(objectOf(one), 'ison'), { channel: String(index), numbered: true });
  const meters = listAt(status, 'emeters').length > 0 ? 'emeters' : 'meters';
  for (const [index, one] of listAt(status, meters).slice(0, 16).entries()) {
    const meter = objectOf(one);
    if (!valid(meter)) continue;
    const at = { channel: String(index), numbered: true };
    telling.number('power', field(meter, 'power'), at);
    telling.number('voltage', field(meter, 'voltage'), at);
    telling.number('current', field(meter, 'current'), at);
    telling.number('power_factor', field(meter, 'pf'), at);
    telling.number('energy', field(meter, 'total'), { ...at, unit: meters === 'emeters' ? 'Wh' : 'Wmin' });
  }
}
