import { describe, expect, it } from 'vitest';
import type { Action } from '#core/config/device.ts';
import type { ActionOutcome, Trap } from '#core/ports.ts';
import type { SimulatorCommand } from '#core/simulator.ts';
import { minutes, seconds } from '#core/time.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createInMemoryFaces } from '#simulators/in-memory.ts';
import { sampleConfig, sampleRoom } from './sample-room.ts';

const config = sampleConfig();
const device = (id: string) => config.devices.find((one) => one.id === id)!;
const OUTLET_6 = '1.3.6.1.4.1.318.1.1.26.9.2.4.1.5.6';
const CHARGE = '1.3.6.1.2.1.33.1.2.4.0';

async function bench() {
  const { room, clock } = sampleRoom();
  const faces = createInMemoryFaces(room, { config, clock });
  const bus = createMemoryBus();
  const heard: { topic: string; payload: Record<string, unknown>; at: number }[] = [];
  await bus.subscribe('zigbee2mqtt/+', (message) => {
    heard.push({
      topic: message.topic.replace('zigbee2mqtt/', ''),
      payload: JSON.parse(new TextDecoder().decode(message.payload)) as Record<string, unknown>,
      at: clock.now(),
    });
  });
  const ssh = (id: string, command: string, limitMinutes = 10): Promise<ActionOutcome> => {
    const by = device(id).shutdown!.by as Extract<Action, { ssh: unknown }>;
    return faces.ssh.run({ ssh: { ...by.ssh, command } }, { run: 't', limit: minutes(limitMinutes), values: {} });
  };
  const settle = async <T>(work: Promise<T>, length = seconds(30)): Promise<T | 'failed'> => {
    const end = work.catch(() => 'failed' as const);
    await clock.advanceByAsync(length);
    return end;
  };
  const from = (id: string) => heard.filter((one) => one.topic === id);
  return { room, clock, faces, bus, heard, from, ssh, settle };
}

describe('the network between the monitor and a device', () => {
  it.each<[string, SimulatorCommand, SimulatorCommand]>([
    ['its own link', { kind: 'network', device: 'pdu-1', down: true }, { kind: 'network', device: 'pdu-1' }],
    ['the whole network', { kind: 'network', down: true }, { kind: 'network' }],
  ])('when %s is cut, nothing passes; the device goes on', async (_, cut, mend) => {
    const { room, faces, settle } = await bench();
    const link = faces.snmp.open(device('pdu-1').snmp!);
    room.apply(cut);
    expect(await settle(link.set([{ oid: OUTLET_6, type: 'Integer', value: 2 }]))).toBe('failed');
    expect(room.truth().commands).toEqual([]);
    expect(room.points('pdu-1')).toBeNull();
    room.apply(mend);
    expect(await settle(link.get([OUTLET_6]))).not.toBe('failed');
    expect(room.points('pdu-1')).not.toBeNull();
  });

  it('a port that is not seen is closed only when the caller’s time is up', async () => {
    const { room, clock, faces } = await bench();
    const { host, port } = device('server-1').reach!;
    room.apply({ kind: 'network', device: 'server-1', down: true });
    let answer = '';
    void faces.reach.tcp(host, port, seconds(5)).then((seen) => {
      answer = seen;
    });
    await clock.advanceByAsync(seconds(4.9));
    expect(answer).toBe('');
    await clock.advanceByAsync(seconds(0.2));
    expect(answer).toBe('closed');
    room.apply({ kind: 'network', device: 'server-1' });
    expect(await faces.reach.tcp(host, port, seconds(5))).toBe('open');
  });

  it('loses some of the questions and answers: most are answered by the second try, some not at all', async () => {
    const { room, clock, faces } = await bench();
    room.apply({ kind: 'network', device: 'ups-1', loss: 0.4 });
    const link = faces.snmp.open(device('ups-1').snmp!);
    let answered = 0;
    for (let i = 0; i < 60; i++) {
      link.get([CHARGE]).then(
        () => answered++,
        () => {},
      );
      await clock.advanceByAsync(seconds(10));
    }
    // Two tries with 0.36 each.
    expect(answered).toBeGreaterThan(20);
    expect(answered).toBeLessThan(55);
  });

  it('a SET whose answer is lost arrives again, and the device’s log says that the network repeated it (I4)', async () => {
    const { room, clock, faces } = await bench();
    room.apply({ kind: 'network', device: 'pdu-1', loss: 0.5 });
    const link = faces.snmp.open(device('pdu-1').snmp!);
    for (let i = 0; i < 40; i++) {
      link.set([{ oid: OUTLET_6, type: 'Integer', value: i % 2 === 0 ? 2 : 1 }]).catch(() => {});
      await clock.advanceByAsync(seconds(10));
    }
    const { commands } = room.truth();
    const repeated = commands.filter((one) => one.retransmitted === true);
    expect(repeated.length).toBeGreaterThan(0);
    expect(commands.length).toBeGreaterThan(repeated.length);
    expect(repeated.every((one) => one.effect === 'redundant')).toBe(true);
  });

  it('delays: an answer comes late, and too late is none', async () => {
    const { room, clock, faces } = await bench();
    const link = faces.snmp.open(device('ups-1').snmp!);
    room.apply({ kind: 'network', device: 'ups-1', delayMs: 300 });
    let at = 0;
    void link.get([CHARGE]).then(() => {
      at = clock.now();
    });
    const asked = clock.now();
    await clock.advanceByAsync(seconds(3));
    expect(at - asked).toBeGreaterThan(300);
    expect(at - asked).toBeLessThan(1000);
    room.apply({ kind: 'network', device: 'ups-1', delayMs: 9000 });
    const late = link.get([CHARGE]).catch(() => 'failed');
    await clock.advanceByAsync(seconds(10));
    expect(await late).toBe('failed');
  });

  it('repeats and loses traps', async () => {
    const { room, clock, faces } = await bench();
    const traps: Trap[] = [];
    await faces.traps.listen((trap) => traps.push(trap));
    room.apply({ kind: 'network', device: 'ups-1', duplicate: 1 });
    room.apply({ kind: 'mains', present: false });
    expect(traps).toHaveLength(6);
    room.apply({ kind: 'network', device: 'ups-1', down: true });
    await clock.advanceByAsync(minutes(3));
    expect(traps).toHaveLength(6);
  });

  it('that is cut under a session leaves the caller without an answer (L20), and gives it when it is back in time', async () => {
    const { room, clock, ssh } = await bench();
    const lost = ssh('server-1', 'zhishou-backup run r1', 8);
    await clock.advanceByAsync(minutes(1));
    room.apply({ kind: 'network', device: 'server-1', down: true });
    await clock.advanceByAsync(minutes(8));
    expect(await lost).toMatchObject({ result: 'unknown' });
    expect(room.state().devices[0]?.backup).toBe('done');
    const refused = ssh('server-1', 'uptime');
    await clock.advanceByAsync(seconds(20));
    expect(await refused).toMatchObject({ result: 'failed', detail: expect.stringContaining('did not answer') });
    room.apply({ kind: 'network', device: 'server-1' });
    const late = ssh('server-1', 'zhishou-backup run r2', 30);
    await clock.advanceByAsync(minutes(1));
    room.apply({ kind: 'network', device: 'server-1', down: true });
    await clock.advanceByAsync(minutes(10));
    room.apply({ kind: 'network', device: 'server-1' });
    await clock.advanceByAsync(seconds(1));
    expect(await late).toMatchObject({ result: 'ok' });
  });

  it('a machine whose SSH hangs opens its port and lets the client wait', async () => {
    const { room, clock, ssh, faces } = await bench();
    room.apply({ kind: 'fault', device: 'server-1', fault: 'ssh-hangs' });
    const { host, port } = device('server-1').reach!;
    expect(await faces.reach.tcp(host, port, seconds(1))).toBe('open');
    const asked = ssh('server-1', 'uptime');
    await clock.advanceByAsync(seconds(9));
    await clock.advanceByAsync(seconds(3));
    expect(await asked).toMatchObject({ result: 'failed', detail: expect.stringContaining('did not answer') });
  });
});

