import type { AlertView } from '#core/alert.ts';
import type { Severity } from '#core/config/rule.ts';

/** What is worst comes first, everywhere in the same order. Pure. */

const RANK: Readonly<Record<Severity, number>> = { high: 0, medium: 1, low: 2 };

/** People must know of it: fired, not over. Pending alerts have not fired; others are explained, shelved or out of service. */
export const isOpen = (alert: AlertView): boolean => alert.state === 'firing' || alert.state === 'acknowledged';
export type Place = 'firing' | 'acknowledged' | 'held' | 'shelved' | 'maintenance' | 'pending' | 'cleared';

/** Where an alert stands on the page (ISA-18.2): each in one place. Safety alerts are never set apart. */
export function placeOf(alert: AlertView): Place {
  if (!isOpen(alert)) return alert.state === 'pending' ? 'pending' : 'cleared';
  if ((alert.maintenance ?? null) !== null) return 'maintenance';
  if (alert.silenced !== null) return 'shelved';
  if (alert.inhibitedBy !== null) return 'held';
  return alert.state === 'acknowledged' ? 'acknowledged' : 'firing';
}

export const isTold = (alert: AlertView): boolean => ['firing', 'acknowledged'].includes(placeOf(alert));

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
