import type { BatteryModel, BatteryTestResult } from '../paperwork/battery-test.ts';
import { medianSlope } from '../robust-slope.ts';
import type { Text } from '../text.ts';
import { toIso } from '../time.ts';
import type { BatteryTest, CurveSample, TestFacts } from './state.ts';
import { lengthText } from './words.ts';

/**
 * What a discharge tells of a battery.
 *
 * Example: 1,200 Wh delivered at 2,000 W while the gauge fell from 100 to 40 %: 20 Wh a per cent. From full to where inverters
 * stop (4 % by the gauge) that is 1,920 Wh, 57.6 min at that load. A new battery gives 2,400 Wh at that load: health 0.80.
 *
 * The slope of charge over delivered energy is the median of the slopes between pairs, so a gauge that rounds and wavers does no harm;
 * where its second half falls faster, that half counts for what was not discharged: nothing is found better than it showed itself.
 */

/** Inverters stop at about 1.75 V a cell, before the gauge reads zero (plans/exhaustion.ts). */
const UNDELIVERED_PERCENT = 4;
/** VRLA at one-hour rates (plans/exhaustion.ts). */
const PEUKERT = 1.15;
/** Capacity per kelvin away from 25 °C (IEEE 1188 table 1: about 0.6 % around it). */
const PER_KELVIN = 0.006;
/** Less than that says nothing. */
const LEAST_SHARE = 0.05;
/** The forecast is lowered from this share on. */
const LOWERS_FROM = 0.1;
/** And raised only by a deep discharge. */
export const RAISES_FROM = 0.5;
/** A second half steeper than that is no noise. */
const STEEPER = 1.08;
/** The forecast is left alone when it differs by less. */
const SAME = 0.01;

/** Null: too little was discharged to tell anything. */
export function resultOf(
  test: Pick<BatteryTest, 'curve' | 'atBegin' | 'settings'>,
  past: Pick<TestFacts, 'first' | 'previous' | 'model'>,
): BatteryTestResult | null {
  const points = test.curve.filter((point): point is CurveSample & { charge: number } => point.charge !== null);
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return null;
  const share = (first.charge - last.charge) / 100;
  const elapsedS = (last.at - first.at) / 1000;
  const delivered = last.wh - first.wh;
  if (share < LEAST_SHARE || delivered <= 0 || elapsedS <= 0) return null;
  const atLoadW = (delivered / elapsedS) * 3600;
  const { capacityWh, uneven } = capacityOf(points, first, last, delivered / (100 * share));
  const measuredS = (capacityWh / atLoadW) * 3600;
  const ratedWh = ratedAt(test.settings, atLoadW);
  const warmth = warmthOf(test.curve);
  const reference =
    ratedWh ?? (past.first === null ? null : atLoad(past.first.capacityWh, past.first.atLoadW, atLoadW));
  const health = reference === null ? null : round(capacityWh / warmth / reference, 3);
  const forecast = forecastAfter({ share, measuredS: measuredS / Math.max(1, warmth), atLoadW }, past.model);
  const promised = test.atBegin?.sample?.runtimeS ?? null;
  return {
    dischargedWh: round(delivered, 1),
    dischargedShare: round(share, 4),
    capacityWh: round(capacityWh, 1),
    ratedWh: ratedWh === null ? null : round(ratedWh, 1),
    health,
    before:
      past.previous === null
        ? null
        : {
            id: past.previous.id,
            at: toIso(past.previous.at),
            health: past.previous.health,
            capacityWh: round(past.previous.capacityWh, 1),
          },
    promisedS: promised === null ? null : Math.round((promised * 100) / Math.max(1, first.charge)),
    measuredS: Math.round(measuredS),
    recalibrated: forecast.changed,
    ...qualityOf(share, uneven, gapsOf(test.curve)),
    atLoadW: Math.round(atLoadW),
    forecast: { before: past.model, after: forecast.model, why: forecast.why },
  };
}

