import type { Action, Evidence } from '#core/config/device.ts';
import type { ActionContext, ActionOutcome } from '#core/ports.ts';
import { type Duration, milliseconds, seconds } from '#core/time.ts';
import type { ActionRunner, EvidenceItem } from '../seams.ts';

/**
 * Evidence that another controller or service gives: chassis power by IPMI or Redfish, a service by HTTP. The drivers' own
 * side-effect-free tests say what they saw (`on`, `off`, `up`, `down`); all else, an answer on its way between the two
 * included, is "cannot be told" and never a no.
 */
export type ControllerEvidence = Extract<Evidence, { ipmi: unknown } | { redfish: unknown } | { http: unknown }>;

/** A look is made again and again; one that hangs must not hold the others up for the whole of the action's time. */
const LOOK_LIMIT: Duration = seconds(30);

export async function checkByController(
  evidence: ControllerEvidence,
  runner: Pick<ActionRunner, 'test'>,
  context: ActionContext,
): Promise<EvidenceItem> {
  const kind = 'ipmi' in evidence ? 'ipmi' : 'redfish' in evidence ? 'redfish' : 'http';
  const limit = milliseconds(Math.min(context.limit, LOOK_LIMIT));
  const outcome = await runner.test(lookOf(evidence), { ...context, run: `${context.run}/verify`, limit });
  return { kind, holds: compare(outcome, evidence.is), detail: outcome.detail };
}

/** The action whose test looks at what the evidence names; it is never run. Readiness makes the same look each day. */
export function lookOf(evidence: ControllerEvidence): Action {
  if ('ipmi' in evidence) return { ipmi: { ...evidence.ipmi, power: 'off' } };
  if ('redfish' in evidence) return { redfish: { ...evidence.redfish, reset: 'ForceOff' } };
  return { http: { ...evidence.http, method: 'GET', test: { url: evidence.http.url } } };
}

const OPPOSITES: Readonly<Record<ControllerEvidence['is'], string>> = { on: 'off', off: 'on', up: 'down', down: 'up' };

function compare({ output }: ActionOutcome, is: ControllerEvidence['is']): boolean | null {
  if (output === is) return true;
  // As with a bare port, silence counts as down; it does not prove that a service which should be up is not.
  if (output === 'silent') return is === 'down' ? true : null;
  return output === OPPOSITES[is] ? false : null;
}
