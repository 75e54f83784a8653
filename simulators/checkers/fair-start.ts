import type { Evidence } from './evidence.ts';
import { allowedMarginS } from './no-needless-shutdown.ts';
import { peopleWantedIt } from './people-said.ts';
import { shutdownNeedS } from './shutdown-need.ts';
import { type Outage, outagesOf, siteRemainingS, within } from './supply.ts';

/**
 * The first moment at which I3 let the sequence begin: the truth's latest safe start less the declared margin, or what people
 * said or ordered. I1 counts the monitor's usable time from there when it was cut off later: before it, it may not shut down.
 * Null: I3 never let it.
 */
export function fairStart(evidence: Evidence, atMs: number): number | null {
  const outage = outagesOf(evidence).findLast((one) => within(one, atMs));
  if (outage === undefined) return null;
  for (let at = outage.lostAt; at <= atMs; at += STEP_MS) if (mayBegin(evidence, outage, at)) return at;
  return null;
}

const STEP_MS = 5000;

function mayBegin(evidence: Evidence, outage: Outage, atMs: number): boolean {
  if (peopleWantedIt(evidence, outage, atMs, (at) => siteRemainingS(evidence, at)) !== null) return true;
  const left = siteRemainingS(evidence, atMs);
  if (left === null) return false;
  return left <= shutdownNeedS(evidence, { backups: true, troubledAt: atMs }) + allowedMarginS(left);
}
