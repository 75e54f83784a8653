import { createSocket } from 'node:dgram';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Action, type Evidence, evidenceSchema } from '#core/config/device.ts';
import type { ActionDriver } from '#core/ports.ts';
import { Secret } from '#core/secret.ts';
import { minutes, seconds } from '#core/time.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { checkByController } from '#services/alerts/actions/controller-evidence.ts';
import { createIpmiDriver } from '#services/alerts/actions/ipmi-driver.ts';
import { describeReal } from '../../support/real.ts';
import { IPMI_PASSWORD, IPMI_USER, type IpmiSim, startIpmiSim } from './ipmi-sim.ts';

type Ipmi = Extract<Action, { ipmi: unknown }>['ipmi'];
const context = { run: 'i1/shutdown/1', limit: minutes(1), values: {} };
const clock = createSystemClock();
const driver: ActionDriver = createIpmiDriver({ clock });
const hasty: ActionDriver = createIpmiDriver({ clock, patience: { timeoutS: 1, retries: 1 } });

const ipmi = (port: number, more: Partial<Ipmi> = {}): Action => ({
  ipmi: {
    ...{ host: '127.0.0.1', port, user: IPMI_USER, password: new Secret(IPMI_PASSWORD) },
    // ipmi_sim of OpenIPMI 2.0 speaks no SHA-256.
    ...{ cipher: 3, level: 'operator', power: 'off' },
    ...more,
  } as Ipmi,
});

describeReal(['ipmitool', 'ipmi_sim'], "the ipmi driver against Debian's ipmi_sim", () => {
  let bmc: IpmiSim;
  beforeAll(async () => {
    bmc = await startIpmiSim();
    // It listens a moment after it was started.
    while ((await driver.test!(ipmi(bmc.port), context)).result !== 'ok');
  });
  beforeEach(() => {
    bmc.setMood('obeys');
    bmc.setPower('on');
  });
  afterAll(() => bmc.stop());

  it('its test signs in, sees whether the chassis has power, and orders nothing', async () => {
    const before = bmc.orders();
    expect(await driver.test!(ipmi(bmc.port), context)).toEqual({
      result: 'ok',
      detail: 'signed in as zhishou (operator), chassis power is on',
      output: 'on',
    });
    bmc.setPower('off');
    expect(await driver.test!(ipmi(bmc.port), context)).toMatchObject({ result: 'ok', output: 'off' });
    expect(bmc.orders()).toEqual(before);
  });

  it.each([
    ['off', 'set power 0'],
    ['on', 'set power 1'],
    ['soft', 'set shutdown 1'],
    ['cycle', 'set power 0'],
    ['reset', 'set reset 1'],
  ] as const)('orders power %s: the machine gets "%s"', async (power, order) => {
    const outcome = await driver.run(ipmi(bmc.port, { power }), context);
    expect(outcome).toEqual({ result: 'ok', detail: `the controller took power ${power}` });
    expect(bmc.orders()).toContain(order);
    // A cycle gives the power back by itself, a second later.
    while (power === 'cycle' && bmc.power() === 'off') await new Promise((resolve) => setTimeout(resolve, 20));
  });

  it('gives evidence that the chassis has no power, and none while nobody can tell', async () => {
    const { power: _, ...connection } = (ipmi(bmc.port) as { ipmi: Ipmi }).ipmi;
    const look = (more: Partial<Ipmi>, is: 'on' | 'off') => {
      const evidence = evidenceSchema.parse({ ipmi: { ...connection, ...more }, is }) as Extract<
        Evidence,
        { ipmi: unknown }
      >;
      return checkByController(evidence, { test: driver.test! }, context);
    };
    expect(await look({}, 'off')).toMatchObject({ kind: 'ipmi', holds: false });
    bmc.setPower('off');
    expect(await look({}, 'off')).toMatchObject({ kind: 'ipmi', holds: true });
    expect(await look({ password: new Secret('wrong-one') }, 'off')).toMatchObject({ kind: 'ipmi', holds: null });
  });

  it.each<[string, Partial<Ipmi>, RegExp]>([
    ['a wrong password', { password: new Secret('wrong-one') }, /the password of zhishou is wrong/],
    ['an unknown user', { user: 'nobody' }, /it knows no user nobody/],
    ['a cipher suite that is not offered', { cipher: 17 }, /it does not offer cipher suite 17/],
  ])('%s: failed, with the reason, and nothing was ordered', async (_title, more, detail) => {
    const before = bmc.orders();
    for (const outcome of [
      await driver.run(ipmi(bmc.port, more), context),
      await driver.test!(ipmi(bmc.port, more), context),
    ]) {
      expect(outcome).toMatchObject({ result: 'failed', detail: expect.stringMatching(detail) });
      expect(JSON.stringify(outcome)).not.toMatch(/wrong-one|ipmi-pass/);
    }
    expect(bmc.orders()).toEqual(before);
  });

  it('a user without the right to switch fails', async () => {
    const outcome = await driver.run(ipmi(bmc.port, { user: 'looker', level: 'user', power: 'soft' }), context);
    expect(outcome).toMatchObject({ result: 'failed', detail: expect.stringMatching(/looker may not act as user/) });
    expect(bmc.power()).toBe('on');
  });

  it('a controller that refuses fails', async () => {
    bmc.setMood('refuses');
    const outcome = await driver.run(ipmi(bmc.port, { power: 'soft' }), context);
    expect(outcome).toMatchObject({ result: 'failed', detail: expect.stringMatching(/Soft failed/) });
  });

  it.each([
    ['our time is up', driver, seconds(0.5), 'no answer in the time given; the order may have arrived'],
    ['ipmitool gives up', hasty, minutes(1), 'the order was sent, and the controller did not answer'],
  ])('an order without an answer is unknown, not failed, when %s (L20)', async (_title, impatient, limit, detail) => {
    const hanging = await startIpmiSim();
    while ((await driver.test!(ipmi(hanging.port), context)).result !== 'ok');
    hanging.setMood('hangs');
    const outcome = await impatient.run(ipmi(hanging.port), { ...context, limit });
    expect(outcome).toEqual({ result: 'unknown', detail });
    await hanging.stop();
  });
});

