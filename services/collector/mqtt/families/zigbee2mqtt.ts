import type { Profile } from '#core/config/profile.ts';
import { pointOf } from '#core/config/profile-decode.ts';
import { readPoints } from '../../payload.ts';
import { recogniseTopic } from '../../recognise-topic.ts';
import { type FamilyAnswer, type MqttFamily, nothing, type ToldReading } from '../family.ts';
import type { MqttMemory } from '../memory.ts';
import { field, type MqttMessage, textAt } from '../message.ts';
import { quantityAndChannel } from '../quantities.ts';
import { createTelling } from '../telling.ts';
import { timeOf } from '../times.ts';

/**
 * zigbee2mqtt: what devices tell is in the profiles zigbee2mqtt-*.yaml; here are the topics around it. The base is
 * `zigbee2mqtt` or what a bridge has told; a friendly name may hold slashes, spaces and letters of any kind.
 * https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html
 */
export const zigbee2mqtt: MqttFamily = {
  id: 'zigbee2mqtt',
  matches: (message, memory) => {
    const [base = '', second] = message.levels;
    if (message.levels.length < 2) return false;
    if (base === USUAL_BASE || memory.zigbeeBases.has(base)) return true;
    if (second === 'bridge' && ['state', 'info', 'devices', 'health'].includes(message.levels[2] ?? '')) {
      memory.zigbeeBases.set(base, true);
      return true;
    }
    // Every state message carries the radio link's quality (unless it was switched off).
    return message.levels.length === 2 && typeof field(message.object, 'linkquality') === 'number';
  },
  decode: (message, memory, { profiles }) => {
    const name = message.levels.slice(1).join('/');
    if (name === '') return nothing('bad', 'the topic names no device');
    if (name === 'bridge/state') return presence(message, 'bridge', true);
    if (name.startsWith('bridge/')) return nothing('housekeeping', 'a message of the gateway itself, not a reading');
    if (/(^|\/)(set|get)(\/|$)/.test(name)) return nothing('command', 'a command, not a state');
    if (name.endsWith('/availability')) return presence(message, name.slice(0, -'/availability'.length), false);
    if (message.problem === 'empty')
      return { ...nothing('availability', 'empty: the kept state is cleared'), cleared: true };
    if (message.problem !== null) return nothing('bad', message.problem);
    return state(message, name, memory, profiles);
  },
};

const USUAL_BASE = 'zigbee2mqtt';

function presence(message: MqttMessage, device: string, gateway: boolean): FamilyAnswer {
  if (message.problem === 'empty')
    return { ...nothing('availability', 'empty: the topic is cleared, neither online nor offline'), cleared: true };
  const word = textAt(message.object, 'state') ?? (typeof message.json === 'string' ? message.json : message.text);
  if (word !== 'online' && word !== 'offline') return nothing('bad', 'neither online nor offline');
  const telling = createTelling(device);
  telling.availability(word === 'online', gateway ? { gateway: true } : {});
  return telling.answer('availability');
}

function state(message: MqttMessage, name: string, _memory: MqttMemory, profiles: readonly Profile[]): FamilyAnswer {
  if (message.object === null) return nothing('bad', 'not an object');
  const match = recogniseTopic(`${USUAL_BASE}/${name}`, message.object, profiles);
  if (match === null) return nothing('bad', 'no profile knows these keys');
  const measuredAt = timeOf(field(message.object, 'last_seen'));
  const readings = new Map<string, ToldReading>();
  const bad: string[] = [];
  for (const { point, decoded, path } of readPoints(message.object, match.points)) {
    const known = quantityAndChannel(point);
    if (decoded.quality !== 'good') bad.push(`${path}: ${decoded.reason}`);
    readings.set(point, {
      device: name,
      point,
      value: decoded.quality === 'good' ? decoded.value : null,
      unit: pointOf(point)?.unit ?? '',
      quality: decoded.quality,
      ...(decoded.reason === undefined ? {} : { reason: decoded.reason }),
      quantity: known?.quantity ?? point,
      ...(known === null || known.channel === null ? {} : { channel: known.channel }),
      ...(measuredAt === null ? {} : { measuredAt }),
    });
  }
  const told = [...readings.values()];
  const kind = told.some(({ quality }) => quality === 'good') ? 'reading' : 'bad';
  const rejected = bad.length > 0 ? bad.join('; ') : told.length === 0 ? 'no value' : null;
  return {
    kind,
    readings: told,
    ...(rejected === null ? {} : { rejected }),
    ...(measuredAt === null ? {} : { lastHeardAt: measuredAt }),
  };
}
