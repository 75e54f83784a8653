import { writeSync } from 'node:fs';
import { siteSchema } from '#core/config/site.ts';
import { seededRandom } from '#core/random.ts';
import { seconds } from '#core/time.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { openHistory } from '#platform/series/write-behind/open-history.ts';
import { reading } from '../spool/support.ts';

/** The house that acts: keeps ten readings, says so, and goes on until it is killed. */
const history = await openHistory({
  config: {
    site: siteSchema.parse({ id: 's', name: 'S', address: 'A', floor: '1', time_zone: 'Asia/Shanghai' }),
    devices: [],
    rules: [],
  },
  stateDirectory: process.argv[2] ?? '',
  clock: createSystemClock(),
  random: seededRandom(1),
  log: silentLog,
  metrics: createMetrics(),
});
history.add(Array.from({ length: 10 }, (_, i) => reading(i * 1000, i)));
await history.settled(seconds(60));
writeSync(1, 'held\n');
process.stdin.resume();
