import type { Chain, ChainStep, Escalation } from './config/escalation.ts';
import type { Severity } from './config/rule.ts';
import { type Duration, milliseconds } from './time.ts';

/**
 * Who is told next while nobody acknowledges: pure, the same for alerts and for incidents.
 *
 * A chain is a list of steps, each with its wait. A step in which nobody can be reached is passed at once (L26); after the last
 * step the whole list is told again and again: a list that is used up is not an acknowledgement (L27). Which chain holds
 * follows the time of day; a time without one takes the first of that severity, so that no time range pauses anything (L24).
 */
export interface Moment {
  readonly working: boolean;
  /** Of the site's own day, 0 to 1439. */
  readonly minute: number;
}

/** The short form leaves medium severity more time. */
const MEDIUM_PACE = 6;
const MEDIUM_REPEAT = 24;

/** A chain as it is gone down. */
export interface Ladder extends Pick<Chain, 'severity' | 'when'> {
  readonly steps: readonly Pick<ChainStep, 'tell' | 'people' | 'channels' | 'wait'>[];
  readonly repeatEvery: Duration;
  /**
   * Its first step is told with the very first message. In the short form whom the rule names has the first wait, and
   * functions that were told then are no steps of their own.
   */
  readonly atOnce: boolean;
}

/** The chains that are written, or those that the short form stands for: none for low severity. */
export function laddersOf({ order, every, chains }: Escalation): readonly Ladder[] {
  if (chains !== undefined)
    return chains.map(({ repeat_every, ...chain }) => ({ ...chain, repeatEvery: repeat_every, atOnce: true }));
  const short = (severity: Severity, pace: number, repeat: number): Ladder => ({
    severity: [severity],
    when: 'always',
    steps: order.map((name) => ({ tell: [name], people: [], wait: milliseconds(every * pace) })),
    repeatEvery: milliseconds(every * repeat),
    atOnce: false,
  });
  return [short('high', 1, 1), short('medium', MEDIUM_PACE, MEDIUM_REPEAT)];
}

/** Null: alerts of this severity are told once and not rung for. */
export function ladderAt(ladders: readonly Ladder[], severity: Severity, moment: Moment): Ladder | null {
  const own = ladders.filter((ladder) => ladder.severity.includes(severity));
  return own.find(({ when }) => holdsAt(when, moment)) ?? own[0] ?? null;
}

/** Is it this chain's time? */
export function holdsAt(when: Chain['when'], { working, minute }: Moment): boolean {
  if (when === 'always') return true;
  if (when === 'working' || when === 'off-hours') return working === (when === 'working');
  const [from, to] = [minuteOf(when.from), minuteOf(when.to)];
  return from <= to ? from <= minute && minute < to : minute >= from || minute < to;
}

/** `08:30` is 510. */
export function minuteOf(clockTime: string): number {
  const [hour = 0, minute = 0] = clockTime.split(':').map(Number);
  return hour * 60 + minute;
}

/** The first step after this one in which somebody can be reached; the number of steps when there is none: the end of the list. */
export function stepAfter(
  { steps }: Pick<Ladder, 'steps'>,
  last: number,
  somebody: (step: Ladder['steps'][number]) => boolean,
): number {
  for (let i = last + 1; i < steps.length; i++) {
    const step = steps[i];
    if (step !== undefined && somebody(step)) return i;
  }
  return steps.length;
}

/** How long after this step the next one follows. */
export const waitOf = ({ steps, repeatEvery }: Pick<Ladder, 'steps' | 'repeatEvery'>, step: number): Duration =>
  steps[step]?.wait ?? repeatEvery;

/** Everybody on the list, for its end. */
export const allOf = ({ steps }: Pick<Ladder, 'steps'>): Pick<ChainStep, 'tell' | 'people'> => ({
  tell: [...new Set(steps.flatMap(({ tell }) => tell))],
  people: [...new Set(steps.flatMap(({ people }) => people))],
});
