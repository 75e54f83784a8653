import { type Instant, milliseconds, minutes, plus } from '#core/time.ts';
import { giveCommand, LOOK_AGAIN } from './acts.ts';
import { answersAgain, hasStartedAnew, orderAnew, tryAgain } from './ask-again.ts';
import { cutDeadline, isForced } from './clocks.ts';
import type { ActDefinition } from './definition.ts';
import { downElsewhere, takenOver } from './elsewhere.ts';
import type { EvidenceView, IncidentState, StepProgress } from './state.ts';
import { bothTexts, clockLength, clockTime } from './texts.ts';
import { threatOf } from './threat.ts';
import type { Turn } from './turn.ts';

/**
 * What the evidence says of an act, and what follows. Done is what is proven; a *verified* failure (evidence was looked at
 * after the command and does not hold, or the time for the proof is up) leads to a repetition, to another way, or to a person.
 */

/** The answer of the evidence. */
export function verified(
  turn: Turn,
  step: ActDefinition,
  event: { since: Instant; items: readonly EvidenceView[] },
): void {
  const present = turn.step(step.id).verify;
  if (present === null || present.since !== event.since) return;
  const progress = turn.edit(step.id);
  const changed = event.items.map((item) => item.holds).join() !== present.items.map((item) => item.holds).join();
  progress.verify = { ...present, items: event.items };
  if (hasStartedAnew(step, progress, present.items, event.items)) progress.startedAnew = true;
  else if (event.items.some((item) => item.holds === true)) progress.startedAnew = false;
  const proven = event.items.length > 0 && event.items.every((item) => item.holds === true);
  if (changed && event.items.length > 0 && present.purpose !== 'before')
    recordEvidence(turn, step, event.items, proven);
  if (proven) {
    prove(turn, step, progress);
    return;
  }
  if (present.purpose === 'before') {
    // Not so, or nobody can tell: the command is given. What the next poll may tell is waited for.
    if (!mayYetBeTold(step, event.items)) commandUnlessDone(turn, step);
    return;
  }
  if (progress.state === 'cut') {
    // A backup that was given up is looked at once; asking takes a place that shutdowns need.
    progress.verify = null;
    return;
  }
  if (orderAnew(turn, step)) return;
  if (answersAgain(turn, step, present.items, event.items)) tryAgain(turn, step);
  else judgeFailure(turn, step);
}

/**
 * Half told: the other half comes with the next poll. An outlet that is switched for the load's sake can wait for that poll
 * altogether: what a person had switched off is not ordered off again (I4), and not ours to switch on (L22).
 */
const mayYetBeTold = (step: ActDefinition, items: readonly EvidenceView[]): boolean =>
  items.length > 0 &&
  items.every((item) => item.holds !== false) &&
  (OF_OUTLETS.includes(step.operation) || items.some((item) => item.holds === true));

const OF_OUTLETS: readonly string[] = ['shed', 'restore', 'power_off'];

/**
 * Nothing says that it is so already. What another incident of the site has shut down and proven is not ordered again only because
 * nobody answers in the dark; what contradicts it is.
 */
export function commandUnlessDone(turn: Turn, step: ActDefinition): void {
  const contradicted = turn.step(step.id).verify?.items.some((item) => item.holds === false) ?? false;
  const trusted = (step.operation === 'shutdown' || step.operation === 'shed') && !contradicted;
  if (trusted && downElsewhere(turn.state, step.device) !== null) prove(turn, step, turn.edit(step.id));
  else giveCommand(turn, step);
}

/** What took the order and is slow gets so long beyond its own time while the battery lasts; an update at shutdown takes minutes. */
const SLOW_PATIENCE = minutes(10);
const SLOW_SHARE = 0.15;
function recordEvidence(turn: Turn, step: ActDefinition, items: readonly EvidenceView[], proven: boolean): void {
  const mark = { true: '✓', false: '✗', null: '?' };
  const text = items
    .map((item) => `${mark[String(item.holds) as 'true']} ${item.detail}`)
    .join(' · ')
    .slice(0, 500);
  turn.record(
    'evidence',
    proven
      ? bothTexts(`${step.title.zh}：已证实`, `${step.title.en}: proven`)
      : bothTexts(`${step.title.zh}：尚未证实`, `${step.title.en}: not proven yet`),
    { step: step.id, why: bothTexts(text, text) },
  );
}

