import type { SimulatorCommand } from '#core/simulator.ts';
import { applyDevice } from './apply-device.ts';
import { applyMains, applyUps } from './apply-power.ts';
import { applyRoom } from './apply-room.ts';
import type { Running } from './state.ts';

/**
 * The panel's, the scenarios' and the swarm's commands. The caller has brought the world to `nowMs` with advanceWholly and
 * settles the power afterwards. Throws NOT_FOUND for a device that is not there, and changes nothing then.
 */
export function applyCommand(running: Running, command: SimulatorCommand, nowMs: number): void {
  running.revision++;
  if (applyMains(running, command, nowMs)) return;
  if (applyUps(running, command, nowMs)) return;
  if (applyRoom(running, command, nowMs)) return;
  applyDevice(running, command, nowMs);
}
