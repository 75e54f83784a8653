import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { AlertView } from '#core/alert.ts';
import type { CommandBody, PersonCommand } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import type { IncidentView } from '#core/incident.ts';
import type { NotificationRequest } from '#core/notification.ts';
import type { Journal, StateStore } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import { type ReadingBatch, statusTokens } from '#core/reading.ts';
import { createLatestReadings } from '#core/rules/latest-readings.ts';
import { type Duration, instant, minutes, seconds, toIso } from '#core/time.ts';
import { topic, topicFilter } from '#core/topics.ts';
import { createMemoryBus, type MemoryBus } from '#platform/bus/memory-bus.ts';
import { createVirtualClock, type VirtualClock } from '#platform/clock/virtual-clock.ts';
import { loadConfig } from '#platform/config/load-config.ts';
import { openJournal } from '#platform/journal.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { openStateStore } from '#platform/state-store.ts';
import { withAbsent } from '#services/alerts/actions/absent-driver.ts';
import { createActionRunner } from '#services/alerts/actions/action-runner.ts';
import { createEvidenceChecker } from '#services/alerts/actions/evidence.ts';
import { createSnmpSetDriver } from '#services/alerts/actions/snmp-set-driver.ts';
import { createIncidents } from '#services/alerts/plans/incidents.ts';
import { createRota } from '#services/alerts/rota/rota.ts';
import type { Incidents } from '#services/alerts/seams.ts';
import { createCollector } from '#services/collector/app.ts';
import type { DeviceLinks } from '#services/collector/seams.ts';
import { createInMemoryFaces } from '#simulators/in-memory.ts';
import { createRoom, type Room } from '#simulators/room.ts';
import type { WorldOverrides } from '#simulators/world/create-world.ts';
import { simulationSchema } from '#simulators/world/spec.ts';

/** One simulated room with the real collector and the real action and evidence code in front of it, all in memory and virtual time. */

const CONFIG = join(import.meta.dirname, '../../../config');
/** Monday 09:00 in Shanghai: working hours. */
export const MONDAY = instant(Date.parse('2026-11-23T01:00:00Z'));
/** Monday 02:30 in Shanghai. */
export const NIGHT = instant(Date.parse('2026-11-22T18:30:00Z'));

let loaded: Config | null = null;
export function sampleConfig(): Config {
  if (loaded !== null) return loaded;
  const { config, problems } = loadConfig(CONFIG, {
    variables: {},
    secretsFrom: ({ file = '' }) => (file.endsWith('.fingerprint') ? `SHA256:${'A'.repeat(43)}` : 'sample'),
    now: MONDAY,
  });
  if (config === null) throw new Error(JSON.stringify(problems, null, 1));
  loaded = config;
  return config;
}

export interface RigOptions {
  readonly at?: typeof MONDAY;
  readonly seed?: number;
  readonly overrides?: WorldOverrides;
  readonly config?: Config;
  readonly armed?: boolean;
  readonly mode?: 'drill' | 'rehearsal' | null;
  readonly journal?: Journal;
  readonly state?: StateStore;
  /** Other ways of reading than SNMP, in front of the room. */
  readonly links?: (room: Room) => DeviceLinks;
  /** Wraps the journal of each instance, e.g. to kill it. */
  readonly wrap?: (journal: Journal, instance: Instance) => Journal;
}

/** One life of the product: after `dead` nothing that it does reaches anything. */
export interface Instance {
  dead: boolean;
  readonly incidents: Incidents;
}

