import { describe, expect, it } from 'vitest';
import { modbusConnectionSchema } from '#core/config/connections.ts';
import { minutes, seconds } from '#core/time.ts';
import { createModbusConnector } from '#platform/modbus/connector.ts';
import { createMemoryNet } from '#platform/modbus/memory-net.ts';
import { createModbusDriver } from '#services/collector/drivers/modbus-driver.ts';
import { modbusClimateFace, modbusUpsFace } from '#simulators/devices/modbus-face.ts';
import { createModbusServer } from '#simulators/devices/modbus-server.ts';
import { sampleRoom } from '../../simulators/sample-room.ts';
import { profileOfFile } from '../support/profiles.ts';
import { settled } from './rig.ts';

/** The simulated room's UPS and a climate sensor on one RS-485 line behind a serial server, read as real ones are. */
async function roomOnALine() {
  const { room, clock } = sampleRoom();
  const climate = room.look().plan.sensors.find(({ kind }) => kind === 'climate')?.id ?? '';
  const net = createMemoryNet();
  const units = new Map([
    [1, modbusUpsFace(room, 'ups-1')],
    [2, modbusClimateFace(room, climate)],
  ]);
  await net.serve({ host: 'line', port: 4001 }, createModbusServer({ units, framing: 'rtu', clock }));
  const connector = createModbusConnector({ dial: net.dial, clock });
  const profiles = [profileOfFile('huawei-ups2000-modbus'), profileOfFile('renke-rs-ws')];
  const reader = (unit: number, profile: string | null) => {
    const connection = modbusConnectionSchema.parse({ host: 'line', port: 4001, unit, framing: 'rtu' });
    const driver = createModbusDriver({ device: `unit-${unit}`, connection, profile, profiles, connector, clock });
    const read = async () =>
      Object.fromEntries((await settled(clock, driver.poll())).map(({ point, decoded }) => [point, decoded.value]));
    return Object.assign(read, { driver });
  };
  return { room, clock, climate, ups: reader(1, null), sensor: reader(2, 'renke-rs-ws') };
}

describe('the simulated room over Modbus', () => {
  it('an outage is seen as it goes and comes', async () => {
    const { room, clock, ups } = await roomOnALine();
    expect(await ups()).toMatchObject({ 'ups.status': 'OL CHRG', 'device.alarms': 'none' });
    room.apply({ kind: 'mains', present: false });
    await clock.advanceByAsync(seconds(30));
    const out = await ups();
    expect(out).toMatchObject({ 'ups.status': 'OB DISCHRG' });
    expect(Number(out['input.voltage'])).toBeLessThan(20);
    expect(Number(out['battery.runtime'])).toBeGreaterThan(60);
    room.apply({ kind: 'mains', present: true });
    await clock.advanceByAsync(minutes(1));
    expect(await ups()).toMatchObject({ 'ups.status': 'OL CHRG' });
  });

  it('the sensor tells the room’s air', async () => {
    const { sensor } = await roomOnALine();
    const told = await sensor();
    expect(Number(told['ambient.temperature'])).toBeGreaterThan(15);
    expect(Number(told['ambient.temperature'])).toBeLessThan(35);
    expect(Number(told['ambient.humidity'])).toBeGreaterThan(10);
  });

  it('a sensor that has dropped out is silent, and delays the UPS by its time-out at most', async () => {
    const { room, clock, climate, ups, sensor } = await roomOnALine();
    await ups();
    room.apply({ kind: 'sensor', device: climate, fault: 'dropout' });
    await clock.advanceByAsync(seconds(10));
    const begun = clock.monotonic();
    let took = Number.NaN;
    const both = Promise.allSettled([
      sensor.driver.poll(),
      ups.driver.poll().then(() => {
        took = clock.monotonic() - begun;
      }),
    ]);
    const [silent, answered] = await settled(clock, both);
    expect(silent).toMatchObject({ status: 'rejected', reason: { code: 'TIMED_OUT' } });
    expect(answered.status).toBe('fulfilled');
    expect(took).toBeLessThan(1500);
  });
});
