import type { Text } from '#core/text.ts';
import { conditionWords } from './condition-words.ts';
import { conditionHolds } from './conditions.ts';
import type { ActDefinition, Stage } from './definition.ts';
import { busyElsewhere, neededOffElsewhere } from './elsewhere.ts';
import type { IncidentState } from './state.ts';
import { indexOf } from './step-index.ts';
import { bothTexts } from './texts.ts';

/**
 * What a sequence or a recovery waits for while nothing of it runs; null: it does not wait. An incident that seems to stand
 * still says why.
 */
export function waitsFor(state: IncidentState): Text | null {
  const stage = state.phase === 'protecting' ? 'protect' : state.phase === 'recovering' ? 'recover' : null;
  if (stage === null) return null;
  const acts = indexOf(state.definition).acts.filter((step) => step.stage === stage);
  const isAt = (step: ActDefinition, states: readonly string[]): boolean =>
    states.includes(state.steps[step.id]?.state ?? 'pending');
  if (acts.some((step) => isAt(step, ['running', 'verifying']))) return null;
  const held = acts.find((step) => isAt(step, ['waiting', 'advised']));
  if (held !== undefined) return bothTexts(`请人工处理：${held.title.zh}`, `a person is needed: ${held.title.en}`);
  for (const step of acts) {
    const why = isAt(step, ['pending']) ? reasonOf(state, step, stage) : null;
    if (why !== null) return why;
  }
  return null;
}

function reasonOf(state: IncidentState, step: ActDefinition, stage: Stage): Text | null {
  const other = stage === 'recover' ? neededOffElsewhere(state, step) : null;
  const at = other ?? busyElsewhere(state, step);
  if (at !== null) {
    const { zh, en } = at.title;
    return bothTexts(`等待“${zh}”处理 ${step.deviceName.zh}`, `waiting for “${en}” with ${step.deviceName.en}`);
  }
  if (conditionHolds(state, step.when, { later: true }) === 'yes') return null;
  const { zh, en } = conditionWords(state, step.when);
  return bothTexts(`等待条件：${zh}（${step.title.zh}）`, `waiting until: ${en} (${step.title.en})`);
}
