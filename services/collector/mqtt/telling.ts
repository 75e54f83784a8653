import { pointOf } from '#core/config/profile-decode.ts';
import type { PointKind } from '#core/points.ts';
import type { Duration, Instant } from '#core/time.ts';
import { convert, convertibleTo, type RawUnit, roundOff } from '#core/units.ts';
import type { FamilyAnswer, MessageKind, ToldReading } from './family.ts';
import { nameSafely, pointNamed, QUANTITIES, type Quantity } from './quantities.ts';

/**
 * Gathers what one message tells. Names are given at the end: a quantity that one probe alone tells gets the plain name
 * (`ambient.temperature`), several get one with their channel, and so does whatever is always numbered (phases, relays).
 */
export interface Telling {
  /** A number in `unit` (default: the quantity's usual one). Null and absent tell nothing and are remembered as such. */
  number(quantity: Quantity, raw: unknown, more?: TellOptions & { unit?: RawUnit }): void;
  truth(quantity: Quantity, raw: unknown, more?: TellOptions & { inverted?: boolean }): void;
  /** `on` or `off`. */
  onOff(quantity: Quantity, raw: unknown, more?: TellOptions): void;
  /** What has a name of its own and no word of ours: a number or a truth; texts tell nothing. */
  other(name: string, raw: unknown, more?: TellOptions): void;
  /** Someone is there, or is not. */
  availability(online: boolean, more?: TellOptions & { device?: string; gateway?: true }): void;
  /** Something that the device itself calls broken. */
  problem(reason: string): void;
  /** What has been told up to here, as an answer. A message with nothing but nulls is rejected. */
  answer(kind: MessageKind): FamilyAnswer;
  readonly empty: boolean;
}

export interface TellOptions {
  readonly channel?: string | null;
  /** The channel is part of the name although it may be the only one. */
  readonly numbered?: boolean;
  readonly device?: string;
  readonly label?: string;
  readonly measuredAt?: Instant | null;
  readonly holdsFor?: Duration;
  /** Another point than the quantity's own. */
  readonly point?: string;
  /** How rejections call it; default the quantity. */
  readonly as?: string;
}

type Entry = TellOptions & { readonly quantity: string; readonly known: Quantity | null } & Judged;
type Judged = Pick<ToldReading, 'value' | 'quality'> & { readonly reason?: string; readonly gateway?: true };

/** Beyond so many values a message is no sensor's. */
const MOST_READINGS = 1000;

export function createTelling(device: string, measuredAt: Instant | null = null): Telling {
  const entries: Entry[] = [];
  const problems: string[] = [];
  const untold: string[] = [];
  const add = (known: Quantity | null, quantity: string, options: TellOptions, judged: Judged | null): void => {
    const name = nameOf(options.as ?? quantity, options.channel);
    if (judged === null) untold.push(name);
    else if (entries.length < MOST_READINGS) entries.push({ ...options, quantity, known, ...judged });
  };
  return {
    number: (quantity, raw, more = {}) => {
      const point = more.point ?? pointNamed(quantity, null);
      add(quantity, quantity, more, judgeNumber(raw, point, more.unit ?? QUANTITIES[quantity].unit));
    },
    truth: (quantity, raw, more = {}) => {
      add(quantity, quantity, more, judgeTruth(raw, more.inverted ?? false));
    },
    onOff: (quantity, raw, more = {}) => {
      add(quantity, quantity, more, judgeOnOff(raw));
    },
    other: (name, raw, more = {}) => {
      const judged = judgeOther(raw);
      if (judged === 'text') return;
      const suffix = typeof judged?.value === 'boolean' ? 'active' : 'number';
      const point = `sensor.${nameSafely(name)}.${suffix}`;
      add(null, name, { point, label: name, ...more }, judged);
    },
    availability: (online, more = {}) => {
      const { gateway } = more;
      const judged: Judged = { value: online, quality: 'good', ...(gateway ? { gateway } : {}) };
      add('availability', 'availability', more, judged);
    },
    problem: (reason) => {
      if (problems.length < 20) problems.push(reason);
    },
    get empty() {
      return entries.length === 0;
    },
    answer: (kind) => {
      const readings = nameAll(entries, device, measuredAt);
      const bad = readings.flatMap(({ quality, reason, quantity, channel }) =>
        quality === 'good' ? [] : [`${nameOf(quantity, channel)}: ${reason ?? quality}`],
      );
      const reasons = [...problems, ...bad].slice(0, 20);
      if (!readings.some(({ quality }) => quality === 'good') && untold.length > 0)
        reasons.push(`no value: ${untold.slice(0, 10).join(', ')}`);
      return { kind, readings, ...(reasons.length === 0 ? {} : { rejected: reasons.join('; ') }) };
    },
  };
}

