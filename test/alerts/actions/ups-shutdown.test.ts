import { afterEach, describe, expect, it } from 'vitest';
import type { Config } from '#core/config/config.ts';
import type { SnmpTransport } from '#core/ports.ts';
import { seconds } from '#core/time.ts';
import type { VirtualClock } from '#platform/clock/virtual-clock.ts';
import { createSnmpTransport } from '#platform/snmp/snmp-transport.ts';
import { createSnmpSetDriver } from '#services/alerts/actions/snmp-set-driver.ts';
import { createSnmpDriver } from '#services/collector/drivers/snmp-driver.ts';
import { createInMemoryFaces } from '#simulators/in-memory.ts';
import type { Room } from '#simulators/room.ts';
import { sampleProfiles } from '../../collector/support/profiles.ts';
import { type LiveRoom, run, startLiveRoom, until } from '../../simulators/live-room.ts';
import { sampleConfig, sampleRoom } from '../../simulators/sample-room.ts';
import { describeReal } from '../../support/real.ts';

/** RFC 1628's control group end to end: profile, driver, simulated UPS, and the points that prove it. */
const profiles = sampleProfiles();
const context = { run: 'i1/ups-off:ups-1/1', limit: seconds(10), values: {} };

interface Bench {
  readonly room: Room;
  readonly clock: VirtualClock;
  set(control: string, value?: number): Promise<string>;
  /** What the collector would read of these points now. */
  read(...points: string[]): Promise<unknown[]>;
  mains(present: boolean): void;
  pass(s: number): Promise<void>;
}

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

function readerOf(config: Pick<Config, 'devices'>, transport: SnmpTransport, clock: { now(): number }) {
  const connection = config.devices.find(({ id }) => id === 'ups-1')?.snmp;
  if (connection === undefined) throw new Error('ups-1 is read by SNMP');
  const reader = createSnmpDriver({
    ...{ device: 'ups-1', connection, profile: 'rfc1628-ups', profiles, transport },
    clock: clock as VirtualClock,
  });
  stops.push(reader.close);
  return async (...points: string[]): Promise<unknown[]> => {
    const values = await reader.poll();
    return points.map((point) => values.find((one) => one.point === point)?.decoded.value ?? null);
  };
}

function bench(): Bench {
  const { room, clock } = sampleRoom();
  const config = sampleConfig();
  const faces = createInMemoryFaces(room, { config, clock });
  stops.push(faces.stop, room.stop);
  const driver = createSnmpSetDriver({ config: { ...config, profiles }, transport: faces.snmp, clock });
  return {
    ...{ room, clock },
    read: readerOf(config, faces.snmp, clock),
    mains: (present) => room.apply({ kind: 'mains', present }),
    pass: (s) => clock.advanceByAsync(seconds(s)),
    async set(control, value) {
      const action = { snmp_set: { device: 'ups-1', control, ...(value === undefined ? {} : { value }) } };
      const done = driver.run(action, context);
      await clock.advanceByAsync(seconds(1));
      return (await done).result;
    },
  };
}

const TIMERS = ['ups.timer.shutdown', 'ups.timer.start'] as const;
const outputOf = (room: Room): string => (room.look().world.upses[0]?.mode === 'off' ? 'off' : 'on');

