import type { IncidentView, StepState, StepView } from '#core/incident.ts';

/** What an incident asks of people, and how its steps are grouped for reading. Pure. */

/** The order in which a plan's stages are lived through; unknown stages come last. */
export const STAGES = ['respond', 'hold', 'stand-down', 'protect', 'recover'] as const;

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

export function groupByStage(steps: readonly StepView[]): StageGroup[] {
  const rank = (stage: string): number => {
    const index = (STAGES as readonly string[]).indexOf(stage);
    return index < 0 ? STAGES.length : index;
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
  return incident.steps
    .filter(
      (step) =>
        ((step.kind === 'ask' || step.kind === 'task') && step.state === 'waiting') ||
        (isByDefault(step) && incident.clocks?.mains === 'lost' && isOpenIncident(incident)),
    )
    .sort((a, b) => (a.dueAt ?? '9999').localeCompare(b.dueAt ?? '9999'));
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

/** The outage's clocks mean something until mains is believed again. */
export const hasClocks = (incident: IncidentView): boolean =>
  incident.clocks !== null && !['standing-down', 'awaiting-recovery', 'recovering', 'closed'].includes(incident.phase);

export const isOpenIncident = (incident: IncidentView): boolean => incident.phase !== 'closed';

/** Open before closed, then the newest first. */
export const byRecency = (a: IncidentView, b: IncidentView): number =>
  Number(isOpenIncident(b)) - Number(isOpenIncident(a)) || b.openedAt.localeCompare(a.openedAt);

/** The phases before anything was taken away from users. */
export const canStandDown = (incident: IncidentView): boolean =>
  isOpenIncident(incident) && incident.pointOfNoReturn === null && incident.phase !== 'standing-down';

/** The protecting sequence can be ordered while it has not begun. */
export const canStartSequence = (incident: IncidentView): boolean =>
  incident.clocks !== null && ['responding', 'holding', 'settling'].includes(incident.phase);
