import type { RawUnit } from '#core/units.ts';
import { unitNamed } from './memory.ts';
import { type JsonObject, MOST_ITEMS, objectOf } from './message.ts';
import type { Quantity } from './quantities.ts';
import { numberOf, type Telling, type TellOptions, truthOf } from './telling.ts';

/**
 * Keys that installers and makers of codecs choose: what `TempC_SHT`, `relative_humidity_2`, `current_chn1`, `battery_mV` or
 * `温度` most likely mean. Used where no convention says it better. A key that is not understood is no reading.
 *
 * A key is taken apart into words; a unit at its end, an index and words that only decorate are set aside; the rest must be
 * one of the words below, whole.
 */
export interface KnownKey {
  readonly quantity: Quantity;
  readonly unit: RawUnit | null;
  readonly channel: string | null;
  /** True means closed: magnets. */
  readonly contact: boolean;
  /** The channel is a name of its own, `rack_temperature`: never the plain point. */
  readonly numbered?: true;
}

const NUMBERS: Readonly<Record<string, Quantity>> = wordsOf({
  temperature:
    'temperature|temp|tem|tmp|t|current temperature|air temperature|air temp|room temp|room temperature|ambient temp|ambient temperature|indoor temperature|temperature value|温度|环境温度|室温|机房温度|空气温度',
  humidity: 'humidity|hum|humi|rh|relative humidity|air humidity|humidity value|湿度|环境湿度|相对湿度|空气湿度',
  pressure:
    'pressure|pres|barometer|barometric pressure|air pressure|atmospheric pressure|atmospheric pressure value|baro|气压|大气压',
  dew_point: 'dew point|dewpoint|dewp|露点',
  illuminance:
    'illuminance|lux|illumination|luminosity|light lux|light intensity|illuminance lux|luminance|照度|光照|光照度',
  co2: 'co2|carbon dioxide|carbondioxide|co2 value|二氧化碳',
  co2_equivalent: 'eco2|co2 equivalent',
  tvoc: 'tvoc|voc',
  pm1: 'pm1|pm1 0',
  pm25: 'pm25|pm2 5|pm 25|pm 2 5',
  pm10: 'pm10|pm 10',
  noise: 'noise|sound level|噪声',
  soil_moisture: 'soil moisture|moi',
  distance: 'distance|dist|距离',
  battery:
    'battery|batt|bat|battery level|battery percentage|battery percent|battery remaining|bat level|batterylevel|batterypercentage|电池电量|剩余电量',
  battery_voltage: 'battery voltage|bat voltage|batt voltage|vbat|vbatt|vdd|batv|volt|voltage battery|电池电压',
  linkquality: 'linkquality|link quality|lqi',
  rssi: 'rssi|signal strength|信号强度',
  voltage: 'voltage|volts|vrms|line voltage|mains voltage|input voltage|电压',
  current: 'current|amps|irms|line current|电流',
  power: 'power|active power|real power|watts|act power|instantaneous power|功率|有功功率',
  apparent_power: 'apparent power|视在功率',
  reactive_power: 'reactive power|无功功率',
  power_factor: 'power factor|pf|powerfactor|功率因数',
  frequency: 'frequency|freq|ac frequency|line frequency|频率',
  energy: 'energy|total energy|energy total|active energy|consumption|电能|用电量',
  supply_voltage: 'supply voltage',
  output_voltage: 'output voltage|输出电压',
  output_current: 'output current|输出电流',
  load: 'load percent|load percentage|负载率',
  device_temperature:
    'device temperature|internal temperature|chip temperature|board temperature|cpu temperature|mcu temperature',
  uptime: 'uptime',
  switch: 'socket|socket status|switch|power switch|powerswitch|relay|socket switch',
});

const TRUTHS: Readonly<Record<string, Quantity>> = wordsOf({
  water_leak:
    'water leak|leak|leakage|flood|water|water leakage|leak detected|water detected|water leak detected|flooded|waterleak|wet|水浸|漏水|漏水检测',
  smoke: 'smoke|smoke alarm|smoke detected|smoke detector|烟雾|烟感|烟雾报警',
  door: 'door|open|door open|window|window open|magnet|door open|magnetic|reed open|opening|门|门磁|门状态',
  motion: 'motion|occupancy|pir|presence|occupied|motion detected|人体|有人',
  gas: 'gas|gas alarm|燃气',
  tamper: 'tamper|tamper alarm|tampered|防拆',
  vibration: 'vibration|vibration detected|振动',
  battery_low: 'battery low|low battery|bat low|lowbattery|batterylow',
});

