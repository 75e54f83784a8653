import { type Duration, type Instant, minutes, plus, seconds } from '#core/time.ts';
import { silentSince } from './power.ts';
import type { IncidentState, Threat } from './state.ts';

/**
 * What the plan runs against: the battery's end after mains was lost, or the room's heat after cooling has failed. The four
 * clocks, the start of the sequence, the phases and the way back are the same for both; here stands what differs.
 */
export const threatOf = (state: IncidentState): Threat | null => state.power ?? state.heat;

/** It grows now: mains is away, or the room is hot or getting so. */
export const isThreatened = (state: IncidentState): boolean =>
  state.power !== null ? state.power.mains === 'lost' : state.heat !== null && !state.heat.over;

/** It has ended, but that is not believed yet. */
export const isOver = (state: IncidentState): boolean =>
  state.power !== null ? state.power.mains === 'present' : state.heat?.over === true;

/** Since when it has been over. */
export const overSince = (state: IncidentState): Instant =>
  state.power?.mainsSince ?? state.heat?.overSince ?? state.openedAt;

/** So long it must have been over before anything is concluded. */
export const settleLength = (state: IncidentState): Duration =>
  state.definition.power?.settle ?? state.definition.heat?.safe.for ?? seconds(0);

/** It was there at all: with mains never lost there is nothing to stand down from. */
export const hasBeenThreatened = (state: IncidentState): boolean =>
  state.power === null ? state.heat !== null : state.power.outageSince !== null;

export const marginOf = (state: IncidentState) => state.definition.power?.margin ?? state.definition.heat?.margin;

/** A temperature that was not heard for so long is no value. */
export const HEAT_HEARD_WITHIN = minutes(5);

/** Somebody still says that it is over: silence settles nothing (L1, L29). */
export function overIsHeard(state: IncidentState): boolean {
  const { power, heat, definition } = state;
  if (power !== null && definition.power !== null) {
    const settings = definition.power;
    return Object.values(power.ups).some(
      (ups) => ups.status === 'mains' && ups.seenAt !== null && silentSince(ups, settings) > state.now,
    );
  }
  return heat !== null && Object.values(heat.points).some((point) => plus(point.seenAt, HEAT_HEARD_WITHIN) > state.now);
}
