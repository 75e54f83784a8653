import type { HistoryConfig } from '#core/config/history.ts';
import type { Site } from '#core/config/site.ts';
import { SERIES_CLASSES, type SeriesClass } from '#core/series.ts';
import { type Duration, hours } from '#core/time.ts';

/** For how long each resolution is kept; null: for ever. */
export interface Kept {
  readonly raw: Duration | null;
  readonly minute: Duration | null;
  readonly quarter: Duration | null;
  readonly hour: Duration | null;
  readonly day: Duration | null;
}

const days = (n: number): Duration => hours(24 * n);
const DEFAULTS: Kept = { raw: days(30), minute: days(180), quarter: days(730), hour: days(3650), day: null };
/** States are kept as changes: a year of them is small, and "when was it switched off?" is asked late. */
const STATES_RAW = days(400);

/** By class: what the class says, then what all say, then the defaults; a coarser rollup never for a shorter time than a finer one. */
export function retentionOf({ history, keep }: Pick<Site, 'history' | 'keep'>): Readonly<Record<SeriesClass, Kept>> {
  const kept = SERIES_CLASSES.map((name) => [name, keptOf(history, keep, name)] as const);
  return Object.fromEntries(kept) as Record<SeriesClass, Kept>;
}

/** For a store that knows no classes: the longest of any. */
export function longestOf(retention: Readonly<Record<SeriesClass, Kept>>): Kept {
  const all = Object.values(retention);
  const longest = (which: keyof Kept): Duration | null => all.map((one) => one[which]).reduce(longer);
  return {
    raw: longest('raw'),
    minute: longest('minute'),
    quarter: longest('quarter'),
    hour: longest('hour'),
    day: longest('day'),
  };
}

function keptOf({ keep }: HistoryConfig, raw: Duration | undefined, name: SeriesClass): Kept {
  const own = keep.classes[name] ?? {};
  const said = <K extends keyof Kept>(which: K): Kept[K] | undefined =>
    own[which] !== undefined ? own[which] : keep[which];
  const every = pick(said('raw'), raw ?? defaultRaw(name));
  const minute = longer(every, pick(said('minute'), DEFAULTS.minute));
  const quarter = longer(minute, pick(said('quarter'), DEFAULTS.quarter));
  const hour = longer(quarter, pick(said('hour'), DEFAULTS.hour));
  return { raw: every, minute, quarter, hour, day: longer(hour, pick(said('day'), DEFAULTS.day)) };
}

const defaultRaw = (name: SeriesClass): Duration | null => (name === 'state' ? STATES_RAW : DEFAULTS.raw);
const pick = (said: Duration | null | undefined, otherwise: Duration | null): Duration | null =>
  said === undefined ? otherwise : said;
const longer = (one: Duration | null, other: Duration | null): Duration | null =>
  one === null || other === null ? null : one > other ? one : other;
