import { topicMatches } from '#core/topics.ts';

/**
 * What of this process's values clients over the network want. Nothing is encoded for a topic that nobody outside reads;
 * of kept messages the newest waits, and is handed on before the first one who asks for it is told of his subscription.
 */
export interface OutsideReaders {
  /** A value goes out to those who read it now; a kept one waits for those who come later. */
  put(topic: string, value: object, retain: boolean): void;
  /** Something else is kept of this topic now. */
  replaced(topic: string): void;
  /** Settles when what is kept below the filter was handed on; what comes after that goes out at once. */
  join(client: object, filter: string): Promise<unknown>;
  leave(client: object, filters?: readonly string[]): void;
}

const MOST_WAITING = 50_000;
const MOST_CACHED_TOPICS = 10_000;

/** `send` hands a message to the network and resolves when it is kept there. */
export function createOutsideReaders(
  send: (topic: string, value: object, retain: boolean) => Promise<void>,
): OutsideReaders {
  const filters = new Map<object, Set<string>>();
  const waiting = new Map<string, object>();
  /** By topic: does anybody read it? Emptied whenever somebody comes or goes. */
  const known = new Map<string, boolean>();

  const isRead = (topic: string): boolean => {
    if (filters.size === 0) return false;
    const cached = known.get(topic);
    if (cached !== undefined) return cached;
    const read = [...filters.values()].some((own) => [...own].some((filter) => topicMatches(filter, topic)));
    if (known.size >= MOST_CACHED_TOPICS) known.clear();
    known.set(topic, read);
    return read;
  };
  return {
    put(topic, value, retain) {
      const hasRoom = waiting.size < MOST_WAITING || waiting.has(topic);
      if (!isRead(topic) && (!retain || hasRoom)) {
        if (retain) waiting.set(topic, value);
        return;
      }
      if (retain) waiting.delete(topic);
      void send(topic, value, retain);
    },
    replaced: (topic) => void waiting.delete(topic),
    join(client, filter) {
      const own = filters.get(client) ?? new Set();
      filters.set(client, own.add(filter));
      known.clear();
      const sent: Promise<void>[] = [];
      for (const [topic, value] of waiting) {
        if (!topicMatches(filter, topic)) continue;
        waiting.delete(topic);
        sent.push(send(topic, value, true));
      }
      return Promise.all(sent);
    },
    leave(client, gone) {
      const own = filters.get(client);
      if (own === undefined) return;
      for (const filter of gone ?? [...own]) own.delete(filter);
      if (own.size === 0) filters.delete(client);
      known.clear();
    },
  };
}
