import { type FamilyAnswer, type MqttFamily, nothing } from '../family.ts';
import { readKey, tellQuantity } from '../keys.ts';
import { entriesOf, field, type JsonObject, listAt, objectAt, objectOf, textAt } from '../message.ts';
import { createTelling, type Telling } from '../telling.ts';
import { timeOf } from '../times.ts';

/**
 * EMQX Neuron, a gateway for Modbus, OPC UA, S7 and others: one message for a node and group, on any topic. Tag names, scales and
 * units are the installer's: a tag with a name of ours is read as that, any other keeps its name.
 * https://neugates.io/docs/en/latest/configuration/north-apps/mqtt/api.html
 */
export const neuron: MqttFamily = {
  id: 'neuron',
  matches: ({ levels, object }) => {
    if (levels[0] === '' && levels[1] === 'neuron') return true;
    if (levels[0] === 'neuron' && levels.length > 2) return true;
    if (object === null) return false;
    if (textAt(object, 'node') === null || textAt(object, 'group') === null) return false;
    return objectAt(object, 'values') !== null || Array.isArray(field(object, 'tags'));
  },
  decode: (message) => {
    const { levels, object } = message;
    if (/^(read|write|test)$/.test(levels.at(-2) ?? '') && /^(req|resp)$/.test(levels.at(-1) ?? ''))
      return nothing('command', 'a request or its answer, not a reading');
    if (object === null) return nothing('bad', message.problem ?? 'not an object');
    const states = listAt(object, 'states');
    if (states.length > 0) return links(states);
    const node = textAt(object, 'node');
    const group = textAt(object, 'group');
    if (node === null || group === null) return nothing('bad', 'names no node and group');
    return tellGroup(object, `${node}/${group}`);
  },
};

/** link: the bus behind the driver; running: the driver's own process, 3 when it runs. */
function links(states: readonly unknown[]): FamilyAnswer {
  const telling = createTelling('');
  for (const one of states) {
    const state = objectOf(one);
    const node = textAt(state, 'node');
    const link = field(state, 'link');
    if (node === null || (link !== 0 && link !== 1)) continue;
    const running = field(state, 'running');
    telling.availability(link === 1 && (typeof running !== 'number' || running === 3), { device: node });
  }
  return telling.answer('availability');
}

function tellGroup(object: JsonObject, device: string): FamilyAnswer {
  const telling = createTelling(device, timeOf(field(object, 'timestamp')));
  for (const [tag, value] of entriesOf(objectAt(object, 'values'))) tellTag(telling, tag, value);
  for (const [tag, code] of entriesOf(objectAt(object, 'errors')))
    telling.problem(`${tag}: error ${String(code).slice(0, 20)}`);
  for (const one of listAt(object, 'tags')) {
    const tag = objectOf(one);
    const name = textAt(tag, 'name');
    if (name === null) continue;
    const error = field(tag, 'error');
    if (error !== undefined && error !== 0) telling.problem(`${name}: error ${String(error).slice(0, 20)}`);
    else tellTag(telling, name, field(tag, 'value'));
  }
  const answer = telling.answer('reading');
  return answer.readings.length === 0 && answer.rejected === undefined ? nothing('bad', 'no value') : answer;
}

function tellTag(telling: Telling, tag: string, value: unknown): void {
  const key = readKey(tag);
  if (typeof value === 'object' && value !== null) return;
  if (key === null) telling.other(tag, value);
  else {
    const unit = key.unit === null ? {} : { unit: key.unit };
    tellQuantity(telling, key.quantity, value, {
      channel: key.channel,
      numbered: key.channel !== null,
      as: tag,
      contact: key.contact,
      label: tag,
      ...unit,
    });
  }
}
