import { median, medianSlope } from '#core/robust-slope.ts';
import type { Text } from '#core/text.ts';
import { type Duration, hours, type Instant, instant, minutes, plus } from '#core/time.ts';
import type { HeatDefinition } from './definition.ts';
import type { Estimate, HeatPoint, HeatSample, HeatState } from './state.ts';
import { bothTexts } from './texts.ts';
import { HEAT_HEARD_WITHIN } from './threat.ts';

/**
 * Heat as a clock (O-CLG-1): when the hottest point reaches the plan's limit, by how fast it was measured to rise.
 *
 * Each point is looked at by itself: its level is the median of the last three readings, its rise the median slope of the last
 * eight minutes (Theil–Sen), so that a wild reading moves neither and cooling that works again is seen soon. The earliest forecast of a point that can be believed
 * counts. Not believed are: a point that is not heard (a missing sensor is not heat), one that stands still while another
 * moves, and one that jumped faster than a room can warm up while no other is anywhere near it. Example: 25 °C rising by
 * 0.4 °C a minute towards 45 °C → 50 min.
 */
const WINDOW = minutes(8);
/** Sensors that speak seldom: the last few readings, however old, but no older than this. */
const FEW = 6;
const KEPT = minutes(30);
const MOST_SAMPLES = 60;
const ENOUGH_SAMPLES = 5;
const ENOUGH_TIME = minutes(2);
/** Slower than this is the room's own breathing, not a failure: °C a minute. */
const RISES = 0.02;
/** Below this, in °C a minute, a cool room counts as not rising. */
const CALM = 0.05;
/** Air in a machine room of this size does not warm up faster than that within a few readings, °C; a fire is another plan. */
const JUMP = 5;
/** A point that jumped is borne out by another within this, °C. */
const NEAR = 8;
const STANDS_STILL = minutes(3);
const FARTHEST = hours(24);
/** Once believed cool, noise around the border does not undo it, °C. */
const HYSTERESIS = 0.5;

/** `known`: what the points said last, for people to read; the clock begins with fresh readings. */
export const newHeat = (at: Instant, known: readonly number[] = []): HeatState => ({
  points: {},
  hottest: known.length === 0 ? null : Math.max(...known),
  over: false,
  overSince: at,
  atLimit: false,
  exhaustion: { at: null, source: null, estimates: [] },
  need: { ms: 0 as Duration, path: [] },
  bareMs: 0 as Duration,
  marginMs: 0 as Duration,
  latestSafeStart: null,
});

/** One temperature reading of good quality. */
export function takeTemperature(
  before: HeatPoint | undefined,
  celsius: number,
  openedAt: Instant,
  at: Instant,
): HeatPoint {
  const ms = at - openedAt;
  const kept = (before?.samples ?? []).filter((sample) => sample[0] >= ms - KEPT).slice(-(MOST_SAMPLES - 1));
  const samples: HeatSample[] = [...kept, [ms, celsius]];
  const jumpedFrom = before?.jumpedFrom ?? jumped(samples);
  const back = jumpedFrom !== null && levelOf(samples) <= jumpedFrom + JUMP / 2;
  return { samples, seenAt: at, jumpedFrom: back ? null : jumpedFrom };
}

/** The level before a jump between the last three readings and the three before them; null: there was none. */
function jumped(samples: readonly HeatSample[]): number | null {
  if (samples.length < 4) return null;
  const before = levelOf(samples.slice(-6, -3));
  return levelOf(samples) - before > JUMP ? before : null;
}

const levelOf = (samples: readonly HeatSample[]): number => median(samples.slice(-3).map((sample) => sample[1])) ?? 0;

interface Judged {
  readonly name: string;
  readonly level: number;
  /** When it was at that level: the middle one of the last readings. */
  readonly levelAt: Instant;
  /** °C per millisecond; null while too little was measured. */
  readonly perMs: number | null;
  readonly stands: boolean;
  readonly jumped: boolean;
}

