import { overLimit } from './clocks.ts';
import { isGeneral } from './definition.ts';
import type { IncidentEvent } from './events.ts';
import { dangerOver } from './general.ts';
import { handOver } from './hand-over.ts';
import { raiseLevel } from './levels.ts';
import { acknowledge, endByPerson } from './people-steps.ts';
import { closeIncident, concludeReturn, startRecovery } from './phases.ts';
import { startSequence } from './sequence.ts';
import { bothTexts } from './texts.ts';
import { isThreatened } from './threat.ts';
import { definitionOf, type Turn } from './turn.ts';

/** People's orders and what they do; whether they are possible now was looked at before they were recorded (refusals.ts). */

export function applyOrder(turn: Turn, event: IncidentEvent): void {
  const { state } = turn;
  switch (event.type) {
    case 'acknowledge':
      acknowledge(turn, event.by, event.via);
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
  if (state.phase === 'awaiting-recovery') {
    startRecovery(turn, by, reason);
    acknowledge(turn, by);
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
