import { statusTokens } from '#core/reading.ts';
import { thin } from '#core/robust-slope.ts';
import { type Duration, hours, type Instant, instant, milliseconds, minutes, plus, seconds } from '#core/time.ts';
import type { PowerDefinition } from './definition.ts';
import type { PowerSample } from './events.ts';
import { estimateExhaustion } from './exhaustion.ts';
import { overloadBorne } from './overload.ts';
import type { BatterySample, PowerState, UpsState, UpsStatus } from './state.ts';
import { supplied, supplyEnd } from './supply-graph.ts';
import { bothTexts } from './texts.ts';

/** What the UPSes say, judged: is there mains, how long have they been on battery, which figures may be used. */

/** L3: a brief OFF is no outage. */
export const OFF_CONFIRMED_AFTER = seconds(30);
/** A pause on mains longer than this recharges enough to make earlier samples useless for the slope; the clocks go on. */
const SLOPE_FORGETS_AFTER = minutes(2);
const FIGURES_AGE = minutes(2);
const MOST_SAMPLES = 240;
/** After that time on mains a silence is the network's: a card that comes and goes does not put off the recovery for ever. */
const DOUBTED_FOR = minutes(30);
/** Runtimes at or above this are "no limit" or a full 16-bit counter (L5), not a figure. */
const RUNTIME_CAP_S = 65_535;
/** With next to no load left a battery "lasts" for days: nobody knows that, and nobody needs it. At least so long is what is said. */
export const FARTHEST = hours(24);

export const newUps = (at: Instant): UpsState => ({
  status: 'unknown',
  since: at,
  offSince: null,
  seenAt: null,
  onBatteryMs: milliseconds(0),
  countedAt: at,
  batterySamples: 0,
  charge: null,
  chargeAt: null,
  loadW: null,
  lowBattery: false,
  samples: [],
  runtimes: [],
  estimates: [],
  believed: null,
});

/**
 * CAL and TEST draw on the battery while mains is there; BYPASS and ECO, OVER and RB are states of a UPS with mains: none is an
 * outage (L3). OFF gives no power (L10) but must be confirmed. On battery although in bypass or eco mode: mains is lost.
 */
export function judgeStatus(status: string): UpsStatus | 'off?' {
  const tokens = statusTokens(status);
  if (tokens.size === 0) return 'unknown';
  if (tokens.has('CAL') || tokens.has('TEST')) return 'mains';
  if (tokens.has('OB')) return 'battery';
  if (tokens.has('BYPASS') || tokens.has('ECO')) return 'mains';
  if (tokens.has('OFF')) return 'off?';
  return tokens.has('OL') || tokens.has('TRIM') || tokens.has('BOOST') ? 'mains' : 'unknown';
}

/** The UPS's state after one batch. */
export function takeSample(before: UpsState, sample: PowerSample, at: Instant, power: PowerDefinition): UpsState {
  const next: UpsState = { ...before };
  takeStatus(next, before, sample, at);
  if (sample.charge !== null) {
    next.charge = sample.charge;
    next.chargeAt = at;
  }
  if (sample.loadW !== null) next.loadW = sample.loadW;
  if (next.status !== 'battery') {
    const rested = next.status === 'mains' && at - next.since > SLOPE_FORGETS_AFTER;
    const forgotten = rested ? { samples: [], batterySamples: 0, onBatteryMs: milliseconds(0) } : {};
    return { ...next, ...forgotten, runtimes: [], believed: null, estimates: [], overload: null };
  }
  // A poll that brought nothing back confirms nothing (L2).
  if (sample.status !== null) next.batterySamples += 1;
  if (sample.status !== null && statusTokens(sample.status).has('BYPASS')) return withoutBattery(next, at);
  const entry: BatterySample = [next.onBatteryMs, sample.charge, sample.loadW];
  next.samples = boundSamples([...before.samples, entry]);
  const runtime = usableRuntime(sample);
  // After a pause the figures from before say nothing of now: their median would be long past.
  const recent = at - before.countedAt > FIGURES_AGE ? [] : before.runtimes;
  if (runtime !== null) next.runtimes = [...recent, plus(at, seconds(runtime))].slice(-3);
  const definition = power.batteries[sample.ups] ?? { test: null, ratedW: null };
  // Who does not answer has not got rid of its load.
  const borne = sample.status === null ? (before.overload?.borneMs ?? null) : overloadBorne(sample);
  next.overload = borne === null ? null : { since: before.overload?.since ?? at, borneMs: borne };
  const relieved = next.overload === null && before.overload != null;
  const { estimates, believed } = estimateExhaustion({
    at,
    onBatteryMs: next.onBatteryMs,
    samples: next.samples,
    runtimes: next.runtimes,
    charge: sample.charge,
    loadW: sample.loadW,
    lowBattery: next.lowBattery,
    battery: definition,
    previous: relieved ? null : before.believed,
    tripsAt: next.overload === null ? null : plus(next.overload.since, next.overload.borneMs),
  });
  next.estimates = estimates;
  next.believed = believed;
  return next;
}

