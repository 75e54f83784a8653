import type { Plan } from '#core/config/plan.ts';
import type { PlannedOutage } from '#core/outage.ts';
import type { Text } from '#core/text.ts';
import { type Instant, instant } from '#core/time.ts';
import type { EventBody } from './events.ts';
import { TOLERANCE } from './planned.ts';
import type { IncidentState, PlannedWindow } from './state.ts';
import { bothTexts } from './texts.ts';

/** Which announced cut a plan prepares for, and what it is told of it. */

type PlannedEvent = Extract<EventBody, { type: 'planned' }>;

export interface NextPlanned {
  /** To open an incident for, where none is open; null: nothing is. */
  readonly outage: PlannedOutage | null;
  readonly event: PlannedEvent;
}

/** What the plan's open incident (or null) is to be told now; null: nothing new. */
export function nextForPlan(
  plan: Plan,
  outages: readonly PlannedOutage[],
  open: IncidentState | null,
  now: Instant,
): NextPlanned | null {
  const mine = outages.filter((outage) => concerns(plan, outage));
  const present = open?.planned ?? null;
  const calledOff = mine.find((outage) => outage.id === present?.id)?.cancelled ?? null;
  if (calledOff !== null) {
    return { outage: null, event: { type: 'planned', planned: null, by: calledOff.by, reason: calledOff.reason } };
  }
  // One at a time; while it stands down or ends, the next one waits a minute.
  if (open !== null && (open.phase === 'standing-down' || (present !== null && present.to > now))) return null;
  const outage = mine.find((one) => isNear(plan, one, now));
  if (outage === undefined || outage.id === present?.id) return null;
  return { outage, event: { type: 'planned', planned: windowOf(outage), by: outage.by, reason: outage.reason } };
}

/** The announced cut that an incident which opens now belongs to. */
export function plannedFor(plan: Plan, outages: readonly PlannedOutage[], now: Instant): PlannedWindow | null {
  const outage = outages.find((one) => concerns(plan, one) && isNear(plan, one, now));
  return outage === undefined ? null : windowOf(outage);
}

const concerns = (plan: Plan, { upses }: PlannedOutage): boolean =>
  plan.power !== undefined && (upses.length === 0 || plan.power.ups.some((id) => upses.includes(id)));

function isNear(plan: Plan, outage: PlannedOutage, now: Instant): boolean {
  const { from, to } = windowOf(outage);
  const ahead = Math.max(plan.power?.prepare_before ?? 0, TOLERANCE);
  return outage.cancelled === null && now >= from - ahead && now < to;
}

const windowOf = ({ id, from, to, reason, by }: PlannedOutage): PlannedWindow => ({
  id,
  from: instant(Date.parse(from)),
  to: instant(Date.parse(to)),
  reason,
  by,
});

export const causeOf = ({ reason }: PlannedOutage): Text =>
  bothTexts(`计划停电：${reason}`, `Planned outage: ${reason}`);
