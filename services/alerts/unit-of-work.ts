import type { StateStore } from '#core/ports.ts';

/**
 * All that one message changes (rule states, alerts, outbox) is written in one transaction, one fsync; what goes outside
 * follows it. Writes are gathered first, so that a message which changes nothing costs no transaction, and a store that
 * fails (full disk) stops nobody from being told: the work is done in memory and the failure is reported.
 */
export interface UnitOfWork {
  /** Joins the unit that is open, else opens one; its writes are committed, then the `afterCommit` calls are run. Work that throws writes nothing. */
  run<T>(work: () => T): T;
  /** Calls once the writes are durable; at once when no unit is open. `sending` comes before all the rest. */
  afterCommit(call: () => void, kind?: 'sending' | 'rest'): void;
  /** The state store as the open unit sees it; its writes do not throw. */
  readonly store: StateStore;
}

export interface UnitOfWorkReports {
  /** A write failed: what it would have kept is in memory only. */
  readonly onStoreError: (error: unknown) => void;
  /** An `afterCommit` call failed: our bug. */
  readonly onCallError: (error: unknown) => void;
}

/** Key → its new value; undefined takes it away. */
type Writes = Map<string, unknown>;

export function createUnitOfWork(state: StateStore, reports: UnitOfWorkReports): UnitOfWork {
  let writes: Writes = new Map();
  let open = false;
  let sending: (() => void)[] = [];
  let waiting: (() => void)[] = [];

  function run<T>(work: () => T): T {
    if (open) return work();
    open = true;
    try {
      const result = work();
      commit();
      return result;
    } finally {
      open = false;
      writes = new Map();
      flush();
    }
  }

  function commit(): void {
    if (writes.size === 0) return;
    try {
      state.transaction(() => {
        for (const [key, value] of writes) apply(state, key, value);
      });
    } catch (error) {
      reports.onStoreError(error);
    }
  }

  function write(key: string, value: unknown): void {
    if (open) {
      writes.set(key, value);
      return;
    }
    try {
      apply(state, key, value);
    } catch (error) {
      reports.onStoreError(error);
    }
  }

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
    run,
    afterCommit(call, kind = 'rest') {
      if (!open) call();
      else if (kind === 'sending') sending.push(call);
      else waiting.push(call);
    },
    store: {
      get: (key) => (writes.has(key) ? writes.get(key) : state.get(key)),
      set: write,
      delete: (key) => write(key, undefined),
      entries: (prefix) => overlaid(state.entries(prefix), writes, prefix),
      transaction: run,
      close: () => state.close(),
    },
  };
}

function apply(state: StateStore, key: string, value: unknown): void {
  if (value === undefined) state.delete(key);
  else state.set(key, value);
}

/** What is stored, with the open unit's writes over it, in order of keys. */
function overlaid(
  stored: Iterable<readonly [string, unknown]>,
  writes: Writes,
  prefix: string,
): Iterable<readonly [string, unknown]> {
  const changed = [...writes].filter(([key]) => key.startsWith(prefix));
  if (changed.length === 0) return stored;
  const merged = new Map<string, unknown>([...stored, ...changed]);
  return [...merged].filter(([, value]) => value !== undefined).sort(([a], [b]) => (a < b ? -1 : 1));
}
