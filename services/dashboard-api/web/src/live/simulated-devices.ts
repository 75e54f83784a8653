import { detects } from '../model/room-plan.ts';
import type { DeviceGroup } from '../model/simulator-lines.ts';
import { live } from './store.ts';

/** What of each group the simulated room has, by id. */
export function simulatedDevices(of: DeviceGroup): string[] {
  const state = live.simulator;
  const known = [...live.devices.values()];
  const kind = (wanted: string): string[] => known.filter((device) => device.kind === wanted).map(({ id }) => id);
  switch (of) {
    case 'ups':
      return state?.upses.map(({ device }) => device) ?? [];
    case 'machine':
      return state?.devices.map(({ device }) => device) ?? [];
    case 'cooling':
      return state?.coolingUnits.map(({ device }) => device) ?? [];
    case 'sensor':
      return state?.sensors.map(({ device }) => device) ?? [];
    case 'smoke':
      return known.filter((device) => detects(device) === 'room.smoke').map(({ id }) => id);
    case 'button':
      return known.filter((device) => detects(device) === 'room.panic').map(({ id }) => id);
    case 'any':
      return known.filter(({ source }) => source !== 'none').map(({ id }) => id);
    default:
      return kind(of);
  }
}
