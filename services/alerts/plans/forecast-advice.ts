import type { Text } from '#core/text.ts';
import type { AskDefinition } from './definition.ts';
import { outcomeOf } from './forecast-facts.ts';
import type { Play } from './forecast-play.ts';
import type { IncidentState } from './state.ts';
import { bothTexts, clockTime } from './texts.ts';

/**
 * What to answer when one does not know. Of the outlook: what loses least if mains stays away, and of equals what keeps people's
 * service longest without claiming what nobody said. Of the rest: what the plan names (`if_unsure`); a default is what silence may
 * lead to, which is not always what one should say.
 */
export interface Weighed {
  readonly option: AskDefinition['ask']['answers'][number];
  readonly play: Play;
}

export function adviceOf(
  state: IncidentState,
  step: AskDefinition,
  weighed: readonly Weighed[],
): { answer: string; why: Text } | null {
  const progress = state.steps[step.id];
  const byPerson = progress?.answer != null && progress.answer.by !== 'zhishou';
  if (byPerson || state.phase === 'closed') return null;
  const aboutMains = weighed.filter(({ option }) => option.outlook !== undefined);
  return aboutMains.length > 1 ? adviseOutlook(state, aboutMains) : adviseByPlan(step);
}

function adviseOutlook(state: IncidentState, weighed: readonly Weighed[]): { answer: string; why: Text } | null {
  if (state.pointOfNoReturn !== null || state.power?.mains !== 'lost') return null;
  const rank = (one: Weighed): readonly number[] => {
    const { unfinished, cut } = outcomeOf(one.play);
    const claims = one.option.outlook === 'unknown' ? 0 : 1;
    return [unfinished.length, cut.length, -(one.play.startsAt ?? Number.MAX_SAFE_INTEGER), claims];
  };
  const [best] = [...weighed].sort((a, b) => compare(rank(a), rank(b)));
  if (best === undefined) return null;
  const { play, option } = best;
  const waits = play.after.sequence === null;
  const worst = Math.max(
    ...weighed.map((one) => outcomeOf(one.play).unfinished.length + outcomeOf(one.play).cut.length),
  );
  const { unfinished, cut } = outcomeOf(play);
  if (!waits && worst > unfinished.length + cut.length)
    return {
      answer: option.id,
      why: bothTexts('再等就来不及全部备份或关机', 'waiting longer leaves too little time for all of it'),
    };
  if (!waits) return null;
  const start = clockTime(play.from, play.startsAt);
  const why =
    play.startsAt === null
      ? bothTexts('不影响任何设备，之后可以更改', 'nothing is taken down by it, and it can be changed')
      : bothTexts(
          `${start.zh} 之前不关任何设备，到时自动有序关机；之后可以更改`,
          `nothing is shut down before ${start.en}, then all in order by itself; it can be changed`,
        );
  return { answer: option.id, why };
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) {
    const by = (a[i] ?? 0) - (b[i] ?? 0);
    if (by !== 0) return by;
  }
  return 0;
}

function adviseByPlan({ ask }: AskDefinition): { answer: string; why: Text } | null {
  if (ask.if_unsure === undefined) return null;
  return {
    answer: ask.if_unsure,
    why: bothTexts('预案如此规定，之后可以更改', 'so says the plan; it can be changed'),
  };
}
