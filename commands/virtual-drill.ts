import type { Config } from '#core/config/config.ts';
import type { Channel } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import { type Instant, minutes, plus } from '#core/time.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { createDrivers } from '#services/alerts/actions/create-drivers.ts';
import type { Evidence } from '#simulators/checkers/evidence.ts';
import { createInMemoryFaces } from '#simulators/in-memory.ts';
import { createRoom } from '#simulators/room.ts';
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
  const bus = createMemoryBus();
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
    drivers: { ...createDrivers({ config, clock, bus, snmp: faces.snmp }), ssh: faces.ssh },
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
    touched: faces.touched,
  };
  const journal = journalText(house.journal);
  await record.stop();
  await house.stop();
  await stopSensors();
  faces.stop();
  room.stop();
  await bus.close();
  return { evidence, journal, ended };
}

const deliveredAtOnce: Channel = { send: async () => {}, close: async () => {} };
