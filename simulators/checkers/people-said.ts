import { planSteps } from '#core/config/plan.ts';
import type { IncidentView } from '#core/incident.ts';
import type { Evidence, SentOrder } from './evidence.ts';
import type { Outage } from './supply.ts';

/**
 * Why a shutdown was right whatever the battery held, by what people said and ordered before it: judged by what they really
 * sent where that is known, else by what the incident recorded of them.
 */
export function peopleWantedIt(
  evidence: Evidence,
  outage: Outage,
  byMs: number,
  remainingS: RemainingAt,
): string | null {
  const limitS = limitOf(evidence);
  if ((byMs - outage.firstLostAt) / 1000 >= limitS) return 'mains was away for longer than the limit';
  if (evidence.orders === undefined) return saidInRecords(evidence, outage, byMs, limitS, remainingS);
  for (const order of evidence.orders) {
    if (order.at > byMs) break;
    const reason = wanted(evidence, order, outage, limitS, remainingS);
    if (reason !== null) return reason;
  }
  return null;
}

/** The true remaining seconds at a moment; null: nothing threatened. */
export type RemainingAt = (atMs: number) => number | null;

const limitOf = ({ config, incidents }: Evidence): number => {
  const plan = config.plans.find((one) => one.power !== undefined);
  return plan?.power !== undefined
    ? plan.power.limit / 1000
    : (incidents.find((view) => view.clocks?.limitS != null)?.clocks?.limitS ?? Number.POSITIVE_INFINITY);
};

function wanted(
  evidence: Evidence,
  { at, by, body }: SentOrder,
  outage: Outage,
  limitS: number,
  remainingS: RemainingAt,
): string | null {
  if (body.kind === 'outage.plan') {
    const lastsS = (Date.parse(body.to) - outage.firstLostAt) / 1000;
    return tooLong(lastsS, limitS, remainingS(Math.max(at, outage.lostAt + 60_000)))
      ? `${by} had announced an outage of ${Math.round(lastsS)} s`
      : null;
  }
  if (at < outage.firstLostAt) return null;
  if (body.kind === 'incident.start-sequence') return `ordered by ${by}`;
  if (body.kind !== 'incident.answer') return null;
  const meaning = meaningOf(evidence, body.incident, body.step, body.answer);
  if (meaning === 'over') return `${by} answered that mains stays away too long`;
  if (meaning !== 'given') return null;
  const fromNowS = body.minutes !== undefined ? body.minutes * 60 : (Date.parse(body.until ?? '') - at) / 1000;
  const lastsS = fromNowS + (at - outage.firstLostAt) / 1000;
  return tooLong(lastsS, limitS, left(remainingS(at), at, outage))
    ? `${by} answered that mains is back after ${Math.round(lastsS)} s`
    : null;
}

/** Seconds from the outage's beginning to the battery's end. */
const left = (remaining: number | null, at: number, outage: Outage): number | null =>
  remaining === null ? null : remaining + (at - outage.firstLostAt) / 1000;

/** Beyond the limit, or beyond a battery of which a fifth, or three minutes, may be estimated away. */
const tooLong = (lastsS: number, limitS: number, batteryS: number | null): boolean =>
  lastsS > limitS - 1 || (batteryS !== null && lastsS > batteryS - Math.max(180, batteryS * 0.2));

function meaningOf(
  { config, incidents }: Evidence,
  incident: string,
  step: string,
  answer: string,
): string | undefined {
  const view = incidents.find((one) => one.id === incident);
  const plan = config.plans.find((one) => one.id === view?.plan.id);
  const asked = plan === undefined ? undefined : planSteps(plan).find((one) => one.id === step);
  if (asked === undefined || !('ask' in asked)) return undefined;
  return asked.ask.answers.find((one) => one.id === answer)?.outlook;
}

/** Drills and forged histories: who is recorded beside a decision or an order gave it. */
function saidInRecords(
  evidence: Evidence,
  outage: Outage,
  byMs: number,
  limitS: number,
  remainingS: RemainingAt,
): string | null {
  for (const view of evidence.incidents) {
    const opened = Date.parse(view.openedAt);
    if (opened < outage.firstLostAt - 60_000 || opened > byMs) continue;
    for (const entry of view.timeline) {
      const at = Date.parse(entry.at);
      if (at > byMs || entry.who === 'zhishou') continue;
      if (entry.kind === 'order' || entry.kind === 'decision') return `ordered by ${entry.who}`;
      if (entry.kind !== 'answer') continue;
      if (recordedTooLong(evidence, view, entry, limitS, remainingS(at)))
        return `${entry.who} answered that mains stays away too long`;
    }
  }
  return null;
}

function recordedTooLong(
  evidence: Evidence,
  view: IncidentView,
  entry: IncidentView['timeline'][number],
  limitS: number,
  remainingS: number | null,
): boolean {
  const { answer, untilInS, minutes } = entry.figures;
  if (meaningOf(evidence, view.id, entry.step ?? '', String(answer)) === 'over') return true;
  const given = typeof untilInS === 'number' ? untilInS : typeof minutes === 'number' ? minutes * 60 : null;
  return given !== null && (given > limitS || given > (remainingS ?? Number.POSITIVE_INFINITY));
}
