import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openJournal } from '#platform/journal.ts';
import { createMemoryJournal } from '#platform/memory-journal.ts';
import { createMemoryStateStore } from '#platform/memory-state-store.ts';
import { openSeriesStore } from '#platform/series-store.ts';
import { openStateStore } from '#platform/state-store.ts';
import { journalContract } from './journal.contract.ts';
import { seriesStoreContract } from './series-store.contract.ts';
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
seriesStoreContract('memory', () => openSeriesStore(':memory:'));
seriesStoreContract('file', () => openSeriesStore(file()));
