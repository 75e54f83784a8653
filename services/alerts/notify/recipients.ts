import type { Config } from '#core/config/config.ts';
import type { Person } from '#core/config/people.ts';
import type { NotificationRequest } from '#core/notification.ts';
import type { Instant } from '#core/time.ts';
import type { Rota } from '../seams.ts';

/**
 * Who gets a notification, decided at the moment it goes out: functions → people who can be reached. Nobody found: the
 * first in the escalation order who can be (L25: an empty duty is never silence).
 */
export interface Recipients {
  readonly people: readonly Person[];
  /** Nobody was asked for by the request that could be reached; these stand in. */
  readonly standIn: boolean;
}

export function resolveRecipients(
  request: Pick<NotificationRequest, 'functions' | 'people' | 'butNot'>,
  config: Pick<Config, 'people' | 'rota'>,
  rota: Rota,
  now: Instant,
): Recipients {
  const byId = new Map(config.people.people.map((person) => [person.id, person]));
  const asked = [
    ...request.functions.flatMap((name) => rota.peopleOf(name, now)),
    ...request.people.flatMap((id) => byId.get(id) ?? []),
  ];
  const all = unique(asked).filter((person) => person.routes.length > 0);
  const others = all.filter((person) => request.butNot?.includes(person.id) !== true);
  const reachable = others.length > 0 ? others : all;
  if (reachable.length > 0) return { people: reachable, standIn: false };
  for (const name of config.rota.escalation.order) {
    const people = rota.peopleOf(name, now).filter((person) => person.routes.length > 0);
    if (people.length > 0) return { people: unique(people), standIn: true };
  }
  return { people: config.people.people.filter((person) => person.routes.length > 0), standIn: true };
}

const unique = (people: readonly Person[]): Person[] => [
  ...new Map(people.map((person) => [person.id, person])).values(),
];
