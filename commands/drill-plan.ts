import type { Config } from '#core/config/config.ts';
import type { Plan } from '#core/config/plan.ts';
import { ZhishouError } from '#core/errors.ts';
import { type Duration, hours, type Instant, instant, milliseconds, minutes, parseDuration } from '#core/time.ts';
import { parseAnswer, type SimulatedAnswer } from '#simulators/people.ts';
import {
  buttonScenario,
  findScenario,
  loadScenario,
  outageScenario,
  type Scenario,
} from '#simulators/scenarios/scenario.ts';

/** What a drill's command line means. */
export interface DrillOptions {
  readonly config: string | null;
  /** Where past drills are kept. */
  readonly state: string;
  readonly all?: boolean;
  readonly rehearse?: boolean;
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

/** With a seed the room's day is always the same one: a Wednesday at 10:00 in Shanghai, in working hours; or at 22:00, outside. */
const SEEDED_START = instant(Date.UTC(2026, 0, 14, 2, 0, 0));
const SEEDED_NIGHT = instant(Date.UTC(2026, 0, 14, 14, 0, 0));
/** Recharging the battery to its threshold takes hours. */
const AFTERWARDS = hours(24);

export function planOf(config: Config, id: string): Plan {
  const plan = config.plans.find((one) => one.id === id);
  if (plan === undefined)
    throw new ZhishouError('NOT_FOUND', id, `known plans: ${config.plans.map((one) => one.id).join(', ')}`);
  return plan;
}

export function planDrill(plan: Plan, options: DrillOptions, now: Instant): DrillPlan {
  const scenario = scenarioFor(plan, options);
  const battery = options.battery ?? (scenario.battery === undefined ? '60m' : null);
  return {
    scenario,
    answer: parseAnswer(options.answer ?? scenario.answer ?? truthful(scenario)),
    battery: battery === null ? (scenario.battery ?? null) : duration('--battery', battery),
    seed: options.seed ?? 1,
    startsAt: scenario.hours === 'off' ? SEEDED_NIGHT : options.seed === undefined ? now : SEEDED_START,
    atMost: milliseconds(scenario.lasts + AFTERWARDS),
  };
}

/** What was asked for; else the plan's own scenario, or an outage for a plan that follows mains, or its button. */
function scenarioFor(plan: Plan, options: DrillOptions): Scenario {
  if (options.scenario !== undefined) return loadScenario(options.scenario);
  if (plan.power !== undefined) return outageScenario(duration('--outage', options.outage ?? '3h'));
  return findScenario(plan.id) ?? buttonScenario(plan.id);
}

/** Unless told otherwise the power department knows: over the room's limit of 90 minutes (O-PWR-4), or within it. */
const truthful = (scenario: Scenario): string => (scenario.lasts > minutes(91) ? '>90m' : '<90m');

function duration(name: string, text: string): Duration {
  const value = parseDuration(text);
  if (value === null || value <= 0)
    throw new ZhishouError('BAD_REQUEST', `${name} ${text}`, 'write a duration with a unit, e.g. 90m or 1h30m');
  return value;
}
