import type { Person } from '#core/config/people.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { DeliveryView, NotificationRequest } from '#core/notification.ts';
import type { Cancel } from '#core/ports.ts';
import type { Language } from '#core/text.ts';
import { earliest, type Instant, milliseconds, minutes, toIso } from '#core/time.ts';
import { createChannelDesk } from './channel-desk.ts';
import { showsState } from './channels/state-channels.ts';
import { afterFailure, type Delivery, isOpen, laneOf, MAX_BACKOFF } from './delivery.ts';
import {
  afresh,
  arrived,
  ended,
  mergedInto,
  newDelivery,
  overAnother,
  type Route,
  routeOver,
  routesOf,
  sent,
  spared,
  waysBeside,
  withNextTry,
} from './delivery-changes.ts';
import type { Outbox, OutboxDependencies, OutboxRefusal } from './outbox-port.ts';
import { createOutboxStore } from './outbox-store.ts';
import { resolveRecipients } from './recipients.ts';
import { type InFlight, planSending, type SendingPlan } from './sending-plan.ts';
import { inSiteWords } from './site-words.ts';
import { toMessage } from './to-message.ts';

const PROBE = 'outbox/probe';
/** More than this is a flood: all but high severity is then given up at once, and said so. */
const MAX_OPEN = 5000;
/** Longer than any call that rings, is answered and waits for a key. A channel that never ends would hold its place for ever. */
const SEND_LIMIT = minutes(5);
/** The other side took it so often and did not deliver it: the number is wrong or the telephone is away. */
const MAX_UNDELIVERED = 3;

