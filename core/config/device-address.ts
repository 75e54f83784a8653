import type { Device } from './device.ts';

/** Where a device is read, as people write it down; never how it is opened. Pure. Example: `10.1.2.5:161, SNMP 2c`. */
export function deviceAddress(device: Device): string {
  const { snmp, nut, modbus, ydt, ipmi, redfish, mqtt, reach } = device;
  if (snmp !== undefined) return `${snmp.host}:${snmp.port}, SNMP ${snmp.version}`;
  if (nut !== undefined) return `${nut.host}:${nut.port}, ${nut.ups}`;
  if (modbus !== undefined) return `${modbus.host}:${modbus.port}, unit ${modbus.unit}`;
  if (ydt !== undefined) return `${ydt.host}:${ydt.port}`;
  if (ipmi !== undefined) return ipmi.host;
  if (redfish !== undefined) return bareUrl(redfish.url);
  if (mqtt !== undefined) return mqttTopics(device).join(', ');
  return reach === undefined ? '' : `${reach.host}:${reach.port}`;
}

export const mqttTopics = ({ mqtt }: Pick<Device, 'mqtt'>): readonly string[] =>
  mqtt === undefined ? [] : [mqtt.topic, ...(mqtt.also ?? [])];

const bareUrl = (url: string): string => url.replace(/\/\/[^/@]*@/, '//').split('?')[0] ?? '';
