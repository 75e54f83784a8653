import type { Profile } from '#core/config/profile.ts';
import type { Value } from '#core/reading.ts';
import type { Duration, Instant } from '#core/time.ts';
import type { MqttMemory } from './memory.ts';
import type { MqttMessage } from './message.ts';
import type { Quantity } from './quantities.ts';

/**
 * A family is a manner of speaking over MQTT: one firmware, one gateway, one convention. Its decoder is pure but for the
 * memory it is handed: births, aliases, discovery configurations and units that later messages lean on.
 */
export interface MqttFamily {
  readonly id: string;
  /** Is this message in this family's manner? By topic, by shape, or by what was heard before. */
  matches(message: MqttMessage, memory: MqttMemory): boolean;
  /** Never throws for what is in the message; what a mistake of ours throws, `readMessage` turns into a rejection. */
  decode(message: MqttMessage, memory: MqttMemory, context: FamilyContext): FamilyAnswer;
}

export interface FamilyContext {
  readonly now: Instant;
  readonly profiles: readonly Profile[];
}

/** What a message is. Only `reading` and `availability` (and a birth that lists values) carry readings. */
export type MessageKind =
  | 'reading'
  | 'availability'
  | 'birth'
  | 'discovery'
  | 'command'
  | 'event'
  | 'housekeeping'
  | 'bad';

export interface ToldReading {
  readonly device: string;
  readonly point: string;
  /** Null unless the quality is good. */
  readonly value: Value | null;
  /** The point's unit of the registry. */
  readonly unit: string;
  readonly quality: 'good' | 'missing' | 'implausible';
  readonly reason?: string;
  /** The kind of thing in plain words, `water_leak`, `battery_voltage`, or the device's own word where we have none. */
  readonly quantity: Quantity | (string & {});
  /** Phase, probe or index, where a device has several. */
  readonly channel?: string;
  /** The device's own name for it, where the point's name had to be changed. */
  readonly label?: string;
  readonly measuredAt?: Instant;
  /** An event without an end, or a value that its sender declares short-lived: after so long nothing is known any more. */
  readonly holdsFor?: Duration;
  /** Told of whoever speaks for others (bridge, gateway, edge node), not of a sensor. */
  readonly gateway?: true;
}

export interface FamilyAnswer {
  readonly kind: MessageKind;
  readonly readings: readonly ToldReading[];
  /** Why there is nothing in it, or what in it was not usable. */
  readonly rejected?: string;
  /** When the gateway last heard the device, as the message says: a kept message so old is no news at all. */
  readonly lastHeardAt?: Instant;
  /** The sender says that it sleeps: silence for so long is no alarm. */
  readonly sleepsFor?: Duration;
  /** Devices that their gateway has given up or that are gone: an empty retained message. */
  readonly cleared?: true;
}

export const nothing = (kind: MessageKind, rejected: string): FamilyAnswer => ({ kind, readings: [], rejected });
