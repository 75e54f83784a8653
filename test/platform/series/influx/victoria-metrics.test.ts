import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Quality, Value } from '#core/reading.ts';
import { plus, seconds } from '#core/time.ts';
import { describeReal } from '../../../support/real.ts';
import { type RealVictoriaMetrics, startVictoriaMetrics } from '../../../support/real-victoria-metrics.ts';
import { everything, LOAD, type Opened, readingOf, START, storesToClose } from './store-under-test.ts';

describeReal('victoria-metrics', 'victoria-metrics of Debian', () => {
  let server: RealVictoriaMetrics;
  let opened: Opened;
  beforeAll(async () => {
    server = await startVictoriaMetrics();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    opened = storesToClose();
  });
  afterEach(() => opened.closeAll());

  const written = async (device: string) =>
    (await server.exported())
      .filter(({ metric }) => metric.device === device)
      .map(({ metric: { __name__: name = '', device: _, site: __, ...labels }, values, timestamps }) => ({
        name,
        labels,
        samples: values.map((value, index) => [(timestamps[index] ?? 0) - START, value]),
      }))
      .sort((a, b) => (`${a.name}${a.labels.word}` < `${b.name}${b.labels.word}` ? -1 : 1));
  const row = (s: number, value: Value | null, point: string, quality: Quality, device: string) =>
    readingOf(plus(START, seconds(s)), value, point, quality, device);

  it('is recognised, written to, and says that it cannot be read', async () => {
    const store = opened.open({ url: server.url });
    expect(await store.describe()).toMatchObject({ generation: 'victoria-metrics', readable: false });
    expect(await store.write([readingOf(START, 1)])).toEqual({ written: 1, rejected: [] });
    expect(store.status()).toEqual({ state: 'ok', store: 'VictoriaMetrics', error: null });
    for (const question of [
      () => store.raw({ ...LOAD, ...everything }),
      () => store.changes({ ...LOAD, ...everything }),
      () => store.buckets({ ...LOAD, ...everything, step: { every: seconds(60) } }),
      () => store.quantiles({ ...LOAD, ...everything, shares: [0.5] }),
      () => store.series(),
    ])
      await expect(question()).rejects.toThrow(/written only.*no InfluxQL/);
  });

  it('good numbers are the value, doubtful ones stand apart, the quality is a number', async () => {
    const store = opened.open({ url: server.url });
    const rows = [
      [0, 41.25, 'good'],
      [1, 9999, 'implausible'],
      [2, null, 'missing'],
      [3, -0.1, 'good'],
    ] as const;
    await store.write(rows.map(([s, value, quality]) => row(s, value, 'ups.load', quality, 'vm-1')));
    const labels = { point: 'ups.load' };
    expect(await written('vm-1')).toEqual([
      { name: 'zhishou_power_doubtful', labels, samples: [[1000, 9999]] },
      {
        name: 'zhishou_power_quality',
        labels,
        samples: [
          [0, 0],
          [1000, 3],
          [2000, 4],
          [3000, 0],
        ],
      },
      {
        name: 'zhishou_power_value',
        labels,
        samples: [
          [0, 41.25],
          [3000, -0.1],
        ],
      },
    ]);
  });

  it('truths are 0 and 1, a word is a label', async () => {
    const store = opened.open({ url: server.url });
    await store.write([
      row(0, false, 'room.smoke', 'good', 'vm-2'),
      row(1, true, 'room.smoke', 'good', 'vm-2'),
      row(0, 'OL', 'ups.status', 'good', 'vm-3'),
      row(1, 'OB DISCHRG', 'ups.status', 'good', 'vm-3'),
    ]);
    const states = async (device: string) =>
      (await written(device)).filter(({ name }) => name === 'zhishou_state_value');
    expect(await states('vm-2')).toEqual([
      {
        name: 'zhishou_state_value',
        labels: { point: 'room.smoke' },
        samples: [
          [0, 0],
          [1000, 1],
        ],
      },
    ]);
    expect((await states('vm-3')).map(({ labels, samples }) => [labels.word, samples])).toEqual([
      ['OB DISCHRG', [[1000, 1]]],
      ['OL', [[0, 1]]],
    ]);
  });

  it('hostile names arrive letter by letter', async () => {
    const store = opened.open({ url: server.url, site: 'hq, "one" = 1' });
    const names = ['with space', 'a,b=c"d', '机房 🔥', "o'clock"];
    await store.write(names.map((name, index) => readingOf(START, index, 'ups.load', 'good', name)));
    const found = (await server.exported()).filter(({ metric }) => metric.site === 'hq, "one" = 1');
    expect(
      found
        .filter(({ metric }) => metric.__name__?.endsWith('_value'))
        .map(({ metric }) => metric.device)
        .sort(),
    ).toEqual(names.sort());
  });
});
