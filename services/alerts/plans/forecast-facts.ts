import type { Instant } from '#core/time.ts';
import type { ActDefinition, StepDefinition } from './definition.ts';
import type { Play } from './forecast-play.ts';
import { ENDED, type IncidentState } from './state.ts';
import { indexOf } from './step-index.ts';
import { isThreatened, threatOf } from './threat.ts';

/** What a play says, before it is put into words. */

/** `base`: the same when nobody says anything, so that only what an answer adds is named. */
export const factsOf = (play: Play, base: Play): Facts => ({
  ...outcomeOf(play),
  play,
  base,
  begins: begunBy(play, base),
  spared: sparedBy(play, base),
});

export interface Outcome {
  readonly downAt: Instant | null;
  /** Of what it runs against, as it is believed now. */
  readonly emptyAt: Instant | null;
  readonly spareMs: number | null;
  readonly cut: readonly ActDefinition[];
  readonly unfinished: readonly ActDefinition[];
}

export interface Facts extends Outcome {
  readonly play: Play;
  readonly base: Play;
  /** What begins within a minute and would not have begun. */
  readonly begins: readonly StepDefinition[];
  /** What would have been done and is left. */
  readonly spared: readonly StepDefinition[];
}

/** How it ends against the battery, or against the room's heat. */
export function outcomeOf({ from, last, downAt, ended, startsAt }: Play): Outcome {
  const emptyAt = isThreatened(from) ? (threatOf(from)?.exhaustion.at ?? null) : null;
  const { acts } = indexOf(last.definition);
  const cut = acts.filter((step) => stateOf(last, step) === 'cut' && stateOf(from, step) !== 'cut');
  const unfinished =
    ended === 'empty' && startsAt !== null
      ? acts.filter(
          (step) =>
            step.stage === 'protect' &&
            step.operation === 'shutdown' &&
            !step.own &&
            !step.rehearseOnly &&
            !ENDED.has(stateOf(last, step)),
        )
      : [];
  const spareMs = downAt === null || emptyAt === null ? null : emptyAt - downAt;
  return { downAt, emptyAt, spareMs, cut, unfinished };
}

const stateOf = (state: IncidentState, { id }: StepDefinition) => state.steps[id]?.state ?? 'pending';

const isAtWork = (state: IncidentState, step: StepDefinition): boolean =>
  !['pending', 'skipped', 'waived', 'cut'].includes(stateOf(state, step));

function begunBy({ from, after }: Play, base: Play): StepDefinition[] {
  return from.definition.steps.filter(
    (step) => isAtWork(after, step) && !isAtWork(from, step) && (after === base.after || !isAtWork(base.after, step)),
  );
}

/** Only what was under way or would have begun: what no branch leads to any more is no news. */
function sparedBy({ from, after }: Play, base: Play): StepDefinition[] {
  return from.definition.steps.filter(
    (step) =>
      stateOf(after, step) === 'skipped' &&
      stateOf(from, step) !== 'skipped' &&
      (isAtWork(from, step) || isAtWork(base.last, step)),
  );
}
