import {
  type AnswerCase,
  FORECAST_ORDERS,
  type ForecastOrder,
  type ForecastView,
  type QuestionForecast,
} from '#core/forecast.ts';
import { type Instant, instant, minutes, plus, toIso } from '#core/time.ts';
import { limitAt } from './clocks.ts';
import { type AskDefinition, isGeneral, type StepDefinition } from './definition.ts';
import type { EventBody } from './events.ts';
import { adviceOf, type Weighed } from './forecast-advice.ts';
import { courseOf } from './forecast-course.ts';
import { A_WHILE, ONLY_NOW, type Play, type PlayLimits, play, WHOLE } from './forecast-play.ts';
import { ONLY_RECORDED } from './forecast-words.ts';
import { refusalOf } from './refusals.ts';
import type { IncidentState, StepProgress } from './state.ts';
import { threatOf } from './threat.ts';

/**
 * What everything that people may say or order now would lead to. Each play is a few milliseconds; between two of them it yields,
 * so that whoever has more urgent things to do does those first.
 */
export function* forecastInSlices(state: IncidentState, at: Instant): Generator<void, ForecastView> {
  const now = instant(Math.max(at, state.now));
  const general = isGeneral(state.definition);
  const base = play(state, now, [], general ? A_WHILE : WHOLE);
  yield;
  const asked: Asked = { state, now, base, limits: general ? ONLY_NOW : WHOLE };
  const questions: QuestionForecast[] = [];
  for (const step of state.definition.steps) {
    if (step.kind === 'ask' && isOpen(state, step)) questions.push(yield* forecastQuestion(asked, step));
  }
  return {
    incident: state.id,
    at: toIso(instant(now + state.offsetMs)),
    nobody: courseOf(base, base),
    questions,
    orders: yield* forecastOrders(asked),
    steps: yield* forecastSteps(asked),
    end: endOf(state),
  };
}

/** The same without a pause. */
export function forecastIncident(state: IncidentState, now: Instant): ForecastView {
  const slices = forecastInSlices(state, now);
  for (;;) {
    const { done, value } = slices.next();
    if (done === true) return value;
  }
}

interface Asked {
  readonly state: IncidentState;
  readonly now: Instant;
  readonly base: Play;
  readonly limits: PlayLimits;
}

/** Nobody in particular: whoever reads it. */
const SOMEBODY = 'somebody';
const MOST_STEPS = 8;

const isOpen = (state: IncidentState, { id }: StepDefinition): boolean => {
  const progress = state.steps[id];
  return progress !== undefined && (progress.state === 'waiting' || progress.answer !== null);
};

type Option = AskDefinition['ask']['answers'][number];

function* forecastQuestion(asked: Asked, step: AskDefinition): Generator<void, QuestionForecast> {
  const { state } = asked;
  const weighed: Weighed[] = [];
  const answers: QuestionForecast['answers'][number][] = [];
  const progress = state.steps[step.id];
  for (const option of step.ask.answers) {
    const border = option.takes === 'nothing' ? null : yield* borderOf(asked, step, option);
    const sides = border === null ? [null] : [border, null];
    const cases: AnswerCase[] = [];
    for (const side of sides) {
      const until = option.takes === 'nothing' ? null : side === null ? beyond(asked, border) : before(asked, side);
      const played = play(state, asked.now, saidOf(state, step, option, until), asked.limits);
      if (option.takes === 'nothing') weighed.push({ option, play: played });
      cases.push({
        upTo: side === null ? null : toIso(instant(side + state.offsetMs)),
        course: courseOf(played, asked.base),
      });
      yield;
    }
    const dueAt = step.ask.default === option.id && progress?.state === 'waiting' ? progress.dueAt : null;
    answers.push({
      answer: option.id,
      cases,
      byItselfAt: dueAt === null ? null : toIso(instant(dueAt + state.offsetMs)),
    });
  }
  return { step: step.id, answers, advised: adviceOf(state, step, weighed) };
}

