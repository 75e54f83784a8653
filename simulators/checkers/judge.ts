import { checkBackAgain } from './back-again.ts';
import { checkDataSafety } from './data-safety.ts';
import { checkDeterminism } from './determinism.ts';
import { checkDrillIsDrill } from './drill-is-drill.ts';
import type { Evidence, Verdict } from './evidence.ts';
import { checkNoNeedlessShutdown } from './no-needless-shutdown.ts';
import { checkNoSilentGuess } from './no-silent-guess.ts';
import { checkOnce } from './once.ts';
import { checkOrder } from './order.ts';
import { checkSomeoneKnows } from './someone-knows.ts';

/** Judges one run by the invariants of EMERGENCY.md. I8 needs a second run's journal beside the first. */
export function judge(evidence: Evidence): readonly Verdict[] {
  return [
    checkDataSafety(evidence),
    checkOrder(evidence),
    checkNoNeedlessShutdown(evidence),
    checkOnce(evidence),
    checkSomeoneKnows(evidence),
    checkBackAgain(evidence),
    checkNoSilentGuess(evidence),
    ...(evidence.journals === undefined ? [] : [checkDeterminism(evidence.journals)]),
    checkDrillIsDrill(evidence),
  ];
}
