import { fillTemplate } from '#core/text.ts';
import { type Instant, instant, plus, seconds } from '#core/time.ts';
import { isForced } from './clocks.ts';
import type { ActDefinition } from './definition.ts';
import { outageConfirmed } from './sequence.ts';
import { ENDED, type EvidenceView, type IncidentState, type StepProgress } from './state.ts';
import { bothTexts, clockLength } from './texts.ts';
import type { Turn } from './turn.ts';

/**
 * The life of one act: is it so already? → command → its effect is proven → done. Only a *verified* failure leads to a
 * repetition or to another way (I4, L20): evidence was looked at after the command and does not hold, or the time for the
 * proof is up.
 *
 * begun without ended (a crash) is verified first, as long as the operation may take. Then it is repeated only if that does no
 * harm; else a person is asked.
 */

/** A command that was refused did nothing: a few looks settle it. */
const LOOK_AGAIN = seconds(15);

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
  progress.verify = { purpose: 'before', since: turn.at, until: plus(turn.at, LOOK_AGAIN), items: [] };
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

const noteForRecovery = (state: IncidentState) => {
  const off = Object.entries(state.steps).flatMap(([id, step]) =>
    step.ours && step.state === 'done' ? [id.split(':')[1] ?? id] : [],
  );
  const list = [...new Set(off)].join(', ');
  return bothTexts(`来电后恢复：${list}`, `note for the recovery: start again ${list}`);
};

/** May this command be given at this moment? Nothing is taken away from users on doubtful or returned mains. */
export function mayAct(state: IncidentState, step: ActDefinition): boolean {
  if (!step.irreversible || step.stage !== 'protect') return true;
  if (state.power === null) return true;
  // What is proven off loses its outlet also after mains returned, so that the outlet is cycled and the machine starts (L21).
  if (step.operation === 'power_off') return state.phase !== 'standing-down';
  if (state.sequence?.reason === 'ordered' && state.phase === 'protecting') return state.unconfirmedSince === null;
  return state.phase === 'protecting' && outageConfirmed(state);
}

export function giveCommand(turn: Turn, step: ActDefinition): void {
  const { state } = turn;
  const progress = turn.edit(step.id);
  if (!mayAct(state, step)) {
    Object.assign(progress, { state: 'pending', verify: null, run: null });
    return;
  }
  const way = step.ways[progress.way];
  if (way === undefined) return;
  // Fate unknown and the device knows the id: asked again under the same id it joins or starts, never doubles (I4).
  const last = progress.run;
  const again =
    last !== null && way.keyed && last.way === progress.way && (last.result === null || last.result === 'unknown');
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
  if (step.irreversible && step.stage === 'protect' && state.pointOfNoReturn === null) {
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
  if (progress.state !== 'running' && progress.state !== 'verifying') return;
  const begun = progress.run.begunAt ?? turn.at;
  const last = plus(begun, step.giveUpMs);
  const until = event.result === 'failed' ? plus(turn.at, LOOK_AGAIN) : instant(Math.max(last, turn.at + LOOK_AGAIN));
  progress.state = 'verifying';
  progress.verify = { purpose: 'after', since: turn.at, until, items: [] };
}

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
  const proven = event.items.length > 0 && event.items.every((item) => item.holds === true);
  if (changed && event.items.length > 0 && present.purpose !== 'before')
    recordEvidence(turn, step, event.items, proven);
  if (proven) {
    prove(turn, step, progress);
    return;
  }
  if (present.purpose === 'before') {
    // Not so, or nobody can tell: the command is given. Half told: the other half may come with the next poll.
    const undecided =
      event.items.some((item) => item.holds === true) && event.items.every((item) => item.holds !== false);
    if (!undecided) giveCommand(turn, step);
    return;
  }
  judgeFailure(turn, step);
}

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

