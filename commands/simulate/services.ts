import type { ActionDriver, Bus, Channel, Journal, Metrics, StateStore } from '#core/ports.ts';
import type { Random } from '#core/random.ts';
import type { Secret } from '#core/secret.ts';
import type { VirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import type { ActionDrivers } from '#services/alerts/actions/action-runner.ts';
import { createDrivers } from '#services/alerts/actions/create-drivers.ts';
import { createAlerts } from '#services/alerts/app.ts';
import { createCollector } from '#services/collector/app.ts';
import type { Evidence } from '#simulators/checkers/evidence.ts';
import type { InMemoryFaces } from '#simulators/in-memory.ts';
import type { Kill, SwarmCase } from '#simulators/swarm/case.ts';
import { createFence, type Fence, OPEN_FENCE } from './fence.ts';
import { createKiller, type Killer } from './killer.ts';
import type { RunCaseOptions } from './run-case.ts';

/** Collector and alerts of a case, killed and started again at the moments that the case names. */
export interface Services {
  /** When which of them was not running. */
  downs(): NonNullable<Evidence['downs']>;
  /** Both run. */
  up(): boolean;
  stop(): Promise<void>;
}

export interface ServicesOptions {
  readonly swarmCase: SwarmCase;
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly bus: Bus;
  readonly faces: InMemoryFaces;
  readonly journal: Journal;
  readonly state: StateStore;
  readonly signatureKey: Secret;
  readonly options: RunCaseOptions;
  readonly onKill: (kill: Kill) => void;
}

interface Life {
  readonly fence: Fence;
  start(): Promise<void>;
  stop(): Promise<void>;
}

type Part = Kill['part'];
const PARTS: readonly Part[] = ['alerts', 'collector'];

export async function startServices(options: ServicesOptions): Promise<Services> {
  const { clock, swarmCase } = options;
  const downs: { from: number; until: number; part: Part }[] = [];
  const lives = new Map<Part, Life>();
  /** Whoever waits for a life to begin waits no longer when it is killed before it did: nothing of it ever settles. */
  const dying = new Map<Part, () => void>();
  const counts = { alerts: 0, collector: 0 };
  const killers = {
    alerts: createKiller(killsOf(swarmCase, 'alerts'), (which) => kill(which), clock.stir),
    collector: createKiller(killsOf(swarmCase, 'collector'), (which) => kill(which), clock.stir),
  };
  const begin = (part: Part): Promise<void> => {
    counts[part]++;
    const make = part === 'alerts' ? alertsLife : collectorLife;
    const life = make(options, killers[part], counts[part]);
    lives.set(part, life);
    return new Promise((resolve, reject) => {
      dying.set(part, resolve);
      life.start().then(resolve, reject);
    });
  };
  const kill = (which: Kill): void => {
    const { part, downMs } = which;
    const life = lives.get(part);
    if (life === undefined) return;
    options.onKill(which);
    life.fence.cut();
    dying.get(part)?.();
    lives.delete(part);
    const from = clock.now();
    downs.push({ from, until: from + downMs, part });
    clock.after(downMs, () => void begin(part));
  };
  for (const part of PARTS) await begin(part);
  return {
    downs: () => downs,
    up: () => lives.size === PARTS.length,
    stop: async () => {
      for (const life of lives.values()) {
        // Nobody waits on a clock that stands still.
        life.fence.cut();
      }
    },
  };
}

const killsOf = ({ kills }: SwarmCase, part: Part): readonly Kill[] => kills.filter((one) => one.part === part);

const fenceFor = (swarmCase: SwarmCase, part: Part): Fence =>
  killsOf(swarmCase, part).length === 0 ? OPEN_FENCE : createFence();

function alertsLife(options: ServicesOptions, killer: Killer, number: number): Life {
  const { swarmCase, options: run } = options;
  const { config, mode } = swarmCase;
  const fence = fenceFor(swarmCase, 'alerts');
  const drivers = Object.fromEntries(
    Object.entries(simulatedDrivers(options)).map(([kind, driver]) => [kind, fence.driver(killer.driver(driver))]),
  ) as unknown as ActionDrivers;
  const channel = fence.channel(killer.channel(deliveredAtOnce));
  const journal = fence === OPEN_FENCE ? options.journal : killer.journal(options.journal);
  const alerts = createAlerts({
    config,
    clock: fence.clock(options.clock),
    bus: fence.bus(options.bus),
    log: silentLog,
    metrics: noMetrics,
    journal: fence.journal(run.journal === undefined ? journal : run.journal(journal, number)),
    state: fence.state(options.state),
    random: options.random.fork(`alerts/${number}`),
    drivers,
    reach: fence.reach(options.faces.reach),
    channels: Object.fromEntries(Object.keys(config.site.channels).map((name) => [name, channel])),
    signatureKey: options.signatureKey,
    forcedMode: mode === 'drill' || mode === 'rehearsal' ? mode : null,
    overrides: {
      ...run,
      actions: (runner) => killer.actions(run.actions === undefined ? runner : run.actions(runner)),
      evidence: (checker) => killer.evidence(run.evidence === undefined ? checker : run.evidence(checker)),
    },
  });
  return { fence, start: alerts.start, stop: alerts.stop };
}

function collectorLife(options: ServicesOptions, killer: Killer, number: number): Life {
  const fence = fenceFor(options.swarmCase, 'collector');
  const bus = fence.bus(options.bus);
  const watched: Bus = {
    ...bus,
    publishValue: (topic, value, how) => {
      bus.publishValue?.(topic, value, how);
      killer.effect();
    },
    publishAgain: (again) => {
      bus.publishAgain?.(again);
      for (const _ of again) killer.effect();
    },
  };
  const collector = createCollector({
    config: options.swarmCase.config,
    clock: fence.clock(options.clock),
    bus: fence === OPEN_FENCE ? bus : watched,
    log: silentLog,
    metrics: noMetrics,
    snmp: fence.snmp(options.faces.snmp),
    reach: fence.reach(options.faces.reach),
    traps: fence.traps(options.faces.traps),
    random: options.random.fork(`collector/${number}`),
    spread: false,
  });
  return { fence, start: collector.start, stop: collector.stop };
}

/** What reaches the simulated room; everything else reaches nothing, whatever the configuration names (I9). */
function simulatedDrivers({ swarmCase: { config }, clock, bus, faces }: ServicesOptions): ActionDrivers {
  const real = createDrivers({ config, clock, bus, snmp: faces.snmp });
  const nowhere: ActionDriver = { run: async () => ({ result: 'failed', detail: 'not in the simulated room' }) };
  return {
    ...(Object.fromEntries(Object.keys(real).map((kind) => [kind, nowhere])) as unknown as ActionDrivers),
    ssh: faces.ssh,
    ipmi: faces.ipmi,
    redfish: faces.redfish,
    wake: faces.wake,
    snmp_set: real.snmp_set,
    mqtt: real.mqtt,
  };
}

const deliveredAtOnce: Channel = { send: async () => {}, close: async () => {} };

/** Nobody asks a simulated run for its metrics. */
const noMetrics: Metrics = { count: () => {}, gauge: () => {}, observe: () => {}, render: () => '' };
