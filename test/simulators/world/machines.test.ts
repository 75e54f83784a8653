import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '#core/time.ts';
import type { Room } from '#simulators/room.ts';
import { faultsAt, poweredAt } from '#simulators/world/truth.ts';
import { sampleRoom } from '../sample-room.ts';

const stateOf = (room: Room, device = 'server-1') => room.state().devices.find((one) => one.device === device);
const wattsAt = (room: Room, outlet: number): number => {
  const table = room.points('pdu-1');
  return Number(table?.values[table.names.indexOf(`outlet.${outlet}.realpower`)]);
};
function order(room: Room, device: string, command: string): { code: number | null; lost: boolean } {
  const seen = { code: null as number | null, lost: false };
  room.session(device, 'test').run(command, {
    write() {},
    exit: (code) => {
      seen.code = code;
    },
    lost: () => {
      seen.lost = true;
    },
  });
  return seen;
}
const SHUTDOWN = 'sudo shutdown -h now';

describe('faults of a machine', () => {
  it('a slow shutdown takes many times its time, and ends', () => {
    const { room, clock } = sampleRoom();
    room.apply({ kind: 'fault', device: 'server-1', fault: 'shutdown-slow' });
    order(room, 'server-1', SHUTDOWN);
    clock.advanceBy(minutes(5));
    expect(stateOf(room)).toMatchObject({ state: 'stopping', fault: 'none' });
    clock.advanceBy(minutes(15));
    expect(stateOf(room)?.state).toBe('off');
  });

  it('a boot that fails hangs, drawing power, until its power is cycled', () => {
    const { room, clock } = sampleRoom();
    order(room, 'server-1', SHUTDOWN);
    clock.advanceBy(minutes(3));
    room.apply({ kind: 'fault', device: 'server-1', fault: 'boot-fails' });
    room.orderBmc('server-1', 'on', 'test');
    clock.advanceBy(minutes(30));
    expect(stateOf(room)?.state).toBe('starting');
    expect(room.reachable('server-1')).toBe(false);
    expect(wattsAt(room, 1)).toBeGreaterThan(300);
    room.orderBmc('server-1', 'cycle', 'test');
    clock.advanceBy(minutes(5));
    expect(stateOf(room)?.state).toBe('running');
  });

  it('one that crashes by itself stands there, powered and deaf, until it is reset; no supply was lost', () => {
    const { room, clock } = sampleRoom();
    const backup = order(room, 'server-1', 'zhishou-backup run r1');
    clock.advanceBy(seconds(20));
    room.apply({ kind: 'crash', device: 'server-1' });
    expect(backup.lost).toBe(true);
    expect(stateOf(room)).toMatchObject({ state: 'crashed', powered: true, backup: 'failed' });
    expect(room.reachable('server-1')).toBe(false);
    expect(wattsAt(room, 1)).toBeGreaterThan(200);
    expect(room.bmcPower('server-1')).toBe('on');
    expect(room.truth().transitions).toMatchObject([{ to: 'crashed', cause: 'self', dataLoss: false }]);
    room.orderBmc('server-1', 'reset', 'test');
    clock.advanceBy(minutes(6));
    expect(stateOf(room)?.state).toBe('running');
  });

  it('answers on its port and never says a word (ssh-hangs), until it is well again', () => {
    const { room } = sampleRoom();
    room.apply({ kind: 'fault', device: 'server-1', fault: 'ssh-hangs' });
    expect(room.reachable('server-1')).toBe(true);
    expect(room.session('server-1', 'test').login()).toBe('silent');
    room.apply({ kind: 'fault', device: 'server-1', fault: 'none' });
    expect(room.session('server-1', 'test').login()).toBe('accepted');
  });

  it('a stuck outlet takes its command, and nothing comes of it', () => {
    const { room } = sampleRoom();
    room.apply({ kind: 'outlet-stuck', device: 'pdu-1', outlet: 1, stuck: true });
    room.orderOutlet('pdu-1', 1, false, 'test');
    expect(stateOf(room)).toMatchObject({ state: 'running', powered: true });
    room.apply({ kind: 'outlet-stuck', device: 'pdu-1', outlet: 1, stuck: false });
    room.orderOutlet('pdu-1', 1, false, 'test');
    expect(stateOf(room)).toMatchObject({ state: 'crashed', powered: false });
    expect(room.truth().commands.map((one) => one.effect)).toEqual(['refused', 'accepted']);
    expect(poweredAt(room.truth(), 'server-1', room.look().world.at)).toBe(false);
  });

  it('equipment switches itself off, hard, when the room is too hot', () => {
    const { room, clock } = sampleRoom();
    room.apply({ kind: 'cooling', working: false });
    room.apply({ kind: 'outside', temperatureC: 45 });
    clock.advanceBy(minutes(200));
    const hot = room.truth().transitions.filter((one) => one.cause === 'heat');
    expect(hot.map((one) => one.device)).toEqual(expect.arrayContaining(['server-1', 'array-1']));
    expect(hot.every((one) => one.dataLoss)).toBe(true);
    expect(Math.max(...room.truth().climate.map((one) => one.temperatureC))).toBeGreaterThan(54);
  });
});

