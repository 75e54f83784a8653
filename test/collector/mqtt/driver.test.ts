import { describe, expect, it } from 'vitest';
import { deviceSchema } from '#core/config/device.ts';
import type { DeviceStatus, Reading } from '#core/reading.ts';
import { hours, instant, minutes, seconds, toIso } from '#core/time.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createMetrics } from '#platform/metrics.ts';
import { createDeviceBook } from '#services/collector/device-book.ts';
import { startMqttFamilyDriver } from '#services/collector/drivers/mqtt-family-driver.ts';
import { mqttProfiles } from '../support/mqtt-profiles.ts';
import { climateDevice } from '../support/site.ts';
import { sparkplugBytes } from './sparkplug-bytes.ts';

/** One device heard in a family's manner, on a virtual clock and a bus in memory. */
async function hear(topics: readonly string[], name: string | null = null, staleAfter = minutes(10)) {
  const device = deviceSchema.parse(climateDevice('th-1'));
  const clock = createVirtualClock(instant(Date.UTC(2026, 0, 14)));
  const bus = createMemoryBus();
  const readings = new Map<string, Reading>();
  const rejected: string[] = [];
  let status: DeviceStatus | null = null;
  const book = createDeviceBook({
    device,
    simulated: false,
    staleAfter,
    expected: [],
    publishStatus: (told) => {
      status = told;
    },
    publishReadings: (batch) => {
      for (const one of batch.readings) readings.set(one.point, one);
    },
  });
  const start = () =>
    startMqttFamilyDriver({
      book,
      topics,
      name,
      profiles: mqttProfiles(),
      staleAfter,
      bus,
      clock,
      metrics: createMetrics(),
      onRejected: (reason) => rejected.push(reason),
    });
  const say = (topic: string, payload: unknown, retain = false) =>
    bus.publish(
      topic,
      payload instanceof Uint8Array || typeof payload === 'string' ? payload : JSON.stringify(payload),
      {
        retain,
      },
    );
  const told = (point: string) => {
    const reading = readings.get(point);
    return reading === undefined ? null : `${String(reading.value)} ${reading.quality}`;
  };
  return { clock, start, say, told, readings, rejected, status: () => status };
}

