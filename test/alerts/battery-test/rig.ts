import { createFence } from '#commands/simulate/fence.ts';
import type { AlertView } from '#core/alert.ts';
import type { CommandBody, CommandResult, Role } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import type { IncidentView } from '#core/incident.ts';
import type { DeliveryView } from '#core/notification.ts';
import type { BatteryTestView } from '#core/paperwork/battery-test.ts';
import { seededRandom } from '#core/random.ts';
import { Secret } from '#core/secret.ts';
import type { SimulatorCommand } from '#core/simulator.ts';
import { type Duration, hours, type Instant, instant, minutes, seconds } from '#core/time.ts';
import { type TopicPattern, type TopicPayloads, topic, topicFilter } from '#core/topics.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { signCommand } from '#platform/command-signature.ts';
import { silentLog } from '#platform/log.ts';
import { createMemoryJournal } from '#platform/memory-journal.ts';
import { createMemoryStateStore } from '#platform/memory-state-store.ts';
import { createMetrics } from '#platform/metrics.ts';
import type { ActionDrivers } from '#services/alerts/actions/action-runner.ts';
import { createDrivers } from '#services/alerts/actions/create-drivers.ts';
import { createAlerts } from '#services/alerts/app.ts';
import { createCollector } from '#services/collector/app.ts';
import type { Evidence } from '#simulators/checkers/evidence.ts';
import { judge } from '#simulators/checkers/judge.ts';
import { createInMemoryFaces } from '#simulators/in-memory.ts';
import { createRoom } from '#simulators/room.ts';
import { sampleConfig, simulationOfRoom } from '../../plans/support.ts';

/** The sample room with its collector and alerts service on a virtual clock: for guided battery tests, kills and all. */

/** Wednesday, 10:00 in Shanghai: within working hours. */
const WEDNESDAY = instant(Date.UTC(2026, 10, 18, 2, 0, 0));
const KEY = new Secret('the key that pages sign with');

export interface Rig {
  readonly config: Config;
  now(): Instant;
  advance(by: Duration): Promise<void>;
  /** The plan of the room's outages, once it was opened; null: it was not. */
  outage(): IncidentView | null;
  /** Goes on until it holds; fails after so long. */
  until(what: string, holds: () => boolean, atMost?: Duration): Promise<void>;
  simulate(command: SimulatorCommand): void;
  command(body: CommandBody, role?: Role): Promise<CommandResult>;
  /** As it was published last. */
  test(): BatteryTestView;
  readonly tests: ReadonlyMap<string, BatteryTestView>;
  readonly incidents: ReadonlyMap<string, IncidentView>;
  readonly deliveries: ReadonlyMap<string, DeliveryView>;
  readonly alerts: ReadonlyMap<string, AlertView>;
  readonly journal: ReturnType<typeof createMemoryJournal>;
  readonly state: ReturnType<typeof createMemoryStateStore>;
  /** True charge of the battery, %. */
  charge(): number;
  /** What the UPS was ordered, as its own log has it. */
  orders(): readonly string[];
  /** As by kill -9; then `restart`. */
  kill(): void;
  restart(): Promise<void>;
  /** The invariants that the world's truth breaks. */
  broken(): readonly string[];
  /** The journal of this run, line by line. */
  lines(): readonly string[];
  stop(): Promise<void>;
}

export interface RigOptions {
  readonly config?: (config: Config) => Config;
  readonly seed?: number;
  /** Before the services begin: the battery's true capacity as a share of a new one's. */
  readonly health?: number;
  readonly warmUp?: Duration;
}

