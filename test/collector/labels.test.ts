import { describe, expect, it } from 'vitest';
import { snmpConnectionSchema } from '#core/config/connections.ts';
import { deviceSchema } from '#core/config/device.ts';
import { profileSchema } from '#core/config/profile.ts';
import type { DeviceStatus } from '#core/reading.ts';
import { hours, instant, minutes, plus } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createDeviceBook } from '#services/collector/device-book.ts';
import { createSnmpDriver } from '#services/collector/drivers/snmp-driver.ts';
import { createFakeAgent } from './support/fake-agent.ts';

/** A made-up MIB: 1.3.6.1.4.1.99999.1.{1 name, 2 value}. */
const NAME = '1.3.6.1.4.1.99999.1.1';
const VALUE = '1.3.6.1.4.1.99999.1.2';
const profile = profileSchema.parse({
  id: 'made-up',
  snmp: {
    points: [{ point: 'outlet.{index}.current', oid: VALUE, table: true, label: NAME, source: 'MADE-UP-MIB::value' }],
  },
});

describe('what people have named things on the device', () => {
  it('comes with the driver’s tables, the same object until they are looked at anew', async () => {
    const clock = createVirtualClock(instant(0));
    const agent = createFakeAgent();
    for (const [index, name] of Object.entries({ 1: 'Mail server', 2: ' ', 3: 'x'.repeat(300) })) {
      agent.put(`${NAME}.${index}`, 'OctetString', Buffer.from(name));
      agent.put(`${VALUE}.${index}`, 'Integer', 5);
    }
    const driver = createSnmpDriver({
      ...{ device: 'pdu-1', profile: 'made-up', profiles: [profile], transport: agent.transport, clock },
      connection: snmpConnectionSchema.parse({ host: '127.0.0.1' }),
    });
    expect(driver.labels?.()).toEqual({});
    await driver.poll();
    const first = driver.labels?.();
    expect(first).toEqual({ 'outlet.1.current': 'Mail server', 'outlet.3.current': 'x'.repeat(80) });
    await driver.poll();
    expect(driver.labels?.()).toBe(first);
    agent.put(`${NAME}.1`, 'OctetString', Buffer.from('Old mail server'));
    await clock.advanceByAsync(hours(7));
    await driver.poll();
    expect(driver.labels?.()).toMatchObject({ 'outlet.1.current': 'Old mail server' });
  });

  it('is told with the device’s status: at once when it is new, again when it is another', () => {
    const told: DeviceStatus[] = [];
    const device = deviceSchema.parse({ id: 'pdu-1', name: 'PDU', kind: 'pdu', snmp: { host: '127.0.0.1' } });
    const book = createDeviceBook({
      ...{ device, simulated: false, staleAfter: minutes(1), expected: [] },
      publishReadings: () => {},
      publishStatus: (status) => told.push(status),
    });
    const start = instant(0);
    const hear = (second: number): void =>
      book.heard(
        [{ point: 'outlet.1.current', decoded: { value: 5, quality: 'good' } }],
        'schedule',
        plus(start, minutes(second / 60)),
        true,
      );
    const labels = { 'outlet.1.current': 'Mail server' };
    book.setLabels(labels);
    hear(0);
    expect(told.at(-1)?.labels).toEqual(labels);
    book.setLabels(labels);
    hear(10);
    expect(told).toHaveLength(1);
    book.setLabels({});
    hear(20);
    expect(told).toHaveLength(2);
    expect(told.at(-1)).not.toHaveProperty('labels');
  });
});
