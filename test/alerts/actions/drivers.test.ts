import { describe, expect, it } from 'vitest';
import type { Config } from '#core/config/config.ts';
import { type Action, DRIVERS } from '#core/config/device.ts';
import { profileSchema } from '#core/config/profile.ts';
import { type ErrorCode, ZhishouError } from '#core/errors.ts';
import type { SnmpTransport } from '#core/ports.ts';
import { Secret } from '#core/secret.ts';
import { minutes, seconds } from '#core/time.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { withAbsent } from '#services/alerts/actions/absent-driver.ts';
import { createActionRunner } from '#services/alerts/actions/action-runner.ts';
import { isLoopback } from '#services/alerts/actions/drill-guard.ts';
import { createLocalDriver } from '#services/alerts/actions/local-driver.ts';
import { createMqttDriver } from '#services/alerts/actions/mqtt-driver.ts';
import { createSnmpSetDriver } from '#services/alerts/actions/snmp-set-driver.ts';
import { fakeMetrics, makeConfig, makeDevice, T0 } from '../support.ts';

const context = { run: 'i1/step/1', limit: minutes(1), values: { run: 'r1', device: 'server-1' } };

const OID = '1.3.6.1.4.1.318.1.1.26.9.2.4.1.5';
const profiles = [
  profileSchema.parse({
    id: 'base-pdu',
    controls: { 'outlet.off': { oid: `${OID}.{index}`, type: 'Integer', value: 2, source: 'PowerNet-MIB' } },
  }),
  profileSchema.parse({ id: 'pdu', extends: 'base-pdu' }),
];
const pdu = makeDevice({
  id: 'pdu-1',
  kind: 'pdu',
  profile: 'pdu',
  snmp: { host: '127.0.0.1', port: 161, community: 'private' },
});
const config: Config = makeConfig({ devices: [pdu, makeDevice({ id: 'th-1' })], profiles });

function fakeTransport(fails?: ErrorCode | 'never') {
  const sets: unknown[] = [];
  let closed = 0;
  const transport: SnmpTransport = {
    open: (connection) => ({
      get: () => Promise.resolve([]),
      walk: () => Promise.resolve([]),
      set(varbinds) {
        sets.push({ port: connection.port, varbinds });
        if (fails === 'never') return new Promise(() => {});
        return fails === undefined ? Promise.resolve() : Promise.reject(new ZhishouError(fails, 'pdu-1'));
      },
      close: () => {
        closed++;
      },
    }),
  };
  return { transport, sets, closed: () => closed };
}

const off = (index?: number): Action => ({
  snmp_set: { device: 'pdu-1', control: 'outlet.off', ...(index === undefined ? {} : { index }) },
});

describe('the snmp_set driver', () => {
  it('sets the object that the profile names, of the right index, and closes its session', async () => {
    const { transport, sets, closed } = fakeTransport();
    const driver = createSnmpSetDriver({ config, transport, clock: createVirtualClock(T0) });
    expect(await driver.run(off(3), context)).toMatchObject({ result: 'ok' });
    expect(sets).toEqual([{ port: 161, varbinds: [{ oid: `${OID}.3`, type: 'Integer', value: 2 }] }]);
    expect(closed()).toBe(1);
  });

  it.each<[ErrorCode, 'failed' | 'unknown', string]>([
    ['REFUSED', 'failed', 'the agent says it did not do it'],
    ['TIMED_OUT', 'unknown', 'the request may have arrived and the answer got lost (L20)'],
    ['BAD_ANSWER', 'unknown', 'it answered, and nobody knows what'],
  ])('%s is %s: %s', async (code, result) => {
    const driver = createSnmpSetDriver({
      config,
      transport: fakeTransport(code).transport,
      clock: createVirtualClock(T0),
    });
    expect(await driver.run(off(3), context)).toMatchObject({ result });
  });

  it('ends as unknown when its limit is reached', async () => {
    const clock = createVirtualClock(T0);
    const running = createSnmpSetDriver({ config, transport: fakeTransport('never').transport, clock }).run(
      off(3),
      context,
    );
    await clock.advanceByAsync(minutes(1));
    expect(await running).toMatchObject({ result: 'unknown' });
  });

  it.each<[string, Action]>([
    ['without an index', off()],
    ['for a device without SNMP', { snmp_set: { device: 'th-1', control: 'outlet.off', index: 1 } }],
    [
      'for a control that the profile does not have',
      { snmp_set: { device: 'pdu-1', control: 'outlet.explode', index: 1 } },
    ],
  ])('fails and sends nothing %s', async (_title, action) => {
    const { transport, sets } = fakeTransport();
    const driver = createSnmpSetDriver({ config, transport, clock: createVirtualClock(T0) });
    expect(await driver.run(action, context)).toMatchObject({ result: 'failed' });
    expect(sets).toEqual([]);
  });
});

describe('the mqtt driver', () => {
  const action: Action = { mqtt: { topic: 'siren/{device}', payload: '{"run":"{run}"}', retain: false } };

  it('publishes with the values filled in', async () => {
    const bus = createMemoryBus();
    const heard: string[] = [];
    await bus.subscribe('siren/#', ({ topic, payload }) => heard.push(`${topic} ${new TextDecoder().decode(payload)}`));
    const outcome = await createMqttDriver({ bus, clock: createVirtualClock(T0) }).run(action, context);
    await bus.drained();
    expect(outcome.result).toBe('ok');
    expect(heard).toEqual(['siren/server-1 {"run":"r1"}']);
  });

  it('fails when the bus is down: nothing was sent', async () => {
    const bus = createMemoryBus();
    bus.setConnected(false);
    expect(await createMqttDriver({ bus, clock: createVirtualClock(T0) }).run(action, context)).toMatchObject({
      result: 'failed',
    });
  });
});

