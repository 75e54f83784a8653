import type { Random } from '#core/random.ts';
import type { MachineDraft, UpsDraft } from './blueprint.ts';
import type { SiteTraits } from './draw-traits.ts';
import { weighted } from './weighted.ts';

/** Machines, what they depend on, how they are fed, how long they take; UPSes and their batteries. */

/** What is the same for every machine of a site. */
export interface MachineSite {
  readonly upses: number;
  readonly drill: boolean;
  readonly traits: SiteTraits;
}

export function drawMachines(random: Random, site: MachineSite): MachineDraft[] {
  const count = weighted(random, [
    [3, () => random.integer(1, 4)],
    [4, () => random.integer(5, 10)],
    [2, () => random.integer(11, 20)],
    [1, () => random.integer(21, 38)],
  ]);
  const networks = random.chance(0.75) ? random.integer(1, Math.min(2, count)) : 0;
  const storages = random.chance(0.7) ? random.integer(0, Math.min(3, Math.max(0, count - networks))) : 0;
  const displays = random.chance(0.5) ? 1 : 0;
  const servers = Math.max(networks + storages === 0 ? 1 : 0, count - networks - storages - displays);
  const made: MachineDraft[] = [];
  const add = (kind: MachineDraft['kind'], number: number): void => {
    for (let nth = 1; nth <= number; nth++)
      made.push(drawMachine(random.fork(`${kind}-${nth}`), `${kind}-${nth}`, kind, made, site));
  };
  add('network', networks);
  add('storage', storages);
  add('server', servers);
  add('display', displays);
  return made;
}

function drawMachine(
  random: Random,
  id: string,
  kind: MachineDraft['kind'],
  before: readonly MachineDraft[],
  { upses, drill, traits }: MachineSite,
): MachineDraft {
  const host = kind === 'server' || kind === 'storage';
  const running = Math.round(host ? random.between(120, 650) : random.between(60, 300));
  const feeds = drawFeeds(random, upses, host, traits.redundant);
  const backs = kind === 'server' && random.chance(0.75);
  return {
    id,
    kind,
    feeds,
    minFeeds: feeds.length > 1 && random.chance(0.15) ? 2 : 1,
    dependsOn: drawDependencies(random, kind, before),
    watts: {
      running,
      off: host ? random.integer(0, 11) : 0,
      starting: Math.round(running * random.between(0.7, 1.1)),
      busy: Math.round(running * random.between(1, 1.25)),
    },
    bootS: host ? random.integer(40, 260) : random.integer(3, 80),
    shutdownS: weighted(random, [
      [4, () => random.integer(20, 120)],
      [1, () => random.integer(5, 20)],
      [1, () => random.integer(120, 300)],
    ]),
    backupS: backs ? random.integer(20, 600) : null,
    spread: random.between(0.05, 0.3),
    backupFails: random.chance(0.15) ? random.between(0.2, 1) : 0,
    // Most estimates are p95 with some air, as the configuration's guide asks; some are too tight.
    estimateFactor: weighted(random, [
      [5, () => random.between(1.3, 2)],
      [1, () => random.between(1, 1.3)],
      [1, () => random.between(2, 4)],
    ]),
    attempts: weighted(random, [
      [3, () => 1],
      [3, () => 2],
      [1, () => 3],
    ]),
    giveUpFactor: random.between(1.5, 3),
    otherwise: drawOtherwise(random, kind, feeds.length),
    ...drawSwitching(random, host, feeds.length),
    priority: random.integer(1, 9) * 10,
    strayWay: drill && host && random.chance(0.2),
  };
}

const drawOtherwise = (random: Random, kind: MachineDraft['kind'], supplies: number): MachineDraft['otherwise'] => {
  if (kind !== 'server' && kind !== 'storage') return [];
  const soft = random.chance(0.35) ? (['soft'] as const) : [];
  // An array is seldom cut behind its back; a machine with two supplies only by its controller.
  const cut = random.chance(kind === 'storage' ? 0.2 : supplies > 1 ? 0.4 : 0.7) ? (['cut'] as const) : [];
  return [...soft, ...cut];
};

/** A machine whose outlet is cut once it is down starts with its outlet; another by its controller or a magic packet. */
function drawSwitching(
  random: Random,
  host: boolean,
  supplies: number,
): Pick<MachineDraft, 'powerOff' | 'start' | 'restoreOnPower'> {
  const powerOff = supplies === 1 && random.chance(0.85);
  if (!host) return { powerOff, start: 'outlet', restoreOnPower: true };
  const restoreOnPower = random.chance(0.9);
  if (powerOff) return { powerOff, start: restoreOnPower || random.chance(0.5) ? 'outlet' : 'ipmi', restoreOnPower };
  return {
    powerOff,
    start: weighted<MachineDraft['start']>(random, [
      [6, () => 'ipmi'],
      [3, () => 'wake'],
      [0.5, () => 'none'],
    ]),
    restoreOnPower,
  };
}