export function prove(turn: Turn, step: ActDefinition, progress: StepProgress): void {
  const run = progress.run;
  const already = run?.begunAt == null;
  const begun = run?.begunAt ?? null;
  const other = already && takenOver(turn.state, step) ? downElsewhere(turn.state, step.device) : null;
  Object.assign(progress, {
    state: 'done',
    endedAt: turn.at,
    dueAt: null,
    verify: null,
    held: false,
    // Taken down by another incident of the site: whichever lets it go last brings it back.
    ours: progress.ours || !already || takenOver(turn.state, step),
    detail:
      other !== null
        ? bothTexts(`已由“${other.title.zh}”完成`, `done by “${other.title.en}”`)
        : already
          ? bothTexts('原本如此，无需操作', 'it was so already')
          : bothTexts('已证实', 'proven'),
  });
  turn.record('step', bothTexts(`完成：${step.title.zh}`, `Done: ${step.title.en}`), {
    step: step.id,
    why: progress.detail,
    figures: begun === null ? {} : { tookS: Math.round((turn.at - begun) / 1000), attempts: progress.attempts },
  });
  if (begun !== null && progress.attempts === 1) {
    const seconds = Math.round((turn.at - begun) / 1000);
    turn.commands.push({ type: 'duration', device: step.device, operation: step.operation, seconds });
  }
}

/** After the last look: is the failure verified, and what then? Called on evidence and on time. */
export function judgeFailure(turn: Turn, step: ActDefinition): boolean {
  const progress = turn.step(step.id);
  const { verify, run } = progress;
  if (verify === null || verify.purpose !== 'after' || progress.state === 'failed') return false;
  // While the command runs its fate is open; the driver's limit ends it.
  if (progress.state === 'running') return false;
  const looked = verify.items.length > 0;
  const refused = run?.result === 'failed' && looked && verify.items.some((item) => item.holds === false);
  // Half of it is there: the other half may be one reading away.
  const grace = verify.items.some((item) => item.holds === true) ? LOOK_AGAIN : 0;
  const timeUp = verify.until !== null && turn.at >= verify.until + grace;
  if (!refused && !timeUp) return false;
  if (turn.state.phase === 'settling' && isShutdownOfSequence(step)) {
    // Mains may go again at any moment: what comes next is decided when it is settled, and until then looked for.
    if (timeUp) turn.edit(step.id).verify = { ...verify, until: plus(turn.at, LOOK_AGAIN) };
    return timeUp;
  }
  if (orderAnew(turn, step)) return true;
  failedOnce(turn, step, run?.result === 'failed');
  return true;
}

function failedOnce(turn: Turn, step: ActDefinition, refused: boolean): void {
  const { state } = turn;
  const progress = turn.edit(step.id);
  const orphan = progress.run !== null && progress.run.endedAt === null;
  turn.record('evidence', bothTexts(`未成功：${step.title.zh}`, `Not achieved: ${step.title.en}`), {
    step: step.id,
    why: refused
      ? bothTexts('命令被拒绝，且核实无效果', 'the command failed and its effect is not there')
      : bothTexts(`${clockLength(step.giveUpMs).zh}内未证实`, `not proven within ${clockLength(step.giveUpMs).en}`),
    figures: { attempts: progress.attempts },
  });
  if (isAverted(state) && isShutdownOfSequence(step)) {
    if (refused || progress.startedAnew === true) leaveRunning(turn, step);
    else giveUp(turn, step, notDown(state));
    return;
  }
  if (!step.repeatable && !refused) {
    giveUp(
      turn,
      step,
      bothTexts('结果不明且不可重复执行，请人工确认', 'outcome unknown and not repeatable: a person must look'),
    );
    return;
  }
  // A crash hid what became of it: it was verified as not done, so it is repeated, and that is no second try.
  if (orphan) progress.tries -= 1;
  // Who took the order is on its way down, or hangs: giving it the same order again does nothing but reach it twice (I4).
  const taken = progress.tookOrder === true && step.irreversible && step.ways[progress.way]?.cutsPower !== true;
  const tries = taken ? 1 : progress.way === 0 ? step.attempts : Math.max(2, step.attempts);
  if (progress.tries >= tries) {
    if (progress.way + 1 >= step.ways.length) {
      giveUp(turn, step, bothTexts('所有方式均已失败', 'every way has failed'));
      return;
    }
    progress.way += 1;
    progress.tries = 0;
  }
  if (holdPowerCut(turn, step)) return;
  giveCommand(turn, step);
}

/**
 * A server that refused the order, or shows no sign of having got it, still works: cutting its outlet would be the harm that we are here to prevent (I1). While
 * the battery lasts a person gets the chance to shut it down by hand; the cut comes at the last moment that leaves time for
 * what depends on it. A server that took the order may just be slow: it is waited for some time more, the longer the more is left. A cut that failed
 * is judged anew before it is tried again: the network that was away may have brought better news of the battery.
 */
