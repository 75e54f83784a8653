import type { Escalation } from '#core/config/escalation.ts';
import type { Rule } from '#core/config/rule.ts';
import { type Duration, fromIso, type Instant, instant, milliseconds, minutes, plus } from '#core/time.ts';
import type { AlertRecord } from './alert-record.ts';

/**
 * An acknowledgement is a promise to look after it. When within the time to respond the alert has neither cleared nor anybody
 * done anything about it, and no step of its incident ended, it was forgotten: it fires again.
 */
export const LEAST_RESPOND_WITHIN: Duration = minutes(5);

export const mayReopen = ({ reopen }: Escalation, { severity }: Pick<Rule, 'severity'>): boolean =>
  (reopen?.severity ?? ['high']).includes(severity);

const respondWithin = ({ reopen }: Escalation, rule: Pick<Rule, 'respond_within'>): Duration =>
  milliseconds(Math.max(LEAST_RESPOND_WITHIN, reopen?.after ?? rule.respond_within));

/** When it fires again if nothing is done until then. The record is given back with what was found to go on. */
export function reopenAt(
  record: AlertRecord,
  plan: Escalation,
  rule: Pick<Rule, 'id' | 'respond_within'>,
  now: { readonly steady: Instant; readonly wall: Instant },
  progressedSince: (rule: string, since: Instant) => boolean = () => false,
): { readonly at: Instant; readonly record: AlertRecord } {
  const within = respondWithin(plan, rule);
  const from = caredAt(record, now);
  const at = plus(from, within);
  if (now.steady < at) return { at, record: withCare(record, from) };
  // What happens in its incident bears wall time.
  const since = instant(now.wall - (now.steady - from));
  if (!progressedSince(rule.id, since)) return { at, record };
  return { at: plus(now.steady, within), record: withCare(record, now.steady) };
}

/** A stored instant ahead of now: the clock was set back between two runs; it counts from now then. */
function caredAt({ caredAt, view }: AlertRecord, now: { readonly steady: Instant; readonly wall: Instant }): Instant {
  const wall = fromIso(view.acknowledged?.at ?? '');
  const from = caredAt ?? (wall === null ? now.steady : instant(now.steady - Math.max(0, now.wall - wall)));
  return from > now.steady ? now.steady : from;
}

const withCare = (record: AlertRecord, caredAt: Instant): AlertRecord =>
  record.caredAt === caredAt ? record : { ...record, caredAt };
