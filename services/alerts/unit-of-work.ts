import type { StateStore } from '#core/ports.ts';

/**
 * All that one message changes (rule states, alerts, outbox) is written in one transaction, one fsync; what goes outside
 * follows it. A store that fails (full disk) stops nobody from being told: the work goes on in memory and the failure is reported.
 */
export interface UnitOfWork {
  /** Joins the transaction that is open, else opens one; runs the `afterCommit` calls when the outermost has ended. */
  run<T>(work: () => T): T;
  /** Calls once the writes are durable; at once when no transaction is open. `sending` comes before all the rest. */
  afterCommit(call: () => void, kind?: 'sending' | 'rest'): void;
  /** The state store, for use within `run`; its writes do not throw. */
  readonly store: StateStore;
}

export interface UnitOfWorkReports {
  /** A write or a commit failed: what it would have kept is in memory only. */
  readonly onStoreError: (error: unknown) => void;
  /** An `afterCommit` call failed: our bug. */
  readonly onCallError: (error: unknown) => void;
}

export function createUnitOfWork(state: StateStore, reports: UnitOfWorkReports): UnitOfWork {
  let depth = 0;
  let sending: (() => void)[] = [];
  let waiting: (() => void)[] = [];

  function flush(): void {
    const calls = [...sending, ...waiting];
    sending = [];
    waiting = [];
    for (const call of calls) {
      try {
        call();
      } catch (error) {
        reports.onCallError(error);
      }
    }
  }

  return {
    run(work) {
      if (depth > 0) return work();
      depth++;
      try {
        return committed(state, work, reports.onStoreError);
      } finally {
        depth--;
        flush();
      }
    },
    afterCommit(call, kind = 'rest') {
      if (depth === 0) call();
      else if (kind === 'sending') sending.push(call);
      else waiting.push(call);
    },
    store: tolerant(state, reports.onStoreError),
  };
}

/** Runs the work exactly once whether or not the store can open and commit a transaction; errors of the work itself come through. */
function committed<T>(state: StateStore, work: () => T, onStoreError: (error: unknown) => void): T {
  let done: { value: T } | null = null;
  let thrown: { error: unknown } | null = null;
  try {
    state.transaction(() => {
      try {
        done = { value: work() };
      } catch (error) {
        thrown = { error };
        throw error;
      }
    });
  } catch (error) {
    if (thrown === null) onStoreError(error);
  }
  const failed = thrown as { error: unknown } | null;
  if (failed !== null) throw failed.error;
  const result = done as { value: T } | null;
  return result === null ? work() : result.value;
}

function tolerant(state: StateStore, onStoreError: (error: unknown) => void): StateStore {
  const attempt = (write: () => void): void => {
    try {
      write();
    } catch (error) {
      onStoreError(error);
    }
  };
  return {
    get: (key) => state.get(key),
    set: (key, value) => attempt(() => state.set(key, value)),
    delete: (key) => attempt(() => state.delete(key)),
    entries: (prefix) => state.entries(prefix),
    transaction: (work) => state.transaction(work),
    close: () => state.close(),
  };
}
