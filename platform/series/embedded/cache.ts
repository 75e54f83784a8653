/** What was decoded lately, bounded in bytes; the least recently used goes first. */
export interface Cache {
  get<T>(key: string): T | undefined;
  set(key: string, value: object, bytes: number): void;
  delete(key: string): void;
  clear(): void;
  readonly bytes: number;
}

export function createCache(mostBytes: number): Cache {
  const kept = new Map<string, { value: object; bytes: number }>();
  let total = 0;
  const remove = (key: string): void => {
    total -= kept.get(key)?.bytes ?? 0;
    kept.delete(key);
  };
  return {
    get<T>(key: string) {
      const found = kept.get(key);
      if (found === undefined) return undefined;
      kept.delete(key);
      kept.set(key, found);
      return found.value as T;
    },
    set(key, value, bytes) {
      remove(key);
      kept.set(key, { value, bytes });
      total += bytes;
      for (const oldest of kept.keys()) {
        if (total <= mostBytes) return;
        remove(oldest);
      }
    },
    delete: remove,
    clear() {
      kept.clear();
      total = 0;
    },
    get bytes() {
      return total;
    },
  };
}