/** Mains is lost while the UPS stands on bypass: nothing carries the load, whatever charge it shows. */
const withoutBattery = (next: UpsState, at: Instant): UpsState => ({
  ...next,
  runtimes: [],
  believed: { at, source: 'ups' },
  estimates: [
    {
      source: 'ups',
      at,
      credible: true,
      why: bothTexts('UPS 处于旁路，市电中断时电池不供电', 'the UPS is on bypass: no battery carries the load'),
    },
  ],
});

function takeStatus(next: UpsState, before: UpsState, sample: PowerSample, at: Instant): void {
  if (before.status === 'battery') next.onBatteryMs = ownTime(before, at);
  next.countedAt = at;
  if (sample.status === null) return;
  const judged = judgeStatus(sample.status);
  next.seenAt = at;
  next.lowBattery = statusTokens(sample.status).has('LB');
  const stayed = before.status === 'mains' && judged !== 'battery' && at - before.since <= DOUBTED_FOR;
  if (stayed && (sample.afterSilence === true || before.offSince !== null)) next.heardAgainAt = at;
  if (judged === 'unknown') return;
  next.offSince = judged === 'off?' ? (before.offSince ?? at) : null;
  const status = judged === 'off?' ? confirmedOff(next, before, at) : judged;
  if (status !== before.status) Object.assign(next, { status, since: at });
}

const confirmedOff = (next: UpsState, before: UpsState, at: Instant): UpsStatus =>
  next.offSince !== null && at - next.offSince >= OFF_CONFIRMED_AFTER ? 'off' : before.status;

/** L6: the time on battery is what passed by our own measure between samples, whatever the UPS counts. */
const ownTime = (before: UpsState, at: Instant): Duration =>
  milliseconds(before.onBatteryMs + Math.max(0, at - Math.max(before.since, before.countedAt)));

/** The newest samples stay whole, older ones are thinned. */
const boundSamples = (samples: BatterySample[]): readonly BatterySample[] =>
  samples.length <= MOST_SAMPLES
    ? samples
    : [...thin(samples.slice(0, -60), MOST_SAMPLES / 2 - 60), ...samples.slice(-60)];

function usableRuntime(sample: PowerSample): number | null {
  const { runtimeS, charge } = sample;
  if (runtimeS === null || !Number.isFinite(runtimeS) || runtimeS < 0 || runtimeS >= RUNTIME_CAP_S) return null;
  // Zero with charge left is a sentinel (L5).
  return runtimeS === 0 && (charge === null || charge > 5) ? null : runtimeS;
}

/** Puts the UPSes' states together: mains, exhaustion, charge, load, silence. */
export function summarise(power: PowerState, definition: PowerDefinition, at: Instant): void {
  const all = Object.values(power.ups);
  const hasMains = (id: string): boolean => onMains(power, id);
  const known = all.some((ups) => ups.status !== 'unknown');
  const mains = !known ? 'unknown' : everySupplied(definition, hasMains) ? 'present' : 'lost';
  if (mains !== power.mains) {
    power.mains = mains;
    power.mainsSince = at;
    if (mains === 'lost') power.outageSince ??= at;
  }
  let again = Number.NEGATIVE_INFINITY;
  let charge: number | null = null;
  let loadW: number | null = null;
  power.silent = false;
  for (const ups of all) {
    again = Math.max(again, ups.heardAgainAt ?? 0);
    if (ups.status === 'battery' && silenceOf(ups, power, definition) <= at) power.silent = true;
    if (ups.charge !== null) charge = charge === null ? ups.charge : Math.min(charge, ups.charge);
    if (ups.loadW !== null) loadW = (loadW ?? 0) + ups.loadW;
  }
  power.charge = charge;
  power.loadW = loadW;
  // L23: a UPS that fell silent may have gone down with mains; how long mains has been stable counts from its next word.
  if (mains === 'present' && power.outageSince !== null && again > power.mainsSince) power.mainsSince = instant(again);
  summariseEnds(power, definition, at);
}

function summariseEnds(power: PowerState, definition: PowerDefinition, at: Instant): void {
  const ends = endsOf(power, definition, at);
  power.exhaustion = exhaustionOf(power, definition, ends, at);
  const held = power.exhaustion.source === 'silence';
  // What silence is taken for starts a shutdown; it is no proof that a running machine may lose its supply.
  const measured: PowerDefinition = held ? { ...definition, treat_silence_on_battery_as: 'hold' } : definition;
  const measuredEnds = held ? endsOf(power, measured, at) : ends;
  power.measuredEnd = held ? exhaustionOf(power, measured, measuredEnds, at).at : power.exhaustion.at;
  const last: Record<string, Instant> = {};
  for (const [id, end] of measuredEnds) last[id] = instant(Math.min(end.at, at + FARTHEST));
  power.measuredEnds = last;
}

