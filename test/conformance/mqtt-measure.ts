import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { definePoint } from '#core/points.ts';
import { instant } from '#core/time.ts';
import { convert, convertibleTo, type RawUnit } from '#core/units.ts';
import { createMqttDecoder, type DecodedMessage, type DecodedReading } from '#services/collector/decode-mqtt.ts';
import { mqttProfiles } from '../collector/support/mqtt-profiles.ts';
import { RECORDINGS } from '../collector/support/snmprec.ts';

/** How well recorded MQTT messages are read: each family's messages in order through one decoder, against what is expected. */
export interface ExpectedReading {
  readonly device: string;
  /** A plain word: `water_leak`, `power`. */
  readonly point: string;
  readonly value: number | boolean | string;
  readonly unit: string | null;
  readonly channel?: string;
  readonly optional?: boolean;
}

export interface RecordedMessage {
  readonly id: string;
  readonly topic: string;
  readonly payload: string;
  readonly encoding?: string;
  readonly retain: boolean | null;
  readonly kind: string;
  readonly expect: readonly ExpectedReading[];
}

export interface Verdict {
  readonly message: RecordedMessage;
  readonly expected: ExpectedReading | null;
  readonly verdict: 'matched' | 'wrong' | 'absent' | 'falsely accepted' | 'rejected' | 'not rejected' | 'beside';
  readonly told: string;
}

const FOLDER = join(RECORDINGS, 'mqtt');
export const haveMqttRecordings = existsSync(FOLDER);

export const mqttFamilies = (): string[] =>
  haveMqttRecordings
    ? readdirSync(FOLDER)
        .filter((name) => name.endsWith('.json'))
        .map((name) => name.slice(0, -'.json'.length))
    : [];

export const recordedMessages = (family: string): readonly RecordedMessage[] =>
  (JSON.parse(readFileSync(join(FOLDER, `${family}.json`), 'utf8')) as { messages: RecordedMessage[] }).messages;

/** A day after this session: recordings are old by then. */
const NOW = instant(Date.parse('2026-11-23T00:00:00Z'));
const PROFILES = mqttProfiles();

export function measureFamily(family: string): Verdict[] {
  const decoder = createMqttDecoder(PROFILES, () => NOW);
  return recordedMessages(family).flatMap((message) => {
    const { topic, payload, encoding, retain } = message;
    const line = JSON.stringify({ topic, payload, retain, ...(encoding === undefined ? {} : { encoding }) });
    return judge(message, decoder.line(line));
  });
}

function judge(message: RecordedMessage, answer: DecodedMessage): Verdict[] {
  const used = new Set<DecodedReading>();
  const verdicts: Verdict[] = message.expect.map((expected) => {
    const named = answer.readings.filter((reading) => isNamed(reading, expected));
    const right = named.find((reading) => isRight(reading, expected));
    for (const reading of named) used.add(reading);
    const told = named.map(words).join(', ') || (answer.rejected ?? 'nothing');
    return {
      message,
      expected,
      verdict: right !== undefined ? 'matched' : named.length > 0 ? 'wrong' : 'absent',
      told,
    };
  });
  const beside = answer.readings.filter((reading) => !used.has(reading));
  if (message.kind === 'bad' && message.expect.length === 0) {
    const verdict =
      answer.readings.length > 0 ? 'falsely accepted' : answer.rejected === undefined ? 'not rejected' : 'rejected';
    verdicts.push({ message, expected: null, verdict, told: answer.rejected ?? answer.readings.map(words).join(', ') });
  } else
    for (const reading of beside) verdicts.push({ message, expected: null, verdict: 'beside', told: words(reading) });
  return verdicts;
}

const words = (reading: DecodedReading): string =>
  `${reading.device} ${reading.point} (${reading.quantity}${reading.channel === undefined ? '' : ` ${reading.channel}`}) = ${String(reading.value)} ${reading.unit}`;

function isNamed(reading: DecodedReading, expected: ExpectedReading): boolean {
  return (
    reading.device === expected.device &&
    reading.quantity === expected.point &&
    (reading.channel ?? null) === (expected.channel ?? null) &&
    definePoint(reading.point) !== null
  );
}

const ENERGY_TOLERANCE = 1e-5;
const TOLERANCE = 0.01;

function isRight({ value, unit, quantity }: DecodedReading, expected: ExpectedReading): boolean {
  if (quantity === 'availability') return value === (expected.value === 'online');
  if (typeof expected.value === 'string') return String(value).toLowerCase() === expected.value.toLowerCase();
  if (typeof expected.value === 'boolean' || typeof value !== 'number') return value === expected.value;
  const raw = (expected.unit ?? '') as RawUnit;
  if (raw === ('lqi' as string) || raw === ('raw' as string) || raw === '')
    return Math.abs(value - expected.value) <= TOLERANCE;
  if (!convertibleTo(raw, unit as 'W')) return false;
  const wanted = convert(expected.value, raw, unit as 'W');
  const size = convert(1, raw, unit as 'W') - convert(0, raw, unit as 'W');
  return Math.abs(value - wanted) <= size * (expected.point.startsWith('energy') ? ENERGY_TOLERANCE : TOLERANCE);
}

export interface MqttTally {
  readonly matched: number;
  readonly wrong: number;
  readonly absent: number;
  readonly optionalAbsent: number;
  readonly rejected: number;
  readonly falselyAccepted: number;
  readonly notRejected: number;
  readonly beside: number;
}

export function tallyOf(verdicts: readonly Verdict[]): MqttTally {
  const count = (which: Verdict['verdict'], optional?: boolean): number =>
    verdicts.filter(
      ({ verdict, expected }) =>
        verdict === which && (optional === undefined || (expected?.optional ?? false) === optional),
    ).length;
  return {
    matched: count('matched'),
    wrong: count('wrong'),
    absent: count('absent', false),
    optionalAbsent: count('absent', true),
    rejected: count('rejected'),
    falselyAccepted: count('falsely accepted'),
    notRejected: count('not rejected'),
    beside: count('beside'),
  };
}

export const mqttMatchedShare = ({ matched, wrong, absent, optionalAbsent }: MqttTally): number =>
  matched / Math.max(1, matched + wrong + absent + optionalAbsent);
