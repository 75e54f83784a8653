import { chargePercentNow } from './flows.ts';
import type { Running } from './state.ts';
import { inputGood } from './supply.ts';
import type { Truth } from './truth.ts';

/** A copy (entries are never changed) of everything that happened and of how the world stands, for the checkers. */
export function summarizeTruth(running: Running): Truth {
  const { world, plan } = running;
  const { truth } = world;
  return {
    transitions: [...truth.transitions],
    power: [...truth.power],
    commands: [...truth.commands],
    backups: [...truth.backups],
    samples: [...truth.samples],
    supplySamples: [...truth.supplySamples],
    supply: [...truth.supply],
    climate: [...truth.climate],
    charges: [...(truth.charges ?? [])],
    faults: [...truth.faults],
    room: [...truth.room],
    dropped: truth.dropped,
    startedAt: world.startedAt,
    at: world.at,
    mains: inputGood(running),
    upsOn: world.upses.every((ups) => ups.mode !== 'off'),
    machines: world.machines.map((machine, index) => ({
      device: machine.id,
      state: machine.state,
      powered: machine.powered,
      holdsData: plan.machines[index]?.holdsData === true,
    })),
    upses: world.upses.map((ups, index) => ({
      device: ups.id,
      on: ups.mode !== 'off',
      chargePercent: chargePercentNow(running, index),
    })),
    energy: { ...world.energy },
  };
}
