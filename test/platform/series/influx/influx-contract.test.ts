import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { createInfluxStore } from '#platform/series/influx/influx-store.ts';
import { seriesStoreContract } from '../../../contract/series-store.contract.ts';
import { describeReal } from '../../../support/real.ts';
import { type RealInflux, startInflux } from '../../../support/real-influx.ts';

describeReal('influxd', 'InfluxDB 1.6 of Debian', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-influx-contract-'));
  let influx: RealInflux;
  let disturbances = 0;
  beforeAll(async () => {
    influx = await startInflux();
  });
  afterAll(async () => {
    await influx.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  seriesStoreContract(
    'InfluxDB 1.x',
    (settings) =>
      createInfluxStore({
        url: influx.url,
        database: 'history "of" the room',
        site: "hq, building 3 = the 'old' one",
        deadLetters: join(folder, 'dead.lp'),
        settings,
      }),
    {
      slow: true,
      // Killed and started again now and then: what was written must have been kept, and the same store goes on.
      async disturb(store) {
        if (++disturbances % 10 === 0) {
          await influx.down(true);
          await influx.up();
        }
        return store;
      },
    },
  );
});