export async function makeRig(options: RigOptions = {}): Promise<Rig> {
  const plain = sampleConfig();
  const config = options.config?.(plain) ?? soonReady(plain);
  const warmUp = options.warmUp ?? minutes(15);
  const clock = createVirtualClock(instant(WEDNESDAY - warmUp));
  const random = seededRandom(options.seed ?? 1);
  const room = createRoom({
    config,
    simulation: simulationOfRoom(),
    clock,
    random: random.fork('world'),
    log: silentLog,
  });
  if (options.health !== undefined) room.apply({ kind: 'battery-health', share: options.health, shown: false });
  const faces = createInMemoryFaces(room, { config, clock });
  const bus = createMemoryBus({ clock, soon: clock.soon });
  const stopSensors = faces.startSensors(bus);
  const journal = createMemoryJournal();
  const state = createMemoryStateStore();
  const drivers = driversOf(createDrivers({ config, clock, bus, snmp: faces.snmp }), faces);
  const channel = { send: async () => {}, close: async () => {} };
  let life = 0;
  let fence = createFence();
  const begin = () =>
    createAlerts({
      config,
      clock: fence.clock(clock),
      bus: fence.bus(bus),
      log: silentLog,
      metrics: createMetrics(),
      journal: fence.journal(journal),
      state: fence.state(state),
      random: random.fork(`alerts/${life++}`),
      drivers: Object.fromEntries(
        Object.entries(drivers).map(([kind, driver]) => [kind, fence.driver(driver)]),
      ) as unknown as ActionDrivers,
      reach: fence.reach(faces.reach),
      channels: Object.fromEntries(Object.keys(config.site.channels).map((name) => [name, fence.channel(channel)])),
      signatureKey: KEY,
      forcedMode: 'drill',
    });
  let alerts = begin();
  const seen = {
    tests: new Map<string, BatteryTestView>(),
    incidents: new Map<string, IncidentView>(),
    deliveries: new Map<string, DeliveryView>(),
    alerts: new Map<string, AlertView>(),
  };
  const results = new Map<string, CommandResult>();
  const keep = async <P extends TopicPattern>(pattern: P, take: (view: TopicPayloads[P]) => void): Promise<void> => {
    await bus.subscribe(topicFilter(config.site.id, pattern), ({ payload }) => {
      if (payload.length > 0) take(JSON.parse(new TextDecoder().decode(payload)) as TopicPayloads[P]);
    });
  };
  await keep('battery-test/+', (view) => seen.tests.set(view.id, view));
  await keep('incident/+', (view) => seen.incidents.set(view.id, view));
  await keep('delivery/+', (view) => seen.deliveries.set(view.id, view));
  await keep('alert/+', (view) => seen.alerts.set(view.id, view));
  await keep('command-result/+', (result) => results.set(result.id, result));
  await alerts.start();
  const collector = createCollector({
    ...{ config, clock, bus, log: silentLog, metrics: createMetrics(), snmp: faces.snmp, reach: faces.reach },
    ...{ traps: faces.traps, random: random.fork('collector') },
  });
  await collector.start();
  let orders = 0;
  await clock.advanceByAsync(warmUp);

  const rig: Rig = {
    config,
    ...seen,
    journal,
    state,
    now: () => clock.now(),
    advance: (by) => clock.advanceByAsync(by),
    async until(what, holds, atMost = hours(3)) {
      const end = clock.now() + atMost;
      while (!holds()) {
        if (clock.now() >= end) throw new Error(`not within the time: ${what}; ${JSON.stringify(summary(seen.tests))}`);
        await clock.advanceByAsync(seconds(5));
      }
    },
    outage: () => [...seen.incidents.values()].find(({ plan }) => plan.id === 'power-outage') ?? null,
    simulate: (command) => room.apply(command),
    async command(body, role = 'operator') {
      const id = `order-${++orders}`;
      const order = { id, at: clock.now(), by: { user: 'ann', name: '安安 Ann', role }, body };
      await bus.publish(topic(config.site.id, 'command'), JSON.stringify(signCommand(order, KEY)));
      await clock.advanceByAsync(seconds(1));
      const result = results.get(id);
      if (result === undefined) throw new Error(`no answer to ${body.kind}`);
      return result;
    },
    test() {
      const last = [...seen.tests.values()].at(-1);
      if (last === undefined) throw new Error('no battery test');
      return last;
    },
    charge: () => room.truth().upses[0]?.chargePercent ?? Number.NaN,
    orders: () =>
      room
        .truth()
        .commands.flatMap(({ device, command, effect }) => (device === 'ups-1' ? [`${command} ${effect}`] : [])),
    kill: () => fence.cut(),
    async restart() {
      fence = createFence();
      alerts = begin();
      await alerts.start();
      await clock.advanceByAsync(seconds(1));
    },
    broken: () => judge(evidenceOf()).flatMap((one) => (one.kept ? [] : [JSON.stringify(one)])),
    lines: () => [...journal.read()].map(({ kind, stream, body }) => `${stream} ${kind} ${JSON.stringify(body)}`),
    async stop() {
      await alerts.stop();
      await collector.stop();
      await stopSensors();
      faces.stop();
      room.stop();
      await bus.close();
    },
  };
  const evidenceOf = (): Evidence => ({
    config,
    truth: room.truth(),
    incidents: [...seen.incidents.values()],
    deliveries: [...seen.deliveries.values()],
    orders: [],
    touched: faces.touched,
  });
  return rig;
}

/** The same room, where minutes do for what takes a day: so that a test of a test is short. */
const soonReady = (config: Config): Config => ({
  ...config,
  devices: config.devices.map((device) =>
    device.battery_test === undefined
      ? device
      : {
          ...device,
          battery_test: { ...device.battery_test, recharge: minutes(10), mains_stable: minutes(5) },
        },
  ),
});

const summary = (tests: ReadonlyMap<string, BatteryTestView>) =>
  [...tests.values()].map(({ id, state, reason, curve, preconditions }) => ({
    id,
    state,
    reason: reason?.en,
    last: curve.at(-1),
    missing: preconditions.filter(({ holds }) => holds !== true).map(({ id: name, detail }) => `${name}: ${detail.en}`),
  }));

/** What reaches the simulated room; the rest reaches nothing. */
function driversOf(real: ActionDrivers, faces: ReturnType<typeof createInMemoryFaces>): ActionDrivers {
  const nowhere = { run: async () => ({ result: 'failed' as const, detail: 'not in the simulated room' }) };
  const none = Object.fromEntries(Object.keys(real).map((kind) => [kind, nowhere])) as unknown as ActionDrivers;
  const { ssh, ipmi, redfish, wake } = faces;
  return { ...none, ssh, ipmi, redfish, wake, snmp_set: real.snmp_set, mqtt: real.mqtt };
}

export const isOver = (rig: Rig): boolean => ['done', 'failed', 'abandoned'].includes(rig.test().state);

/** Prepared and begun; the discharge is under way when it returns. */
export async function discharging(rig: Rig, way: 'ups' | 'by-hand' = 'ups'): Promise<void> {
  const made = await rig.command({ kind: 'battery-test.start', ups: 'ups-1', way, onSite: true });
  if (!made.ok) throw new Error(made.detail ?? '');
  await rig.until('everything holds', () => rig.test().state === 'ready', hours(2));
  const begun = await rig.command({ kind: 'battery-test.confirm', test: rig.test().id, word: 'begin' });
  if (!begun.ok) throw new Error(begun.detail ?? '');
  if (way === 'by-hand') {
    await rig.command({ kind: 'battery-test.confirm', test: rig.test().id, word: 'mains-off' });
    rig.simulate({ kind: 'ups-input', device: 'ups-1', present: false });
  }
  await rig.until('it discharges', () => rig.test().state === 'discharging');
}
