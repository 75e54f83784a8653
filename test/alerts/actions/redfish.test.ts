import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Action, actionSchema } from '#core/config/device.ts';
import { Secret } from '#core/secret.ts';
import { minutes, seconds } from '#core/time.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { freePorts } from '#platform/net.ts';
import { createRedfishDriver } from '#services/alerts/actions/redfish-driver.ts';
import {
  type RedfishFault,
  type RedfishServer,
  type RedfishSystem,
  startRedfishServer,
} from '#simulators/devices/redfish-server.ts';
import { describeReal } from '../../support/real.ts';
import { T0 } from '../support.ts';
import { type BenchMachine, benchMachine } from './bench-machine.ts';

const PASSWORD = 'bmc-pass-42';
const context = { run: 'i1/shutdown/1', limit: minutes(1), values: {} };
const clock = createSystemClock();
const driver = createRedfishDriver({ clock });

type Redfish = Extract<Action, { redfish: unknown }>['redfish'];
const redfish = (url: string, more: Partial<Redfish> = {}): Action => {
  const plain = { url, user: 'zhishou', password: new Secret(PASSWORD), auth: 'basic', reset: 'ForceOff' } as const;
  return { redfish: { ...plain, ...more } };
};

let machine: BenchMachine;
let server: RedfishServer;
async function start(system: Partial<RedfishSystem> = {}, others: readonly RedfishSystem[] = []): Promise<void> {
  machine = benchMachine();
  const systems = [{ id: '1', machine, resets: ['On', 'ForceOff', 'GracefulShutdown'] as const, ...system }, ...others];
  const login = { user: 'zhishou', password: PASSWORD };
  server = await startRedfishServer({ host: '127.0.0.1', port: 0, clock, ...login, systems });
}

