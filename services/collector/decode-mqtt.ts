import { Buffer } from 'node:buffer';
import { z } from 'zod';
import type { Profile } from '#core/config/profile.ts';
import type { Value } from '#core/reading.ts';
import { type Instant, toIso } from '#core/time.ts';
import type { FamilyAnswer, MessageKind, ToldReading } from './mqtt/family.ts';
import { createMemory } from './mqtt/memory.ts';
import { isOld, readMessage } from './mqtt/read-message.ts';

/**
 * `zhishou decode mqtt`: what the collector would read out of a message, without any site's configuration. Lines belong
 * together: births, aliases, discovery configurations and units told by one are known to those after it. The device's name comes
 * from topic or payload. Never throws: a line that says nothing is rejected with its reason.
 */
export interface DecodedMessage {
  readonly readings: readonly DecodedReading[];
  readonly rejected?: string;
  readonly kind: MessageKind;
  /** In whose manner it was written: `tasmota`, `sparkplug-b`. */
  readonly family: string | null;
  /** Exactly the bytes that came last on this topic. */
  readonly repeated?: true;
  /** What a kept message last knew, too old for a reading. */
  readonly lastKnown?: readonly DecodedReading[];
}

export interface DecodedReading {
  readonly device: string;
  readonly point: string;
  readonly value: Value;
  readonly unit: string;
  /** `stale`: the broker kept it from earlier; it is shown and decides nothing (L39). */
  readonly quality: 'good' | 'stale';
  /** Of kept values: seconds since they were measured, null when nothing tells. */
  readonly age?: number | null;
  readonly measuredAt?: string;
  readonly quantity: string;
  readonly channel?: string;
  readonly label?: string;
}

const lineSchema = z.object({
  topic: z.string().min(1).max(1000),
  payload: z.unknown(),
  encoding: z.enum(['base64', 'hex', 'utf8', 'utf-8']).nullish(),
  retain: z.boolean().nullish(),
});
export type MqttLine = z.infer<typeof lineSchema>;

export interface MqttDecoder {
  /** One line of standard input. */
  line(text: string): DecodedMessage;
  message(message: MqttLine): DecodedMessage;
}

/** One run: what earlier messages taught is known to the later ones. */
export function createMqttDecoder(profiles: readonly Profile[], now: () => Instant): MqttDecoder {
  const memory = createMemory();
  const message = (given: MqttLine): DecodedMessage => {
    const bytes = bytesOf(given);
    if (bytes === null) return nothing(`the payload is not ${given.encoding ?? 'text'}`);
    const at = now();
    const retained = given.retain === true;
    const { family, answer, repeated } = readMessage(given.topic, bytes, retained, memory, { now: at, profiles });
    const told = toDecoded(answer, retained, at);
    return { ...told, kind: answer.kind, family, ...(repeated ? { repeated } : {}) };
  };
  return {
    message,
    line: (text) => {
      let parsed: unknown;
      try {
        parsed = JSON.parse(text);
      } catch {
        return nothing('the line is not JSON');
      }
      const checked = lineSchema.safeParse(parsed);
      if (checked.success) return message(checked.data);
      return nothing(`the line is not a message: ${checked.error.issues[0]?.message ?? 'unknown'}`);
    },
  };
}

const nothing = (rejected: string): DecodedMessage => ({ readings: [], rejected, kind: 'bad', family: null });

function toDecoded(
  { kind, readings, rejected, lastHeardAt }: FamilyAnswer,
  retained: boolean,
  now: Instant,
): Pick<DecodedMessage, 'readings' | 'rejected' | 'lastKnown'> {
  // Presence is kept on purpose: the broker replaces it by the will when its sender is gone.
  const kept = retained && kind !== 'availability';
  const good = readings.flatMap((one) => decodedOf(one, kept, now));
  if (kept && good.length > 0 && isOld(lastHeardAt, now))
    return { readings: [], rejected: 'retained: kept by the broker, last heard long ago', lastKnown: good };
  if (rejected !== undefined) return { readings: good, rejected };
  return good.length === 0 ? { readings: good, rejected: 'no value' } : { readings: good };
}

function decodedOf(told: ToldReading, kept: boolean, now: Instant): DecodedReading[] {
  const { device, point, value, unit, quality, quantity, channel, label, measuredAt } = told;
  if (quality !== 'good' || value === null) return [];
  return [
    {
      device,
      point,
      value,
      unit,
      quality: kept ? 'stale' : 'good',
      ...(kept ? { age: measuredAt === undefined ? null : Math.max(0, Math.round((now - measuredAt) / 1000)) } : {}),
      ...(measuredAt === undefined ? {} : { measuredAt: toIso(measuredAt) }),
      quantity,
      ...(channel === undefined ? {} : { channel }),
      ...(label === undefined ? {} : { label }),
    },
  ];
}

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
