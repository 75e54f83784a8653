import type { Text } from '../text.ts';
import { earliest, fromIso, hours, type Instant, latest, minutes, plus, toIso } from '../time.ts';
import type { Alarm } from './alarms.ts';
import { type Actor, badActorsOf } from './bad-actors.ts';
import { floodsOf, worstTenMinutes } from './flood.ts';
import { lengthsOf } from './lengths.ts';
import type { AlarmFigures, AlarmSource, Page } from './view.ts';
import type { Week } from './weeks.ts';

/** ISA-18.2, EEMUA 191: what the alarms of a span ask of people, from the alert log. */

export interface FiguresInput {
  /** By when they fired, with those from before that still stand, and those of the hour before (a flood may go on). */
  readonly alarms: readonly Alarm[];
  readonly pages: readonly Page[];
  readonly span: Pick<Week, 'from' | 'to' | 'days'>;
  /** Figures of a span that goes on are those up to now. */
  readonly now: Instant;
  readonly roomOf: (device: string) => string | null;
  readonly isSafety: (rule: string) => boolean;
  readonly titleOf: (rule: string, device: string) => Text;
  /** A site that is simulated as a whole counts what is simulated. */
  readonly simulation: boolean;
}

export const STALE_AFTER = hours(24);
const CHATTERS_WITHIN = minutes(1);
const CHATTERS_TIMES = 3;
const MOST_NAMED = 20;
const DAY_MS = 86_400_000;

interface Span {
  readonly from: Instant;
  readonly until: Instant;
}
type Shown = Alarm & { readonly at: Instant };

export function figuresOf(input: FiguresInput): AlarmFigures {
  const span: Span = { from: input.span.from, until: latest(input.span.from, earliest(input.span.to, input.now)) };
  const real = input.alarms.filter(({ simulated }) => input.simulation || !simulated);
  const shown = real.filter(isShown).sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  const here = shown.filter(({ at }) => within(at, span));
  const stale = shown.filter((alarm) => isStale(alarm, span));
  const chattering = chatteringOf(shown, here, span);
  const worst = worstTenMinutes(here.map(({ at }) => at));
  return {
    from: toIso(input.span.from),
    to: toIso(input.span.to),
    alarms: here.length,
    aDay: here.length / Math.max(1, (span.until - span.from) / DAY_MS),
    days: daysOf(here, input.span),
    worst: { alarms: worst.alarms, from: worst.from === null ? null : toIso(worst.from) },
    flood: floodOf(shown, span),
    stale: {
      count: stale.length,
      longest: stale.slice(0, MOST_NAMED).map((alarm) => ({ ...sourceOf(alarm, input), since: toIso(alarm.at) })),
    },
    chattering: {
      count: chattering.size,
      sources: [...chattering.values()].slice(0, MOST_NAMED).map((alarm) => sourceOf(alarm, input)),
    },
    badActors: badActorsOf(actorsOf(here, { stale, chattering }, input), here.length, input.titleOf),
    severities: severitiesOf(here),
    ...lengthsIn(shown, span),
    shelved: shelvedBy(real, span),
    people: countBy(
      input.pages.filter(({ at }) => within(fromIso(at), span)),
      ({ person }) => person,
    ).map(([person, pages]) => ({ person, pages })),
    rooms: countBy(here, ({ device }) => input.roomOf(device)).map(([room, alarms]) => ({ room, alarms })),
    heldBack: heldBackOf(real, span),
    simulated: input.simulation
      ? 0
      : input.alarms.filter(({ simulated, firedAt }) => simulated && within(firedAt, span)).length,
  };
}

const isShown = (alarm: Alarm): alarm is Shown => alarm.at !== null;
const within = (at: Instant | null, { from, until }: Span): boolean => at !== null && at >= from && at < until;
const keyOf = ({ rule, device }: Alarm): string => `${rule}|${device}`;
const sourceOf = ({ rule, device }: Alarm, { titleOf }: Pick<FiguresInput, 'titleOf'>): AlarmSource => ({
  rule,
  device,
  title: titleOf(rule, device),
});

function daysOf(here: readonly Shown[], { days, to }: FiguresInput['span']): AlarmFigures['days'] {
  return days.map(({ date, from }, index) => {
    const until = days[index + 1]?.from ?? to;
    return { date, alarms: here.filter(({ at }) => at >= from && at < until).length };
  });
}

