import type { Person } from '#core/config/people.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { DeliveryView, NotificationRequest } from '#core/notification.ts';
import type { Language } from '#core/text.ts';
import { toIso } from '#core/time.ts';
import { type ChannelDesk, createChannelDesk } from './channel-desk.ts';
import type { ChannelReceipt } from './channel-news.ts';
import { showsState } from './channels/state-channels.ts';
import { afterFailure, type Delivery, isOpen, MAX_BACKOFF } from './delivery.ts';
import {
  arrived,
  ended,
  type Moment,
  mergedInto,
  newDelivery,
  overAnother,
  type Route,
  routesOf,
  sent,
  spared,
  waysBeside,
  withNextTry,
} from './delivery-changes.ts';
import { createFlights, type End } from './flights.ts';
import type { Outbox, OutboxDependencies } from './outbox-port.ts';
import { createOutboxStore } from './outbox-store.ts';
import { resolveRecipients } from './recipients.ts';
import { createResending } from './resending.ts';
import { planSending, type SendingPlan } from './sending-plan.ts';
import { inSiteWords } from './site-words.ts';
import { createWakeUp } from './wake-up.ts';

const PROBE = 'outbox/probe';
/** More than this is a flood: all but high severity is then given up at once, and said so. */
const MAX_OPEN = 5000;
/** The other side took it so often and did not deliver it: the number is wrong or the telephone is away. */
const MAX_UNDELIVERED = 3;