describeReal('ipmitool', 'the ipmi driver against a host that is silent', () => {
  it('fails: no session was made, nothing was ordered', async () => {
    const silent = createSocket('udp4');
    await new Promise<void>((resolve) => silent.bind(0, '127.0.0.1', resolve));
    const { port } = silent.address();
    const [ordered, tested] = await Promise.all([hasty.run(ipmi(port), context), hasty.test!(ipmi(port), context)]);
    const failed = { result: 'failed', detail: `the controller at 127.0.0.1:${port}: it does not answer` };
    expect([ordered, tested]).toEqual([failed, failed]);
    silent.close();
  });
});

describe('the ipmi driver without ipmitool', () => {
  it('says which package is missing, in its test as in its order', async () => {
    const absent = createIpmiDriver({ clock, program: '/no/such/ipmitool' });
    for (const outcome of [await absent.run(ipmi(9), context), await absent.test!(ipmi(9), context)])
      expect(outcome).toMatchObject({
        result: 'failed',
        detail: expect.stringMatching(/install the package ipmitool/),
      });
  });

  it('hands the password on by the environment and never on the command line, which every user of the machine can read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zhishou-ipmitool-'));
    const program = join(folder, 'ipmitool');
    writeFileSync(
      program,
      `#!/bin/sh\nprintf '%s ' "$@" > ${folder}/words\nprintenv IPMI_PASSWORD > ${folder}/variable\n`,
    );
    chmodSync(program, 0o755);
    await createIpmiDriver({ clock, program }).run(ipmi(9), context);
    const words = readFileSync(join(folder, 'words'), 'utf8');
    expect(words).toContain('-E');
    expect(words).not.toContain(IPMI_PASSWORD);
    expect(readFileSync(join(folder, 'variable'), 'utf8').trim()).toBe(IPMI_PASSWORD);
    rmSync(folder, { recursive: true, force: true });
  });
});
