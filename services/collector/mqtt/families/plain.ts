import { type FamilyAnswer, type MqttFamily, nothing } from '../family.ts';
import { readKey, tellObject, tellQuantity, understands } from '../keys.ts';
import { unitNamed } from '../memory.ts';
import { field, type JsonObject, type MqttMessage, textAt } from '../message.ts';
import { createTelling, numberOf } from '../telling.ts';
import { timeOf } from '../times.ts';

/**
 * No convention: one value on a topic whose last level says what it is, `dht/livingroom/TEMPERATURE`, or a gateway's JSON with
 * keys that say it. What could be anything is refused.
 */
export const singleValue: MqttFamily = {
  id: 'single-value',
  matches: (message) => {
    if (message.levels.length < 2 || readKey(message.levels.at(-1) ?? '') === null) return false;
    return message.object === null ? isBare(message) : field(message.object, 'value') !== undefined;
  },
  decode: (message) => {
    const { levels, object } = message;
    const last = levels.at(-1) ?? '';
    const key = readKey(last);
    if (key === null) return nothing('bad', 'not a quantity');
    if (message.problem === 'empty') return nothing('bad', 'empty');
    const telling = createTelling(deviceOf(levels.slice(0, -1)), timeOf(field(object, 'time') ?? field(object, 'ts')));
    const raw = object === null ? message.text : field(object, 'value');
    const unit = unitNamed(textAt(object, 'unit') ?? '') ?? key.unit;
    const isRoomAir = key.quantity === 'temperature' && unit === null;
    const number = numberOf(raw);
    // In °C it would be an oven, in °F a warm room: whoever installed it has to say. Guessing could hide a fire.
    if (isRoomAir && number !== null && number > HOTTEST_ROOM && object !== null)
      return nothing('bad', `${number} without a unit: °C or °F must be said in a profile`);
    tellQuantity(telling, key.quantity, raw, {
      channel: key.channel,
      numbered: key.channel !== null,
      contact: key.contact,
      as: last,
      ...(unit === null ? {} : { unit }),
    });
    return telling.answer('reading');
  },
};

const HOTTEST_ROOM = 60;

/** A number, a truth or a word for none: a sentence on a topic called `battery` is nobody's reading. */
function isBare({ text, problem }: MqttMessage): boolean {
  return problem === 'empty' || (text !== null && text.length <= 40 && !/\s\S+\s/.test(text));
}

/** Levels that say nothing of who speaks. */
const GENERIC =
  /^(data|telemetry|state|status|up|uplink|report|json|values?|sensors?|attributes|properties|post|event|events|message|msg|payload|readings?|measurements?|endpoint_\d+|sensor_multilevel|sensor_binary|meter|notification|\d{1,2})$/i;

/** `dht/livingroom` is `livingroom`: the first level is the gateway's or the house's, unless it is all there is. */
function deviceOf(levels: readonly string[]): string {
  const left = levels.filter((level, index) => level !== '' && (index === 0 || !GENERIC.test(level)));
  return (left.length > 1 ? left.slice(1) : left).join('/') || 'device';
}

/** Keys that name whose message it is. */
const OWN_NAMES = [
  'deviceId',
  'device_id',
  'deviceid',
  'devId',
  'dev_id',
  'sn',
  'SN',
  'deviceName',
  'device',
  'device_name',
  'clientId',
  'imei',
];

export const plainJson: MqttFamily = {
  id: 'plain-json',
  matches: ({ object, levels }) => {
    if (object === null || levels.some((level) => /^(set|get|cmd|command|commands|config|control)$/i.test(level)))
      return false;
    const values = holderOf(object);
    const count = understands(values);
    // One key alone may mean anything; on a topic of sensors it means what it says.
    return (
      count >= 2 ||
      (count === 1 && levels.some((level) => /^(sensors?|telemetry|dht\d*|climate|environment)$/i.test(level)))
    );
  },
  decode: ({ object, levels }) => {
    if (object === null) return nothing('bad', 'not an object');
    const own = OWN_NAMES.map((key) => field(object, key)).find((name) => typeof name === 'string' && name !== '');
    const device = typeof own === 'string' ? own.slice(0, 100) : deviceOf(levels);
    const at = ['time', 'timestamp', 'ts', 'datetime', 'reportTime']
      .map((key) => timeOf(field(object, key)))
      .find((time) => time !== null);
    const telling = createTelling(device, at ?? null);
    tellObject(telling, holderOf(object), SKIP);
    return finish(telling.answer('reading'));
  },
};

const SKIP: ReadonlySet<string> = new Set(['t', 'time', 'ts', 'timestamp', 'id', 'temp_id']);

const finish = (answer: FamilyAnswer): FamilyAnswer =>
  answer.readings.length === 0 && answer.rejected === undefined ? nothing('bad', 'no known value') : answer;

/** `{"data": {…}}`, `{"params": {…}}`: where the values are. */
function holderOf(object: JsonObject): JsonObject {
  if (understands(object) > 0) return object;
  for (const key of ['data', 'params', 'values', 'properties', 'payload', 'reported', 'd']) {
    const inner = field(object, key);
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) return inner as JsonObject;
  }
  return object;
}
