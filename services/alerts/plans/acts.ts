import { fillTemplate } from '#core/text.ts';
import { instant, minutes, plus, seconds } from '#core/time.ts';
import { type ActDefinition, isGeneral } from './definition.ts';
import { leaveNote, monitorMayGo, noteForRecovery } from './own-step.ts';
import { backupUnderWay } from './prepared-backup.ts';
import { isConfirmed } from './sequence.ts';
import { ENDED, type IncidentState, type StepProgress } from './state.ts';
import { bothTexts } from './texts.ts';
import { threatOf } from './threat.ts';
import type { Turn } from './turn.ts';

/**
 * The life of one act: is it so already? → command → its effect is proven → done. Only a *verified* failure leads to a
 * repetition or to another way (I4, L20; act-proof.ts). After a crash, what was begun is verified first (act-resume.ts).
 */

/** A command that was refused did nothing: a few looks settle it. */
export const LOOK_AGAIN = seconds(15);
/** What is switched for the load's sake waits for a board that answers badly: it may have been switched by hand (I4, L22). */
const LOOKS_FOR_SHED = minutes(2);

export function startAct(turn: Turn, step: ActDefinition): void {
  const { state } = turn;
  const progress = turn.edit(step.id);
  progress.startedAt ??= turn.at;
  const what = step.ways[progress.way]?.description ?? step.operation;
  if (state.mode === 'rehearsal' || step.rehearseOnly) {
    Object.assign(progress, {
      state: 'rehearsed',
      endedAt: turn.at,
      detail: bothTexts(`将执行：${what}`, `would do: ${what}`),
    });
    const note = step.own ? noteForRecovery(state) : null;
    turn.record(
      'step',
      bothTexts(`预演 ${step.title.zh}：将执行 ${what}`, `Rehearsed ${step.title.en}: would do ${what}`),
      {
        step: step.id,
        why: note,
      },
    );
    return;
  }
  if (state.mode === 'advice') {
    advise(turn, step, progress, what);
    return;
  }
  if (step.provenByCommand || progress.tries > 0) {
    giveCommand(turn, step);
    return;
  }
  progress.state = 'verifying';
  const looks = step.operation === 'shed' || step.operation === 'restore' ? LOOKS_FOR_SHED : LOOK_AGAIN;
  progress.verify = { purpose: 'before', since: turn.at, until: plus(turn.at, looks), items: [] };
}

function advise(turn: Turn, step: ActDefinition, progress: StepProgress, what: string): void {
  Object.assign(progress, {
    state: 'advised',
    verify: { purpose: 'watch', since: turn.at, until: null, items: [] },
    dueAt: plus(turn.at, step.giveUpMs),
    detail: bothTexts(`请人工执行：${what}`, `please do: ${what}`),
  });
  turn.notify(
    `advice/${step.id}/${turn.at}`,
    ['duty'],
    'high',
    bothTexts(`请执行：${step.title.zh}`, `Please do: ${step.title.en}`),
    bothTexts(
      `本系统未获授权自动执行。请人工执行：${what}。完成后系统会自行核实，也可在页面上点“完成”。`,
      `This site is not armed. Please do it by hand: ${what}. Its effect is watched; you may also say "done" on the page.`,
    ),
    step.id,
  );
}

/** May this command be given at this moment? Nothing is taken away from users on doubtful or returned mains. */
export function mayAct(state: IncidentState, step: ActDefinition): boolean {
  if (!step.irreversible || (step.stage !== 'protect' && step.stage !== 'hold')) return !backupUnderWay(state, step);
  if (threatOf(state) === null) return true;
  // A machine that the plan gives up earlier than the rest (L18).
  if (step.stage === 'hold') return (state.phase === 'holding' || state.phase === 'protecting') && isConfirmed(state);
  if (step.own && !monitorMayGo(state, step)) return false;
  // What is proven off loses its outlet also after mains returned, so that the outlet is cycled and the machine starts (L21).
  if (step.operation === 'power_off') return state.phase !== 'standing-down';
  if (state.sequence?.reason === 'ordered' && state.phase === 'protecting') return state.unconfirmedSince === null;
  return state.phase === 'protecting' && isConfirmed(state);
}

