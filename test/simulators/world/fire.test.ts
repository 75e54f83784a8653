import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '#core/time.ts';
import type { Room } from '#simulators/room.ts';
import { sampleRoom } from '../sample-room.ts';

const point = (room: Room, device: string, name: string): unknown => {
  const table = room.points(device);
  return table === null ? null : table.values[table.names.indexOf(name)];
};
const smells = (room: Room): unknown[] => ['smoke-1', 'smoke-2'].map((device) => point(room, device, 'room.smoke'));

describe('fire', () => {
  it('is smelt by the nearer detector first, then by the other, heats the room, and is over when it is put out', () => {
    const { room, clock } = sampleRoom();
    const before = room.state().roomTemperatureC;
    room.apply({ kind: 'fire', burning: true, device: 'server-1' });
    expect(smells(room)).toEqual([false, false]);
    clock.advanceBy(seconds(40));
    expect(smells(room)).toEqual([true, false]);
    clock.advanceBy(minutes(2));
    expect(smells(room)).toEqual([true, true]);
    expect(room.state().fireWatts).toBeGreaterThan(5000);
    expect(room.state().roomTemperatureC).toBeGreaterThan(before + 2);
    room.apply({ kind: 'fire', burning: false });
    clock.advanceBy(minutes(15));
    expect(room.state()).toMatchObject({ fireWatts: 0, smoke: false });
    expect(smells(room)).toEqual([false, false]);
    expect(room.truth().room.map((one) => one.what)).toEqual(['fire', 'fire-out']);
  });

  it('that began in a machine dies with the machine’s supply (O-FIR-2); another goes on', () => {
    const electrical = sampleRoom();
    const other = sampleRoom();
    electrical.room.apply({ kind: 'fire', burning: true, device: 'server-1' });
    other.room.apply({ kind: 'fire', burning: true });
    for (const { room, clock } of [electrical, other]) {
      clock.advanceBy(minutes(1));
      room.apply({ kind: 'ups-off', delayS: 0 });
      clock.advanceBy(minutes(12));
    }
    expect(electrical.room.state().fireWatts).toBe(0);
    expect(other.room.state().fireWatts).toBeGreaterThan(10_000);
  });

  it('goes on after a kill as if it had never been interrupted', () => {
    const whole = sampleRoom();
    whole.room.apply({ kind: 'fire', burning: true });
    whole.clock.advanceBy(seconds(95));
    const again = sampleRoom({ clock: whole.clock, snapshot: JSON.parse(JSON.stringify(whole.room.snapshot())) });
    whole.clock.advanceBy(minutes(5));
    expect(again.room.state()).toEqual(whole.room.state());
  });
});

describe('one detector alone', () => {
  it('smells dust in front of it, and the other does not', () => {
    const { room } = sampleRoom();
    room.apply({ kind: 'smoke', device: 'smoke-2', present: true });
    expect(smells(room)).toEqual([false, true]);
    expect(room.state().smoke).toBe(true);
    room.apply({ kind: 'smoke', present: true });
    expect(smells(room)).toEqual([true, true]);
    room.apply({ kind: 'smoke', present: false });
    expect(smells(room)).toEqual([false, false]);
  });

  it('that is stuck says what it said before', () => {
    const { room } = sampleRoom();
    room.apply({ kind: 'sensor', device: 'smoke-1', fault: 'stuck' });
    room.apply({ kind: 'smoke', present: true });
    expect(smells(room)).toEqual([false, true]);
    room.apply({ kind: 'sensor', device: 'smoke-1', fault: 'none' });
    expect(smells(room)).toEqual([true, true]);
  });
});

describe('air conditioning', () => {
  it('that loses its capacity lets the room get warm, one of several carries on', () => {
    const { room, clock } = sampleRoom();
    room.apply({ kind: 'cooling-capacity', share: 0.15 });
    clock.advanceBy(minutes(60));
    const warm = room.state().roomTemperatureC;
    expect(warm).toBeGreaterThan(28);
    expect(point(room, 'ac-1', 'cooling.status')).toBe('on');
    expect(point(room, 'ac-1', 'cooling.capacity')).toBe(100);
    room.apply({ kind: 'cooling-capacity', share: 1 });
    clock.advanceBy(minutes(60));
    expect(room.state().roomTemperatureC).toBeLessThan(warm - 3);
  });

  it('rests for its delay after a loss of power, also when mains was away for a moment only', () => {
    const { room, clock } = sampleRoom();
    clock.advanceBy(minutes(2));
    room.apply({ kind: 'flapping', times: 1, awayS: 2, backS: 1 });
    clock.advanceBy(minutes(2.5));
    expect(room.state().coolingUnits[0]?.running).toBe(false);
    clock.advanceBy(minutes(10));
    expect(room.state().coolingUnits[0]?.running).toBe(true);
  });
});
