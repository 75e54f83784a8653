import type { Text } from '#core/text.ts';
import { figuresOf } from './figures.ts';
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
  askOutlookAnew(turn, bothTexts(`预计 ${time.zh} 恢复，仍未恢复`, `it was expected at ${time.en} and is still away`));
  return true;
}

/** Nothing is known any more: the questions that ask for it are asked again, also those that an announced cut had answered. */
export function askOutlookAnew(turn: Turn, why: Text): void {
  const { state } = turn;
  turn.record('decision', bothTexts('恢复时间重新询问', 'The outlook is asked anew'), {
    why,
    figures: figuresOf(state),
  });
  state.outlook = { kind: 'unknown', until: null, by: null, at: null };
  if (state.power?.mains !== 'lost') return;
  for (const step of state.definition.steps) {
    if (step.kind !== 'ask' || step.stage !== 'respond') continue;
    if (!step.ask.answers.some((answer) => answer.outlook !== undefined)) continue;
    const present = turn.step(step.id).state;
    if (present !== 'done' && !(present === 'skipped' && planSpared(state))) continue;
    turn.edit(step.id).answer = null;
    startAsk(turn, step);
  }
}

/** The question had not been asked because the cut was announced. */
const planSpared = (state: IncidentState): boolean =>
  Object.keys(state.told).some((key) => key.startsWith('planned-outlook/'));

function hasExpired({ outlook, now }: IncidentState): boolean {
  return outlook.kind === 'until' && outlook.until !== null && now >= outlook.until;
}
