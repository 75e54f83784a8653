import { MOST_PAIRS_FROM, median, medianOf } from '#core/robust-slope.ts';
import type { BatterySample } from './state.ts';

/**
 * How fast the charge falls, robustly: Theil–Sen, the median of the slopes between all pairs of samples. A few wild
 * readings do not move it, and the whole-percent steps of a UPS average out.
 *
 * The charge falls as fast as the load asks. Samples from before the load last changed say little about now, so the
 * window begins at the last change, but only once that part alone has measured enough; until then the whole time on
 * battery counts, which after shedding is the careful side: the figure grows only as the measured slope confirms it.
 */
export interface MeasuredSlope {
  /** Percent per millisecond, positive while discharging. */
  readonly perMs: number;
  /** The charge of the fitted line at the last sample, and that sample's own time on battery. */
  readonly charge: number;
  readonly atMs: number;
  /** How far the charge fell and for how long it was watched: what the figure rests on. */
  readonly dropped: number;
  readonly watchedMs: number;
  readonly samples: number;
  /** Mean load of the window. */
  readonly loadW: number | null;
}

/** Fewer percent than this are lost in the rounding to whole percents. */
const ENOUGH_DROP = 4;
const ENOUGH_SAMPLES = 6;
/** A load that changed by more than this discharges at another rate. */
const LOAD_CHANGE = 0.05;
/** Many gauges fall slowly first and faster later: where the last tenth went clearly faster, that is the rate that counts. */
const RECENT_DROP = 10;
const CLEARLY_FASTER = 1.15;
/** No noise of a gauge makes a drop of `ENOUGH_DROP` look so much faster. */
const FAR_FASTER = 1.5;

/** A step of so many percent between two readings is no discharge; the sag right after the transfer is not the gauge's. */
const STEP = 8;
const STEP_WITHIN = 30_000;
const AFTER_TRANSFER = 120_000;

/** Null while too little was measured to say anything. */
export function measureSlope(samples: readonly BatterySample[]): MeasuredSlope | null {
  const usable = samples.filter((sample) => sample[1] !== null);
  const jump = lastJump(usable);
  return jump === null ? measureSteady(usable) : measureJumped(usable, jump);
}

function measureSteady(usable: readonly BatterySample[]): MeasuredSlope | null {
  const sinceChange = usable.slice(lastLoadChange(usable));
  const bySegment = sinceChange.length === usable.length ? null : fitLine(sinceChange);
  const whole = bySegment !== null && bySegment.dropped >= ENOUGH_DROP ? withYoung(bySegment, usable) : fitLine(usable);
  if (whole === null || whole.dropped < 2 * RECENT_DROP) return whole;
  const lately = fitLine(usable.filter((sample) => (sample[1] ?? 0) <= whole.charge + RECENT_DROP));
  const faster = lately !== null && lately.dropped > RECENT_DROP / 2 && lately.perMs > CLEARLY_FASTER * whole.perMs;
  return faster ? { ...lately, dropped: whole.dropped, watchedMs: whole.watchedMs } : whole;
}

/**
 * A lighter load discharges no faster, a heavier one no slower: where a young segment says so that is its noise. One that is
 * far faster is a battery that fails.
 */
function withYoung(segment: MeasuredSlope, usable: readonly BatterySample[]): MeasuredSlope {
  if (segment.dropped >= RECENT_DROP || segment.loadW === null) return segment;
  const whole = fitLine(usable.slice(0, usable.length - segment.samples));
  if (whole === null || whole.loadW === null || whole.dropped < segment.dropped) return segment;
  const lighter = whole.loadW > segment.loadW;
  const wrong = lighter
    ? segment.perMs > whole.perMs && segment.perMs < FAR_FASTER * whole.perMs
    : segment.perMs < whole.perMs;
  return wrong ? { ...segment, perMs: whole.perMs } : segment;
}

/**
 * The gauge fell by a step: it had been wrong before and has recalibrated itself. What it shows now counts; how fast is
 * measured from the step on, and until that has measured enough, all that has gone since the beginning went in that time.
 */
function measureJumped(usable: readonly BatterySample[], jump: number): MeasuredSlope | null {
  const since = fitLine(usable.slice(jump));
  if (since !== null && since.dropped >= ENOUGH_DROP) return since;
  const whole = measureSteady(usable);
  const [first, last] = [usable[0], usable.at(-1)];
  if (first === undefined || last === undefined || last[0] <= first[0]) return whole;
  const watchedMs = last[0] - first[0];
  const level = median(usable.slice(-3).map((sample) => sample[1] ?? 0)) ?? 0;
  const perMs = Math.max(whole?.perMs ?? 0, ((first[1] ?? 0) - level) / watchedMs);
  const charge = Math.min(whole?.charge ?? level, level);
  const loadW = whole?.loadW ?? last[2];
  return { perMs, charge, atMs: last[0], dropped: perMs * watchedMs, watchedMs, samples: usable.length, loadW };
}

