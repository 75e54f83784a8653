import { describe, expect, it } from 'vitest';
import { profileSchema } from '#core/config/profile.ts';
import { hours, seconds } from '#core/time.ts';
import { createMetrics } from '#platform/metrics.ts';
import type { PointValue } from '#services/collector/snmp-plan.ts';
import type { YdtFace } from '#simulators/devices/ydt-line.ts';
import { profileOfFile } from '../support/profiles.ts';
import { ydtRig } from './ydt-rig.ts';

/** Two commands and one that is asked seldom. */
const PROFILE = profileSchema.parse({
  id: 'two-commands',
  recognise: [{ ydt: { cid1: '2A', maker: 'TEST' }, source: 'the test' }],
  ydt: {
    cid1: '2A',
    commands: [
      {
        cid2: '51',
        seldom: true,
        source: 's',
        fields: [{ type: 'text', bytes: 4, points: [{ point: 'device.model' }], source: 'name' }],
      },
      {
        cid2: '42',
        source: 's',
        fields: [{ type: 'u16', points: [{ point: 'input.voltage', scale: 0.1 }], source: 'voltage' }],
      },
      {
        cid2: '44',
        source: 's',
        fields: [{ type: 'u8', alarm: 'fan-fault', source: 'fan' }],
      },
    ],
  },
});

type Infos = Readonly<Record<number, readonly number[] | null>>;
const NAME = [...Buffer.from('TEST')];
const GOOD: Infos = { 81: NAME, 66: [0x08, 0x98], 68: [0] };

const face = (address: number, infos: Infos = GOOD, more: Partial<YdtFace> = {}): YdtFace => ({
  device: `device-${address}`,
  address,
  cid1: 0x2a,
  version: 0x21,
  alive: () => true,
  info: (cid2) => {
    const info = infos[cid2];
    return info === undefined || info === null ? null : Uint8Array.from(info);
  },
  ...more,
});

const shown = (values: readonly PointValue[]): Record<string, unknown> =>
  Object.fromEntries(values.map(({ point, decoded }) => [point, decoded.value ?? decoded.quality]));
const WHOLE = { 'device.model': 'TEST', 'input.voltage': 220, 'device.alarms': 'none' };

