import type { Text } from '../text.ts';
import { type Instant, minutes } from '../time.ts';
import type { Alarm } from './alarms.ts';
import { medianOf } from './lengths.ts';
import type { BadActor, SuggestionKind } from './view.ts';

/** The most frequent alarms, and what would make each come less often. */

export const MOST_BAD_ACTORS = 10;
/** Once or twice is no pattern. */
const OFTEN = 3;
const SHORT = minutes(5);

export const SUGGESTION_TEXTS: Readonly<Record<SuggestionKind, Text>> = {
  detector: {
    zh: '安全告警不放宽：请检查探测器、接线和现场，找到反复告警的原因。',
    en: 'A safety alarm is not loosened: check the detector, its wiring and the place for what sets it off.',
  },
  shelved: {
    zh: '每次都被搁置：没人需要它就停用这条规则，否则修好原因。',
    en: 'It is always shelved: retire the rule if nobody needs it, else mend the cause.',
  },
  chattering: {
    zh: '反复触发又恢复：把恢复限值拉开（回差），或加长 for（持续多久才告警）。',
    en: 'It comes and goes: set the clearing limit further off (hysteresis), or lengthen its for (how long it must last).',
  },
  stale: {
    zh: '超过一天没有恢复：安排检修；若这就是正常状态，为该设备单独调整限值。',
    en: 'It stands for more than a day: have it repaired, or, if this is how it is, give the device a limit of its own.',
  },
  short: {
    zh: '多数几分钟内自己恢复：加长 for（持续多久才告警），只留下需要人处理的。',
    en: 'Most end by themselves within minutes: a longer for (how long it must last) leaves those that need a person.',
  },
  frequent: {
    zh: '一周多次：查出共同原因并修复；确认每次都需要人处理。',
    en: 'It comes often: find and mend the common cause, and make sure that each one needs a person.',
  },
};

export interface Actor {
  readonly alarms: readonly Alarm[];
  readonly chattering: boolean;
  readonly stale: boolean;
  readonly safety: boolean;
}

export function suggestionOf({ alarms, chattering, stale, safety }: Actor): SuggestionKind | null {
  const often = alarms.length >= OFTEN;
  if (safety) return often || chattering ? 'detector' : null;
  if (often && alarms.every(({ shelves }) => shelves.length > 0)) return 'shelved';
  if (chattering) return 'chattering';
  if (stale) return 'stale';
  if (!often) return null;
  const median = medianOf(alarms.flatMap(lengthOf));
  return median !== null && median < SHORT ? 'short' : 'frequent';
}

/** Most first; equal ones by name, so that the order is always the same. */
export function badActorsOf(
  actors: ReadonlyMap<string, Actor>,
  all: number,
  titleOf: (rule: string, device: string) => Text,
): BadActor[] {
  return [...actors]
    .sort(([a, one], [b, other]) => other.alarms.length - one.alarms.length || (a < b ? -1 : 1))
    .slice(0, MOST_BAD_ACTORS)
    .flatMap(([, actor]) => {
      const last = actor.alarms.at(-1);
      if (last === undefined) return [];
      const kind = suggestionOf(actor);
      const median = medianOf(actor.alarms.flatMap(lengthOf));
      const { rule, device, severity } = last;
      return {
        ...{ rule, device, title: titleOf(rule, device), severity, alarms: actor.alarms.length },
        share: actor.alarms.length / all,
        medianS: median === null ? null : median / 1000,
        kind,
        suggestion: kind === null ? null : SUGGESTION_TEXTS[kind],
      };
    });
}

const lengthOf = ({ at, endedAt }: { at: Instant | null; endedAt: Instant | null }): number[] =>
  at === null || endedAt === null ? [] : [endedAt - at];
