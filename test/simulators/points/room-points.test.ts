import { describe, expect, it } from 'vitest';
import type { Config } from '#core/config/config.ts';
import type { SnmpTransport } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import type { Reading, ReadingBatch } from '#core/reading.ts';
import type { SimulatorCommand } from '#core/simulator.ts';
import { minutes, seconds } from '#core/time.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { createCollector } from '#services/collector/app.ts';
import { derivationsOf } from '#services/collector/derived/derivations.ts';
import { createInMemoryFaces } from '#simulators/in-memory.ts';
import { sampleProfiles } from '../../collector/support/profiles.ts';
import { sampleConfig, sampleRoom, sampleSpec } from '../sample-room.ts';

/** The points of one poll, by the collector through the faces and the profiles; those without a good value left out. */
async function bench(prepare: (spec: ReturnType<typeof sampleSpec>) => void = () => {}) {
  const simulation = sampleSpec();
  prepare(simulation);
  const { room, clock } = sampleRoom({ simulation });
  const bus = createMemoryBus();
  const config = { ...sampleConfig(), profiles: sampleProfiles() } as unknown as Config;
  const faces = createInMemoryFaces(room, { config, clock });
  const latest = new Map<string, Reading>();
  const direct = new Map<string, Record<string, unknown>>();
  await bus.subscribe('zhishou/sample/reading/+', (message) => {
    const batch = JSON.parse(new TextDecoder().decode(message.payload)) as ReadingBatch;
    for (const reading of batch.readings) latest.set(`${reading.device}/${reading.point}`, reading);
  });
  const directly = (device: string): Record<string, unknown> => {
    const table = room.points(device);
    if (table === null) return {};
    return Object.fromEntries(
      table.names.flatMap((name, index) => (table.values[index] === null ? [] : [[name, table.values[index]]])),
    );
  };
  // Noise and charge move on: what is compared is read at the very moment at which the device is asked, or speaks.
  const note = (device: string | undefined): void => {
    if (device !== undefined) direct.set(device, directly(device));
  };
  const asked = (port: number): string | undefined =>
    config.devices.find((one) => one.snmp?.port === port || (one.snmp === undefined && one.reach?.port === port))?.id;
  const noted = <T extends object>(
    target: T,
    methods: readonly (keyof T)[],
    device: (args: unknown[]) => string | undefined,
  ): T =>
    new Proxy(target, {
      get: (whole, name) => {
        const value: unknown = Reflect.get(whole, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          if (methods.includes(name as keyof T)) note(device(args));
          return value.apply(whole, args) as unknown;
        };
      },
    });
  const { traps } = faces;
  const snmp: SnmpTransport = {
    open: (connection) => noted(faces.snmp.open(connection), ['get', 'read'], () => asked(connection.port)),
  };
  const reach = noted(faces.reach, ['tcp', 'tcpNow'], ([, port]) => asked(Number(port)));
  const spoken = noted(bus, ['publish', 'publishValue'], ([name]) => /^zigbee2mqtt\/([\w-]+)$/.exec(String(name))?.[1]);
  const collector = createCollector({
    config,
    clock,
    bus,
    log: silentLog,
    metrics: createMetrics(),
    snmp,
    reach,
    traps,
    random: seededRandom(1),
  });
  await collector.start();
  faces.startSensors(spoken);
  await clock.advanceByAsync(minutes(3));
  const through = (device: string): Record<string, unknown> =>
    Object.fromEntries(
      [...latest.values()]
        .filter((one) => one.device === device && one.quality === 'good')
        .filter((one) => one.point !== 'device.responding' && one.point !== 'room.panic')
        .map((one) => [one.point, one.value]),
    );
  return { room, clock, through, direct: (device: string) => direct.get(device) ?? {}, config };
}

const DEVICES = [
  ...['ups-1', 'ac-1', 'pdu-1', 'server-1', 'array-1', 'switch-1', 'th-1', 'th-3'],
  ...['smoke-1', 'smoke-2', 'leak-1', 'door-1', 'motion-1', 'button-fire', 'siren-1'],
];

/**
 * The direct way tells what rules and plans are written with. What else the profiles know of these devices (states of an air
 * conditioner's parts, a PDU's power factors, energies and load states) is read through SNMP alone.
 */
