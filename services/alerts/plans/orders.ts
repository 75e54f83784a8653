import type { ErrorCode } from '#core/errors.ts';
import { overLimit } from './clocks.ts';
import { atLeastLevel } from './conditions.ts';
import { isGeneral } from './definition.ts';
import type { EventBody, IncidentEvent } from './events.ts';
import { dangerOver, openSteps } from './general.ts';
import { handOver } from './hand-over.ts';
import { raiseLevel } from './levels.ts';
import { acknowledge, endByPerson } from './people-steps.ts';
import { closeIncident, concludeReturn } from './phases.ts';
import { startSequence, triggerOf } from './sequence.ts';
import { ENDED, type IncidentState } from './state.ts';
import { bothTexts } from './texts.ts';
import { isThreatened } from './threat.ts';
import { definitionOf, type Turn } from './turn.ts';

/** People's orders: which are possible now, and what they do. Checked before they are recorded. */

export interface Refusal {
  readonly code: ErrorCode;
  readonly detail: string;
}

const refuse = (code: ErrorCode, detail: string): Refusal => ({ code, detail });

/** Null: it may be done. */
export function refusalOf(state: IncidentState, order: EventBody): Refusal | null {
  if (state.phase === 'closed') return refuse('CONFLICT', 'the incident is closed');
  switch (order.type) {
    case 'answer':
      return refuseAnswer(state, order);
    case 'task-done':
      return refuseDone(state, order.step);
    case 'waive':
      return refuseWaive(state, order.step);
    case 'start-sequence':
      return refuseStart(state);
    case 'stand-down':
      return refuseStandDown(state);
    case 'close':
      return refuseClose(state);
    case 'hand-over':
      return state.lead?.byHand === true && state.lead.person.id === order.to.id
        ? refuse('CONFLICT', `${order.to.id} leads it already`)
        : null;
    case 'raise-level':
      return atLeastLevel(state.level, order.level)
        ? refuse('CONFLICT', `the level is ${state.level} already; it never sinks`)
        : null;
    default:
      return null;
  }
}

function refuseAnswer(state: IncidentState, order: Extract<EventBody, { type: 'answer' }>): Refusal | null {
  const step = definitionOf(state, order.step);
  if (step === undefined) return refuse('NOT_FOUND', `no step "${order.step}"`);
  if (step.kind !== 'ask') return refuse('CONFLICT', `"${order.step}" is not a question`);
  const option = step.ask.answers.find((answer) => answer.id === order.answer);
  if (option === undefined) return refuse('BAD_REQUEST', `"${order.answer}" is not one of its answers`);
  if (option.takes === 'duration' && order.minutes === null) return refuse('BAD_REQUEST', 'this answer takes minutes');
  if (option.takes === 'time' && order.until === null) return refuse('BAD_REQUEST', 'this answer takes a time');
  if (order.until !== null && order.until < state.now - 60_000) return refuse('BAD_REQUEST', 'that time has passed');
  const progress = state.steps[step.id];
  const asked = progress?.state === 'waiting' || progress?.answer != null;
  return asked ? null : refuse('CONFLICT', 'it has not been asked, or is no longer needed');
}

function refuseDone(state: IncidentState, id: string): Refusal | null {
  const step = definitionOf(state, id);
  if (step === undefined) return refuse('NOT_FOUND', `no step "${id}"`);
  const now = state.steps[id]?.state;
  const open = now === 'waiting' || now === 'advised' || now === 'failed';
  if (step.kind !== 'task' && step.kind !== 'act' && step.kind !== 'wait')
    return refuse('CONFLICT', `"${id}" is not a task`);
  return open ? null : refuse('CONFLICT', `"${id}" is ${now ?? 'unknown'}, not waiting for a person`);
}

function refuseWaive(state: IncidentState, id: string): Refusal | null {
  if (definitionOf(state, id) === undefined) return refuse('NOT_FOUND', `no step "${id}"`);
  const now = state.steps[id]?.state;
  if (now === 'failed' || (now !== undefined && !ENDED.has(now))) return null;
  return refuse('CONFLICT', `"${id}" has ended (${now ?? 'unknown'})`);
}

