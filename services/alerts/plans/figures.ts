import type { Instant } from '#core/time.ts';
import type { IncidentState } from './state.ts';
import { outlookText } from './texts.ts';

/** The figures that every decision names (I7). */
export function figuresOf(state: IncidentState): Record<string, number | string | null> {
  const { power, now } = state;
  const elapsedS = Math.round((now - (power?.outageSince ?? state.openedAt)) / 1000);
  if (power === null) return { phase: state.phase, elapsedS };
  const inSeconds = (at: Instant | null): number | null => (at === null ? null : Math.round((at - now) / 1000));
  return {
    phase: state.phase,
    elapsedS,
    outlook: outlookText(state).en,
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