describe('the management controller', () => {
  it('tells the chassis power, shuts down softly, cuts hard, starts; each order is in the log with its effect', () => {
    const { room, clock } = sampleRoom();
    expect(room.bmcPower('server-1')).toBe('on');
    expect(room.orderBmc('server-1', 'soft', 'ipmi test')).toBe('accepted');
    expect(stateOf(room)?.state).toBe('stopping');
    clock.advanceBy(minutes(3));
    expect(room.bmcPower('server-1')).toBe('off');
    expect(room.orderBmc('server-1', 'on', 'ipmi test')).toBe('accepted');
    expect(room.bmcPower('server-1')).toBe('on');
    clock.advanceBy(minutes(5));
    expect(stateOf(room)?.state).toBe('running');
    expect(room.orderBmc('server-1', 'on', 'ipmi test')).toBe('accepted');
    expect(room.orderBmc('server-1', 'off', 'ipmi test')).toBe('accepted');
    expect(room.truth().transitions.at(-1)).toMatchObject({ to: 'crashed', cause: 'order', dataLoss: true });
    expect(room.truth().commands.map((one) => `${one.command} ${one.effect}`)).toEqual([
      'power-soft accepted',
      'power-on accepted',
      'power-on redundant',
      'power-off accepted',
    ]);
  });

  it.each([
    ['unreachable', 'unreachable', 'running', null],
    ['refuses-soft', 'refused', 'running', 'on'],
    ['ignores-soft', 'accepted', 'running', 'on'],
  ] as const)('that is %s: %s, the machine is %s', (fault, answer, state, power) => {
    const { room, clock } = sampleRoom();
    room.apply({ kind: 'bmc', device: 'server-1', fault });
    expect(room.orderBmc('server-1', 'soft', 'test')).toBe(answer);
    clock.advanceBy(minutes(5));
    expect(stateOf(room)?.state).toBe(state);
    expect(room.bmcPower('server-1')).toBe(power);
    room.apply({ kind: 'bmc', device: 'server-1', fault: 'none' });
    expect(room.orderBmc('server-1', 'soft', 'test')).toBe('accepted');
    clock.advanceBy(minutes(5));
    expect(room.bmcPower('server-1')).toBe('off');
  });

  it('is dark with its machine’s outlet, and there is none in a switch', () => {
    const { room } = sampleRoom();
    room.orderOutlet('pdu-1', 1, false, 'test');
    expect(room.bmcPower('server-1')).toBeNull();
    expect(room.bmcPower('switch-1')).toBeNull();
    expect(room.orderBmc('switch-1', 'off', 'test')).toBe('unreachable');
  });
});

