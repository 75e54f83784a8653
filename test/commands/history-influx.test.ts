import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { zhishou } from '../support/command-line.ts';
import { describeReal } from '../support/real.ts';
import { type RealInflux, startInflux } from '../support/real-influx.ts';

/** A site that keeps its history in an InfluxDB alone. */
describeReal('influxd', 'export and import of a history that is in a real InfluxDB alone', () => {
  const folder = makeTemporaryFolder('zhishou-history-influx-');
  const config = join(folder.path, 'config');
  const state = join(folder.path, 'state');
  let influx: RealInflux;
  beforeAll(async () => {
    influx = await startInflux();
    cpSync(join(import.meta.dirname, '../../config'), config, { recursive: true });
    const site = join(config, 'site.yaml');
    const own = `history:\n  stores: [influxdb]\n  keep: { raw: forever }\n  influxdb:\n    url: ${influx.url}\n    database: room\n`;
    writeFileSync(site, `${readFileSync(site, 'utf8').replace(/^history:\n(?:[ #].*\n|\n)*/m, '')}\n${own}`);
  }, 60_000);
  afterAll(async () => {
    await influx.stop();
    folder.remove();
  });

  it('readings go in by the port and come out again as they were', async () => {
    const csv = `time,device,point,value,quality\r\n${Array.from(
      { length: 50 },
      (_, i) => `2026-01-05T00:00:${String(i).padStart(2, '0')}.000Z,ups-1,ups.load,${40 + i / 10},good\r\n`,
    ).join('')}2026-01-05T00:00:00.000Z,ups-1,ups.status,OL,good\r\n`;
    const file = join(folder.path, 'in.csv');
    writeFileSync(file, csv);
    const into = await zhishou(['import', file, '--state', state, '--config', config, '--json']);
    expect([into.errors, into.code]).toEqual(['', 0]);
    expect([into.errors, into.code, JSON.parse(into.output)]).toEqual(['', 0, { written: 51, bad: 0, told: [] }]);
    const range = ['--from', '2026-01-05', '--to', '2026-01-06'];
    const out = await zhishou(['export', '--state', state, '--config', config, ...range]);
    expect([out.errors, out.code, out.output]).toEqual(['', 0, csv]);
    const other = await zhishou(['export', '--state', state, '--config', config, '--store', 'embedded', ...range]);
    expect([other.code, other.errors]).toEqual([1, expect.stringContaining('influxdb only')]);
  }, 120_000);

  it('what is older than readings are kept is refused by the database and told, never lost in silence', async () => {
    const site = join(config, 'site.yaml');
    const text = readFileSync(site, 'utf8');
    writeFileSync(site, text.replace('raw: forever', 'raw: 30d').replace('database: room', 'database: short'));
    const file = join(folder.path, 'old.csv');
    writeFileSync(file, 'time,device,point,value,quality\r\n2025-01-05T00:00:00.000Z,ups-1,ups.load,40,good\r\n');
    const into = await zhishou(['import', file, '--state', state, '--config', config, '--json']);
    writeFileSync(site, text);
    expect(into.code).toBe(1);
    expect(JSON.parse(into.output)).toMatchObject({
      ...{ written: 0, bad: 1, told: [{ reason: 'points beyond retention policy' }] },
    });
  }, 120_000);

  it('without the configuration nobody knows where it is', async () => {
    const { code, errors } = await zhishou(['export', '--state', state, '--store', 'influxdb', '--from', '1d']);
    expect([code, errors]).toEqual([1, expect.stringContaining('give --config')]);
  });
});
