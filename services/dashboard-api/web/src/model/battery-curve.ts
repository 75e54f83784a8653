import type { BatteryCurvePoint } from '#core/paperwork/battery-test.ts';

/** Charge over the minutes since the discharge began, for the chart. */
export type CurvePair = readonly [minutes: number, charge: number];

export function chargeOver(curve: readonly BatteryCurvePoint[]): readonly CurvePair[] {
  const began = Date.parse(curve[0]?.at ?? '');
  return curve.flatMap(({ at, charge }): CurvePair[] =>
    charge === null ? [] : [[(Date.parse(at) - began) / 60_000, charge]],
  );
}

/** How a result is told: what should be replaced is replaced below 80 % (IEEE 1188). */
export const verdictOf = (health: number): 'good' | 'worn' | 'replace' =>
  health < 0.8 ? 'replace' : health < 0.88 ? 'worn' : 'good';
