import { type Plan, planSteps } from '#core/config/plan.ts';
import type { Reading, ReadingBatch, ReadingNews, Value } from '#core/reading.ts';
import { minutes } from '#core/time.ts';
import { planConditions } from './conditions.ts';
import type { PowerSample } from './events.ts';
import { nothingAtStake } from './showing.ts';
import type { IncidentState } from './state.ts';

/** Readings reduced to what decides. */

/**
 * One UPS's batch as a power sample: only good values, everything else is no value (L5). A batch that holds nothing of
 * power is null. A value that the batch leaves out is not repeated from an earlier one: what is old is no sample.
 */
export function sampleOf(batch: ReadingBatch, ratedW: number | null): PowerSample | null {
  if (batch.news !== undefined) return sampleOfNews(batch.device, batch.news, ratedW);
  const good = new Map<string, Reading>();
  let relevant = false;
  for (const reading of batch.readings) {
    if (!/^(ups\.|battery\.|output\.)/.test(reading.point)) continue;
    relevant = true;
    if (reading.quality === 'good' && reading.value !== null) good.set(reading.point, reading);
  }
  if (!relevant) return null;
  const number = (point: string): number | null => {
    const value = good.get(point)?.value;
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  };
  const status = good.get('ups.status')?.value;
  const input = batch.readings.find(({ point, quality }) => point === 'input.voltage' && quality === 'good')?.value;
  return {
    ups: batch.device,
    status: typeof status === 'string' ? withoutTest(status, input) : null,
    charge: number('battery.charge'),
    runtimeS: number('battery.runtime'),
    loadW: loadOf(number, linesOf(good.keys()), ratedW),
    ...overOf(number),
  };
}

/** The same out of a batch that looks its points up. */
function sampleOfNews(ups: string, news: ReadingNews, ratedW: number | null): PowerSample | null {
  const { lines, relevant } = upsPoints(news.points);
  if (!relevant) return null;
  const number = (point: string): number | null => {
    const value = news.good(point);
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  };
  const status = news.good('ups.status');
  return {
    ups,
    status: typeof status === 'string' ? withoutTest(status, news.good('input.voltage')) : null,
    charge: number('battery.charge'),
    runtimeS: number('battery.runtime'),
    loadW: loadOf(
      number,
      lines.filter((line) => news.good(line) !== null),
      ratedW,
    ),
    ...overOf(number),
  };
}

/** Far below any tolerance of a 100–240 V supply. */
const NO_MAINS_V = 60;

/** A calibration on battery is no outage (L3); one whose mains has gone meanwhile is, whatever the UPS goes on calling it. */
function withoutTest(status: string, inputVoltage: Value | null | undefined): string {
  if (typeof inputVoltage !== 'number' || inputVoltage >= NO_MAINS_V || !/\bOB\b/.test(status)) return status;
  return /\b(CAL|TEST)\b/.test(status)
    ? status
        .split(' ')
        .filter((token) => token !== 'CAL' && token !== 'TEST')
        .join(' ')
    : status;
}

interface UpsPoints {
  /** Each line's own watts. */
  readonly lines: readonly string[];
  /** There is something of power among them. */
  readonly relevant: boolean;
}

/** By the list of points, which stays the same while a device tells the same ones. */
const knownPoints = new WeakMap<readonly string[], UpsPoints>();

function upsPoints(points: readonly string[]): UpsPoints {
  const known = knownPoints.get(points);
  if (known !== undefined) return known;
  const made = { lines: linesOf(points), relevant: points.some((point) => /^(ups\.|battery\.|output\.)/.test(point)) };
  knownPoints.set(points, made);
  return made;
}

const linesOf = (points: Iterable<string>): string[] =>
  [...points].filter((point) => /^output\.[^.]+\.realpower$/.test(point));

/** Watts where the UPS gives them, summed over its lines; else its load in percent of the rated power. */
function loadOf(
  number: (point: string) => number | null,
  lines: readonly string[],
  ratedW: number | null,
): number | null {
  const whole = number('ups.realpower');
  if (whole !== null) return whole;
  if (lines.length > 0) return lines.reduce((sum, point) => sum + (number(point) ?? 0), 0);
  const percent = number('ups.load');
  return percent === null || ratedW === null ? null : (percent / 100) * ratedW;
}