/** The answer as it would be given, by so many people as it needs. */
function saidOf(state: IncidentState, step: AskDefinition, option: Option, until: Instant | null): EventBody[] {
  const given = (state.steps[step.id]?.given ?? []).filter((one) => one.answer === option.id).length;
  const voices = Math.max(1, option.people - given);
  return Array.from({ length: voices }, (_, i) => ({
    type: 'answer' as const,
    step: step.id,
    answer: option.id,
    by: i === 0 ? SOMEBODY : `${SOMEBODY}-${i + 1}`,
    minutes: null,
    until,
  }));
}

const FARTHEST = minutes(24 * 60);
const before = ({ now }: Asked, border: Instant): Instant =>
  instant(Math.max(now + 1000, Math.round((now + border) / 2)));
const beyond = ({ now }: Asked, border: Instant | null): Instant =>
  border === null ? plus(now, minutes(30)) : plus(border, minutes(10));

/** Beyond which time the answer leads elsewhere: the limit, or the battery's end. Null: it is the same for all times. */
function* borderOf({ state, now }: Asked, step: AskDefinition, option: Option): Generator<void, Instant | null> {
  const goesDown = (until: Instant): boolean =>
    play(state, now, saidOf(state, step, option, until), ONLY_NOW).after.sequence !== null;
  const soon = plus(now, minutes(1));
  const far = plus(now, FARTHEST);
  if (goesDown(soon) || !goesDown(far)) return null;
  yield;
  for (const at of [limitAt(state), threatOf(state)?.exhaustion.at ?? null]) {
    if (at === null || at <= soon) continue;
    const isIt = !goesDown(instant(at - 1000)) && goesDown(plus(at, minutes(1)));
    yield;
    if (isIt) return at;
  }
  let [low, high] = [soon, far];
  while (high - low > minutes(1)) {
    const middle = instant(Math.round((low + high) / 2));
    if (goesDown(middle)) high = middle;
    else low = middle;
    yield;
  }
  return high;
}

const ORDER = { by: SOMEBODY, reason: '' } as const;

function* forecastOrders({ state, now, base, limits }: Asked): Generator<void, ForecastView['orders']> {
  const orders: {
    order: ForecastOrder;
    course: ReturnType<typeof courseOf> | null;
    refused: ForecastView['nobody']['late'];
  }[] = [];
  for (const order of FORECAST_ORDERS) {
    const event: EventBody = { type: order, ...ORDER };
    const refused = refusalOf(state, event);
    const course = refused === null ? courseOf(play(state, now, [event], limits), base) : null;
    orders.push({ order, course, refused: refused?.text ?? null });
    yield;
  }
  return orders;
}

const AT_WORK: readonly StepProgress['state'][] = ['waiting', 'running', 'verifying', 'failed', 'advised'];

function* forecastSteps({ state, now, base, limits }: Asked): Generator<void, ForecastView['steps']> {
  const open = state.definition.steps.filter(({ id }) => AT_WORK.includes(state.steps[id]?.state ?? 'pending'));
  const found: ForecastView['steps'][number][] = [];
  for (const { id } of open.slice(0, MOST_STEPS)) {
    const by = SOMEBODY;
    const done: EventBody = { type: 'task-done', step: id, by, note: null };
    const waived: EventBody = { type: 'waive', step: id, by, reason: '' };
    const courses = [done, waived].map((event) => {
      const course = refusalOf(state, event) === null ? courseOf(play(state, now, [event], limits), base) : null;
      return course?.now === ONLY_RECORDED ? null : course;
    });
    found.push({ step: id, done: courses[0] ?? null, waived: courses[1] ?? null });
    yield;
  }
  return found;
}

/** Which figure is believed, and how far the credible ones lie apart. */
function endOf(state: IncidentState): ForecastView['end'] {
  const threat = threatOf(state);
  if (threat === null || threat.exhaustion.at === null) return null;
  const { source, estimates } = threat.exhaustion;
  const ends = estimates.flatMap(({ at, credible }) => (credible && at !== null ? [at] : []));
  const iso = (at: number): string | null => (Number.isFinite(at) ? toIso(instant(at + state.offsetMs)) : null);
  return { source, earliest: iso(Math.min(...ends)), latest: iso(Math.max(...ends)) };
}
