import type { MessagePhase } from '#core/notification.ts';
import type { IncidentState } from './state.ts';
import { indexOf } from './step-index.ts';

/**
 * Where in the incident a message stands: what begins it or begins it again is raised, what rings on is a reminder, what its
 * stand-down tells is the end. All else is information: a lamp stays as it is.
 */
export function messagePhase(state: IncidentState, key: string, step: string | undefined): MessagePhase {
  if (/^(relapse|again)\//.test(key)) return 'raised';
  if (key.startsWith('escalation/') || /\/(remind|overdue)/.test(key)) return 'reminder';
  const definition = step === undefined ? undefined : indexOf(state.definition).byId.get(step);
  if (definition?.kind !== 'tell') return 'information';
  if (definition.stage === 'stand-down') return 'recovered';
  return definition.after.length === 0 && (definition.stage === 'prepare' || definition.stage === 'respond')
    ? 'raised'
    : 'information';
}
