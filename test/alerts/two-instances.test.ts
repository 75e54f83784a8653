import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ReadingBatch, Value } from '#core/reading.ts';
import { Secret } from '#core/secret.ts';
import { instant } from '#core/time.ts';
import { createEmbeddedBroker } from '#platform/bus/embedded-broker.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { openJournal } from '#platform/journal.ts';
import { createMetrics } from '#platform/metrics.ts';
import { makeSite, removeSites } from '../platform/config/fixture.ts';
import { makeReading } from './support.ts';

const PASSWORD = 'only for this test';
const WAIT = { timeout: 20_000, interval: 50 };
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  removeSites();
});

/** A broker, a phone that keeps what it is sent, and a site directory; services of the site are processes of their own. */
async function setUp() {
  const received: { id: string; subject: string; to: string }[] = [];
  const phone = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += String(part);
    received.push(JSON.parse(body) as (typeof received)[number]);
    response.writeHead(204).end();
  });
  phone.listen(0, '127.0.0.1');
  await once(phone, 'listening');
  stops.push(() => phone.close());
  const credential = { user: 'alerts', password: new Secret(PASSWORD) };
  const bus = await createEmbeddedBroker({
    ...{ host: '127.0.0.1', port: 0, services: [credential], metrics: createMetrics() },
  });
  stops.push(() => bus.close());
  const state = makeTemporaryFolder('zhishou-two-');
  stops.push(() => state.remove());
  const site = makeSite()
    .write('keys/bus', PASSWORD)
    .edit('site.yaml', 'http://127.0.0.1:8088', `http://127.0.0.1:${(phone.address() as AddressInfo).port}`)
    .edit(
      'site.yaml',
      'simulation: true',
      `simulation: true\nbus: { url: "mqtt://127.0.0.1:${bus.port}", user: alerts, password: { file: keys/bus } }`,
    )
    .edit('people.yaml', '- { channel: email, to: lin.hao@example.com }'.slice(2), '{ channel: phone, to: lin-hao }');
  const say = (status: Value) => {
    const at = instant(Date.now());
    const batch: ReadingBatch = {
      ...{ device: 'ups-1', at, cause: 'trap' },
      readings: [makeReading('ups-1', 'ups.status', status, at)],
    };
    return bus.publish('zhishou/small/reading/ups-1', JSON.stringify(batch), { retain: true });
  };
  return { received, state: state.path, directory: site.directory, say };
}

/** One alerts service as docker-compose starts it; its lines of log are kept. */
function startInstance({ directory, state }: { directory: string; state: string }) {
  const child: ChildProcess = spawn(
    process.execPath,
    ['services/alerts/main.ts', '--config', directory, '--state', state],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let log = '';
  for (const output of [child.stdout, child.stderr]) {
    output?.on('data', (part) => {
      log += String(part);
    });
  }
  const ended = once(child, 'exit');
  stops.push(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    says: (words: string) => vi.waitFor(() => expect(log).toContain(words), WAIT),
  };
}

describe('two alerts services on one state directory', () => {
  it('the second stands by and does nothing, and takes over at once when the first is killed; nothing is told twice', async () => {
    const world = await setUp();
    const subjects = () => world.received.map(({ to, subject }) => `${to} ${subject}`).sort();
    const first = startInstance(world);
    await first.says('"acting":true');
    await world.say('OL');
    await world.say('OB DISCHRG');
    await vi.waitFor(() => expect(world.received.length).toBeGreaterThanOrEqual(2), WAIT);

    const second = startInstance(world);
    await second.says('"acting":false');
    const told = subjects();
    // A stand-by's own connection can record nothing, whatever its code would try.
    const journal = openJournal(join(world.state, 'journal.sqlite'));
    journal.fence();
    expect(() => journal.append([{ at: instant(0), stream: 'site', kind: 'test', body: null }])).toThrow(/lease/);
    journal.close();

    await first.kill();
    const killedAt = Date.now();
    await second.says('this instance has the lease of the site');
    // The lease itself lasts 15 s; a process that is known to be gone is not waited for.
    expect(Date.now() - killedAt).toBeLessThan(12_000);
    await world.say('OB DISCHRG');
    await world.say('OL');
    await vi.waitFor(() => expect(subjects().some((subject) => subject.includes('恢复'))).toBe(true), WAIT);
    expect(subjects()).toEqual(expect.arrayContaining(told));
    expect(new Set(world.received.map(({ id }) => id)).size).toBe(world.received.length);
    expect(subjects()).toEqual([...new Set(subjects())]);
  }, 60_000);
});