/** Mostly one supply; with several UPSes some machines have two, at a redundant site every host. */
function drawFeeds(random: Random, upses: number, host: boolean, redundant: SiteTraits['redundant']): number[] {
  if (redundant !== null && !host) return [redundant.singleOn];
  const first = random.integer(0, upses - 1);
  if (upses < 2 || !host || !(redundant !== null || random.chance(0.3))) return [first];
  return [first, (first + random.integer(1, upses - 1)) % upses];
}

/** Down the tiers only, so that start-up by tiers and start-up by arrows agree: servers need servers, arrays, switches. */
function drawDependencies(random: Random, kind: MachineDraft['kind'], before: readonly MachineDraft[]): string[] {
  if (kind === 'display') return [];
  const wanted = { network: 0.3, storage: 0.6, server: 0.25 } as const;
  const density = random.pick([0, 0.5, 1, 2]);
  return before
    .filter(
      (other) => other.kind !== 'display' && (kind === 'server' || other.kind === 'network' || other.kind === kind),
    )
    .filter((other) =>
      random.chance(Math.min(0.9, density * (other.kind === kind ? 0.12 : wanted[other.kind as 'network']))),
    )
    .map((other) => other.id);
}

/** Watts behind each UPS with everything running, two supplies sharing evenly. */
export function loadsOf(machines: readonly MachineDraft[], upses: number): number[] {
  const loads = Array.from({ length: upses }, () => 8);
  for (const machine of machines)
    for (const feed of machine.feeds) loads[feed] = (loads[feed] ?? 0) + machine.watts.running / machine.feeds.length;
  return loads;
}

/** Batteries from far too small to ample, measured against what a shutdown of this site takes. */
export function drawUps(random: Random, index: number, loadWatts: number, needS: number): UpsDraft {
  const runtimeS = Math.min(
    4 * 3600,
    Math.max(
      60,
      Math.round(
        weighted(random, [
          [1, () => needS * random.between(0.2, 0.9)],
          [2, () => needS * random.between(0.9, 1.6)],
          [4, () => needS * random.between(1.6, 4)],
          [3, () => random.integer(20, 75) * 60],
          [1, () => random.integer(75, 200) * 60],
        ]),
      ),
    ),
  );
  const atLoad = Math.round(loadWatts * random.between(0.8, 1.2));
  const ageYears = random.chance(0.5) ? random.integer(0, 3) : random.integer(3, 8);
  return {
    id: `ups-${index + 1}`,
    ratedWatts: Math.round(Math.max(loadWatts * random.between(1.25, 2.5), 800)),
    runtimeS,
    atLoad,
    ageYears,
    peukert: random.between(1, 1.25),
    efficiency: random.between(0.86, 0.97),
    noLoadWatts: random.integer(20, 90),
    chargePercent: random.chance(0.85) ? 100 : random.integer(50, 99),
    // Full again after one to four hours, so that the recovery's charge has to be waited for.
    chargerWatts: Math.round((loadWatts * runtimeS) / 3600 / random.between(0.8, 4)) + 40,
    testedFactor: weighted<number | null>(random, [
      [5, () => random.between(0.85, 1.05)],
      [2, () => random.between(1.05, 1.6)],
      [1, () => random.between(0.5, 0.85)],
      [2, () => null],
    ]),
    firmwareFactor: weighted(random, [
      [4, () => random.between(0.85, 1.15)],
      [3, () => random.between(1.15, 3)],
      [3, () => random.between(0.3, 0.85)],
    ]),
    chargeNoise: random.chance(0.8) ? random.between(0, 0.4) : random.between(0.4, 0.8),
    lowBatteryMinutes: drawLowBattery(random, runtimeS),
    intervalS: random.pick([5, 10, 10, 10, 20]),
  };
}

/** A few minutes; or set by somebody so that the flag comes with much of the battery left (L4). A draw of its own. */
function drawLowBattery(random: Random, runtimeS: number): number {
  const usual = random.integer(2, 6);
  const own = random.fork('low-battery');
  return own.chance(0.12) ? Math.max(usual, Math.min(120, Math.round((runtimeS / 60) * own.between(0.3, 0.9)))) : usual;
}
