import { createSocket } from 'node:dgram';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Action } from '#core/config/device.ts';
import { Secret } from '#core/secret.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { freePorts } from '#platform/net.ts';
import { createHttpDriver } from '#services/alerts/actions/http-driver.ts';
import { createIpmiDriver } from '#services/alerts/actions/ipmi-driver.ts';
import { createLocalDriver } from '#services/alerts/actions/local-driver.ts';
import { createMqttDriver } from '#services/alerts/actions/mqtt-driver.ts';
import { createRedfishDriver } from '#services/alerts/actions/redfish-driver.ts';
import { createSshDriver } from '#services/alerts/actions/ssh-driver.ts';
import { createWakeDriver } from '#services/alerts/actions/wake-driver.ts';
import { startRedfishServer } from '#simulators/devices/redfish-server.ts';
import { benchMachine } from './bench-machine.ts';
import type { DriverSubject } from './driver.contract.ts';
import { IPMI_PASSWORD, IPMI_USER, startIpmiSim } from './ipmi-sim.ts';
import { sshAction, startSshServer } from './support.ts';

/** The drivers that reach real equipment, each in front of a peer on loopback. */

const closedPort = async (): Promise<number> => (await freePorts(1))[0] ?? 0;

/** Takes connections and never says a word. */
async function startSilentPort(): Promise<{ port: number; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

export async function sshSubject(): Promise<DriverSubject> {
  const server = await startSshServer((channel) => {
    channel.exit(0);
    channel.end();
  }, 'ssh-pass-42');
  const silent = await startSilentPort();
  const ssh = (more: Parameters<typeof sshAction>[2] = {}): Action =>
    sshAction(server, 'sudo shutdown -h now', { password: new Secret('ssh-pass-42'), ...more });
  return {
    driver: (clock) => createSshDriver({ clock }),
    action: ssh(),
    refused: ssh({ password: new Secret('not-this-one') }),
    silent: ssh({ port: silent.port }),
    absent: ssh({ port: await closedPort() }),
    effects: () => server.commands.length,
    stop: async () => {
      await silent.stop();
      await server.close();
    },
  };
}

export async function ipmiSubject(): Promise<DriverSubject> {
  const bmc = await startIpmiSim();
  const account = { host: '127.0.0.1', user: IPMI_USER, password: new Secret(IPMI_PASSWORD) } as const;
  const ipmi = (more: object = {}): Action => ({
    ipmi: { ...account, port: bmc.port, cipher: 3, level: 'operator', power: 'off', ...more },
  });
  const patience = { timeoutS: 1, retries: 1 };
  const ready = createIpmiDriver({ clock: createSystemClock(), patience });
  while ((await ready.test?.(ipmi(), { run: 'ready', limit: 5000 as never, values: {} }))?.result !== 'ok');
  return {
    driver: (clock) => createIpmiDriver({ clock, patience }),
    action: ipmi(),
    refused: ipmi({ password: new Secret('not-this-one') }),
    silent: ipmi({ port: await closedPort() }),
    absent: ipmi({ port: await closedPort() }),
    effects: () => bmc.orders().length,
    stop: bmc.stop,
  };
}

export async function redfishSubject(auth: 'basic' | 'session'): Promise<DriverSubject> {
  const machine = benchMachine();
  const server = await startRedfishServer({
    ...{ host: '127.0.0.1', port: 0, clock: createSystemClock(), user: 'zhishou', password: 'bmc-pass-42' },
    systems: [{ id: '1', machine, resets: ['On', 'ForceOff'] }],
  });
  const silent = await startSilentPort();
  const account = { url: server.url, user: 'zhishou', password: new Secret('bmc-pass-42'), auth } as const;
  const redfish = (more: object = {}): Action => ({ redfish: { ...account, reset: 'ForceOff', ...more } });
  return {
    driver: (clock) => createRedfishDriver({ clock }),
    action: redfish(),
    refused: redfish({ password: new Secret('not-this-one') }),
    silent: redfish({ url: `http://127.0.0.1:${silent.port}` }),
    absent: redfish({ url: `http://127.0.0.1:${await closedPort()}` }),
    effects: () => machine.orders.length,
    stop: async () => {
      await silent.stop();
      await server.stop();
    },
  };
}

export async function httpSubject(): Promise<DriverSubject> {
  const state = { orders: 0 };
  const server = createHttpServer((request, response) => {
    const right = request.headers.authorization === 'Bearer http-key-42';
    if (right && request.method === 'POST') state.orders++;
    response.writeHead(right ? 204 : 401).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const silent = await startSilentPort();
  const http = (origin: string, key: string): Action => ({
    http: {
      ...{ url: `${origin}/relay/{device}`, method: 'POST', body: '{"run":"{run}"}', accept: [200, 204] },
      headers: { authorization: new Secret(`Bearer ${key}`) },
      test: { url: `${origin}/status` },
    },
  });
  return {
    driver: (clock) => createHttpDriver({ clock }),
    action: http(url, 'http-key-42'),
    refused: http(url, 'not-this-one'),
    silent: http(`http://127.0.0.1:${silent.port}`, 'http-key-42'),
    absent: http(`http://127.0.0.1:${await closedPort()}`, 'http-key-42'),
    effects: () => state.orders,
    stop: async () => {
      await silent.stop();
      await new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      });
    },
  };
}

const COPIES = 3;

export async function wakeSubject(): Promise<DriverSubject> {
  const card = createSocket('udp4');
  const state = { packets: 0 };
  card.on('message', (packet) => {
    if (packet.length === 102) state.packets++;
  });
  await new Promise<void>((resolve) => card.bind(0, '127.0.0.1', resolve));
  const { port } = card.address();
  const wake = (broadcast: string): Action => ({ wake: { mac: '00:11:22:33:44:55', broadcast, port } });
  return {
    driver: (clock) => createWakeDriver({ clock }),
    action: wake('127.0.0.1'),
    refused: null,
    silent: null,
    absent: wake('no such host'),
    // What was sent on loopback has arrived a few turns later.
    effects: async () => {
      for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
      return state.packets / COPIES;
    },
    stop: () => new Promise((resolve) => card.close(() => resolve())),
  };
}

export async function mqttSubject(): Promise<DriverSubject> {
  const bus = createMemoryBus();
  const heard: string[] = [];
  await bus.subscribe('#', ({ topic }) => heard.push(topic));
  return {
    driver: (clock) => createMqttDriver({ bus, clock }),
    action: { mqtt: { topic: 'siren/{device}', payload: 'on', retain: false } },
    refused: null,
    silent: null,
    absent: null,
    effects: async () => {
      await bus.drained();
      return heard.length;
    },
    stop: () => bus.close(),
  };
}

export async function localSubject(): Promise<DriverSubject> {
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-local-'));
  const done = join(folder, 'done');
  const program = join(folder, 'program');
  writeFileSync(program, `#!/bin/sh\necho "$1" >> ${done}\n`, { mode: 0o755 });
  appendFileSync(done, '');
  const local = (command: string): Action => ({ local: { command, arguments: ['{run}'] } });
  return {
    driver: (clock) => createLocalDriver({ clock }),
    action: local(program),
    refused: null,
    silent: null,
    absent: local(join(folder, 'nothing')),
    effects: () => (existsSync(done) ? readFileSync(done, 'utf8').split('\n').length - 1 : 0),
    stop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}