function prove(turn: Turn, step: ActDefinition, progress: StepProgress): void {
  const run = progress.run;
  const already = run?.begunAt == null;
  const begun = run?.begunAt ?? null;
  Object.assign(progress, {
    state: 'done',
    endedAt: turn.at,
    dueAt: null,
    verify: null,
    held: false,
    ours: progress.ours || !already,
    detail: already ? bothTexts('原本如此，无需操作', 'it was so already') : bothTexts('已证实', 'proven'),
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
  const timeUp = verify.until !== null && turn.at >= verify.until;
  if (!refused && !timeUp) return false;
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
  if (refused && mainsReturned(state) && step.stage === 'protect') {
    leaveRunning(turn, step);
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
  const tries = progress.way === 0 ? step.attempts : Math.max(2, step.attempts);
  if (progress.tries >= tries) {
    if (progress.way + 1 >= step.ways.length) {
      giveUp(turn, step, bothTexts('所有方式均已失败', 'every way has failed'));
      return;
    }
    progress.way += 1;
    progress.tries = 0;
    if (holdPowerCut(turn, step)) return;
  }
  giveCommand(turn, step);
}

/**
 * A server that refused the order, or shows no sign of having got it, still works: cutting its outlet would be the harm that we are here to prevent (I1). While
 * the battery lasts a person gets the chance to shut it down by hand; the cut comes at the last moment that leaves time for
 * what depends on it. A server that took the order and hangs is half down already: its outlet is cut at once.
 */
function holdPowerCut(turn: Turn, step: ActDefinition): boolean {
  const progress = turn.edit(step.id);
  const result = progress.run?.result ?? null;
  const works = progress.verify?.items.every((item) => item.holds === false) ?? false;
  const untouched = result === 'failed' || (result !== 'ok' && works);
  if (!untouched || step.ways[progress.way]?.cutsPower !== true || isForced(turn.state, step.id)) return false;
  const detail = bothTexts(
    '未接受关机命令，仍在运行；请人工关机，否则最后时刻切断插座',
    'it did not take the shutdown and still runs: shut it down by hand, else its outlet is cut at the last moment',
  );
  Object.assign(progress, {
    state: 'waiting',
    held: true,
    run: null,
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

const mainsReturned = (state: IncidentState): boolean => state.power !== null && state.phase !== 'protecting';

function leaveRunning(turn: Turn, step: ActDefinition): void {
  const detail = bothTexts('市电已恢复，设备仍在运行，不再关机', 'mains is back and it still runs: left alone');
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

/** After a restart: what had begun and not ended is verified before anything else. */
export function resumeAct(turn: Turn, step: ActDefinition): void {
  const progress = turn.step(step.id);
  const { run } = progress;
  if (run === null || run.endedAt !== null) return;
  if (progress.state !== 'running' && progress.state !== 'verifying') return;
  const next = turn.edit(step.id);
  if (run.begunAt === null) {
    // Never sent: as if it had not been decided, so that it is judged anew once the state is confirmed.
    Object.assign(next, {
      state: 'pending',
      run: null,
      verify: null,
      attempts: next.attempts - 1,
      tries: next.tries - 1,
    });
    return;
  }
  if (step.own) {
    // We were switched off by our own step, and are back: that is its proof. Doing it again would switch us off again.
    prove(turn, step, next);
    return;
  }
  // Under its own id it may be given again at once; anything else is waited for as long as it may take.
  const keyed = step.ways[run.way]?.keyed ?? false;
  const patience = keyed ? 0 : Math.min(step.giveUpMs, 1.5 * step.expectedMs);
  next.state = 'verifying';
  next.verify = {
    purpose: 'after',
    since: turn.at,
    until: instant(Math.max(run.begunAt + patience, turn.at + LOOK_AGAIN)),
    items: [],
  };
  turn.record(
    'restart',
    bothTexts(`重启前已开始，先核实：${step.title.zh}`, `Begun before the restart, verified first: ${step.title.en}`),
    {
      step: step.id,
      figures: { run: run.id },
    },
  );
}