describe('every command', () => {
  it('for a device that is not there is refused, and changes nothing', () => {
    const { room } = sampleRoom();
    const before = JSON.stringify(room.snapshot());
    const nobody = 'nobody';
    for (const command of [
      { kind: 'ups-input', device: nobody, present: false },
      { kind: 'battery', device: nobody, chargePercent: 5 },
      { kind: 'bypass', device: nobody, bypass: 'fault' },
      { kind: 'fault', device: nobody, fault: 'silent' },
      { kind: 'crash', device: nobody },
      { kind: 'bmc', device: nobody, fault: 'unreachable' },
      { kind: 'outlet-stuck', device: nobody, outlet: 1, stuck: true },
      { kind: 'outlet-stuck', device: 'pdu-1', outlet: 48, stuck: true },
      { kind: 'sensor', device: nobody, fault: 'stuck' },
      { kind: 'network', device: '__proto__', down: true },
      { kind: 'panic', device: 'smoke-1' },
      { kind: 'siren', device: 'th-1', on: true },
      { kind: 'smoke', device: 'leak-1', present: true },
      { kind: 'fire', device: nobody, burning: true },
      { kind: 'cooling', device: nobody, working: false },
    ] as const)
      expect(() => room.apply(command), command.kind).toThrow(/not in the simulated room/);
    expect(JSON.stringify(room.snapshot())).toBe(before);
  });

  it('that is a fault is shown while it lasts, kept in the log of faults, and gone afterwards', () => {
    const { room, clock } = sampleRoom();
    const pairs = [
      [
        { kind: 'ups-input', present: false },
        { kind: 'ups-input', present: true },
      ],
      [
        { kind: 'mains', present: false },
        { kind: 'mains', present: true },
      ],
      [
        { kind: 'mains-voltage', volts: 150 },
        { kind: 'mains', present: true },
      ],
      [
        { kind: 'phase', line: 3, present: false },
        { kind: 'phase', line: 3, present: true },
      ],
      [
        { kind: 'battery-health', share: 0.5 },
        { kind: 'battery-health', share: 1 },
      ],
      [
        { kind: 'charger', working: false },
        { kind: 'charger', working: true },
      ],
      [
        { kind: 'firmware', runtimeFactor: 3 },
        { kind: 'firmware', runtimeFactor: 1 },
      ],
      [
        { kind: 'bypass', bypass: 'manual' },
        { kind: 'bypass', bypass: 'none' },
      ],
      [
        { kind: 'extra-load', watts: 500 },
        { kind: 'extra-load', watts: 0 },
      ],
      [
        { kind: 'cooling', working: false },
        { kind: 'cooling', working: true },
      ],
      [
        { kind: 'cooling-capacity', share: 0.2 },
        { kind: 'cooling-capacity', share: 1 },
      ],
      [
        { kind: 'fault', device: 'server-1', fault: 'silent' },
        { kind: 'fault', device: 'server-1', fault: 'none' },
      ],
      [
        { kind: 'bmc', device: 'server-1', fault: 'unreachable' },
        { kind: 'bmc', device: 'server-1', fault: 'none' },
      ],
      [
        { kind: 'outlet-stuck', device: 'pdu-1', outlet: 2, stuck: true },
        { kind: 'outlet-stuck', device: 'pdu-1', outlet: 2, stuck: false },
      ],
      [
        { kind: 'sensor', device: 'th-1', fault: 'stuck' },
        { kind: 'sensor', device: 'th-1', fault: 'none' },
      ],
      [{ kind: 'network', down: true }, { kind: 'network' }],
      [
        { kind: 'network', device: 'ups-1', loss: 0.5 },
        { kind: 'network', device: 'ups-1' },
      ],
      [
        { kind: 'disk', full: true },
        { kind: 'disk', full: false },
      ],
      [
        { kind: 'clock', offsetS: -3600 },
        { kind: 'clock', offsetS: 0 },
      ],
    ] as const;
    for (const [begin, end] of pairs) {
      room.apply(begin);
      expect(room.state().faults, begin.kind).toHaveLength(1);
      clock.advanceBy(seconds(20));
      const during = clock.now();
      room.apply(end);
      expect(room.state().faults, begin.kind).toEqual([]);
      clock.advanceBy(seconds(20));
      expect(faultsAt(room.truth(), during - 1)).toHaveLength(1);
    }
    expect(room.truth().faults).toHaveLength(pairs.length * 2);
  });

  it('about the monitor is told to whoever runs it', () => {
    const { room } = sampleRoom();
    room.apply({ kind: 'disk', full: true });
    room.apply({ kind: 'clock', offsetS: 90 });
    expect(room.state().monitor).toEqual({ diskFull: true, clockOffsetS: 90 });
    expect(room.look().world.monitor).toEqual({ diskFull: true, clockOffsetMs: 90_000 });
  });
});
