import { hours } from '#core/time.ts';
import type { RawUnit } from '#core/units.ts';
import { type FamilyAnswer, type MqttFamily, nothing } from '../family.ts';
import { entriesOf, field, type JsonObject, textAt } from '../message.ts';
import type { Quantity } from '../quantities.ts';
import { createTelling, numberOf, type Telling } from '../telling.ts';
import { timeOf } from '../times.ts';

/**
 * rtl_433: rtl_433/<host>/events with one JSON object, or rtl_433/<host>/devices/<model>[/<channel>]/<id>/<key> with one value.
 * Keys carry their units: `temperature_C`. https://triq.org/rtl_433/DATA_FORMAT.html , /INTEGRATION.html
 */
export const rtl433: MqttFamily = {
  id: 'rtl_433',
  matches: ({ levels, object }) => {
    if (levels[0] === 'rtl_433') return levels.length >= 2;
    return (
      object !== null &&
      typeof field(object, 'model') === 'string' &&
      field(object, 'id') !== undefined &&
      Object.keys(object).some((key) => Object.hasOwn(KEYS, key) || key === 'battery_ok')
    );
  },
  decode: (message) => {
    const { levels, text } = message;
    const place = levels.indexOf('devices');
    if (levels[0] === 'rtl_433' && levels.at(-1) === 'availability') {
      if (text !== 'online' && text !== 'offline') return nothing('bad', 'neither online nor offline');
      const telling = createTelling(levels.slice(1, -1).join('/'));
      telling.availability(text === 'online', { gateway: true });
      return telling.answer('availability');
    }
    if (levels[0] === 'rtl_433' && levels.at(-1) === 'states')
      return nothing('housekeeping', 'about the receiver itself');
    if (place >= 0 && message.object === null) return single(levels.slice(place + 1), text);
    if (message.object === null) return nothing('bad', message.problem ?? 'not an object');
    return tellRtl433(message.object, null);
  },
};

const KEYS: Readonly<Record<string, readonly [Quantity, RawUnit?]>> = {
  temperature_C: ['temperature', '°C'],
  temperature_F: ['temperature', '°F'],
  humidity: ['humidity'],
  pressure_hPa: ['pressure', 'hPa'],
  pressure_kPa: ['pressure', 'kPa'],
  battery_V: ['battery_voltage', 'V'],
  battery_mV: ['battery_voltage', 'mV'],
  battery_pct: ['battery', '%'],
  co2_ppm: ['co2', 'ppm'],
  light_lux: ['illuminance', 'lx'],
  pm2_5_ug_m3: ['pm25'],
  pm10_ug_m3: ['pm10'],
  pm10_0_ug_m3: ['pm10'],
  moisture: ['soil_moisture'],
  power_W: ['power', 'W'],
  power0_W: ['power', 'W'],
  power1_W: ['power', 'W'],
  power2_W: ['power', 'W'],
  current_A: ['current', 'A'],
  voltage_V: ['voltage', 'V'],
  energy_kWh: ['energy', 'kWh'],
  frequency_Hz: ['frequency', 'Hz'],
  depth_cm: ['distance', 'cm'],
};
const TRUTHS: Readonly<Record<string, readonly [Quantity, inverted: boolean]>> = {
  detect_wet: ['water_leak', false],
  water: ['water_leak', false],
  leak: ['water_leak', false],
  leaking: ['water_leak', false],
  flood: ['water_leak', false],
  wet: ['water_leak', false],
  contact_open: ['door', false],
  reed_open: ['door', false],
  opened: ['door', false],
  closed: ['door', true],
  motion: ['motion', false],
  smoke: ['smoke', false],
  tamper: ['tamper', false],
  battery_low: ['battery_low', false],
};

/** A leak detector that tells water but never that it is dry: after so long without another word nothing is known. */
const WET_HOLDS = hours(1);

function tellKey(telling: Telling, key: string, raw: unknown): boolean {
  if (key === 'battery_ok') {
    // 1 is good, 0 low, between them a level (DATA_FORMAT.md).
    const level = numberOf(raw);
    if (level === null || level < 0 || level > 1) telling.problem(`battery_ok: not between 0 and 1`);
    else if (level === 0 || level === 1) telling.truth('battery_low', level === 0, { as: key });
    else telling.number('battery', level * 100, { as: key });
    return true;
  }
  const truth = Object.hasOwn(TRUTHS, key) ? TRUTHS[key] : undefined;
  if (truth !== undefined) {
    telling.truth(truth[0], raw, { as: key, inverted: truth[1] });
    return true;
  }
  const known = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
  const numbered = /^(temperature|humidity)_(\d)(?:_([CF]))?$/.exec(key);
  if (numbered !== null) {
    const unit = numbered[3] === 'F' ? '°F' : numbered[1] === 'humidity' ? '%' : '°C';
    telling.number(numbered[1] as 'temperature', raw, { channel: numbered[2] ?? null, numbered: true, unit });
    return true;
  }
  if (known === undefined) return false;
  telling.number(known[0], raw, { as: key, ...(known[1] === undefined ? {} : { unit: known[1] }) });
  return true;
}

/** One decoded transmission; the device is its model, channel and id, as rtl_433's own topics put them. */
export function tellRtl433(event: JsonObject, fromTopic: string | null): FamilyAnswer {
  const model = textAt(event, 'model');
  if (model === null) return nothing('bad', 'names no model');
  if (typeof field(event, 'mic') === 'string' && /fail/i.test(String(field(event, 'mic'))))
    return nothing('bad', 'its checksum failed');
  const parts = [model, field(event, 'subtype'), field(event, 'channel'), field(event, 'id')];
  const device = fromTopic ?? parts.filter((part) => part !== undefined && part !== null && part !== '').join('/');
  const telling = createTelling(device, timeOf(field(event, 'time')));
  let count = 0;
  for (const [key, raw] of entriesOf(event)) if (tellKey(telling, key, raw)) count++;
  count += tellEvent(telling, event);
  const answer = telling.answer('reading');
  return count === 0 && answer.rejected === undefined ? { ...answer, rejected: 'no known value' } : answer;
}

/** Detectors that speak in events: {"model": "Govee-Water", "event": "Water Leak"}. */
function tellEvent(telling: Telling, event: JsonObject): number {
  const word = textAt(event, 'event') ?? textAt(event, 'state');
  if (word === null) return 0;
  if (/leak|flood|wet/i.test(word)) telling.truth('water_leak', true, { holdsFor: WET_HOLDS });
  else if (/^(open|opened|close|closed)$/i.test(word)) telling.truth('door', word);
  else return 0;
  return 1;
}

function single(parts: readonly string[], text: string | null): FamilyAnswer {
  const key = parts.at(-1) ?? '';
  const telling = createTelling(parts.slice(0, -1).join('/'));
  if (text === null || text === '') return nothing('bad', 'empty');
  tellKey(telling, key, text);
  const answer = telling.answer('reading');
  return answer.readings.length === 0 && answer.rejected === undefined
    ? nothing('housekeeping', 'not a reading of the room')
    : answer;
}
