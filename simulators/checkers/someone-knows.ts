import type { IncidentView } from '#core/incident.ts';
import { LEVELS } from '#core/incident.ts';
import { type Evidence, type Verdict, verdict } from './evidence.ts';

/**
 * I5: each incident of level serious or above has been acknowledged by a person, or the escalation has reached the end of
 * its list and keeps ringing; no notification is lost.
 */
export function checkSomeoneKnows(evidence: Evidence): Verdict {
  const wrong: string[] = [];
  for (const view of evidence.incidents) {
    if (LEVELS.indexOf(view.level) < LEVELS.indexOf('serious')) continue;
    if (view.acknowledged !== null && view.acknowledged.by !== 'zhishou') continue;
    const missing = escalationMissing(evidence, view);
    if (missing !== null) wrong.push(`${view.id} is not acknowledged and ${missing}`);
  }
  wrong.push(...lostNotifications(evidence));
  return verdict('I5', wrong, 'every incident is acknowledged or still rings, and no message was lost');
}

/** What the escalation still owes by now; null when it is where it should be. */
function escalationMissing({ config, deliveries, truth }: Evidence, view: IncidentView): string | null {
  const { order, every } = config.rota.escalation;
  const rung = deliveries.filter((one) => one.incident === view.id);
  if (rung.length === 0) return 'nobody was told';
  const lastedMs = (view.closedAt === null ? truth.at : Date.parse(view.closedAt)) - Date.parse(view.openedAt);
  const rounds = new Set(rung.map((one) => one.key)).size;
  // One call at the beginning, one more for each interval, to the list's end and beyond it.
  const dueRounds = Math.min(order.length + 1, 1 + Math.floor(lastedMs / Math.max(1, every)));
  return rounds < dueRounds ? `was told ${rounds} times of ${dueRounds} due` : null;
}

/** A message still queued long after, or given up on every way to its person. */
function lostNotifications({ deliveries, truth }: Evidence): string[] {
  const wrong: string[] = [];
  const reached = new Set(deliveries.filter((one) => one.state === 'sent').map((one) => `${one.key}/${one.person}`));
  for (const one of deliveries) {
    if (one.state === 'sent' || reached.has(`${one.key}/${one.person}`)) continue;
    const ageMs = truth.at - Date.parse(one.queuedAt);
    if (one.state === 'dead') wrong.push(`${one.key} never reached ${one.person}: ${one.error ?? 'no reason'}`);
    else if (one.state === 'queued' && ageMs > 3_600_000) wrong.push(`${one.key} to ${one.person} was never tried`);
  }
  return wrong;
}
