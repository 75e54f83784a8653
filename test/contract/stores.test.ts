import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { instant } from '#core/time.ts';
import { openJournal } from '#platform/journal.ts';
import { createMemoryJournal } from '#platform/memory-journal.ts';
import { createMemoryStateStore } from '#platform/memory-state-store.ts';
import { openStateStore } from '#platform/state-store.ts';
import { journalContract } from './journal.contract.ts';
import { stateStoreContract } from './state-store.contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'zhishou-stores-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;
const file = (): string => join(folder, `${++made}.sqlite`);

journalContract('memory', createMemoryJournal);
journalContract('SQLite in memory', () => openJournal(':memory:'));
journalContract('file', () => openJournal(file()));
stateStoreContract('memory', createMemoryStateStore);
stateStoreContract('SQLite in memory', () => openStateStore(':memory:'));
stateStoreContract('file', () => openStateStore(file()));

it('the journal in memory gives the records and hashes that the one on disk gives, whatever is appended (I8)', () => {
  const record = fc.record({
    at: fc.integer({ min: 0, max: 1e12 }).map(instant),
    stream: fc.constantFrom('site', 'inc-1'),
    kind: fc.constantFrom('incident.power', 'incident.answer'),
    body: fc.oneof(fc.jsonValue(), fc.constant({ left: undefined, nan: Number.NaN, zero: -0, list: [undefined] })),
  });
  fc.assert(
    fc.property(fc.array(fc.array(record, { maxLength: 3 }), { maxLength: 6 }), (appends) => {
      const memory = createMemoryJournal();
      const disk = openJournal(':memory:');
      for (const records of appends) {
        memory.append(records);
        disk.append(records);
      }
      const plain = (journal: typeof disk | typeof memory) =>
        [...journal.read()].map(({ seq, at, stream, kind, body, hash }) => ({ seq, at, stream, kind, body, hash }));
      expect(plain(memory)).toEqual(plain(disk));
      expect(memory.verify()).toBeNull();
      disk.close();
    }),
    { numRuns: 60 },
  );
});

it('nothing that is changed after its append reaches a record in memory, and what is read is nobody else’s', () => {
  const journal = createMemoryJournal();
  const body = { steps: ['a'] };
  journal.append([{ at: instant(0), stream: 'inc-1', kind: 'k', body }]);
  body.steps.push('b');
  const [first] = [...journal.read()];
  (first!.body as typeof body).steps.push('c');
  expect([...journal.read()].map((one) => one.body)).toEqual([{ steps: ['a'] }]);
});

it('the state in memory gives back copies: a restarted service shares nothing with the one before', () => {
  const store = createMemoryStateStore();
  store.set('rule', { memory: { since: 1 } });
  const first = store.get('rule') as { memory: { since: number } };
  first.memory.since = 2;
  expect(store.get('rule')).toEqual({ memory: { since: 1 } });
});
