import { invariant } from '#core/errors.ts';
import type { StateStore } from '#core/ports.ts';
import { copyWhenIdle, inTransaction, openDatabase } from './sqlite.ts';

const MIGRATIONS = ['CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;'];

/** Small durable key-value state on SQLite; `:memory:` gives one without a file. Throws STORE_TOO_NEW or STORE_DOWN. */
export function openStateStore(file: string): StateStore {
  const database = openDatabase(file, { migrations: MIGRATIONS, synchronous: 'FULL' });
  const committed = copyWhenIdle(database);
  const change = <T>(work: () => T): T => {
    const result = inTransaction(database, file, work);
    if (!database.isTransaction) committed();
    return result;
  };
  const select = database.prepare('SELECT value FROM state WHERE key = ?');
  const upsert = database.prepare(
    'INSERT INTO state VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  const remove = database.prepare('DELETE FROM state WHERE key = ?');
  // Everything from the prefix on, in order; the loop below stops where the prefix ends.
  const from = database.prepare('SELECT key, value FROM state WHERE key >= ? ORDER BY key');
  return {
    get(key) {
      const row = select.get(key);
      return row === undefined ? undefined : (JSON.parse(String(row.value)) as unknown);
    },
    set(key, value) {
      const text = JSON.stringify(value);
      invariant(text !== undefined, `the state ${key} has no value`);
      change(() => void upsert.run(key, text));
    },
    delete: (key) => change(() => void remove.run(key)),
    entries(prefix) {
      const found: [string, unknown][] = [];
      for (const row of from.iterate(prefix)) {
        const key = String(row.key);
        if (!key.startsWith(prefix)) break;
        found.push([key, JSON.parse(String(row.value))]);
      }
      return found;
    },
    transaction: (work) =>
      change(() => {
        const result = work();
        invariant(!(result instanceof Promise), 'a transaction cannot wait for a promise');
        return result;
      }),
    close() {
      if (database.isOpen) database.close();
    },
  };
}
