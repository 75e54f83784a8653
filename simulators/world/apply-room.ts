import type { SimulatorCommand } from '#core/simulator.ts';
import { putOut, startFire } from './fire.ts';
import { meant, notFound } from './meant.ts';
import { noteFault } from './note-fault.ts';
import { orderSiren } from './orders.ts';
import type { Running, SensorState } from './state.ts';
import { type RoomEvent, record } from './truth.ts';

/** Commands about what happens in the room: smoke, fire, water, people, air. False: it was another one. */

export function applyRoom(running: Running, command: SimulatorCommand, nowMs: number): boolean {
  const { world } = running;
  const tell = (device: string | undefined, what: RoomEvent['what']): true => {
    record(world.truth, world.truth.room, { at: nowMs, device: device ?? null, what }, true);
    return true;
  };
  /** In front of one sensor of these kinds, or everywhere. */
  const local = (device: string | undefined, kinds: readonly string[], present: boolean): boolean => {
    if (device === undefined) {
      // What is over everywhere is over in front of each.
      if (!present)
        for (const [index, spec] of running.plan.sensors.entries()) {
          const state = world.sensors[index];
          if (state !== undefined && kinds.includes(spec.kind)) state.local = false;
        }
      return false;
    }
    sensorOf(running, device, kinds).local = present;
    return true;
  };
  switch (command.kind) {
    case 'smoke':
      if (!local(command.device, ['smoke', 'heat'], command.present)) world.smoke = command.present;
      return tell(command.device, command.present ? 'smoke' : 'no-smoke');
    case 'leak':
      if (!local(command.device, ['leak'], command.present)) world.leak = command.present;
      return tell(command.device, command.present ? 'leak' : 'no-leak');
    case 'door':
      if (!local(command.device, ['contact'], command.open)) world.doorOpen = command.open;
      return tell(command.device, command.open ? 'door-open' : 'door-closed');
    case 'motion':
      if (!local(command.device, ['motion'], command.present)) world.motion = command.present;
      return tell(command.device, command.present ? 'motion' : 'no-motion');
    case 'panic':
      sensorOf(running, command.device, ['button']).presses++;
      return tell(command.device, 'pressed');
    default:
      return applyEquipment(running, command, nowMs);
  }
}

function applyEquipment(running: Running, command: SimulatorCommand, nowMs: number): boolean {
  const { world } = running;
  switch (command.kind) {
    case 'fire':
      if (command.device !== undefined && !running.plan.devices.some((one) => one.id === command.device))
        throw notFound(command.device);
      if (command.burning) startFire(running, command.device ?? null, nowMs);
      else putOut(running);
      return true;
    case 'siren':
      for (const index of meant(world.sensors, command.device))
        if (running.plan.sensors[index]?.kind === 'siren') orderSiren(running, index, command.on, 'panel', nowMs);
        else if (command.device !== undefined) throw notFound(command.device);
      return true;
    case 'cooling':
      for (const index of meant(world.cooling, command.device)) {
        const unit = world.cooling[index];
        if (unit === undefined) continue;
        unit.working = command.working;
        if (!command.working) unit.on = false;
        noteFault(running, 'cooling', unit.id, command.working ? '' : 'failed', nowMs);
      }
      return true;
    case 'cooling-capacity':
      for (const index of meant(world.cooling, command.device)) {
        const unit = world.cooling[index];
        if (unit === undefined) continue;
        unit.share = command.share;
        noteFault(running, 'cooling-capacity', unit.id, command.share === 1 ? '' : `${command.share}`, nowMs);
      }
      return true;
    case 'outside':
      world.outside = { temperatureC: command.temperatureC, humidity: command.humidity ?? world.outside.humidity };
      return true;
    default:
      return false;
  }
}

function sensorOf(running: Running, device: string, kinds: readonly string[]): SensorState {
  const index = running.plan.sensors.findIndex((one) => one.id === device && kinds.includes(one.kind));
  const state = running.world.sensors[index];
  if (state === undefined) throw notFound(device);
  return state;
}
