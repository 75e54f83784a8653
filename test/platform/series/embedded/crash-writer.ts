import { writeSync } from 'node:fs';
import { instant, milliseconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { openEmbeddedStore } from '#platform/series/embedded/embedded-store.ts';
import { crashBatch, START } from './crash-batches.ts';

/** Writes batch after batch, says how many are kept, and seals all the while, until it is killed. */
const clock = createVirtualClock(instant(START));
const store = openEmbeddedStore(process.argv[2] ?? '', { clock, mostInHead: 60 });
for (let i = 0; i < 28; i++) {
  await store.write(crashBatch(i));
  writeSync(1, `${i + 1}\n`);
  clock.advanceBy(milliseconds(6000));
  if (i % 5 === 4) await store.settle();
}
// Not reached when it is killed in time; the parent then counts all of them.
await store.close();