function floodOf(shown: readonly Shown[], { from, until }: Span): AlarmFigures['flood'] {
  const floods = floodsOf(
    shown.filter(({ at }) => at < until).map(({ at }) => at),
    until,
  ).filter(({ to }) => to > from);
  const total = floods.reduce((sum, flood) => sum + (flood.to - latest(flood.from, from)), 0);
  return { times: floods.length, totalS: total / 1000, share: until > from ? total / (until - from) : 0 };
}

function isStale({ at, endedAt }: Shown, { from, until }: Span): boolean {
  const staleAt = plus(at, STALE_AFTER);
  return staleAt < until && (endedAt === null || endedAt > latest(staleAt, from));
}

/** The last alarm of each source that chatters. */
function chatteringOf(shown: readonly Shown[], here: readonly Shown[], span: Span): Map<string, Alarm> {
  const found = new Map<string, Alarm>();
  for (const alarm of shown) if (alarm.chatteredAt.some((at) => within(at, span))) found.set(keyOf(alarm), alarm);
  for (const [key, alarms] of Map.groupBy(here, keyOf)) {
    const last = alarms.findLast((alarm, index) => {
      const first = alarms[index - CHATTERS_TIMES + 1];
      return first !== undefined && alarm.at - first.at < CHATTERS_WITHIN;
    });
    if (last !== undefined && !found.has(key)) found.set(key, last);
  }
  return found;
}

function actorsOf(
  here: readonly Shown[],
  { stale, chattering }: { stale: readonly Shown[]; chattering: ReadonlyMap<string, Alarm> },
  { isSafety }: FiguresInput,
): Map<string, Actor> {
  const standing = new Set(stale.map(keyOf));
  return new Map(
    [...Map.groupBy(here, keyOf)].map(([key, alarms]) => {
      const safety = isSafety(alarms[0]?.rule ?? '');
      return [key, { alarms, safety, stale: standing.has(key), chattering: chattering.has(key) }];
    }),
  );
}

function severitiesOf(here: readonly Shown[]): AlarmFigures['severities'] {
  const counts = { low: 0, medium: 0, high: 0 };
  for (const { severity } of here) counts[severity]++;
  return counts;
}

/** Of what was acknowledged or cleared in the span, whenever it came. */
function lengthsIn(shown: readonly Shown[], span: Span): Pick<AlarmFigures, 'acknowledge' | 'clear'> {
  return {
    acknowledge: lengthsOf(
      shown.flatMap(({ at, acknowledgedAt }) =>
        acknowledgedAt !== null && within(acknowledgedAt, span) ? [Math.max(0, acknowledgedAt - at)] : [],
      ),
    ),
    clear: lengthsOf(
      shown.flatMap(({ at, endedAt, retired }) =>
        endedAt !== null && !retired && within(endedAt, span) ? [Math.max(0, endedAt - at)] : [],
      ),
    ),
  };
}

function shelvedBy(alarms: readonly Alarm[], span: Span): AlarmFigures['shelved'] {
  const people = new Map<string, { times: number; totalS: number }>();
  for (const { by, from, to } of alarms.flatMap(({ shelves }) => shelves)) {
    const length = earliest(to ?? span.until, span.until) - latest(from, span.from);
    if (from >= span.until || length < 0) continue;
    const before = people.get(by) ?? { times: 0, totalS: 0 };
    const times = before.times + (within(from, span) ? 1 : 0);
    people.set(by, { times, totalS: before.totalS + length / 1000 });
  }
  return [...people]
    .map(([person, sums]) => ({ person, ...sums }))
    .sort((a, b) => b.totalS - a.totalS || (a.person < b.person ? -1 : 1));
}

/** Most first. */
function countBy<T, K extends string | null>(all: readonly T[], key: (one: T) => K): [K, number][] {
  const groups = [...Map.groupBy(all, key)].map(([name, list]): [K, number] => [name, list.length]);
  return groups.sort(([a, n], [b, m]) => m - n || ((a ?? '') < (b ?? '') ? -1 : 1));
}

function heldBackOf(alarms: readonly Alarm[], span: Span): AlarmFigures['heldBack'] {
  const counts = { inhibited: 0, maintenance: 0 };
  for (const { at, held, firedAt } of alarms) if (at === null && within(firedAt, span)) counts[held ?? 'inhibited']++;
  return counts;
}
