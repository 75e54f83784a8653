import type { Random } from '#core/random.ts';
import { milliseconds } from '#core/time.ts';
import type { PlanDraft, UpsDraft } from './blueprint.ts';
import type { TimedCommand } from './case.ts';
import type { Night } from './draw-people.ts';
import type { SiteTraits } from './draw-traits.ts';
import { weighted } from './weighted.ts';

/** When mains goes and comes, counted from the case's beginning. */
export interface MainsCourse {
  readonly night: Omit<Night, 'startsAt' | 'lastsMs'>;
  readonly events: readonly TimedCommand[];
}

const at = (seconds: number, command: TimedCommand['do']): TimedCommand => ({
  atMs: milliseconds(Math.round(seconds * 1000)),
  do: command,
});

export { at as event };

/** An outage ends where it hurts: around the latest safe start, in the middle of the sequence, around the battery's end. */
export function drawMains(
  random: Random,
  site: {
    readonly upses: readonly UpsDraft[];
    readonly needS: number;
    readonly plan: PlanDraft;
    readonly traits: SiteTraits;
  },
): MainsCourse {
  const lostS = random.integer(60, 400);
  if (random.chance(0.07)) return { night: { lostAtMs: null, outageMs: 0 }, events: [] };
  const shortestS = Math.min(...site.upses.map((ups) => (ups.runtimeS * ups.chargePercent) / 100));
  const safeS = Math.max(30, shortestS - site.needS);
  const lengthS = Math.min(
    13_000,
    weighted(random, [
      [1, () => random.between(0.5, 30)],
      [2, () => random.integer(30, 600)],
      [3, () => safeS * random.between(0.7, 1.15)],
      [3, () => safeS + site.needS * random.between(0, 1)],
      [1.5, () => shortestS * random.between(0.9, 1.1)],
      [3, () => shortestS + random.integer(300, 5400)],
      [1, () => site.plan.limitS + random.integer(60, 3600)],
    ]),
  );
  const outage = weighted(random, [
    [12, () => plain(lostS, lengthS)],
    [1, () => brownOut(random, lostS, lengthS)],
    [2, () => flappingOutage(random, lostS, lengthS)],
    [1, () => phaseByPhase(random, lostS, lengthS)],
    [1.5, () => ownFeeds(random, lostS, lengthS, site.upses)],
    [1, () => plannedCut(random, lostS, lengthS)],
    [site.traits.redundant === null ? 0 : 30, () => oneFeed(random, lostS, lengthS, site.upses)],
  ]);
  const events = [...outage, ...secondOutage(random, lostS + lengthS, shortestS)];
  return { night: { lostAtMs: lostS * 1000, outageMs: Math.round(lengthS * 1000) }, events };
}

const plain = (lostS: number, lengthS: number): TimedCommand[] => [
  at(lostS, { kind: 'mains', present: false }),
  at(lostS + lengthS, { kind: 'mains', present: true }),
];

const brownOut = (random: Random, lostS: number, lengthS: number): TimedCommand[] => [
  at(Math.max(1, lostS - random.integer(1, 50)), { kind: 'mains-voltage', volts: random.integer(180, 200) }),
  at(lostS, { kind: 'mains-voltage', volts: random.integer(60, 170) }),
  at(lostS + lengthS, { kind: 'mains-voltage', volts: 220 }),
];

/** Flaps at its beginning or its end, with returns shorter or a little longer than the settling time. */
function flappingOutage(random: Random, lostS: number, lengthS: number): TimedCommand[] {
  const times = random.integer(2, 8);
  const awayS = random.between(0.5, 40);
  const backS = random.chance(0.7) ? random.between(0.5, 60) : random.between(60, 150);
  const flapsS = times * (awayS + backS);
  const flaps = (fromS: number): TimedCommand => at(fromS, { kind: 'flapping', times, awayS, backS });
  if (random.chance(0.5)) return [flaps(lostS), ...plain(lostS + flapsS + random.integer(0, 60), lengthS)];
  return [...plain(lostS, lengthS), flaps(lostS + lengthS + random.integer(1, 60))];
}

function phaseByPhase(random: Random, lostS: number, lengthS: number): TimedCommand[] {
  const line = random.pick([1, 2, 3] as const);
  const lost = at(lostS, { kind: 'phase', line, present: false });
  const back = at(lostS + lengthS, { kind: 'phase', line, present: true });
  if (random.chance(0.5)) return [lost, back];
  return [lost, ...plain(lostS + random.integer(5, 120), Math.max(10, lengthS - 120)), back];
}

/** Each UPS loses its own feed at its own time: one of two is no outage for what has two supplies (L7). */
function ownFeeds(random: Random, lostS: number, lengthS: number, upses: readonly UpsDraft[]): TimedCommand[] {
  const losers = upses.filter((_, index) => index === 0 || random.chance(0.5));
  return losers.flatMap((ups) => ownFeed(ups, lostS + random.integer(0, 300), lengthS * random.between(0.5, 1)));
}

/** One of a redundant site's feeds alone, for as long as hurts its own UPS: the other keeps every host (L7). */
function oneFeed(random: Random, lostS: number, lengthS: number, upses: readonly UpsDraft[]): TimedCommand[] {
  const loser = upses[random.integer(0, upses.length - 1)];
  if (loser === undefined) return [];
  const shortestS = Math.min(...upses.map((ups) => ups.runtimeS));
  return ownFeed(loser, lostS, Math.min(13_000, (lengthS * loser.runtimeS) / shortestS));
}

const ownFeed = (ups: UpsDraft, fromS: number, lengthS: number): TimedCommand[] => [
  at(fromS, { kind: 'ups-input', device: ups.id, present: false }),
  at(fromS + lengthS, { kind: 'ups-input', device: ups.id, present: true }),
];

const plannedCut = (random: Random, lostS: number, lengthS: number): TimedCommand[] => [
  at(random.integer(1, 50), { kind: 'planned-cut', afterS: Math.max(0, lostS - 50), lastsS: Math.max(1, lengthS) }),
];

/** Mains goes again: while it settles, while equipment is started, or much later; onto a battery that is not full. */
function secondOutage(random: Random, backS: number, shortestS: number): TimedCommand[] {
  if (!random.chance(0.2)) return [];
  const from =
    backS +
    weighted(random, [
      [2, () => random.integer(5, 119)],
      [2, () => random.integer(121, 900)],
      [1, () => random.integer(900, 3600)],
    ]);
  return plain(
    from,
    weighted(random, [
      [2, () => random.integer(10, 600)],
      [2, () => Math.min(7200, shortestS * random.between(0.3, 1.2))],
    ]),
  );
}
