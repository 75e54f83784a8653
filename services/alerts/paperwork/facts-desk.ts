import type { PaperworkFacts } from '#core/paperwork/facts.ts';
import { paperworkFactsSchema } from '#core/paperwork/facts-schema.ts';
import type { BusMessage } from '#core/ports.ts';
import { bySchema, decodeMessage } from '../decode-json.ts';

/** What the registers said last: who is in which room, what was consented to. Null until they said anything; nobody waits for it. */
export interface FactsDesk {
  /** Null: taken; else why not. */
  onMessage(message: BusMessage): string | null;
  now(): PaperworkFacts | null;
  /** Called after what they say has become otherwise. */
  onChange(call: (facts: PaperworkFacts, before: PaperworkFacts | null) => void): void;
}

const MAX_BYTES = 1024 * 1024;
const shape = bySchema(paperworkFactsSchema);

export function createFactsDesk(): FactsDesk {
  let facts: PaperworkFacts | null = null;
  const calls: ((facts: PaperworkFacts, before: PaperworkFacts | null) => void)[] = [];
  return {
    onMessage(message) {
      if (message.payload.length === 0 && message.value === undefined) return null;
      const decoded = decodeMessage(message, shape, MAX_BYTES);
      if (!decoded.ok) return decoded.reason;
      const before = facts;
      facts = decoded.value;
      for (const call of calls) call(facts, before);
      return null;
    },
    now: () => facts,
    onChange: (call) => void calls.push(call),
  };
}
