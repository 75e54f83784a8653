import type { CommandBody, PersonCommand } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import type { IncidentView } from '#core/incident.ts';
import type { DeliveryView } from '#core/notification.ts';
import type { Bus, Clock, Log, Stop } from '#core/ports.ts';
import type { Random } from '#core/random.ts';
import type { Secret } from '#core/secret.ts';
import { type Instant, milliseconds, minutes, plus, toIso } from '#core/time.ts';
import { topic, topicFilter } from '#core/topics.ts';
import { signCommand } from '#platform/command-signature.ts';
import type { SentOrder } from '#simulators/checkers/evidence.ts';
import { createPeople, type SimulatedAnswer } from '#simulators/people.ts';
import type { Room } from '#simulators/room.ts';
import { playScenario, type Scenario, type ScenarioOrder } from '#simulators/scenarios/scenario.ts';

/** What every drill does, with sockets or without: plays the scenario, lets people answer, listens to what is published. */
export interface DrillStage {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly bus: Bus;
  readonly room: Room;
  readonly signatureKey: Secret;
}

export interface DrillRecord {
  /** Each incident and each message as it was published last. */
  readonly incidents: ReadonlyMap<string, IncidentView>;
  readonly deliveries: ReadonlyMap<string, DeliveryView>;
  /** What people ordered, in the order in which it was sent. */
  readonly orders: readonly SentOrder[];
  /** The scenario is over, and every incident is closed or waits for nothing but people who do not come. */
  isOver(): boolean;
  readonly stop: Stop;
}

export async function playDrill(stage: DrillStage, scenario: Scenario, answer: SimulatedAnswer): Promise<DrillRecord> {
  const { config, clock, random, log, bus, room } = stage;
  const site = config.site.id;
  const incidents = new Map<string, IncidentView>();
  const deliveries = new Map<string, DeliveryView>();
  const movedAt = new Map<string, Instant>();
  const patience = answer.kind === 'none' ? milliseconds(0) : PATIENCE;
  const hasRested = ({ id }: IncidentView): boolean => clock.now() - (movedAt.get(id) ?? 0) >= patience;
  const orders: SentOrder[] = [];
  const send = (body: CommandBody, role: 'duty' | 'operator', person: string): void => {
    const name = config.people.people.find((one) => one.id === person)?.name;
    const order: Omit<PersonCommand, 'signature'> = {
      id: `drill-${orders.length + 1}`,
      at: clock.now(),
      by: { user: person, name: name === undefined ? person : `${name.zh} ${name.en}`, role },
      body,
    };
    orders.push({ at: clock.now(), by: person, body });
    bus
      .publish(topic(site, 'command'), JSON.stringify(signCommand(order, stage.signatureKey)))
      .catch((error: unknown) => log.warn({ err: error }, 'a simulated order was not heard'));
  };
  const people = createPeople({
    clock,
    random: random.fork('people'),
    log,
    answer,
    plans: config.plans,
    choices: scenario.choices,
    people: config.people.people.map((one) => one.id),
    safeAt: plus(clock.now(), scenario.lasts),
    send,
  });
  const decode = <T>(payload: Uint8Array): T => JSON.parse(new TextDecoder().decode(payload)) as T;
  const stops: Stop[] = [
    await bus.subscribe(topicFilter(site, 'incident/+'), ({ payload }) => {
      if (payload.length === 0) return;
      const view = decode<IncidentView>(payload);
      if (standingOf(incidents.get(view.id)) !== standingOf(view)) movedAt.set(view.id, clock.now());
      incidents.set(view.id, view);
      people.onIncident(view);
    }),
    await bus.subscribe(topicFilter(site, 'delivery/+'), ({ payload }) => {
      if (payload.length === 0) return;
      const view = decode<DeliveryView>(payload);
      deliveries.set(view.id, view);
    }),
  ];
  const cancelScenario = playScenario(room, clock, scenario, log);
  const director = config.people.people.find((one) => one.functions.includes('director'))?.id ?? 'simulated';
  const cancelOrders = scenario.orders.map((order) =>
    clock.after(order.at, () => {
      const body = orderOf(order.do, clock.now(), [...incidents.values()]);
      if (body !== null) send(body, 'operator', director);
    }),
  );
  const endsAt = clock.now() + scenario.lasts;
  return {
    incidents,
    deliveries,
    orders,
    isOver: () =>
      clock.now() >= endsAt &&
      [...incidents.values()].every((view) => view.phase === 'closed' || (isAtRest(view) && hasRested(view))),
    stop: async () => {
      cancelScenario();
      for (const cancel of cancelOrders) cancel();
      people.stop();
      for (const stop of stops) await stop();
    },
  };
}

function orderOf(order: ScenarioOrder, now: Instant, incidents: readonly IncidentView[]): CommandBody | null {
  const reason = '演练 drill';
  if (order.kind === 'open') return { kind: 'incident.open', plan: order.plan, reason };
  if (order.kind === 'plan-outage') {
    const from = plus(now, order.in);
    return { kind: 'outage.plan', from: toIso(from), to: toIso(plus(from, order.lasts)), upses: [], reason };
  }
  const open = incidents.findLast((view) => view.phase !== 'closed');
  return open === undefined ? null : { kind: 'incident.start-sequence', incident: open.id, reason };
}

/** People are waited for so long when nothing moves any more; nobody comes to one whom nobody answers. */
const PATIENCE = minutes(15);

const standingOf = (view: IncidentView | undefined): string =>
  view === undefined ? '' : `${view.phase} ${view.steps.map(({ state }) => state).join(' ')}`;

/** The plan has reached its outcome with mains back, and what is open is a person's to do: nobody else may close it (O-ORG-2). */
const isAtRest = (view: IncidentView): boolean =>
  (view.outcome === 'recovered' || view.outcome === 'stood-down') &&
  view.steps.every(({ state, kind }) =>
    state === 'waiting' ? kind === 'task' || kind === 'ask' : state !== 'running' && state !== 'verifying',
  );
