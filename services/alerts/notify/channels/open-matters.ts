import type { ChannelMemory } from './channel-parts.ts';

/** Matters that are open on the other side of a channel, by key, kept across restarts. */
export interface Matters<T> {
  /** Takes over what was kept; once. */
  restore(): void;
  get(key: string): T | undefined;
  set(key: string, matter: T): void;
  delete(key: string): boolean;
  values(): IterableIterator<T>;
  entries(): IterableIterator<readonly [string, T]>;
  readonly size: number;
}

/** More are open only when something is very wrong; the oldest is forgotten then. */
const MOST = 1000;

export function createMatters<T>(memory: ChannelMemory | undefined, prefix: string): Matters<T> {
  const open = new Map<string, T>();
  let restored = false;
  /** A full disk keeps nobody from being told: what could not be written is known until the next restart. */
  const write = (change: () => void): void => {
    try {
      change();
    } catch {
      // The service's own watch over its store tells of it.
    }
  };

  function remove(key: string): boolean {
    if (!open.delete(key)) return false;
    write(() => memory?.delete(prefix + key));
    return true;
  }

  return {
    restore() {
      if (restored) return;
      restored = true;
      for (const [key, value] of memory?.entries(prefix) ?? []) {
        const name = key.slice(prefix.length);
        if (!open.has(name)) open.set(name, value as T);
      }
    },
    get: (key) => open.get(key),
    set(key, matter) {
      open.set(key, matter);
      write(() => memory?.set(prefix + key, matter));
      for (const oldest of [...open.keys()].slice(0, Math.max(0, open.size - MOST))) remove(oldest);
    },
    delete: remove,
    values: () => open.values(),
    entries: () => open.entries(),
    get size() {
      return open.size;
    },
  };
}
