import { type SimulationSpec, simulationSchema } from '../world/spec.ts';
import type { Blueprint, MachineDraft, UpsDraft } from './blueprint.ts';
import { pdusOf } from './build-devices.ts';
import type { SampleSite } from './sample-site.ts';

/** The physics of a case, as simulation.yaml would have it, through the same schema. */
export function buildSimulation(draft: Blueprint, sample: SampleSite): SimulationSpec {
  const made = simulationSchema.parse({
    seed: draft.seed,
    room: {
      temperature: draft.room.temperature,
      outside_temperature: draft.room.outside,
      heat_capacity: draft.room.heatCapacity,
      // Without an air conditioner of its own the room is cooled by the building: its walls take all heat.
      ...(draft.sensors ? {} : { leak_watts_per_kelvin: draft.room.coolingWatts }),
    },
    ups: Object.fromEntries(draft.upses.map((ups) => [ups.id, upsSpec(ups)])),
    pdus: Object.fromEntries(pdusOf(draft).map((pdu) => [pdu.id, { outlets: pdu.outlets }])),
    consumers: {
      ...Object.fromEntries(draft.machines.map((machine) => [machine.id, consumerSpec(machine)])),
      ...(draft.monitor
        ? { 'monitor-1': { watts: { running: 60, off: 2 }, boot: { typical: '40s', spread: 0.1 } } }
        : {}),
    },
  });
  if (!draft.sensors) return made;
  const cooling = Object.fromEntries(
    Object.entries(sample.simulation.cooling).map(([id, unit]) => [
      id,
      { ...unit, capacity_watts: draft.room.coolingWatts },
    ]),
  );
  return { ...made, cooling, sensors: sample.simulation.sensors };
}

const upsSpec = (ups: UpsDraft): object => ({
  rated_watts: ups.ratedWatts,
  efficiency: ups.efficiency,
  no_load_watts: ups.noLoadWatts,
  battery: {
    runtime: `${ups.runtimeS}s`,
    at_load: ups.atLoad,
    peukert: ups.peukert,
    age_years: ups.ageYears,
    charge_percent: ups.chargePercent,
    charger_watts: ups.chargerWatts,
  },
  firmware: {
    runtime_factor: ups.firmwareFactor,
    charge_noise: ups.chargeNoise,
    low_battery_minutes: ups.lowBatteryMinutes,
  },
});

const spreadOf = (typicalS: number, spread: number): object => ({ typical: `${typicalS}s`, spread });

const consumerSpec = (machine: MachineDraft): object => ({
  watts: machine.watts,
  boot: spreadOf(machine.bootS, machine.spread),
  ...(machine.kind === 'server' || machine.kind === 'storage'
    ? { shutdown: spreadOf(machine.shutdownS, machine.spread) }
    : {}),
  ...(machine.backupS === null ? {} : { backup: spreadOf(machine.backupS, machine.spread) }),
  backup_fails: machine.backupFails,
  restore_on_power: machine.restoreOnPower,
});
