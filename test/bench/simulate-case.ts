import type { Config } from '#core/config/config.ts';
import type { Device } from '#core/config/device.ts';
import { type Instant, instant, milliseconds, minutes } from '#core/time.ts';
import type { SwarmCase } from '#simulators/swarm/case.ts';
import type { SimulationSpec } from '#simulators/world/spec.ts';

/**
 * The case that the budget speaks of: the sample room grown to thirty devices, all of them read every ten seconds, and mains
 * away for three hours with a battery for one.
 */
export const DEVICES = 30;
export const OUTAGE = minutes(180);
const STARTS: Instant = instant(Date.UTC(2026, 0, 14, 2, 0, 0));
const EVERY = milliseconds(10_000);

export function threeHourCase(config: Config, simulation: SimulationSpec): SwarmCase {
  const pdu = config.devices.find((device) => device.id === 'pdu-1');
  const server = config.devices.find((device) => device.id === 'server-3');
  if (pdu === undefined || server === undefined) throw new Error('the sample room has no pdu-1 or no server-3');
  const basis = config.devices.filter((device) => !/^(smoke-2|motion-|button-|siren-|mains-)/.test(device.id));
  const more = Math.max(0, DEVICES - basis.length - 1);
  const numbers = Array.from({ length: more }, (_, index) => index + 1);
  const devices = [...basis, secondPdu(pdu), ...numbers.map((number) => oneMoreServer(server, number))].map(
    (device) => ({
      ...device,
      interval: EVERY,
    }),
  );
  const spec = simulation.consumers['server-3'];
  const ups = simulation.ups['ups-1'];
  if (spec === undefined || ups === undefined) throw new Error('the simulated room has no server-3 or no ups-1');
  return {
    seed: 1,
    // One plan: what heat and smoke lead to in a room without cooling is not what is measured here.
    config: { ...config, devices, plans: config.plans.filter((plan) => plan.id === 'power-outage') },
    simulation: {
      ...simulation,
      ups: { 'ups-1': { ...ups, rated_watts: 20_000, battery: { ...ups.battery, at_load: 2400 + more * 390 } } },
      pdus: { ...simulation.pdus, 'pdu-2': { outlets: Math.max(1, more), own_watts: 6 } },
      consumers: { ...simulation.consumers, ...Object.fromEntries(numbers.map((number) => [nameOf(number), spec])) },
      sensors: Object.fromEntries(
        Object.entries(simulation.sensors)
          .filter(([id]) => devices.some((device) => device.id === id))
          .map(([id, sensor]) => [id, { ...sensor, interval: EVERY }]),
      ),
    },
    mode: 'drill',
    startsAt: STARTS,
    lastsMs: minutes(24 * 60),
    scenario: [
      { atMs: minutes(1), do: { kind: 'mains', present: false } },
      { atMs: milliseconds(minutes(1) + OUTAGE), do: { kind: 'mains', present: true } },
    ],
    people: {
      acknowledgeAfterMs: milliseconds(40_000),
      outlook: [{ afterMs: minutes(2), says: 'over' }],
      choices: [{ afterMs: minutes(1), person: 0, option: 0 }],
      tasks: [minutes(2)],
      orders: [],
    },
    kills: [],
  };
}

const nameOf = (number: number): string => `server-${number + 3}`;
const PORTS_FROM = 20_300;

function secondPdu(pdu: Device): Device {
  if (pdu.snmp === undefined) throw new Error('pdu-1 is not read over SNMP');
  return { ...pdu, id: 'pdu-2', snmp: { ...pdu.snmp, port: PORTS_FROM } };
}

/** A copy of server-3 on an outlet of the second PDU, at a port of its own. */
function oneMoreServer(server: Device, number: number): Device {
  const port = PORTS_FROM + number;
  const elsewhere = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(elsewhere);
    if (typeof value !== 'object' || value === null || value.constructor !== Object) return value;
    const { ...fields } = value as Record<string, unknown>;
    if (fields.port === server.reach?.port) fields.port = port;
    if (fields.device === 'pdu-1') fields.device = 'pdu-2';
    if (fields.control !== undefined) fields.index = number;
    if (typeof fields.point === 'string') fields.point = fields.point.replace('outlet.3.', `outlet.${number}.`);
    return Object.fromEntries(Object.entries(fields).map(([key, one]) => [key, elsewhere(one)]));
  };
  const moved = elsewhere(server) as Device;
  return { ...moved, id: nameOf(number), power: { feeds: [`pdu-2/${number}`], min_feeds: 1 } };
}
