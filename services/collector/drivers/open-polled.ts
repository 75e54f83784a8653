import type { DeviceContext } from '../seams.ts';
import { absentWay } from './absent-way.ts';
import { createIpmiReadDriver } from './ipmi-driver.ts';
import { createModbusDriver } from './modbus-driver.ts';
import { createNutDriver } from './nut-driver.ts';
import type { PolledDriver } from './polled-driver.ts';
import { createRedfishReadDriver } from './redfish-driver.ts';
import { createSnmpDriver } from './snmp-driver.ts';
import { createYdtDriver } from './ydt-driver.ts';

/** The way in which a device is polled, by its key in devices.yaml; null when it is not. At most one a device (core/config/device.ts). */
export function openPolled({ deps, device }: DeviceContext): PolledDriver | null {
  const { config, clock, snmp, links = {} } = deps;
  const common = { device: device.id, profile: device.profile ?? null, profiles: config.profiles, clock };
  if (device.snmp !== undefined) return createSnmpDriver({ ...common, connection: device.snmp, transport: snmp });
  if (device.nut !== undefined) {
    if (links.nut === undefined) return absentWay(device.id, 'nut');
    return createNutDriver({ ...common, connection: device.nut, reader: links.nut });
  }
  if (device.modbus !== undefined) {
    if (links.modbus === undefined) return absentWay(device.id, 'modbus');
    return createModbusDriver({ ...common, connection: device.modbus, connector: links.modbus });
  }
  if (device.ydt !== undefined) {
    if (links.ydt === undefined) return absentWay(device.id, 'ydt');
    return createYdtDriver({ ...common, connection: device.ydt, lines: links.ydt, metrics: deps.metrics });
  }
  if (device.ipmi !== undefined) {
    if (links.ipmi === undefined) return absentWay(device.id, 'ipmi');
    return createIpmiReadDriver({ device: device.id, connection: device.ipmi, reader: links.ipmi });
  }
  if (device.redfish !== undefined) {
    if (links.redfish === undefined) return absentWay(device.id, 'redfish');
    return createRedfishReadDriver({ ...common, connection: device.redfish, reader: links.redfish });
  }
  return null;
}
