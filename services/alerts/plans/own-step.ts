import type { Text } from '#core/text.ts';
import { type Instant, instant, seconds } from '#core/time.ts';
import type { ActDefinition } from './definition.ts';
import { ENDED, type IncidentState } from './state.ts';
import { indexOf } from './step-index.ts';
import { bothTexts } from './texts.ts';
import { threatOf } from './threat.ts';
import type { Turn } from './turn.ts';

/**
 * The monitor's own shutdown (L17): last of all, and not while anybody may still need it. With everything closed in order it
 * goes; while something could not be proven off it stays to ring people and to see them mend it, until its own end is near.
 * Before it goes it leaves a note: in the journal for itself, and with people for the morning.
 */
const BEFORE_THE_END = seconds(60);

/** From when on it may go down although something is not closed; null: only once everything is. */
export function ownStepDue(state: IncidentState, step: ActDefinition): Instant | null {
  const end = threatOf(state)?.exhaustion.at ?? null;
  return end === null ? null : instant(end - step.expectedMs - BEFORE_THE_END);
}

export function monitorMayGo(state: IncidentState, step: ActDefinition): boolean {
  const open = indexOf(state.definition).sequence.some((other) => {
    const is = state.steps[other.id]?.state ?? 'pending';
    return is === 'failed' || (!ENDED.has(is) && is !== 'advised');
  });
  if (!open) return true;
  const due = ownStepDue(state, step);
  return due !== null && state.now >= due;
}

/** What was taken down by us and comes back by itself, in its order, and what needs a person. */
export function noteForRecovery(state: IncidentState): Text {
  const { acts } = indexOf(state.definition);
  const stopped = new Map(
    acts.flatMap((step) => {
      const takesAway = step.operation === 'shutdown' && !step.own && step.stage === 'protect';
      const progress = state.steps[step.id];
      const ours = progress !== undefined && (progress.ours || progress.state === 'rehearsed');
      return takesAway && ours ? [[step.device, step.deviceName] as const] : [];
    }),
  );
  const startable = acts.filter((step) => step.operation === 'start' && stopped.has(step.device));
  const byHand = [...stopped].filter(([device]) => !startable.some((step) => step.device === device));
  const failed = acts.filter((step) => step.stage === 'protect' && state.steps[step.id]?.state === 'failed');
  const parts = [
    part('来电后按顺序自动启动', 'once mains is stable these are started in order', startable.map(nameOf)),
    part(
      '须人工开机',
      'these must be switched on by hand',
      byHand.map(([, name]) => name),
    ),
    part('未证实关闭，请检查', 'these were not proven off: look at them', failed.map(nameOf)),
  ].flatMap((one) => one ?? []);
  return parts.length === 0
    ? bothTexts('没有由本系统关闭的设备', 'nothing was shut down by this system')
    : bothTexts(parts.map((one) => one.zh).join('；'), parts.map((one) => one.en).join('; '));
}

const nameOf = (step: ActDefinition): Text => step.deviceName;

function part(zh: string, en: string, names: readonly Text[]): Text | null {
  if (names.length === 0) return null;
  return bothTexts(
    `${zh}：${names.map((name) => name.zh).join('、')}`,
    `${en}: ${names.map((name) => name.en).join(', ')}`,
  );
}

/** Written before the command is given: after it nobody writes anything. */
export function leaveNote(turn: Turn, step: ActDefinition): void {
  if (!turn.once(`note/${step.id}`)) return;
  const note = noteForRecovery(turn.state);
  const subject = bothTexts('值守主机即将关机', 'The monitor is about to go down');
  turn.record('decision', subject, { step: step.id, why: note });
  turn.notify(
    `note/${step.id}`,
    ['duty', 'director', 'system-administrator'],
    'high',
    subject,
    bothTexts(
      `关机流程已完成，值守主机最后关机，此后不再有消息。来电后它会随主机启动并继续恢复。${note.zh}。`,
      `The sequence is done and the monitor goes down last; there will be no further messages. When its machine starts again it goes on with the recovery: ${note.en}.`,
    ),
    step.id,
  );
}

/** Back again: what it had left behind is what it goes on with. */
export function tellBack(turn: Turn, step: ActDefinition): void {
  const note = noteForRecovery(turn.state);
  const subject = bothTexts('值守主机已恢复运行', 'The monitor is back');
  turn.record('restart', subject, { step: step.id, why: note });
  turn.notify(`back/${step.id}/${turn.at}`, ['duty', 'system-administrator'], 'medium', subject, note, step.id);
}
