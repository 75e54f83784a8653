import type { FunctionName, Person } from '#core/config/people.ts';
import type {
  AnswerOption,
  ClocksView,
  ExhaustionEstimate,
  IncidentView,
  StepView,
  TimelineEntry,
  UpsClock,
} from '#core/incident.ts';
import { type Instant, instant, toIso } from '#core/time.ts';
import { outlookUntil, overLimit } from './clocks.ts';
import type { StepDefinition } from './definition.ts';
import { escalationView } from './escalation.ts';
import { forecastAnswer } from './forecast.ts';
import { headlineOf } from './headline.ts';
import { endsOf, FARTHEST } from './power.ts';
import type { Estimate, IncidentState, StepProgress } from './state.ts';
import { newStep } from './state.ts';
import { fillPlanText } from './texts.ts';
import { threatOf } from './threat.ts';

/** What people see of an incident, made from its state. */
export interface ViewContext {
  readonly timeline: readonly TimelineEntry[];
  readonly personFor: (name: FunctionName) => Person | null;
}

export function viewOf(state: IncidentState, context: ViewContext): IncidentView {
  const iso = isoOf(state);
  const { definition } = state;
  return {
    id: state.id,
    site: definition.site.id,
    plan: { id: definition.plan.id, version: definition.plan.version, title: definition.plan.title },
    mode: state.mode,
    simulated: definition.site.simulated,
    level: state.level,
    phase: state.phase,
    outcome: state.outcome,
    openedAt: toIso(instant(state.openedAt + state.offsetMs)),
    closedAt: iso(state.closedAt),
    cause: state.cause,
    headline: headlineOf(state),
    acknowledged: acknowledgedView(state),
    ...escalationPart(state, context),
    lead: leadView(state),
    planned:
      state.planned === null
        ? null
        : { id: state.planned.id, from: toIso(state.planned.from), to: toIso(state.planned.to) },
    pointOfNoReturn:
      state.pointOfNoReturn === null
        ? null
        : { passedAt: isoAt(state, state.pointOfNoReturn.at), step: state.pointOfNoReturn.step },
    clocks: clocksOf(state),
    steps: definition.steps.map((step) => stepView(state, step, context)),
    timeline: context.timeline,
  };
}

export const acknowledgedView = (state: IncidentState): IncidentView['acknowledged'] =>
  state.acknowledged === null ? null : { ...state.acknowledged, at: isoAt(state, state.acknowledged.at) };

function escalationPart(state: IncidentState, { personFor }: ViewContext): Pick<IncidentView, 'escalation'> {
  const escalation = escalationView(state, personFor);
  return escalation === undefined ? {} : { escalation };
}

/** Steady time to wall time. */
const isoAt = (state: IncidentState, at: Instant): string => toIso(instant(at + state.offsetMs));
const isoOf =
  (state: IncidentState) =>
  (at: Instant | null): string | null =>
    at === null ? null : isoAt(state, at);

export function clocksOf(state: IncidentState): ClocksView | null {
  const { power, heat, definition, outlook } = state;
  const threat = threatOf(state);
  if (threat === null) return null;
  const iso = isoOf(state);
  const since = power === null ? state.openedAt : power.outageSince;
  return {
    at: isoAt(state, state.now),
    elapsedS: since === null ? 0 : Math.round((state.now - since) / 1000),
    threat: heat === null ? 'battery' : 'heat',
    mains: power === null || (power.silent && power.mains === 'lost') ? 'unknown' : power.mains,
    temperatureC: heat?.hottest ?? null,
    temperatureLimitC: definition.heat?.limit ?? null,
    outlook: {
      kind: outlook.kind === 'unknown' ? 'unknown' : 'until',
      until: iso(outlookUntil(state)),
      by: outlook.by,
      overLimit: overLimit(state),
    },
    exhaustion: {
      at: iso(threat.exhaustion.at),
      source: threat.exhaustion.source,
      estimates: threat.exhaustion.estimates.map((estimate) => estimateView(state, estimate)),
    },
    upses: upsClocks(state),
    needS: Math.round(threat.need.ms / 1000),
    needPath: threat.need.path,
    marginS: Math.round(threat.marginMs / 1000),
    latestSafeStart: iso(threat.latestSafeStart),
    chargePercent: power?.charge ?? null,
    loadWatts: power?.loadW == null ? null : Math.round(power.loadW),
    limitS: definition.power === null ? null : Math.round(definition.power.limit / 1000),
  };
}

