import type { IncidentView, StepState, StepView } from '#core/incident.ts';
import { isForPeople, isGeneral } from './plan-kinds.ts';

/** What an incident asks of people, and how its steps are grouped for reading. Pure. */

/** The order in which a plan's stages are lived through; unknown stages come last. */
export const STAGES = ['prepare', 'respond', 'hold', 'stand-down', 'protect', 'recover'] as const;
/** Without a clock: what comes after the danger, and then the end. */
const GENERAL_STAGES = ['respond', 'hold', 'protect', 'recover', 'stand-down'];

export type StepTone = 'todo' | 'active' | 'done' | 'failed' | 'set-aside';

const TONES: Readonly<Record<StepState, StepTone>> = {
  pending: 'todo',
  waiting: 'active',
  running: 'active',
  verifying: 'active',
  done: 'done',
  advised: 'done',
  rehearsed: 'done',
  failed: 'failed',
  cut: 'failed',
  skipped: 'set-aside',
  waived: 'set-aside',
};
export const toneOf = (state: StepState): StepTone => TONES[state];

const ENDED: ReadonlySet<StepState> = new Set(['done', 'failed', 'skipped', 'cut', 'waived', 'advised', 'rehearsed']);
export const hasEnded = (step: StepView): boolean => ENDED.has(step.state);

export interface StageGroup {
  readonly stage: string;
  readonly steps: readonly StepView[];
  readonly ended: number;
  readonly active: boolean;
}

export function groupByStage(steps: readonly StepView[], general = false): StageGroup[] {
  const order: readonly string[] = general ? GENERAL_STAGES : STAGES;
  const rank = (stage: string): number => {
    const index = order.indexOf(stage);
    return index < 0 ? order.length : index;
  };
  const stages = [...new Set(steps.map(({ stage }) => stage))].sort((a, b) => rank(a) - rank(b));
  return stages.map((stage) => {
    const own = steps.filter((step) => step.stage === stage);
    return {
      stage,
      steps: own,
      ended: own.filter(hasEnded).length,
      active: own.some((step) => toneOf(step.state) === 'active'),
    };
  });
}

/** Nobody answered in time and the default was taken: the question stands, an answer still counts. */
export const isByDefault = (step: StepView): boolean => step.kind === 'ask' && step.answer?.by === 'zhishou';

/** Questions and tasks that wait for a person now, those due first before the rest. */
export function openRequests(incident: IncidentView): StepView[] {
  return (
    incident.steps
      .filter(
        (step) =>
          ((step.kind === 'ask' || step.kind === 'task') && step.state === 'waiting') ||
          (isByDefault(step) && (incident.clocks?.mains === 'lost' || (isGeneral(incident) && isPressing(incident)))),
      )
      // Where lives are at stake the plan's own order holds: out of the room comes before looking.
      .sort((a, b) => (isForPeople(incident.plan.id) ? 0 : (a.dueAt ?? '9999').localeCompare(b.dueAt ?? '9999')))
  );
}

/** Questions that have an answer which may still be revised. */
export const answeredQuestions = (incident: IncidentView): StepView[] =>
  incident.phase === 'closed' || incident.clocks?.mains === 'present'
    ? []
    : incident.steps.filter(
        (step) => step.kind === 'ask' && step.answer !== null && step.state !== 'waiting' && !isByDefault(step),
      );

/** People still have to save something; afterwards things are only put back. */
export const isPressing = (incident: IncidentView): boolean =>
  ['responding', 'holding', 'protecting', 'finishing'].includes(incident.phase);

/** What the clocks follow is there: mains is away, or the room heats up. */
export const isThreatened = ({ clocks }: IncidentView): boolean =>
  clocks !== null && (clocks.threat === 'heat' ? clocks.exhaustion.at !== null : clocks.mains === 'lost');

/** The outage's clocks mean something until mains is believed again. */
export const hasClocks = (incident: IncidentView): boolean =>
  incident.clocks !== null &&
  !['preparing', 'standing-down', 'awaiting-recovery', 'recovering', 'closed'].includes(incident.phase);

export const isOpenIncident = (incident: IncidentView): boolean => incident.phase !== 'closed';

/** Open before closed; people's safety before equipment, what presses before what is put back; then the newest first. */
export const byRecency = (a: IncidentView, b: IncidentView): number =>
  Number(isOpenIncident(b)) - Number(isOpenIncident(a)) ||
  Number(isForPeople(b.plan.id)) - Number(isForPeople(a.plan.id)) ||
  Number(isPressing(b)) - Number(isPressing(a)) ||
  b.openedAt.localeCompare(a.openedAt);

/** As the engine does: before the point of no return; in a plan without a clock until somebody has said that the danger is over. */
const STANDS_DOWN_FROM: readonly string[] = ['preparing', 'responding', 'holding', 'protecting', 'settling'];
export const canStandDown = (incident: IncidentView): boolean =>
  STANDS_DOWN_FROM.includes(incident.phase) && (isGeneral(incident) || incident.pointOfNoReturn === null);

/** Waiting for charge or coolness after the danger: a person may order the start. */
export const canStartNow = (incident: IncidentView): boolean =>
  incident.phase === 'awaiting-recovery' && !isGeneral(incident);

/** The protecting sequence can be ordered while it has not begun, in a plan that has one. */
export const canStartSequence = (incident: IncidentView): boolean =>
  ['preparing', 'responding', 'holding'].includes(incident.phase) &&
  incident.steps.some(({ stage }) => stage === 'protect');

/** What people or acts are at, or what failed: an incident with these is not closed (O-ORG-2). */
export const unfinished = (incident: IncidentView): StepView[] =>
  incident.steps.filter(({ state }) => ['waiting', 'running', 'verifying', 'failed'].includes(state));