/** The heat's state from what its points said; called at each event, since time alone makes a sensor silent. */
export function summariseHeat(heat: HeatState, definition: HeatDefinition, at: Instant): void {
  const heard = definition.points.flatMap(({ device, point }) => {
    const name = `${device}/${point}`;
    const found = heat.points[name];
    return found === undefined || plus(found.seenAt, HEAT_HEARD_WITHIN) <= at ? [] : [judge(name, found)];
  });
  // Nothing is heard: what was measured stands, the room does not cool because nobody looks (and does not heat either).
  if (heard.length === 0) return;
  const judged = heard.map((one) => ({ ...one, doubt: doubtOf(one, heard) }));
  const believed = judged.filter((one) => one.doubt === null);
  heat.hottest = believed.length === 0 ? null : Math.max(...believed.map((one) => one.level));
  heat.atLimit = believed.some((one) => one.level >= definition.limit);
  const estimates = judged.map((one) => estimateOf(one, one.doubt, definition, at));
  const ends = estimates.flatMap((one) => (one.credible && one.at !== null ? [one.at] : []));
  heat.exhaustion = {
    at: ends.length === 0 ? null : instant(Math.min(...ends, at + FARTHEST)),
    source: ends.length === 0 ? null : 'heat',
    estimates,
  };
  judgeCool(heat, definition, believed, at);
}

function judge(name: string, { samples, seenAt, jumpedFrom }: HeatPoint): Judged {
  const first = samples[0]?.[0] ?? 0;
  const last = samples.at(-1)?.[0] ?? 0;
  const enough = samples.length >= ENOUGH_SAMPLES && last - first >= ENOUGH_TIME;
  const lately = samples.filter((sample) => sample[0] >= last - WINDOW);
  const value = samples.at(-1)?.[1];
  const since = samples.findLast((sample) => sample[1] !== value)?.[0] ?? first;
  return {
    name,
    level: levelOf(samples),
    levelAt: instant(seenAt - (last - (samples.at(-2)?.[0] ?? last))),
    perMs: enough ? medianSlope(lately.length < FEW ? samples.slice(-FEW) : lately) : null,
    stands: samples.length >= ENOUGH_SAMPLES && last - since >= STANDS_STILL,
    jumped: jumpedFrom !== null,
  };
}

/** Why this point is not believed beside the others; null: it is. */
function doubtOf(one: Judged, all: readonly Judged[]): Text | null {
  const others = all.filter((other) => other.name !== one.name);
  if (others.length === 0) return null;
  if (one.stands && others.some((other) => !other.stands && Math.abs(other.perMs ?? 0) * minutes(1) > RISES)) {
    return bothTexts('读数不动而其他点在变化，不采信', 'it stands still while others move: not believed');
  }
  if (one.jumped && !others.some((other) => !other.jumped && one.level - other.level <= NEAR)) {
    return bothTexts('突然跳变，其他点不支持，不采信', 'it jumped and no other is near it: not believed');
  }
  return null;
}

function estimateOf(one: Judged, doubt: Text | null, { limit, names }: HeatDefinition, at: Instant): Estimate {
  const name = names[one.name] ?? bothTexts(one.name, one.name);
  const rate = (one.perMs ?? 0) * minutes(1);
  const rises = rate > RISES;
  const left = ((limit - one.level) * minutes(1)) / rate;
  const forecast = rises ? instant(Math.round(one.levelAt + left)) : null;
  const end = one.level >= limit ? at : forecast;
  const figures = `${one.level.toFixed(1)} °C`;
  const speed = one.perMs === null ? bothTexts('升速未知', 'its rise is not known yet') : words(rate);
  const why = bothTexts(`${name.zh} ${figures}，${speed.zh}`, `${name.en} ${figures}, ${speed.en}`);
  return {
    source: 'heat',
    at: end,
    credible: doubt === null && end !== null,
    why: doubt === null ? why : bothTexts(`${why.zh}；${doubt.zh}`, `${why.en}; ${doubt.en}`),
  };
}

const words = (rate: number): Text =>
  rate > RISES
    ? bothTexts(`每分钟升 ${rate.toFixed(2)} °C`, `rising ${rate.toFixed(2)} °C a minute`)
    : bothTexts('没有上升', 'not rising');

/** Cool again: at least half of the points are heard, all below the border, none rising; undone only clearly above it. */
function judgeCool(heat: HeatState, definition: HeatDefinition, believed: readonly Judged[], at: Instant): void {
  const { below } = definition.safe;
  const hottest = heat.hottest;
  if (heat.over) {
    if (hottest === null || hottest < below) return;
    heat.over = hottest < below + HYSTERESIS;
    heat.overSince = at;
    return;
  }
  const enough = believed.length * 2 >= definition.points.length;
  const calm = believed.every((one) => one.perMs !== null && one.perMs * minutes(1) < CALM);
  if (!enough || !calm || hottest === null || hottest >= below) return;
  heat.over = true;
  heat.overSince = at;
}
