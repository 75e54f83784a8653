import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StateStore } from '#core/ports.ts';

/** What every StateStore keeps. */
export function stateStoreContract(name: string, make: () => StateStore): void {
  describe(`state store contract: ${name}`, () => {
    let store: StateStore;
    beforeEach(() => {
      store = make();
    });
    afterEach(() => store.close());

    it('gives back what was set, the newest, and undefined for what was not or was deleted', () => {
      store.set('a', { n: 1, list: [true, null, '值'] });
      store.set('b', 1);
      store.set('b', null);
      store.set('c', 3);
      store.delete('c');
      store.delete('never');
      expect([store.get('a'), store.get('b'), store.get('c'), store.get('never')]).toEqual([
        { n: 1, list: [true, null, '值'] },
        null,
        undefined,
        undefined,
      ]);
    });

    it('lists keys in order by prefix, and a prefix is no pattern', () => {
      for (const key of ['rules/b', 'rules/a', 'rules%', 'rule_', 'rulesX', 'plans/a']) store.set(key, key);
      expect([...store.entries('rules/')]).toEqual([
        ['rules/a', 'rules/a'],
        ['rules/b', 'rules/b'],
      ]);
      expect([...store.entries('rule_')].map(([key]) => key)).toEqual(['rule_']);
      expect([...store.entries('')]).toHaveLength(6);
      expect([...store.entries('zzz')]).toEqual([]);
    });

    it('keeps all of a transaction or none, also of one inside another', () => {
      store.set('a', 1);
      expect(() =>
        store.transaction(() => {
          store.set('a', 2);
          store.set('b', 2);
          throw new Error('no');
        }),
      ).toThrow('no');
      expect([store.get('a'), store.get('b')]).toEqual([1, undefined]);
      const result = store.transaction(() => {
        store.set('a', 3);
        try {
          store.transaction(() => {
            store.set('a', 4);
            throw new Error('inner');
          });
        } catch {
          // the outer one goes on
        }
        store.set('b', 3);
        return 'done';
      });
      expect([result, store.get('a'), store.get('b')]).toEqual(['done', 3, 3]);
    });

    it('refuses work that waits for a promise, and a value that is none', () => {
      expect(() => store.transaction(async () => store.set('a', 1))).toThrow(/promise/);
      expect(store.get('a')).toBeUndefined();
      expect(() => store.set('a', undefined)).toThrow(/no value/);
    });

    it('lets entries be changed while they are walked', () => {
      for (let i = 0; i < 10; i++) store.set(`k/${i}`, i);
      for (const [key] of store.entries('k/')) store.delete(key);
      expect([...store.entries('k/')]).toEqual([]);
    });
  });
}