describe('messages of sensors', () => {
  const count = async (command: SimulatorCommand | null): Promise<{ n: number; twice: number; ages: number[] }> => {
    const { room, clock, faces, bus, from } = await bench();
    faces.startSensors(bus);
    await clock.advanceByAsync(minutes(1));
    if (command !== null) room.apply(command);
    const before = from('th-1').length;
    await clock.advanceByAsync(minutes(60));
    const seen = from('th-1').slice(before);
    const twice = seen.filter((one, index) => index > 0 && one.at === seen[index - 1]?.at).length;
    return { n: seen.length, twice, ages: seen.map((one) => one.at) };
  };

  it.each<[string, SimulatorCommand, (n: number, twice: number, usual: number) => boolean]>([
    [
      'lossy',
      { kind: 'sensor', device: 'th-1', fault: 'lossy', amount: 0.5 },
      (n, _, usual) => n > usual * 0.3 && n < usual * 0.7,
    ],
    ['a lossy network', { kind: 'network', loss: 0.5 }, (n, _, usual) => n > usual * 0.3 && n < usual * 0.7],
    [
      'duplicate',
      { kind: 'sensor', device: 'th-1', fault: 'duplicate' },
      (n, twice, usual) => n >= usual * 1.9 && twice > usual * 0.9,
    ],
    [
      'a network that repeats',
      { kind: 'network', device: 'th-1', duplicate: 1 },
      (n, twice, usual) => n >= usual * 1.9 && twice > usual * 0.9,
    ],
    ['dropout', { kind: 'sensor', device: 'th-1', fault: 'dropout' }, (n) => n === 0],
    ['a cut network', { kind: 'network', down: true }, (n) => n === 0],
    [
      'flat battery',
      { kind: 'sensor', device: 'th-1', fault: 'flat-battery', amount: 30 },
      (n, _, usual) => n > usual * 0.4 && n < usual * 0.6,
    ],
    [
      'late',
      { kind: 'sensor', device: 'th-1', fault: 'late', amount: 90 },
      (n, _, usual) => n >= usual - 5 && n < usual + 3,
    ],
  ])('%s', async (_, command, holds) => {
    const usual = (await count(null)).n;
    expect(usual).toBeGreaterThan(100);
    const { n, twice } = await count(command);
    expect(holds(n, twice, usual), `${n} messages, ${twice} twice, usually ${usual}`).toBe(true);
  });

  it('late ones tell the past', async () => {
    const { room, clock, faces, bus, from } = await bench();
    faces.startSensors(bus);
    await clock.advanceByAsync(minutes(1));
    room.apply({ kind: 'sensor', device: 'smoke-1', fault: 'late', amount: 45 });
    room.apply({ kind: 'smoke', present: true });
    await clock.advanceByAsync(seconds(40));
    expect(from('smoke-1').at(-1)?.payload.smoke).toBe(false);
    expect(from('smoke-2').at(-1)?.payload.smoke).toBe(true);
    await clock.advanceByAsync(seconds(6));
    expect(from('smoke-1').at(-1)?.payload.smoke).toBe(true);
  });

  it('drift, noise and a stuck value show in the temperature, and are over when they are', async () => {
    const { room, clock } = await bench();
    const read = (): number => {
      const table = room.points('th-1');
      return Number(table?.values[table.names.indexOf('ambient.temperature')]);
    };
    const spread = (): number => {
      const values: number[] = [];
      for (let i = 0; i < 30; i++) {
        clock.advanceBy(seconds(30));
        values.push(read());
      }
      return Math.max(...values) - Math.min(...values);
    };
    clock.advanceBy(minutes(30));
    const usual = spread();
    room.apply({ kind: 'sensor', device: 'th-1', fault: 'noisy', amount: 3 });
    expect(spread()).toBeGreaterThan(usual + 3);
    room.apply({ kind: 'sensor', device: 'th-1', fault: 'stuck' });
    expect(spread()).toBe(0);
    const before = read();
    room.apply({ kind: 'sensor', device: 'th-1', fault: 'drift', amount: 4 });
    clock.advanceBy(minutes(60));
    expect(read() - before).toBeGreaterThan(3);
    room.apply({ kind: 'sensor', device: 'th-1', fault: 'none' });
    expect(Math.abs(read() - before)).toBeLessThan(1);
  });
});