describe('the last order of an outage: off after a delay, and on again by itself', () => {
  it('is proven by the countdown before anything has gone off', async () => {
    const { read, set, mains } = bench();
    mains(false);
    expect(await read(...TIMERS)).toEqual([-1, -1]);
    expect(await set('output.off.return', 300)).toBe('ok');
    const [off, on] = await read(...TIMERS);
    expect(off).toBeGreaterThan(290);
    expect(off).toBeLessThanOrEqual(300);
    expect(Number(on) - Number(off)).toBe(60);
  });

  it('leaves the battery its charge, and returns with mains (L21, L23)', async () => {
    const { room, read, set, mains, pass } = bench();
    mains(false);
    await set('output.off.return', 120);
    await pass(118);
    expect(outputOf(room)).toBe('on');
    await pass(5);
    expect(outputOf(room)).toBe('off');
    await pass(7200);
    expect(outputOf(room)).toBe('off');
    mains(true);
    await pass(300);
    expect(outputOf(room)).toBe('on');
    const [status, left] = await read('ups.status', 'battery.charge');
    expect(String(status).split(' ')).toContain('OL');
    expect(left).toBeGreaterThan(80);
  });

  it('cycles the output also when mains comes back before it has gone off, so that machines start (L21)', async () => {
    const { room, set, mains, pass } = bench();
    mains(false);
    await set('output.off.return', 120);
    await pass(60);
    mains(true);
    await pass(65);
    expect(outputOf(room)).toBe('off');
    await pass(65);
    expect(outputOf(room)).toBe('on');
  });

  it('is called off while it counts, when mains is back and the monitor is still there', async () => {
    const { room, read, set, mains, pass } = bench();
    mains(false);
    await set('output.off.return', 120);
    await pass(60);
    mains(true);
    expect(await set('output.off.cancel')).toBe('ok');
    expect(await read(...TIMERS)).toEqual([-1, -1]);
    await pass(600);
    expect(outputOf(room)).toBe('on');
  });

  it('without return stays off until somebody starts it', async () => {
    const { room, set, mains, pass } = bench();
    mains(false);
    await set('output.off', 30);
    await pass(40);
    mains(true);
    await pass(600);
    expect(outputOf(room)).toBe('off');
    expect(await set('output.on', 10)).toBe('ok');
    await pass(15);
    expect(outputOf(room)).toBe('on');
  });

  it('a start ordered without mains waits for it', async () => {
    const { room, set, mains, pass } = bench();
    mains(false);
    await set('output.off.return', 60);
    await pass(200);
    expect(outputOf(room)).toBe('off');
    mains(true);
    await pass(120);
    expect(outputOf(room)).toBe('on');
  });

  it('cycles at once when told to', async () => {
    const { room, set, pass } = bench();
    expect(await set('output.cycle', 30)).toBe('ok');
    expect(outputOf(room)).toBe('off');
    await pass(35);
    expect(outputOf(room)).toBe('on');
  });

  const wrong: readonly [control: string, value: number | undefined, reason: string][] = [
    ['output.off.return', 0, 'at once would take the supply from the monitor that says it'],
    ['output.off.return', 59, 'too soon for a monitor to go down'],
    ['output.off.return', 100_000, 'a day is no delay'],
    ['output.off.return', undefined, 'a delay must be said'],
    ['output.off.cancel', 10, 'takes no value'],
    ['output.cycle', 301, 'RFC 1628 ends at 300 s'],
  ];
  it.each(wrong)('%s with %s is refused and nothing is sent (%s)', async (control, value) => {
    const { room, set } = bench();
    expect(await set(control, value)).toBe('failed');
    expect(room.truth().commands).toEqual([]);
  });
});

describeReal('snmpget', 'the simulated UPS counts down for Debian’s SNMP tools', () => {
  const CONTROL = '.1.3.6.1.2.1.33.1.8';
  let live: LiveRoom;
  const target = (): string => `127.0.0.1:${live.config.devices.find(({ id }) => id === 'ups-1')?.snmp?.port ?? 0}`;
  const tool = (name: string, ...words: string[]) => run(name, ['-v2c', '-c', 'public', '-Oqvn', target(), ...words]);
  const get = async (...numbers: number[]): Promise<number[]> => {
    const { out } = await tool('snmpget', ...numbers.map((number) => `${CONTROL}.${number}.0`));
    return out.trim().split('\n').map(Number);
  };
  const set = (...pairs: [number, number][]) =>
    tool('snmpset', ...pairs.flatMap(([number, value]) => [`${CONTROL}.${number}.0`, 'i', String(value)]));
  afterEach(() => live.stop());

  it('takes snmpset’s order and ours alike, shows both countdowns, and calls them off', async () => {
    live = await startLiveRoom(1);
    expect(await get(1, 2, 3, 4, 5)).toEqual([1, -1, -1, -1, 1]);
    expect((await set([1, 1], [5, 1], [3, 360], [2, 300])).code).toBe(0);
    const [off = 0, on = 0] = await get(2, 3);
    expect(off).toBeGreaterThan(280);
    expect(on - off).toBe(60);
    expect((await set([2, -1], [3, -1])).code).toBe(0);
    expect(await get(2, 3)).toEqual([-1, -1]);

    const transport = createSnmpTransport();
    const driver = createSnmpSetDriver({ config: { ...live.config, profiles }, transport, clock: live.clock });
    const order = { snmp_set: { device: 'ups-1', control: 'output.off.return', value: 300 } };
    expect(await driver.run(order, context)).toMatchObject({ result: 'ok' });
    const [ours = 0, back = 0] = await get(2, 3);
    expect(back - ours).toBe(60);
    const read = readerOf(live.config, transport, live.clock);
    const [timer] = await read('ups.timer.shutdown');
    expect(timer).toBeGreaterThan(280);
  });

  it('refuses values that RFC 1628 does not have, and takes none of a request with one of them', async () => {
    live = await startLiveRoom(1);
    for (const pair of [
      [1, 3],
      [2, -2],
      [3, -5],
      [4, 301],
      [5, 0],
    ] as [number, number][]) {
      expect((await set(pair)).code).not.toBe(0);
    }
    expect((await set([2, 300], [5, 9])).code).not.toBe(0);
    expect(await get(1, 2, 3, 4, 5)).toEqual([1, -1, -1, -1, 1]);
  });

  it('goes off when the countdown ends and comes back when mains does', async () => {
    live = await startLiveRoom(200);
    live.room.apply({ kind: 'mains', present: false });
    expect((await set([5, 1], [2, 120])).code).toBe(0);
    await until(() => outputOf(live.room) === 'off');
    live.room.apply({ kind: 'mains', present: true });
    await until(() => outputOf(live.room) === 'on');
    expect(await get(2, 3)).toEqual([-1, -1]);
  });
});
