import type { ActDefinition } from './definition.ts';
import { indexOf } from './step-index.ts';
import { bothTexts } from './texts.ts';
import type { Turn } from './turn.ts';

/**
 * Start-up goes along the arrows: what needs something that did not come up stays off (a server without its array does harm),
 * and people are told by name what stays off and for what it waits (I6). Once they mend that and say so, it is started.
 */
export function judgeHeldStarts(turn: Turn): boolean {
  const { state } = turn;
  if (state.phase !== 'recovering') return false;
  const byHand = [tellByHand(turn), tellFoundOff(turn)].includes(true);
  const starts = indexOf(state.definition).acts.filter(
    (step) => step.operation === 'start' && step.stage === 'recover',
  );
  const stuck = new Set(starts.flatMap((step) => (turn.step(step.id).state === 'failed' ? [step.id] : [])));
  if (stuck.size === 0) return byHand;
  const failed = starts.filter((step) => stuck.has(step.id));
  const held = waitingBehind(turn, starts, stuck).filter((step) => turn.once(`holding/${step.id}`));
  if (held.length === 0) return byHand;
  tell(turn, held, failed);
  return true;
}

/** Everything that waits for one of these, directly or through others. */
function waitingBehind(turn: Turn, starts: readonly ActDefinition[], stuck: ReadonlySet<string>): ActDefinition[] {
  const found = new Set(stuck);
  const held: ActDefinition[] = [];
  for (let grew = true; grew; ) {
    grew = false;
    for (const step of starts) {
      if (found.has(step.id) || turn.step(step.id).state !== 'pending') continue;
      if (!step.proven.some((id) => found.has(id))) continue;
      found.add(step.id);
      held.push(step);
      grew = true;
    }
  }
  return held;
}

function tell(turn: Turn, held: readonly ActDefinition[], failed: readonly ActDefinition[]): void {
  const [stays, why] = [held, failed].map((steps) => ({
    zh: steps.map((step) => step.deviceName.zh).join('、'),
    en: steps.map((step) => step.deviceName.en).join(', '),
  }));
  if (stays === undefined || why === undefined) return;
  const subject = bothTexts(`保持关闭：${stays.zh}`, `Stays off: ${stays.en}`);
  const body = bothTexts(
    `${stays.zh} 依赖的 ${why.zh} 未能启动，因此不启动。修复后点“完成”，或说明理由免除，系统随即启动。`,
    `${stays.en} need ${why.en}, which did not come up, and are not started. Mend it and say “done”, or waive it with a reason: they are then started at once.`,
  );
  turn.record('decision', subject, { why: body });
  turn.notify(`holding/${held[0]?.id ?? ''}`, ['duty', 'system-administrator'], 'high', subject, body, held[0]?.id);
}

/** Off already when its shutdown had its turn (its supply had failed, or somebody had switched it off): not ours to start (L22). */
function tellFoundOff(turn: Turn): boolean {
  const { state } = turn;
  const { acts, actsOf } = indexOf(state.definition);
  const isLeft = (step: ActDefinition): boolean =>
    step.operation === 'start' &&
    turn.step(step.id).state === 'skipped' &&
    (actsOf.get(step.device) ?? []).some((other) => {
      const { state: is, ours, attempts } = turn.step(other.id);
      return other.operation === 'shutdown' && is === 'done' && !ours && attempts === 0;
    });
  const left = acts.filter((step) => isLeft(step) && state.told[`found-off/${step.id}`] === undefined);
  if (left.length === 0) return false;
  for (const step of left) turn.once(`found-off/${step.id}`);
  const [zh, en] = [
    left.map((step) => step.deviceName.zh).join('、'),
    left.map((step) => step.deviceName.en).join(', '),
  ];
  const subject = bothTexts(`未由本系统启动：${zh}`, `Not started by this system: ${en}`);
  const body = bothTexts(
    `轮到关机时 ${zh} 已经关闭，不是本系统关闭的，因此不启动。请检查，需要时人工开机。`,
    `${en}: off already when the shutdown had its turn, not shut down by this system, and so not started. Please look at it and switch it on by hand where it is wanted.`,
  );
  turn.record('decision', subject, { why: body });
  turn.notify(`found-off/${left[0]?.id ?? ''}`, ['duty', 'system-administrator'], 'high', subject, body);
  return true;
}

/** Shut down by us, and the configuration names no way to start it. */
function tellByHand(turn: Turn): boolean {
  if (turn.state.told['start-by-hand'] !== undefined) return false;
  const left = indexOf(turn.state.definition).byHand.filter((step) => turn.step(step.id).ours);
  if (left.length === 0 || !turn.once('start-by-hand')) return false;
  const names = {
    zh: left.map((step) => step.deviceName.zh).join('、'),
    en: left.map((step) => step.deviceName.en).join(', '),
  };
  const subject = bothTexts(`请人工开机：${names.zh}`, `Please switch on by hand: ${names.en}`);
  const body = bothTexts(
    `${names.zh} 由本系统关闭，预案或配置中没有启动它的方法，不会自行启动。`,
    `${names.en}: shut down by this system, and neither plan nor configuration names a way to start it; it stays off until somebody switches it on.`,
  );
  turn.record('decision', subject, { why: body });
  turn.notify('start-by-hand', ['duty', 'system-administrator'], 'high', subject, body);
  return true;
}
