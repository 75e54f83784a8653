import type { RawUnit } from '#core/units.ts';
import { BoundedMap } from './bounded-map.ts';

/**
 * What earlier messages have told and later ones lean on. Lives as long as the run of `decode mqtt`, or as long as the
 * collector's driver. Every part has a limit; the oldest gives way.
 */
export interface MqttMemory {
  /** zigbee2mqtt's base topics, as bridges have told them. */
  readonly zigbeeBases: BoundedMap<true>;
  /** Topic prefixes of second-generation Shelly devices. */
  readonly shellyPrefixes: BoundedMap<true>;
  /** First-generation Shelly devices that are set to Fahrenheit. */
  readonly shellyFahrenheit: BoundedMap<true>;
  /** Home Assistant entities by the topic of their configuration. */
  readonly entities: BoundedMap<DiscoveredEntity>;
  /** Which configurations lean on a topic: its state or availability. */
  readonly entitiesByTopic: BoundedMap<Set<string>>;
  /** Entities of one device that measure the same kind, by device and kind: then each needs a name of its own. */
  readonly entityKinds: BoundedMap<Set<string>>;
  /** Sparkplug edge nodes by `group/edge`. */
  readonly sparkplugNodes: BoundedMap<SparkplugNode>;
  /** Homie properties by `base/device/node/property`. */
  readonly homieProperties: BoundedMap<HomieProperty>;
  /** Nodes of a Homie device that have a property of this name, by `base/device/property`. */
  readonly homieNodes: BoundedMap<Set<string>>;
  /** Homie base topics that are not `homie`. */
  readonly homieBases: BoundedMap<true>;
  /** Topics of gateways whose whole numbers have proven to be tenths. */
  readonly tenths: BoundedMap<true>;
  /** The last payload of each topic, as a hash: an exact repeat is told as one. */
  readonly lastPayloads: BoundedMap<number>;
}

export interface DiscoveredEntity {
  readonly config: string;
  readonly device: string;
  readonly component: string;
  readonly name: string;
  readonly stateTopic: string | null;
  readonly template: string | null;
  readonly deviceClass: string | null;
  readonly unit: string | null;
  readonly payloadOn: string;
  readonly payloadOff: string;
  readonly expiresAfterSeconds: number | null;
  readonly availability: readonly DiscoveredAvailability[];
}

export interface DiscoveredAvailability {
  readonly topic: string;
  readonly template: string | null;
  readonly available: string;
  readonly notAvailable: string;
}

export interface SparkplugNode {
  bdSeq: bigint | null;
  seq: number | null;
  born: boolean;
  /** Devices that were born behind it. */
  readonly devices: BoundedMap<true>;
  /** By `device␟name`; the node's own device is the empty text. */
  readonly datatypes: BoundedMap<SparkplugMetricType>;
  /** Aliases are unique within an edge node (Sparkplug 3.0, 6.4.6). */
  readonly aliases: BoundedMap<SparkplugMetricType>;
}

export interface SparkplugMetricType {
  readonly device: string;
  readonly name: string;
  readonly datatype: number | null;
  readonly unit: string | null;
}

export interface HomieProperty {
  unit: string | null;
  datatype: string | null;
  name: string | null;
  /** The words of an `enum`, or of a boolean in version 5. */
  format: string | null;
}

export const createMemory = (): MqttMemory => ({
  zigbeeBases: new BoundedMap(50),
  shellyPrefixes: new BoundedMap(2000),
  shellyFahrenheit: new BoundedMap(2000),
  entities: new BoundedMap(10_000),
  entitiesByTopic: new BoundedMap(10_000),
  entityKinds: new BoundedMap(10_000),
  sparkplugNodes: new BoundedMap(200),
  homieProperties: new BoundedMap(10_000),
  homieNodes: new BoundedMap(10_000),
  homieBases: new BoundedMap(50),
  tenths: new BoundedMap(2000),
  lastPayloads: new BoundedMap(5000),
});

/** Units as people write them in configurations and keys, in any case: null for what is not known. */
export function unitNamed(text: string): RawUnit | null {
  const word = text.trim().replaceAll('µ', 'u').replaceAll('μ', 'u');
  return UNIT_WORDS.get(word) ?? UNIT_WORDS.get(word.toLowerCase()) ?? null;
}

