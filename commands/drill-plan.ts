import { ZhishouError } from '#core/errors.ts';
import { type Duration, hours, type Instant, instant, milliseconds, minutes, parseDuration } from '#core/time.ts';
import { parseAnswer, type SimulatedAnswer } from '#simulators/people.ts';
import { loadScenario, outageScenario, type Scenario } from '#simulators/scenarios/scenario.ts';

/** What a drill's command line means. */
export interface DrillOptions {
  readonly config: string | null;
  readonly outage?: string;
  readonly battery?: string;
  readonly answer?: string;
  readonly speed: number;
  readonly seed?: number;
  readonly virtual?: boolean;
  readonly scenario?: string;
  readonly language: 'zh' | 'en';
  readonly json?: boolean;
}

export interface DrillPlan {
  readonly scenario: Scenario;
  readonly answer: SimulatedAnswer;
  /** Null: as the sample world says. */
  readonly battery: Duration | null;
  readonly seed: number;
  readonly startsAt: Instant;
  /** Room time after which an incident that is still open is a failure. */
  readonly atMost: Duration;
}

/** With a seed the room's day is always the same one: a Wednesday at 10:00 in Shanghai, in working hours. */
const SEEDED_START = instant(Date.UTC(2026, 0, 14, 2, 0, 0));
/** Recharging the battery to its threshold takes hours. */
const AFTERWARDS = hours(24);

export function planDrill(options: DrillOptions, now: Instant): DrillPlan {
  const scenario =
    options.scenario === undefined
      ? outageScenario(duration('--outage', options.outage ?? '3h'))
      : loadScenario(options.scenario);
  const battery = options.battery ?? (scenario.battery === undefined ? '60m' : null);
  return {
    scenario,
    answer: parseAnswer(options.answer ?? scenario.answer ?? truthful(scenario)),
    battery: battery === null ? (scenario.battery ?? null) : duration('--battery', battery),
    seed: options.seed ?? 1,
    startsAt: options.seed === undefined ? now : SEEDED_START,
    atMost: milliseconds(scenario.lasts + AFTERWARDS),
  };
}

/** Unless told otherwise the power department knows: over the room's limit of 90 minutes (O-PWR-4), or within it. */
const truthful = (scenario: Scenario): string => (scenario.lasts > minutes(91) ? '>90m' : '<90m');

function duration(name: string, text: string): Duration {
  const value = parseDuration(text);
  if (value === null || value <= 0)
    throw new ZhishouError('BAD_REQUEST', `${name} ${text}`, 'write a duration with a unit, e.g. 90m or 1h30m');
  return value;
}
