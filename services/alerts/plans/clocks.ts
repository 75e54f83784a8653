import { type Duration, type Instant, instant, milliseconds, plus, seconds } from '#core/time.ts';
import type { ActDefinition, IncidentDefinition } from './definition.ts';
import { type Need, type NeedTask, needOf } from './need.ts';
import { summarise } from './power.ts';
import { ENDED, type IncidentState, type StepProgress } from './state.ts';
import type { Turn } from './turn.ts';

/** The four figures of EMERGENCY.md, recomputed at each event. */

/** A step that outlasts its expected time is expected to end soon, but not at once. */
const OVERDUE_STEP = seconds(10);

export function updateClocks(turn: Turn): void {
  const { state } = turn;
  const { power } = state;
  const settings = state.definition.power;
  if (power === null || settings === null) return;
  summarise(power, settings, turn.at);
  const need = remainingNeed(state, 'all');
  power.need = need;
  power.bareMs = remainingNeed(state, 'bare').ms;
  if (state.sequence !== null && openProtectActs(state).length === 0) {
    // All is down: there is nothing left that could be begun too late.
    Object.assign(power, { marginMs: milliseconds(0), latestSafeStart: null });
    return;
  }
  const end = power.exhaustion.at;
  power.marginMs = marginFor(state, end === null ? 0 : end - turn.at);
  power.latestSafeStart = end === null ? null : instant(end - need.ms - power.marginMs);
}

/** The plan's margin for the time that is left now. */
export function marginFor(state: IncidentState, remainingMs: number): Duration {
  const margin = state.definition.power?.margin;
  if (margin === undefined) return milliseconds(0);
  return milliseconds(Math.round(Math.max(margin.share * Math.max(0, remainingMs), margin.at_least)));
}

/** How long the rest of the protect stage takes; `bare` without backups; from one step on with `from`. */
export function remainingNeed(state: IncidentState, which: 'all' | 'bare', from?: string): Need {
  const { definition } = state;
  const open = openProtectActs(state);
  const counted = from === undefined ? open : behind(from, open);
  const wanted = counted.filter((step) => which === 'all' || step.operation !== 'backup');
  const tasks = wanted.map((step) => taskOf(state, step, wanted));
  return needOf(tasks, definition.atOnce);
}

/** Acts of the sequence that are still to do; power cuts of what is off and rehearsals cost no battery. */
export function openProtectActs(state: IncidentState): ActDefinition[] {
  return actsOf(state.definition).filter((step) => {
    if (step.stage !== 'protect' || step.rehearseOnly || step.own) return false;
    const progress = state.steps[step.id];
    return progress === undefined || !ENDED.has(progress.state);
  });
}

const actsOf = (definition: IncidentDefinition): ActDefinition[] =>
  definition.steps.filter((step): step is ActDefinition => step.kind === 'act');

/** The step and everything that waits for it. */
function behind(from: string, steps: readonly ActDefinition[]): ActDefinition[] {
  const found = new Set([from]);
  for (let grew = true; grew; ) {
    grew = false;
    for (const step of steps) {
      if (found.has(step.id) || ![...step.after, ...step.proven].some((id) => found.has(id))) continue;
      found.add(step.id);
      grew = true;
    }
  }
  return steps.filter((step) => found.has(step.id));
}

function taskOf(state: IncidentState, step: ActDefinition, among: readonly ActDefinition[]): NeedTask {
  const progress = state.steps[step.id];
  const names = new Set(among.map((other) => other.id));
  const active = progress !== undefined && (progress.state === 'running' || progress.state === 'verifying');
  return {
    id: step.id,
    durationMs: remainingOf(state.now, step, progress),
    driver: step.ways[progress?.way ?? 0]?.driver ?? null,
    after: active ? [] : [...new Set([...step.after, ...step.proven])].filter((id) => names.has(id)),
    rank: active ? -1 : step.priority,
  };
}

function remainingOf(now: Instant, step: ActDefinition, progress: StepProgress | undefined): number {
  const begun = progress?.run?.begunAt ?? null;
  if (progress === undefined || begun === null || progress.state === 'pending') return step.expectedMs;
  return Math.max(OVERDUE_STEP, step.expectedMs - (now - begun));
}

/**
 * The last moment at which waiting longer still leaves time for a bare shutdown of everything that is left; null while
 * the exhaustion is not known.
 */
export const bareDeadline = (state: IncidentState): Instant | null => {
  const end = state.power?.exhaustion.at ?? null;
  if (end === null || state.power === null) return null;
  return instant(end - state.power.bareMs - marginFor(state, end - state.now));
};

/** The last moment for one step and what waits for it, with a slimmer margin: what is held is held as long as it helps. */
export function forceDeadline(state: IncidentState, step: string): Instant | null {
  const end = state.power?.exhaustion.at ?? null;
  if (end === null) return null;
  const margin = Math.max(seconds(30), (state.definition.power?.margin.at_least ?? 0) / 2);
  return instant(end - remainingNeed(state, 'bare', step).ms - margin);
}

/** Is the battery forcing this step now? With no figure at all nothing may wait for a better moment. */
export function isForced(state: IncidentState, step: string): boolean {
  if (state.power?.mains !== 'lost') return false;
  const deadline = forceDeadline(state, step);
  return deadline === null || state.now >= deadline;
}

/** The limit counts from the beginning of the outage (O-PWR-4: not back within one and a half hours). */
export const limitAt = (state: IncidentState): Instant | null => {
  const { power, definition } = state;
  if (power === null || definition.power === null || power.outageSince === null) return null;
  return plus(power.outageSince, definition.power.limit);
};

/** When mains is expected back; "within the limit" is a promise for the limit's end at the latest. */
export const outlookUntil = (state: IncidentState): Instant | null =>
  state.outlook.kind === 'within' ? limitAt(state) : state.outlook.until;

/** Does what people said put the return of mains beyond the limit? Null: not known. */
export function overLimit(state: IncidentState): boolean | null {
  const limit = limitAt(state);
  switch (state.outlook.kind) {
    case 'unknown':
      return null;
    case 'within':
      return false;
    case 'over':
      return true;
    case 'until':
      return limit === null || state.outlook.until === null ? null : state.outlook.until > limit;
  }
}
