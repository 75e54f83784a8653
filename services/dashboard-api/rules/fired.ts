import type { AlertView } from '#core/alert.ts';
import type { RulesResponse } from '#core/rules-view.ts';
import { hours, type Instant, minus, toIso } from '#core/time.ts';

/** How often each rule fired lately, by what this service has kept of alerts. Pure. */

export const FIRED_WITHIN = hours(30 * 24);

export function countFired(alerts: readonly AlertView[], now: Instant): Pick<RulesResponse, 'fired' | 'firedSince'> {
  const since = toIso(minus(now, FIRED_WITHIN));
  const counts = new Map<string, RulesResponse['fired'][number]>();
  for (const { rule, device, firedAt, state } of alerts) {
    const firing = state === 'firing' || state === 'acknowledged';
    if (firedAt === null || (firedAt < since && !firing)) continue;
    const key = `${rule} ${device}`;
    const before = counts.get(key);
    counts.set(key, {
      ...{ rule, device },
      times: (before?.times ?? 0) + (firedAt < since ? 0 : 1),
      lastAt: before === undefined || before.lastAt < firedAt ? firedAt : before.lastAt,
      firing: firing || before?.firing === true,
    });
  }
  return { fired: [...counts.values()], firedSince: since };
}