export function createOutbox(dependencies: OutboxDependencies): Outbox {
  const { config, clock, steady, work, channels, rota, log, metrics } = dependencies;
  const random = dependencies.random.fork('outbox');
  const store = createOutboxStore(work.store);
  const languageOf = languagesOf(config);
  const wakeUp = createWakeUp(clock, () => pump());
  let started = false;
  let stopped = false;
  const desk = openDesk(dependencies, () => pump());
  const flights = createFlights({
    ...{ clock, log, channels, languageOf },
    waysToAct: (view) => dependencies.waysToAct?.(view) ?? null,
    onBegun: desk.begun,
    onEnds: record,
  });
  const moment = (): Moment => ({ wall: clock.now(), now: steady() });

  function queue(request: NotificationRequest, person: Person): void {
    const routes = routesOf(person, request);
    const beside = routes.filter(({ channel }) => showsState(config.site.channels[channel]));
    for (const route of beside) add(request, person, route, [], ` ${route.channel}`);
    const [first, ...rest] = routes.filter((route) => !beside.includes(route));
    if (first === undefined) return;
    const others = waysBeside(person, request, routes).filter((one) => !showsState(config.site.channels[one.channel]));
    if (request.severity === 'high' || request.eachWay === true)
      for (const route of [first, ...rest]) add(request, person, route, others);
    else add(request, person, first, [...rest, ...others]);
  }

  /** `apart`: of a group of its own, so that it ends no other and is ended by none. */
  function add(request: NotificationRequest, person: Person, route: Route, rest: readonly Route[], apart = ''): void {
    const next = newDelivery(
      store.nextId(clock.now()),
      inSiteWords(request, config.site, clock.now()),
      person,
      route,
      rest,
      moment(),
    );
    const made = { ...next, group: next.group + apart };
    const full = store.openCount() >= MAX_OPEN && request.severity !== 'high';
    keep(full ? ended(made, 'dead', `more than ${MAX_OPEN} messages wait`) : made);
  }

  function keep(delivery: Delivery): void {
    const kept = withNextTry(delivery, moment());
    store.put(kept);
    // As it is then: what is sent in the same turn may have been merged already.
    work.afterCommit(() => dependencies.publish(store.get(kept.view.id)?.view ?? kept.view));
  }

  /** Hands over what is due; the channel is called in this very turn. */
  function pump(): void {
    if (!started || stopped) return;
    const now = steady();
    const testAt = desk.test(now);
    const late = [...store.awaited()].filter(({ arriveBy }) => arriveBy !== null && (arriveBy ?? now) <= now);
    if (late.length > 0) {
      work.run(() => {
        for (const delivery of late) {
          keep({ ...delivery, rest: [], arriveBy: null, view: { ...delivery.view, error: 'no word of its arrival' } });
          goOn(delivery);
        }
      });
    }
    const plan = planSending(store.open(), {
      now,
      inFlight: flights.inFlight,
      gate: (channel) => desk.gate(channel, now),
      languageOf,
    });
    const { merge, onward, held, giveUp } = plan;
    if (merge.length + onward.length + held.length + giveUp.length > 0) work.run(() => carryOut(plan));
    for (const delivery of plan.send) flights.send(delivery, now);
    if (onward.length > 0 || late.some(({ rest }) => rest.length > 0)) pump();
    else wakeUp.at(now, [plan.wakeAt, testAt, ...[...store.awaited()].map(({ arriveBy }) => arriveBy ?? null)]);
  }

  function carryOut({ merge, onward, held, giveUp }: SendingPlan): void {
    for (const { into, from } of merge) {
      keep(into);
      for (const older of from) keep(mergedInto(older, into.view.id));
      metrics.count('zhishou_deliveries_merged_total', { channel: into.view.channel }, from.length);
    }
    for (const { delivery, why } of onward) {
      keep({ ...ended(delivery, 'retrying', why), rest: [] });
      goOn(delivery);
    }
    for (const { delivery, why } of held) keep(ended(delivery, 'retrying', why));
    for (const { delivery, why } of giveUp) {
      keep(ended(delivery, 'dead', why));
      metrics.count('zhishou_deliveries_total', { channel: delivery.view.channel, state: 'dead' });
    }
  }

  function record(ends: readonly End[]): void {
    const views = work.run(() => ends.flatMap(({ id, error }) => recordEnd(id, error)));
    for (const view of views) {
      metrics.count('zhishou_deliveries_total', { channel: view.channel, state: view.state });
      dependencies.onAttempt(view);
    }
    pump();
  }

  function recordEnd(id: string, error: unknown): DeliveryView[] {
    flights.landed(id);
    const delivery = store.get(id);
    if (delivery === null) return [];
    const { channel, to } = delivery.view;
    if (error === null) desk.succeeded(channel);
    else desk.failed(channel, to, error);
    if (!isOpen(delivery)) return [];
    return [error === null ? recordSent(delivery) : recordFailure(delivery, error)];
  }

  function recordSent(delivery: Delivery): DeliveryView {
    const done = sent(delivery, desk.givesReceipts(delivery.view.channel), moment());
    keep(done);
    // All of its ways go, each on its own.
    if (done.view.severity !== 'high' && done.view.test === undefined) spareOthers(done);
    return done.view;
  }

  /** The person has it: the other routes of an in-order message are not needed any more. */
  function spareOthers({ group, view: { id, channel } }: Delivery): void {
    for (const other of [...store.open()]) {
      if (other.group === group && other.view.id !== id && !flights.inFlight.has(other.view.id))
        keep(spared(other, channel));
    }
  }

  function recordFailure(delivery: Delivery, error: unknown): DeliveryView {
    const known = { message: messageOf(error), retryable: !(error instanceof ZhishouError) || error.retryable };
    const failed = afterFailure(delivery, known, steady(), random);
    const { view } = failed;
    const fields = { delivery: view.id, channel: view.channel, person: view.person, attempts: view.attempts };
    if (view.state === 'dead') log.error({ ...fields, error: view.error }, 'message given up');
    else log.warn({ ...fields, error: view.error }, 'message not delivered, will be tried again');
    keep({ ...failed, rest: [] });
    goOn(delivery);
    return view;
  }

  /** Over the next of its routes, if there is one. */
  function goOn(delivery: Delivery): boolean {
    const [next, ...rest] = delivery.rest;
    if (next === undefined) return false;
    keep(overAnother(delivery, store.nextId(clock.now()), next, rest, moment()));
    return true;
  }

  /** The other side had taken it and could not bring it: the next route, or once more after a while. */
  function undelivered(delivery: Delivery, detail: string): DeliveryView {
    const tries = delivery.view.attempts;
    const before = { ...delivery, view: { ...delivery.view, attempts: tries - 1 } };
    const retryable = delivery.rest.length === 0 && tries < MAX_UNDELIVERED;
    const failed = afterFailure(before, { message: detail, retryable }, steady(), random);
    keep({ ...failed, rest: [], arriveBy: null });
    goOn(delivery);
    return failed.view;
  }

  function start(): void {
    store.restore();
    const now = steady();
    desk.restore(store.all());
    // A stored instant far ahead means that the clock was set back between two runs: try now rather than never.
    const late = [...store.open()].filter(({ nextAt }) => nextAt - now > MAX_BACKOFF * 2);
    if (late.length > 0) {
      work.run(() => {
        for (const delivery of late) keep({ ...delivery, nextAt: now });
      });
    }
    started = true;
    pump();
  }

  function tell(request: NotificationRequest): readonly string[] {
    const before = store.taken(request.key);
    if (before !== null) return before;
    return work.run(() => {
      const { people, standIn } = resolveRecipients(request, config, rota, clock.now());
      if (standIn) {
        metrics.count('zhishou_notifications_stand_in_total');
        log.error({ key: request.key, functions: request.functions }, 'nobody of those to be told can be reached');
      }
      const ids = people.map((person) => person.id);
      store.take(request.key, ids, steady());
      work.afterCommit(pump, 'sending');
      for (const person of people) queue(request, person);
      return ids;
    });
  }

  function onReceipt({ delivery: id, result, detail }: ChannelReceipt, channel: string): void {
    // That something failed does not mean that all that arrives is told.
    if (result === 'arrived') desk.gaveReceipt(channel);
    const delivery = store.get(id);
    if (delivery === null || delivery.view.channel !== channel) return;
    if (result === 'arrived') {
      if (delivery.view.state !== 'arrived') work.run(() => keep(arrived(delivery, moment())));
      return;
    }
    if (delivery.view.state !== 'sent') return;
    dependencies.onAttempt(work.run(() => undelivered(delivery, detail ?? 'the network could not deliver it')));
    pump();
  }

  function probe(done: () => void): void {
    work.run(() => {
      work.store.set(PROBE, steady());
      work.afterCommit(() => {
        pump();
        done();
      }, 'sending');
    });
  }

  async function stop(): Promise<void> {
    stopped = true;
    wakeUp.cancel();
    await flights.stop();
  }

  return {
    start,
    tell,
    onReceipt,
    ...createResending({
      ...{ config, get: store.get, keep, moment, together: work.run, pump },
      isOnItsWay: (id) => flights.inFlight.has(id),
      nextId: () => store.nextId(clock.now()),
    }),
    probe,
    channels: () => ({ at: toIso(clock.now()), channels: desk.states(waitingBy(store.open())) }),
    stop,
  };
}

const languagesOf = (config: OutboxDependencies['config']): ((view: DeliveryView) => Language) => {
  const languages = new Map(config.people.people.map(({ id, language }) => [id, language]));
  return ({ person }) => languages.get(person) ?? config.site.language;
};

const openDesk = (dependencies: OutboxDependencies, onTested: () => void): ChannelDesk => {
  const { config, clock, channels, log, steady } = dependencies;
  return createChannelDesk({
    ...{ channels, log, steady, onTested },
    kinds: Object.fromEntries(Object.entries(config.site.channels).map(([id, { kind }]) => [id, kind])),
    limitsOf: dependencies.limitsOf ?? (() => []),
    now: () => clock.now(),
    onChange: (...change) => dependencies.onChannel?.(...change),
    onTurn: () => dependencies.onChannels?.(),
  });
};

/** How many wait for each channel. */
function waitingBy(open: Iterable<Delivery>): ReadonlyMap<string, number> {
  const waiting = new Map<string, number>();
  for (const { view } of open) waiting.set(view.channel, (waiting.get(view.channel) ?? 0) + 1);
  return waiting;
}
