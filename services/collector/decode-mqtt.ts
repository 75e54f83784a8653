import { Buffer } from 'node:buffer';
import { z } from 'zod';
import { type Profile, pointOf } from '#core/config/profile.ts';
import type { Value } from '#core/reading.ts';
import { parsePayload, readPoints, valueAt } from './payload.ts';
import { recogniseTopic } from './recognise-topic.ts';

/**
 * `zhishou decode mqtt`: what the collector would read out of a message, without any site's configuration. The device's
 * name comes from the topic. Never throws: a line that says nothing is rejected with its reason.
 */
export interface DecodedMessage {
  readonly readings: readonly { device: string; point: string; value: Value; unit: string }[];
  readonly rejected?: string;
}

const lineSchema = z.object({
  topic: z.string().min(1).max(1000),
  payload: z.unknown(),
  encoding: z.enum(['base64', 'hex', 'utf8', 'utf-8']).nullish(),
  retain: z.boolean().nullish(),
});
export type MqttLine = z.infer<typeof lineSchema>;

const nothing = (rejected: string): DecodedMessage => ({ readings: [], rejected });

/** One line of standard input. */
export function decodeMqttLine(line: string, profiles: readonly Profile[]): DecodedMessage {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return nothing('the line is not JSON');
  }
  const checked = lineSchema.safeParse(parsed);
  if (!checked.success) return nothing(`the line is not a message: ${checked.error.issues[0]?.message ?? 'unknown'}`);
  return decodeMqttMessage(checked.data, profiles);
}

export function decodeMqttMessage(message: MqttLine, profiles: readonly Profile[]): DecodedMessage {
  const bytes = bytesOf(message);
  if (bytes === null) return nothing(`the payload is not ${message.encoding ?? 'text'}`);
  const presence = decodePresence(message.topic, bytes, profiles);
  if (presence !== null) return presence;
  const parsed = parsePayload(bytes, false);
  if ('rejected' in parsed) return nothing(parsed.rejected);
  const match = recogniseTopic(message.topic, parsed.value, profiles);
  if (match === null) return nothing('no profile knows this topic with these keys');
  if (isHousekeeping(match.device)) return nothing('a command or a message of the gateway itself, not a reading');
  // The broker kept it from earlier: how old it is nobody knows, so it is no live reading (L39).
  if (message.retain === true) return nothing('retained: kept by the broker, not fresh');
  const values = readPoints(parsed.value, match.points);
  const readings = values.flatMap(({ point, decoded }) =>
    decoded.quality === 'good' && decoded.value !== null
      ? [{ device: match.device, point, value: decoded.value, unit: pointOf(point)?.unit ?? '' }]
      : [],
  );
  const bad = values
    .filter(({ decoded }) => decoded.quality !== 'good')
    .map((value) => `${value.path}: ${value.decoded.reason}`);
  if (bad.length > 0) return { readings, rejected: bad.join('; ') };
  return readings.length === 0 ? nothing('no value') : { readings };
}

/** zigbee2mqtt's own topics beside the devices' state: commands (`…/set`, `…/get`) and `bridge/…`. */
const isHousekeeping = (device: string): boolean =>
  /(^|\/)(set|get)(\/|$)/.test(device) || /^bridge(\/|$)/.test(device);

/** Availability topics of devices and of the gateway: `device.responding`. Null when the topic is none. */
function decodePresence(topic: string, bytes: Uint8Array, profiles: readonly Profile[]): DecodedMessage | null {
  for (const { mqtt } of profiles) {
    for (const how of [mqtt.availability, mqtt.gateway]) {
      if (how === undefined) continue;
      const [before = '', after = ''] = how.topic.split(/\{topic\}|\{base\}/);
      if (!topic.startsWith(before) || !topic.endsWith(after) || topic.length <= before.length + after.length) continue;
      const covered = topic.slice(before.length, topic.length - after.length);
      if (how === mqtt.availability && !knownBase(covered, profiles)) continue;
      if (how === mqtt.gateway && !knownBase(`${covered}/any`, profiles)) continue;
      const parsed = parsePayload(bytes, true);
      if ('rejected' in parsed) return nothing(parsed.rejected);
      const word = typeof parsed.value === 'object' ? valueAt(parsed.value, how.path) : parsed.value;
      if (word !== how.online && word !== how.offline) return nothing('neither online nor offline');
      const device = how === mqtt.gateway ? (after.split('/')[1] ?? 'gateway') : covered.split('/').slice(1).join('/');
      return { readings: [{ device, point: 'device.responding', value: word === how.online, unit: '' }] };
    }
  }
  return null;
}

const knownBase = (topic: string, profiles: readonly Profile[]): boolean =>
  profiles.some((profile) =>
    profile.recognise.some((how) => 'topic' in how && topic.startsWith(how.topic.replace(/[+#].*$/, ''))),
  );

function bytesOf(message: MqttLine): Uint8Array | null {
  const { payload, encoding } = message;
  if (payload === null || payload === undefined) return new Uint8Array();
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  if (text === undefined) return null;
  if (encoding === 'base64') {
    return /^[A-Za-z0-9+/_-]*={0,2}$/.test(text.trim()) ? new Uint8Array(Buffer.from(text, 'base64')) : null;
  }
  if (encoding === 'hex')
    return /^([0-9a-fA-F]{2})*$/.test(text.trim()) ? new Uint8Array(Buffer.from(text.trim(), 'hex')) : null;
  return new TextEncoder().encode(text);
}