export function giveCommand(turn: Turn, step: ActDefinition): void {
  const { state } = turn;
  const progress = turn.edit(step.id);
  const way = step.ways[progress.way];
  // Fate unknown and the device knows the id: asked again under the same id it joins or starts, never doubles (I4).
  const last = progress.run;
  const again =
    last !== null &&
    way?.keyed === true &&
    last.way === progress.way &&
    (last.result === null || last.result === 'unknown');
  if (!mayAct(state, step)) {
    Object.assign(progress, { state: 'pending', verify: null, run: again ? last : null });
    return;
  }
  if (way === undefined) return;
  if (step.own) leaveNote(turn, step);
  if (!again) progress.attempts += 1;
  progress.tries += 1;
  progress.state = 'running';
  progress.held = false;
  progress.verify = null;
  progress.run = {
    id: again ? last.id : `${state.id}/${step.id}/${progress.attempts}`,
    way: progress.way,
    intentAt: turn.at,
    begunAt: null,
    endedAt: null,
    result: null,
  };
  const takesAway =
    step.stage === 'protect' ||
    step.stage === 'hold' ||
    step.operation === 'emergency_off' ||
    isGeneral(state.definition);
  if (step.irreversible && takesAway && state.pointOfNoReturn === null) {
    state.pointOfNoReturn = { at: turn.at, step: step.id };
    turn.record('decision', bothTexts('已越过不可逆点', 'Point of no return'), {
      step: step.id,
      why: bothTexts(`${step.title.zh}会使用户失去服务`, `${step.title.en} takes something away from users`),
    });
  }
  const what = fillTemplate(way.description, { run: progress.run.id, incident: state.id, device: step.device });
  turn.record('action', bothTexts(`${step.title.zh}：${what}`, `${step.title.en}: ${what}`), {
    step: step.id,
    figures: { attempt: progress.attempts, run: progress.run.id, expectedS: step.expectedMs / 1000 },
  });
}

export function actionBegun(turn: Turn, step: ActDefinition, run: string): void {
  const progress = turn.edit(step.id);
  if (progress.run?.id !== run) return;
  progress.run = { ...progress.run, begunAt: turn.at };
  if (step.provenByCommand || ENDED.has(progress.state)) return;
  // Proven early, nobody waits on (L19): evidence is watched while the command still runs.
  progress.verify = { purpose: 'after', since: turn.at, until: plus(turn.at, step.giveUpMs), items: [] };
}

export function actionEnded(
  turn: Turn,
  step: ActDefinition,
  event: { run: string; result: 'ok' | 'failed' | 'unknown'; detail: string },
): void {
  const progress = turn.edit(step.id);
  if (progress.run?.id !== event.run) return;
  progress.run = { ...progress.run, endedAt: turn.at, result: event.result };
  if (event.result === 'ok' && step.ways[progress.run.way]?.cutsPower !== true) progress.tookOrder = true;
  const detail = event.detail.slice(0, 300);
  const words = {
    ok: ['已接受', 'accepted'],
    failed: ['失败', 'failed'],
    unknown: ['结果不明', 'outcome unknown'],
  } as const;
  const [zh, en] = words[event.result];
  turn.record('action', bothTexts(`${step.title.zh}：命令${zh}`, `${step.title.en}: command ${en}`), {
    step: step.id,
    why: detail === '' ? null : bothTexts(detail, detail),
    figures: { result: event.result, run: event.run },
  });
  if (progress.state === 'cut' && event.result === 'ok') {
    // Given up, and complete all the same: once its archive is seen nobody makes another.
    progress.verify = { purpose: 'watch', since: turn.at, until: null, items: [] };
    return;
  }
  if (progress.state !== 'running' && progress.state !== 'verifying') return;
  const begun = progress.run.begunAt ?? turn.at;
  const last = plus(begun, step.giveUpMs);
  const until = event.result === 'failed' ? plus(turn.at, LOOK_AGAIN) : instant(Math.max(last, turn.at + LOOK_AGAIN));
  progress.state = 'verifying';
  progress.verify = { purpose: 'after', since: turn.at, until, items: [] };
}
