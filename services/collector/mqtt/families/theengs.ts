import { type FamilyAnswer, type MqttFamily, nothing } from '../family.ts';
import { field, type JsonObject, type MqttMessage, numberAt, textAt } from '../message.ts';
import type { Quantity } from '../quantities.ts';
import { createTelling, type Telling } from '../telling.ts';
import { tellRtl433 } from './rtl433.ts';

/**
 * OpenMQTTGateway and Theengs Gateway: <base>/<gateway>/BTtoMQTT/<MAC>, one advertisement each, maybe with a part of the values
 * only. https://docs.openmqttgateway.com/ , https://decoder.theengs.io/devices/devices.html
 */
export const theengs: MqttFamily = {
  id: 'openmqttgateway',
  matches: ({ levels, text }) => {
    if (
      levels.some(
        (level, index) => index > 0 && (level === 'BTtoMQTT' || level === 'RTL_433toMQTT' || level === 'SYStoMQTT'),
      )
    )
      return true;
    if (levels.includes('commands') && levels.some((level) => level.startsWith('MQTTto'))) return true;
    return levels.length === 3 && levels[2] === 'LWT' && (text === 'online' || text === 'offline');
  },
  decode: (message) => {
    const { levels, text } = message;
    if (levels.includes('commands')) return nothing('command', 'a command, not a state');
    if (levels.at(-1) === 'LWT') {
      const telling = createTelling(levels.at(-2) ?? '');
      telling.availability(text === 'online', { gateway: true });
      return telling.answer('availability');
    }
    if (levels.includes('SYStoMQTT')) return nothing('housekeeping', 'about the gateway itself, not a reading');
    if (message.object === null) return nothing('bad', message.problem ?? 'not an object');
    const radio = levels.indexOf('RTL_433toMQTT');
    if (radio >= 0) return tellRtl433(message.object, levels.slice(radio + 1).join('/'));
    const place = levels.indexOf('BTtoMQTT');
    return advertisement(message, message.object, levels.slice(place + 1).join('/'));
  },
};

const NUMBERS: Readonly<Record<string, Quantity>> = {
  tempc: 'temperature',
  hum: 'humidity',
  batt: 'battery',
  volt: 'battery_voltage',
  pres: 'pressure',
  lux: 'illuminance',
  moi: 'soil_moisture',
  co2: 'co2',
  tvoc: 'tvoc',
  pm25: 'pm25',
  pm10: 'pm10',
  current: 'current',
  power: 'power',
  energy: 'energy',
};
const TRUTHS: Readonly<Record<string, Quantity>> = {
  open: 'door',
  leak: 'water_leak',
  water_leak: 'water_leak',
  smoke: 'smoke',
  motion: 'motion',
  presence: 'motion',
  vibration: 'vibration',
  tamper: 'tamper',
  batt_low: 'battery_low',
  low_batt: 'battery_low',
};

function advertisement(message: MqttMessage, advert: JsonObject, fromTopic: string): FamilyAnswer {
  const address = textAt(advert, 'mac') ?? textAt(advert, 'id') ?? fromTopic;
  const device = fromTopic === '' ? address.replaceAll(':', '') : fromTopic;
  const telling = createTelling(device);
  tellValues(telling, advert);
  const sensed = !telling.empty;
  const rejected = telling.answer('reading').rejected;
  if (!sensed && rejected === undefined && isStranger(message, advert, address))
    return nothing('bad', 'an advertisement of no known sensor: a phone or a beacon that passes by');
  telling.number('rssi', field(advert, 'rssi'), { as: 'rssi' });
  const answer = telling.answer('reading');
  return sensed || answer.rejected !== undefined ? answer : { ...answer, rejected: 'the advertisement is not decoded' };
}

function tellValues(telling: Telling, advert: JsonObject): void {
  for (const [key, quantity] of Object.entries(NUMBERS))
    if (field(advert, key) !== undefined) telling.number(quantity, field(advert, key), { as: key });
  // The same temperature twice, in two units.
  if (field(advert, 'tempc') === undefined && field(advert, 'tempf') !== undefined)
    telling.number('temperature', field(advert, 'tempf'), { as: 'tempf', unit: '°F' });
  for (const probe of ['2', '3', '4', '5', '6'])
    if (field(advert, `tempc${probe}`) !== undefined)
      telling.number('temperature', field(advert, `tempc${probe}`), { channel: probe, numbered: true });
  for (const [key, quantity] of Object.entries(TRUTHS))
    if (field(advert, key) !== undefined) telling.truth(quantity, field(advert, key), { as: key });
}

/**
 * Phones change their address every quarter of an hour: a resolvable private address begins with the bits 01 (Bluetooth Core
 * 5.4, volume 6, part B, 1.3.2.2). Such a one without a known model is nobody's sensor.
 */
function isStranger(_message: MqttMessage, advert: JsonObject, address: string): boolean {
  if (textAt(advert, 'model_id') !== null || textAt(advert, 'brand') !== null) return false;
  if (numberAt(advert, 'mac_type') === 0) return false;
  const first = Number.parseInt(address.slice(0, 2), 16);
  return Number.isNaN(first) || first >> 6 === 1 || numberAt(advert, 'mac_type') === 1;
}