describe('the local driver', () => {
  const driver = createLocalDriver({ clock: createSystemClock() });
  const local = (command: string, ...list: string[]): Action => ({ local: { command, arguments: list } });

  it.each<[string, Action, object]>([
    ['exit code 0', local('true'), { result: 'ok', exitCode: 0 }],
    ['another exit code', local('false'), { result: 'failed', exitCode: 1 }],
    ['a program that is not there', local('/no/such/program'), { result: 'failed' }],
    ['values, and no shell', local('echo', '{device}; exit 1'), { result: 'ok', output: 'server-1; exit 1\n' }],
  ])('%s', async (_title, action, outcome) => {
    expect(await driver.run(action, context)).toMatchObject(outcome);
  });

  it('does not kill what runs out of time (L20)', async () => {
    const outcome = await driver.run(local('sleep', '0.3'), { ...context, limit: seconds(0.05) });
    expect(outcome).toMatchObject({ result: 'unknown', detail: expect.stringMatching(/may still be running/) });
  });
});

describe('the action runner', () => {
  const ssh = (host: string): Action => ({
    ssh: {
      host,
      port: 22,
      user: 'zhishou',
      password: new Secret('hunter2'),
      host_key: `SHA256:${'A'.repeat(43)}`,
      command: 'backup {run}',
    },
  });
  const siren: Action = { mqtt: { topic: 't', payload: 'p', retain: false } };
  const poweroff: Action = { local: { command: 'systemctl', arguments: ['poweroff'] } };

  function setUp(mode: 'drill' | 'rehearsal' | null, simulation: boolean, busUrl?: string) {
    const calls: string[] = [];
    const driver = (name: string) => ({
      run: () => {
        calls.push(name);
        return Promise.resolve({ result: 'ok' as const, detail: 'done' });
      },
    });
    const runner = createActionRunner({
      config: {
        ...config,
        site: {
          ...config.site,
          simulation,
          bus: { ...config.site.bus, ...(busUrl === undefined ? {} : { url: busUrl }) },
        },
      },
      drivers: withAbsent(Object.fromEntries(DRIVERS.map((kind) => [kind, driver(kind)]))),
      mode,
      log: silentLog,
      metrics: fakeMetrics(),
    });
    return { runner, calls };
  }

  it.each<[string, 'drill' | 'rehearsal' | null, boolean, Action, boolean, string?]>([
    ['real site, real host', null, false, ssh('10.0.0.5'), true],
    ['real site, local command', null, false, poweroff, true],
    ['drill on a simulated site, loopback', 'drill', true, ssh('127.0.0.1'), true],
    ['drill on a simulated site, a PDU on loopback', 'drill', true, off(1), true],
    ['drill on a simulated site, the bus inside', 'drill', true, siren, true],
    ['drill on a simulated site, a real host', 'drill', true, ssh('10.0.0.5'), false],
    ['drill on a simulated site, a name', 'drill', true, ssh('server.example'), false],
    [
      'drill on a simulated site, an address that looks like loopback',
      'drill',
      true,
      ssh('127.0.0.1.example.com'),
      false,
    ],
    ['drill on a simulated site, a broker outside', 'drill', true, siren, false, 'mqtt://broker.example:1883'],
    ['drill: the real machine itself', 'drill', true, poweroff, false],
    ['drill on a real site', 'drill', false, ssh('127.0.0.1'), false],
    ['no mode, but the room is simulated', null, true, ssh('10.0.0.5'), false],
    ['rehearsal', 'rehearsal', false, ssh('127.0.0.1'), false],
    ['rehearsal on a simulated site', 'rehearsal', true, ssh('127.0.0.1'), false],
  ])('%s (I9)', async (_title, mode, simulation, action, acts, busUrl) => {
    const { runner, calls } = setUp(mode, simulation, busUrl);
    const outcome = await runner.run(action, context);
    expect(calls).toHaveLength(acts ? 1 : 0);
    expect(outcome.result).toBe(acts ? 'ok' : 'failed');
  });

  it.each([
    [ssh('10.0.0.5'), 'ssh zhishou@10.0.0.5: backup r1'],
    [off(3), 'snmp set pdu-1 outlet.off 3'],
    [siren, 'mqtt t: p'],
    [poweroff, 'local: systemctl poweroff'],
  ] as [Action, string][])('describes an action to people without its secrets', (action, text) => {
    expect(setUp(null, false).runner.describe(action, context.values)).toBe(text);
  });

  it('a driver that throws leaves the outcome unknown and stops nobody', async () => {
    const runner = createActionRunner({
      config,
      drivers: { ssh: { run: () => Promise.reject(new Error('bug')) } } as never,
      mode: null,
      log: silentLog,
      metrics: fakeMetrics(),
    });
    expect(await runner.run(ssh('10.0.0.5'), context)).toEqual({ result: 'unknown', detail: 'bug' });
  });
});

it.each([
  ['127.0.0.1', true],
  ['127.9.8.7', true],
  ['::1', true],
  ['LOCALHOST', true],
  ['127.0.0.1.example.com', false],
  ['10.127.0.1', false],
  ['localhost.example', false],
])('%s is loopback: %s', (host, loopback) => {
  expect(isLoopback(host)).toBe(loopback);
});
