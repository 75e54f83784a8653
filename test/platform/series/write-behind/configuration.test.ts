import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { devicesFileSchema } from '#core/config/device.ts';
import type { Rule } from '#core/config/rule.ts';
import { siteSchema } from '#core/config/site.ts';
import { ZhishouError } from '#core/errors.ts';
import { seededRandom } from '#core/random.ts';
import { hours, instant, minutes, plus, seconds } from '#core/time.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { openEmbeddedStore } from '#platform/series/embedded/embedded-store.ts';
import { createMemorySeriesStore } from '#platform/series/memory-series-store.ts';
import { createLateStore } from '#platform/series/write-behind/late-store.ts';
import { openHistory } from '#platform/series/write-behind/open-history.ts';
import { longestOf, retentionOf } from '#platform/series/write-behind/retention.ts';
import { settingsOf } from '#platform/series/write-behind/series-settings.ts';
import { reading, START } from '../spool/support.ts';

const site = (more: object = {}) =>
  siteSchema.parse({ id: 's', name: 'S', address: 'A', floor: '1', time_zone: 'Asia/Shanghai', ...more });
const days = (n: number) => hours(24 * n);

const { devices } = devicesFileSchema.parse({
  devices: [
    { id: 'ups-1', name: 'U', kind: 'ups', snmp: { host: '127.0.0.1' }, interval: '5s' },
    { id: 'th-1', name: 'T', kind: 'sensor', mqtt: { topic: 'z/1' }, interval: '30s' },
    { id: 'th-2', name: 'T', kind: 'sensor', mqtt: { topic: 'z/2' }, stale_after: '10m' },
  ],
});
const rule = (when: object, on: object): Rule => ({ when, on, overrides: [] }) as unknown as Rule;

describe('a series’ own settings come from the site’s configuration', () => {
  const settings = settingsOf({
    devices,
    rules: [
      rule({ point: 'ambient.temperature', above: 32 }, { devices: ['th-1'] }),
      rule({ point: 'ambient.temperature', above: 27 }, { kinds: ['sensor'] }),
      rule({ point: 'ambient.temperature', below: 15 }, { devices: ['th-1'] }),
      rule({ any: [{ point: 'ambient.temperature', above: 20 }] }, { kinds: ['sensor'] }),
      rule({ point: 'ups.status', is: 'OB' }, { kinds: ['ups'] }),
    ],
  });
  const key = (device: string) => ({ device, point: 'ambient.temperature' });

  it.each([
    ['three polls, but no less than 30 s', 'ups-1', seconds(30)],
    ['three of the sensor’s usual intervals', 'th-1', seconds(90)],
    ['what the device itself says is old', 'th-2', minutes(10)],
    ['five minutes of a device that is no longer configured', 'gone', minutes(5)],
  ])('a value holds for %s', (_, device, hold) => {
    expect(settings.hold(key(device))).toBe(hold);
  });

  it.each([
    ['the tightest limits of its plain rules', 'th-1', { low: 15, high: 27 }],
    ['one side, where only that has a limit', 'th-2', { high: 27 }],
    ['none without a rule', 'ups-1', null],
  ])('a number is counted against %s', (_, device, band) => {
    expect(settings.band(key(device))).toEqual(band);
  });
});

describe('how long history is kept', () => {
  it.each([
    [
      'a month of readings, more than a year of states, days for ever, when nothing is said',
      {},
      'power',
      [30, 180, 730, 3650, null],
    ],
    ['states longer', {}, 'state', [400, 400, 730, 3650, null]],
    ['by the older `keep`', { keep: '60d' }, 'power', [60, 180, 730, 3650, null]],
    ['by what is said of all', { history: { keep: { raw: '7d', day: '100d' } } }, 'state', [7, 180, 730, 3650, 3650]],
    [
      'by what is said of the class first',
      { history: { keep: { raw: '7d', classes: { environment: { raw: 'forever' } } } } },
      'environment',
      [null, null, null, null, null],
    ],
  ] as const)('%s', (_, more, name, kept) => {
    const { raw, minute, quarter, hour, day } = retentionOf(site(more))[name];
    expect([raw, minute, quarter, hour, day]).toEqual(kept.map((n) => (n === null ? null : days(n))));
  });

  it('a store without classes keeps each resolution as long as any class wants it', () => {
    const { raw, day } = longestOf(retentionOf(site({ history: { keep: { day: '4000d' } } })));
    expect([raw, day]).toEqual([days(400), days(4000)]);
  });
});

describe('a store that opens late', () => {
  it('answers STORE_DOWN until it opens, is tried now and then, and does not hold up the start', async () => {
    const clock = createVirtualClock(instant(START));
    let tries = 0;
    let there = false;
    const store = createLateStore('embedded', clock, async () => {
      tries++;
      if (!there) throw new Error('locked');
      return createMemorySeriesStore();
    });
    await store.tryToOpen();
    expect(store.status()).toMatchObject({ state: 'failing', error: expect.stringContaining('locked') });
    for (let i = 0; i < 5; i++) await expect(store.series()).rejects.toMatchObject({ code: 'STORE_DOWN' });
    expect(tries).toBe(1);
    there = true;
    clock.advanceBy(seconds(30));
    expect(await store.series()).toEqual([]);
    expect(store.status().state).toBe('ok');
    await store.close();
  });

  it('that a newer program wrote stops the start with that word', async () => {
    const store = createLateStore('embedded', createVirtualClock(instant(START)), async () => {
      throw new ZhishouError('STORE_TOO_NEW', 'series.sqlite');
    });
    await expect(store.tryToOpen()).rejects.toMatchObject({ code: 'STORE_TOO_NEW' });
    await store.close();
  });
});

describe('history of a state directory', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-history-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('keeps readings in the embedded store through the spool, and has them after a restart', async () => {
    const parts = {
      config: { site: site(), devices, rules: [] },
      stateDirectory: folder,
      clock: createSystemClock(),
      random: seededRandom(1),
      log: silentLog,
      metrics: createMetrics(),
    };
    const now = parts.clock.now() - 60_000;
    const first = await openHistory(parts);
    first.add([reading(now - START, 21.5), reading(now - START + 1000, 'OL', { point: 'ups.status' })]);
    await first.settled(seconds(20));
    const query = {
      device: 'th-1',
      point: 'ambient.temperature',
      from: instant(now - 1000),
      to: instant(now + 60_000),
    };
    expect(await first.store.raw(query)).toEqual([{ at: instant(now), value: 21.5, quality: 'good' }]);
    await first.close();
    const second = await openHistory(parts);
    second.add([reading(now - START + 2000, 22)]);
    await second.close();
    const store = openEmbeddedStore(join(folder, 'series.sqlite'));
    expect((await store.raw(query)).map(({ at, value }) => [at, value])).toEqual([
      [now, 21.5],
      [plus(instant(now), seconds(2)), 22],
    ]);
    await store.close();
  });
});
