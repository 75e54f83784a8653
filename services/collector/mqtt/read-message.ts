import type { Instant } from '#core/time.ts';
import { FAMILIES } from './families.ts';
import { type FamilyAnswer, type FamilyContext, type MqttFamily, nothing } from './family.ts';
import type { MqttMemory } from './memory.ts';
import { createMessage } from './message.ts';
import { hashOf } from './quantities.ts';

/** What a message says, whoever's manner it is in. Never throws; the memory has what it taught afterwards. */
export interface ReadMessage {
  readonly family: string | null;
  readonly answer: FamilyAnswer;
  /** The same bytes came last on this topic: QoS 1 delivers twice, and gateways repeat themselves. */
  readonly repeated: boolean;
}

const LONGEST_TOPIC = 1000;

export function readMessage(
  topic: string,
  bytes: Uint8Array,
  retained: boolean,
  memory: MqttMemory,
  context: FamilyContext,
): ReadMessage {
  const none = (reason: string): ReadMessage => ({ family: null, answer: nothing('bad', reason), repeated: false });
  if (topic === '' || topic.length > LONGEST_TOPIC) return none('the topic is empty or too long');
  const message = createMessage(topic, bytes, retained);
  if (message.problem === 'too large') return none('too large');
  const repeated = memory.lastPayloads.get(topic) === hashOf(bytes) && bytes.length > 0;
  memory.lastPayloads.set(topic, hashOf(bytes));
  let family: MqttFamily | undefined;
  try {
    family = FAMILIES.find((one) => one.matches(message, memory));
    if (family === undefined) return none(message.problem ?? 'no family knows this topic with these keys');
    const answer = family.decode(message, memory, context);
    const isSilent = answer.readings.length === 0 && answer.rejected === undefined;
    return { family: family.id, answer: isSilent ? { ...answer, rejected: 'no value' } : answer, repeated };
  } catch {
    // A mistake of ours in one message must not stop the others.
    return { family: family?.id ?? null, answer: nothing('bad', 'it cannot be read'), repeated };
  }
}

/** So long after its own time a message is no news any more, whatever the broker kept it for. */
export const isOld = (measuredAt: Instant | undefined, now: Instant): boolean =>
  measuredAt !== undefined && now - measuredAt > 3_600_000;
