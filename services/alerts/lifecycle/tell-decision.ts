import type { Rule } from '#core/config/rule.ts';
import { type Duration, fromIso, type Instant, milliseconds, minutes, plus } from '#core/time.ts';
import type { AlertRecord } from './alert-record.ts';

/**
 * Whether an alert is told now, as a pure decision with its reason.
 *
 * A safety alert is told whatever else holds (L34). Others wait while a rule they depend on fires, and a little longer,
 * because what comes back after an outage needs time to come back; while a person has shelved them, and while their equipment
 * is out of service. What still fires when that ends is told (again).
 */
export type TellDecision =
  | { readonly tell: true; readonly reason: 'fires' | 'safety' }
  | {
      readonly tell: false;
      readonly reason:
        | 'not firing'
        | 'already told'
        | 'acknowledged'
        | 'maintenance'
        | 'inhibited'
        | 'grace'
        | 'silenced';
      /** Ask again then. */
      readonly again: Instant | null;
    };

/** Equipment that an outage took down gets so long to come back before its own alert is told: a compressor rests three minutes, a server boots for four. */
export const INHIBITION_GRACE: Duration = minutes(5);

export function decideTelling(
  record: AlertRecord,
  rule: Rule,
  held: string | null,
  now: { steady: Instant; wall: Instant },
): TellDecision {
  const no = (reason: (TellDecision & { tell: false })['reason'], again: Instant | null = null): TellDecision => ({
    tell: false,
    reason,
    again,
  });
  if (record.told !== null && record.owed !== true) return no('already told');
  if (record.view.state === 'acknowledged') return no('acknowledged');
  if (record.view.state !== 'firing') return no('not firing');
  if (rule.safety) return { tell: true, reason: 'safety' };
  if ((record.view.maintenance ?? null) !== null) return no('maintenance');
  if (held !== null) return no('inhibited');
  const silence = silenceLeft(record, now.wall);
  if (silence !== null) return no('silenced', plus(now.steady, silence));
  if (record.heldUntil !== null) {
    const graceEnds = plus(record.heldUntil, INHIBITION_GRACE);
    if (now.steady < graceEnds) return no('grace', graceEnds);
  }
  return { tell: true, reason: 'fires' };
}

/** How long the silence still lasts; null when there is none or it is over. */
export function silenceLeft(record: AlertRecord, wall: Instant): Duration | null {
  const until = record.view.silenced === null ? null : fromIso(record.view.silenced.until);
  return until === null || until <= wall ? null : milliseconds(until - wall);
}
