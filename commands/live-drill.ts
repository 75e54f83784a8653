import type { Config } from '#core/config/config.ts';
import type { ActionDriver, Clock, ReachProbe, SnmpTransport } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import { milliseconds, minutes, plus } from '#core/time.ts';
import { createPacedClock, type PacedClock } from '#platform/clock/paced-clock.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { createLifecycle } from '#platform/lifecycle.ts';
import { createMetrics } from '#platform/metrics.ts';
import { createReachProbe } from '#platform/net.ts';
import { createNutConnector, type NutConnector } from '#platform/nut/nut-client.ts';
import { createNutReader } from '#platform/nut/nut-reader.ts';
import { createLog } from '#platform/open-log.ts';
import { createSnmpTransport } from '#platform/snmp/snmp-transport.ts';
import { createTrapSource } from '#platform/snmp/trap-source.ts';
import type { ActionDrivers } from '#services/alerts/actions/action-runner.ts';
import { createDrivers } from '#services/alerts/actions/create-drivers.ts';
import { createChannels } from '#services/alerts/notify/channels/create-channels.ts';
import type { Evidence } from '#simulators/checkers/evidence.ts';
import type { SimulatorSecrets } from '#simulators/devices/secrets.ts';
import type { SimulationSpec } from '#simulators/world/spec.ts';
import { openBus } from './bus.ts';
import type { DrillPlan } from './drill-plan.ts';
import { type DrillRecord, playDrill } from './drill-run.ts';
import { openHouse } from './house.ts';
import { startSimulatedSite } from './simulated-site.ts';

/** A drill over real sockets on loopback: SNMP, MQTT, SSH, HTTP and SMTP, with time running `speed` times faster. */
export interface LiveDrill {
  readonly evidence: Evidence;
  readonly ended: boolean;
}

export async function runLiveDrill(
  config: Config,
  simulation: SimulationSpec,
  plan: DrillPlan,
  options: { readonly speed: number; readonly stateDirectory: string; readonly secrets: SimulatorSecrets },
): Promise<LiveDrill> {
  const wall = createSystemClock();
  const log = createLog({ level: 'error' });
  const lifecycle = createLifecycle(log);
  const touched = new Set<string>();
  try {
    const clock = createPacedClock({ start: plan.startsAt, speed: options.speed });
    const random = seededRandom(plan.seed);
    const metrics = createMetrics();
    const bus = await openBus(config, { clock: wall, random: random.fork('bus'), log, metrics });
    lifecycle.onStop('bus', () => bus.close());
    const site = await startSimulatedSite({
      config,
      simulation,
      clock,
      wall,
      random: random.fork('world'),
      log,
      bus,
      secrets: options.secrets,
      memory: null,
      overrides: plan.battery === null ? {} : { batteryMs: plan.battery },
    });
    lifecycle.onStop('simulated room', site.stop);
    const snmp = noteSnmp(createSnmpTransport(), touched);
    const { traps } = config.site;
    const connections = config.devices.flatMap((device) => device.snmp ?? []);
    const house = await openHouse({
      config,
      stateDirectory: options.stateDirectory,
      clock,
      wall,
      log,
      metrics,
      random: random.fork('services'),
      bus,
      snmp,
      reach: noteReach(createReachProbe(), touched),
      traps: traps === undefined ? null : createTrapSource({ ...traps, connections, log, metrics }),
      ...(config.devices.some(({ nut }) => nut !== undefined)
        ? { links: { nut: createNutReader(noteNut(createNutConnector(), touched)) } }
        : {}),
      drivers: slowerWhileActing(createDrivers({ config, clock, bus, snmp }), clock),
      channels: createChannels(config.site, { clock, bus, log }),
      forcedMode: 'drill',
      page: null,
    });
    lifecycle.onStop('services', house.stop);
    const stage = { config, clock, random, log, bus, room: site.room, signatureKey: house.signatureKey };
    const record = await playDrill(stage, plan.scenario, plan.answer);
    lifecycle.onStop('drill', record.stop);
    const ended = await untilOver(record, clock, plan);
    return {
      ended,
      evidence: {
        config,
        truth: site.room.truth(),
        incidents: [...record.incidents.values()],
        deliveries: [...record.deliveries.values()],
        orders: record.orders,
        touched,
      },
    };
  } finally {
    await lifecycle.stop();
  }
}

/** Resolves two minutes of room time after everything is closed, so that the last messages are out; false when time is up before. */
function untilOver(record: DrillRecord, clock: Clock, plan: DrillPlan): Promise<boolean> {
  const limitAt = plus(clock.now(), plan.atMost);
  return new Promise((resolve) => {
    const look = (): void => {
      if (record.isOver()) clock.after(minutes(2), () => resolve(true));
      else if (clock.now() >= limitAt) resolve(false);
      else clock.after(milliseconds(5000), look);
    };
    look();
  });
}

/** An SSH handshake takes its real tenths of a second: at 600 times that would be minutes of the room's time. */
const ACTING_SPEED = 60;

/** While an order or a look at its effect is on the wire, time runs at most this fast: a drill judges the plan, not this machine's load. */
function slowerWhileActing(drivers: ActionDrivers, clock: PacedClock): ActionDrivers {
  const speed = clock.speed;
  let acting = 0;
  const slower = (driver: ActionDriver): ActionDriver => ({
    run: async (action, context) => {
      if (acting++ === 0) clock.setSpeed(Math.min(speed, ACTING_SPEED));
      try {
        return await driver.run(action, context);
      } finally {
        if (--acting === 0) clock.setSpeed(speed);
      }
    },
  });
  return { ...drivers, ssh: slower(drivers.ssh), snmp_set: slower(drivers.snmp_set), redfish: slower(drivers.redfish) };
}

const noteSnmp = (transport: SnmpTransport, touched: Set<string>): SnmpTransport => ({
  open: (connection) => {
    touched.add(`udp ${connection.host}:${connection.port}`);
    return transport.open(connection);
  },
});

const noteNut = (connector: NutConnector, touched: Set<string>): NutConnector => ({
  open: (at, timeout) => {
    touched.add(`tcp ${at.host}:${at.port}`);
    return connector.open(at, timeout);
  },
});

const noteReach = (reach: ReachProbe, touched: Set<string>): ReachProbe => ({
  tcp: (host, port, limit) => {
    touched.add(`tcp ${host}:${port}`);
    return reach.tcp(host, port, limit);
  },
});
