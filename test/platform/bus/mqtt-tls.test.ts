import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { Aedes } from 'aedes';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { Bus, Log } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { openOuterBus } from '#platform/service-process.ts';
import { describeReal } from '../../support/real.ts';
import { makeSite, removeSites } from '../config/fixture.ts';

describeReal('openssl', 'a broker with TLS of the site’s own authority', () => {
  const folder = makeTemporaryFolder('zhishou-tls-');
  const stops: (() => unknown)[] = [];
  const file = (name: string): string => readFileSync(join(folder.path, name), 'utf8');
  let port = 0;

  beforeAll(async () => {
    const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: folder.path, stdio: 'pipe' });
    const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    openssl('req', '-x509', ...fresh, '-subj', '/CN=Own authority', '-keyout', 'ca.key', '-out', 'ca.pem');
    openssl('req', '-x509', ...fresh, '-subj', '/CN=Another authority', '-keyout', 'x.key', '-out', 'other.pem');
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-addext', 'subjectAltName=IP:127.0.0.1'];
    openssl('req', '-x509', ...fresh, ...signed, '-subj', '/CN=broker', '-keyout', 'broker.key', '-out', 'broker.pem');
    const aedes = await Aedes.createBroker();
    const server = createServer({ key: file('broker.key'), cert: file('broker.pem') }, (socket) => {
      aedes.handle(socket);
    });
    server.on('tlsClientError', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
    stops.push(() => aedes.close(() => server.close()));
  });
  afterEach(removeSites);
  afterAll(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
    folder.remove();
  });

  function busOf(ca: string | null, log: Log = silentLog): Bus {
    const site = makeSite().edit(
      'site.yaml',
      'simulation: true',
      `simulation: true\nbus: { url: "mqtts://127.0.0.1:${port}"${ca === null ? '' : ', ca: { file: keys/ca.pem }'} }`,
    );
    if (ca !== null) site.write('keys/ca.pem', ca);
    const { config, problems } = site.load();
    expect(problems).toEqual([]);
    const parts = { clock: createSystemClock(), log, metrics: createMetrics(), random: seededRandom(1) };
    const bus = openOuterBus(config!, parts);
    stops.push(() => bus.close());
    return bus;
  }

  it('is trusted when its authority is named in site.yaml, and carries messages', async () => {
    const bus = busOf(file('ca.pem'));
    const seen: string[] = [];
    await bus.subscribe('a', ({ payload }) => seen.push(Buffer.from(payload).toString()));
    await vi.waitFor(() => bus.publish('a', 'over TLS'), { timeout: 10_000, interval: 50 });
    await vi.waitFor(() => expect(seen).toContain('over TLS'), { timeout: 10_000, interval: 20 });
  });

  it.each([
    ['no authority of its own', () => null],
    ['another authority', () => file('other.pem')],
  ])('is refused with %s', async (_name, ca) => {
    const warned: string[] = [];
    const log: Log = { ...silentLog, warn: (fields) => warned.push(String(fields.reason)), child: () => log };
    const bus = busOf(ca(), log);
    const states: boolean[] = [];
    bus.onConnection((up) => states.push(up));
    await vi.waitFor(() => expect(warned.join()).toMatch(/certificate/), { timeout: 10_000, interval: 20 });
    await expect(bus.publish('a', 'x')).rejects.toMatchObject({ code: 'BUS_DOWN' });
    expect(states).not.toContain(true);
  });
});

it('a file that holds no certificate is told at its place in site.yaml', () => {
  const site = makeSite()
    .write('keys/ca.pem', 'not a certificate')
    .edit(
      'site.yaml',
      'simulation: true',
      'simulation: true\nbus: { url: "mqtts://b:8883", ca: { file: keys/ca.pem } }',
    );
  expect(site.problems().join()).toMatch(/site\.yaml:\d+:\d+ .*certificate in PEM/);
  removeSites();
});
