import { expect } from 'vitest';
import { type BlueprintRun, runBlueprint } from '#commands/simulate/run-seed.ts';
import { loadSample } from '#commands/simulate/sample.ts';
import { milliseconds } from '#core/time.ts';
import type { Blueprint, MachineDraft, UpsDraft } from '#simulators/swarm/blueprint.ts';
import type { TimedCommand } from '#simulators/swarm/case.ts';

/** The smallest sites in which something can go wrong, for findings of the swarm that must not come back. */

export const sample = loadSample();

export const ups = (more: Partial<UpsDraft> = {}): UpsDraft => ({
  id: 'ups-1',
  ratedWatts: 3000,
  runtimeS: 3600,
  atLoad: 1000,
  ageYears: 1,
  peukert: 1.05,
  efficiency: 0.93,
  noLoadWatts: 30,
  chargePercent: 100,
  chargerWatts: 1000,
  testedFactor: 1,
  firmwareFactor: 1,
  chargeNoise: 0,
  lowBatteryMinutes: 5,
  intervalS: 10,
  ...more,
});

export const server = (more: Partial<MachineDraft> = {}): MachineDraft => ({
  id: 'server-1',
  kind: 'server',
  feeds: [0],
  minFeeds: 1,
  dependsOn: [],
  watts: { running: 300, off: 8, starting: 300, busy: 320 },
  bootS: 90,
  shutdownS: 60,
  backupS: null,
  spread: 0.1,
  backupFails: 0,
  estimateFactor: 1.5,
  attempts: 1,
  giveUpFactor: 2,
  otherwise: [],
  powerOff: true,
  start: 'outlet',
  restoreOnPower: true,
  priority: 10,
  strayWay: false,
  ...more,
});

export const at = (seconds: number, command: TimedCommand['do']): TimedCommand => ({
  atMs: milliseconds(seconds * 1000),
  do: command,
});

/** Mains goes after a minute, for so long. */
export const outage = (lengthS: number): TimedCommand[] => [
  at(60, { kind: 'mains', present: false }),
  at(60 + lengthS, { kind: 'mains', present: true }),
];

export const site = (
  more: Partial<Omit<Blueprint, 'plan'>> & { plan?: Partial<Blueprint['plan']> } = {},
): Blueprint => ({
  seed: 1,
  mode: 'armed',
  startsAt: Date.UTC(2026, 2, 4, 2, 0),
  lastsMs: 4 * 3_600_000,
  upses: [ups()],
  machines: [server()],
  monitor: false,
  sensors: false,
  emergencyOff: false,
  room: { temperature: 22, outside: 20, heatCapacity: 3_000_000, coolingWatts: 5000 },
  otherPlans: [],
  people: {
    acknowledgeAfterMs: milliseconds(30_000),
    outlook: [],
    choices: [],
    tasks: [milliseconds(60_000)],
    orders: [],
  },
  scenario: outage(600),
  kills: [],
  ...more,
  plan: {
    limitS: 5400,
    settleS: 120,
    marginShare: 0.1,
    marginAtLeastS: 90,
    silence: 'hold',
    silenceAfterS: 60,
    pollS: 5,
    chargeAbove: 0,
    recoverySettleS: 120,
    temperatureGate: false,
    sshAtOnce: 4,
    snmpAtOnce: 4,
    without: [],
    askWithinS: 900,
    escalateEveryS: 300,
    ...more.plan,
  },
});

/** Plays it; no invariant may be broken. */
export async function play(draft: Blueprint): Promise<BlueprintRun> {
  const run = await runBlueprint(draft, sample, undefined, false);
  expect(run.violations).toEqual([]);
  return run;
}

/** When a device was given such a command. */
export const commands = (run: BlueprintRun, what: string): number[] =>
  (run.result?.evidence.truth.commands ?? []).filter((one) => one.command === what).map((one) => one.at);

export const told = (run: BlueprintRun, text: string): boolean =>
  (run.result?.evidence.deliveries ?? []).some((one) => `${one.subject} ${one.body}`.includes(text));
