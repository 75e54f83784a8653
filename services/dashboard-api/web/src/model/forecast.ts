import type { AnswerForecast, Course, ForecastView, QuestionForecast } from '#core/forecast.ts';

/** What answers lead to, as it is shown: the course of what is being typed, and a text that stands still while it is read. Pure. */

export const questionOf = (forecast: ForecastView | null, step: string): QuestionForecast | null =>
  forecast?.questions.find((one) => one.step === step) ?? null;

export const answerOf = (question: QuestionForecast | null, answer: string): AnswerForecast | null =>
  question?.answers.find((one) => one.answer === answer) ?? null;

/** The course of an answer at the time that was given with it; of one without a time its only one. */
export function courseAt(answer: AnswerForecast | null, untilMs: number | null): Course | null {
  const cases = answer?.cases ?? [];
  if (untilMs === null) return cases.length === 1 ? (cases[0]?.course ?? null) : null;
  return cases.find(({ upTo }) => upTo === null || untilMs <= Date.parse(upTo))?.course ?? null;
}

/** A figure that wavers by a minute is no news; another verdict is, at once. */
const MOVED_MS = 120_000;
export const STALE_MS = 60_000;

/** Which of the two is shown. `takenMs`: when the shown one was taken; all of it by this page's own clock. */
export function calmer(shown: ForecastView | null, fresh: ForecastView, takenMs: number, nowMs: number): ForecastView {
  if (shown === null || shown.incident !== fresh.incident || nowMs - takenMs >= STALE_MS) return fresh;
  const before = coursesOf(shown);
  const after = coursesOf(fresh);
  if (before.length !== after.length) return fresh;
  return after.some((course, i) => differs(before[i], course)) || adviceOf(shown) !== adviceOf(fresh) ? fresh : shown;
}

const adviceOf = ({ questions, orders }: ForecastView): string =>
  JSON.stringify([
    questions.map(({ step, advised, answers }) => [step, advised?.answer, answers.map((one) => one.answer)]),
    orders.map(({ refused }) => words(refused)),
  ]);

const coursesOf = ({ nobody, questions, orders, steps }: ForecastView): readonly (Course | null)[] => [
  nobody,
  ...questions.flatMap(({ answers }) => answers.flatMap(({ cases }) => cases.map(({ course }) => course))),
  ...orders.map(({ course }) => course),
  ...steps.flatMap(({ done, waived }) => [done, waived]),
];

function differs(before: Course | null | undefined, after: Course | null): boolean {
  if (before == null || after === null) return before !== after;
  const said = (course: Course): string => [course.now, course.later, course.late].map(words).join('|');
  if (said(before) !== said(after)) return true;
  return (['startsAt', 'downAt', 'emptyAt', 'closesAt'] as const).some(
    (name) => Math.abs(Date.parse(before[name] ?? '') - Date.parse(after[name] ?? '')) >= MOVED_MS,
  );
}

/** The words without their figures. */
const words = (text: { readonly en: string } | null): string => text?.en.replaceAll(/\d+/g, '#') ?? '';
