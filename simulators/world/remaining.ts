import { lookAhead, remainingWithMs } from './battery.ts';
import { energyAt } from './flows.ts';
import { bearsMs } from './overload.ts';
import { feedLive, upsOfFeed } from './power.ts';
import type { Running } from './state.ts';

/** The true time that is left: of each UPS at its present load, and of each machine through all its feeds. */

/** Milliseconds until this UPS's output would go at the present load, were there no mains. */
export function remainingMs(running: Running, index: number): number {
  const ups = running.world.upses[index];
  const spec = running.plan.upses[index];
  if (ups === undefined || spec === undefined) return 0;
  return remainingWithMs(spec, ups.battery, energyAt(running, index, running.world.at), ups.loadWatts);
}

/**
 * Seconds until each machine would lose its supply with mains as it is now and the present load: UPSes on battery run out one
 * after the other; what then falls off loads nobody any more, what has another feed loads that one more, and a UPS that is
 * overloaded by it trips long before its battery is empty. Null: nothing threatens it, or it has no supply. Example: a server on ups-1 (20 min) and ups-2 (60 min) with min_feeds 1 lasts until ups-2 is
 * empty, which is sooner than in 60 minutes because it carries the whole server from minute 20 on.
 */
export function machinesRemainingS(running: Running): (number | null)[] {
  const { world, plan } = running;
  const groups = new Map<number, Group>();
  const groupOf = plan.machines.map((machine, index) => {
    const { powered, watts } = world.machines[index] ?? { powered: false, watts: 0 };
    if (!powered) return null;
    // Machines with the same live feeds share one fate: a digit for each UPS counts the feeds from it.
    let key = machine.minFeeds;
    for (const feed of machine.feeds) if (feedLive(running, feed)) key += DIGIT ** (upsOfFeed(running, feed) + 2);
    let group = groups.get(key);
    if (group === undefined) {
      group = { feeds: [], minFeeds: machine.minFeeds, watts: 0, leftS: null };
      for (const feed of machine.feeds) if (feedLive(running, feed)) group.feeds.push(upsOfFeed(running, feed));
      groups.set(key, group);
    }
    group.watts += watts;
    return group;
  });
  runDown(running, [...groups.values()]);
  return groupOf.map((group) => group?.leftS ?? null);
}

const DIGIT = 16;

interface Group {
  /** The UPS of each live feed; −1 for mains. */
  readonly feeds: number[];
  readonly minFeeds: number;
  watts: number;
  /** Null: nothing threatens it. */
  leftS: number | null;
}

function runDown(running: Running, groups: readonly Group[]): void {
  const { world, plan } = running;
  const alive = world.upses.map((ups) => ups.mode !== 'off');
  const energy = world.upses.map((_, index) => energyAt(running, index, world.at));
  const overloadedS = world.upses.map(({ overloadSinceAt }) =>
    overloadSinceAt === null ? null : (overloadSinceAt - world.at) / 1000,
  );
  let passedS = 0;
  for (let turn = 0; turn < world.upses.length; turn++) {
    const loads = loadsOf(running, alive, groups);
    let first = -1;
    let firstS = Number.POSITIVE_INFINITY;
    const drains = world.upses.map((ups, index) => {
      const spec = plan.upses[index];
      if (spec === undefined || ups.mode !== 'battery' || alive[index] !== true) return 0;
      const { drain, floorWh } = lookAhead(spec, ups.battery, loads[index] ?? 0);
      const bears = bearsMs(((loads[index] ?? 0) / spec.rated_watts) * 100);
      overloadedS[index] = bears === null ? null : (overloadedS[index] ?? passedS);
      const tripsS =
        bears === null ? Number.POSITIVE_INFINITY : (overloadedS[index] ?? passedS) + bears / 1000 - passedS;
      const lastsS = Math.min(Math.max(0, tripsS), (Math.max(0, (energy[index] ?? 0) - floorWh) / drain) * 3600);
      if (lastsS < firstS) {
        first = index;
        firstS = lastsS;
      }
      return drain;
    });
    if (first < 0) return;
    passedS += firstS;
    for (let i = 0; i < energy.length; i++) energy[i] = (energy[i] ?? 0) - ((drains[i] ?? 0) * firstS) / 3600;
    alive[first] = false;
    for (const group of groups)
      if (group.leftS === null && liveOf(group, alive) < group.minFeeds) group.leftS = passedS;
  }
}

function liveOf(group: Group, alive: readonly boolean[]): number {
  let live = 0;
  for (const ups of group.feeds) if (ups < 0 || alive[ups] === true) live++;
  return live;
}

function loadsOf(running: Running, alive: readonly boolean[], groups: readonly Group[]): number[] {
  const { world, plan } = running;
  const loads = world.upses.map((ups) => ups.extraWatts);
  for (const pdu of plan.pdus) if (pdu.upsIndex >= 0) loads[pdu.upsIndex] = (loads[pdu.upsIndex] ?? 0) + pdu.ownWatts;
  for (const group of groups) {
    if (group.leftS !== null) continue;
    const live = liveOf(group, alive);
    for (const ups of group.feeds)
      if (ups >= 0 && alive[ups] === true) loads[ups] = (loads[ups] ?? 0) + group.watts / live;
  }
  return loads;
}