const UNIT_WORDS = new Map<string, RawUnit>([
  ...(['°C', 'C', '℃', 'c', 'celsius', 'degc', 'deg_c', '摄氏度'] as const).map((word) => [word, '°C'] as const),
  ...(['°F', 'F', '℉', '°f', 'f', 'fahrenheit', 'degf', 'deg_f'] as const).map((word) => [word, '°F'] as const),
  ...(['K', 'kelvin'] as const).map((word) => [word, 'K'] as const),
  ...(['%', 'pct', 'percent', '%rh', '% rh', 'rh'] as const).map((word) => [word, '%'] as const),
  ...(['V', 'v', 'volt', 'volts', '伏'] as const).map((word) => [word, 'V'] as const),
  ...(['mV', 'mv', 'millivolt'] as const).map((word) => [word, 'mV'] as const),
  ...(['kV', 'kv'] as const).map((word) => [word, 'kV'] as const),
  ...(['A', 'a', 'amp', 'amps', 'ampere'] as const).map((word) => [word, 'A'] as const),
  ...(['mA', 'ma'] as const).map((word) => [word, 'mA'] as const),
  ...(['W', 'w', 'watt', 'watts'] as const).map((word) => [word, 'W'] as const),
  ...(['kW', 'kw'] as const).map((word) => [word, 'kW'] as const),
  ['MW', 'MW'],
  ['mW', 'mW'],
  ...(['VA', 'va'] as const).map((word) => [word, 'VA'] as const),
  ...(['kVA', 'kva'] as const).map((word) => [word, 'kVA'] as const),
  ...(['var', 'VAr', 'VAR'] as const).map((word) => [word, 'var'] as const),
  ...(['kvar', 'kVAr', 'kVAR'] as const).map((word) => [word, 'kvar'] as const),
  ...(['Wh', 'wh'] as const).map((word) => [word, 'Wh'] as const),
  ...(['kWh', 'kwh'] as const).map((word) => [word, 'kWh'] as const),
  ['MWh', 'MWh'],
  ...(['Hz', 'hz'] as const).map((word) => [word, 'Hz'] as const),
  ...(['Pa', 'pa'] as const).map((word) => [word, 'Pa'] as const),
  ...(['hPa', 'hpa'] as const).map((word) => [word, 'hPa'] as const),
  ...(['kPa', 'kpa'] as const).map((word) => [word, 'kPa'] as const),
  ['mbar', 'mbar'],
  ['bar', 'bar'],
  ['psi', 'psi'],
  ...(['inHg', 'inhg'] as const).map((word) => [word, 'inHg'] as const),
  ...(['mmHg', 'mmhg'] as const).map((word) => [word, 'mmHg'] as const),
  ...(['lx', 'lux'] as const).map((word) => [word, 'lx'] as const),
  ['ppm', 'ppm'],
  ['ppb', 'ppb'],
  ...(['m', 'metre', 'meter'] as const).map((word) => [word, 'm'] as const),
  ['cm', 'cm'],
  ['mm', 'mm'],
  ...(['dBm', 'dbm'] as const).map((word) => [word, 'dBm'] as const),
  ...(['dB', 'db'] as const).map((word) => [word, 'dB'] as const),
  ...(['s', 'sec', 'seconds'] as const).map((word) => [word, 's'] as const),
  ...(['ms'] as const).map((word) => [word, 'ms'] as const),
  ...(['min', 'minutes'] as const).map((word) => [word, 'min'] as const),
  ...(['h', 'hours'] as const).map((word) => [word, 'h'] as const),
  ...(['d', 'days'] as const).map((word) => [word, 'd'] as const),
  ...(['Ah', 'ah'] as const).map((word) => [word, 'Ah'] as const),
  ...(['mAh', 'mah'] as const).map((word) => [word, 'mAh'] as const),
  ...(['rpm', 'RPM'] as const).map((word) => [word, 'rpm'] as const),
  ...(['m/s'] as const).map((word) => [word, 'm/s'] as const),
  ...(['km/h', 'kmh'] as const).map((word) => [word, 'km/h'] as const),
  ...(['L', 'l'] as const).map((word) => [word, 'l'] as const),
  ...(['m³/h', 'm3/h'] as const).map((word) => [word, 'm³/h'] as const),
]);
