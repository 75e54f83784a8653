import { startAsk } from './people-steps.ts';
import type { IncidentState } from './state.ts';
import { bothTexts, clockTime } from './texts.ts';
import type { Turn } from './turn.ts';

/**
 * What was said of the return of mains ends when its time has passed and mains is still away: then nothing is known again and
 * people are asked again.
 */
export function expireOutlook(turn: Turn): boolean {
  const { state } = turn;
  if (state.power?.mains !== 'lost' || (state.phase !== 'responding' && state.phase !== 'holding')) return false;
  if (!hasExpired(state)) return false;
  const time = clockTime(state, state.outlook.until);
  turn.record('decision', bothTexts('恢复时间重新询问', 'The outlook is asked anew'), {
    why: bothTexts(`预计 ${time.zh} 恢复，仍未恢复`, `it was expected at ${time.en} and is still away`),
  });
  state.outlook = { kind: 'unknown', until: null, by: null, at: null };
  for (const step of state.definition.steps) {
    if (step.kind !== 'ask' || !step.ask.answers.some((answer) => answer.outlook !== undefined)) continue;
    const progress = turn.edit(step.id);
    if (progress.state !== 'done') continue;
    progress.answer = null;
    startAsk(turn, step);
  }
  return true;
}

function hasExpired({ outlook, now }: IncidentState): boolean {
  return outlook.kind === 'until' && outlook.until !== null && now >= outlook.until;
}
