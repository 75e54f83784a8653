import { median } from '#core/robust-slope.ts';
import type { Text } from '#core/text.ts';
import { type Duration, type Instant, instant, minutes, plus, seconds } from '#core/time.ts';
import type { BatteryDefinition } from './definition.ts';
import { type MeasuredSlope, measureSlope } from './slope.ts';
import type { BatterySample, Estimate, EstimateSource } from './state.ts';
import { bothTexts, clockLength } from './texts.ts';

/**
 * When one UPS's battery will be empty, from three witnesses:
 * - `ups`: its own figure, the median of the last three;
 * - `slope`: how fast its charge was measured to fall;
 * - `model`: the last discharge test, scaled to the present charge and load.
 *
 * The lowest credible one is believed. Until the battery has been on load for five minutes all three are heard. From then
 * on the measured slope is the measure: the firmware's figure counts only while slope or model bears it out, the model only
 * while slope or firmware does (a battery ages after its test); once 15 % were measured away, only the slope bears out. So a lying firmware neither starts a needless shutdown (I3)
 * nor talks one away (I1). Agreement is 4 %: with the slope's own caution of about 5 % and a margin of 10 % that stays inside the 20 % which I3 allows.
 *
 * A gauge that stands still while the model says it must have fallen is no witness either: then the model counts what
 * must have flowed out by our own measure of the time on battery (L6, L9).
 *
 * A UPS that is overloaded on its battery switches off however full that is: then its end is when it trips.
 */
export interface ExhaustionInput {
  readonly at: Instant;
  readonly onBatteryMs: Duration;
  readonly samples: readonly BatterySample[];
  /** The UPS's last figures as instants. */
  readonly runtimes: readonly Instant[];
  readonly charge: number | null;
  readonly loadW: number | null;
  readonly lowBattery: boolean;
  readonly battery: Pick<BatteryDefinition, 'test' | 'ratedW'>;
  readonly previous: { readonly at: Instant; readonly source: EstimateSource } | null;
  /** When it trips by its overload; null: it bears its load. */
  readonly tripsAt: Instant | null;
}

export interface ExhaustionResult {
  readonly estimates: readonly Estimate[];
  readonly believed: { readonly at: Instant; readonly source: EstimateSource } | null;
}

/** The inverter stops at about 1.75 V a cell, before the gauge reads zero; discharge curves of VRLA cells at one-hour rates leave about 4 %. */
const UNDELIVERED_PERCENT = 4;
/** Peukert's effect of VRLA batteries, as an exponent on power; data sheets of one-hour rates give 1.1 to 1.2. */
const PEUKERT = 1.15;
/** Two witnesses agree when they differ by no more than this share of the time left. */
const AGREEMENT = 0.04;
/** The five minutes of I3, less what the beginning is heard late by (a poll or two). */
const ON_LOAD_LONG_ENOUGH = seconds(270);
const ESTABLISHED_DROP = 15;
const SLOPE_NEEDS_DROP = 4;
const SLOPE_NEEDS_MS = seconds(60);
const SLOW_SLOPE_NEEDS = minutes(5);
/** A charge that never was read: a battery on standby is nearly full. Only when nothing else is known. */
const ASSUMED_CHARGE = 80;

export function estimateExhaustion(input: ExhaustionInput): ExhaustionResult {
  const slope = measureSlope(input.samples);
  const bySlope = slopeEnd(input, slope);
  const byModel = modelEnd(input, slope);
  const byUps = upsEnd(input, slope);
  const mature = bySlope !== null && slope !== null && isMature(slope);
  const late = input.onBatteryMs >= ON_LOAD_LONG_ENOUGH;
  const agrees = (a: Instant | null, b: Instant | null): boolean =>
    a !== null && b !== null && Math.abs(a - b) <= AGREEMENT * Math.max(b - input.at, seconds(60));
  // Gauges are not straight lines, so a young slope does not outvote firmware and test together; one over a good part does.
  const established = (slope?.dropped ?? 0) >= ESTABLISHED_DROP;
  const upsAndModel = !established && agrees(byUps, byModel);
  const judged = late && mature;
  const estimates: Estimate[] = [
    judge('ups', byUps, byUps !== null && (!judged || agrees(byUps, bySlope) || upsAndModel), reasons.ups(judged)),
    judge('slope', bySlope, mature, reasons.slope(slope, mature)),
    judge(
      'model',
      byModel,
      byModel !== null && (!judged || agrees(byModel, bySlope) || upsAndModel),
      reasons.model(input, judged),
    ),
  ];
  const believed = believe(input, estimates, mature ? bySlope : null);
  const { tripsAt } = input;
  if (tripsAt === null || (believed !== null && believed.at <= tripsAt)) return { estimates, believed };
  const overloaded: Estimate = { source: 'ups', at: tripsAt, credible: true, why: reasons.overloaded };
  return {
    estimates: estimates.map((one) => (one.source === 'ups' ? overloaded : one)),
    believed: { at: tripsAt, source: 'ups' },
  };
}

/** The lowest credible; it grows only as far as the measured slope confirms it (shed load, EMERGENCY.md). */
function believe(
  input: ExhaustionInput,
  estimates: readonly Estimate[],
  confirmed: Instant | null,
): ExhaustionResult['believed'] {
  let lowest: { at: Instant; source: EstimateSource } | null = null;
  for (const { at, credible, source } of estimates) {
    if (credible && at !== null && (lowest === null || at < lowest.at)) lowest = { at, source };
  }
  const { previous } = input;
  if (lowest === null) return previous;
  // It was to be empty by then and still answers: what was believed (before a restart, say) is refuted.
  if (previous !== null && input.at > previous.at) return lowest;
  const firstLoad = input.samples.find((sample) => sample[2] !== null)?.[2] ?? null;
  const lighter = firstLoad !== null && input.loadW !== null && input.loadW < 0.97 * firstLoad;
  const settled = input.onBatteryMs > seconds(60);
  // In the first minute the figures still find their level; a load that was shed is no reason to believe in more.
  if ((!settled && !lighter) || previous === null || lowest.at <= previous.at || confirmed !== null) return lowest;
  return previous;
}

