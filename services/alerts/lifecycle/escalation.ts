import type { FunctionName } from '#core/config/people.ts';
import type { Rule } from '#core/config/rule.ts';
import { type Duration, type Instant, plus } from '#core/time.ts';
import type { AlertRecord } from './alert-record.ts';

/**
 * Who is rung next while nobody acknowledges an alert of high severity, as a pure function of the record.
 *
 * Each ring goes one step down the list, without empty steps (L26); at its end everyone on it is rung again and again:
 * a list that is used up is not an acknowledgement (L27).
 */
export interface RingPlan {
  readonly order: readonly FunctionName[];
  readonly every: Duration;
}

export function nextRing(
  record: AlertRecord,
  rule: Pick<Rule, 'severity' | 'notify'>,
  plan: RingPlan,
  now: Instant,
): { at: Instant; functions: readonly FunctionName[] } | null {
  if (record.view.state !== 'firing' || record.told === null || rule.severity !== 'high') return null;
  const toldAt = record.toldAt ?? now;
  // Functions that the first message went to already are not steps of their own.
  const left = plan.order.filter((name) => !rule.notify.includes(name));
  const next = left[record.rung];
  // A stored instant ahead of now: the clock was set back between two runs, so ring now rather than late.
  const at = toldAt > now ? now : plus(toldAt, plan.every);
  return { at, functions: next === undefined ? plan.order : [next] };
}
