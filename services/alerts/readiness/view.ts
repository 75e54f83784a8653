import type { BatteryFit, ReadinessItem, ReadinessState, ReadinessView } from '#core/readiness.ts';

/** One figure from many items: the worst of them; what was never tested is no comfort, but no failure either. */
const ORDER: readonly ReadinessState[] = ['ok', 'unknown', 'warn', 'fail'];

export const worst = (states: readonly ReadinessState[]): ReadinessState =>
  states.reduce<ReadinessState>((a, b) => (ORDER.indexOf(b) > ORDER.indexOf(a) ? b : a), 'ok');

export function readinessView(parts: {
  readonly at: string;
  readonly items: readonly ReadinessItem[];
  readonly battery: readonly BatteryFit[];
  readonly testing: boolean;
  readonly lastTestAt: string | null;
  readonly nextTestAt: string | null;
}): ReadinessView {
  const { items } = parts;
  const bad = [...items].sort((a, b) => ORDER.indexOf(b.state) - ORDER.indexOf(a.state));
  return {
    ...parts,
    items: bad,
    state: worst(items.map((item) => item.state)),
    ok: items.filter((item) => item.state === 'ok').length,
    of: items.length,
  };
}