/** `cont`: OpenMQTTGateway's; reed contacts say true when the magnet is there. */
const CONTACTS = new Set(['contact', 'door contact', 'window contact', 'reed']);

/** Words beside the meaning: which chip, which state. */
const DECORATION = new Set(
  'sht sht20 sht30 sht31 sht40 dht dht11 dht22 bme bme280 bme680 bmp280 si7021 ds ds18b20 sensor status state alarm value reading data int ext internal external indoor outdoor probe'.split(
    ' ',
  ),
);

const PHASES = new Set(['a', 'b', 'c', 'n', 'l1', 'l2', 'l3', 'total']);
const ELECTRIC = new Set<Quantity>([
  'voltage',
  'current',
  'power',
  'apparent_power',
  'reactive_power',
  'power_factor',
  'energy',
]);

function wordsOf(lists: Partial<Record<Quantity, string>>): Record<string, Quantity> {
  const table: Record<string, Quantity> = {};
  for (const [quantity, words] of Object.entries(lists))
    for (const word of words.split('|')) table[word] = quantity as Quantity;
  return table;
}

const known = new Map<string, KnownKey | null>();

/** What a key means; null when it is none of ours. */
export function readKey(key: string): KnownKey | null {
  const before = known.get(key);
  if (before !== undefined) return before;
  const found = key.length > 80 ? null : takeApart(key);
  if (known.size < 2000) known.set(key, found);
  return found;
}

function takeApart(key: string): KnownKey | null {
  const words = key
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}°%]+/gu, ' ')
    .trim()
    .split(' ');
  return (
    lookUp(words, null, null) ??
    withoutUnit(words, key) ??
    withoutIndex(words, null) ??
    withoutDecoration(words, null) ??
    withName(words)
  );
}

/** `temperature_C`, `TempC`, `BatV`, `battery_mV`: the unit is the last word. */
function withoutUnit(words: readonly string[], key: string): KnownKey | null {
  const glued = /^(temp|hum|bat|batt|volt)(c|f|v|mv)$/.exec(words[0] ?? '');
  const split = glued === null ? words : [glued[1] ?? '', ...words.slice(1), glued[2] ?? ''];
  const last = split.at(-1) ?? '';
  const unit = UNIT_ENDS.has(last) ? unitNamed(/mW$/.test(key) ? 'mW' : last) : null;
  if (unit === null || split.length < 2) return null;
  const rest = split.slice(0, -1);
  const found = lookUp(rest, unit, null) ?? withoutIndex(rest, unit) ?? withoutDecoration(rest, unit);
  if (found === null) return null;
  if (found.quantity === 'battery' && (unit === 'V' || unit === 'mV')) return { ...found, quantity: 'battery_voltage' };
  return found;
}

const UNIT_ENDS = new Set(
  'c f k celsius fahrenheit degc degf pct percent v mv volts a ma amps w kw watts wh kwh mwh hpa pa kpa mbar ppm ppb lux lx mm cm m dbm hz va kva var'.split(
    ' ',
  ),
);

/** `temperature_2`, `current_chn1`, `voltage_l1`, `power_phase_b`. */
function withoutIndex(words: readonly string[], unit: RawUnit | null): KnownKey | null {
  const last = words.at(-1) ?? '';
  const channel = /^(?:ch|chn|channel|probe|phase|sensor)?(\d{1,3})$/.exec(last)?.[1];
  const rest = words.slice(0, -1).filter((word) => word !== 'phase' && word !== 'channel' && word !== 'ch');
  if (channel !== undefined && rest.length > 0)
    return lookUp(rest, unit, channel) ?? withoutDecoration(rest, unit, channel);
  const glued = /^([a-z\u4e00-\u9fff]+)(\d{1,3})$/u.exec(last);
  if (glued?.[1] !== undefined && glued[2] !== undefined) {
    // `TempC1`, `TEMPC1`
    const degrees = /^(temp)?(c|f)$/.exec(glued[1]);
    const named = degrees?.[1] === undefined ? words.slice(0, -1) : [...words.slice(0, -1), degrees[1]];
    const byDegrees = degrees === null ? null : lookUp(named, degrees[2] === 'f' ? '°F' : '°C', glued[2]);
    if (byDegrees !== null) return byDegrees;
    const found = lookUp([...words.slice(0, -1), glued[1]], unit, glued[2]);
    if (found !== null) return found;
  }
  if (!PHASES.has(last) || rest.length === 0) return null;
  const found = lookUp(rest, unit, last === 'total' ? null : last);
  return found !== null && ELECTRIC.has(found.quantity) ? found : null;
}

