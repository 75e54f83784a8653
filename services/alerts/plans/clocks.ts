import { type Duration, type Instant, instant, milliseconds, plus, seconds } from '#core/time.ts';
import { summariseHeat } from './heat.ts';
import { measuredEndOf, summarise } from './power.ts';
import { allIsDown, remainingNeed } from './remaining.ts';
import type { IncidentState } from './state.ts';
import { indexOf } from './step-index.ts';
import { isThreatened, marginOf, threatOf } from './threat.ts';
import type { Turn } from './turn.ts';

/** The four figures of EMERGENCY.md, recomputed at each event. */

/** A cut of an outlet with its proof: the command, and the next reading of the outlet. */
const CUT_TAKES = seconds(15);
/** What nothing waits for is cut so long before the battery's end. */
const BEFORE_THE_END = seconds(30);

export function updateClocks(turn: Turn): void {
  const { state } = turn;
  const { power, heat, definition } = state;
  const threat = threatOf(state);
  if (threat === null) return;
  // UPSes are heard before anything is judged: within a turn nothing of them changes but when a new outage began (relapse.ts).
  if (power !== null && definition.power !== null && turn.summedUp?.outageSince !== power.outageSince) {
    summarise(power, definition.power, turn.at);
    turn.summedUp = { outageSince: power.outageSince };
  }
  if (heat !== null && definition.heat != null) summariseHeat(heat, definition.heat, turn.at);
  threat.need = remainingNeed(state, 'all');
  threat.bareMs = remainingNeed(state, 'bare').ms;
  if (state.sequence !== null && allIsDown(state)) {
    // All is down: there is nothing left that could be begun too late.
    Object.assign(threat, { marginMs: milliseconds(0), latestSafeStart: null });
    return;
  }
  const end = threat.exhaustion.at;
  threat.marginMs = marginAtStart(state, threat.need.ms);
  threat.latestSafeStart = end === null ? null : instant(end - threat.need.ms - threat.marginMs);
}

/**
 * The plan's margin at the latest safe start itself: a share of what is left then, which is need and margin. So that instant stands
 * where it is while time passes; with the share of what is left now it would slip later with each minute, to the same start.
 */
function marginAtStart(state: IncidentState, needMs: number): Duration {
  const margin = marginOf(state);
  if (margin === undefined) return milliseconds(0);
  return milliseconds(Math.round(Math.max((margin.share / (1 - margin.share)) * needMs, margin.at_least)));
}

/** The plan's margin for the time that is left now. */
export function marginFor(state: IncidentState, remainingMs: number): Duration {
  const margin = marginOf(state);
  if (margin === undefined) return milliseconds(0);
  return milliseconds(Math.round(Math.max(margin.share * Math.max(0, remainingMs), margin.at_least)));
}

/**
 * The last moment at which waiting longer still leaves time for a bare shutdown of everything that is left; null while
 * the exhaustion is not known.
 */
export function bareDeadline(state: IncidentState): Instant | null {
  const threat = threatOf(state);
  const end = threat?.exhaustion.at ?? null;
  if (end === null || threat === null) return null;
  return instant(end - threat.bareMs - marginOfCuts(state, end - state.now));
}

/**
 * What must be left beyond a bare shutdown when a backup is given up. The battery's end is an abyss, the room's limit a slope: half
 * of the heat's margin is there for the backups under way, whose forecast their own heat makes worse.
 */
export const marginOfCuts = (state: IncidentState, remainingMs: number): Duration =>
  milliseconds(Math.round(marginFor(state, remainingMs) / (state.heat === null ? 1 : 2)));

/**
 * Until when a device may be waited for before its supply is cut, so that what depends on it can still be closed in order:
 * the end less the clean shutdowns behind it, a slim margin and the cut itself. What nothing waits for is cut near the end.
 */
export function cutDeadline(state: IncidentState, step: string): Instant | null {
  const index = indexOf(state.definition);
  const waiting = index.waitingFor.get(step) ?? [];
  const slim = Math.max(seconds(15), (marginOf(state)?.at_least ?? 0) / 3);
  const own = index.byId.get(step);
  const ends =
    waiting.length > 0
      ? waiting.map((other) => lastMoment(state, other.device, remainingNeed(state, 'close', other.id).ms + slim))
      : own?.kind === 'act'
        ? [lastMoment(state, own.device, BEFORE_THE_END)]
        : [];
  let first: number | null = null;
  for (const end of ends) if (end !== null && (first === null || end < first)) first = end;
  return first === null ? null : instant(first - CUT_TAKES);
}

/** So long before the end of this device's own supply, as it is measured, or of the room's coolness. */
function lastMoment(state: IncidentState, device: string, beforeMs: number): number | null {
  const { power, heat, definition } = state;
  const end =
    power === null || definition.power === null
      ? (heat?.exhaustion.at ?? null)
      : measuredEndOf(power, definition.power, device, state.now);
  return end === null ? null : end - beforeMs;
}

/** Is there no more time to wait for this device? Without any figure of the battery nothing may wait for a better moment. */
export function isForced(state: IncidentState, step: string): boolean {
  if (!isThreatened(state)) return false;
  const deadline = cutDeadline(state, step);
  return deadline === null ? state.power !== null : state.now >= deadline;
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
