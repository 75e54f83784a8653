import type { Random } from '#core/random.ts';
import type { MachineDraft, PlanDraft } from './blueprint.ts';
import { weighted } from './weighted.ts';

/** The written plan's settings, and which of its steps a variant leaves out. */

export function drawPlan(random: Random): PlanDraft {
  return {
    limitS: weighted(random, [
      [6, () => 5400],
      [1, () => 1800],
      [1, () => 7200],
    ]),
    settleS: random.pick([120, 120, 120, 60, 180]),
    // The written plan's margin or a little more: of the 20 % that I3 allows, the rest is the battery forecast's.
    marginShare: random.pick([0.1, 0.1, 0.1, 0.12]),
    marginAtLeastS: random.pick([90, 90, 100]),
    silence: random.chance(0.6) ? 'hold' : 'exhausted',
    silenceAfterS: random.pick([60, 60, 90, 120]),
    pollS: random.pick([5, 5, 5, 10]),
    chargeAbove: random.pick([0, 10, 20, 30, 30, 50]),
    recoverySettleS: random.pick([120, 300, 300]),
    temperatureGate: random.chance(0.6),
    sshAtOnce: random.integer(1, 6),
    snmpAtOnce: random.integer(1, 4),
    without: drawVariant(random),
    askWithinS: random.pick([300, 900, 900, 1200]),
    escalateEveryS: random.pick([120, 300, 300, 600]),
  };
}

/** Steps that a site may well have left out of its plan. */
const OPTIONAL = [
  'shed',
  'backup',
  'shutdown-network',
  'tell-sequence',
  'call-power-department',
  'shutdown-monitor',
  'check-services',
] as const;

const drawVariant = (random: Random): string[] =>
  random.chance(0.6) ? [] : OPTIONAL.filter(() => random.chance(0.2)).map(String);

/** Seconds that the whole sequence takes by its estimates, roughly: only to choose batteries and outages near it. */
export function roughNeedS(machines: readonly MachineDraft[], plan: PlanDraft): number {
  const ends = new Map<string, number>();
  let longest = 0;
  let overSsh = 0;
  for (const machine of [...machines].reverse()) {
    const dependents = machines.filter((other) => other.dependsOn.includes(machine.id));
    const backup = plan.without.includes('backup') ? 0 : (machine.backupS ?? 0);
    const own = machine.kind === 'display' ? 0 : (backup + machine.shutdownS) * machine.estimateFactor;
    const end = own + Math.max(0, ...dependents.map((other) => ends.get(other.id) ?? 0));
    ends.set(machine.id, end);
    overSsh += machine.kind === 'server' || machine.kind === 'storage' ? own : 0;
    longest = Math.max(longest, end);
  }
  return Math.round(Math.max(longest, overSsh / plan.sshAtOnce)) + 20;
}