function upsClocks(state: IncidentState): readonly UpsClock[] {
  const { power, definition } = state;
  if (power === null || definition.power === null) return [];
  const ends = endsOf(power, definition.power, state.now);
  return Object.entries(power.ups).map(([ups, { status, charge, loadW }]) => {
    const end = ends.get(ups);
    return {
      ups,
      status,
      emptyAt: end === undefined ? null : isoAt(state, instant(Math.min(end.at, state.now + FARTHEST))),
      source: end?.source ?? null,
      chargePercent: charge,
      loadWatts: loadW === null ? null : Math.round(loadW),
    };
  });
}

const estimateView = (state: IncidentState, estimate: Estimate): ExhaustionEstimate => ({
  source: estimate.source,
  at: isoOf(state)(estimate.at),
  remainingS: estimate.at === null ? null : Math.max(0, Math.round((estimate.at - state.now) / 1000)),
  credible: estimate.credible,
  why: estimate.why,
});

function stepView(state: IncidentState, step: StepDefinition, context: ViewContext): StepView {
  const progress = state.steps[step.id] ?? newStep();
  const iso = isoOf(state);
  const role = step.kind === 'ask' ? step.ask.function : step.kind === 'task' ? step.task.function : null;
  const person = role === null ? null : personOf(state, role, context);
  const contactId = step.kind === 'ask' ? step.ask.contact : step.kind === 'task' ? step.task.contact : undefined;
  const contact = contactId === undefined ? null : (state.definition.contacts[contactId] ?? null);
  const script = step.kind === 'ask' ? (step.ask.script ?? null) : step.kind === 'task' ? step.task.script : null;
  const filled = script === null ? null : fillPlanText(state, step, script);
  return {
    id: step.id,
    kind: step.kind,
    title: step.kind === 'ask' ? fillPlanText(state, step, step.ask.question) : step.title,
    stage: step.stage,
    device: step.kind === 'act' ? step.device : null,
    operation: step.kind === 'act' ? step.operation : null,
    obligations: step.obligations,
    state: progress.state,
    after: step.kind === 'act' ? [...new Set([...step.after, ...step.proven])] : step.after,
    role,
    person: person?.id ?? null,
    phone: contact?.phone ?? person?.phone ?? null,
    contact: contact?.name ?? null,
    script: filled,
    answers: step.kind === 'ask' ? step.ask.answers.map((option) => answerOption(state, progress, option)) : [],
    answer: answerView(state, step, progress),
    // What is late keeps showing when it was due.
    dueAt: iso(progress.state === 'waiting' ? (progress.dueAt ?? progress.lateAt) : progress.dueAt),
    startedAt: iso(progress.startedAt),
    endedAt: iso(progress.endedAt),
    expectedS: step.kind === 'act' ? Math.round(step.expectedMs / 1000) : null,
    withinS: withinOf(step),
    attempts: progress.attempts,
    detail: progress.detail,
  };
}

/** For what is the duty person's: whoever has taken the incident over. */
function personOf(
  state: IncidentState,
  role: FunctionName,
  context: ViewContext,
): { id: string; phone?: string | undefined } | null {
  const { lead } = state;
  if (role !== 'duty' || lead === null || !lead.byHand) return context.personFor(role);
  return { id: lead.person.id, ...(lead.person.phone === null ? {} : { phone: lead.person.phone }) };
}

const leadView = (state: IncidentState): IncidentView['lead'] =>
  state.lead === null
    ? null
    : {
        person: state.lead.person.id,
        name: state.lead.person.name,
        phone: state.lead.person.phone,
        since: isoAt(state, state.lead.since),
      };

function withinOf(step: StepDefinition): number | null {
  const within = step.kind === 'ask' ? step.ask.within : step.kind === 'task' ? step.task.within : undefined;
  return within === undefined ? null : Math.round(within / 1000);
}

type Option = Extract<StepDefinition, { kind: 'ask' }>['ask']['answers'][number];

/** Forecast while it may be answered or the answer be revised. */
const answerOption = (state: IncidentState, progress: StepProgress, option: Option): AnswerOption => ({
  id: option.id,
  label: option.label,
  takes: option.takes,
  people: option.people,
  givenBy: progress.given.filter((one) => one.answer === option.id).map((one) => one.by),
  consequence:
    state.phase === 'closed' || (progress.state !== 'waiting' && progress.answer === null)
      ? null
      : forecastAnswer(state, option),
});

function answerView(state: IncidentState, step: StepDefinition, progress: StepProgress): StepView['answer'] {
  if (step.kind !== 'ask' || progress.answer === null) return null;
  const { id, by, at } = progress.answer;
  const option = step.ask.answers.find((answer) => answer.id === id);
  return option === undefined ? null : { id, label: option.label, by, at: isoAt(state, at) };
}