function refuseStart(state: IncidentState): Refusal | null {
  if (isGeneral(state.definition) && !state.definition.steps.some((step) => step.stage === 'protect'))
    return refuse('CONFLICT', 'this plan has no shutdown');
  if (state.phase === 'preparing' || state.phase === 'responding' || state.phase === 'holding') return null;
  return refuse(
    'CONFLICT',
    state.sequence === null ? `not in phase ${state.phase}` : 'the sequence has started already',
  );
}

const STANDS_DOWN_FROM: ReadonlySet<IncidentState['phase']> = new Set<IncidentState['phase']>([
  'preparing',
  'responding',
  'holding',
  'protecting',
  'settling',
]);

function refuseStandDown(state: IncidentState): Refusal | null {
  if (!STANDS_DOWN_FROM.has(state.phase)) return refuse('CONFLICT', `not in phase ${state.phase}`);
  if (!isThreatened(state)) return null;
  if (state.pointOfNoReturn !== null)
    return refuse('CONFLICT', 'equipment is being shut down: past the point of no return');
  if (state.sequence === null) {
    const still = state.heat === null ? 'mains is still away' : 'the room is not cool yet';
    return refuse('CONFLICT', `${still}: nothing to stand down from`);
  }
  // What people said is theirs to take back; what the battery says is not (O-PWR-7).
  const byTime = triggerOf({ ...state, outlook: { kind: 'unknown', until: null, by: null, at: null } });
  return byTime === null ? null : refuse('CONFLICT', `the time that is left does not allow waiting (${byTime})`);
}

function refuseClose(state: IncidentState): Refusal | null {
  const { power } = state;
  if (power !== null && power.outageSince !== null && (power.mains === 'lost' || state.phase === 'settling')) {
    return refuse('CONFLICT', 'the outage is not over');
  }
  const open = openSteps(state);
  if (open.length === 0) return null;
  const names = open
    .map((step) => step.id)
    .slice(0, 5)
    .join(', ');
  const first = isGeneral(state.definition) && state.phase !== 'recovering' && state.phase !== 'standing-down';
  const hint = first ? 'say first that the danger is over (stand down); ' : '';
  return refuse('CONFLICT', `${hint}open steps: ${names}; do them or waive them with a reason`);
}

export function applyOrder(turn: Turn, event: IncidentEvent): void {
  const { state } = turn;
  switch (event.type) {
    case 'acknowledge':
      acknowledge(turn, event.by);
      return;
    case 'task-done':
    case 'waive': {
      const step = definitionOf(state, event.step);
      if (step === undefined) return;
      if (event.type === 'waive') endByPerson(turn, step, 'waived', event.by, event.reason);
      else endByPerson(turn, step, 'done', event.by, event.note);
      turn.forget('waits-for-people');
      return;
    }
    case 'start-sequence':
      turn.record('order', bothTexts('下令开始关机流程', 'Ordered: start the sequence'), {
        who: event.by,
        why: bothTexts(event.reason, event.reason),
      });
      acknowledge(turn, event.by);
      startSequence(turn, { at: turn.at, reason: 'ordered', by: event.by });
      return;
    case 'stand-down':
      standDown(turn, event.by, event.reason);
      return;
    case 'hand-over':
      handOver(turn, event.to, event.by, event.note);
      acknowledge(turn, event.by);
      return;
    case 'raise-level':
      raiseLevel(turn, event.level, event.by, bothTexts(event.reason, event.reason));
      acknowledge(turn, event.by);
      return;
    case 'note':
      turn.record('order', bothTexts(`记录：${event.text}`, `Note: ${event.text}`), { who: event.by });
      return;
    case 'close':
      closeIncident(turn, event.by, event.reason);
      return;
    default:
      return;
  }
}

function standDown(turn: Turn, by: string, reason: string): void {
  const { state } = turn;
  const why = bothTexts(reason, reason);
  if (isGeneral(state.definition)) {
    dangerOver(turn, by, reason);
    return;
  }
  turn.record('order', bothTexts('下令解除', 'Ordered: stand down'), { who: by, why });
  acknowledge(turn, by);
  if (isThreatened(state)) {
    // Before the point of no return the sequence is taken back; the battery's own deadline stays.
    if (overLimit(state) !== false || state.outlook.kind === 'until')
      state.outlook = { kind: 'unknown', until: null, by, at: turn.at };
    state.sequence = null;
    state.phase = 'responding';
    return;
  }
  concludeReturn(turn, why, by);
}
