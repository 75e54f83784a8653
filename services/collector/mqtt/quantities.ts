import type { RawUnit } from '#core/units.ts';

/**
 * The words for what devices tell over MQTT, each with the point of ours that it becomes. `{}` is the channel: a phase, a
 * probe, an index; without one, the plain name is taken.
 */
interface QuantityDefinition {
  readonly plain: string;
  readonly channelled: string;
  /** What a bare number of it is in, where the sender does not say. */
  readonly unit: RawUnit;
}

const define = (plain: string, channelled: string, unit: RawUnit = ''): QuantityDefinition => ({
  plain,
  channelled,
  unit,
});

export const QUANTITIES = {
  temperature: define('ambient.temperature', 'ambient.{}.temperature', '°C'),
  humidity: define('ambient.humidity', 'ambient.{}.humidity', '%'),
  pressure: define('ambient.pressure', 'ambient.{}.pressure', 'hPa'),
  dew_point: define('ambient.dewpoint', 'ambient.{}.dewpoint', '°C'),
  illuminance: define('ambient.illuminance', 'ambient.{}.illuminance', 'lx'),
  co2: define('ambient.co2.concentration', 'ambient.{}.co2.concentration', 'ppm'),
  co2_equivalent: define('ambient.eco2.concentration', 'ambient.{}.eco2.concentration', 'ppm'),
  tvoc: define('ambient.tvoc.concentration', 'ambient.{}.tvoc.concentration', 'ppb'),
  gas_concentration: define('ambient.gas.concentration', 'ambient.{}.gas.concentration', 'ppm'),
  pm1: define('ambient.pm1.number', 'ambient.{}.pm1.number'),
  pm25: define('ambient.pm25.number', 'ambient.{}.pm25.number'),
  pm10: define('ambient.pm10.number', 'ambient.{}.pm10.number'),
  noise: define('ambient.soundlevel', 'ambient.{}.soundlevel', 'dB'),
  soil_moisture: define('sensor.soil.percent', 'sensor.{}.soil.percent', '%'),
  distance: define('sensor.distance', 'sensor.{}.distance', 'mm'),
  level: define('sensor.level', 'sensor.{}.level', '%'),
  battery: define('sensor.battery', 'battery.{}.charge', '%'),
  battery_low: define('sensor.battery.low', 'battery.{}.low.alarm'),
  battery_voltage: define('sensor.voltage', 'sensor.{}.voltage', 'V'),
  linkquality: define('sensor.linkquality', 'sensor.{}.linkquality.number'),
  rssi: define('sensor.rssi', 'sensor.{}.rssi', 'dBm'),
  voltage: define('input.voltage', 'input.{}.voltage', 'V'),
  current: define('input.current', 'input.{}.current', 'A'),
  power: define('input.realpower', 'input.{}.realpower', 'W'),
  apparent_power: define('input.power', 'input.{}.power', 'VA'),
  reactive_power: define('input.reactivepower', 'input.{}.reactivepower', 'var'),
  power_factor: define('input.powerfactor', 'input.{}.powerfactor'),
  frequency: define('input.frequency', 'input.{}.frequency', 'Hz'),
  energy: define('input.energy', 'input.{}.energy', 'kWh'),
  energy_returned: define('meter.returned.energy', 'meter.{}.returned.energy', 'kWh'),
  supply_voltage: define('device.supply.voltage', 'device.{}.supply.voltage', 'V'),
  output_voltage: define('output.voltage', 'output.{}.voltage', 'V'),
  output_current: define('output.current', 'output.{}.current', 'A'),
  output_power: define('output.realpower', 'output.{}.realpower', 'W'),
  output_frequency: define('output.frequency', 'output.{}.frequency', 'Hz'),
  dc_voltage: define('dc.voltage', 'dc.{}.voltage', 'V'),
  dc_current: define('dc.current', 'dc.{}.current', 'A'),
  dc_power: define('dc.realpower', 'dc.{}.realpower', 'W'),
  battery_charge: define('battery.charge', 'battery.{}.charge', '%'),
  battery_runtime: define('battery.runtime', 'battery.{}.runtime', 's'),
  battery_pack_voltage: define('battery.voltage', 'battery.{}.voltage', 'V'),
  battery_current: define('battery.current', 'battery.{}.current', 'A'),
  battery_power: define('battery.realpower', 'battery.{}.realpower', 'W'),
  battery_temperature: define('battery.temperature', 'battery.{}.temperature', '°C'),
  pv_power: define('solar.realpower', 'solar.{}.realpower', 'W'),
  pv_voltage: define('solar.voltage', 'solar.{}.voltage', 'V'),
  pv_current: define('solar.current', 'solar.{}.current', 'A'),
  load: define('ups.load', 'load.{}.load', '%'),
  water_leak: define('room.leak', 'room.{}.leak'),
  smoke: define('room.smoke', 'room.{}.smoke'),
  door: define('room.door', 'door.{}.open'),
  motion: define('room.motion', 'room.{}.motion'),
  gas: define('room.gas.alarm', 'room.{}.gas.alarm'),
  carbon_monoxide: define('room.co.alarm', 'room.{}.co.alarm'),
  panic: define('room.panic', 'room.{}.panic.alarm'),
  tamper: define('sensor.tamper', 'sensor.{}.tamper'),
  vibration: define('sensor.vibration', 'sensor.{}.vibration'),
  fault: define('room.fault', 'sensor.{}.fault.alarm'),
  siren: define('room.siren', 'room.{}.siren.active'),
  overtemperature: define('device.overtemperature.alarm', 'device.{}.overtemperature.alarm'),
  vibration_strength: define('sensor.vibration-strength.number', 'sensor.{}.vibration-strength.number'),
  smoke_density: define('sensor.smoke-density.number', 'sensor.{}.smoke-density.number'),
  acceleration: define('sensor.acceleration.number', 'sensor.{}.acceleration.number'),
  switch: define('relay.status', 'relay.{}.status'),
  output: define('relay.active', 'relay.{}.active'),
  input: define('contact.active', 'contact.{}.active'),
  device_temperature: define('device.temperature', 'device.{}.temperature', '°C'),
  uptime: define('device.runtime', 'device.{}.runtime', 's'),
  availability: define('device.responding', 'device.responding'),
} as const satisfies Record<string, QuantityDefinition>;

