import type { SimulatedUps, SimulatorState } from '#core/simulator.ts';
import { instant, toIso } from '#core/time.ts';
import { humidityAt } from './climate.ts';
import { chargePercentNow, temperatureNow, vapourNow } from './flows.ts';
import { remainingMs } from './remaining.ts';
import type { MachineWorld, Running } from './state.ts';
import { inputGood } from './supply.ts';
import { faultsAt } from './truth.ts';

/** The world as the simulator's panel shows it. */
export function showState(running: Running): SimulatorState {
  const { world, plan } = running;
  const upses = world.upses.map((_, index) => showUps(running, index));
  const temperatureC = temperatureNow(running);
  return {
    at: toIso(instant(world.at)),
    speed: world.speed,
    mains: inputGood(running),
    battery: {
      chargePercent: upses[0]?.chargePercent ?? 0,
      trueRemainingS: upses[0]?.trueRemainingS ?? null,
      runtimeFactor: world.upses[0]?.runtimeFactor ?? 1,
    },
    loadWatts: Math.round(upses.reduce((sum, ups) => sum + ups.loadWatts, 0)),
    roomTemperatureC: temperatureC,
    cooling: world.cooling.every((cooling) => cooling.working),
    smoke: world.smoke || world.fire.smoke > 0 || anyLocal(running, ['smoke', 'heat']),
    leak: world.leak || anyLocal(running, ['leak']),
    doorOpen: world.doorOpen || anyLocal(running, ['contact']),
    devices: world.machines.map((machine) => ({
      device: machine.id,
      state: machine.state,
      powered: machine.powered,
      fault: machine.fault,
      backup: backupState(machine),
    })),
    humidity: humidityAt(vapourNow(running), temperatureC),
    lines: [...world.mains.voltages],
    plannedCuts: world.cuts.map((cut) => ({ from: toIso(instant(cut.startAt)), to: toIso(instant(cut.endAt)) })),
    upses,
    coolingUnits: world.cooling.map((unit) => ({
      device: unit.id,
      working: unit.working,
      running: unit.on,
      capacityShare: unit.share,
    })),
    sensors: world.sensors.map((sensor) => ({ device: sensor.id, fault: sensor.fault })),
    sirens: world.sensors
      .filter((_, index) => plan.sensors[index]?.kind === 'siren')
      .map((sensor) => ({ device: sensor.id, on: sensor.sounding })),
    motion: world.motion || anyLocal(running, ['motion']),
    fireWatts: world.fire.watts,
    outsideTemperatureC: world.outside.temperatureC,
    monitor: { diskFull: world.monitor.diskFull, clockOffsetS: world.monitor.clockOffsetMs / 1000 },
    faults: faultsAt(world.truth, world.at).map(({ fault, device, detail }) => ({ fault, device, detail })),
  };
}

function showUps(running: Running, index: number): SimulatedUps {
  const ups = running.world.upses[index];
  const spec = running.plan.upses[index];
  if (ups === undefined || spec === undefined) throw new RangeError(`the world has no UPS ${index}`);
  return {
    device: ups.id,
    mode: ups.mode,
    chargePercent: chargePercentNow(running, index),
    trueRemainingS: ups.mode === 'off' ? null : Math.round(remainingMs(running, index) / 1000),
    loadWatts: ups.loadWatts,
    loadPercent: (ups.loadWatts / spec.rated_watts) * 100,
    testing: ups.testUntilAt !== null,
  };
}

const anyLocal = ({ world, plan }: Running, kinds: readonly string[]): boolean =>
  world.sensors.some((sensor, index) => sensor.local && kinds.includes(plan.sensors[index]?.kind ?? ''));

function backupState(machine: MachineWorld): 'idle' | 'running' | 'done' | 'failed' | 'hung' {
  if (machine.backup !== null) return machine.backupHung ? 'hung' : 'running';
  const last = machine.backups.at(-1);
  if (last === undefined) return 'idle';
  return last.result === 'complete' ? 'done' : 'failed';
}
