import type { Severity } from '#core/config/rule.ts';
import { type Duration, type Instant, minutes, plus } from '#core/time.ts';

/**
 * One conversation, not a hundred messages: which of the messages that are due go each by themselves now, and which wait a
 * little to go as one. A pure decision; what it keeps between two calls is the conversation's window.
 *
 * The first of anything goes at once. What follows it within a minute is gathered; when the minute is over it goes as one
 * message, and the next minute begins. Outside an incident the first five of a minute go each: from there on it is a storm.
 * Safety goes always, each, at once (L34); high severity too, unless the open incident says the same already.
 *
 * Example: forty servers become unreachable within ten seconds: five messages, and after a minute one more about 35.
 */
export interface Waiting {
  readonly id: string;
  readonly severity: Severity;
  readonly safety: boolean;
  /** An open incident is about just this, and has told people. */
  readonly said: boolean;
  /** It ends something: never urgent. */
  readonly recovery: boolean;
  /** It was put off before. */
  readonly putOff: boolean;
}

export interface Window {
  readonly since: Instant;
  /** How many more may go each by themselves until it is over. */
  readonly left: number;
}

export type Reason = 'safety' | 'high' | 'first' | 'gathered' | 'together';

export interface Telling {
  readonly each: readonly { readonly id: string; readonly reason: Reason }[];
  /** As one message, now. */
  readonly together: readonly string[];
  readonly later: readonly string[];
  /** When those that wait are due; null: none waits. */
  readonly due: Instant | null;
  /** Null: the next one is the first of its conversation again. */
  readonly window: Window | null;
}

export const GATHER_FOR: Duration = minutes(1);
/** In a conversation that an incident leads the incident speaks first. */
const BURST = { incident: 1, site: 5 } as const;

export function planTelling(
  kept: Window | null,
  waiting: readonly Waiting[],
  now: Instant,
  leads: 'incident' | 'site',
): Telling {
  const each: { id: string; reason: Reason }[] = [];
  const rest = waiting.filter((one) => {
    const reason = one.safety ? 'safety' : one.severity === 'high' && !one.said && !one.recovery ? 'high' : null;
    if (reason !== null) each.push({ id: one.id, reason });
    return reason === null;
  });
  // A stored instant ahead of now: the clock was set back between two runs; the window is over rather than endless.
  const over = kept === null || kept.since > now || now >= plus(kept.since, GATHER_FOR);
  if (over && rest.some(({ putOff }) => putOff)) {
    return { each, together: rest.map(({ id }) => id), later: [], due: null, window: { since: now, left: 0 } };
  }
  const window = over ? { since: now, left: BURST[leads] } : kept;
  // Before anything new, what waited already; of the new the gravest first.
  const alone = rest.slice(0, window.left);
  const later = rest.slice(window.left);
  each.push(...alone.map(({ id }) => ({ id, reason: 'first' as const })));
  return {
    each,
    together: [],
    later: later.map(({ id }) => id),
    due: later.length > 0 ? plus(window.since, GATHER_FOR) : null,
    window: over && alone.length === 0 ? null : { since: window.since, left: window.left - alone.length },
  };
}
