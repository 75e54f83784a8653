import type { StepState } from '#core/incident.ts';
import { type Duration, type Instant, minutes, seconds } from '#core/time.ts';
import type { IncidentState } from './state.ts';
import { stepList } from './step-list.ts';

/**
 * When the page gets a new view. What people act on goes out at once (decisions, asks, steps: the turn says so); figures that
 * moved follow within a few seconds; where only time passes, the clocks of the last view count down by themselves.
 */
export const SHOW_FIGURES_WITHIN = seconds(3);
export const SHOW_ANYHOW_WITHIN = minutes(1);

/** What of the last view would be wrong if it stood any longer. */
export interface Shown {
  readonly entries: number;
  readonly working: boolean;
  readonly duty: string | null;
  readonly steps: readonly StepState[];
  readonly power: {
    readonly mains: string;
    readonly silent: boolean;
    readonly charge: number | null;
    readonly loadW: number | null;
    readonly source: string | null;
    readonly exhaustionAt: Instant | null;
    readonly latestSafeStart: Instant | null;
    readonly needMs: Duration;
    readonly at: Instant;
  } | null;
}

export function shownOf(state: IncidentState): Shown {
  const { power } = state;
  return {
    entries: state.entries,
    working: state.working,
    duty: state.duty?.id ?? null,
    steps: stepList(state).map((step) => step.state),
    power:
      power === null
        ? null
        : {
            mains: power.mains,
            silent: power.silent,
            charge: power.charge,
            loadW: power.loadW,
            source: power.exhaustion.source,
            exhaustionAt: power.exhaustion.at,
            latestSafeStart: power.latestSafeStart,
            needMs: power.need.ms,
            at: state.now,
          },
  };
}

export function hasMoved(shown: Shown | null, state: IncidentState): boolean {
  if (shown === null) return true;
  const now = shownOf(state);
  if (shown.entries !== now.entries || shown.working !== now.working || shown.duty !== now.duty) return true;
  if (now.steps.some((step, i) => step !== shown.steps[i])) return true;
  return powerMoved(shown.power, now.power, nothingAtStake(state));
}

/** All is off, or mains is back: no figure of the battery hurries anybody. */
export const nothingAtStake = ({ phase }: IncidentState): boolean => phase === 'shut-down' || phase === 'recovering';

function powerMoved(before: Shown['power'], now: Shown['power'], calm: boolean): boolean {
  if (before === null || now === null) return before !== now;
  if (before.mains !== now.mains || before.silent !== now.silent) return true;
  if (calm) return (before.exhaustionAt === null) !== (now.exhaustionAt === null);
  if (
    before.source !== now.source ||
    differ(before.charge, now.charge, 2) ||
    differ(before.loadW, now.loadW, 0.03 * (before.loadW ?? 0))
  )
    return true;
  // A clock that is minutes away may be a little off; one that runs out soon may not.
  const left = (now.exhaustionAt ?? now.at) - now.at;
  const slack = Math.max(seconds(15), 0.02 * left);
  return (
    differ(before.exhaustionAt, now.exhaustionAt, slack) ||
    differ(before.latestSafeStart, now.latestSafeStart, slack) ||
    differ(before.needMs, now.needMs, Math.max(seconds(15), 0.05 * before.needMs))
  );
}

const differ = (a: number | null, b: number | null, by: number): boolean =>
  a === null || b === null ? a !== b : by === 0 ? a !== b : Math.abs(a - b) >= by;

const DOWN: ReadonlySet<string> = new Set(['shutdown', 'power_off', 'shed', 'emergency_off']);
const BEGUN: ReadonlySet<StepState> = new Set<StepState>(['running', 'verifying', 'done']);

const knownDown = new WeakMap<IncidentState['steps'], ReadonlySet<string>>();

/** Devices that the plan has taken down or is taking down, of a state that was decided. */
export function takenDown({ definition, steps }: IncidentState): ReadonlySet<string> {
  const known = knownDown.get(steps);
  if (known !== undefined) return known;
  const down = new Set<string>();
  for (const step of definition.steps) {
    if (step.kind !== 'act' || !DOWN.has(step.operation)) continue;
    if (BEGUN.has(steps[step.id]?.state ?? 'pending')) down.add(step.device);
  }
  knownDown.set(steps, down);
  return down;
}
