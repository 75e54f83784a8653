import type { Config } from '#core/config/config.ts';
import type { Person } from '#core/config/people.ts';
import type { DeliveryView, NotificationRequest } from '#core/notification.ts';
import { type Instant, plus, toIso } from '#core/time.ts';
import { ARRIVES_WITHIN, type Delivery } from './delivery.ts';
import { marked } from './marks.ts';

/** A delivery is made and becomes another: each of these gives the next one and changes nothing. */

export type Route = Person['routes'][number];

export interface Moment {
  /** Wall time, for people. */
  readonly wall: Instant;
  /** Steady time, for what elapsed. */
  readonly now: Instant;
}

export function newDelivery(
  id: string,
  request: NotificationRequest,
  person: Person,
  route: Route,
  rest: readonly Route[],
  at: Moment,
): Delivery {
  const { about } = request;
  const view: DeliveryView = {
    id,
    key: request.key,
    person: person.id,
    personName: person.name,
    channel: route.channel,
    to: route.to,
    ...marked(request, person.language),
    severity: request.severity,
    incident: about.incident ?? null,
    alert: about.alert ?? null,
    state: 'queued',
    attempts: 0,
    error: null,
    queuedAt: toIso(at.wall),
    sentAt: null,
    drill: request.drill,
    simulated: request.simulated,
    phase: request.phase ?? 'information',
    conversation: request.conversation ?? about.incident ?? about.alert ?? request.key,
    ...(about.test === undefined ? {} : { test: about.test }),
  };
  return { view, group: `${request.key} ${person.id}`, rest, nextAt: at.now, since: at.now };
}

/** The same words over another way. */
export function overAnother(
  delivery: Delivery,
  id: string,
  route: Route,
  rest: readonly Route[],
  at: Moment,
): Delivery {
  const { arrivedAt: _arrived, nextTryAt: _next, ...view } = delivery.view;
  const { own, earlier } = delivery;
  return {
    group: delivery.group,
    rest,
    nextAt: at.now,
    since: at.now,
    ...(own === undefined ? {} : { own }),
    ...(earlier === undefined ? {} : { earlier }),
    view: {
      ...view,
      ...{ id, channel: route.channel, to: route.to },
      ...{ state: 'queued', attempts: 0, error: null, queuedAt: toIso(at.wall), sentAt: null },
    },
  };
}

export function sent(delivery: Delivery, receipts: boolean, at: Moment): Delivery {
  const attempts = delivery.view.attempts + 1;
  const { nextTryAt: _next, ...before } = delivery.view;
  const view: DeliveryView = { ...before, attempts, state: 'sent', error: null, sentAt: toIso(at.wall) };
  const watched = receipts && (view.severity === 'high' || delivery.rest.length > 0);
  return { ...delivery, view, triedAt: at.now, arriveBy: watched ? plus(at.now, ARRIVES_WITHIN) : null };
}

export const arrived = (delivery: Delivery, at: Moment): Delivery => ({
  ...delivery,
  arriveBy: null,
  view: { ...delivery.view, state: 'arrived', error: null, arrivedAt: toIso(at.wall) },
});

export const spared = (delivery: Delivery, channel: string): Delivery =>
  ended(delivery, 'spared', `delivered over ${channel} instead`);

export function ended(delivery: Delivery, state: DeliveryView['state'], error: string | null): Delivery {
  const { nextTryAt: _next, ...view } = delivery.view;
  return { ...delivery, view: { ...view, state, error } };
}

export const mergedInto = (delivery: Delivery, into: string): Delivery => {
  const merged = ended(delivery, 'merged', null);
  return { ...merged, view: { ...merged.view, mergedInto: into } };
};

/** Tries it again from the beginning, as if it were new. */
export const afresh = (delivery: Delivery, at: Moment): Delivery => ({
  ...ended(delivery, 'queued', null),
  ...{ nextAt: at.now, since: at.now, arriveBy: null },
  view: { ...ended(delivery, 'queued', null).view, attempts: 0 },
});

/** For people: when it is tried next. */
export const withNextTry = (delivery: Delivery, at: Moment): Delivery =>
  delivery.view.state !== 'retrying'
    ? delivery
    : {
        ...delivery,
        view: { ...delivery.view, nextTryAt: toIso(plus(at.wall, Math.max(0, delivery.nextAt - at.now) as never)) },
      };

/** How a person is reached: over the ways that are asked for, without those that are not to be used; all of them when none is left. */
export function routesOf(
  { routes }: Person,
  { channels, avoidChannels }: Pick<NotificationRequest, 'channels' | 'avoidChannels'>,
): readonly Route[] {
  const wanted = routes.filter(({ channel }) => channels === undefined || channels.includes(channel));
  const some = wanted.length > 0 ? wanted : routes;
  const left = some.filter(({ channel }) => avoidChannels?.includes(channel) !== true);
  return left.length > 0 ? left : some;
}

/** Where chosen ways fail, the person's others are better than nothing: a step that nobody hears is no step. */
export function waysBeside(
  person: Person,
  { channels: chosen, avoidChannels = [] }: Pick<NotificationRequest, 'channels' | 'avoidChannels'>,
  own: readonly Route[],
): readonly Route[] {
  if (chosen === undefined) return [];
  const others = routesOf(person, { avoidChannels: [...chosen, ...avoidChannels] });
  return others.filter((route) => !own.includes(route));
}

export const routeOver = ({ people }: Pick<Config, 'people'>, person: string, channel: string): Route | null =>
  people.people.find(({ id }) => id === person)?.routes.find((route) => route.channel === channel) ?? null;
