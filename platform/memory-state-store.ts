import { invariant } from '#core/errors.ts';
import type { StateStore } from '#core/ports.ts';
import { copyJson } from './copy-json.ts';

/**
 * The state store without a file, for simulation. What was set is kept as it was handed over, because those who set it never
 * change it afterwards; it is copied as JSON would when it is read, so that a restarted service has nothing in common with
 * the one before.
 */
export function createMemoryStateStore(): StateStore {
  const values = new Map<string, unknown>();
  /** How to undo what the open transactions have changed, newest last; null outside of one. */
  let undo: (readonly [key: string, before: unknown])[] | null = null;

  const put = (key: string, value: unknown): void => {
    undo?.push([key, values.get(key)]);
    if (value === undefined) values.delete(key);
    else values.set(key, value);
  };
  return {
    get: (key) => (values.has(key) ? copyJson(values.get(key)) : undefined),
    set(key, value) {
      invariant(value !== undefined, `the state ${key} has no value`);
      put(key, value);
    },
    delete(key) {
      if (values.has(key)) put(key, undefined);
    },
    entries(prefix) {
      const keys = [...values.keys()].filter((key) => key.startsWith(prefix)).sort();
      return keys.map((key) => [key, copyJson(values.get(key))] as const);
    },
    transaction(work) {
      const outer = undo;
      const changes: NonNullable<typeof undo> = [];
      undo = changes;
      try {
        const result = work();
        invariant(!(result instanceof Promise), 'a transaction cannot wait for a promise');
        outer?.push(...changes);
        return result;
      } catch (error) {
        for (const [key, before] of changes.reverse()) {
          if (before === undefined) values.delete(key);
          else values.set(key, before);
        }
        throw error;
      } finally {
        undo = outer;
      }
    },
    close() {},
  };
}