/** Watt-hours from full to where the inverter stops. */
function capacityOf(
  points: readonly (CurveSample & { readonly charge: number })[],
  first: { readonly charge: number },
  last: { readonly charge: number; readonly wh: number },
  plain: number,
): { capacityWh: number; uneven: boolean } {
  const perPercent = whPerPercent(points) ?? plain;
  const late = whPerPercent(points.slice(Math.floor(points.length / 2))) ?? perPercent;
  const uneven = perPercent > STEEPER * late;
  const rest = Math.max(0, last.charge - UNDELIVERED_PERCENT) * (uneven ? late : perPercent);
  const whole = (100 - Math.max(last.charge, UNDELIVERED_PERCENT)) * perPercent;
  return { capacityWh: whole + rest, uneven: uneven && first.charge - last.charge > 0 };
}

function whPerPercent(points: readonly (CurveSample & { readonly charge: number })[]): number | null {
  const slope = medianSlope(points.map(({ wh, charge }) => [wh, charge] as const));
  return slope === null || slope >= 0 ? null : -1 / slope;
}

/** The same battery delivers less energy at a higher load. */
const atLoad = (wh: number, fromW: number, toW: number): number => wh * (fromW / toW) ** (PEUKERT - 1);

const ratedAt = ({ rated }: BatteryTest['settings'], loadW: number): number | null =>
  rated === null ? null : atLoad((rated.runtimeS / 3600) * rated.atLoadW, rated.atLoadW, loadW);

/** Against 25 °C. */
function warmthOf(curve: readonly CurveSample[]): number {
  const known = curve.flatMap(({ temperature }) => temperature ?? []);
  if (known.length === 0) return 1;
  const mean = known.reduce((sum, one) => sum + one, 0) / known.length;
  return Math.min(1.05, Math.max(0.8, 1 + PER_KELVIN * (mean - 25)));
}

/** The longest time without a look, s. */
const gapsOf = (curve: readonly CurveSample[]): number =>
  curve.reduce((most, { at }, i) => Math.max(most, i === 0 ? 0 : (at - (curve[i - 1]?.at ?? at)) / 1000), 0);

function qualityOf(share: number, uneven: boolean, gapS: number): Pick<BatteryTestResult, 'quality' | 'qualityNote'> {
  const percent = Math.round(100 * share);
  const zh = [`实测放出 ${percent}%，其余按比例推算`];
  const en = [`${percent} % measured, the rest in proportion`];
  if (uneven) {
    zh.push('后半段下降更快，按后半段推算');
    en.push('the second half fell faster and counts for the rest');
  }
  if (gapS > 60) {
    zh.push(`记录中断 ${Math.round(gapS)} 秒`);
    en.push(`a gap of ${Math.round(gapS)} s in the record`);
  }
  const quality = share < 0.25 ? 'poor' : share < RAISES_FROM || uneven || gapS > 60 ? 'fair' : 'good';
  return { quality, qualityNote: { zh: zh.join('；'), en: en.join('; ') } };
}

interface Measured {
  readonly share: number;
  readonly measuredS: number;
  readonly atLoadW: number;
}

/** Never optimistic: lowered at once, raised only by what a deep discharge has shown. */
export function forecastAfter(
  { share, measuredS, atLoadW }: Measured,
  before: BatteryModel | null,
): { readonly model: BatteryModel | null; readonly changed: boolean; readonly why: Text } {
  const found: BatteryModel = { runtimeS: Math.floor(measuredS), atLoadW: Math.round(atLoadW) };
  const had = before === null ? null : before.runtimeS * (before.atLoadW / found.atLoadW) ** PEUKERT;
  const keep = (zh: string, en: string) => ({ model: before, changed: false, why: { zh, en } });
  const take = (zh: string, en: string) => ({ model: found, changed: true, why: { zh, en } });
  const said = lengthText(found.runtimeS * 1000);
  if (share < LOWERS_FROM) return keep('放电太浅，预测不变', 'Too shallow a discharge: the forecast stays');
  if (had !== null && Math.abs(found.runtimeS - had) <= SAME * had) return keep('与原预测一致', 'As it was forecast');
  if (had !== null && found.runtimeS < had)
    return take(
      `比原预测短（${lengthText(had * 1000).zh} → ${said.zh}），立即采用`,
      `Shorter than forecast (${lengthText(had * 1000).en} → ${said.en}): taken at once`,
    );
  if (share < RAISES_FROM)
    return keep(
      `放电不足 ${RAISES_FROM * 100}%，不调高预测`,
      `Less than ${RAISES_FROM * 100} % discharged: the forecast is not raised by it`,
    );
  return take(`按实测 ${said.zh} 预测`, `By the measured ${said.en}`);
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
