import type { RawUnit } from '#core/units.ts';
import { type FamilyAnswer, type MqttFamily, nothing } from '../family.ts';
import { field } from '../message.ts';
import type { Quantity } from '../quantities.ts';
import { createTelling, type TellOptions } from '../telling.ts';

/**
 * Victron Venus OS: N/<portal>/<service>/<instance>/<D-Bus path> with {"value": …}; null means that the device is gone or does not
 * measure it. R/ and W/ are requests. https://github.com/victronenergy/dbus-flashmq , venus wiki: dbus
 */
export const victron: MqttFamily = {
  id: 'victron-venus',
  matches: ({ levels }) =>
    (levels[0] === 'N' && levels.length >= 3) ||
    ((levels[0] === 'R' || levels[0] === 'W') && levels.length >= 3 && /^[0-9a-f]{6,16}$/i.test(levels[1] ?? '')),
  decode: (message) => {
    const [root, portal = '', service = '', instance = '', ...path] = message.levels;
    if (root !== 'N') return nothing('command', 'a request, not a state');
    if (instance === '' || path.length === 0) return nothing('housekeeping', 'about the gateway itself, not a reading');
    if (message.problem === 'empty') return { ...nothing('availability', 'empty: the service is gone'), cleared: true };
    if (message.object === null) return nothing('bad', message.problem ?? 'not an object');
    return tell(`${portal}/${service}/${instance}`, service, path.join('/'), field(message.object, 'value'));
  },
};

type Rule = readonly [path: RegExp, quantity: Quantity, unit?: RawUnit];

/** Grid meters, generators and the like speak of what comes in; `L1` is the phase. */
const METERS: readonly Rule[] = [
  [/^Ac\/(L\d)\/Power$/, 'power'],
  [/^Ac\/(L\d)\/Voltage$/, 'voltage'],
  [/^Ac\/(L\d)\/Current$/, 'current'],
  [/^Ac\/(L\d)\/PowerFactor$/, 'power_factor'],
  [/^Ac\/(L\d)\/Energy\/Forward$/, 'energy', 'kWh'],
  [/^Ac\/(L\d)\/Energy\/Reverse$/, 'energy_returned', 'kWh'],
  [/^Ac\/Power$/, 'power'],
  [/^Ac\/Voltage$/, 'voltage'],
  [/^Ac\/Current$/, 'current'],
  [/^Ac\/Frequency$/, 'frequency'],
  [/^Ac\/PowerFactor$/, 'power_factor'],
  [/^Ac\/Energy\/Forward$/, 'energy', 'kWh'],
  [/^Ac\/Energy\/Reverse$/, 'energy_returned', 'kWh'],
];
const BATTERY: readonly Rule[] = [
  [/^Dc\/(?:0|Battery)\/Voltage$/, 'battery_pack_voltage'],
  [/^Dc\/(?:0|Battery)\/Current$/, 'battery_current'],
  [/^Dc\/(?:0|Battery)\/Power$/, 'battery_power'],
  [/^Dc\/(?:0|Battery)\/Temperature$/, 'battery_temperature'],
  [/^(?:Dc\/Battery\/)?Soc$/, 'battery_charge'],
  [/^(?:Dc\/Battery\/)?TimeToGo$/, 'battery_runtime'],
  [/^Dc\/(1)\/Voltage$/, 'dc_voltage'],
];
const INVERTER: readonly Rule[] = [
  [/^Ac\/ActiveIn\/(L\d)\/V$/, 'voltage'],
  [/^Ac\/ActiveIn\/(L\d)\/I$/, 'current'],
  [/^Ac\/ActiveIn\/(L\d)\/P$/, 'power'],
  [/^Ac\/ActiveIn\/(L\d)\/F$/, 'frequency'],
  [/^Ac\/ActiveIn\/P$/, 'power'],
  [/^Ac\/Out\/(L\d)\/V$/, 'output_voltage'],
  [/^Ac\/Out\/(L\d)\/I$/, 'output_current'],
  [/^Ac\/Out\/(L\d)\/P$/, 'output_power'],
  [/^Ac\/Out\/(L\d)\/F$/, 'output_frequency'],
  [/^Ac\/Out\/P$/, 'output_power'],
  ...BATTERY,
];
const RULES: Readonly<Record<string, readonly Rule[]>> = {
  grid: METERS,
  genset: METERS,
  acload: METERS,
  pvinverter: METERS,
  heatpump: METERS,
  evcharger: METERS,
  battery: BATTERY,
  vebus: INVERTER,
  inverter: INVERTER,
  multi: INVERTER,
  acsystem: INVERTER,
  system: [
    [/^Ac\/Grid\/(L\d)\/Power$/, 'power'],
    [/^Ac\/Grid\/(L\d)\/Current$/, 'current'],
    [/^Ac\/Consumption\/(L\d)\/Power$/, 'output_power'],
    [/^Ac\/Consumption\/(L\d)\/Current$/, 'output_current'],
    [/^Dc\/Pv\/Power$/, 'pv_power'],
    [/^Dc\/Pv\/Current$/, 'pv_current'],
    [/^Dc\/System\/Power$/, 'dc_power'],
    ...BATTERY,
  ],
  solarcharger: [
    [/^Pv\/V$/, 'pv_voltage'],
    [/^Pv\/(\d)\/V$/, 'pv_voltage'],
    [/^Pv\/(\d)\/P$/, 'pv_power'],
    [/^Yield\/Power$/, 'pv_power'],
    ...BATTERY,
  ],
  charger: BATTERY,
  alternator: BATTERY,
  dcload: [
    [/^Dc\/0\/Voltage$/, 'dc_voltage'],
    [/^Dc\/0\/Current$/, 'dc_current'],
    [/^Dc\/0\/Power$/, 'dc_power'],
  ],
  temperature: [
    [/^Temperature$/, 'temperature'],
    [/^Humidity$/, 'humidity'],
    [/^Pressure$/, 'pressure', 'hPa'],
    [/^BatteryVoltage$/, 'battery_voltage'],
  ],
  tank: [
    [/^Level$/, 'level'],
    [/^Temperature$/, 'temperature'],
    [/^BatteryVoltage$/, 'battery_voltage'],
  ],
};

