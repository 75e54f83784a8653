import { writeSync } from 'node:fs';
import { openEmbeddedStore } from '#platform/series/embedded/embedded-store.ts';
import { crashBatch } from './crash-batches.ts';

/** Keeps one batch in the store, says so, and holds the store until it is killed. */
const store = openEmbeddedStore(process.argv[2] ?? '');
await store.write(crashBatch(0));
writeSync(1, 'held\n');
process.stdin.resume();