const onMains = (power: PowerState, id: string): boolean => {
  const status = power.ups[id]?.status;
  return status === undefined || status === 'mains' || status === 'unknown';
};

const everySupplied = (definition: PowerDefinition, hasMains: (ups: string) => boolean): boolean =>
  definition.supplies.every((supply) => supplied(supply, hasMains));

/** Until when what the UPS said last is fresh. */
export const silentSince = (ups: UpsState, definition: PowerDefinition): Instant =>
  plus(instant(Math.max(ups.seenAt ?? ups.since, ups.since)), definition.silence_after);

/** When a UPS on battery counts as silent: the same, while somebody listened. */
export const silenceOf = (ups: UpsState, power: PowerState, definition: PowerDefinition): Instant =>
  instant(Math.max(silentSince(ups, definition), plus(power.listeningSince, definition.silence_after)));

/** Silent, or it answers but no figure of it can be used: both tell nothing of the battery (L1). */
const deaf = (ups: UpsState, power: PowerState, definition: PowerDefinition, at: Instant): boolean =>
  silenceOf(ups, power, definition) <= at ||
  (ups.believed === null && plus(instant(Math.max(ups.since, power.listeningSince)), definition.silence_after) <= at);

interface UpsEnd {
  readonly at: number;
  readonly ups: UpsState;
  readonly source: PowerState['exhaustion']['source'];
}

/** When each UPS that is on battery or off ends, where that is known. */
export function endsOf(power: PowerState, definition: PowerDefinition, at: Instant): ReadonlyMap<string, UpsEnd> {
  const ends = new Map<string, UpsEnd>();
  for (const [id, ups] of Object.entries(power.ups)) {
    if (ups.status === 'mains' || ups.status === 'unknown') continue;
    const silent = ups.status === 'battery' && deaf(ups, power, definition, at);
    if (ups.status === 'off') ends.set(id, { at: ups.since, ups, source: 'ups' });
    else if (silent && definition.treat_silence_on_battery_as === 'exhausted') {
      ends.set(id, {
        at: Math.min(at, silenceOf(ups, power, definition), ups.believed?.at ?? at),
        ups,
        source: 'silence',
      });
    } else if (ups.believed !== null) ends.set(id, { at: ups.believed.at, ups, source: ups.believed.source });
  }
  return ends;
}

/**
 * When this device's own supply ends by what is measured: a device on a UPS of hours need not be cut for one of minutes. Null:
 * not known.
 */
export function measuredEndOf(
  power: PowerState,
  definition: PowerDefinition,
  device: string,
  at: Instant,
): Instant | null {
  const supply = definition.supplyOf?.[device];
  if (supply === undefined) return power.measuredEnd;
  const hasMains = (id: string): boolean => onMains(power, id);
  const end = supplyEnd(supply, {
    hasMains,
    endOf: (ups) => power.measuredEnds[ups] ?? Number.POSITIVE_INFINITY,
  });
  if (Number.isFinite(end)) return instant(end);
  return supplied(supply, hasMains) ? plus(at, FARTHEST) : power.measuredEnd;
}

/** By when each UPS ends. */
function exhaustionOf(
  power: PowerState,
  definition: PowerDefinition,
  ends: ReadonlyMap<string, UpsEnd>,
  at: Instant,
): PowerState['exhaustion'] {
  if (power.mains !== 'lost') return { at: null, source: null, estimates: [] };
  // A UPS on battery of which nothing is known does not shorten what is known of the others.
  const hasMains = (id: string): boolean => onMains(power, id);
  const endOf = (id: string): number => ends.get(id)?.at ?? Number.POSITIVE_INFINITY;
  // What hung on a bare feed is off already: no hurry saves it.
  let end = Number.POSITIVE_INFINITY;
  for (const supply of definition.supplies) {
    const own = supplyEnd(supply, { hasMains, endOf });
    if (own > Number.NEGATIVE_INFINITY) end = Math.min(end, own);
  }
  const deciding = [...ends.values()].find((candidate) => candidate.at === end);
  if (!Number.isFinite(end) || deciding === undefined) {
    const any = Object.values(power.ups).find((ups) => ups.status === 'battery');
    return { at: null, source: null, estimates: any?.estimates ?? [] };
  }
  const sensible = instant(Math.min(end, at + FARTHEST));
  return { at: sensible, source: deciding.source, estimates: deciding.ups.estimates };
}