describe('a device heard in its family’s manner', () => {
  it('merges partial updates: what a message leaves out stays as it was', async () => {
    const { start, say, told } = await hear(['shellypro-1/#']);
    await start();
    const notify = (ts: number, part: object) =>
      say('shellypro-1/events/rpc', { method: 'NotifyStatus', params: { ts, 'switch:0': { id: 0, ...part } } });
    await notify(1_768_348_800, { voltage: 229.5, output: true });
    await notify(1_768_348_801, { apower: 918.6 });
    expect(told('input.0.voltage')).toBe('229.5 good');
    expect(told('input.0.realpower')).toBe('918.6 good');
  });

  it('learns aliases from the birth, and goes down with its node (availability of node and device)', async () => {
    const { start, say, told, rejected } = await hear(['spBv1.0/room/+/edge/#'], 'room/edge/pdu');
    await start();
    const data = sparkplugBytes({ seq: 2, metrics: [{ alias: 7, double: 231.5 }] });
    await say('spBv1.0/room/DDATA/edge/pdu', data);
    expect(told('input.voltage')).toBeNull();
    expect(rejected).toEqual(['no known value']);
    await say(
      'spBv1.0/room/NBIRTH/edge',
      sparkplugBytes({ seq: 0, metrics: [{ name: 'bdSeq', datatype: 4, long: 3 }] }),
    );
    const birth = { seq: 1, metrics: [{ name: 'Voltage', alias: 7, datatype: 10, double: 230 }] };
    await say('spBv1.0/room/DBIRTH/edge/pdu', sparkplugBytes(birth));
    await say('spBv1.0/room/DDATA/edge/pdu', data);
    expect(told('input.voltage')).toBe('231.5 good');
    await say('spBv1.0/room/NDEATH/edge', sparkplugBytes({ metrics: [{ name: 'bdSeq', datatype: 4, long: 2 }] }));
    expect(told('device.responding')).toBe('true good');
    await say('spBv1.0/room/NDEATH/edge', sparkplugBytes({ metrics: [{ name: 'bdSeq', datatype: 4, long: 3 }] }));
    expect(told('device.responding')).toBe('false good');
    expect(told('input.voltage')).toBe('231.5 stale');
  });

  it('what the broker kept is shown with its age and never fresh (L39)', async () => {
    const { start, say, told, readings } = await hear(['tele/rack/#']);
    await say('tele/rack/SENSOR', { Time: '2026-01-13T23:00:00Z', DS18B20: { Temperature: 31 }, TempUnit: 'C' }, true);
    await start();
    expect(told('ambient.temperature')).toBe('31 stale');
    expect(readings.get('ambient.temperature')?.reason).toContain('1h');
    expect(told('device.responding')).toBeNull();
    await say('tele/rack/SENSOR', { Time: '2026-01-14T00:00:00Z', DS18B20: { Temperature: 24 }, TempUnit: 'C' });
    expect(told('ambient.temperature')).toBe('24 good');
  });

  it('late and backfilled values never move time backwards; a clock that was ahead does not silence the device', async () => {
    const { clock, start, say, told, readings, rejected } = await hear(['app/#']);
    await start();
    const at = (offsetMs: number) => toIso(instant(clock.now() + offsetMs));
    const climate = (time: string, temperature: number) => say('app/rack/data', { time, temperature, humidity: 40 });
    clock.advanceBy(hours(2));
    await climate(at(0), 25);
    await climate(at(-60_000), 30);
    await climate(at(-3_600_000), 35);
    expect(told('ambient.temperature')).toBe('25 good');
    expect(rejected).toEqual(['late', 'late']);
    await climate(at(86_400_000), 26);
    expect(told('ambient.temperature')).toBe('26 good');
    expect(readings.get('ambient.temperature')?.measuredAt).toBe(clock.now());
    clock.advanceBy(seconds(10));
    await climate(at(0), 27);
    expect(told('ambient.temperature')).toBe('27 good');
  });

  it('a sleeper is not missed before it wakes, its own “offline” meanwhile is no news, its silence afterwards is', async () => {
    const { clock, start, say, told } = await hear(['ht-1/#']);
    await start();
    const params = { ts: 1_768_348_800, 'temperature:0': { tC: 21 }, sys: { wakeup_period: 7200 } };
    await say('ht-1/events/rpc', { method: 'NotifyFullStatus', params });
    await say('ht-1/online', 'false');
    clock.advanceBy(minutes(119));
    expect(told('device.responding')).toBe('true good');
    expect(told('ambient.temperature')).toBe('21 good');
    clock.advanceBy(minutes(15));
    expect(told('device.responding')).toBe('false good');
    expect(told('ambient.temperature')).toBe('21 stale');
  });

  it('water that is told and never taken back times out into “not known”, never into “dry”', async () => {
    const { clock, start, say, told, readings } = await hear(['rtl_433/#'], 'Govee-Water/9', hours(30));
    await start();
    await say('rtl_433/pi/events', { model: 'Govee-Water', id: 9, event: 'Water Leak' });
    expect(told('room.leak')).toBe('true good');
    clock.advanceBy(minutes(59));
    expect(told('room.leak')).toBe('true good');
    clock.advanceBy(minutes(2));
    expect(told('room.leak')).toBe('true stale');
    expect(readings.get('room.leak')?.reason).toContain('never says that it is over');
  });

  it('a null is a value that is missing, never a dry floor or a cold room', async () => {
    const { start, say, told, rejected } = await hear(['N/c0619ab1e4f2/temperature/24/#']);
    await start();
    await say('N/c0619ab1e4f2/temperature/24/Temperature', { value: 22 });
    await say('N/c0619ab1e4f2/temperature/24/Temperature', { value: null });
    expect(told('ambient.temperature')).toBe('22 good');
    expect(rejected).toEqual(['no known value']);
  });

  it('hears only the device of its name where a gateway tells of several', async () => {
    const { start, say, told } = await hear(['home/gw/#'], 'AABBCCDDEEFF');
    await start();
    await say('home/gw/BTtoMQTT/112233445566', { id: '11:22:33:44:55:66', model_id: 'X', tempc: 90 });
    await say('home/gw/BTtoMQTT/AABBCCDDEEFF', { id: 'AA:BB:CC:DD:EE:FF', model_id: 'X', tempc: 21 });
    expect(told('ambient.temperature')).toBe('21 good');
    await say('home/gw/LWT', 'offline', true);
    expect(told('ambient.temperature')).toBe('21 stale');
  });

  it('hostile messages are counted and disturb nobody', async () => {
    const { start, say, told, rejected } = await hear(['tele/x/#']);
    await start();
    for (const payload of [
      '{',
      '\u0000',
      '[[[[',
      '{"DS18B20":{"Temperature":1e400}}',
      '{"DS18B20":{"Temperature":-127}}',
    ])
      await say('tele/x/SENSOR', payload);
    expect(rejected.length).toBeGreaterThan(2);
    await say('tele/x/SENSOR', { DS18B20: { Temperature: 22 } });
    expect(told('ambient.temperature')).toBe('22 good');
  });
});
