import { definePoint } from '#core/points.ts';
import type { Random } from '#core/random.ts';
import { instant } from '#core/time.ts';
import type { ToldReading } from '#services/collector/mqtt/family.ts';
import { createMemory, type MqttMemory } from '#services/collector/mqtt/memory.ts';
import { readMessage } from '#services/collector/mqtt/read-message.ts';
import { mqttProfiles } from '../collector/support/mqtt-profiles.ts';
import type { FuzzRun, FuzzTarget } from './fuzz-target.ts';
import { SEEDS } from './mqtt-seeds.ts';
import { mutateBytes, mutateJson, mutateTopic } from './mutate.ts';

/** Every MQTT family with one memory for the whole run: no exception, no reading that is none, no memory without an end. */
export const mqttTarget: FuzzTarget = { name: 'mqtt', begin };

function begin(random: Random): FuzzRun {
  const memory = createMemory();
  const context = { now: instant(Date.parse('2026-11-22T03:00:00Z')), profiles: mqttProfiles() };
  const families = new Map<string, number>();
  return {
    tryOne: () => {
      const [seedTopic, seedPayload] = SEEDS[random.integer(0, SEEDS.length - 1)] ?? ['x', 'x'];
      const topic = mutateTopic(seedTopic, random);
      const payload = payloadOf(seedPayload, random);
      const { answer, family } = readMessage(topic, payload, random.chance(0.2), memory, context);
      if (answer.rejected === 'it cannot be read')
        throw new Error(`a decoder threw for ${JSON.stringify(topic)} ${Buffer.from(payload).toString('base64')}`);
      for (const reading of answer.readings) checkReading(reading, topic);
      if (answer.readings.length === 0 && answer.rejected === undefined)
        throw new Error(`nothing and no reason: ${topic}`);
      if (family !== null) families.set(family, (families.get(family) ?? 0) + 1);
      return answer.readings.some(({ quality }) => quality === 'good') ? 'read' : 'refused';
    },
    finish: () => {
      checkMemory(memory);
      return `${families.size} families reached`;
    },
  };
}

function payloadOf(seed: unknown, random: Random): Uint8Array {
  if (seed instanceof Uint8Array) return random.chance(0.2) ? seed : mutateBytes(seed, random);
  if (typeof seed === 'object' && seed !== null && random.chance(0.6))
    return new TextEncoder().encode(JSON.stringify(mutateJson(seed, random)) ?? '');
  const bytes = new TextEncoder().encode(typeof seed === 'string' ? seed : JSON.stringify(seed));
  return random.chance(0.2) ? bytes : mutateBytes(bytes, random);
}

/** Whatever is told has a device, a point of the registry, its unit, and a value exactly when it is good. */
export function checkReading(reading: ToldReading, topic: string): void {
  const { device, point, value, unit, quality, measuredAt } = reading;
  const fail = (why: string): never => {
    throw new Error(`${why}: ${JSON.stringify(topic)} ${JSON.stringify(reading)}`);
  };
  const definition = definePoint(point);
  if (definition === null) throw new Error(`not a point of the registry: ${point}`);
  if (unit !== definition.unit) fail('not the unit of its point');
  if (device === '') fail('no device');
  if ((quality === 'good') !== (value !== null)) fail('a value exactly when it is good');
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) fail('not finite');
    const [low, high] = definition.range ?? [-Infinity, Infinity];
    if (value < low || value > high) fail('outside its range');
  }
  const kind = definition.kind === 'set' ? 'word' : definition.kind;
  if (value !== null && { number: 'number', boolean: 'boolean', word: 'string' }[kind] !== typeof value)
    fail('not of its kind');
  if (measuredAt !== undefined && !(measuredAt > 9e11 && measuredAt < 1e13)) fail('not a time of this century');
}

/** The greatest that any part may ever be. */
const MOST = 10_000;

export function checkMemory(memory: MqttMemory): void {
  for (const [name, part] of Object.entries(memory))
    if (part.size > MOST) throw new Error(`${name} has grown to ${part.size}`);
  for (const [name, node] of memory.sparkplugNodes.entries())
    if (node.aliases.size > 5000 || node.datatypes.size > 5000 || node.devices.size > 500)
      throw new Error(`the node ${name} has grown`);
  for (const parts of [memory.entitiesByTopic, memory.entityKinds, memory.homieNodes])
    for (const [name, part] of parts.entries())
      if (part.size > 500) throw new Error(`${name} has grown to ${part.size}`);
}