describe('reading a device of YD/T 1363.3', () => {
  it('asks each command once a poll, and what never changes once an hour', async () => {
    const rig = await ydtRig([face(1)]);
    const driver = rig.driver({ address: 1, profile: 'two-commands', profiles: [PROFILE] });
    expect(shown(await rig.pass(driver.poll()))).toEqual(WHOLE);
    expect(shown(await rig.pass(driver.poll()))).toEqual(WHOLE);
    expect(rig.asked).toEqual(['1: 2A 42', '1: 2A 44', '1: 2A 51', '1: 2A 42', '1: 2A 44']);
    await rig.clock.advanceByAsync(hours(1));
    await rig.pass(driver.poll());
    expect(rig.asked.filter((one) => one.endsWith('51'))).toHaveLength(2);
  });

  it('thirty devices behind one serial server: all are read, the dead one is told, the others wait for its time-out only', async () => {
    const rig = await ydtRig(Array.from({ length: 30 }, (_, i) => face(i + 1, { ...GOOD, 66: [i + 1, 0] })));
    rig.faults.silent.add(17);
    const drivers = Array.from({ length: 30 }, (_, i) =>
      rig.driver({ address: i + 1, profile: 'two-commands', profiles: [PROFILE] }),
    );
    const before = rig.clock.monotonic();
    const results = await rig.pass(Promise.allSettled(drivers.map((driver) => driver.poll())));
    for (const [i, result] of results.entries()) {
      if (i + 1 === 17) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'TIMED_OUT' } });
      else if (result.status === 'fulfilled')
        expect(shown(result.value)).toMatchObject({ 'input.voltage': Math.round((i + 1) * 256) / 10 });
      else throw result.reason;
    }
    // 29 devices with three questions 50 ms apart, and one second for the dead one.
    expect(rig.clock.monotonic() - before).toBeLessThan(seconds(29 * 3 * 0.07 + 1 + 0.5));
    rig.faults.silent.clear();
    await rig.clock.advanceByAsync(seconds(10));
    expect(shown(await rig.pass(drivers[16]!.poll()))).toMatchObject({ 'input.voltage': 435.2 });
  });

  it('a command that it refuses is left out, and not asked again for hours', async () => {
    const rig = await ydtRig([face(1, { ...GOOD, 68: null })]);
    const driver = rig.driver({ address: 1, profile: 'two-commands', profiles: [PROFILE] });
    expect(shown(await rig.pass(driver.poll()))).toEqual({
      'device.model': 'TEST',
      'input.voltage': 220,
      'device.alarms': 'missing',
    });
    await rig.pass(driver.poll());
    expect(rig.asked.filter((one) => one.endsWith('44'))).toHaveLength(1);
    await rig.clock.advanceByAsync(hours(6));
    await rig.pass(driver.poll());
    expect(rig.asked.filter((one) => one.endsWith('44'))).toHaveLength(2);
  });

  it('a device that refuses everything is told as refusing, with its return code', async () => {
    const rig = await ydtRig([face(1, {})]);
    const driver = rig.driver({ address: 1, profile: 'two-commands', profiles: [PROFILE] });
    await expect(rig.pass(driver.poll())).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('RTN 04H'),
    });
  });

  it('a command to which the device is silent keeps the others from being read for two polls, not for ever', async () => {
    const rig = await ydtRig([
      face(2, GOOD, { info: (cid2) => (cid2 === 0x42 ? 'silent' : Uint8Array.from(GOOD[cid2] ?? [])) }),
    ]);
    const driver = rig.driver({ address: 2, profile: 'two-commands', profiles: [PROFILE] });
    const polls: unknown[] = [];
    for (let i = 0; i < 4; i++) {
      polls.push(await rig.pass(driver.poll()).then(shown, (error) => error.code));
      await rig.clock.advanceByAsync(seconds(10));
    }
    const rest = { 'device.model': 'TEST', 'device.alarms': 'none' };
    expect(polls).toEqual(['TIMED_OUT', 'TIMED_OUT', rest, rest]);
  });

  it('a command that it has answered before is never given up: a lost frame costs one poll', async () => {
    const rig = await ydtRig([face(1)]);
    const driver = rig.driver({ address: 1, profile: 'two-commands', profiles: [PROFILE] });
    await rig.pass(driver.poll());
    for (let i = 0; i < 5; i++) {
      rig.faults.halved = 1;
      await expect(rig.pass(driver.poll())).rejects.toMatchObject({ code: 'TIMED_OUT' });
      await rig.clock.advanceByAsync(seconds(10));
    }
    expect(shown(await rig.pass(driver.poll()))).toEqual(WHOLE);
  });

  it('speaks the version that the device speaks, once it has said so', async () => {
    const rig = await ydtRig([face(1, GOOD, { version: 0x20 })]);
    const driver = rig.driver({ address: 1, profile: 'two-commands', profiles: [PROFILE] });
    expect(shown(await rig.pass(driver.poll()))).toEqual(WHOLE);
    expect(shown(await rig.pass(driver.poll()))).toEqual(WHOLE);
  });

  it('an answer of another layout gives no reading; when there is no other, the device’s answer is bad', async () => {
    const rig = await ydtRig([face(1, { 81: NAME, 66: [1, 2, 3], 68: [0] }), face(2, { 66: [1, 2, 3] })]);
    const first = rig.driver({ address: 1, profile: 'two-commands', profiles: [PROFILE] });
    expect(shown(await rig.pass(first.poll()))).toEqual({ ...WHOLE, 'input.voltage': 'missing' });
    const second = rig.driver({ address: 2, profile: 'two-commands', profiles: [PROFILE] });
    await expect(rig.pass(second.poll())).rejects.toMatchObject({ code: 'BAD_ANSWER' });
  });

  it('a damaged answer ends the poll; the next one is whole again', async () => {
    const rig = await ydtRig([face(1)]);
    const driver = rig.driver({ address: 1, profile: 'two-commands', profiles: [PROFILE] });
    rig.faults.spoilt = 1;
    await expect(rig.pass(driver.poll())).rejects.toMatchObject({ code: 'BAD_ANSWER' });
    await rig.clock.advanceByAsync(seconds(10));
    expect(shown(await rig.pass(driver.poll()))).toEqual(WHOLE);
  });

  it('how much of what came was no answer is told to those who watch the service', async () => {
    const rig = await ydtRig([face(1)]);
    const metrics = createMetrics();
    const driver = rig.driver({ address: 1, profile: 'two-commands', profiles: [PROFILE], metrics });
    rig.faults.rubbish = 1;
    await rig.pass(driver.poll());
    expect(metrics.render()).toMatch(/zhishou_collector_line_noise\{[^}]*kind="junk"[^}]*\} [1-9]/);
  });

  it('without a profile it is recognised by kind and maker, one kind a poll', async () => {
    const rig = await ydtRig([face(1)]);
    const other = profileOfFile('ydt-air-conditioner');
    const driver = rig.driver({ address: 1, profile: null, profiles: [other, PROFILE] });
    const polls: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      polls.push(await rig.pass(driver.poll()).then(shown, (error) => error.code));
      await rig.clock.advanceByAsync(seconds(10));
    }
    expect(polls.at(-1)).toEqual(WHOLE);
    expect(driver.profile()?.id).toBe('two-commands');
  });

  it('a profile that is not there is said so', async () => {
    const rig = await ydtRig([face(1)]);
    const driver = rig.driver({ address: 1, profile: 'nonsense', profiles: [PROFILE] });
    await expect(rig.pass(driver.poll())).rejects.toMatchObject({ code: 'BAD_CONFIGURATION' });
  });
});