const nameOf = (quantity: string, channel: string | null | undefined): string =>
  channel === null || channel === undefined ? quantity : `${quantity} ${channel}`;

function nameAll(entries: readonly Entry[], device: string, measuredAt: Instant | null): ToldReading[] {
  const counts = new Map<string, number>();
  const keyOf = (entry: Entry): string => `${entry.device ?? device}\n${entry.quantity}`;
  for (const entry of entries) counts.set(keyOf(entry), (counts.get(keyOf(entry)) ?? 0) + 1);
  const readings = new Map<string, ToldReading>();
  for (const entry of entries) {
    const several = (counts.get(keyOf(entry)) ?? 0) > 1;
    const channel = entry.channel ?? null;
    const named = entry.numbered === true || several ? channel : null;
    const point = entry.point ?? (entry.known === null ? null : pointNamed(entry.known, named));
    if (point === null) continue;
    const whose = entry.device ?? device;
    // No reading without a source.
    if (whose === '') continue;
    const reading = readingOf(entry, point, whose, entry.measuredAt ?? measuredAt);
    const key = `${reading.device}\n${reading.point}`;
    const known = readings.get(key);
    // The first source of a point wins, unless it has no value.
    if (known === undefined || (known.quality !== 'good' && reading.quality === 'good')) readings.set(key, reading);
  }
  return [...readings.values()];
}

/** Where our points tell apart what people call by one word: a battery's voltage and a mains voltage are voltages. */
const SPOKEN: Readonly<Record<string, string>> = {
  battery_charge: 'battery',
  battery_pack_voltage: 'battery_voltage',
  battery_current: 'current',
  battery_power: 'power',
  battery_temperature: 'temperature',
  battery_runtime: 'runtime',
  output_voltage: 'voltage',
  output_current: 'current',
  output_power: 'power',
  output_frequency: 'frequency',
  dc_voltage: 'voltage',
  dc_current: 'current',
  dc_power: 'power',
  pv_power: 'power',
  pv_voltage: 'voltage',
  pv_current: 'current',
};

function readingOf(entry: Entry, point: string, device: string, measuredAt: Instant | null): ToldReading {
  const definition = pointOf(point);
  const judged = withinRange(ofKind(entry, definition?.kind ?? 'word'), definition?.range, definition?.unit ?? '');
  const { channel, label, holdsFor, gateway } = entry;
  return {
    device,
    point,
    value: judged.value,
    unit: definition?.unit ?? '',
    quality: judged.quality,
    ...(judged.reason === undefined ? {} : { reason: judged.reason }),
    quantity: SPOKEN[entry.quantity] ?? entry.quantity,
    ...(channel === undefined || channel === null ? {} : { channel }),
    ...(label === undefined ? {} : { label }),
    ...(measuredAt === null ? {} : { measuredAt }),
    ...(holdsFor === undefined ? {} : { holdsFor }),
    ...(gateway === undefined ? {} : { gateway }),
  };
}

/** A truth on a number's point is neither. */
function ofKind(entry: Judged, kind: PointKind): Judged {
  const wanted = { number: 'number', boolean: 'boolean', word: 'string', set: 'string' }[kind];
  if (entry.value === null || typeof entry.value === wanted) return entry;
  return { value: null, quality: 'implausible', reason: `${quote(entry.value)} is not a ${kind}` };
}

/** The plain name's range has been looked at; a channel's own may be narrower or wider. */
function withinRange(entry: Judged, range: readonly [number, number] | undefined, unit: string): Judged {
  const { value } = entry;
  if (entry.quality !== 'good' || typeof value !== 'number' || range === undefined) return entry;
  if (value >= range[0] && value <= range[1]) return entry;
  const reason = `${value} ${unit} is outside ${range[0]} to ${range[1]}`.replace('  ', ' ');
  return { value: null, quality: 'implausible', reason };
}

