import type { EscalationView } from '#core/alert.ts';
import type { FunctionName, Person } from '#core/config/people.ts';
import { type Ladder, ladderAt, laddersOf } from '#core/escalation.ts';
import type { Text } from '#core/text.ts';
import { type Instant, instant, milliseconds, toIso } from '#core/time.ts';
import { type IncidentDefinition, isGeneral } from './definition.ts';
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
  const ladder = ladderOf(state);
  goDown(state, ladder, turn.at);
  const last = ladder.steps[state.escalated];
  const gone = ladder.steps.slice(0, state.escalated + 1);
  const atEnd = state.escalated + 1 >= ladder.steps.length;
  const functions = [...new Set([...gone.flatMap(({ tell }) => tell), ...(atEnd ? AUDIENCE[state.level] : [])])];
  const people = [...new Set(gone.flatMap((step) => step.people))];
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
    undefined,
    [],
    people,
    last?.channels,
  );
  remindedOf(turn, open);
  if (!isGeneral(state.definition)) for (const name of functions) turn.rung.add(name);
  return true;
}

/**
 * One step further, and past every step that is due by now: after a time in which nobody could be told (the monitor was down)
 * there is one message to all who are due, not one a round.
 */
function goDown(state: IncidentState, ladder: Ladder, now: Instant): void {
  let base = rungFrom(state) ?? now;
  let passed = 0;
  for (;;) {
    const next = instant(base + intervalAfter(state, ladder, state.escalated + passed));
    if (next > now) break;
    base = next;
    passed += 1;
  }
  state.escalated += Math.max(1, passed);
  state.rungAt = base;
}

/** From the step that was told last; from the beginning before anybody was rung again. */
const rungFrom = ({ rungAt, ringsSince }: IncidentState): Instant | null => rungAt ?? ringsSince;

/** L26: a step with nobody in it has no time of its own. Who holds the other functions was looked at when the plan was compiled. */
function intervalAfter(state: IncidentState, { steps, repeatEvery }: Ladder, place: number): number {
  const step = steps[place];
  if (step === undefined) return Math.max(1000, repeatEvery);
  const empty = step.people.length === 0 && step.tell.every((name) => name === 'duty') && state.duty === null;
  return empty ? 0 : step.wait;
}

type Ladders = readonly [Ladder, ...Ladder[]];
const known = new WeakMap<IncidentDefinition['escalation'], Ladders>();

/** Of a journal of an earlier version: what its order and interval stand for. */
function laddersIn(escalation: IncidentDefinition['escalation']): Ladders {
  const before = known.get(escalation);
  if (before !== undefined) return before;
  const { order, everyMs, ladders = [] } = escalation;
  const [first = shortForm(order, everyMs), ...rest] = ladders;
  known.set(escalation, [first, ...rest]);
  return [first, ...rest];
}

function shortForm(order: readonly FunctionName[], everyMs: number): Ladder {
  const every = milliseconds(everyMs);
  const [high] = laddersOf({ order: [...order], every });
  return high ?? { severity: ['high'], when: 'always', steps: [], repeatEvery: every, atOnce: false };
}

/** By the working time and the clock of the room. */
function ladderOf(state: IncidentState): Ladder {
  const ladders = laddersIn(state.definition.escalation);
  if (ladders.length === 1) return ladders[0];
  const local = ladders.some(({ when }) => typeof when === 'object') ? minuteOf(state) : 0;
  return ladderAt(ladders, 'high', { working: state.working, minute: local }) ?? ladders[0];
}

function minuteOf({ now, offsetMs, definition }: IncidentState): number {
  const local = Temporal.Instant.fromEpochMilliseconds(Math.round(now + offsetMs)).toZonedDateTimeISO(
    definition.site.timeZone,
  );
  return local.hour * 60 + local.minute;
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
  const from = rungFrom(state);
  if (state.acknowledged !== null || state.phase === 'closed' || state.ringsSince === null || from === null)
    return null;
  const ladder = ladderOf(state);
  const [each, pace] = isGeneral(state.definition) ? [EACH_ROUND, EVERY_SECOND] : [ladder.steps.length, EVERY_THIRD];
  let due: number = from;
  for (let i = 0; i < (state.escalated < each ? 1 : pace); i++)
    due += intervalAfter(state, ladder, state.escalated + i);
  return instant(due);
}

/** What people see of it; undefined when nobody is rung. */
export function escalationView(
  state: IncidentState,
  personFor: (name: FunctionName) => Person | null,
): EscalationView | undefined {
  const due = escalationDue(state);
  if (due === null) return undefined;
  const { steps } = ladderOf(state);
  const namesOf = (some: Ladder['steps']): Text[] => {
    const holders = some.flatMap(({ tell }) => tell.flatMap((name) => personFor(name)?.name ?? []));
    const named = some.flatMap(({ people }) => people.flatMap((id) => state.definition.names?.[id] ?? []));
    return [...new Map([...holders, ...named].map((name) => [name.zh, name])).values()];
  };
  const next = steps[state.escalated + 1];
  return {
    told: namesOf(steps.slice(0, state.escalated + 1)),
    next: namesOf(next === undefined ? steps : [next]),
    at: toIso(instant(due + state.offsetMs)),
  };
}
