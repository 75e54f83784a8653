import type { Config } from '#core/config/config.ts';
import type { FunctionName } from '#core/config/people.ts';
import type { Plan } from '#core/config/plan.ts';
import type { IncidentView } from '#core/incident.ts';
import { type Instant, toIso } from '#core/time.ts';

/** What the open incidents explain: devices that a plan took down, and alerts that a plan already answers for. */
export interface OpenIncidents {
  /** True when what is explained has changed. `down`: the devices its plan took down, where the caller knows them already. */
  update(view: IncidentView, down?: ReadonlySet<string>): boolean;
  takenDownBy(device: string): string | null;
  answeredFor(rule: string): boolean;
  opensIncident(rule: string): boolean;
  /** The plan that it triggers follows a battery: an outage is an outage, whatever people keep silent about. */
  opensAnyway(rule: string): boolean;
  /** The open incident that an alert belongs to: its rule triggers that plan, or the plan is about its device. */
  incidentOf(rule: string, device: string): string | null;
  /** Somebody did something in an open incident that answers for alerts of this rule, or one of its steps ended, since then. */
  progressedSince(rule: string, since: Instant): boolean;
  /** The open incidents that answer for alerts of this rule, as they were published last. */
  incidentsFor(rule: string): readonly IncidentView[];
  /** Whom the open incident that answers for alerts of this rule will tell that it is over, whichever way it ends. */
  tellsTheEndTo(rule: string): readonly FunctionName[];
}

interface Open {
  readonly plan: string;
  readonly scope: ReadonlySet<string>;
  readonly down: ReadonlySet<string>;
  readonly view: IncidentView;
}

/** What its steps do something to, and what tells of it. */
const scopeOf = ({ steps }: IncidentView): ReadonlySet<string> =>
  new Set(steps.flatMap(({ device }) => (device === null ? [] : [device])));

const DOWN = new Set(['shutdown', 'power_off', 'shed', 'emergency_off']);
const BEGUN = new Set(['running', 'verifying', 'done']);

export function createOpenIncidents(config: Pick<Config, 'plans'>): OpenIncidents {
  const open = new Map<string, Open>();
  const triggers = new Map(config.plans.map((plan) => [plan.id, plan.triggers.alerts]));

  const ends = new Map(config.plans.map((plan) => [plan.id, toldOfTheEnd(plan)]));
  const answering = (rule: string): string[] =>
    [...open.values()].map(({ plan }) => plan).filter((plan) => triggers.get(plan)?.includes(rule) === true);
  const incidentsFor = (rule: string): IncidentView[] =>
    [...open.values()].flatMap(({ plan, view }) => (triggers.get(plan)?.includes(rule) === true ? [view] : []));
  const triggering = new Set([...triggers.values()].flat());
  const following = new Set(
    config.plans.flatMap(({ power, triggers: { alerts } }) => (power === undefined ? [] : alerts)),
  );

  return {
    update(view, known) {
      const before = open.get(view.id);
      if (view.phase === 'closed') return open.delete(view.id);
      const down = known ?? new Set(view.steps.filter(tookDown).map((step) => step.device ?? ''));
      // What is only asked for once need not be made anew: a view is made when it is read.
      open.set(view.id, { plan: before?.plan ?? view.plan.id, scope: before?.scope ?? scopeOf(view), down, view });
      return before === undefined || before.down.size !== down.size || [...down].some((id) => !before.down.has(id));
    },
    takenDownBy(device) {
      for (const [id, { down }] of open) if (down.has(device)) return id;
      return null;
    },
    opensIncident: (rule) => triggering.has(rule),
    opensAnyway: (rule) => following.has(rule),
    incidentOf(rule, device) {
      const [first] = incidentsFor(rule);
      if (first !== undefined) return first.id;
      for (const [id, { scope }] of open) if (scope.has(device)) return id;
      return null;
    },
    answeredFor: (rule) => answering(rule).length > 0,
    incidentsFor,
    progressedSince: (rule, since) => incidentsFor(rule).some((view) => movedSince(view, toIso(since))),
    tellsTheEndTo: (rule) => answering(rule).flatMap((plan) => ends.get(plan) ?? []),
  };
}

const tookDown = ({ operation, state, device }: IncidentView['steps'][number]): boolean =>
  device !== null && operation !== null && DOWN.has(operation) && BEGUN.has(state);

/** A person's doing, or the end of a step; what the plan only tells or reminds of is none. */
const movedSince = ({ steps, timeline }: IncidentView, since: string): boolean =>
  steps.some(({ endedAt }) => endedAt !== null && endedAt > since) ||
  timeline.some(({ at, who }) => who !== 'zhishou' && at > since);

/** Those who are told both when the plan stands down and when it has recovered; a message under a condition is no promise. */
function toldOfTheEnd({ steps }: Plan): readonly FunctionName[] {
  const [down = [], recovered = []] = (['stand-down', 'recover'] as const).map((stage) =>
    steps
      .filter((step) => step.stage === stage && step.when === undefined)
      .flatMap((step) => ('tell' in step ? step.tell.functions : [])),
  );
  return [...new Set(down)].filter((name) => recovered.includes(name));
}
