import type { Figures } from '#core/incident.ts';
import { type Instant, instant, toIso } from '#core/time.ts';
import { outlookUntil, overLimit } from './clocks.ts';
import type { IncidentState } from './state.ts';

/** The figures that every decision names (I7), as machine values. */
export function figuresOf(state: IncidentState): Figures {
  const { power, heat, now } = state;
  const elapsedS = Math.round((now - (power?.outageSince ?? state.openedAt)) / 1000);
  const inSeconds = (at: Instant | null): number | null => (at === null ? null : Math.round((at - now) / 1000));
  if (heat !== null) {
    return {
      phase: state.phase,
      elapsedS,
      temperatureC: heat.hottest,
      temperatureLimitC: state.definition.heat?.limit ?? null,
      limitInS: inSeconds(heat.exhaustion.at),
      needS: Math.round(heat.need.ms / 1000),
      bareNeedS: Math.round(heat.bareMs / 1000),
      marginS: Math.round(heat.marginMs / 1000),
      latestSafeStartInS: inSeconds(heat.latestSafeStart),
    };
  }
  if (power === null) return { phase: state.phase, elapsedS };
  const until = outlookUntil(state);
  return {
    phase: state.phase,
    elapsedS,
    outlookUntil: until === null ? null : toIso(instant(until + state.offsetMs)),
    outlookOverLimit: overLimit(state),
    exhaustionInS: inSeconds(power.exhaustion.at),
    exhaustionSource: power.exhaustion.source,
    needS: Math.round(power.need.ms / 1000),
    bareNeedS: Math.round(power.bareMs / 1000),
    marginS: Math.round(power.marginMs / 1000),
    latestSafeStartInS: inSeconds(power.latestSafeStart),
    chargePercent: power.charge,
    loadWatts: power.loadW === null ? null : Math.round(power.loadW),
  };
}