export interface Rig {
  readonly clock: VirtualClock;
  readonly room: Room;
  readonly journal: Journal;
  readonly told: NotificationRequest[];
  readonly views: Map<string, IncidentView>;
  readonly bus: MemoryBus;
  readonly polls: { device: string; everyMs: number | null }[];
  armed: boolean;
  instance: Instance;
  mains(present: boolean): void;
  run(length: Duration): Promise<void>;
  /** Runs until it holds or the time is up; true when it holds. */
  until(test: (view: IncidentView) => boolean, limit: Duration): Promise<boolean>;
  view(): IncidentView;
  order(body: CommandBody): ReturnType<Incidents['onCommand']>;
  answer(answer: string, more?: { minutes?: number; until?: string }): ReturnType<Incidents['onCommand']>;
  /** Kills the present instance and starts another on the same journal. */
  restart(): void;
  stop(): Promise<void>;
}

export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const config = options.config ?? sampleConfig();
  const clock = createVirtualClock(options.at ?? MONDAY);
  const random = seededRandom(options.seed ?? 1);
  const simulation = simulationSchema.parse(parse(readFileSync(join(CONFIG, 'simulation.yaml'), 'utf8')));
  const room = createRoom({
    config,
    simulation,
    clock,
    random: random.fork('room'),
    log: silentLog,
    ...(options.overrides === undefined ? {} : { overrides: options.overrides }),
  });
  const faces = createInMemoryFaces(room, { config, clock });
  const bus = createMemoryBus();
  const collector = createCollector({
    config,
    clock,
    bus,
    log: silentLog,
    metrics: createMetrics(),
    snmp: faces.snmp,
    reach: faces.reach,
    traps: faces.traps,
    ...(options.links === undefined ? {} : { links: options.links(room) }),
    random: random.fork('collector'),
  });
  const journal = options.journal ?? openJournal(':memory:');
  const state = options.state ?? openStateStore(':memory:');
  const told = new Map<string, NotificationRequest>();
  const views = new Map<string, IncidentView>();
  const polls: { device: string; everyMs: number | null }[] = [];
  let lastIncident: string | null = null;

  function newInstance(): Instance {
    const latest = createLatestReadings(config);
    const instance: { dead: boolean; incidents: Incidents; latest: typeof latest } = {
      dead: false,
      incidents: null as unknown as Incidents,
      latest,
    };
    const alive =
      <Args extends unknown[]>(call: (...args: Args) => void) =>
      (...args: Args): void => {
        if (!instance.dead) call(...args);
      };
    const poll = alive((device: string, everyMs: number | null) => {
      polls.push({ device, everyMs });
      void bus.publish(topic(config.site.id, 'poll/+', device), JSON.stringify({ device, everyMs, now: true }));
    });
    const runner = createActionRunner({
      config,
      drivers: withAbsent({
        ...{ ssh: faces.ssh, ipmi: faces.ipmi, redfish: faces.redfish, wake: faces.wake },
        snmp_set: createSnmpSetDriver({ config, transport: faces.snmp, clock }),
      }),
      mode: options.mode === undefined ? 'drill' : options.mode,
      log: silentLog,
      metrics: createMetrics(),
    });
    const never = new Promise<never>(() => {});
    const wrapped = options.wrap?.(journal, instance) ?? journal;
    instance.incidents = createIncidents({
      config,
      clock,
      journal: wrapped,
      state,
      log: silentLog,
      metrics: createMetrics(),
      actions: {
        describe: runner.describe,
        run: (action, context) => (instance.dead ? never : runner.run(action, context)),
        test: runner.test,
      },
      evidence: createEvidenceChecker({
        clock,
        reach: faces.reach,
        runner: {
          describe: runner.describe,
          run: (action, context) => (instance.dead ? never : runner.run(action, context)),
          test: (action, context) => (instance.dead ? never : runner.test(action, context)),
        },
        latest,
        pollNow: (device) => poll(device, polls.findLast((one) => one.device === device)?.everyMs ?? null),
      }),
      rota: createRota(config),
      notify: alive((request: NotificationRequest) => {
        if (!told.has(request.key)) told.set(request.key, request);
      }),
      publish: alive((view: IncidentView) => {
        views.set(view.id, view);
        lastIncident = view.id;
      }),
      poll,
      armed: () => rig.armed,
      forcedMode: options.mode === undefined ? 'drill' : options.mode,
    });
    return instance;
  }

  let batterySince: number | null = null;
  const rig: Rig = {
    clock,
    room,
    journal,
    get told() {
      return [...told.values()];
    },
    views,
    bus,
    polls,
    armed: options.armed ?? true,
    instance: null as unknown as Instance,
    mains: (present) => room.apply({ kind: 'mains', present }),
    run: (length) => clock.advanceByAsync(length),
    async until(test, limit) {
      const end = clock.now() + limit;
      while (clock.now() < end) {
        if (lastIncident !== null && test(rig.view())) return true;
        await clock.advanceByAsync(seconds(5));
      }
      return lastIncident !== null && test(rig.view());
    },
    view() {
      const fresh = rig.instance.incidents.views().findLast((one) => one.id === lastIncident);
      const view = fresh ?? views.get(lastIncident ?? '');
      if (view === undefined) throw new Error('no incident yet');
      return view;
    },
    order: (body) => rig.instance.incidents.onCommand(command(clock, body)),
    answer: (answer, more = {}) =>
      rig.order({ kind: 'incident.answer', incident: rig.view().id, step: 'ask-outlook', answer, ...more }),
    restart() {
      rig.instance.dead = true;
      void rig.instance.incidents.stop();
      rig.instance = newInstance();
      rig.instance.incidents.start();
    },
    async stop() {
      rig.instance.dead = true;
      await rig.instance.incidents.stop();
      const stopping = collector.stop();
      await clock.advanceByAsync(minutes(1));
      await stopping;
      faces.stop();
      room.stop();
    },
  };
  rig.instance = newInstance();
  rig.instance.incidents.start();
  await bus.subscribe(topicFilter(config.site.id, 'reading/+'), (message) => {
    const batch = JSON.parse(new TextDecoder().decode(message.payload)) as ReadingBatch;
    const { incidents, latest } = rig.instance as unknown as {
      incidents: Incidents;
      latest: ReturnType<typeof createLatestReadings>;
    };
    latest.take(batch, clock.now(), message.retained);
    incidents.onReadings(batch);
    if (batch.device !== 'ups-1') return;
    const status = batch.readings.find((reading) => reading.point === 'ups.status' && reading.quality === 'good');
    if (status === undefined) return;
    if (!statusTokens(status.value).has('OB')) batterySince = null;
    else batterySince ??= clock.now();
    if (batterySince !== null) incidents.onAlert(mainsLost(batterySince));
  });
  const stopSensors = faces.startSensors(bus);
  void stopSensors;
  const starting = collector.start();
  await clock.advanceByAsync(seconds(30));
  await starting;
  return rig;
}