/** Where the charge last fell by a step and stayed there; the sag at the transfer is none. Null: nowhere. */
function lastJump(usable: readonly BatterySample[]): number | null {
  for (let i = usable.length - 2; i > 0; i--) {
    const charge = usable[i]?.[1] ?? null;
    const higher = usable[i - 1]?.[1] ?? null;
    if (charge === null || higher === null || higher - charge < STEP) continue;
    const at = usable[i]?.[0] ?? 0;
    if (at - (usable[i - 1]?.[0] ?? 0) > STEP_WITHIN) continue;
    if (at - (usable[0]?.[0] ?? 0) < AFTER_TRANSFER) return null;
    const after = median(usable.slice(i, i + 3).map((sample) => sample[1] ?? 0)) ?? 0;
    const earlier = median(usable.slice(Math.max(0, i - 3), i).map((sample) => sample[1] ?? 0)) ?? 0;
    if (earlier - after >= STEP) return i;
  }
  return null;
}

function fitLine(samples: readonly BatterySample[]): MeasuredSlope | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || samples.length < ENOUGH_SAMPLES) return null;
  const condensed = condense(samples, MOST_PAIRS_FROM);
  const perMs = medianOf(SLOPES, slopesOf(condensed, last[0] - first[0]));
  if (perMs === null || perMs <= 0) return null;
  const lately = condensed.slice(-Math.max(LEVEL_FROM, condensed.length >> 1));
  const atLast = medianOf(LEVELS, levelsOf(lately, perMs, last[0]));
  return {
    perMs,
    charge: atLast ?? last[1] ?? 0,
    atMs: last[0],
    dropped: perMs * (last[0] - first[0]),
    watchedMs: last[0] - first[0],
    samples: samples.length,
    loadW: meanLoad(samples),
  };
}

/** A gauge is no straight line: where it stands now is told by the later half. */
const LEVEL_FROM = 6;

/**
 * At most `limit` samples, each the mean of what was read in an equal part of the time: gauges round to whole percents and waver,
 * and a mean forgets that. What a wild reading spoils is one of them.
 */
function condense(samples: readonly BatterySample[], limit: number): readonly BatterySample[] {
  if (samples.length <= limit) return samples;
  const firstMs = samples[0]?.[0] ?? 0;
  const window = (samples.at(-1)?.[0] ?? 0) - firstMs;
  const parts: BatterySample[] = [];
  let part = -1;
  let [count, ms, charge] = [0, 0, 0];
  const close = (): void => {
    if (count > 0) parts.push([ms / count, charge / count, null]);
  };
  for (const sample of samples) {
    const own = window === 0 ? 0 : Math.min(limit - 1, Math.floor(((sample[0] - firstMs) / window) * limit));
    if (own !== part) {
      close();
      part = own;
      [count, ms, charge] = [0, 0, 0];
    }
    count += 1;
    ms += sample[0];
    charge += sample[1] ?? 0;
  }
  close();
  return parts;
}

/** Filled anew by each fit, several for every sample of a UPS: no list is made for them. */
const SLOPES = new Float64Array((MOST_PAIRS_FROM * (MOST_PAIRS_FROM - 1)) / 2);
const LEVELS = new Float64Array(MOST_PAIRS_FROM);

/** How fast the charge fell between each two samples, into `SLOPES`; pairs closer than a quarter of the window are mostly rounding. */
function slopesOf(samples: readonly BatterySample[], window: number): number {
  let count = 0;
  for (let i = 0; i < samples.length; i++) {
    const t1 = samples[i]?.[0] ?? 0;
    const c1 = samples[i]?.[1] ?? null;
    if (c1 === null) continue;
    for (let j = i + 1; j < samples.length; j++) {
      const t2 = samples[j]?.[0] ?? 0;
      const c2 = samples[j]?.[1] ?? null;
      if (c2 === null || (t2 - t1) * 4 < window || t2 === t1) continue;
      SLOPES[count++] = (c1 - c2) / (t2 - t1);
    }
  }
  return count;
}

/** Where each sample puts the line's end, into `LEVELS`. */
function levelsOf(samples: readonly BatterySample[], perMs: number, endMs: number): number {
  let count = 0;
  for (const sample of samples) LEVELS[count++] = (sample[1] ?? 0) - perMs * (endMs - sample[0]);
  return count;
}

function meanLoad(samples: readonly BatterySample[]): number | null {
  let sum = 0;
  let count = 0;
  for (const sample of samples) {
    if (sample[2] === null) continue;
    sum += sample[2];
    count += 1;
  }
  return count === 0 ? null : sum / count;
}

/** Index of the first sample since which the load has been about what it is now (median of the last three). */
function lastLoadChange(samples: readonly BatterySample[]): number {
  const now = median(samples.slice(-3).flatMap((sample) => (sample[2] === null ? [] : [sample[2]])));
  if (now === null || now <= 0) return 0;
  let away = 0;
  for (let i = samples.length - 1; i >= 0; i--) {
    const load = samples[i]?.[2] ?? null;
    if (load === null) continue;
    away = Math.abs(load - now) > LOAD_CHANGE * now ? away + 1 : 0;
    // One odd reading is noise, two in a row are a change.
    if (away === 2) return Math.min(i + 2, samples.length - 1);
  }
  return 0;
}