describe('the redfish driver', () => {
  beforeEach(() => start());
  afterEach(() => server.stop());

  it.each(['basic', 'session'] as const)(
    'orders a reset, signed in by %s, and leaves no session behind',
    async (auth) => {
      const outcome = await driver.run(redfish(server.url, { auth }), context);
      expect(outcome).toEqual({ result: 'ok', detail: '/redfish/v1/Systems/1 took ForceOff (power was on)' });
      expect(machine.orders).toEqual(['off']);
      expect(server.sessions()).toBe(0);
    },
  );

  it.each(['basic', 'session'] as const)(
    'its test reads the system, signed in by %s, and orders nothing',
    async (auth) => {
      const outcome = await driver.test!(redfish(server.url, { auth }), context);
      expect(outcome).toMatchObject({ result: 'ok', output: 'on', detail: expect.stringContaining('zhishou') });
      machine.on = false;
      expect(await driver.test!(redfish(server.url, { auth }), context)).toMatchObject({ result: 'ok', output: 'off' });
      expect(machine.orders).toEqual([]);
      expect(server.requests.filter((one) => one.startsWith('POST') && !one.includes('Sessions'))).toEqual([]);
    },
  );

  it.each(['basic', 'session'] as const)(
    'tells a wrong password, by %s, from the rest, and tries it once',
    async (auth) => {
      const wrong = redfish(server.url, { auth, password: new Secret('not-this-one') });
      for (const outcome of [await driver.run(wrong, context), await driver.test!(wrong, context)])
        expect(outcome).toEqual({ result: 'failed', detail: 'login refused for zhishou' });
      // A controller locks an account after a few: one try for the order and one for the test.
      expect(server.requests).toHaveLength(2);
      expect(machine.orders).toEqual([]);
    },
  );

  it('fails before ordering anything when the reset is not offered, so that the otherwise is taken', async () => {
    const outcome = await driver.run(redfish(server.url, { reset: 'PowerCycle' }), context);
    expect(outcome).toEqual({
      result: 'failed',
      detail: '/redfish/v1/Systems/1 does not offer PowerCycle; it offers On, ForceOff, GracefulShutdown',
    });
    expect(machine.orders).toEqual([]);
    expect(await driver.test!(redfish(server.url, { reset: 'PowerCycle' }), context)).toMatchObject({
      result: 'failed',
      detail: expect.stringContaining('PowerCycle is not offered'),
    });
  });

  it('reads the offer from the action info too', async () => {
    await server.stop();
    await start({ byActionInfo: true });
    expect(await driver.run(redfish(server.url, { reset: 'PowerCycle' }), context)).toMatchObject({ result: 'failed' });
    expect(await driver.run(redfish(server.url, { reset: 'GracefulShutdown' }), context)).toMatchObject({
      result: 'ok',
    });
    expect(machine.orders).toEqual(['soft']);
  });

  it('orders nothing that is so already', async () => {
    machine.on = false;
    expect(await driver.run(redfish(server.url), context)).toEqual({
      result: 'ok',
      detail: "the system's power is off already; nothing was ordered",
    });
    expect(machine.orders).toEqual([]);
  });

  it('does not guess among several systems, and takes the one that is named', async () => {
    await server.stop();
    await start({}, [{ id: 'blade-2', machine: benchMachine(), resets: ['ForceOff'] }]);
    expect(await driver.run(redfish(server.url), context)).toEqual({
      result: 'failed',
      detail: 'it has several systems: /redfish/v1/Systems/1, /redfish/v1/Systems/blade-2; name one',
    });
    expect(await driver.run(redfish(server.url, { system: 'Systems/1' }), context)).toMatchObject({ result: 'ok' });
    expect(machine.orders).toEqual(['off']);
  });

  it.each<[RedfishFault, 'failed' | 'unknown', number, string]>([
    ['refuses', 'failed', 0, 'it says it did not do it'],
    ['busy', 'failed', 0, '503: not begun'],
    ['fails', 'unknown', 1, '500: it may have been done'],
    ['drops', 'unknown', 1, 'a machine that goes off may take its controller’s answer with it (L16)'],
  ])('%s is %s: %4$s', async (fault, result, orders) => {
    server.setFault(fault);
    const outcome = await driver.run(redfish(server.url), context);
    expect(outcome.result).toBe(result);
    expect(outcome.detail).not.toContain(PASSWORD);
    expect(machine.orders).toHaveLength(orders);
  });

  it('fails when the system refuses the order', async () => {
    machine.refuses = ['off'];
    const outcome = await driver.run(redfish(server.url), context);
    expect(outcome).toMatchObject({ result: 'failed', detail: expect.stringContaining('cannot do this now') });
  });

  it('waits for a slow service, and gives a silent one up at its limit: nothing was ordered', async () => {
    server.setFault('none', 50);
    expect(await driver.run(redfish(server.url), context)).toMatchObject({ result: 'ok' });
    server.setFault('silent');
    const outcome = await driver.run(redfish(server.url), { ...context, limit: seconds(0.2) });
    expect(outcome).toMatchObject({ result: 'failed', detail: expect.stringContaining('no answer') });
  });

  it('does not know what became of an order whose answer does not come in time (L20)', async () => {
    const slow = createVirtualClock(T0);
    const ordered = Promise.withResolvers<void>();
    const odd = await startOddService((request, response) => {
      if (request.method === 'POST') ordered.resolve();
      else response.end(JSON.stringify({ PowerState: 'On', Actions: RESET_HERE }));
    });
    const running = createRedfishDriver({ clock: slow }).run(redfish(odd.url, { system: 'Systems/1' }), context);
    await ordered.promise;
    slow.advanceBy(minutes(1));
    expect(await running).toEqual({
      result: 'unknown',
      detail: `no answer from ${new URL(odd.url).host} in the time given`,
    });
    await odd.stop();
  });

  it.each([
    ['//127.0.0.2:9/redfish/v1/reset', 'failed', 'points to another host'],
    ['http://127.0.0.2:9/redfish/v1/reset', 'failed', 'points to another host'],
    ['/elsewhere/on/this/service', 'ok', 'took ForceOff'],
  ])(
    'takes %s for the address of the reset: %s, so that our credentials stay with the service',
    async (target, result, detail) => {
      const odd = await startOddService((_request, response) => {
        response.end(JSON.stringify({ PowerState: 'On', Actions: { '#ComputerSystem.Reset': { target } } }));
      });
      const outcome = await driver.run(redfish(odd.url, { system: 'Systems/1' }), context);
      expect(outcome).toMatchObject({ result, detail: expect.stringContaining(detail) });
      await odd.stop();
    },
  );

  it.each([
    ['no JSON', 200, '<html>Welcome</html>', 'is not JSON'],
    ['nothing of a system', 200, '{}', 'offers no reset'],
    ['a list where a system should be', 200, '[1]', 'offers no reset'],
    ['a redirect, which is not followed', 302, '', 'answered 302'],
  ])('fails and orders nothing when the service says %s', async (_title, status, body, detail) => {
    const asked: (string | undefined)[] = [];
    const odd = await startOddService((request, response) => {
      asked.push(request.method);
      response.writeHead(status, { location: 'http://127.0.0.2:9/' }).end(body);
    });
    const outcome = await driver.run(redfish(odd.url, { system: 'Systems/1' }), context);
    expect(outcome).toMatchObject({ result: 'failed', detail: expect.stringContaining(detail) });
    expect(asked).toEqual(['GET']);
    await odd.stop();
  });

  it('says where nobody listens', async () => {
    const [port] = await freePorts(1);
    const outcome = await driver.run(redfish(`http://127.0.0.1:${port}`), context);
    expect(outcome).toEqual({ result: 'failed', detail: `connection refused by 127.0.0.1:${port}` });
  });
});

