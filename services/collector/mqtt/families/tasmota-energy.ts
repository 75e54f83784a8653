import type { RawUnit } from '#core/units.ts';
import { entriesOf, field, type JsonObject, objectOf } from '../message.ts';
import type { Quantity } from '../quantities.ts';
import type { Telling } from '../telling.ts';

/** Tasmota's ENERGY: plain numbers on one phase, lists or objects by phase on several; what is shared stays plain. */
const KEYS: readonly (readonly [key: string, quantity: Quantity, unit?: RawUnit])[] = [
  ['Power', 'power'],
  ['ApparentPower', 'apparent_power'],
  ['ReactivePower', 'reactive_power'],
  ['Factor', 'power_factor'],
  ['Frequency', 'frequency'],
  ['Voltage', 'voltage'],
  ['Current', 'current'],
  ['Total', 'energy', 'kWh'],
  ['ExportActive', 'energy_returned', 'kWh'],
];

export function tellEnergy(telling: Telling, energy: JsonObject, temperatureUnit: RawUnit): void {
  for (const [key, quantity, unit] of KEYS) {
    const more = { as: `ENERGY.${key}`, ...(unit === undefined ? {} : { unit }) };
    const raw = field(energy, key);
    if (Array.isArray(raw)) {
      for (const [index, one] of raw.slice(0, 16).entries())
        telling.number(quantity, one, { ...more, channel: String(index), numbered: true });
    } else if (objectOf(raw) !== null) {
      for (const [phase, one] of entriesOf(objectOf(raw)).slice(0, 16))
        telling.number(quantity, one, { ...more, channel: phase, numbered: true });
    } else if (raw !== undefined) telling.number(quantity, raw, more);
  }
  telling.number('device_temperature', field(energy, 'Temperature'), {
    unit: temperatureUnit,
    as: 'ENERGY.Temperature',
  });
  // The meter's chip, not the room.
  for (const [key, value] of entriesOf(energy)) {
    const chip = objectOf(value);
    if (chip === null || KEYS.some(([known]) => known === key)) continue;
    telling.number('device_temperature', field(chip, 'Temperature'), {
      unit: temperatureUnit,
      as: `${key}.Temperature`,
    });
  }
}
