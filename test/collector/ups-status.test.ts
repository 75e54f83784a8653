import { describe, expect, it } from 'vitest';
import { snmpConnectionSchema } from '#core/config/connections.ts';
import type { Varbind } from '#core/ports.ts';
import { instant } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createSnmpDriver } from '#services/collector/drivers/snmp-driver.ts';
import { createFakeAgent, type FakeAgent, integer, oidValue, upsObjects } from './support/fake-agent.ts';
import { sampleProfiles } from './support/profiles.ts';

const UPS = '1.3.6.1.2.1.33.1';
const alarm = (id: number, kind: number): Varbind => oidValue(`${UPS}.6.2.1.2.${id}`, `${UPS}.6.3.${kind}`);

function driverFor(agent: FakeAgent, profile: string | null = 'rfc1628-ups') {
  return createSnmpDriver({
    device: 'ups-1',
    connection: snmpConnectionSchema.parse({ host: '127.0.0.1', community: 'public' }),
    profile,
    profiles: sampleProfiles(),
    transport: agent.transport,
    clock: createVirtualClock(instant(0)),
  });
}

const poll = async (agent: FakeAgent, driver = driverFor(agent)) =>
  Object.fromEntries((await driver.poll()).map((value) => [value.point, value.decoded]));

type Row = readonly [string, readonly Varbind[], string | null, string];
const rows: Row[] = [
  ['on mains', [], 'OL', 'upsOutputSource normal(3)'],
  ['on battery', [integer(`${UPS}.4.1.0`, 5)], 'OB DISCHRG', 'upsOutputSource battery(5)'],
  [
    'on battery, low',
    [integer(`${UPS}.4.1.0`, 5), integer(`${UPS}.2.1.0`, 3)],
    'OB LB DISCHRG',
    'upsBatteryStatus batteryLow(3)',
  ],
  ['on bypass', [integer(`${UPS}.4.1.0`, 4)], 'OL BYPASS', 'upsOutputSource bypass(4)'],
  ['no output', [integer(`${UPS}.4.1.0`, 2)], 'OFF', 'L10: no output is not power'],
  ['booster', [integer(`${UPS}.4.1.0`, 6)], 'OL BOOST', 'upsOutputSource booster(6)'],
  ['an alarm before the source follows', [alarm(7, 2)], 'OB DISCHRG', 'the worse is true'],
  ['battery bad', [alarm(1, 1)], 'OL RB ALARM', 'L13: every alarm bit is told'],
  ['overload', [alarm(3, 8)], 'OL OVER ALARM', 'upsAlarmOutputOverload'],
  [
    "a maker's own alarm",
    [oidValue(`${UPS}.6.2.1.2.9`, '1.3.6.1.4.1.476.1.2.3')],
    'OL ALARM',
    'L13: unknown alarms too',
  ],
  [
    'self-test on the battery',
    [integer(`${UPS}.4.1.0`, 5), integer(`${UPS}.7.3.0`, 5)],
    'OL DISCHRG TEST',
    'L3, L33: a test is no outage',
  ],
  [
    'calibration on the battery',
    [integer(`${UPS}.4.1.0`, 5), integer(`${UPS}.7.3.0`, 5), oidValue(`${UPS}.7.1.0`, `${UPS}.7.7.5`)],
    'OL DISCHRG CAL',
    'L3: a calibration is no outage',
  ],
  [
    'mains lost in the middle of a self-test',
    [integer(`${UPS}.4.1.0`, 5), integer(`${UPS}.7.3.0`, 5), integer(`${UPS}.3.3.1.3.1`, 0)],
    'OB DISCHRG',
    'a test hides no outage: plans take TEST for mains',
  ],
  [
    'mains lost in the middle of a calibration',
    [
      ...[integer(`${UPS}.4.1.0`, 5), integer(`${UPS}.7.3.0`, 5), oidValue(`${UPS}.7.1.0`, `${UPS}.7.7.5`)],
      integer(`${UPS}.3.3.1.3.1`, 0),
    ],
    'OB DISCHRG',
    'the same of a deep one (O-BAT-1)',
  ],
  ['a mode of its own, mains and output there', [integer(`${UPS}.4.1.0`, 1)], 'OL', 'other(1): eco, converter'],
  [
    'a mode of its own, no mains',
    [integer(`${UPS}.4.1.0`, 1), integer(`${UPS}.3.3.1.3.1`, 0)],
    null,
    'other(1) without mains and without seconds on battery: no guess',
  ],
  [
    'a mode of its own, counting seconds on battery',
    [integer(`${UPS}.4.1.0`, 1), integer(`${UPS}.2.2.0`, 12)],
    'OB DISCHRG',
    'other(1) on battery',
  ],
  ['a source of a newer MIB', [integer(`${UPS}.4.1.0`, 42)], null, 'no guess: the point is missing'],
];

describe('ups.status of an RFC 1628 UPS', () => {
  it.each(rows)('%s (%j) is %s (%s)', async (_title, changes, expected) => {
    const agent = createFakeAgent([...upsObjects(), ...changes]);
    const alarms = [...agent.objects.keys()].filter((oid) => oid.startsWith(`${UPS}.6.2.1.2.`)).length;
    agent.put(`${UPS}.6.1.0`, 'Gauge', alarms);
    const points = await poll(agent);
    expect(points['ups.status']?.value ?? null).toBe(expected);
    expect(points['ups.alarm.count']?.value).toBe(alarms);
  });
});