const RESET_HERE = { '#ComputerSystem.Reset': { target: '/reset' } };

/** A service that answers as the test says. */
async function startOddService(answer: RequestListener): Promise<{ url: string; stop(): Promise<void> }> {
  const odd = createServer(answer);
  await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(odd.address() as { port: number }).port}`,
    stop: () =>
      new Promise((resolve) => {
        odd.closeAllConnections();
        odd.close(() => resolve());
      }),
  };
}

describeReal('openssl', 'the redfish driver over TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-redfish-'));
  const fingerprint = { own: '', other: `AA:${'00:'.repeat(30)}BB` };
  beforeAll(async () => {
    const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=bmc'];
    execFileSync('openssl', [...words, '-keyout', 'key.pem', '-out', 'cert.pem'], { cwd: folder, stdio: 'pipe' });
    const show = ['x509', '-in', 'cert.pem', '-noout', '-fingerprint', '-sha256'];
    fingerprint.own = execFileSync('openssl', show, { cwd: folder, encoding: 'utf8' }).trim();
    machine = benchMachine();
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
    server = await startRedfishServer({
      ...{ host: '127.0.0.1', port: 0, clock, user: 'zhishou', password: PASSWORD },
      systems: [{ id: '1', machine, resets: ['ForceOff'] }],
      tls: { key: read('key.pem'), cert: read('cert.pem') },
    });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes the self-signed certificate whose fingerprint is configured, as openssl prints it', async () => {
    const given = { url: server.url, user: 'zhishou', password: new Secret(PASSWORD), fingerprint: fingerprint.own };
    const action = actionSchema.parse({ redfish: { ...given, reset: 'ForceOff' } });
    expect(await driver.test!(action, context)).toMatchObject({ result: 'ok', output: 'on' });
    expect(await driver.run(action, context)).toMatchObject({ result: 'ok' });
    expect(machine.orders).toEqual(['off']);
  });

  it.each([
    ['another fingerprint', () => fingerprint.other, /shows another certificate/],
    ['no fingerprint and nobody who vouches for it', () => undefined, /not trusted/],
  ])('with %s it sends nothing, the password least of all', async (_title, given, detail) => {
    const before = server.requests.length;
    const print = given();
    const action = redfish(server.url, print === undefined ? {} : { fingerprint: print });
    expect(await driver.run(action, context)).toMatchObject({
      result: 'failed',
      detail: expect.stringMatching(detail),
    });
    expect(server.requests).toHaveLength(before);
  });
});
