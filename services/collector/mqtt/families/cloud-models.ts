import { type FamilyAnswer, type MqttFamily, nothing } from '../family.ts';
import { readKey, tellByKey, tellQuantity } from '../keys.ts';
import { entriesOf, field, type JsonObject, listAt, objectAt, objectOf, textAt } from '../message.ts';
import { createTelling, type Telling } from '../telling.ts';
import { timeOf } from '../times.ts';

/**
 * Huawei IoTDA: $oc/devices/<id>/sys/properties/report with services; what a property means is in its name or in its service's.
 * https://support.huaweicloud.com/api-iothub/iot_06_v5_3010.html
 */
export const huaweiIotda: MqttFamily = {
  id: 'huawei-iotda',
  matches: ({ levels }) =>
    (levels[0] === '$oc' && levels[1] === 'devices') ||
    (levels[0] === '' && levels[1] === 'huawei' && levels[3] === 'devices'),
  decode: (message) => {
    const { levels, object } = message;
    const old = levels[1] === 'huawei';
    const device = (old ? levels[4] : levels[2]) ?? '';
    const rest = levels.slice(old ? 5 : 3).join('/');
    if (/\/(commands|properties\/(set|get)|messages\/down)|^command/.test(`/${rest}`) && !rest.includes('/report'))
      return nothing('command', 'a command or its answer, not a reading');
    const reports = old ? rest.startsWith('data') : /properties\/report$/.test(rest);
    if (!reports) return nothing('event', 'not a report of properties');
    if (object === null) return nothing('bad', message.problem ?? 'not an object');
    const telling = createTelling(device);
    tellServices(telling, [...listAt(object, 'services'), ...listAt(object, 'data')], device);
    // A gateway reports for the devices behind it.
    for (const one of listAt(object, 'devices')) {
      const sub = objectOf(one);
      tellServices(telling, listAt(sub, 'services'), textAt(sub, 'device_id') ?? device);
    }
    return orNothing(telling);
  },
};

const orNothing = (telling: Telling): FamilyAnswer => {
  const answer = telling.answer('reading');
  return answer.readings.length === 0 && answer.rejected === undefined ? nothing('bad', 'no known value') : answer;
};

function tellServices(telling: Telling, services: readonly unknown[], device: string): void {
  for (const one of services) {
    const service = objectOf(one);
    const id = textAt(service, 'service_id') ?? textAt(service, 'serviceId') ?? '';
    const measuredAt = timeOf(textAt(service, 'event_time') ?? textAt(service, 'eventTime'));
    const properties = objectAt(service, 'properties') ?? objectAt(service, 'serviceData');
    for (const [key, raw] of entriesOf(properties)) {
      if (typeof raw === 'object' && raw !== null) continue;
      const more = { device, measuredAt, as: `${id}.${key}` };
      if (tellByKey(telling, key, raw, more)) continue;
      const meant = /^value\d*$/i.test(key) ? readKey(id) : null;
      if (meant !== null) tellQuantity(telling, meant.quantity, raw, { ...more, channel: key, contact: meant.contact });
    }
  }
}

/**
 * Alibaba's alink: /sys/<product>/<device>/thing/event/property/post with params, each a bare value or one with its time.
 * https://help.aliyun.com/zh/iot/user-guide/device-properties-events-and-services
 */
export const alink: MqttFamily = {
  id: 'alink',
  matches: ({ levels }) => levels[0] === '' && (levels.includes('thing') || levels[1] === 'as') && levels.length >= 5,
  decode: (message) => {
    const { levels, object } = message;
    const place = levels.indexOf('thing');
    if (place < 0) return status(levels, object);
    const device = levels[place - 1] ?? '';
    const rest = levels.slice(place + 1).join('/');
    if (/_reply$/.test(rest)) return nothing('housekeeping', 'the platform’s answer, not a reading');
    if (/^service\//.test(rest)) return nothing('command', 'a service or a setting asked of the device');
    if (/^model\/up_raw/.test(rest))
      return nothing('reading', 'raw bytes: the platform’s script for this product would decode them');
    if (
      !/^event\/property\/(post|batch\/post|pack\/post|history\/post)$/.test(rest) &&
      !/^event\/property\/pack\/post$/.test(rest)
    )
      return nothing(rest.startsWith('event/') ? 'event' : 'housekeeping', 'not a report of properties');
    if (object === null) return nothing('bad', message.problem ?? 'not an object');
    const telling = createTelling(device);
    // After the platform's rules the same comes as items.
    const params = field(object, 'params') ?? field(object, 'items');
    for (const one of Array.isArray(params) ? params.slice(0, 100) : [params])
      tellParams(telling, objectOf(one), device);
    return orNothing(telling);
  },
};

/** /as/mqtt/status/<product>/<device>: the platform says who is online. */
function status(levels: readonly string[], object: JsonObject | null): FamilyAnswer {
  const word = textAt(object, 'status');
  if (levels[3] !== 'status' || (word !== 'online' && word !== 'offline'))
    return nothing('housekeeping', 'not a device’s message');
  const telling = createTelling(levels.at(-1) ?? '');
  telling.availability(word === 'online');
  return telling.answer('availability');
}

/** Plain, or packed by a gateway: {properties: {…}, subDevices: [{identity, properties}]}, or historical with identity. */
function tellParams(telling: Telling, params: JsonObject | null, device: string): void {
  const own = textAt(objectAt(params, 'identity'), 'deviceName') ?? device;
  const packed = field(params, 'properties');
  if (packed === undefined) {
    tellProperties(telling, params, own);
    return;
  }
  for (const one of Array.isArray(packed) ? packed.slice(0, 100) : [packed])
    tellProperties(telling, objectOf(one), own);
  for (const one of listAt(params, 'subDevices')) tellParams(telling, objectOf(one), device);
}

function tellProperties(telling: Telling, properties: JsonObject | null, device: string): void {
  for (const [key, raw] of entriesOf(properties)) {
    const wrapped = objectOf(raw);
    const list: unknown = Array.isArray(raw) ? raw.at(-1) : null;
    const holder = wrapped ?? objectOf(list);
    const value = holder === null ? raw : field(holder, 'value');
    if (typeof value === 'object' && value !== null) continue;
    tellByKey(telling, key.split(':').at(-1) ?? key, value, {
      device,
      as: key,
      measuredAt: timeOf(field(holder, 'time')),
    });
  }
}