function tell(device: string, service: string, path: string, raw: unknown): FamilyAnswer {
  const telling = createTelling(device);
  if (path === 'Connected') {
    if (raw !== 0 && raw !== 1) return nothing('bad', 'neither 0 nor 1');
    telling.availability(raw === 1);
    return telling.answer('availability');
  }
  if (service === 'digitalinput') return digital(device, path, raw);
  const rules = Object.hasOwn(RULES, service) ? (RULES[service] ?? []) : [];
  for (const [pattern, quantity, unit] of rules) {
    const match = pattern.exec(path);
    if (match === null) continue;
    if (Array.isArray(raw)) return nothing('bad', 'no value');
    const at: TellOptions = match[1] === undefined ? {} : { channel: match[1], numbered: true };
    telling.number(quantity, raw, { ...at, as: path, ...(unit === undefined ? {} : { unit }) });
    return telling.answer('reading');
  }
  return nothing('housekeeping', 'a setting or a state without a point of ours');
}

/** Digital inputs know what they are for: 2 open/closed door, 4 leak … (venus wiki, digitalinput /State). */
const DIGITAL: Readonly<Record<number, readonly [Quantity, boolean]>> = {
  0: ['input', false],
  1: ['input', true],
  2: ['input', false],
  3: ['input', true],
  6: ['door', true],
  7: ['door', false],
  8: ['fault', false],
  9: ['fault', true],
};

function digital(device: string, path: string, raw: unknown): FamilyAnswer {
  if (path !== 'State') return nothing('housekeeping', 'a setting or a state without a point of ours');
  const telling = createTelling(device);
  const known = typeof raw === 'number' ? DIGITAL[raw] : undefined;
  if (known === undefined) telling.number('temperature', raw === null ? null : 'unknown', { as: 'State' });
  else
    telling.truth(
      known[0],
      known[1],
      known[0] === 'input' ? { channel: device.split('/').at(-1) ?? '0', numbered: true } : {},
    );
  return telling.answer('reading');
}
