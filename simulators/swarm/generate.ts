import { type Random, seededRandom } from '#core/random.ts';
import { milliseconds } from '#core/time.ts';
import type { Blueprint } from './blueprint.ts';
import { buildCase } from './build-case.ts';
import type { SwarmCase, SwarmMode } from './case.ts';
import { drawFaults, drawKills } from './draw-faults.ts';
import { drawMains } from './draw-night.ts';
import { drawPeople, type Night } from './draw-people.ts';
import { drawPlan, roughNeedS } from './draw-plan.ts';
import { drawMachines, drawUps, loadsOf } from './draw-site.ts';
import { drawTraits } from './draw-traits.ts';
import type { SampleSite } from './sample-site.ts';
import { weighted } from './weighted.ts';

/** One seed, one case: the same on every machine. */
export const generateCase = (seed: number, sample: SampleSite): SwarmCase =>
  buildCase(drawBlueprint(seed, sample), sample);

/** Draws what a seed stands for, weighted so that the corners where plans fail are common. */
export function drawBlueprint(seed: number, sample: SampleSite): Blueprint {
  const random = seededRandom(`swarm/${seed}`);
  const mode = drawMode(random);
  const upses = weighted(random, [
    [6, () => 1],
    [3, () => 2],
    [1, () => 3],
  ]);
  const traits = drawTraits(random.fork('traits'), upses);
  const machines = drawMachines(random.fork('machines'), { upses, drill: mode === 'drill', traits });
  const plan = drawPlan(random.fork('plan'));
  const needS = roughNeedS(machines, plan);
  const loads = loadsOf(machines, upses);
  const batteries = loads.map((watts, index) => drawUps(random.fork(`ups-${index}`), index, watts, needS));
  const sensors = random.chance(0.75);
  const course = drawMains(random.fork('mains'), { upses: batteries, needS, plan, traits });
  const lostS = (course.night.lostAtMs ?? 120_000) / 1000;
  const outageS = Math.max(600, course.night.outageMs / 1000);
  const faults = drawFaults(random.fork('faults'), { machines, upses: batteries, sensors, lostS, outageS });
  const scenario = [...course.events, ...faults]
    .map((one) => ({ ...one, atMs: milliseconds(Math.max(1000, Math.round(one.atMs))) }))
    .sort((a, b) => a.atMs - b.atMs);
  const startsAt = drawStart(random.fork('start'));
  const lastsMs = (scenario.at(-1)?.atMs ?? 600_000) + 2 * 3_600_000;
  const night: Night = { ...course.night, startsAt, lastsMs };
  return {
    seed,
    mode,
    startsAt,
    lastsMs,
    upses: batteries,
    machines,
    monitor: random.chance(0.5),
    sensors,
    emergencyOff: random.chance(0.6),
    room: drawRoom(
      random.fork('room'),
      loads.reduce((sum, watts) => sum + watts, 0),
    ),
    plan,
    otherPlans: drawOtherPlans(random.fork('plans'), sample),
    people: drawPeople(random.fork('people'), night),
    scenario,
    kills: drawKills(random.fork('kills')),
  };
}

const drawMode = (random: Random): SwarmMode =>
  weighted(random, [
    [14, () => 'armed' as const],
    [3, () => 'drill' as const],
    [2, () => 'unarmed' as const],
    [1, () => 'rehearsal' as const],
  ]);

/** Thermal mass by the load: most rooms stay cool for the length of an outage, some heat up within it. */
const drawRoom = (random: Random, watts: number): Blueprint['room'] => ({
  temperature: random.between(19, 24.5),
  outside: random.between(-5, 38),
  heatCapacity: Math.round(watts * (random.chance(0.85) ? random.between(1200, 4000) : random.between(250, 1200))),
  coolingWatts: Math.round((watts + 700) * random.between(1.4, 2)),
});

/** Any minute of 2026 in Shanghai or elsewhere: working hours, nights, weekends, holidays. */
const drawStart = (random: Random): number =>
  Date.UTC(2026, 0, 10) + random.integer(0, 330) * 86_400_000 + random.integer(0, 1439) * 60_000;

const drawOtherPlans = (random: Random, { config }: SampleSite): string[] => {
  const others = config.plans.filter((plan) => plan.power === undefined).map((plan) => plan.id);
  return random.chance(0.5) ? others : [];
};
