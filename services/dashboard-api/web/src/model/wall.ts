import type { IncidentPhase, IncidentView, StepView } from '#core/incident.ts';
import { isGeneral, isHeat } from './plan-kinds.ts';
import { hasClocks, hasEnded, isPressing, isThreatened, openRequests, toneOf } from './steps.ts';
import { epochOf } from './time-format.ts';

/** What an emergency shows on the wall: its clocks, what runs, what is asked, what comes next. Pure. */

export type WallClockName =
  | 'latestStart'
  | 'exhaustion'
  | 'need'
  | 'outlook'
  | 'planned'
  | 'elapsed'
  | 'deadline'
  | 'progress'
  | 'charge';

export interface WallClock {
  readonly name: WallClockName;
  /** Counts down to this, or with `elapsed` up from it; epoch milliseconds. */
  readonly at: number | null;
  /** A length that does not run. */
  readonly seconds: number | null;
  /** Where it is no time: `3/12`, `89 %`. */
  readonly figure: string | null;
  readonly tone: 'high' | 'medium' | '';
}

const BEFORE: readonly string[] = ['responding', 'holding'];
const URGENT_S = 600;
const clock = (name: WallClockName, over: Partial<WallClock> = {}): WallClock => ({
  ...{ name, at: null, seconds: null, figure: null, tone: '' },
  ...over,
});

/** Four at most, the one that matters now first. `now`: the site's, epoch milliseconds. */
export function wallClocks(incident: IncidentView, now: number): WallClock[] {
  const { clocks, phase, planned } = incident;
  if (phase === 'preparing' && planned !== null)
    return [clock('planned', { at: epochOf(planned.from) }), ...deadline(incident, now), progress(incident)];
  if (clocks === null || isGeneral(incident) || !hasClocks(incident) || !isThreatened(incident))
    return without(incident, now);
  const begun = !BEFORE.includes(phase);
  const latest = epochOf(clocks.latestSafeStart);
  const empty = epochOf(clocks.exhaustion.at);
  const urgent = isPressing(incident) && latest !== null && latest - now < URGENT_S * 1000;
  const tone = urgent ? 'high' : '';
  const start = clock('latestStart', { at: begun ? null : latest, tone: begun ? '' : tone });
  const end = clock('exhaustion', { at: empty, tone: begun ? tone : '' });
  const rest = [clock('need', { seconds: phase === 'shut-down' ? null : clocks.needS })];
  if (!isHeat(incident) || clocks.outlook.kind !== 'unknown')
    rest.push(clock('outlook', { at: epochOf(clocks.outlook.until) }));
  else rest.push(clock('elapsed', { at: epochOf(incident.openedAt) }));
  // Before the sequence its latest start is what counts, afterwards the end of the battery.
  return begun || latest === null ? [end, start, ...rest] : [start, end, ...rest];
}

/** No figure runs down: fire, shock, theft, and whatever is over and being put back. */
function without(incident: IncidentView, now: number): WallClock[] {
  const { clocks } = incident;
  const charge = clocks?.chargePercent ?? null;
  return [
    clock('elapsed', { at: epochOf(incident.openedAt) }),
    ...deadline(incident, now),
    progress(incident),
    ...(charge === null || isHeat(incident) ? [] : [clock('charge', { figure: `${Math.round(charge)} %` })]),
  ];
}

/** What somebody must do soonest. */
function deadline(incident: IncidentView, now: number): WallClock[] {
  const due = openRequests(incident)
    .flatMap(({ dueAt }) => epochOf(dueAt) ?? [])
    .sort((a, b) => a - b)[0];
  return due === undefined
    ? []
    : [clock('deadline', { at: due, tone: due <= now && isPressing(incident) ? 'high' : '' })];
}

function progress({ steps }: IncidentView): WallClock {
  const counted = steps.filter(({ state }) => state !== 'skipped');
  return clock('progress', { figure: `${counted.filter(hasEnded).length}/${counted.length}` });
}

export interface WallSteps {
  /** Equipment at work, and what failed; the failed first. */
  readonly running: readonly StepView[];
  readonly asked: readonly StepView[];
  readonly next: readonly StepView[];
}

/**
 * Which parts of a plan lie ahead, the nearest first. What is left of `respond` hangs on conditions (nobody answers, it grows hot), so
 * it comes after what is sure to follow; giving back and starting again are far away while there is something to save.
 */
const AHEAD: Readonly<Record<IncidentPhase, readonly string[]>> = {
  preparing: ['prepare', 'respond'],
  responding: ['hold', 'protect', 'respond'],
  holding: ['hold', 'protect', 'respond'],
  protecting: ['protect'],
  finishing: ['protect', 'recover'],
  settling: ['stand-down', 'recover'],
  'standing-down': ['stand-down'],
  'shut-down': ['recover'],
  'awaiting-recovery': ['recover'],
  recovering: ['recover'],
  closed: [],
};
/** A plan without a clock is lived through as it is written. */
const AHEAD_GENERAL: readonly string[] = ['respond', 'hold', 'protect', 'recover', 'stand-down'];

export function wallSteps(incident: IncidentView): WallSteps {
  const asked = openRequests(incident);
  const isAsked = new Set(asked.map(({ id }) => id));
  const ended = new Set(incident.steps.filter(hasEnded).map(({ id }) => id));
  const distance = ({ after }: StepView): number => after.filter((id) => !ended.has(id)).length;
  const failed = incident.steps.filter(({ state }) => state === 'failed');
  const running = incident.steps.filter((step) => toneOf(step.state) === 'active' && !isAsked.has(step.id));
  const ahead = isGeneral(incident) ? AHEAD_GENERAL : AHEAD[incident.phase];
  const next = incident.steps
    .filter(({ state, stage }) => state === 'pending' && ahead.includes(stage))
    .map((step, index) => ({ step, index, stage: ahead.indexOf(step.stage), away: distance(step) }))
    .sort((a, b) => a.stage - b.stage || a.away - b.away || a.index - b.index)
    .map(({ step }) => step);
  return { running: [...failed, ...running], asked, next };
}

/** Digits in fixed places, always `h:mm:ss`, so that nothing moves when the hour goes; `quiet` leads what is still zero. */
export function wallDigits(totalSeconds: number): { readonly quiet: string; readonly digits: string } {
  const rest = Math.max(0, Math.floor(totalSeconds));
  const pad = (n: number): string => String(n).padStart(2, '0');
  const hours = Math.floor(rest / 3600);
  const tail = `${pad(Math.floor((rest % 3600) / 60))}:${pad(rest % 60)}`;
  return hours === 0 ? { quiet: '0:', digits: tail } : { quiet: '', digits: `${hours}:${tail}` };
}
