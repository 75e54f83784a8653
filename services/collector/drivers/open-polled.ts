import type { DeviceContext } from '../seams.ts';
import { absentWay } from './absent-way.ts';
import { createNutDriver } from './nut-driver.ts';
import type { PolledDriver } from './polled-driver.ts';
import { createSnmpDriver } from './snmp-driver.ts';

/** The way in which a device is polled, by its key in devices.yaml; null when it is not. At most one a device (core/config/device.ts). */
export function openPolled({ deps, device }: DeviceContext): PolledDriver | null {
  const { config, clock, snmp, links = {} } = deps;
  const common = { device: device.id, profile: device.profile ?? null, profiles: config.profiles, clock };
  if (device.snmp !== undefined) return createSnmpDriver({ ...common, connection: device.snmp, transport: snmp });
  if (device.nut !== undefined) {
    if (links.nut === undefined) return absentWay(device.id, 'nut');
    return createNutDriver({ ...common, connection: device.nut, reader: links.nut });
  }
  return null;
}
