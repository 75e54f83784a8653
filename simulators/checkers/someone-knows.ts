import type { IncidentView } from '#core/incident.ts';
import { LEVELS } from '#core/incident.ts';
import { type DeliveryView, wentOut } from '#core/notification.ts';
import { blindS, clockTime, type Evidence, type Verdict, verdict } from './evidence.ts';

/**
 * I5: each incident of level serious or above has been acknowledged by a person, or the escalation has reached the end of
 * its list and keeps ringing; no notification is lost by a crash.
 *
 * - *Reached the end*: one call at the beginning and one more for each interval of the escalation, to the list's end and
 *   once beyond it. *Keeps ringing*: never silent for longer than `QUIET_ROUNDS` intervals while it is open and unacknowledged.
 *   Time in which the monitor was dead or could not write does not count.
 * - *Lost*: a line of the record says that people were told, and no message of that subject was ever handed to anybody; or a
 *   message was given up on every way to its person, or still waits an hour later.
 */
const QUIET_ROUNDS = 3;
const QUIET_LEAST_MS = 120_000;

export function checkSomeoneKnows(evidence: Evidence): Verdict {
  const wrong: string[] = [];
  for (const view of evidence.incidents) {
    if (LEVELS.indexOf(view.level) < LEVELS.indexOf('serious')) continue;
    if (view.acknowledged !== null && view.acknowledged.by !== 'zhishou') continue;
    const missing = escalationMissing(evidence, view);
    if (missing !== null) wrong.push(`${view.id} is not acknowledged and ${missing}`);
  }
  wrong.push(...lostNotifications(evidence), ...neverHandedOver(evidence));
  return verdict('I5', wrong, 'every incident is acknowledged or still rings, and no message was lost');
}

/** What the escalation still owes by now; null when it is where it should be. */
function escalationMissing(evidence: Evidence, view: IncidentView): string | null {
  const { config, deliveries, truth } = evidence;
  const { order, every } = config.rota.escalation;
  const rung = deliveries.filter((one) => one.incident === view.id);
  if (rung.length === 0) return 'nobody was told';
  const openedAt = seriousSince(evidence, view);
  const endAt = view.closedAt === null ? truth.at : Date.parse(view.closedAt);
  const lastedMs = endAt - openedAt - blindS(evidence, openedAt, endAt) * 1000;
  const rounds = new Set(rung.map((one) => one.key)).size;
  // One call at the beginning, one more for each interval, to the list's end and beyond it.
  const dueRounds = Math.min(order.length + 1, 1 + Math.floor((lastedMs - QUIET_LEAST_MS) / Math.max(1, every)));
  if (rounds < dueRounds) return `was told ${rounds} times of ${dueRounds} due`;
  return wentQuiet(
    evidence,
    openedAt,
    endAt,
    rung.map((one) => Date.parse(one.queuedAt)),
  );
}

/** It may have begun as an ordinary one, for which nobody is called in the night, and have risen since. */
function seriousSince({ config }: Evidence, view: IncidentView): number {
  const level = config.plans.find((plan) => plan.id === view.plan.id)?.level ?? view.level;
  const risen = view.timeline.find((entry) => entry.kind === 'level');
  return Date.parse(level !== 'ordinary' || risen === undefined ? view.openedAt : risen.at);
}

/** The first silence that was too long; instants of a stepped wall clock are not measured by. */
function wentQuiet(evidence: Evidence, openedAt: number, endAt: number, rungAt: readonly number[]): string | null {
  if (evidence.truth.faults.some((one) => one.fault === 'clock')) return null;
  const most = Math.max(QUIET_ROUNDS * evidence.config.rota.escalation.every, QUIET_LEAST_MS) + 30_000;
  let last = openedAt;
  for (const at of [...rungAt.filter((one) => one >= openedAt && one <= endAt).sort((a, b) => a - b), endAt]) {
    if (at - last > most + blindS(evidence, last, at) * 1000)
      return `nobody was rung from ${clockTime(last)} to ${clockTime(at)}`;
    last = at;
  }
  return null;
}

/** A message still queued long after, or given up on every way to its person. */
function lostNotifications({ deliveries, truth }: Evidence): string[] {
  const wrong: string[] = [];
  const byId = new Map(deliveries.map((one) => [one.id, one]));
  /** A later message may carry it, and a still later one that. */
  const carried = (one: DeliveryView): DeliveryView => {
    const into = one.mergedInto === undefined ? undefined : byId.get(one.mergedInto);
    return into === undefined ? one : carried(into);
  };
  const out = (one: DeliveryView): boolean => wentOut(carried(one).state);
  const reached = new Set(deliveries.filter(out).map((one) => `${one.key}/${one.person}`));
  for (const one of deliveries) {
    if (out(one) || reached.has(`${one.key}/${one.person}`)) continue;
    const ageMs = truth.at - Date.parse(one.queuedAt);
    if (carried(one).state === 'dead')
      wrong.push(`${one.key} never reached ${one.person}: ${one.error ?? 'no reason'}`);
    else if (one.state === 'queued' && ageMs > 3_600_000) wrong.push(`${one.key} to ${one.person} was never tried`);
  }
  return wrong;
}

/** The record says that people were told; somebody must have been. */
function neverHandedOver({ incidents, deliveries }: Evidence): string[] {
  const wrong: string[] = [];
  for (const view of incidents) {
    const subjects = deliveries.filter((one) => one.incident === view.id).map((one) => one.subject);
    for (const entry of view.timeline) {
      if (entry.kind !== 'notification') continue;
      if (subjects.some((subject) => subject.includes(entry.what.zh) || subject.includes(entry.what.en))) continue;
      wrong.push(`"${entry.what.en}" of ${view.id} was recorded as told and reached nobody`);
    }
  }
  return wrong;
}