export type Quantity = keyof typeof QUANTITIES;

export const isQuantity = (word: string): word is Quantity => Object.hasOwn(QUANTITIES, word);

/** `pointNamed('temperature', 'DS18B20-1')` is `ambient.DS18B20-1.temperature`, with null `ambient.temperature`. */
export function pointNamed(quantity: Quantity, channel: string | null): string {
  const { plain, channelled } = QUANTITIES[quantity];
  return channel === null ? plain : channelled.replace('{}', nameSafely(channel));
}

/** A name that may stand between the dots of a point; names in other letters get a short hash, and the label says the rest. */
export function nameSafely(name: string): string {
  const safe = name
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 50);
  if (safe !== '' && !/[^\p{ASCII}]/u.test(name)) return safe;
  return `${safe === '' ? 'x' : safe}-${hashOf(name).toString(36)}`;
}

/** FNV-1a, 32 bits. */
export function hashOf(text: string | Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash ^= typeof text === 'string' ? text.charCodeAt(i) : (text[i] ?? 0);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

/** The word for a point of ours, for what profiles read: the other way round. `ambient.L1.temperature` has none. */
export const quantityOfPoint = (point: string): Quantity | null => BY_POINT.get(point)?.quantity ?? null;

const BY_POINT = new Map(
  Object.entries(QUANTITIES).map(([quantity, { plain }]) => [plain, { quantity: quantity as Quantity }]),
);

/** The same for channelled names: the quantity and its channel, null when the name is not made by this list. */
export function quantityAndChannel(point: string): { quantity: Quantity; channel: string | null } | null {
  const plain = quantityOfPoint(point);
  if (plain !== null) return { quantity: plain, channel: null };
  for (const [quantity, pattern] of CHANNELLED) {
    const match = pattern.exec(point);
    if (match?.[1] !== undefined) return { quantity, channel: match[1] };
  }
  return null;
}

const CHANNELLED = Object.entries(QUANTITIES).map(
  ([quantity, { channelled }]) =>
    [
      quantity as Quantity,
      new RegExp(`^${channelled.replaceAll('.', '\\.').replace('{}', '([A-Za-z0-9_-]+)')}$`),
    ] as const,
);
