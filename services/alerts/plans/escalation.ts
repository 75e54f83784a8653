import { type Instant, instant } from '#core/time.ts';
import { AUDIENCE } from './levels.ts';
import type { IncidentState } from './state.ts';
import { bothTexts, fillPlanText } from './texts.ts';
import type { Turn } from './turn.ts';

/** After so many rounds every second one is rung: an alarm that never pauses is not heard any more, one that ends is I5 broken. */
const EACH_ROUND = 12;

/** L27, I5: until somebody acknowledges, the list is gone down, and its end keeps ringing. */
export function escalate(turn: Turn): boolean {
  const { state } = turn;
  const due = escalationDue(state);
  if (due === null || turn.at < due) return false;
  const { order, everyMs } = state.definition.escalation;
  // After a time in which nobody could be told (the monitor was down) one message to all who are due, not one a round.
  const passed = Math.floor((turn.at - (state.ringsSince ?? turn.at)) / everyMs);
  state.escalated = Math.max(state.escalated + 1, passed);
  const gone = order.slice(0, state.escalated + 1);
  const functions = state.escalated + 1 < order.length ? gone : [...new Set([...gone, ...AUDIENCE[state.level]])];
  const title = state.definition.plan.title;
  turn.notify(
    `escalation/${state.escalated}`,
    functions,
    'high',
    bothTexts(`无人确认：${title.zh}`, `Nobody has acknowledged: ${title.en}`),
    fillPlanText(
      state,
      null,
      state.power === null
        ? bothTexts(
            `${state.cause.zh}。已 {elapsed}，尚无人确认。请在页面上确认。`,
            `${state.cause.en}. For {elapsed} nobody has acknowledged it. Please do so on the page.`,
          )
        : bothTexts(
            `${state.cause.zh}。已 {elapsed}，电量 {charge}，预计 {exhaustion} 耗尽，最迟 {latest_start} 开始关机。请在页面上确认。`,
            `${state.cause.en}. For {elapsed}; charge {charge}, empty at {exhaustion}, latest safe start {latest_start}. Please acknowledge on the page.`,
          ),
    ),
  );
  return true;
}

/** When the next round is due; null when nobody need be rung. From serious on, also when the level rose later. */
export function escalationDue(state: IncidentState): Instant | null {
  if (state.acknowledged !== null || state.phase === 'closed' || state.ringsSince === null) return null;
  const next = state.escalated + (state.escalated < EACH_ROUND ? 1 : 2);
  return instant(state.ringsSince + next * state.definition.escalation.everyMs);
}