function holdPowerCut(turn: Turn, step: ActDefinition): boolean {
  const progress = turn.edit(step.id);
  const result = progress.run?.result ?? null;
  const works = progress.verify?.items.every((item) => item.holds === false) ?? false;
  const untouched = result === 'failed' || (result !== 'ok' && works);
  const slow = progress.tookOrder === true;
  // Who took the order gets its patience once; a cut that failed after that is simply tried again.
  if (slow ? progress.dueAt !== null : !untouched) return false;
  if (step.ways[progress.way]?.cutsPower !== true || isForced(turn.state, step.id)) return false;
  const dueAt = slow ? patienceUntil(turn, step) : null;
  const time = clockTime(turn.state, dueAt);
  const detail = slow
    ? bothTexts(
        `已接受关机命令但尚未关闭，继续等待；${time.zh} 或电池将尽时切断插座`,
        `it took the shutdown and is not down yet: waited for; its outlet is cut at ${time.en}, or when the battery nears its end`,
      )
    : bothTexts(
        '未接受关机命令，仍在运行；请人工关机，否则最后时刻切断插座',
        'it did not take the shutdown and still runs: shut it down by hand, else its outlet is cut at the last moment',
      );
  Object.assign(progress, {
    state: 'waiting',
    held: true,
    // What was ordered and comes about late is ours all the same (L22).
    run: slow ? progress.run : null,
    dueAt,
    detail,
    verify: { purpose: 'watch', since: turn.at, until: null, items: [] },
  });
  turn.notify(
    `held/${step.id}/${progress.attempts}`,
    ['duty', 'system-administrator', 'director'],
    'high',
    bothTexts(`请人工关机：${step.deviceName.zh}`, `Shut down by hand: ${step.deviceName.en}`),
    detail,
    step.id,
  );
  return true;
}

/** With hours of battery left nobody is cut for being slow after ten minutes (I1): a share of what is left. */
function patienceUntil({ state, at }: Turn, step: ActDefinition): Instant {
  const left = (cutDeadline(state, step.id) ?? at) - at;
  return plus(at, milliseconds(Math.max(SLOW_PATIENCE, Math.round(left * SLOW_SHARE))));
}

/** What the plan ran against has ended: nothing more is taken away. */
const isAverted = (state: IncidentState): boolean => threatOf(state) !== null && state.phase !== 'protecting';

const isShutdownOfSequence = (step: ActDefinition): boolean =>
  step.stage === 'protect' && step.operation !== 'power_off' && step.operation !== 'backup';

/** It took the order and hangs, or nobody can tell: another way would take something away that is no longer in danger. */
const notDown = (state: IncidentState): ReturnType<typeof bothTexts> =>
  state.heat === null
    ? bothTexts(
        '未证实关闭；市电已恢复，不再采取其他方式，请人工查看',
        'not proven down; mains is back and no other way is taken: please look at it',
      )
    : bothTexts(
        '未证实关闭；温度已回落，不再采取其他方式，请人工查看',
        'not proven down; the room is cool again and no other way is taken: please look at it',
      );

function leaveRunning(turn: Turn, step: ActDefinition): void {
  const detail =
    turn.state.heat === null
      ? bothTexts('市电已恢复，设备仍在运行，不再关机', 'mains is back and it still runs: left alone')
      : bothTexts('温度已回落，设备仍在运行，不再关机', 'the room is cool again and it still runs: left alone');
  Object.assign(turn.edit(step.id), { state: 'skipped', endedAt: turn.at, verify: null, held: false, detail });
  turn.record('decision', bothTexts(`不再执行：${step.title.zh}`, `Left alone: ${step.title.en}`), {
    step: step.id,
    why: detail,
  });
}

function giveUp(turn: Turn, step: ActDefinition, why: ReturnType<typeof bothTexts>): void {
  const progress = turn.edit(step.id);
  Object.assign(progress, {
    state: 'failed',
    endedAt: turn.at,
    detail: why,
    // It may yet come about: by a person's hand, or late.
    verify: step.provenByCommand
      ? null
      : { purpose: 'watch', since: turn.at, until: null, items: progress.verify?.items ?? [] },
  });
  turn.record('step', bothTexts(`失败：${step.title.zh}`, `Failed: ${step.title.en}`), { step: step.id, why });
  turn.notify(
    `failed/${step.id}/${progress.attempts}`,
    ['duty', 'system-administrator'],
    'high',
    bothTexts(`失败：${step.title.zh}`, `Failed: ${step.title.en}`),
    bothTexts(`${why.zh}。其他步骤继续。`, `${why.en}. The other steps go on.`),
    step.id,
  );
}