/** Whole or decimal, with a point: `21,5`, `0x10`, `1_000` and `21.5 °C` are no numbers here. */
const NUMBER = /^[-+]?\d{1,20}(\.\d{1,20})?([eE][-+]?\d{1,3})?$/;
/** Words that say that there is no value. */
const NO_VALUE = /^(|null|none|nan|-?inf(inity)?|unavailable|unknown|undefined|n\/?a|--?|error|fail(ed)?|无|离线)$/i;

/** What a sender writes for a number; null when it says nothing. */
function judgeNumber(raw: unknown, point: string, unit: RawUnit): Judged | null {
  if (raw === null || raw === undefined) return null;
  if (typeof raw === 'string' && NO_VALUE.test(raw.trim()))
    return { value: null, quality: 'missing', reason: raw.trim() === '' ? 'an empty text' : `"${raw.trim()}"` };
  const number = numberOf(raw);
  if (number === null) return { value: null, quality: 'implausible', reason: `${quote(raw)} is not a number` };
  const target = pointOf(point)?.unit ?? '';
  if (target !== '' && !convertibleTo(unit, target))
    return { value: null, quality: 'implausible', reason: `${unit || 'no unit'} does not convert to ${target}` };
  return { value: target === '' ? roundOff(number) : convert(roundOff(number), unit, target), quality: 'good' };
}

/** A finite number, or a text that is one and nothing else. */
export function numberOf(raw: unknown): number | null {
  if (typeof raw === 'number') return Number.isFinite(raw) ? raw : null;
  if (typeof raw === 'bigint') return Number(raw);
  if (typeof raw !== 'string') return null;
  return NUMBER.test(raw.trim()) ? Number(raw.trim()) : null;
}

const TRUE_WORDS = new Set(
  'true on yes 1 open opened wet leak leaking leaked alarm alarmed detected detect trigger triggered active motion occupied smoke flood water 报警 告警 漏水 有水 打开 开'.split(
    ' ',
  ),
);
const FALSE_WORDS = new Set(
  'false off no 0 close closed dry normal ok clear idle inactive none vacant not_detected no_leak no_alarm no_motion 正常 关闭 无水 关'.split(
    ' ',
  ),
);

/** A truth in any of the usual words; null when the text is none of them. */
export function truthOf(raw: unknown): boolean | null {
  if (typeof raw === 'boolean') return raw;
  if (raw === 1) return true;
  if (raw === 0) return false;
  if (typeof raw !== 'string') return null;
  const word = raw.trim().toLowerCase().replaceAll(' ', '_');
  if (TRUE_WORDS.has(word)) return true;
  return FALSE_WORDS.has(word) ? false : null;
}

function judgeTruth(raw: unknown, inverted: boolean): Judged | null {
  if (raw === null || raw === undefined) return null;
  const truth = truthOf(raw);
  if (truth !== null) return { value: truth !== inverted, quality: 'good' };
  if (typeof raw === 'string' && NO_VALUE.test(raw.trim()))
    return { value: null, quality: 'missing', reason: `"${raw.trim()}"` };
  return { value: null, quality: 'implausible', reason: `${quote(raw)} is not a truth` };
}

function judgeOnOff(raw: unknown): Judged | null {
  if (raw === null || raw === undefined) return null;
  const word = typeof raw === 'string' ? raw.trim().toLowerCase() : raw;
  if (word === true || word === 'on' || word === 1 || word === '1' || word === 'true')
    return { value: 'on', quality: 'good' };
  if (word === false || word === 'off' || word === 0 || word === '0' || word === 'false')
    return { value: 'off', quality: 'good' };
  return { value: null, quality: 'implausible', reason: `${quote(raw)} is neither on nor off` };
}

function judgeOther(raw: unknown): Judged | null | 'text' {
  if (raw === null || raw === undefined) return null;
  if (typeof raw === 'boolean') return { value: raw, quality: 'good' };
  const number = numberOf(raw);
  if (number !== null) return { value: roundOff(number), quality: 'good' };
  return 'text';
}

const quote = (raw: unknown): string => {
  const text = typeof raw === 'object' ? 'a structure' : String(raw);
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
};

/** Rounds what a 32-bit float says to the seven digits that it has: 12.3, not 12.300000190734863. */
export const fromFloat32 = (value: number): number =>
  Number.isFinite(value) ? Number(Math.fround(value).toPrecision(7)) : value;
