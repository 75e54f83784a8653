import { instant, plus } from '#core/time.ts';
import { prove } from './act-proof.ts';
import { LOOK_AGAIN } from './acts.ts';
import type { ActDefinition } from './definition.ts';
import { tellBack } from './own-step.ts';
import { bothTexts } from './texts.ts';
import type { Turn } from './turn.ts';

/**
 * After a restart: what had begun and not ended is verified before anything else, as long as the operation may take. Then it
 * is repeated only if that does no harm; else a person is asked.
 */
export function resumeAct(turn: Turn, step: ActDefinition): void {
  const progress = turn.step(step.id);
  const { run } = progress;
  if (progress.state !== 'running' && progress.state !== 'verifying') return;
  if (run === null) {
    lookOnceMore(turn, step);
    return;
  }
  if (step.own && run.begunAt !== null) {
    // We were switched off by our own step, and are back: that is its proof. Doing it again would switch us off again.
    prove(turn, step, turn.edit(step.id));
    tellBack(turn, step);
    return;
  }
  if (run.endedAt !== null) {
    lookOnceMore(turn, step);
    return;
  }
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

/** The time for a proof that passed while nobody could look is no failure: one more look, then it is judged (I4). */
function lookOnceMore(turn: Turn, step: ActDefinition): void {
  const { verify } = turn.step(step.id);
  const until = plus(turn.at, LOOK_AGAIN);
  if (verify === null || verify.until === null || verify.until >= until) return;
  turn.edit(step.id).verify = { ...verify, until };
}