function withoutDecoration(
  words: readonly string[],
  unit: RawUnit | null,
  channel: string | null = null,
): KnownKey | null {
  const left = words.filter((word) => !DECORATION.has(word));
  if (left.length === words.length || left.length === 0) return null;
  const which = words.find((word) => DECORATION.has(word) && /^(ds|ext|external|probe|outdoor|int)/.test(word));
  const glued = withGluedUnit(left);
  const found = lookUp(glued.words, unit ?? glued.unit, channel ?? which ?? null);
  return found === null || which === undefined ? found : { ...found, numbered: true };
}

/** `rack_temperature`, `ups2_voltage`: the last word says what, the words before it whose. Limits and set points are no readings. */
function withName(words: readonly string[]): KnownKey | null {
  const unit = words.length > 2 && UNIT_ENDS.has(words.at(-1) ?? '') ? unitNamed(words.at(-1) ?? '') : null;
  const [left, last] = unit === null ? [words.slice(0, -1), words.at(-1)] : [words.slice(0, -2), words.at(-2)];
  if (last === undefined || !NAMED_ENDS.has(last) || left.length === 0 || left.length > 4) return null;
  if (left.some((word) => NOT_MEASURED.has(word))) return null;
  const found = lookUp([last], unit, left.join('-'));
  return found === null ? null : { ...found, numbered: true };
}

const NAMED_ENDS = new Set(
  'temperature temp humidity pressure voltage current power energy frequency battery illuminance co2 leak smoke door motion contact 温度 湿度'.split(
    ' ',
  ),
);
const NOT_MEASURED = new Set(
  'set setpoint target desired max min maximum minimum low high lower upper limit threshold alarm alert offset calibration correction average avg mean nominal rated delta diff last previous reporting interval mode unit update firmware'.split(
    ' ',
  ),
);

/** `TempC_SHT` is taken apart into `temp c sht`; without the chip, the unit is last. */
function withGluedUnit(words: readonly string[]): { words: readonly string[]; unit: RawUnit | null } {
  const last = words.at(-1) ?? '';
  if (words.length < 2 || !UNIT_ENDS.has(last)) return { words, unit: null };
  return { words: words.slice(0, -1), unit: unitNamed(last) };
}

function lookUp(words: readonly string[], unit: RawUnit | null, channel: string | null): KnownKey | null {
  const text = words.join(' ');
  if (CONTACTS.has(text)) return { quantity: 'door', unit: null, channel, contact: true };
  const quantity = Object.hasOwn(NUMBERS, text)
    ? NUMBERS[text]
    : Object.hasOwn(TRUTHS, text)
      ? TRUTHS[text]
      : undefined;
  return quantity === undefined ? null : { quantity, unit, channel, contact: false };
}

export const isTruth = (quantity: Quantity): boolean => TRUTH_QUANTITIES.has(quantity);
const TRUTH_QUANTITIES = new Set<Quantity>([
  ...Object.values(TRUTHS),
  'fault',
  'panic',
  'siren',
  'overtemperature',
  'carbon_monoxide',
  'input',
  'output',
]);

/** Tells one value by its key; false when the key is none of ours. */
export function tellByKey(
  telling: Telling,
  key: string,
  raw: unknown,
  more: TellOptions & { unit?: RawUnit } = {},
): boolean {
  const found = readKey(key);
  if (found === null || typeof raw === 'object') {
    // A null tells nothing, but of something known it is worth saying.
    if (found !== null && raw === null) telling.number('temperature', null, { ...more, as: key });
    return false;
  }
  const channel = more.channel ?? found.channel;
  tellQuantity(telling, found.quantity, raw, {
    ...more,
    channel,
    as: key,
    contact: found.contact,
    ...(found.unit === null ? {} : { unit: found.unit }),
    ...(found.numbered === true ? { numbered: true } : {}),
  });
  return true;
}

/** Tells a value whose quantity is known, in whatever words it comes. */
export function tellQuantity(
  telling: Telling,
  quantity: Quantity,
  raw: unknown,
  { contact = false, unit, ...more }: TellOptions & { readonly unit?: RawUnit; readonly contact?: boolean },
): void {
  if (quantity === 'switch') {
    telling.onOff(quantity, raw, more);
    return;
  }
  if (isTruth(quantity)) {
    // `installed` is how Milesight says that nobody has taken it off the wall.
    if (quantity === 'tamper' && (raw === 'installed' || raw === 'uninstalled')) {
      telling.truth(quantity, raw === 'uninstalled', more);
      return;
    }
    const isWord = typeof raw === 'string' && /[a-z\u4e00-\u9fff]/iu.test(raw) && !/^(true|false)$/i.test(raw.trim());
    telling.truth(quantity, raw, { ...more, inverted: contact && !isWord });
    return;
  }
  // `power: "on"` is a switch.
  if (quantity === 'power' && typeof raw === 'string' && /^(on|off)$/i.test(raw.trim())) {
    telling.onOff('switch', raw, more);
    return;
  }
  const number = numberOf(raw);
  const guessed = unit ?? (number === null ? null : guessUnit(quantity, number));
  if (quantity === 'battery' && number !== null && unit === undefined && isVolts(number)) {
    telling.number('battery_voltage', raw, { ...more, unit: number > 1000 ? 'mV' : 'V' });
    return;
  }
  telling.number(quantity, raw, guessed === null ? more : { ...more, unit: guessed });
}

