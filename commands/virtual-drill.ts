import type { Config } from '#core/config/config.ts';
import type { Device } from '#core/config/device.ts';
import type { ActionDriver, Channel, Clock, Stop } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import { type Instant, minutes, plus } from '#core/time.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { createMemoryNet } from '#platform/modbus/memory-net.ts';
import { createByteConnector } from '#platform/serial-server/byte-link.ts';
import { createYdtLines } from '#platform/ydt/ydt-line.ts';
import type { ActionDrivers } from '#services/alerts/actions/action-runner.ts';
import { createDrivers } from '#services/alerts/actions/create-drivers.ts';
import type { DeviceLinks } from '#services/collector/seams.ts';
import type { Evidence } from '#simulators/checkers/evidence.ts';
import { startYdtLines } from '#simulators/devices/ydt-lines.ts';
import { createInMemoryFaces, type InMemoryFaces } from '#simulators/in-memory.ts';
import { createRoom, type Room } from '#simulators/room.ts';
import type { WorldOverrides } from '#simulators/world/create-world.ts';
import type { SimulationSpec } from '#simulators/world/spec.ts';
import type { DrillPlan } from './drill-plan.ts';
import { playDrill } from './drill-run.ts';
import { openHouse } from './house.ts';
import { journalText } from './journal-text.ts';

/** A drill without sockets: the same services and the same decision path on a virtual clock, the same bytes for the same seed. */
export interface VirtualDrill {
  readonly evidence: Evidence;
  readonly journal: string;
  /** False: an incident was still open when the time was up. */
  readonly ended: boolean;
}

export async function runVirtualDrill(
  config: Config,
  simulation: SimulationSpec,
  plan: DrillPlan,
): Promise<VirtualDrill> {
  const clock = createVirtualClock(plan.startsAt);
  const random = seededRandom(plan.seed);
  const log = silentLog;
  const overrides: WorldOverrides = plan.battery === null ? {} : { batteryMs: plan.battery };
  const room = createRoom({ config, simulation, clock, random: random.fork('world'), log, overrides });
  const faces = createInMemoryFaces(room, { config, clock });
  const { links, stopLines } = await openLines(room, config, clock);
  const bus = createMemoryBus({ clock, soon: clock.soon });
  const stopSensors = faces.startSensors(bus);
  const house = await openHouse({
    config,
    stateDirectory: null,
    clock,
    wall: clock,
    log,
    metrics: createMetrics(),
    random: random.fork('services'),
    bus,
    snmp: faces.snmp,
    reach: faces.reach,
    traps: faces.traps,
    ...(links === null && !config.devices.some(isReadElse) ? {} : { links: { ...faces.readers, ...links } }),
    drivers: simulatedDrivers(createDrivers({ config, clock, bus, snmp: faces.snmp }), faces),
    channels: Object.fromEntries(Object.keys(config.site.channels).map((name) => [name, deliveredAtOnce])),
    forcedMode: 'drill',
    page: null,
  });
  const record = await playDrill(
    { config, clock, random, log, bus, room, signatureKey: house.signatureKey },
    plan.scenario,
    plan.answer,
  );
  const limitAt: Instant = plus(clock.now(), plan.atMost);
  while (!record.isOver() && clock.now() < limitAt) await clock.advanceByAsync(minutes(1));
  const ended = record.isOver();
  await clock.advanceByAsync(minutes(2));
  const evidence: Evidence = {
    config,
    truth: room.truth(),
    incidents: [...record.incidents.values()],
    deliveries: [...record.deliveries.values()],
    orders: record.orders,
    touched: faces.touched,
  };
  const journal = journalText(house.journal);
  await record.stop();
  await house.stop();
  await stopSensors();
  faces.stop();
  await stopLines();
  room.stop();
  await bus.close();
  return { evidence, journal, ended };
}

/** The serial lines of the devices that are read over them; null where there is none. */
async function openLines(
  room: Room,
  config: Config,
  clock: Clock,
): Promise<{ links: DeviceLinks | null; stopLines: Stop }> {
  if (config.devices.every(({ ydt }) => ydt === undefined)) return { links: null, stopLines: async () => {} };
  const { dial, serve } = createMemoryNet();
  const stopLines = await startYdtLines(room, { config, clock, serve });
  return { links: { ydt: createYdtLines(createByteConnector({ dial, clock })) }, stopLines };
}

/** What reaches the simulated room; everything else reaches nothing, whatever the configuration names (I9). */
function simulatedDrivers(real: ActionDrivers, faces: InMemoryFaces): ActionDrivers {
  const nowhere: ActionDriver = { run: async () => ({ result: 'failed', detail: 'not in the simulated room' }) };
  const { ssh, ipmi, redfish, wake } = faces;
  const { snmp_set, mqtt } = real;
  const kinds = Object.keys(real) as (keyof ActionDrivers)[];
  const none = Object.fromEntries(kinds.map((kind) => [kind, nowhere])) as unknown as ActionDrivers;
  return { ...none, ssh, ipmi, redfish, wake, snmp_set, mqtt };
}

const isReadElse = ({ nut, ipmi, redfish }: Device): boolean => [nut, ipmi, redfish].some((way) => way !== undefined);

const deliveredAtOnce: Channel = { send: async () => {}, close: async () => {} };