describe('buttons, motion and the siren', () => {
  it('a press is told once, with the button’s own state, and is no state', async () => {
    const { room, clock, faces, bus, from } = await bench();
    faces.startSensors(bus);
    await clock.advanceByAsync(minutes(1));
    room.apply({ kind: 'panic', device: 'button-fire' });
    await clock.advanceByAsync(seconds(1));
    expect(from('button-fire').at(-1)?.payload).toMatchObject({ action: 'single', battery: 99 });
    expect(from('button-shock').some((one) => 'action' in one.payload)).toBe(false);
    await clock.advanceByAsync(minutes(300));
    expect(from('button-fire').filter((one) => 'action' in one.payload)).toHaveLength(1);
    expect(from('button-fire').length).toBeGreaterThan(2);
  });

  it('motion is told as it begins and ends', async () => {
    const { room, clock, faces, bus, from } = await bench();
    faces.startSensors(bus);
    room.apply({ kind: 'motion', present: true });
    await clock.advanceByAsync(seconds(1));
    expect(from('motion-1').at(-1)?.payload).toMatchObject({ occupancy: true });
    room.apply({ kind: 'motion', present: false });
    await clock.advanceByAsync(seconds(1));
    expect(from('motion-1').at(-1)?.payload).toMatchObject({ occupancy: false });
  });

  it('the siren does as it is told on …/set, tells its state back, and minds no rubbish', async () => {
    const { room, clock, faces, bus, from } = await bench();
    faces.startSensors(bus);
    await clock.advanceByAsync(seconds(5));
    const tell = async (payload: string): Promise<unknown> => {
      await bus.publish('zigbee2mqtt/siren-1/set', payload);
      await clock.advanceByAsync(seconds(1));
      return from('siren-1').at(-1)?.payload.alarm;
    };
    expect(await tell('{"alarm": true, "duration": 1800}')).toBe(true);
    expect(room.state().sirens).toEqual([{ device: 'siren-1', on: true }]);
    for (const rubbish of ['', '{', '[]', '{"alarm": "yes"}', '{"state": 7}']) expect(await tell(rubbish)).toBe(true);
    expect(await tell('{"state": "OFF"}')).toBe(false);
    expect(await tell('{"warning": {"mode": "fire"}}')).toBe(true);
    expect(await tell('{"warning": {"mode": "stop"}}')).toBe(false);
    expect(room.truth().commands.map((one) => one.command)).toEqual(['siren-on', 'siren-off', 'siren-on', 'siren-off']);
    room.apply({ kind: 'sensor', device: 'siren-1', fault: 'dropout' });
    await tell('{"alarm": true}');
    expect(room.state().sirens[0]?.on).toBe(false);
  });
});