/** A lithium cell's 3.6 or 3600 under the key `battery` is a voltage: per cents come whole there, or above. */
const isVolts = (battery: number): boolean =>
  (battery >= 1.5 && battery <= 4.3 && !Number.isInteger(battery)) || (battery >= 1500 && battery <= 4300);

/** Where the size leaves no doubt: the air's pressure in Pa, hPa or kPa, a battery in millivolts, power factor in per cent. */
function guessUnit(quantity: Quantity, value: number): RawUnit | null {
  if (quantity === 'pressure') return value >= 30_000 ? 'Pa' : value >= 30 && value <= 120 ? 'kPa' : 'hPa';
  if (quantity === 'battery_voltage') return value >= 1000 ? 'mV' : 'V';
  return null;
}

/** Levels of nesting that are looked into. */
const DEEPEST = 4;

/**
 * Tells what it understands of an object of any shape; the keys on the way to a value are its channel. Returns how many
 * values were understood.
 */
export function tellObject(
  telling: Telling,
  object: JsonObject,
  skip: ReadonlySet<string>,
  more: TellOptions = {},
): number {
  let count = 0;
  let left = MOST_ITEMS;
  const visit = (at: JsonObject, path: readonly string[]): void => {
    for (const [key, value] of Object.entries(at)) {
      if (left-- <= 0) return;
      if (path.length === 0 && skip.has(key)) continue;
      if (typeof value === 'string' && /read failed|sensor (error|fault)/i.test(value)) {
        telling.problem(`${key}: ${value.slice(0, 40)}`);
        continue;
      }
      const inner = objectOf(value);
      if (inner !== null) {
        const byIndex = tellIndexed(telling, key, inner, more);
        if (byIndex > 0) count += byIndex;
        else if (tellWrapped(telling, key, inner, path, more)) count++;
        else if (path.length < DEEPEST) visit(inner, [...path, key]);
        continue;
      }
      if (Array.isArray(value)) count += tellList(telling, key, value, more);
      else if (tellByKey(telling, key, value, withPath(more, path))) count++;
    }
  };
  visit(object, []);
  return count;
}

const withPath = (more: TellOptions, path: readonly string[]): TellOptions =>
  path.length === 0 ? more : { ...more, channel: path.join('-') };

/** `{"temperature": {"value": 21.5, "unit": "°C"}}`. */
function tellWrapped(
  telling: Telling,
  key: string,
  inner: JsonObject,
  path: readonly string[],
  more: TellOptions,
): boolean {
  const { value, unit } = inner as { value?: unknown; unit?: unknown };
  if (!Object.hasOwn(inner, 'value') || typeof value === 'object') return false;
  const named = typeof unit === 'string' ? unitNamed(unit) : null;
  return tellByKey(telling, key, value, { ...withPath(more, path), ...(named === null ? {} : { unit: named }) });
}

/** Cayenne's `{"temperatureSensor": {"1": 23.1, "2": 24}}`. */
function tellIndexed(telling: Telling, key: string, inner: JsonObject, more: TellOptions): number {
  const entries = Object.entries(inner);
  if (entries.length === 0 || entries.length > 64 || readKey(key) === null) return 0;
  if (!entries.every(([index, value]) => /^\d{1,3}$/.test(index) && typeof value === 'number')) return 0;
  for (const [index, value] of entries) tellByKey(telling, key, value, { ...more, channel: index });
  return entries.length;
}

function tellList(telling: Telling, key: string, list: readonly unknown[], more: TellOptions): number {
  if (readKey(key) === null || list.length > 64 || !list.every((one) => typeof one === 'number')) return 0;
  for (const [index, one] of list.entries())
    tellByKey(telling, key, one, { ...more, channel: String(index), numbered: true });
  return list.length;
}

/** Does the object have any value that the keys understand? */
export const understands = (object: JsonObject): number =>
  Object.entries(object)
    .slice(0, MOST_ITEMS)
    .filter(([key, value]) => readKey(key) !== null && (numberOf(value) !== null || truthOf(value) !== null)).length;
