import { type FamilyAnswer, type MqttFamily, nothing } from '../family.ts';
import { tellObject } from '../keys.ts';
import { field, type JsonObject, listAt, type MqttMessage, numberAt, objectAt, objectOf, textAt } from '../message.ts';
import { createTelling, type Telling } from '../telling.ts';
import { timeOf } from '../times.ts';

/**
 * ChirpStack, versions 3 and 4: application/<id>/device/<devEUI>/event/<type>. The codec decides the shape of `object`.
 * https://www.chirpstack.io/docs/chirpstack/integrations/events.html
 */
export const chirpstack: MqttFamily = {
  id: 'chirpstack',
  matches: ({ levels }) =>
    levels[0] === 'application' &&
    levels[2] === 'device' &&
    (levels[4] === 'event' || levels[4] === 'command' || levels.length === 5),
  decode: (message) => {
    const { levels } = message;
    const device = levels[3] ?? '';
    // Before version 3.11 the type stood right behind the device: …/device/<devEUI>/rx.
    const type = levels[4] === 'event' ? levels[5] : levels[4];
    if (type === 'command') return nothing('command', 'a downlink, not a reading');
    if (type === 'join') return nothing('birth', 'the device has joined, not a reading');
    if (type !== 'up' && type !== 'rx' && type !== 'status') return nothing('event', `${type ?? 'this'} is no reading`);
    if (message.object === null) return nothing('bad', message.problem ?? 'not an object');
    const telling = createTelling(
      device,
      timeOf(textAt(message.object, 'time') ?? field(message.object, 'publishedAt')),
    );
    if (type === 'status') return status(telling, message.object);
    return uplink(
      telling,
      objectOf(field(message.object, 'object')) ?? jsonOf(field(message.object, 'objectJSON')),
      message.object,
      'rxInfo',
    );
  },
};

/** Version 3 may carry the decoded object as a text. */
function jsonOf(raw: unknown): JsonObject | null {
  if (typeof raw !== 'string' || raw.length > 100_000) return null;
  try {
    return objectOf(JSON.parse(raw));
  } catch {
    return null;
  }
}

function status(telling: Telling, message: JsonObject): FamilyAnswer {
  if (field(message, 'batteryLevelUnavailable') === true || field(message, 'externalPowerSource') === true)
    return nothing('event', 'no battery level: fed from outside or not known');
  telling.number('battery', field(message, 'batteryLevel'), { as: 'batteryLevel' });
  return telling.answer('reading');
}

/**
 * Some meters' codecs give milliamperes under `current`. Power is never less than a hundredth of voltage times current of a load
 * that draws any: where it is, they are.
 */
function inAmperes(object: JsonObject): JsonObject {
  const [voltage, current] = [numberAt(object, 'voltage'), numberAt(object, 'current')];
  const power = numberAt(object, 'active_power') ?? numberAt(object, 'power');
  if (voltage === null || current === null || power === null || power <= 0) return object;
  if (voltage < 80 || voltage * current < 100 * power) return object;
  return { ...object, current: current / 1000 };
}

const NOTHING_TO_SKIP: ReadonlySet<string> = new Set();

function uplink(telling: Telling, object: JsonObject | null, whole: JsonObject, receivers: string): FamilyAnswer {
  const understood = object === null ? 0 : tellObject(telling, inAmperes(object), NOTHING_TO_SKIP);
  // The best reception of all gateways.
  const levels = listAt(whole, receivers).flatMap((one) => numberAt(objectOf(one), 'rssi') ?? []);
  if (levels.length > 0) telling.number('rssi', Math.max(...levels), { as: 'rssi' });
  const answer = telling.answer('reading');
  if (understood > 0 || answer.rejected !== undefined) return answer;
  const reason =
    object === null
      ? 'the payload is not decoded: the network server needs a codec for this device'
      : 'no known value in the decoded payload';
  return { ...answer, rejected: reason };
}

/**
 * The Things Stack, version 3: v3/<application>[@<tenant>]/devices/<device>/<type>.
 * https://www.thethingsindustries.com/docs/integrations/data-formats/
 */
export const thingsStack: MqttFamily = {
  id: 'the-things-stack',
  matches: ({ levels }) => levels[0] === 'v3' && levels[2] === 'devices' && levels.length >= 5,
  decode: (message) => {
    const type = message.levels.slice(4).join('/');
    if (type.startsWith('down/'))
      return /^down\/(push|replace)$/.test(type)
        ? nothing('command', 'a downlink, not a reading')
        : nothing('event', 'about a downlink, not a reading');
    if (type === 'join') return nothing('birth', 'the device has joined, not a reading');
    if (type !== 'up') return nothing('event', 'not an uplink');
    if (message.object === null) return nothing('bad', message.problem ?? 'not an object');
    return thingsUplink(message, message.object);
  },
};

function thingsUplink(message: MqttMessage, whole: JsonObject): FamilyAnswer {
  const up = objectAt(whole, 'uplink_message');
  if (up === null) return nothing('event', 'not an uplink');
  const device = textAt(objectAt(whole, 'end_device_ids'), 'device_id') ?? message.levels[3] ?? '';
  const at = timeOf(field(up, 'received_at')) ?? timeOf(field(whole, 'received_at'));
  const telling = createTelling(device, at);
  const object = objectAt(up, 'decoded_payload') ?? normalized(up);
  const answer = uplink(telling, object, up, 'rx_metadata');
  if (answer.readings.some(({ quantity }) => quantity === 'battery')) return answer;
  const battery = numberAt(objectAt(up, 'last_battery_percentage'), 'value');
  if (battery === null) return answer;
  const more = createTelling(device, timeOf(field(objectAt(up, 'last_battery_percentage'), 'received_at')) ?? at);
  more.number('battery', battery);
  return { ...answer, readings: [...answer.readings, ...more.answer('reading').readings] };
}

/** [{"air": {"temperature": 21.5, "relativeHumidity": 50}, "battery": 3.6}]: the parts of measurements, merged; batteries in volts. */
function normalized(up: JsonObject): JsonObject | null {
  const merged: Record<string, unknown> = {};
  for (const one of listAt(up, 'normalized_payload')) {
    const part = objectOf(one);
    Object.assign(merged, objectAt(part, 'air'));
    const leak = field(objectAt(part, 'water'), 'leak');
    const contact = field(objectAt(part, 'action'), 'contactState');
    const motion = field(objectAt(objectAt(part, 'action'), 'motion'), 'detected');
    const battery = numberAt(part, 'battery');
    if (leak !== undefined) merged.water_leak = leak;
    if (contact !== undefined) merged.contact = contact;
    if (motion !== undefined) merged.motion = motion;
    if (battery !== null) merged.battery_voltage = battery;
  }
  return Object.keys(merged).length === 0 ? null : merged;
}
