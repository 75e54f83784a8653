import { instant, minutes } from '#core/time.ts';
import type { PowerDefinition } from '#services/alerts/plans/definition.ts';
import type { PowerSample } from '#services/alerts/plans/events.ts';
import { newUps, takeSample } from '#services/alerts/plans/power.ts';
import type { UpsState } from '#services/alerts/plans/state.ts';

/** One battery's discharge, reading by reading, with the truth beside it. */

export const TEST = { runtimeMs: minutes(60), atLoadW: 2400 };
export const power = (test: typeof TEST | null): PowerDefinition =>
  ({
    ups: ['u'],
    batteries: { u: { test, ratedW: 5400 } },
    supplies: [{ ups: 'u' }],
    silence_after: minutes(1),
  }) as never;
export const START = 1_800_000_000_000;
const EMPTY = 4;

export interface Discharge {
  readonly realMin: number;
  readonly factor: number;
  readonly lengthMin: number;
  readonly test?: typeof TEST | null;
  readonly noise?: (i: number) => number;
  readonly load?: (minute: number) => number;
  readonly change?: (sample: PowerSample, minute: number) => PowerSample;
}

/** A battery that lasts `realMin` at 2,400 W, read every five seconds; hands each state and the truth to `look`. */
export function discharge(the: Discharge, look: (state: UpsState, minute: number, trueMin: number) => void): void {
  let charge = 100;
  let state = newUps(instant(START));
  for (let i = 0; i * 5 <= the.lengthMin * 60; i++) {
    const minute = (i * 5) / 60;
    const load = the.load?.(minute) ?? 2400;
    if (i > 0) charge -= ((100 - EMPTY) * 5 * load) / (the.realMin * 60 * 2400);
    if (charge <= EMPTY) return;
    const trueMin = (the.realMin * (charge - EMPTY) * 2400) / ((100 - EMPTY) * load);
    const sample: PowerSample = {
      ups: 'u',
      status: 'OB',
      charge: Math.min(100, Math.max(0, Math.round(charge + (the.noise?.(i) ?? 0)))),
      runtimeS: Math.floor(trueMin * the.factor) * 60,
      loadW: load,
    };
    state = takeSample(
      state,
      the.change?.(sample, minute) ?? sample,
      instant(START + i * 5000),
      power(the.test === undefined ? TEST : the.test),
    );
    look(state, minute, trueMin);
  }
}

export const believedMin = (state: UpsState, minute: number): number | null =>
  state.believed === null ? null : (state.believed.at - START) / 60_000 - minute;
