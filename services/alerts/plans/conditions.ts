import type { Plan, PlanCondition } from '#core/config/plan.ts';
import { LEVELS, type Level } from '#core/incident.ts';
import type { Value } from '#core/reading.ts';
import { type Instant, plus } from '#core/time.ts';
import { overLimit } from './clocks.ts';
import type { IncidentDefinition } from './definition.ts';
import { ENDED, type IncidentState } from './state.ts';

/**
 * Does a plan's condition hold? Judged from the recorded state alone, so that a fold judges the same.
 *
 * Beside "yes" and "not yet" there is "never": it cannot come to hold any more, so its step is skipped instead of waiting for
 * ever. To stay right through any, all and not, each part says whether it holds and whether that is final: `not` of what
 * holds for good never holds; `all` is final once one part is false for good; `any` once one is true for good.
 */
export type Holds = 'yes' | 'not-yet' | 'never';

interface Verdict {
  readonly holds: boolean;
  readonly final: boolean;
}

export interface JudgedAt {
  /** As if all the time had passed that conditions wait for: what may still come by itself. */
  readonly later?: boolean;
}

export function conditionHolds(state: IncidentState, when: PlanCondition | null, at: JudgedAt = {}): Holds {
  if (when === null) return 'yes';
  const { holds, final } = judge(state, when, at);
  if (holds) return 'yes';
  return final ? 'never' : 'not-yet';
}

/** All that are given must hold. */
function judge(state: IncidentState, when: PlanCondition, at: JudgedAt): Verdict {
  const parts = plainParts(state, when, at);
  if (when.all !== undefined) parts.push(...when.all.map((one) => judge(state, one, at)));
  if (when.any !== undefined) parts.push(anyOf(when.any.map((one) => judge(state, one, at))));
  if (when.not !== undefined) {
    const { holds, final } = judge(state, when.not, at);
    parts.push({ holds: !holds, final });
  }
  return allOf(parts);
}

const allOf = (parts: readonly Verdict[]): Verdict => {
  const holds = parts.every((part) => part.holds);
  return { holds, final: holds ? parts.every((part) => part.final) : parts.some((part) => !part.holds && part.final) };
};

const anyOf = (parts: readonly Verdict[]): Verdict => {
  const holds = parts.some((part) => part.holds);
  return { holds, final: holds ? parts.some((part) => part.holds && part.final) : parts.every((part) => part.final) };
};

const fixed = (holds: boolean): Verdict => ({ holds, final: true });
const open = (holds: boolean): Verdict => ({ holds, final: false });
/** Once it holds it holds for good. */
const once = (holds: boolean): Verdict => ({ holds, final: holds });

function plainParts(state: IncidentState, when: PlanCondition, at: JudgedAt): Verdict[] {
  const parts: Verdict[] = [];
  // Working or off hours are those of the incident's beginning.
  if (when.hours !== undefined) parts.push(fixed((when.hours === 'working') === state.openedWorking));
  if (when.mode !== undefined)
    parts.push(fixed((when.mode === 'drill') === (state.mode === 'drill' || state.mode === 'rehearsal')));
  if (when.unanswered !== undefined) {
    const answered = answeredByPerson(state, when.unanswered);
    parts.push({ holds: !answered, final: answered });
  }
  if (when.answered !== undefined) parts.push(judgeAnswer(state, when.answered));
  if (when.elapsed !== undefined)
    parts.push(once(at.later === true || state.now >= plus(state.openedAt, when.elapsed)));
  if (when.outlook !== undefined) {
    const over = overLimit(state);
    parts.push(open((over === null ? 'unknown' : over ? 'over' : 'within') === when.outlook));
  }
  if (when.alerts !== undefined) parts.push(open(devicesFiring(state, when.alerts.rules).size >= when.alerts.devices));
  if (when.point !== undefined) parts.push(open(testPoint(when.point, state.points)));
  if (when.level !== undefined) parts.push(once(atLeastLevel(state.level, when.level)));
  if (when.planned !== undefined) parts.push(open((state.planned !== null) === when.planned));
  return parts;
}

/** The last answer counts; what was skipped without one can be given none any more. */
function judgeAnswer(state: IncidentState, wanted: NonNullable<PlanCondition['answered']>): Verdict {
  const progress = state.steps[wanted.step];
  const answer = progress?.answer ?? null;
  if (answer === null) return { holds: false, final: progress !== undefined && ENDED.has(progress.state) };
  return open(wanted.is.includes(answer.id));
}

