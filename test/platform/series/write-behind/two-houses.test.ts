import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { siteSchema } from '#core/config/site.ts';
import { seededRandom } from '#core/random.ts';
import { hours, instant, seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { openHistory } from '#platform/series/write-behind/open-history.ts';
import { reading, START } from '../spool/support.ts';

const folder = mkdtempSync(join(tmpdir(), 'zhishou-houses-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a stand-by beside the house that acts waits with its readings, says why, and has both’s when the first is gone', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'history-holder.ts'), folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout!, 'data');
  const clock = createVirtualClock(instant(START));
  const standBy = await openHistory({
    config: {
      site: siteSchema.parse({ id: 's', name: 'S', address: 'A', floor: '1', time_zone: 'Asia/Shanghai' }),
      devices: [],
      rules: [],
    },
    stateDirectory: folder,
    clock,
    random: seededRandom(2),
    log: silentLog,
    metrics: createMetrics(),
  });
  const range = { device: 'th-1', point: 'ambient.temperature', from: instant(START), to: instant(START + hours(1)) };
  const word = 'another process keeps the history of this state directory';
  try {
    await expect(standBy.store.raw(range)).rejects.toMatchObject({
      code: 'STORE_DOWN',
      message: expect.stringContaining(word),
    });
    standBy.add(Array.from({ length: 10 }, (_, i) => reading(60_000 + i * 1000, 100 + i)));
    await vi.waitFor(
      () => {
        clock.advanceBy(seconds(1));
        expect(standBy.status().spool).toMatchObject({ state: 'failing', error: expect.stringContaining(word) });
      },
      { timeout: 20_000 },
    );
    expect(standBy.status().spool).toMatchObject({ waiting: 10, lost: 0 });
  } finally {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
  await vi.waitFor(
    async () => {
      clock.advanceBy(seconds(5));
      const values = (await standBy.store.raw(range)).map(({ value }) => value);
      expect(values).toEqual([...Array(10).keys(), ...Array.from({ length: 10 }, (_, i) => 100 + i)]);
    },
    { timeout: 30_000, interval: 50 },
  );
  await standBy.close();
}, 90_000);
