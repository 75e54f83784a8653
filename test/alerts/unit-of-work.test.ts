import { describe, expect, it } from 'vitest';
import type { StateStore } from '#core/ports.ts';
import { openStateStore } from '#platform/state-store.ts';
import { createUnitOfWork } from '#services/alerts/unit-of-work.ts';

function setUp(state: StateStore = openStateStore(':memory:')) {
  let transactions = 0;
  const counted: StateStore = {
    ...state,
    transaction: (work) => {
      transactions++;
      return state.transaction(work);
    },
  };
  const storeErrors: unknown[] = [];
  const callErrors: unknown[] = [];
  const work = createUnitOfWork(counted, {
    onStoreError: (error) => storeErrors.push(error),
    onCallError: (error) => callErrors.push(error),
  });
  return { work, state, storeErrors, callErrors, transactions: () => transactions };
}

describe('a unit of work', () => {
  it('writes everything in one transaction, and then sends before it does the rest', () => {
    const { work, state, transactions } = setUp();
    const order: string[] = [];
    work.run(() => {
      work.afterCommit(() => order.push(`rest ${String(state.get('a'))}`));
      work.store.set('a', 1);
      work.run(() => work.store.set('b', 2));
      work.afterCommit(() => order.push(`sending ${String(state.get('b'))}`), 'sending');
      expect(state.get('a')).toBeUndefined();
    });
    expect(order).toEqual(['sending 2', 'rest 1']);
    expect(transactions()).toBe(1);
  });

  it('opens no transaction for work that changes nothing', () => {
    const { work, transactions } = setUp();
    work.run(() => work.store.get('a'));
    expect(transactions()).toBe(0);
  });

  it('reads its own writes', () => {
    const { work, state } = setUp();
    state.set('k/a', 1);
    state.set('k/c', 3);
    work.run(() => {
      work.store.set('k/b', 2);
      work.store.delete('k/c');
      expect(work.store.get('k/b')).toBe(2);
      expect(work.store.get('k/c')).toBeUndefined();
      expect([...work.store.entries('k/')]).toEqual([
        ['k/a', 1],
        ['k/b', 2],
      ]);
    });
    expect([...state.entries('k/')]).toHaveLength(2);
  });

  it('writes nothing of work that throws', () => {
    const { work, state } = setUp();
    const broken = (): void =>
      work.run(() => {
        work.store.set('a', 1);
        throw new Error('bug');
      });
    expect(broken).toThrow('bug');
    expect(state.get('a')).toBeUndefined();
    work.run(() => work.store.set('b', 1));
    expect(state.get('a')).toBeUndefined();
  });

  it('goes on when the store fails, and says so (L40)', () => {
    const full = (): never => {
      throw new Error('disk is full');
    };
    const { work, storeErrors } = setUp({ ...openStateStore(':memory:'), transaction: full, set: full });
    const sent: string[] = [];
    const result = work.run(() => {
      work.store.set('a', 1);
      work.afterCommit(() => sent.push('message'), 'sending');
      return 'done';
    });
    work.store.set('b', 2);
    expect(result).toBe('done');
    expect(sent).toEqual(['message']);
    expect(storeErrors).toHaveLength(2);
  });

  it('a call that fails does not keep the others back', () => {
    const { work, callErrors } = setUp();
    const done: string[] = [];
    work.run(() => {
      work.afterCommit(() => {
        throw new Error('bug');
      });
      work.afterCommit(() => done.push('next'));
    });
    expect(done).toEqual(['next']);
    expect(callErrors).toHaveLength(1);
  });
});