/** A default taken when time ran out is not a person's answer; a waiver is a person's word too. */
const answeredByPerson = (state: IncidentState, id: string): boolean => {
  const progress = state.steps[id];
  if (progress === undefined) return false;
  if (progress.answer !== null) return progress.answer.by !== 'zhishou';
  return progress.state === 'done' || progress.state === 'waived';
};

/** Different devices on which one of these rules fires now: two of them are two independent witnesses. */
export const devicesFiring = (state: IncidentState, rules: readonly string[]): ReadonlySet<string> =>
  new Set(Object.values(state.alerts).flatMap(({ rule, device }) => (rules.includes(rule) ? [device] : [])));

export const atLeastLevel = (level: Level, least: Level): boolean => LEVELS.indexOf(level) >= LEVELS.indexOf(least);

export interface PointCondition {
  readonly point: { readonly device: string; readonly point: string };
  readonly above?: number;
  readonly below?: number;
  readonly is?: string | boolean;
}

type Points = Readonly<Record<string, Value>>;

/** `device/point`; made once for a plan's condition, which is looked at with each reading. */
const names = new WeakMap<PointCondition['point'], string>();

function nameOf({ point }: PointCondition): string {
  const known = names.get(point);
  if (known !== undefined) return known;
  const name = `${point.device}/${point.point}`;
  names.set(point, name);
  return name;
}

/** It looks at one of these points. */
export const isOfThese = (condition: PointCondition, points: Points): boolean =>
  points[nameOf(condition)] !== undefined;

export function testPoint(condition: PointCondition, points: Points): boolean {
  const value = points[nameOf(condition)];
  if (value === undefined) return false;
  if (condition.above !== undefined) return typeof value === 'number' && value > condition.above;
  if (condition.below !== undefined) return typeof value === 'number' && value < condition.below;
  return value === condition.is;
}

/** A condition and everything inside it. */
export const partsOf = (when: PlanCondition): readonly PlanCondition[] => [
  when,
  ...[...(when.any ?? []), ...(when.all ?? []), ...(when.not === undefined ? [] : [when.not])].flatMap(partsOf),
];

/** Every condition that a plan file names, whatever it stands in. */
export function planConditions(plan: Pick<Plan, 'steps' | 'rises'>): readonly PlanCondition[] {
  const steps = plan.steps.flatMap((step) => {
    if ('choose' in step)
      return [step.when, ...step.choose.flatMap((b) => [b.when, ...b.steps.map((inner) => inner.when)])];
    return 'together' in step ? [step.when, ...step.together.map((inner) => inner.when)] : [step.when];
  });
  return [...steps.flatMap((when) => when ?? []), ...plan.rises.map(({ when }) => when)].flatMap(partsOf);
}

interface Watched {
  readonly points: readonly PointCondition[];
  readonly elapsedMs: readonly number[];
}
const watched = new WeakMap<IncidentDefinition, Watched>();

function watchedBy(definition: IncidentDefinition): Watched {
  const known = watched.get(definition);
  if (known !== undefined) return known;
  const conditions = [
    ...definition.steps.flatMap((step) => [step.when, ...(step.kind === 'choose' ? step.branches : [])]),
    ...definition.rises.map(({ when }) => when),
  ].flatMap((when) => (when === null ? [] : partsOf(when)));
  const gate = definition.power?.recovery.temperature;
  const found: Watched = {
    points: [
      ...definition.steps.flatMap((step) => (step.kind === 'wait' && 'until' in step.wait ? [step.wait.until] : [])),
      ...conditions.flatMap(({ point }) => point ?? []),
      ...(gate === undefined ? [] : [gate]),
    ],
    elapsedMs: [...new Set(conditions.flatMap(({ elapsed }) => elapsed ?? []))].sort((a, b) => a - b),
  };
  watched.set(definition, found);
  return found;
}

/** Everything that waits, gates and conditions of the incident look at. */
export const watchedPoints = (definition: IncidentDefinition): readonly PointCondition[] =>
  watchedBy(definition).points;

/** When conditions may come to hold by time alone. */
export const conditionDues = (state: IncidentState): readonly Instant[] =>
  watchedBy(state.definition).elapsedMs.map((ms) => (state.openedAt + ms) as Instant);
