import type { IncidentView } from '#core/incident.ts';
import type { DeliveryView } from '#core/notification.ts';
import type { Bus, Journal, Stop } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import { instant, milliseconds, minutes, plus } from '#core/time.ts';
import { topicFilter } from '#core/topics.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createMemoryJournal } from '#platform/memory-journal.ts';
import { createMemoryStateStore } from '#platform/memory-state-store.ts';
import { decide as ownDecide } from '#services/alerts/plans/decide.ts';
import type { Overrides } from '#services/alerts/seams.ts';
import type { Evidence } from '#simulators/checkers/evidence.ts';
import { createInMemoryFaces } from '#simulators/in-memory.ts';
import { createRoom } from '#simulators/room.ts';
import type { SwarmCase } from '#simulators/swarm/case.ts';
import { createSwarmPeople } from '#simulators/swarm/swarm-people.ts';
import { journalText } from '../journal-text.ts';
import { createAttention } from './attention.ts';
import type { CaseResult } from './case-result.ts';
import { createCoverage } from './coverage.ts';
import { createOrders } from './orders.ts';
import { startServices } from './services.ts';
import { hashOf } from './text-hash.ts';

/** One case of the swarm, from its beginning to its end, on the virtual clock; see simulators/swarm/case.ts. */
export interface RunCaseOptions extends Overrides {
  /** Around the journal as each life of the alerts service sees it: `life` counts from 1. */
  readonly journal?: (journal: Journal, life: number) => Journal;
}

/** Mains back and plans at rest are looked for so often. */
const LOOK_EVERY = minutes(1);
const AFTERWARDS = minutes(2);

export async function runCase(swarmCase: SwarmCase, options: RunCaseOptions = {}): Promise<CaseResult> {
  const { config, simulation, scenario, seed } = swarmCase;
  const clock = createVirtualClock(swarmCase.startsAt, { trustQuiet: true });
  const random = seededRandom(seed);
  const log = silentLog;
  const room = createRoom({ config, simulation, clock, random: random.fork('world'), log });
  const faces = createInMemoryFaces(room, { config, clock });
  const bus = createMemoryBus({ clock, soon: clock.soon });
  const journal = createMemoryJournal();
  const state = createMemoryStateStore();
  const coverage = createCoverage(swarmCase);
  const stopSensors = faces.startSensors(bus);
  const orders = createOrders(bus, config, clock);
  const decide = options.decide ?? ownDecide;
  const attention = createAttention();
  const services = await startServices({
    swarmCase,
    clock,
    random: random.fork('services'),
    bus,
    faces,
    journal,
    state,
    signatureKey: orders.key,
    options: {
      ...options,
      decide: (before, event) => {
        const decision = decide(before, event);
        if (decision.state.phase !== before?.phase) coverage.phase(decision.state.phase);
        attention.decided(before, decision.state);
        return decision;
      },
    },
    onKill: coverage.killed,
  });
  const people = createSwarmPeople({ config, script: swarmCase.people, clock, send: orders.send });
  const heard = await listen(bus, config.site.id, (view) => {
    if (attention.wanted(view.id)) people.onIncident(view);
  });
  if (swarmCase.mode === 'armed') orders.arm();
  for (const { atMs, do: command } of scenario) clock.after(atMs, () => room.apply(command));
  const lastEvent = scenario.at(-1)?.atMs ?? milliseconds(0);
  const endsAt = plus(swarmCase.startsAt, swarmCase.lastsMs);
  const isOver = (): boolean =>
    clock.now() > swarmCase.startsAt + lastEvent && [...heard.incidents.values()].every(isAtRest) && services.up();
  while (clock.now() < endsAt && !isOver()) await clock.advanceToAsync(earlier(plus(clock.now(), LOOK_EVERY), endsAt));
  const ended = isOver();
  await clock.advanceByAsync(AFTERWARDS);
  const evidence: Evidence = {
    config,
    truth: room.truth(),
    incidents: [...heard.incidents.values()],
    deliveries: [...heard.deliveries.values()],
    touched: faces.touched,
    mode: swarmCase.mode,
    orders: orders.sent,
    downs: services.downs(),
    happenings: scenario.map(({ atMs, do: command }) => ({ at: swarmCase.startsAt + atMs, do: command })),
  };
  people.stop();
  await heard.stop();
  await services.stop();
  await stopSensors();
  faces.stop();
  room.stop();
  await bus.close();
  return {
    evidence,
    get journalHash() {
      return hashOf(journalText(journal));
    },
    journal: () => journalText(journal),
    records: () => [...journal.read()],
    coverage: coverage.finish(evidence.incidents),
    simulatedMs: clock.now() - swarmCase.startsAt,
    ended,
  };
}

const earlier = (a: number, b: number) => instant(Math.min(a, b));

interface Heard {
  readonly incidents: Map<string, IncidentView>;
  readonly deliveries: Map<string, DeliveryView>;
  readonly stop: Stop;
}

/** What is published of incidents and messages, each as it was said last. */
async function listen(bus: Bus, site: string, onIncident: (view: IncidentView) => void): Promise<Heard> {
  const incidents = new Map<string, IncidentView>();
  const deliveries = new Map<string, DeliveryView>();
  const stops = [
    await bus.subscribe(topicFilter(site, 'incident/+'), ({ value }) => {
      const view = value as IncidentView | undefined;
      if (view === undefined) return;
      incidents.set(view.id, view);
      onIncident(view);
    }),
    await bus.subscribe(topicFilter(site, 'delivery/+'), ({ value }) => {
      const view = value as DeliveryView | undefined;
      if (view === undefined) return;
      deliveries.set(view.id, view);
    }),
  ];
  return {
    incidents,
    deliveries,
    stop: async () => {
      for (const stop of stops) await stop();
    },
  };
}

/** Closed; or the plan has reached its outcome and what is open is a person's to do: nobody else may close it (O-ORG-2). */
const isAtRest = (view: IncidentView): boolean =>
  view.phase === 'closed' ||
  ((view.outcome === 'recovered' || view.outcome === 'stood-down') &&
    view.steps.every(({ state, kind }) =>
      state === 'waiting' ? kind === 'task' || kind === 'ask' : state !== 'running' && state !== 'verifying',
    ));
