import { definePoint } from '#core/points.ts';
import { decoderOf, type Raw } from './decode.ts';
import type { PointValue } from './snmp-plan.ts';

/**
 * How the sensors of servers' management controllers are named, whether IPMI or Redfish tells them. The controller's own name is
 * kept, made into a part of a point's name, the same at each poll: `CPU1 Temp` is `sensor.cpu1.temperature`, `Fan 2` is `fan.2.rpm`. The air that goes
 * into the server is `ambient.inlet.temperature`, because rules ask for it by that name.
 */
export interface BmcSensor {
  /** The controller's own name. */
  readonly name: string;
  readonly quantity: BmcQuantity;
  /** Null: it has no reading now, and `why`. */
  readonly value: number | null;
  readonly why?: string;
  /** By its thresholds, as the controller judges; null when it does not. */
  readonly state: BmcState | null;
  readonly place: 'inlet' | 'exhaust' | null;
  /** Where it is read: `sdr CPU1 Temp`, `/redfish/v1/Chassis/1/Thermal#/Temperatures/0`. */
  readonly source: string;
}

export type BmcQuantity =
  | 'temperature'
  | 'voltage'
  | 'current'
  | 'realpower'
  | 'rpm'
  | 'speed'
  | 'humidity'
  | 'percent'
  | 'frequency';
export type BmcState = 'normal' | 'warning' | 'critical' | 'failed';

/** A server has 300 sensors at most; whoever tells ten thousand is none. */
const MOST_SENSORS = 1000;
const MOST_NAME = 40;

/** One value each, and the state where there is one. Two sensors of one name are told apart by their order. */
export function sensorValues(sensors: readonly BmcSensor[]): PointValue[] {
  const taken = new Set<string>();
  return sensors.slice(0, MOST_SENSORS).flatMap((sensor) => {
    const point = freeName(sensor, taken);
    if (point === null) return [];
    taken.add(point);
    const { value, state, source, why } = sensor;
    const values = [value === null ? noValue(point, source, why) : numberValue(point, value, source)];
    const status = point.replace(/\.[^.]+$/, '.status');
    if (state !== null && !taken.has(status)) {
      taken.add(status);
      values.push(wordValue(status, state, source));
    }
    return values;
  });
}

function freeName(sensor: BmcSensor, taken: ReadonlySet<string>): string | null {
  const { name, quantity, place } = sensor;
  if (place !== null && quantity === 'temperature') {
    const special = `ambient.${place}.temperature`;
    if (!taken.has(special)) return special;
  }
  const part = quantity === 'rpm' || quantity === 'speed' ? 'fan' : 'sensor';
  const slug = shortOf(slugOf(name), quantity);
  for (let count = 1; count < 100; count++) {
    const point = `${part}.${slug}${count === 1 ? '' : `-${count}`}.${quantity}`;
    if (!taken.has(point)) return definePoint(point) === null ? null : point;
  }
  return null;
}

/** `CPU1 Temp` is `cpu1-temp`, `+12V` is `12v`, `-12V` is `minus-12v`. Never empty. */
export function slugOf(name: string): string {
  const plain = name
    .slice(0, 200)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/^\s*-(?=\d)/, 'minus-')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, MOST_NAME)
    .replace(/-+$/, '');
  return plain === '' ? 'unnamed' : plain;
}

/** What the point's name says anyway need not be said twice; a name that is nothing else stays. */
function shortOf(slug: string, quantity: BmcQuantity): string {
  const short =
    quantity === 'rpm' || quantity === 'speed'
      ? slug.replace(/(^|-)fan(-|(?=\d)|$)/, '$1').replaceAll(/^-+|-+$/g, '')
      : slug.replace(SAID[quantity] ?? /$^/, '');
  return short === '' ? slug : short;
}

const SAID: Readonly<Partial<Record<BmcQuantity, RegExp>>> = {
  temperature: /-temp(erature)?$/,
  voltage: /-volt(age)?$/,
  realpower: /-(power|pwr)$/,
  current: /-curr(ent)?$/,
};

/** Air on its way in or out, by the words that makers use. */
export function placeOf(name: string): BmcSensor['place'] {
  if (/inlet|intake|ambient|front.?panel|\bfp\b.*temp|system board inlet/i.test(name)) return 'inlet';
  return /exhaust|outlet/i.test(name) ? 'exhaust' : null;
}

export function numberValue(point: string, raw: number, source: string): PointValue {
  return { point, decoded: decoderOf({ point, inverted: false, sentinels: {} })(raw), oid: source, raw };
}

export const wordValue = (point: string, word: string, source: string, raw: Raw = word): PointValue => ({
  point,
  decoded: { value: word, quality: 'good' },
  oid: source,
  raw,
});

export const noValue = (
  point: string,
  source: string,
  reason = 'the controller has no reading of it now',
): PointValue => ({
  point,
  decoded: { value: null, quality: 'missing', reason },
  oid: source,
  raw: null,
});

/** The alarms of a whole server: `cpu1-temp-critical psu-2-failed`, by the alphabet; `none` when there is none. */
export function alarmsValue(names: Iterable<string>, source: string): PointValue {
  const sorted = [...new Set(names)].sort().slice(0, 50);
  return wordValue('device.alarms', sorted.length === 0 ? 'none' : sorted.join(' '), source);
}

/** What is not as it should be, by sensor. */
export const sensorAlarms = (sensors: readonly BmcSensor[]): string[] =>
  sensors
    .slice(0, MOST_SENSORS)
    .flatMap(({ name, state }) => (state === null || state === 'normal' ? [] : [`${slugOf(name)}-${state}`]));
