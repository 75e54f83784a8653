import { describe, expect, it } from 'vitest';
import type { Config } from '#core/config/config.ts';
import { seededRandom } from '#core/random.ts';
import type { Reading, ReadingBatch } from '#core/reading.ts';
import { minutes, seconds } from '#core/time.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { createCollector } from '#services/collector/app.ts';
import { createInMemoryFaces } from '#simulators/in-memory.ts';
import { sampleConfig, sampleRoom } from '../simulators/sample-room.ts';
import { sampleProfiles } from './support/profiles.ts';

/** The collector over the whole simulated room, through the same profiles as real devices. */
async function startRoom() {
  const { room, clock } = sampleRoom();
  const bus = createMemoryBus();
  const faces = createInMemoryFaces(room, { config: sampleConfig(), clock });
  const latest = new Map<string, Reading>();
  const batches: ReadingBatch[] = [];
  await bus.subscribe('zhishou/sample/reading/+', (message) => {
    const batch = JSON.parse(new TextDecoder().decode(message.payload)) as ReadingBatch;
    batches.push(batch);
    for (const reading of batch.readings) latest.set(`${reading.device}/${reading.point}`, reading);
  });
  const config = { ...sampleConfig(), profiles: sampleProfiles() } as unknown as Config;
  const { snmp, reach, traps } = faces;
  const random = seededRandom(1);
  const collector = createCollector({
    config,
    clock,
    bus,
    log: silentLog,
    metrics: createMetrics(),
    snmp,
    reach,
    traps,
    random,
  });
  await collector.start();
  faces.startSensors(bus);
  await clock.advanceByAsync(minutes(2));
  return { room, clock, latest, batches, value: (name: string) => latest.get(name)?.value ?? null };
}

describe('the simulated room through the collector', () => {
  it('shows every device of the page, all values good', async () => {
    const { value, latest } = await startRoom();
    expect(value('ups-1/ups.status')).toBe('OL');
    for (const point of [
      'battery.charge',
      'battery.runtime',
      'input.voltage',
      'ups.load',
      'ups.realpower',
      'output.voltage',
    ]) {
      expect(value(`ups-1/${point}`), point).toBeGreaterThan(0);
    }
    expect(value('ac-1/cooling.status')).toBe('on');
    for (const point of ['cooling.supply.temperature', 'cooling.return.temperature', 'cooling.setpoint']) {
      expect(value(`ac-1/${point}`), point).toBeGreaterThan(5);
    }
    expect(value('pdu-1/outlet.1.status')).toBe('on');
    expect(value('pdu-1/outlet.1.realpower')).toBeGreaterThan(50);
    for (const sensor of ['th-1', 'th-2', 'th-3', 'th-4'])
      expect(value(`${sensor}/ambient.temperature`)).toBeGreaterThan(10);
    expect(value('smoke-1/room.smoke')).toBe(false);
    expect(value('leak-1/room.leak')).toBe(false);
    expect(value('door-1/room.door')).toBe(false);
    for (const host of ['server-1', 'server-2', 'server-3', 'array-1', 'switch-1'])
      expect(value(`${host}/host.reachable`)).toBe(true);
    const doubtful = [...latest.values()].filter((reading) => reading.quality !== 'good' || !reading.simulated);
    expect(
      doubtful.map((reading) => `${reading.device}/${reading.point}: ${reading.quality} ${reading.reason}`),
    ).toEqual([]);
  });

  it('sees a power cut within a second, by the UPS’s trap (L11)', async () => {
    const { room, clock, value, batches } = await startRoom();
    room.apply({ kind: 'mains', present: false });
    const cutAt = clock.now();
    await clock.advanceByAsync(seconds(20));
    const first = batches.find(
      ({ device, readings }) =>
        device === 'ups-1' && readings.some(({ value: status }) => String(status).includes('OB')),
    );
    expect(first?.cause).toBe('trap');
    expect((first?.at ?? Number.POSITIVE_INFINITY) - cutAt).toBeLessThanOrEqual(1000);
    expect(value('ups-1/ups.status')).toBe('OB DISCHRG ALARM');
  });
});
