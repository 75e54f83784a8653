import { limitAt } from './clocks.ts';
import { startAsk } from './people-steps.ts';
import { figuresOf } from './sequence.ts';
import type { IncidentState } from './state.ts';
import { bothTexts, clockLength, clockTime } from './texts.ts';
import type { Turn } from './turn.ts';

/**
 * What was said of the return of mains ends when its time has passed and mains is still away: then nothing is known again and
 * people are asked again. When the limit itself passes they are asked as well, whatever was known: the rule's hour and a half
 * is over (O-PWR-4). The product itself goes on by the battery: the passing of time alone shuts nothing down (I3).
 */
export function expireOutlook(turn: Turn): boolean {
  const { state } = turn;
  if (state.power?.mains !== 'lost' || (state.phase !== 'responding' && state.phase !== 'holding')) return false;
  const limit = limitAt(state);
  const limitPassed = limit !== null && turn.at >= limit && turn.once('limit-passed');
  if (!hasExpired(state) && !limitPassed) return false;
  const length = clockLength(state.definition.power?.limit ?? 0);
  const time = clockTime(state, state.outlook.until);
  const why = limitPassed
    ? bothTexts(`停电已满 ${length.zh}，仍未恢复`, `${length.en} have passed and mains is still away`)
    : bothTexts(`预计 ${time.zh} 恢复，仍未恢复`, `it was expected at ${time.en} and is still away`);
  turn.record('decision', bothTexts('恢复时间重新询问', 'The outlook is asked anew'), {
    why,
    figures: figuresOf(state),
  });
  if (hasExpired(state)) state.outlook = { kind: 'unknown', until: null, by: null, at: null };
  for (const step of state.definition.steps) {
    if (step.kind !== 'ask' || !step.ask.answers.some((answer) => answer.outlook !== undefined)) continue;
    const progress = turn.edit(step.id);
    if (progress.state !== 'done') continue;
    progress.answer = null;
    startAsk(turn, step);
  }
  return true;
}

function hasExpired(state: IncidentState): boolean {
  const { outlook, now } = state;
  const limit = limitAt(state);
  if (outlook.kind === 'within') return limit !== null && now >= limit;
  return outlook.kind === 'until' && outlook.until !== null && now >= outlook.until;
}