const isMature = (slope: MeasuredSlope): boolean =>
  slope.dropped >= SLOPE_NEEDS_DROP ? slope.watchedMs >= SLOPE_NEEDS_MS : slope.watchedMs >= SLOW_SLOPE_NEEDS;

function slopeEnd(input: ExhaustionInput, slope: MeasuredSlope | null): Instant | null {
  if (slope === null) return null;
  // More load than was measured shortens the time at once; less load only when the slope itself says so.
  const heavier =
    slope.loadW !== null && input.loadW !== null && slope.loadW > 0 && input.loadW > 1.05 * slope.loadW
      ? (input.loadW / slope.loadW) ** PEUKERT
      : 1;
  const left = Math.max(0, chargeNow(input, slope) - UNDELIVERED_PERCENT) / (slope.perMs * heavier);
  return instant(Math.round(input.at + left));
}

/** Where the line stands now: while a UPS tells no charge its battery goes on emptying. */
const chargeNow = (input: ExhaustionInput, slope: MeasuredSlope): number =>
  Math.max(0, slope.charge - slope.perMs * Math.max(0, input.onBatteryMs - slope.atMs));

function modelEnd(input: ExhaustionInput, slope: MeasuredSlope | null): Instant | null {
  const { test } = input.battery;
  if (test === null) return null;
  const load = input.loadW ?? lastLoad(input.samples) ?? test.atLoadW;
  if (load <= 0) return null;
  const fullMs = test.runtimeMs * (test.atLoadW / load) ** PEUKERT;
  const usable = (charge: number): number => Math.max(0, charge - UNDELIVERED_PERCENT) / (100 - UNDELIVERED_PERCENT);
  const first = input.samples.find((sample) => sample[1] !== null);
  const began = first?.[1] ?? input.charge;
  const counted = usable(began ?? ASSUMED_CHARGE) - (input.onBatteryMs - (first?.[0] ?? 0)) / fullMs;
  const stuck = slope === null && began !== null && counted < usable(began) - 0.08;
  // One reading is rounded and wavers; where the line is known it tells better where the gauge stands.
  const charge = slope === null ? input.charge : chargeNow(input, slope);
  const share = charge === null || stuck ? counted : usable(charge);
  return instant(Math.round(input.at + Math.max(0, share) * fullMs));
}

const lastLoad = (samples: readonly BatterySample[]): number | null =>
  samples.findLast((s) => s[2] !== null)?.[2] ?? null;

/** The median forgives one odd reading, such as the sag right after the transfer. */
function upsEnd(input: ExhaustionInput, measured: MeasuredSlope | null): Instant | null {
  const middle = median(input.runtimes);
  const own = middle === null ? null : instant(Math.round(middle));
  // "Battery low" is the firmware's own threshold (L4): it is heard only where nothing measured contradicts it.
  const believable = input.lowBattery && measured === null && (input.charge === null || input.charge < 50);
  if (!believable) return own;
  const low = plus(input.at, minutes(2));
  return own === null || own > low ? low : own;
}

const judge = (
  source: EstimateSource,
  at: Instant | null,
  credible: boolean,
  why: { yes: Text; no: Text },
): Estimate => ({
  source,
  at,
  credible: at !== null && credible,
  why: at === null ? reasons.none : credible ? why.yes : why.no,
});

const reasons = {
  none: bothTexts('没有可用的数值', 'no usable value'),
  overloaded: bothTexts(
    '电池供电且过载，UPS 会提前断电',
    'overloaded on its battery: the UPS switches off before that is empty',
  ),
  ups: (judged: boolean) => ({
    yes: judged
      ? bothTexts('UPS 自报，与实测或放电试验一致', 'the UPS’s own figure, borne out by slope or model')
      : bothTexts('UPS 自报', 'the UPS’s own figure'),
    no: bothTexts(
      'UPS 自报，与实测下降和放电试验都不一致，不采信',
      'the UPS’s own figure disagrees with slope and model: not believed',
    ),
  }),
  slope: (slope: MeasuredSlope | null, mature: boolean) => {
    const rate = ((slope?.perMs ?? 0) * 60_000).toFixed(2);
    const watched = clockLength(slope?.watchedMs ?? 0);
    return {
      yes: bothTexts(`实测 ${watched.zh}，每分钟下降 ${rate}%`, `measured over ${watched.en}: ${rate} % a minute`),
      no: mature ? reasons.none : bothTexts('实测时间还太短', 'too little measured yet'),
    };
  },
  model: (input: ExhaustionInput, judged: boolean) => {
    const test = input.battery.test;
    const length = clockLength(test?.runtimeMs ?? 0);
    const watts = `${Math.round(test?.atLoadW ?? 0)} W`;
    return {
      yes: bothTexts(`按放电试验推算（${watts} 下 ${length.zh}）`, `by the discharge test (${length.en} at ${watts})`),
      no: judged
        ? bothTexts('放电试验与实测下降不符，电池已变化', 'the discharge test disagrees with the measured slope')
        : reasons.none,
    };
  },
};
