import type { Text } from '#core/text.ts';
import { type Instant, instant } from '#core/time.ts';
import { isGeneral } from './definition.ts';
import { openRequests } from './late.ts';
import { AUDIENCE } from './levels.ts';
import { askedText } from './people-steps.ts';
import { listOf, remindedOf } from './reminders.ts';
import type { IncidentState } from './state.ts';
import { bothTexts, fillPlanText } from './texts.ts';
import type { Turn } from './turn.ts';

/** After so many rounds every second one is rung: an alarm that never pauses is not heard any more, one that ends is I5 broken. */
const EACH_ROUND = 12;
const EVERY_SECOND = 2;
/** Where a clock runs and the product acts by itself, every third one is enough once the list's end was rung (L34: danger to people is not paced). */
const EVERY_THIRD = 3;

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
  // One message with everything that is open for them: what is reminded of here is not reminded of beside it.
  const open = openRequests(turn, functions);
  const [first] = open;
  const parts = [
    fillPlanText(state, null, nobodyHas(state)),
    ...(open.length > 1 ? [listOf(turn, open)] : []),
    ...(first === undefined ? [] : [askedText(state, first)]),
  ];
  turn.notify(
    `escalation/${state.escalated}`,
    functions,
    'high',
    bothTexts(`无人确认：${title.zh}`, `Nobody has acknowledged: ${title.en}`),
    bothTexts(parts.map((part) => part.zh).join('\n'), parts.map((part) => part.en).join('\n')),
  );
  remindedOf(turn, open);
  if (!isGeneral(state.definition)) for (const name of functions) turn.rung.add(name);
  return true;
}

const nobodyHas = (state: IncidentState): Text =>
  state.power === null
    ? bothTexts(
        `${state.cause.zh}。已 {elapsed}，尚无人确认。请在页面上确认。`,
        `${state.cause.en}. For {elapsed} nobody has acknowledged it. Please do so on the page.`,
      )
    : bothTexts(
        `${state.cause.zh}。已 {elapsed}，电量 {charge}，预计 {exhaustion} 耗尽，最迟 {latest_start} 开始关机。请在页面上确认。`,
        `${state.cause.en}. For {elapsed}; charge {charge}, empty at {exhaustion}, latest safe start {latest_start}. Please acknowledge on the page.`,
      );

/** When the next round is due; null when nobody need be rung. From serious on, also when the level rose later. */
export function escalationDue(state: IncidentState): Instant | null {
  if (state.acknowledged !== null || state.phase === 'closed' || state.ringsSince === null) return null;
  const { order, everyMs } = state.definition.escalation;
  const [each, pace] = isGeneral(state.definition) ? [EACH_ROUND, EVERY_SECOND] : [order.length, EVERY_THIRD];
  const next = state.escalated + (state.escalated < each ? 1 : pace);
  return instant(state.ringsSince + next * everyMs);
}
