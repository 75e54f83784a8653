import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { siteSchema } from '#core/config/site.ts';
import { seededRandom } from '#core/random.ts';
import { instant, seconds } from '#core/time.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import type { History } from '#platform/series/write-behind/history.ts';
import { openHistory } from '#platform/series/write-behind/open-history.ts';
import { describeReal } from '../../../support/real.ts';
import { type RealInflux, startInflux } from '../../../support/real-influx.ts';
import { reading, START } from '../spool/support.ts';

describeReal('influxd', 'history in the embedded store and a real InfluxDB beside it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-both-'));
  let influx: RealInflux;
  let history: History | null = null;
  beforeAll(async () => {
    influx = await startInflux();
  }, 60_000);
  afterAll(async () => {
    await history?.close();
    await influx.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('while the server is away the embedded store goes on; back again, it gets everything that it missed, once', async () => {
    const clock = createSystemClock();
    const now = Math.floor(clock.now() / 1000) * 1000 - START - 600_000;
    const site = siteSchema.parse({
      ...{ id: 'both', name: 'B', address: 'A', floor: '1', time_zone: 'Asia/Shanghai' },
      history: { stores: ['embedded', 'influxdb'], influxdb: { url: influx.url, database: 'both' } },
    });
    const made = await openHistory({
      config: { site, devices: [], rules: [] },
      stateDirectory: folder,
      clock,
      random: seededRandom(2),
      log: silentLog,
      metrics: createMetrics(),
    });
    history = made;
    const influxState = () => made.status().stores.find(({ store }) => store === 'influxdb');
    const add = (from: number, count: number): void =>
      made.add(Array.from({ length: count }, (_, i) => reading(now + (from + i) * 100, (from + i) / 10)));
    add(0, 500);
    await vi.waitFor(() => expect(influxState()?.delivered).toBe(500), { timeout: 30_000, interval: 100 });
    await influx.down(true);
    add(500, 2000);
    await made.settled(seconds(20));
    await vi.waitFor(() => expect(influxState()?.state).toBe('failing'), { timeout: 30_000, interval: 100 });
    const range = {
      device: 'th-1',
      point: 'ambient.temperature',
      from: instant(START + now),
      to: instant(START + now + 600_000),
    };
    expect(await made.store.raw(range)).toHaveLength(2500);
    await influx.up();
    await vi.waitFor(() => expect(influxState()).toMatchObject({ state: 'ok', delivered: 2500, waitingBytes: 0 }), {
      timeout: 90_000,
      interval: 200,
    });
    const [series] = await influx.query('SELECT count(*) FROM /.*/', 'both');
    expect(JSON.stringify(series)).toContain('2500');
  }, 180_000);
});
