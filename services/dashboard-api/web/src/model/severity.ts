import type { AlertView } from '#core/alert.ts';
import type { Severity } from '#core/config/rule.ts';

/** What is worst comes first, everywhere in the same order. Pure. */

const RANK: Readonly<Record<Severity, number>> = { high: 0, medium: 1, low: 2 };

/** People must know of it: fired, not over. Pending alerts have not fired; inhibited ones are explained by another. */
export const isOpen = (alert: AlertView): boolean => alert.state === 'firing' || alert.state === 'acknowledged';
export const isTold = (alert: AlertView): boolean => isOpen(alert) && alert.inhibitedBy === null;

/** Safety first, then unacknowledged, by severity, the newest first. */
export function byUrgency(a: AlertView, b: AlertView): number {
  return (
    Number(b.safety) - Number(a.safety) ||
    Number(a.state === 'acknowledged') - Number(b.state === 'acknowledged') ||
    RANK[a.severity] - RANK[b.severity] ||
    b.since.localeCompare(a.since)
  );
}

export function worstOf(alerts: readonly AlertView[]): Severity | null {
  let worst: Severity | null = null;
  for (const { severity } of alerts) {
    if (worst === null || RANK[severity] < RANK[worst]) worst = severity;
  }
  return worst;
}
