import type { FunctionName } from '#core/config/people.ts';
import type { Level } from '#core/incident.ts';
import { conditionWords } from './condition-words.ts';
import { atLeastLevel, conditionHolds } from './conditions.ts';
import { bothTexts, fillPlanText } from './texts.ts';
import type { Turn } from './turn.ts';

/** O-LVL-1: ordinary, serious, major (一般/较重/重大). The level rises by the plan's rules and by hand; it never sinks. */

/**
 * Whom each level concerns: what is ordinary is solved by whoever is on duty; what is serious the deputy and the director
 * know of; what is major goes to the whole emergency team. In one place, so that nobody is left out by one message and told
 * by the next.
 */
export const AUDIENCE: Readonly<Record<Level, readonly FunctionName[]>> = {
  ordinary: ['duty'],
  serious: ['duty', 'deputy', 'director'],
  major: ['duty', 'deputy', 'director', 'emergency-team'],
};

const WORDS = { ordinary: ['一般', 'ordinary'], serious: ['较重', 'serious'], major: ['重大', 'major'] } as const;

/** Rises as far as the plan's rules say now. */
export function judgeLevel(turn: Turn): boolean {
  const { state } = turn;
  let changed = false;
  for (const { to, when } of state.definition.rises) {
    if (atLeastLevel(state.level, to) || conditionHolds(state, when) !== 'yes') continue;
    raiseLevel(turn, to, 'zhishou', conditionWords(state, when));
    changed = true;
  }
  return changed;
}

export function raiseLevel(turn: Turn, to: Level, by: string, why: ReturnType<typeof bothTexts>): void {
  const { state } = turn;
  const from = state.level;
  state.level = to;
  // I5 begins to count when it becomes serious, not when the ordinary incident was opened.
  state.ringsSince ??= turn.at;
  const title = state.definition.plan.title;
  const [zh, en] = WORDS[to];
  const words = bothTexts(`等级升为${zh}：${title.zh}`, `Level raised to ${en}: ${title.en}`);
  turn.record('level', words, {
    who: by,
    why: bothTexts(`由${WORDS[from][0]}升级：${why.zh}`, `from ${WORDS[from][1]}: ${why.en}`),
    figures: { level: to },
  });
  const body = fillPlanText(
    state,
    null,
    bothTexts(
      `${state.cause.zh}。地点：{place}。升级原因：${why.zh}。负责人：{lead}（{lead_phone}）。`,
      `${state.cause.en}. At {place}. Raised because: ${why.en}. Led by {lead} ({lead_phone}).`,
    ),
  );
  turn.notify(`level/${to}`, AUDIENCE[to], 'high', words, body);
}