export function createOutbox(dependencies: OutboxDependencies): Outbox {
  const { config, clock, steady, work, channels, rota, log, metrics } = dependencies;
  const random = dependencies.random.fork('outbox');
  const store = createOutboxStore(work.store);
  const languages = new Map(config.people.people.map(({ id, language }) => [id, language]));
  const languageOf = ({ person }: DeliveryView): Language => languages.get(person) ?? config.site.language;
  const inFlight = new Map<string, InFlight>();
  const settling = new Set<Promise<void>>();
  const ends: { readonly id: string; readonly error: unknown }[] = [];
  let recording: Promise<void> | null = null;
  let timer: { at: Instant; cancel: Cancel } | null = null;
  let started = false;
  let stopped = false;
  /** The store may be gone: an end that comes now is not recorded, and the message goes out again after the next start. */
  let closed = false;
  const desk = createChannelDesk({
    ...{ channels, log, steady },
    kinds: Object.fromEntries(Object.entries(config.site.channels).map(([id, { kind }]) => [id, kind])),
    limitsOf: dependencies.limitsOf ?? (() => []),
    now: () => clock.now(),
    onChange: (...change) => dependencies.onChannel?.(...change),
    onTurn: () => dependencies.onChannels?.(),
    onTested: () => pump(),
  });
  const moment = () => ({ wall: clock.now(), now: steady() });

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
        for (const delivery of late) giveUpArrival(delivery);
      });
    }
    const plan = planSending(store.open(), { now, inFlight, gate: (channel) => desk.gate(channel, now), languageOf });
    const { merge, onward, held, giveUp } = plan;
    if (merge.length + onward.length + held.length + giveUp.length > 0) work.run(() => carryOut(plan));
    for (const delivery of plan.send) send(delivery, now);
    if (onward.length > 0 || late.some(({ rest }) => rest.length > 0)) pump();
    else arm(now, [plan.wakeAt, testAt, ...[...store.awaited()].map(({ arriveBy }) => arriveBy ?? null)]);
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

  function send(delivery: Delivery, now: Instant): void {
    const { view } = delivery;
    const flight: InFlight = { channel: view.channel, lane: laneOf(view), since: now };
    inFlight.set(view.id, flight);
    desk.begun(view.channel, now);
    let done = false;
    const end = (error: unknown): Promise<void> => {
      if (done) return Promise.resolve();
      done = true;
      cancel();
      return settle(view.id, error);
    };
    const cancel = clock.after(SEND_LIMIT, () => void end(new ZhishouError('TIMED_OUT', view.channel)));
    const attempt = handOver(view)
      .then(
        () => end(null),
        (error: unknown) => end(error),
      )
      .catch((error: unknown) => log.error({ delivery: view.id, error: messageOf(error) }, 'outbox failed'));
    settling.add(attempt);
    void attempt.finally(() => settling.delete(attempt));
  }

  function handOver(view: DeliveryView): Promise<void> {
    const channel = channels[view.channel];
    if (channel === undefined) {
      return Promise.reject(new ZhishouError('NOT_FOUND', view.channel, 'no such channel in site.yaml'));
    }
    try {
      return channel.send(toMessage(view, languageOf(view), dependencies.waysToAct?.(view) ?? null, clock.now()));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** What ends in the same turn is recorded in one transaction: the next alarm does not wait behind one write for each. */
  function settle(id: string, error: unknown): Promise<void> {
    if (closed) return Promise.resolve();
    ends.push({ id, error });
    recording ??= Promise.resolve().then(record);
    return recording;
  }

  function record(): void {
    recording = null;
    const views = work.run(() => ends.splice(0).flatMap(({ id, error }) => recordEnd(id, error)));
    for (const view of views) {
      metrics.count('zhishou_deliveries_total', { channel: view.channel, state: view.state });
      dependencies.onAttempt(view);
    }
    pump();
  }

  function recordEnd(id: string, error: unknown): DeliveryView[] {
    inFlight.delete(id);
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
      if (other.group === group && other.view.id !== id && !inFlight.has(other.view.id)) keep(spared(other, channel));
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

  function giveUpArrival(delivery: Delivery): void {
    keep({ ...delivery, rest: [], arriveBy: null, view: { ...delivery.view, error: 'no word of its arrival' } });
    goOn(delivery);
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

  function arm(now: Instant, moments: readonly (Instant | null)[]): void {
    const known = moments.filter((at) => at !== null);
    const next = known.length === 0 ? null : earliest(...known);
    if (timer?.at === next) return;
    timer?.cancel();
    timer = null;
    if (next === null) return;
    const cancel = clock.after(milliseconds(Math.max(1, next - now)), () => {
      timer = null;
      pump();
    });
    timer = { at: next, cancel };
  }

  /** One change by a person, durable, and what follows from it sent. */
  function byPerson(id: string, change: (delivery: Delivery) => OutboxRefusal | null): OutboxRefusal | null {
    const delivery = store.get(id);
    if (delivery === null) return 'NOT_FOUND';
    const refusal = work.run(() => change(delivery));
    if (refusal === null) pump();
    return refusal;
  }

  return {
    start() {
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
    },
    tell(request) {
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
    },
    onReceipt({ delivery: id, result, detail }, channel) {
      desk.gaveReceipt(channel);
      const delivery = store.get(id);
      if (delivery === null || delivery.view.channel !== channel) return;
      if (result === 'arrived') {
        if (delivery.view.state !== 'arrived') work.run(() => keep(arrived(delivery, moment())));
        return;
      }
      if (delivery.view.state !== 'sent') return;
      dependencies.onAttempt(work.run(() => undelivered(delivery, detail ?? 'the network could not deliver it')));
      pump();
    },
    retry: (id, over, by) =>
      byPerson(id, (delivery) => {
        const { state, person } = delivery.view;
        if (over === null) {
          if (!isOpen(delivery) && state !== 'dead' && state !== 'dismissed') return 'OVER';
          if (!inFlight.has(id)) keep(afresh(delivery, moment()));
          return null;
        }
        const route = routeOver(config, person, over);
        if (route === null) return 'NO_WAY';
        keep(overAnother(delivery, store.nextId(clock.now()), route, [], moment()));
        if (state === 'dead') keep(ended(delivery, 'dismissed', `told over ${over} by ${by}`));
        return null;
      }),
    dismiss: (id, by) =>
      byPerson(id, (delivery) => {
        if (!isOpen(delivery) && delivery.view.state !== 'dead') return 'OVER';
        const { error } = delivery.view;
        keep(ended(delivery, 'dismissed', error === null ? `dismissed by ${by}` : `${error} (dismissed by ${by})`));
        return null;
      }),
    probe: (done) =>
      work.run(() => {
        work.store.set(PROBE, steady());
        work.afterCommit(() => {
          pump();
          done();
        }, 'sending');
      }),
    channels() {
      const waiting = new Map<string, number>();
      for (const { view } of store.open()) waiting.set(view.channel, (waiting.get(view.channel) ?? 0) + 1);
      return { at: toIso(clock.now()), channels: desk.states(waiting) };
    },
    async stop() {
      stopped = true;
      timer?.cancel();
      timer = null;
      await Promise.race([
        Promise.allSettled([...settling]),
        new Promise<void>((resolve) => clock.after(milliseconds(2000), resolve)),
      ]);
      closed = true;
    },
  };
}
