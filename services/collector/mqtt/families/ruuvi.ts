import { type FamilyAnswer, type MqttFamily, nothing } from '../family.ts';
import { field, type JsonObject, textAt } from '../message.ts';
import { createTelling, type Telling } from '../telling.ts';
import { timeOf } from '../times.ts';

/**
 * Ruuvi Gateway: ruuvi/<gateway>/<tag> with the raw advertisement in hexadecimal. https://docs.ruuvi.com/communication/bluetooth-advertisements
 */
export const ruuvi: MqttFamily = {
  id: 'ruuvi-gateway',
  matches: ({ levels, object }) =>
    (levels[0] === 'ruuvi' && levels.length >= 3) || (textAt(object, 'gw_mac') !== null && levels.length >= 2),
  decode: (message) => {
    const { levels, object } = message;
    const last = levels.at(-1) ?? '';
    if (last === 'gw_status') {
      const word = textAt(object, 'state') ?? message.text;
      if (word !== 'online' && word !== 'offline') return nothing('bad', 'neither online nor offline');
      const telling = createTelling(levels.at(-2) ?? '');
      telling.availability(word === 'online', { gateway: true });
      return telling.answer('availability');
    }
    if (object === null) return nothing('bad', message.problem ?? 'not an object');
    return tagged(object, last);
  },
};

function tagged(object: JsonObject, device: string): FamilyAnswer {
  const hex = textAt(object, 'data') ?? '';
  if (!/^([0-9a-fA-F]{2}){2,255}$/.test(hex)) return nothing('bad', 'no advertisement in hexadecimal');
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const data = ruuviData(bytes);
  if (data === null) return nothing('bad', 'an advertisement of another maker, not of a Ruuvi sensor');
  const telling = createTelling(device, timeOf(Number(field(object, 'ts'))));
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const format = data[0];
  if (format === 5 && data.length >= 24) format5(telling, view);
  else if (format === 3 && data.length >= 14) format3(telling, view);
  else if (format === 6 && data.length >= 20) format6(telling, view);
  else return nothing('bad', `Ruuvi's data format ${format} of this length is not known`);
  telling.number('rssi', field(object, 'rssi'), { as: 'rssi' });
  return telling.answer('reading');
}

/** What follows the maker's number 0x0499 in the field for makers (type 0xFF). */
function ruuviData(bytes: Uint8Array): Uint8Array | null {
  for (let at = 0; at + 1 < bytes.length; ) {
    const length = bytes[at] ?? 0;
    if (length === 0 || at + 1 + length > bytes.length) return null;
    if (bytes[at + 1] === 0xff && bytes[at + 2] === 0x99 && bytes[at + 3] === 0x04)
      return bytes.subarray(at + 4, at + 1 + length);
    at += 1 + length;
  }
  return null;
}

const unless = (value: number, invalid: number, factor: number): number | null =>
  value === invalid ? null : Math.round(value * factor * 1e6) / 1e6;

/** RAWv2: the values for "not available" are the format's own. */
function format5(telling: Telling, view: DataView): void {
  telling.number('temperature', unless(view.getInt16(1), -32768, 0.005));
  telling.number('humidity', unless(view.getUint16(3), 65535, 0.0025));
  const pressure = view.getUint16(5);
  telling.number('pressure', pressure === 65535 ? null : pressure + 50_000, { unit: 'Pa' });
  const power = view.getUint16(13) >> 5;
  telling.number('battery_voltage', power === 2047 ? null : 1600 + power, { unit: 'mV' });
}

/** RAWv1: whole degrees with a sign bit, hundredths behind. */
function format3(telling: Telling, view: DataView): void {
  const whole = view.getUint8(2);
  const size = (whole & 0x7f) + view.getUint8(3) / 100;
  telling.number('temperature', Math.round((whole & 0x80 ? -size : size) * 100) / 100);
  telling.number('humidity', view.getUint8(1) * 0.5);
  telling.number('pressure', view.getUint16(4) + 50_000, { unit: 'Pa' });
  telling.number('battery_voltage', view.getUint16(12), { unit: 'mV' });
}

/** The air-quality sensor's short format. */
function format6(telling: Telling, view: DataView): void {
  telling.number('temperature', unless(view.getInt16(1), -32768, 0.005));
  telling.number('humidity', unless(view.getUint16(3), 65535, 0.0025));
  const pressure = view.getUint16(5);
  telling.number('pressure', pressure === 65535 ? null : pressure + 50_000, { unit: 'Pa' });
  telling.number('pm25', unless(view.getUint16(7), 65535, 0.1));
  telling.number('co2', unless(view.getUint16(9), 65535, 1));
}
