import type { SimulatorState } from '#core/simulator.ts';
import { instant, toIso } from '#core/time.ts';
import { chargePercent } from './battery.ts';
import { inputGood, remainingMs } from './power.ts';
import type { MachineWorld, Running } from './state.ts';

/** The world as the simulator's panel shows it; the first UPS stands for the room. */
export function showState(running: Running): SimulatorState {
  const { world } = running;
  const ups = world.upses[0];
  return {
    at: toIso(instant(world.at)),
    speed: world.speed,
    mains: inputGood(running),
    battery: {
      chargePercent: ups === undefined ? 0 : chargePercent(ups.battery),
      trueRemainingS: ups === undefined || ups.mode === 'off' ? null : Math.round(remainingMs(running, 0) / 1000),
      runtimeFactor: ups?.runtimeFactor ?? 1,
    },
    loadWatts: Math.round(ups?.mode === 'off' ? 0 : (ups?.loadWatts ?? 0)),
    roomTemperatureC: world.climate.temperatureC,
    cooling: world.cooling.every((cooling) => cooling.working),
    smoke: world.smoke,
    leak: world.leak,
    doorOpen: world.doorOpen,
    devices: world.machines.map((machine) => ({
      device: machine.id,
      state: machine.state,
      powered: machine.powered,
      fault: machine.fault,
      backup: backupState(machine),
    })),
  };
}

function backupState(machine: MachineWorld): 'idle' | 'running' | 'done' | 'failed' | 'hung' {
  if (machine.backup !== null) return machine.backupHung ? 'hung' : 'running';
  const last = machine.backups.at(-1);
  if (last === undefined) return 'idle';
  return last.result === 'complete' ? 'done' : 'failed';
}
