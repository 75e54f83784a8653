import type { Config } from '#core/config/config.ts';
import type { Plan } from '#core/config/plan.ts';
import type { BatteryFit } from '#core/readiness.ts';
import { type Duration, instant } from '#core/time.ts';
import { type CompileContext, compileIncident } from '../plans/compile.ts';
import { decide } from '../plans/decide.ts';
import type { IncidentDefinition, PowerDefinition, Supply } from '../plans/definition.ts';

/**
 * Does the whole sequence fit the battery? (CyberPower warns of this and nobody else does.) Three cases: a full battery as its
 * last discharge test measured it, the same at 80 % health (where IEEE 1188 calls for a new one), and today's charge and load.
 *
 * The needs are the engine's own: an incident is opened in thought and its clocks are read. Example: 60 min at the test's
 * load, 14 min for everything, margin 6 min → with backups.
 */
export interface BatteryNow {
  /** Percent, null when not known. */
  readonly charge: number | null;
  readonly loadW: number | null;
}

export interface Needs {
  readonly needMs: Duration;
  readonly bareMs: Duration;
}

/** VRLA batteries at one-hour rates, as plans/exhaustion.ts has it. */
const PEUKERT = 1.15;
const AGED = 0.8;

export function batteryFits(
  plan: Plan,
  context: CompileContext,
  now: (ups: string) => BatteryNow,
): readonly BatteryFit[] {
  const definition = compileIncident(plan, context);
  const { power } = definition;
  if (power === null) return [];
  const needs = needsOf(definition, context.config);
  const full = (ups: string): number | null => power.batteries[ups]?.test?.runtimeMs ?? null;
  const cases: readonly [BatteryFit['case'], (ups: string) => number | null][] = [
    ['full', full],
    ['aged', (ups) => scaled(full(ups), AGED)],
    ['now', (ups) => runtimeNow(power, ups, now(ups))],
  ];
  return cases.map(([name, runtimeOf]) => ({
    ...fitOf(plan.id, name, runtimeOfSupplies(power, runtimeOf), needs, power),
    upses: Object.keys(power.batteries).map((ups) => {
      const ms = runtimeOf(ups);
      return { ups, runtimeS: ms === null ? null : Math.round(ms / 1000) };
    }),
  }));
}

/** What everything and what a bare shutdown need, from the first moment of an outage on. */
export function needsOf(definition: IncidentDefinition, config: Pick<Config, 'site'>): Needs {
  const at = instant(0);
  const { state } = decide(null, {
    type: 'opened',
    at,
    incident: `fit-${config.site.id}`,
    definition,
    mode: 'rehearsal',
    armed: false,
    trigger: 'fit',
    cause: definition.plan.title,
    by: 'zhishou',
    outageSince: at,
    samples: [],
    points: {},
    people: { working: true, duty: null },
    offsetMs: 0,
  });
  return { needMs: state.power?.need.ms ?? (0 as Duration), bareMs: state.power?.bareMs ?? (0 as Duration) };
}

function fitOf(
  plan: string,
  name: BatteryFit['case'],
  runtimeMs: number | null,
  { needMs, bareMs }: Needs,
  { margin }: PowerDefinition,
): Omit<BatteryFit, 'upses'> {
  const marginMs = Math.max(margin.share * (runtimeMs ?? 0), margin.at_least);
  const seconds = (ms: number): number => Math.round(ms / 1000);
  const fits =
    runtimeMs === null
      ? null
      : needMs + marginMs <= runtimeMs
        ? 'with-backups'
        : bareMs + marginMs <= runtimeMs
          ? 'bare'
          : 'no';
  return {
    plan,
    case: name,
    runtimeS: runtimeMs === null ? null : seconds(runtimeMs),
    needS: seconds(needMs),
    bareNeedS: seconds(bareMs),
    marginS: seconds(marginMs),
    fits,
  };
}

function runtimeNow(power: PowerDefinition, ups: string, { charge, loadW }: BatteryNow): number | null {
  const test = power.batteries[ups]?.test;
  if (test == null || charge === null || loadW === null || loadW <= 0) return null;
  return (charge / 100) * test.runtimeMs * (test.atLoadW / loadW) ** PEUKERT;
}

const scaled = (ms: number | null, by: number): number | null => (ms === null ? null : ms * by);

/** The first device to lose its supply decides; with redundant supplies that is when too few of them are left (L7). */
function runtimeOfSupplies(power: PowerDefinition, runtimeOf: (ups: string) => number | null): number | null {
  const ends = power.supplies.map((supply) => supplyEnd(supply, runtimeOf));
  // What hangs on a bare feed is off already when mains is lost: no hurry saves it (as plans/power.ts has it).
  const last = ends.filter((end) => end !== GIVES_NOTHING);
  return last.length === 0 || last.includes(null) ? null : Math.min(...last.filter((end) => end !== null));
}

/** In an outage a feed without a battery. */
const GIVES_NOTHING = Number.NEGATIVE_INFINITY;

function supplyEnd(supply: Supply, runtimeOf: (ups: string) => number | null): number | null {
  if ('ups' in supply) return runtimeOf(supply.ups);
  if ('feed' in supply) return GIVES_NOTHING;
  const ends = supply.of.map((one) => supplyEnd(one, runtimeOf));
  if (ends.includes(null)) return null;
  return ends.filter((end) => end !== null).sort((a, b) => b - a)[supply.need - 1] ?? null;
}
