import type { FunctionName } from '#core/config/people.ts';
import { plus } from '#core/time.ts';
import { takeAnswer } from './answers.ts';
import type { AskDefinition, Rung, StepDefinition } from './definition.ts';
import { ring, type Whom } from './people-steps.ts';
import { type Asked, byUrgency, functionOf, MOST_REMINDERS, putOff, remindTogether } from './reminders.ts';
import { dutyOf, type IncidentState } from './state.ts';
import { indexOf } from './step-index.ts';
import { bothTexts, clockLength } from './texts.ts';
import type { Turn } from './turn.ts';

/**
 * Questions and tasks in time: reminders; what is not done by its time is recorded as late and goes to the next person of the
 * escalation's order as well, person by person, and everybody rung so far is reminded until somebody answers.
 */

const isAsked = (step: StepDefinition): step is Asked => step.kind === 'ask' || step.kind === 'task';

export function peopleTimers(turn: Turn): boolean {
  let changed = false;
  const open: Asked[] = [];
  const { steps } = turn.state.definition;
  for (const place of indexOf(turn.state.definition).askedPlaces) {
    const step = steps[place];
    if (step === undefined || !isAsked(step)) continue;
    const { dueAt, state } = turn.progressAt(place);
    if (state === 'waiting' && dueAt !== null && turn.at >= dueAt) {
      becomeLate(turn, step);
      changed = true;
    }
    if (!isAwaited(turn, step)) continue;
    const { remindAt, escalateAt } = turn.progressAt(place);
    if (escalateAt !== null && turn.at >= escalateAt) {
      ringNext(turn, step);
      changed = true;
    }
    if (remindAt !== null) open.push(step);
  }
  const whom = (step: Asked): Whom | null => (turn.step(step.id).escalations === 0 ? null : everybody(turn, step));
  return remindTogether(turn, open, whom) || changed;
}

/** What still waits for somebody of these functions, the most urgent first. */
export function openRequests(turn: Turn, functions: readonly FunctionName[]): readonly Asked[] {
  const { definition } = turn.state;
  return indexOf(definition)
    .askedPlaces.flatMap((place) => definition.steps[place] ?? [])
    .filter((step) => isAsked(step))
    .filter((step) => functions.includes(functionOf(step)) && isAwaited(turn, step))
    .sort((a, b) => byUrgency(turn, a, b));
}

/** Somebody's word is still wanted: also after the default was taken. */
function isAwaited(turn: Turn, step: Asked): boolean {
  const { state, answer } = turn.step(step.id);
  if (state !== 'waiting' && !(step.kind === 'ask' && answer?.by === 'zhishou')) return false;
  // Past the point of no return no answer about mains changes anything: nobody is rung for one any more.
  const aboutMains = step.kind === 'ask' && step.ask.answers.some((option) => option.outlook !== undefined);
  return !aboutMains || turn.state.pointOfNoReturn === null;
}

function becomeLate(turn: Turn, step: Asked): void {
  const within = clockLength((step.kind === 'ask' ? step.ask.within : step.task.within) ?? 0);
  Object.assign(turn.edit(step.id), { dueAt: null, lateAt: turn.at, escalateAt: turn.at });
  const words = isQuestion(step)
    ? bothTexts(`超时未答复：${step.title.zh}`, `Not answered in time: ${step.title.en}`)
    : bothTexts(`任务超时未完成：${step.title.zh}`, `Task overdue: ${step.title.en}`);
  turn.record('decision', words, {
    step: step.id,
    why: bothTexts(`限时 ${within.zh}`, `due within ${within.en}`),
    figures: { lateS: 0 },
  });
  if (step.kind === 'ask')
    takeAnswer(turn, step, { answer: step.ask.default, by: 'zhishou', minutes: null, until: null });
}

const isQuestion = (step: Asked): step is AskDefinition => step.kind === 'ask';

/** The escalation's order without those who were asked in the first place. */
function rungsFor(state: IncidentState, step: Asked): readonly Rung[] {
  const asked = functionOf(step);
  const holder = asked === 'duty' ? dutyOf(state)?.id : undefined;
  return state.definition.escalation.chain.filter(
    (rung) => rung.function !== asked && (rung.person === null || rung.person !== holder),
  );
}

const whomOf = (rungs: readonly Rung[]): Whom => ({
  functions: [...new Set(rungs.flatMap((rung) => (rung.person === null ? [rung.function] : [])))],
  people: rungs.flatMap((rung) => rung.person ?? []),
});

function ringNext(turn: Turn, step: Asked): void {
  const progress = turn.edit(step.id);
  const rungs = rungsFor(turn.state, step);
  const next = rungs[progress.escalations];
  const { everyMs } = turn.state.definition.escalation;
  progress.escalations += 1;
  const atEnd = progress.escalations >= rungs.length;
  // The end of the list keeps ringing: by its reminders, or if it has none by the escalation's own round.
  const goesOn = progress.escalations < MOST_REMINDERS && (!atEnd || progress.remindAt === null);
  // Whoever is rung now need not read the same twice at one moment.
  putOff(turn, progress, step);
  progress.escalateAt = goesOn ? plus(turn.at, everyMs) : null;
  const late = clockLength(turn.at - (progress.startedAt ?? turn.at));
  const why = bothTexts(
    `已过 ${late.zh}无人${step.kind === 'ask' ? '答复' : '完成'}，请代为处理。`,
    `Nobody has ${step.kind === 'ask' ? 'answered' : 'done it'} for ${late.en}: please take it over.`,
  );
  const whom = next === undefined ? everybody(turn, step) : whomOf([next]);
  if (whom.functions.length + whom.people.length === 0) return;
  if (next !== undefined && turn.rung.has(next.function)) return;
  ring(turn, step, `overdue/${turn.at}`, { ...whom, why });
}

/** Those who were asked, and all who were rung for it since. */
function everybody(turn: Turn, step: Asked): Whom {
  const rung = whomOf(rungsFor(turn.state, step).slice(0, turn.step(step.id).escalations));
  return { functions: [...new Set([functionOf(step), ...rung.functions])], people: rung.people };
}
