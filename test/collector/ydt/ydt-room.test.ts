import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '#core/time.ts';
import type { PointValue } from '#services/collector/snmp-plan.ts';
import { ydtCoolingFace, ydtUpsFace } from '#simulators/devices/ydt-face.ts';
import { sampleRoom } from '../../simulators/sample-room.ts';
import { sampleProfiles } from '../support/profiles.ts';
import { ydtRig } from './ydt-rig.ts';

/** The simulated room's UPS and air conditioner on one serial line, read by the profiles that real ones are read by. */
async function roomOnALine() {
  const { room, clock } = sampleRoom();
  const rig = await ydtRig([ydtUpsFace(room, 'ups-1', 1), ydtCoolingFace(room, 'ac-1', 2)], clock);
  const profiles = sampleProfiles().filter(({ id }) => id.startsWith('ydt-'));
  const ups = rig.driver({ address: 1, profile: 'ydt-ups', profiles });
  const gxe = rig.driver({ address: 1, profile: 'ydt-liebert-gxe', profiles });
  const cooling = rig.driver({ address: 2, profile: null, profiles });
  const read = async (driver: typeof ups) => {
    const values: readonly PointValue[] = await rig.pass(driver.poll());
    return Object.fromEntries(values.map(({ point, decoded }) => [point, decoded.value]));
  };
  return { room, clock, rig, ups, gxe, cooling, read };
}

describe('the simulated room over YD/T 1363.3', () => {
  it('the UPS tells what its network card tells: figures, state, no alarm', async () => {
    const { room, ups, read } = await roomOnALine();
    const told = await read(ups);
    const card = room.points('ups-1');
    const shown = (name: string): number => Number(card?.values[card.names.indexOf(name)]);
    expect(told).toMatchObject({ 'ups.status': 'OL', 'device.alarms': 'none', 'device.model': 'SIM-UPS' });
    for (const point of ['input.voltage', 'output.voltage', 'battery.voltage'])
      expect(Math.abs(Number(told[point]) - shown(point)), point).toBeLessThan(3);
    expect(told['output.frequency']).toBe(50);
  });

  it('mains goes and comes: on battery, mains bad, and back', async () => {
    const { room, clock, ups, read } = await roomOnALine();
    room.apply({ kind: 'mains', present: false });
    await clock.advanceByAsync(seconds(10));
    expect(await read(ups)).toMatchObject({ 'ups.status': 'OB DISCHRG', 'device.alarms': 'mains-voltage-low' });
    room.apply({ kind: 'mains', present: true });
    await clock.advanceByAsync(minutes(1));
    expect(await read(ups)).toMatchObject({ 'ups.status': 'OL', 'device.alarms': 'none' });
  });

  it('by its maker’s table: what the battery is good for, and the same through an outage', async () => {
    const { room, clock, gxe, read } = await roomOnALine();
    const card = room.points('ups-1');
    const shown = (name: string): number => Number(card?.values[card.names.indexOf(name)]);
    expect(await read(gxe)).toMatchObject({
      'ups.status': 'OL',
      'device.alarms': 'none',
      'battery.runtime': shown('battery.runtime'),
    });
    room.apply({ kind: 'mains', present: false });
    await clock.advanceByAsync(seconds(10));
    expect(await read(gxe)).toMatchObject({ 'ups.status': 'OB DISCHRG', 'device.alarms': 'mains-voltage-low' });
    room.apply({ kind: 'mains', present: true });
    await clock.advanceByAsync(minutes(1));
    expect(await read(gxe)).toMatchObject({ 'ups.status': expect.stringMatching(/^OL/) });
  });

  it('the air conditioner is recognised without a profile and tells its air and its set points', async () => {
    const { rig, clock, cooling, read } = await roomOnALine();
    let told: Record<string, unknown> = {};
    for (let i = 0; i < 6 && cooling.profile() === null; i++) {
      told = await read(cooling).catch(() => ({}));
      await clock.advanceByAsync(seconds(10));
    }
    expect(cooling.profile()?.id).toBe('ydt-air-conditioner');
    expect(told).toMatchObject({ 'cooling.status': 'on', 'device.model': 'SIM-COOL' });
    expect(told['cooling.return.temperature']).toBeGreaterThan(15);
    expect(told['cooling.setpoint']).toBeGreaterThan(15);
    expect(told['ambient.outdoor.temperature']).toBeUndefined();
    expect(rig.lines.counts()).toMatchObject({ damaged: 0, strange: 0, junk: 0 });
  });
});
