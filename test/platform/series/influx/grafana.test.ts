import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { historySchema } from '#core/config/history.ts';
import { SERIES_CLASSES } from '#core/series.ts';
import { instant, minus, minutes } from '#core/time.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { MEASUREMENTS } from '#platform/series/influx/line-layout.ts';
import { longestOf, retentionOf } from '#platform/series/write-behind/retention.ts';
import { describeReal } from '../../../support/real.ts';
import { type RealInflux, startInflux } from '../../../support/real-influx.ts';
import { type Opened, readingOf, storesToClose } from './store-under-test.ts';

/** config/grafana/: what Grafana users load for our layout. */
interface Panel {
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly { readonly query: string }[];
}
interface Dashboard {
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] };
}

const CONFIG = join(import.meta.dirname, '../../../../config');
const load = (language: string): Dashboard =>
  JSON.parse(readFileSync(join(CONFIG, `grafana/zhishou-${language}.json`), 'utf8')) as Dashboard;
const zh = load('zh');
const en = load('en');
const queriesOf = ({ panels }: Dashboard) =>
  panels.flatMap(({ title, targets = [] }) => targets.map(({ query }) => ({ title, query })));

describe('the dashboards for Grafana', () => {
  it('are one in two languages: the same questions under other words', () => {
    expect(queriesOf(zh).map(({ query }) => query)).toEqual(queriesOf(en).map(({ query }) => query));
    expect(zh.panels).toHaveLength(en.panels.length);
    for (const [i, { title }] of zh.panels.entries()) {
      expect(title).toMatch(/\p{Script=Han}/u);
      expect(en.panels[i]?.title).not.toMatch(/\p{Script=Han}/u);
    }
  });

  it('ask for measurements that we write, and for fields and tags of ours alone', () => {
    for (const { title, query } of queriesOf(en)) {
      const names = [...query.matchAll(/"(zhishou_[a-z]+)"/g)].map(([, name = '']) => name);
      for (const name of names) expect(MEASUREMENTS, title).toContain(name);
      for (const [, name = ''] of query.matchAll(/(?<![.$\w])"([a-z_]+)"/g))
        expect(['value', 'truth', 'word', 'quality', 'site', 'device', 'point', ...names], title).toContain(name);
    }
  });
});

/** What each panel shows, of a small room. */
const SHOWN: readonly (readonly [point: string, value: number | string | boolean])[] = [
  ['ups.load', 41.5],
  ['ups.status', 'OL CHRG'],
  ['ups.realpower', 2200],
  ['battery.charge', 98],
  ['battery.runtime', 5400],
  ['input.voltage', 229.5],
  ['input.L1.voltage', 228],
  ['outlet.3.realpower', 180],
  ['ambient.temperature', 23.4],
  ['ambient.2.temperature', 24.1],
  ['ambient.humidity', 45],
  ['cooling.supply.temperature', 16],
  ['room.smoke', false],
  ['host.reachable', true],
];

describeReal('influxd', 'each question of the dashboards finds its readings in InfluxDB 1.6', () => {
  const clock = createSystemClock();
  let influx: RealInflux;
  let opened: Opened;
  beforeAll(async () => {
    influx = await startInflux();
    opened = storesToClose();
    const { history } = parse(readFileSync(join(CONFIG, 'site.yaml'), 'utf8')) as { history: unknown };
    const keepByClass = retentionOf({ history: historySchema.parse(history), keep: undefined });
    const store = opened.open({ url: influx.url, keep: longestOf(keepByClass), keepByClass });
    const now = instant(clock.now());
    for (const ago of [30, 20, 10])
      await store.write(SHOWN.map(([point, value]) => readingOf(minus(now, minutes(ago)), value, point)));
    await store.write([readingOf(minus(now, minutes(5)), 99, 'ambient.temperature', 'implausible', 'th-9')]);
  });
  afterAll(async () => {
    await opened.closeAll();
    await influx.stop();
  });

  const variable = (name: string): string => en.templating.list.find((one) => one.name === name)?.query ?? '';
  const filled = (query: string): string =>
    query
      .replaceAll('$timeFilter', 'time > now() - 1h')
      .replaceAll('$__interval', '1m')
      .replaceAll('$policy', variable('policy'))
      .replaceAll('$state_policy', variable('state_policy'))
      .replaceAll('$site', '.*');

  it.each(queriesOf(en))('$title', async ({ query }) => {
    const found = await influx.query(filled(query), 'history');
    const rows = found.flatMap(({ values = [] }) => values).filter(([, value]) => value !== null);
    expect(rows.length).toBeGreaterThan(0);
  });

  it('the list of sites is ours', async () => {
    const [found] = await influx.query(variable('site'), 'history');
    expect(found?.values).toContainEqual(['site', 'hq']);
  });

  it('knows every class', () => expect(MEASUREMENTS).toHaveLength(SERIES_CLASSES.length));
});
