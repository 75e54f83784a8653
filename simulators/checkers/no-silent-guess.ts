import type { IncidentView, TimelineEntry } from '#core/incident.ts';
import { clockTime, type Evidence, received, type Verdict, verdict } from './evidence.ts';

/**
 * I7: each automatic decision names its reason and the figures it used.
 *
 * The one invariant that is about the records: every decision of the product has a reason in both languages and figures, and
 * every shutdown that reached a device (by its own log) stands in an incident in which a decision came before it.
 */
export function checkNoSilentGuess(evidence: Evidence): Verdict {
  const wrong: string[] = [];
  let decisions = 0;
  for (const view of evidence.incidents) {
    for (const entry of view.timeline) {
      if (entry.kind !== 'decision' || entry.who !== 'zhishou') continue;
      decisions++;
      const what = `"${entry.what.en}" of ${view.id}`;
      if (entry.why === null || entry.why.en.trim() === '' || entry.why.zh.trim() === '')
        wrong.push(`${what} gives no reason`);
      if (!hasFigures(entry) && !view.timeline.some((other) => besides(entry, other)))
        wrong.push(`${what} names no figures`);
    }
  }
  wrong.push(...unexplained(evidence));
  return verdict('I7', wrong, `${decisions} decisions, each with its reason and figures`);
}

const hasFigures = (entry: TimelineEntry): boolean => Object.keys(entry.figures).length > 0;

/** A decision about one step is recorded together with the step's own entry, which carries the figures. */
const besides = (entry: TimelineEntry, other: TimelineEntry): boolean =>
  entry.step !== null && other.step === entry.step && other.at === entry.at && hasFigures(other);

/** Shut down, and no incident tells of a decision before it. Forged histories without steps are not asked. */
function unexplained({ incidents, truth }: Evidence): string[] {
  const shutdowns = received({ truth }).filter((one) => one.command === 'shutdown' && one.effect === 'accepted');
  const told = incidents.filter((view) => view.steps.some((step) => step.operation === 'shutdown'));
  if (told.length === 0 || truth.faults.some((one) => one.fault === 'clock')) return [];
  return shutdowns.flatMap((one) =>
    told.some((view) => decidedBefore(view, one.device, one.at))
      ? []
      : [`${one.device} was shut down at ${clockTime(one.at)} and no decision tells why`],
  );
}

const decidedBefore = (view: IncidentView, device: string, atMs: number): boolean =>
  view.steps.some((step) => step.device === device) &&
  view.timeline.some((entry) => entry.kind === 'decision' && Date.parse(entry.at) <= atMs);
