import { describe, expect, it } from 'vitest';
import { type Action, DRIVERS } from '#core/config/device.ts';
import { Secret } from '#core/secret.ts';
import { minutes } from '#core/time.ts';
import { silentLog } from '#platform/log.ts';
import { withAbsent } from '#services/alerts/actions/absent-driver.ts';
import { createActionRunner } from '#services/alerts/actions/action-runner.ts';
import { isLoopback } from '#services/alerts/actions/drill-guard.ts';
import { fakeMetrics, makeConfig, makeDevice } from '../support.ts';

const context = { run: 'i1/step/1', limit: minutes(1), values: { run: 'r1', device: 'server-1' } };
const config = makeConfig({
  devices: [makeDevice({ id: 'pdu-1', kind: 'pdu', snmp: { host: '127.0.0.1', port: 161, community: 'private' } })],
});
const off = (index: number): Action => ({ snmp_set: { device: 'pdu-1', control: 'outlet.off', index } });

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

  const account = { user: 'zhishou', password: new Secret('hunter2') };
  const ipmi = (host: string): Action => ({
    ipmi: { ...account, host, port: 623, cipher: 17, level: 'operator', power: 'soft' },
  });
  const redfish = (url: string): Action => ({ redfish: { ...account, url, auth: 'basic', reset: 'ForceOff' } });
  const http = (url: string, test?: string): Action => ({
    http: { url, method: 'POST', headers: {}, accept: [200], ...(test === undefined ? {} : { test: { url: test } }) },
  });
  const wake = (broadcast: string): Action => ({ wake: { mac: '00:11:22:33:44:55', broadcast, port: 9 } });
  const nut = (host: string): Action => ({ nut: { host, port: 3493, ups: 'ups', command: 'load.off' } });
  const served: Action = { nut_serve: { ups: 'ups-1', say: 'shutdown' } };

  function setUp(mode: 'drill' | 'rehearsal' | null, simulation: boolean, busUrl?: string) {
    const calls: string[] = [];
    const done = (what: string) => () => {
      calls.push(what);
      return Promise.resolve({ result: 'ok' as const, detail: 'done' });
    };
    const driver = (name: string) => ({ run: done(name), test: done(`test ${name}`) });
    const runner = createActionRunner({
      config: {
        ...config,
        site: {
          ...config.site,
          simulation,
          simulated_hosts: ['10.9.9.9'],
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
    ['drill on a simulated site, a controller on loopback', 'drill', true, ipmi('127.0.0.1'), true],
    ['drill on a simulated site, a real controller', 'drill', true, ipmi('10.0.0.9'), false],
    [
      'drill on a simulated site, a Redfish service on loopback',
      'drill',
      true,
      redfish('https://127.0.0.1:20231'),
      true,
    ],
    ['drill on a simulated site, a Redfish service in IPv6', 'drill', true, redfish('http://[::1]:20231'), true],
    ['drill on a simulated site, a real Redfish service', 'drill', true, redfish('https://10.0.0.9'), false],
    [
      'drill on a simulated site, a user part that looks like loopback',
      'drill',
      true,
      http('http://127.0.0.1@10.0.0.9/'),
      false,
    ],
    ['drill on a simulated site, a relay on loopback', 'drill', true, http('http://127.0.0.1/{run}'), true],
    [
      'drill on a simulated site, a relay whose test goes elsewhere',
      'drill',
      true,
      http('http://127.0.0.1/', 'http://10.0.0.9/'),
      false,
    ],
    ['drill on a simulated site, a host named by a value', 'drill', true, http('http://{device}/'), false],
    ['drill on a simulated site, a magic packet on loopback', 'drill', true, wake('127.255.255.255'), true],
    ['drill on a simulated site, a magic packet to everybody', 'drill', true, wake('255.255.255.255'), false],
    ['drill on a simulated site, a magic packet to a simulated host', 'drill', true, wake('10.9.9.9'), false],
    ['drill on a simulated site, a simulated host', 'drill', true, ssh('10.9.9.9'), true],
    ['drill on a simulated site, another NUT server', 'drill', true, nut('10.0.0.9'), false],
    ['drill on a simulated site, a NUT server of our own that is not there', 'drill', true, served, false],
    ['rehearsal', 'rehearsal', false, ssh('127.0.0.1'), false],
    ['rehearsal on a simulated site', 'rehearsal', true, ssh('127.0.0.1'), false],
  ])('%s (I9)', async (_title, mode, simulation, action, acts, busUrl) => {
    const { runner, calls } = setUp(mode, simulation, busUrl);
    const outcome = await runner.run(action, context);
    expect(calls).toHaveLength(acts ? 1 : 0);
    expect(outcome.result).toBe(acts ? 'ok' : 'failed');
  });

  it.each<[string, 'drill' | 'rehearsal' | null, boolean, Action, boolean]>([
    ['real site: every target', null, false, ssh('10.0.0.5'), true],
    ['rehearsal on the real configuration: that is what it is for', 'rehearsal', false, ssh('10.0.0.5'), true],
    ['rehearsal on the real configuration: controllers too', 'rehearsal', false, redfish('https://10.0.0.9'), true],
    ['rehearsal on a simulated site: simulated targets', 'rehearsal', true, ssh('127.0.0.1'), true],
    ['rehearsal on a simulated site: no real host', 'rehearsal', true, ssh('10.0.0.5'), false],
    ['simulated site: no real host', null, true, ipmi('10.0.0.9'), false],
    ['drill on a simulated site: simulated targets', 'drill', true, ipmi('127.0.0.1'), true],
    ['drill on a simulated site: no real host', 'drill', true, wake('255.255.255.255'), false],
    ['drill on a simulated site: a program of this machine is only looked for', 'drill', true, poweroff, true],
    ['drill on a real site', 'drill', false, ssh('127.0.0.1'), false],
  ])('tests, %s (I9)', async (_title, mode, simulation, action, tries) => {
    const { runner, calls } = setUp(mode, simulation);
    const outcome = await runner.test(action, context);
    expect(outcome.result).toBe(tries ? 'ok' : 'failed');
    // Whatever it may: it never runs the action.
    expect(calls.filter((one) => !one.startsWith('test '))).toEqual([]);
    expect(calls).toHaveLength(tries ? 1 : 0);
  });

  it.each<[Action, string]>([
    [ssh('10.0.0.5'), 'ssh zhishou@10.0.0.5: backup r1'],
    [off(3), 'snmp set pdu-1 outlet.off 3'],
    [{ snmp_set: { device: 'ups-1', control: 'output.off', value: 60 } }, 'snmp set ups-1 output.off to 60'],
    [siren, 'mqtt t: p'],
    [poweroff, 'local: systemctl poweroff'],
    [ipmi('10.0.0.9'), 'ipmi zhishou@10.0.0.9: chassis power soft'],
    [ipmi('fd00::9'), 'ipmi zhishou@fd00::9: chassis power soft'],
    [redfish('https://10.0.0.9'), 'redfish zhishou@10.0.0.9: ForceOff'],
    [nut('10.0.0.7'), 'nut ups@10.0.0.7: load.off'],
    [served, 'nut clients of ups-1: shut down'],
    [wake('10.0.0.255'), 'wake 00:11:22:33:44:55 through 10.0.0.255'],
    [http('http://10.0.0.3/relay/{device}?key=k1'), 'http POST http://10.0.0.3/relay/server-1'],
    [http('https://robot.example/hook/0123456789abcdef0123'), 'http POST https://robot.example/hook/…'],
  ])('describes an action to people in one line without its secrets: %#', (action, text) => {
    const shown = setUp(null, false).runner.describe(action, context.values);
    expect(shown).toBe(text.replace('fd00::9', '[fd00::9]'));
    expect(shown).not.toContain('hunter2');
  });

  it('hides what a device or a program repeats of the secrets it was given', async () => {
    const runner = createActionRunner({
      config,
      drivers: withAbsent({
        ssh: {
          run: () => Promise.resolve({ result: 'failed', detail: 'wrong: hunter2', output: 'hunter2\n' }),
          test: () => Promise.reject(new Error('no hunter2 here')),
        },
      }),
      mode: null,
      log: silentLog,
      metrics: fakeMetrics(),
    });
    const action = ssh('10.0.0.5');
    expect(await runner.run(action, context)).toEqual({
      result: 'failed',
      detail: 'wrong: <secret>',
      output: '<secret>\n',
    });
    expect(await runner.test(action, context)).toEqual({ result: 'unknown', detail: 'no <secret> here' });
  });

  it('a way that this process has no driver for fails, so that the otherwise is taken', async () => {
    const runner = createActionRunner({
      config,
      drivers: withAbsent({}),
      mode: null,
      log: silentLog,
      metrics: fakeMetrics(),
    });
    expect(await runner.run(served, context)).toEqual({
      result: 'failed',
      detail: 'there is no nut_serve driver here',
    });
    expect(await runner.test(served, context)).toMatchObject({ result: 'failed' });
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