const SNMP_ALONE: Readonly<Record<string, RegExp>> = {
  'ac-1':
    /^(cooling\.(freecooling|mode|reason|sensor-\d+|subsystem|system)|(de)?humidifier|heater|fan|device\.(alarm|buzzer))(\.|$)/,
  'pdu-1': /^(input\.L1\.power$|input\.(L1\.)?powerfactor$|outlet\.\d+\.(energy|load\.status)$|pdu\.|phase\.)/,
};
const told = (device: string, points: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const said = Object.keys(points).filter((name) => SNMP_ALONE[device]?.test(name) !== true);
  // What the collector works out of the others is no device's word.
  const derived = said.filter((name) =>
    derivationsOf(new Set(said.filter((one) => one !== name))).some(({ point }) => point === name),
  );
  return Object.fromEntries(said.filter((name) => !derived.includes(name)).map((name) => [name, points[name]]));
};

describe('the direct way to a device’s points', () => {
  it.each<[string, readonly SimulatorCommand[], number]>([
    ['at rest', [], 3],
    ['on battery', [{ kind: 'mains', present: false }], 20],
    [
      'on battery near its end',
      [
        { kind: 'battery', chargePercent: 20 },
        { kind: 'mains', present: false },
      ],
      4,
    ],
    [
      'with the battery empty',
      [
        { kind: 'battery', chargePercent: 5 },
        { kind: 'mains', present: false },
      ],
      20,
    ],
    ['on bypass by a fault', [{ kind: 'bypass', bypass: 'fault' }], 2],
    ['overloaded', [{ kind: 'extra-load', watts: 3500 }], 2],
    ['with a bad battery that it knows of', [{ kind: 'battery-health', share: 0.3, shown: true }], 2],
    ['in a self-test', [{ kind: 'self-test' }], 0.05],
    ['charging', [{ kind: 'battery', chargePercent: 60 }], 10],
    ['told to go off', [{ kind: 'ups-off', delayS: 600 }], 2],
    [
      'hot and smoky',
      [
        { kind: 'cooling', working: false },
        { kind: 'fire', burning: true, device: 'server-1' },
      ],
      6,
    ],
    [
      'with everything open',
      [
        { kind: 'door', open: true },
        { kind: 'leak', present: true },
        { kind: 'motion', present: true },
        { kind: 'siren', on: true },
      ],
      2,
    ],
  ])('is the way through SNMP, MQTT and the profiles: %s', async (_, commands, after) => {
    const { room, clock, through, direct } = await bench();
    for (const command of commands) room.apply(command);
    await clock.advanceByAsync(minutes(after));
    if (after < 1) {
      // A self-test is over in ten seconds: look while the device is asked in between.
      await clock.advanceByAsync(seconds(5));
    }
    for (const device of DEVICES) {
      const seen = direct(device);
      if (Object.keys(seen).length === 0) continue;
      expect(seen, device).toEqual(told(device, through(device)));
    }
    if (!commands.some((command) => command.kind === 'battery' && command.chargePercent === 5))
      expect(Object.keys(direct('ups-1')).length).toBeGreaterThan(20);
  });

  it('is so for a UPS on three phases, and shows the one that is lost', async () => {
    const { room, clock, through, direct } = await bench((spec) => {
      const ups = spec.ups['ups-1'];
      if (ups !== undefined) ups.lines = [1, 2, 3];
    });
    room.apply({ kind: 'phase', line: 2, present: false });
    await clock.advanceByAsync(minutes(1));
    expect(direct('ups-1')).toEqual(told('ups-1', through('ups-1')));
    expect(direct('ups-1')).toMatchObject({ 'input.L2.voltage': 0, 'ups.status': 'OB DISCHRG ALARM' });
    expect(Number(direct('ups-1')['input.L1.voltage'])).toBeGreaterThan(210);
  });

  it('gives nothing for what has no power, no way or no battery, and the same table each time', async () => {
    const { room, clock } = await bench();
    const table = room.points('ups-1');
    expect(room.points('ups-1')).toBe(table);
    room.apply({ kind: 'network', device: 'ups-1', down: true });
    expect(room.points('ups-1')).toBeNull();
    room.apply({ kind: 'network', device: 'ups-1' });
    expect(room.points('ups-1')).toBe(table);
    room.apply({ kind: 'sensor', device: 'th-1', fault: 'flat-battery', amount: 5 });
    expect(room.points('th-1')).not.toBeNull();
    await clock.advanceByAsync(minutes(6));
    expect(room.points('th-1')).toBeNull();
    room.apply({ kind: 'mains', present: false });
    await clock.advanceByAsync(minutes(90));
    expect([room.points('ups-1'), room.points('pdu-1'), room.points('ac-1')]).toEqual([null, null, null]);
    expect(room.points('server-1')?.values).toEqual([false]);
  });
});
