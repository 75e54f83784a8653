import { lookAhead, remainingWithMs } from './battery.ts';
import { energyAt } from './flows.ts';
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
 * after the other; what then falls off loads nobody any more, what has another feed loads that one more. Infinity: nothing
 * threatens it; 0: it has no supply. Example: a server on ups-1 (20 min) and ups-2 (60 min) with min_feeds 1 lasts until ups-2 is
 * empty, which is sooner than in 60 minutes because it carries the whole server from minute 20 on.
 */
export function machinesRemainingS(running: Running): number[] {
  const { world, plan } = running;
  const alive = world.upses.map((ups) => ups.mode !== 'off');
  const energy = world.upses.map((_, index) => energyAt(running, index, world.at));
  const left = world.machines.map((machine) => (machine.powered ? Number.POSITIVE_INFINITY : 0));
  const feeds = plan.machines.map((machine) =>
    machine.feeds.filter((feed) => feedLive(running, feed)).map((feed) => upsOfFeed(running, feed)),
  );
  let passedS = 0;
  for (let turn = 0; turn < world.upses.length; turn++) {
    const loads = loadsOf(running, alive, left, feeds);
    let first = -1;
    let firstS = Number.POSITIVE_INFINITY;
    const drains = world.upses.map((ups, index) => {
      const spec = plan.upses[index];
      if (spec === undefined || ups.mode !== 'battery' || alive[index] !== true) return 0;
      const { drain, floorWh } = lookAhead(spec, ups.battery, loads[index] ?? 0);
      const lastsS = (Math.max(0, (energy[index] ?? 0) - floorWh) / drain) * 3600;
      if (lastsS < firstS) {
        first = index;
        firstS = lastsS;
      }
      return drain;
    });
    if (first < 0) break;
    passedS += firstS;
    for (let i = 0; i < energy.length; i++) energy[i] = (energy[i] ?? 0) - ((drains[i] ?? 0) * firstS) / 3600;
    alive[first] = false;
    for (let i = 0; i < left.length; i++) {
      const live = (feeds[i] ?? []).filter((ups) => ups < 0 || alive[ups] === true).length;
      if (left[i] === Number.POSITIVE_INFINITY && live < (plan.machines[i]?.minFeeds ?? 1)) left[i] = passedS;
    }
  }
  return left;
}

function loadsOf(
  running: Running,
  alive: readonly boolean[],
  left: readonly number[],
  feeds: readonly (readonly number[])[],
): number[] {
  const { world, plan } = running;
  const loads = world.upses.map((ups) => ups.extraWatts);
  for (const pdu of plan.pdus) if (pdu.upsIndex >= 0) loads[pdu.upsIndex] = (loads[pdu.upsIndex] ?? 0) + pdu.ownWatts;
  for (let i = 0; i < world.machines.length; i++) {
    if (left[i] !== Number.POSITIVE_INFINITY) continue;
    const live = (feeds[i] ?? []).filter((ups) => ups < 0 || alive[ups] === true);
    for (const ups of live)
      if (ups >= 0) loads[ups] = (loads[ups] ?? 0) + (world.machines[i]?.watts ?? 0) / live.length;
  }
  return loads;
}
