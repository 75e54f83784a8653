import { describe, expect, it } from 'vitest';
import type { Config } from '#core/config/config.ts';
import type { Action } from '#core/config/device.ts';
import { profileSchema } from '#core/config/profile.ts';
import { type ErrorCode, ZhishouError } from '#core/errors.ts';
import type { SnmpTransport, SnmpType } from '#core/ports.ts';
import { minutes, seconds } from '#core/time.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createLocalDriver } from '#services/alerts/actions/local-driver.ts';
import { createMqttDriver } from '#services/alerts/actions/mqtt-driver.ts';
import { createSnmpSetDriver } from '#services/alerts/actions/snmp-set-driver.ts';
import { makeConfig, makeDevice, T0 } from '../support.ts';

const context = { run: 'i1/step/1', limit: minutes(1), values: { run: 'r1', device: 'server-1' } };

const OID = '1.3.6.1.4.1.318.1.1.26.9.2.4.1.5';
const profiles = [
  profileSchema.parse({
    id: 'base-pdu',
    controls: {
      'outlet.off': { oid: `${OID}.{index}`, type: 'Integer', value: 2, source: 'PowerNet-MIB' },
      'off.after': { oid: '1.3.6.1.2.1.33.1.8.2.0', type: 'Integer', source: 'UPS-MIB::upsShutdownAfterDelay' },
    },
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

function fakeTransport(fails?: ErrorCode | 'never', answer: SnmpType = 'Integer') {
  const sets: unknown[] = [];
  const asked: string[] = [];
  let closed = 0;
  const transport: SnmpTransport = {
    open: (connection) => ({
      get: (oids) => {
        asked.push(...oids);
        if (fails !== undefined && fails !== 'never') return Promise.reject(new ZhishouError(fails, 'pdu-1'));
        return Promise.resolve(oids.map((oid) => ({ oid, type: answer, value: answer === 'Integer' ? 1 : null })));
      },
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
  return { transport, sets, asked, closed: () => closed };
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

  const offAfter = (value?: number): Action => ({
    snmp_set: { device: 'pdu-1', control: 'off.after', ...(value === undefined ? {} : { value }) },
  });

  it('sets the value that the action gives, where the control leaves it open', async () => {
    const { transport, sets } = fakeTransport();
    const driver = createSnmpSetDriver({ config, transport, clock: createVirtualClock(T0) });
    expect(await driver.run(offAfter(60), context)).toMatchObject({ result: 'ok' });
    expect(sets).toEqual([{ port: 161, varbinds: [{ oid: '1.3.6.1.2.1.33.1.8.2.0', type: 'Integer', value: 60 }] }]);
  });

  it('its test reads the object that would be set, says what it cannot prove, and sets nothing', async () => {
    const { transport, sets, asked, closed } = fakeTransport();
    const driver = createSnmpSetDriver({ config, transport, clock: createVirtualClock(T0) });
    expect(await driver.test!(off(3), context)).toEqual({
      result: 'ok',
      detail: `${OID}.3 is 1; that it may be written shows only when it is`,
    });
    expect([asked, sets, closed()]).toEqual([[`${OID}.3`], [], 1]);
  });

  it.each<[string, ReturnType<typeof fakeTransport>, Action]>([
    ['an agent that does not answer', fakeTransport('TIMED_OUT'), off(3)],
    ['an agent without the object', fakeTransport(undefined, 'NoSuchInstance'), off(9)],
    ['a control without its value', fakeTransport(), offAfter()],
  ])('its test fails for %s', async (_title, { transport, sets }, action) => {
    const driver = createSnmpSetDriver({ config, transport, clock: createVirtualClock(T0) });
    expect(await driver.test!(action, context)).toMatchObject({ result: 'failed' });
    expect(sets).toEqual([]);
  });

  it.each<[string, Action]>([
    ['without an index', off()],
    ['without a value, where the control leaves it open', offAfter()],
    [
      'with a value, where the control has its own',
      { snmp_set: { device: 'pdu-1', control: 'outlet.off', index: 3, value: 7 } },
    ],
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

  it('its test says whether the broker is connected, and publishes nothing', async () => {
    const bus = createMemoryBus();
    const heard: string[] = [];
    await bus.subscribe('#', ({ topic }) => heard.push(topic));
    const driver = createMqttDriver({ bus, clock: createVirtualClock(T0) });
    expect(await driver.test!(action, context)).toMatchObject({ result: 'ok' });
    bus.setConnected(false);
    expect(await driver.test!(action, context)).toEqual({ result: 'failed', detail: 'not connected to the broker' });
    await bus.drained();
    expect(heard).toEqual([]);
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

  it.each<[string, Action, 'ok' | 'failed', RegExp]>([
    ['a program on PATH', local('sh'), 'ok', /\/sh may be run; it was not$/],
    ['a program by its path', local('/bin/sh'), 'ok', /^\/bin\/sh may be run/],
    ['a program that is not there', local('no-such-program'), 'failed', /there is no program no-such-program/],
    ['a file that may not be run', local('/etc/passwd'), 'failed', /there is no program/],
    ['a folder', local('/tmp'), 'failed', /there is no program/],
  ])('its test finds %s', async (_title, action, result, detail) => {
    expect(await driver.test!(action, context)).toEqual({ result, detail: expect.stringMatching(detail) });
  });

  it('does not kill what runs out of time (L20)', async () => {
    const outcome = await driver.run(local('sleep', '0.3'), { ...context, limit: seconds(0.05) });
    expect(outcome).toMatchObject({ result: 'unknown', detail: expect.stringMatching(/may still be running/) });
  });
});