function overOf(number: (point: string) => number | null): { overPercent?: number } {
  const percent = number('ups.load');
  return percent !== null && percent > 100 ? { overPercent: percent } : {};
}

/**
 * How long figures that do not change go without a line in the journal: a quarter of a minute while the slope is measured, half
 * a minute when all is off or mains is back; always well below what would count as silence.
 */
export function keeping(state: IncidentState): Keeping {
  const calm = nothingAtStake(state);
  const silence = state.definition.power?.silence_after ?? minutes(1);
  return { everyMs: Math.min(calm ? CALM_EVERY : WATCHED_EVERY, silence / 2), chargeBy: calm ? 2 : 0 };
}

export interface Keeping {
  readonly everyMs: number;
  /** A charge that moved by less is noise. */
  readonly chargeBy: number;
}

/** A little less than a multiple of the poll interval. */
const WATCHED_EVERY = 14_000;
const CALM_EVERY = 29_000;

/** When a UPS said something last, and how long after the time before. */
export interface Heard {
  readonly at: number;
  readonly gapMs: number;
}

/** Marks the first word of a UPS after a silence, by how often it spoke until then. */
export function markSilence(heard: Map<string, Heard>, sample: PowerSample, at: number): PowerSample {
  if (sample.status === null) return sample;
  const last = heard.get(sample.ups);
  const gapMs = at - (last?.at ?? at);
  heard.set(sample.ups, { at, gapMs });
  const silent = last !== undefined && last.gapMs > 0 && gapMs > Math.max(SILENCE_AT_LEAST, 2.2 * last.gapMs);
  return silent ? { ...sample, afterSilence: true } : sample;
}

/** More than a poll or two of the usual ten seconds that got lost. */
const SILENCE_AT_LEAST = 22_000;

/** Does this sample say something new, or was the last one too long ago? */
export function worthKeeping(
  last: { sample: PowerSample; at: number } | null,
  sample: PowerSample,
  at: number,
  { everyMs, chargeBy }: Keeping,
): boolean {
  if (last === null || sample.afterSilence === true || at - last.at >= everyMs) return true;
  const { sample: before } = last;
  const near = (a: number | null, b: number | null): boolean =>
    a === b || (a !== null && b !== null && Math.abs(a - b) < 0.02 * b);
  return (
    before.status !== sample.status ||
    before.overPercent !== sample.overPercent ||
    (before.charge !== sample.charge &&
      (before.charge === null || sample.charge === null || Math.abs(before.charge - sample.charge) >= chargeBy)) ||
    !near(before.loadW, sample.loadW) ||
    (before.runtimeS === null) !== (sample.runtimeS === null)
  );
}

/** `device/point` of every wait, gate and condition of a plan. */
export function conditionPoints(plan: Plan): string[] {
  const waits = planSteps(plan).flatMap((step) =>
    'wait' in step && 'until' in step.wait ? [step.wait.until.point] : [],
  );
  const named = planConditions(plan).flatMap(({ point }) => point?.point ?? []);
  const gate = plan.power?.recovery.temperature;
  return [...waits, ...named, ...(gate === undefined ? [] : [gate.point]), ...(plan.heat?.points ?? [])].map(
    ({ device, point }) => `${device}/${point}`,
  );
}

/** Temperatures of a plan against heat: one sample a point about twice a minute, at once when it moved. */
export function worthKeepingHeat(state: IncidentState, points: Readonly<Record<string, Value>>, at: number): boolean {
  const { heat, definition } = state;
  if (heat === null || definition.heat == null) return false;
  return definition.heat.points.some(({ device, point }) => {
    const value = points[`${device}/${point}`];
    if (typeof value !== 'number') return false;
    const last = heat.points[`${device}/${point}`];
    const before = last?.samples.at(-1)?.[1] ?? null;
    return last === undefined || before === null || at - last.seenAt >= HEAT_EVERY || Math.abs(value - before) >= 0.5;
  });
}

const HEAT_EVERY = 24_000;