describe('the SNMP driver', () => {
  it('reads the figures of the UPS in SI units, one phase under its plain name (L35)', async () => {
    const points = await poll(createFakeAgent(upsObjects()));
    const values = Object.fromEntries(Object.entries(points).map(([name, decoded]) => [name, decoded.value]));
    expect(values).toMatchObject({
      'battery.runtime': 3600,
      'battery.charge': 100,
      'battery.voltage': 273,
      'input.voltage': 231,
      'input.frequency': 50,
      'output.voltage': 230,
      'ups.realpower': 2400,
      'ups.load': 44,
      'device.model': 'Model 5',
    });
    expect(Object.keys(values).filter((name) => name.includes('.L1.'))).toEqual([]);
  });

  it('names phases and puts them together: the best voltage, the sum of powers, the busiest load', async () => {
    const agent = createFakeAgent(upsObjects());
    for (const [line, volts, watts, percent] of [
      [1, 231, 800, 40],
      [2, 12, 700, 35],
      [3, 229, 900, 61],
    ] as const) {
      agent.put(`${UPS}.3.3.1.3.${line}`, 'Integer', volts);
      agent.put(`${UPS}.4.4.1.4.${line}`, 'Integer', watts);
      agent.put(`${UPS}.4.4.1.5.${line}`, 'Integer', percent);
    }
    const points = await poll(agent);
    expect(points['input.L2.voltage']?.value).toBe(12);
    expect(points['input.voltage']?.value).toBe(231);
    expect(points['ups.realpower']?.value).toBe(2400);
    expect(points['ups.load']?.value).toBe(61);
  });

  it('does not tell points that the device does not serve (L36: no phantom sensors)', async () => {
    const points = await poll(createFakeAgent(upsObjects()));
    expect(points['bypass.frequency']).toBeUndefined();
    expect(points['battery.temperature']).toBeUndefined();
  });

  it('walks only at the start; polls are GETs of known objects (L37)', async () => {
    const agent = createFakeAgent(upsObjects());
    const driver = driverFor(agent);
    await driver.poll();
    const { walks } = agent.asked;
    for (let i = 0; i < 20; i++) await driver.poll();
    expect(agent.asked.walks).toBe(walks);
  });

  it('looks at the alarm table again when the count changes, and when one alarm has replaced another', async () => {
    const agent = createFakeAgent(upsObjects());
    const driver = driverFor(agent);
    await poll(agent, driver);
    const { oid } = alarm(5, 8);
    agent.objects.set(oid, alarm(5, 8));
    agent.put(`${UPS}.6.1.0`, 'Gauge', 1);
    expect((await poll(agent, driver))['ups.status']?.value).toBe('OL OVER ALARM');
    agent.objects.delete(oid);
    agent.objects.set(alarm(6, 1).oid, alarm(6, 1));
    expect((await poll(agent, driver))['ups.status']?.value).toBe('OL RB ALARM');
    agent.objects.delete(alarm(6, 1).oid);
    agent.put(`${UPS}.6.1.0`, 'Gauge', 0);
    expect((await poll(agent, driver))['ups.status']?.value).toBe('OL');
  });

  it('one malformed value spoils no other (L36)', async () => {
    const agent = createFakeAgent(upsObjects());
    agent.put(`${UPS}.2.4.0`, 'OctetString', new Uint8Array([0xff, 0x00, 0x9f]));
    const points = await poll(agent);
    expect(points['battery.charge']?.quality).toBe('implausible');
    expect(points['battery.runtime']).toEqual({ value: 3600, quality: 'good' });
  });

  it('a card that has lost its UPS for a while is asked for everything again afterwards', async () => {
    const agent = createFakeAgent(upsObjects());
    const all = [...agent.objects.values()];
    for (const { oid } of all) if (oid.startsWith(UPS)) agent.objects.delete(oid);
    const driver = driverFor(agent);
    expect((await poll(agent, driver))['ups.status']).toMatchObject({ value: null, quality: 'missing' });
    for (const varbind of all) agent.objects.set(varbind.oid, varbind);
    expect((await poll(agent, driver))['battery.charge']?.value).toBe(100);
  });

  it('a device that has nothing of its profile is not walked at every poll (L37)', async () => {
    const agent = createFakeAgent(upsObjects());
    const driver = driverFor(agent, 'apc-rpdu2');
    await driver.poll();
    const { walks } = agent.asked;
    for (let i = 0; i < 10; i++) await driver.poll();
    expect(agent.asked.walks).toBe(walks);
  });

  it('a value that goes away later is missing, not forgotten (L29)', async () => {
    const agent = createFakeAgent(upsObjects());
    const driver = driverFor(agent);
    await poll(agent, driver);
    agent.objects.delete(`${UPS}.2.4.0`);
    expect((await poll(agent, driver))['battery.charge']).toMatchObject({ value: null, quality: 'missing' });
  });

  it('recognises a UPS that serves the standard MIB when no profile is given', async () => {
    const agent = createFakeAgent(upsObjects());
    const driver = driverFor(agent, null);
    expect((await poll(agent, driver))['ups.status']?.value).toBe('OL');
    expect(driver.profile()?.id).toBe('rfc1628-ups');
  });

  it('says so when nothing fits', async () => {
    const driver = driverFor(createFakeAgent(upsObjects().slice(0, 3)), null);
    await expect(driver.poll()).rejects.toMatchObject({ code: 'BAD_ANSWER' });
  });
});