let commands = 0;
const command = (clock: VirtualClock, body: CommandBody): PersonCommand => ({
  id: `command-${++commands}`,
  at: clock.now(),
  by: { user: 'gao-jie', name: '高洁', role: 'operator' },
  body,
  signature: '',
});

export const mainsLost = (since: number): AlertView => ({
  id: 'mains-lost/ups-1',
  rule: 'mains-lost',
  device: 'ups-1',
  title: { zh: '市电中断，UPS 电池供电', en: 'Mains lost, UPS on battery' },
  severity: 'high',
  safety: false,
  state: 'firing',
  value: 'OB',
  point: 'ups.status',
  consequence: { zh: '', en: '' },
  response: { zh: '', en: '' },
  respondWithinS: 300,
  since: toIso(instant(since)),
  firedAt: toIso(instant(since)),
  acknowledged: null,
  clearedAt: null,
  inhibitedBy: null,
  silenced: null,
  doubtful: false,
  simulated: true,
});

export const alertOf = (rule: string, device: string, since: number, firing: boolean): AlertView => ({
  ...mainsLost(since),
  id: `${rule}/${device}`,
  rule,
  device,
  title: { zh: `${rule} ${device}`, en: `${rule} ${device}` },
  state: firing ? 'firing' : 'cleared',
});
