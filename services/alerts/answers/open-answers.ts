import type { Config } from '#core/config/config.ts';
import type { NotificationRequest } from '#core/notification.ts';
import type { Clock, Log, Metrics } from '#core/ports.ts';
import type { Random } from '#core/random.ts';
import { Secret } from '#core/secret.ts';
import { plus } from '#core/time.ts';
import { LINK_LASTS, makeLinkToken, readLinkToken } from '#platform/link-token.ts';
import type { AlertBook } from '../lifecycle/alert-book.ts';
import type { OpenIncidents } from '../open-incidents.ts';
import type { Incidents } from '../seams.ts';
import type { UnitOfWork } from '../unit-of-work.ts';
import { type AnswerDesk, createAnswerDesk } from './answer-desk.ts';
import { createMatterStates, type MatterStatesDependencies } from './matter-states.ts';
import type { MatterName } from './matters.ts';

/** The desk that takes people's answers, joined to the alerts and incidents that they are about. */
export interface AnswersDependencies {
  readonly config: Config;
  readonly clock: Clock;
  readonly work: UnitOfWork;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly signatureKey: Secret | string;
  readonly book: () => Pick<AlertBook, 'acknowledge' | 'active'>;
  readonly open: Pick<OpenIncidents, 'incidentsFor'>;
  readonly incidents: () => Pick<Incidents, 'views' | 'onCommand'> | null;
  readonly tell: (request: NotificationRequest) => readonly string[];
  readonly test?: MatterStatesDependencies['test'];
  /** A person has confirmed a test of contacts. */
  readonly confirmTest?: (test: string, person: string) => void;
}

export interface Answers extends AnswerDesk {
  /** Is this the token of a link that was made for this person and this matter, and is it still good? */
  grants(token: string, name: MatterName, person: string): boolean;
  /** An alert was acknowledged: the open incident that has it under its care is the same matter to the person. */
  acknowledge(name: MatterName, person: string, via: string): boolean;
}

export function createAnswers(dependencies: AnswersDependencies): Answers {
  const { config, clock, open } = dependencies;
  const key =
    typeof dependencies.signatureKey === 'string' ? new Secret(dependencies.signatureKey) : dependencies.signatureKey;
  const alert = (id: string) =>
    dependencies
      .book()
      .active()
      .find((view) => view.id === id) ?? null;
  const incident = (id: string) =>
    dependencies
      .incidents()
      ?.views()
      .find((view) => view.id === id) ?? null;
  const states = createMatterStates({
    ...{ config, alert, incident },
    ...(dependencies.test === undefined ? {} : { test: dependencies.test }),
  });
  const unacknowledged = (id: string) => {
    const view = alert(id);
    return view === null ? [] : open.incidentsFor(view.rule).filter((one) => one.acknowledged === null);
  };

  function acknowledgeIncident(id: string, person: string, via: string): boolean {
    const name = config.people.people.find((one) => one.id === person)?.name[config.site.language] ?? person;
    const answer = dependencies.incidents()?.onCommand({
      id: `answer/${id}/${clock.now()}`,
      at: clock.now(),
      by: { user: person, name, role: 'duty' },
      body: { kind: 'incident.acknowledge', incident: id, via },
      signature: '',
    });
    return answer?.ok === true;
  }

  function acknowledge(name: MatterName, person: string, via: string): boolean {
    if (name.kind === 'incident') return acknowledgeIncident(name.id, person, via);
    if (name.kind === 'test') {
      dependencies.confirmTest?.(name.id, person);
      return true;
    }
    const also = unacknowledged(name.id);
    if (dependencies.book().acknowledge(name.id, person, via) !== null) return false;
    for (const { id } of also) acknowledgeIncident(id, person, via);
    return true;
  }

  const desk = createAnswerDesk({
    ...dependencies,
    ...states,
    acknowledge,
    incidentOf: (id) => unacknowledged(id)[0]?.id ?? null,
    linkFor({ kind, id }, person) {
      const base = config.site.http.public_url;
      if (base === undefined) return null;
      const token = makeLinkToken({ kind, id, person, expires: plus(clock.now(), LINK_LASTS) }, key);
      return `${base.replace(/\/+$/, '')}/a/${token}`;
    },
  });
  return {
    ...desk,
    acknowledge,
    grants(token, name, person) {
      const read = readLinkToken(token, { matters: [name], people: [person] }, key, clock.now());
      return read.ok && !read.expired;
    },
  };
}
