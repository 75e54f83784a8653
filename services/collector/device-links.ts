import { createSystemClock } from '#platform/clock/system-clock.ts';
import { createIpmiReader } from '#platform/ipmi/ipmi-reader.ts';
import { dialTcp } from '#platform/modbus/byte-stream.ts';
import { createModbusConnector } from '#platform/modbus/connector.ts';
import { createNutConnector } from '#platform/nut/nut-client.ts';
import { createNutReader } from '#platform/nut/nut-reader.ts';
import { createRedfishReader } from '#platform/redfish/redfish-reader.ts';
import { createByteConnector } from '#platform/serial-server/byte-link.ts';
import { createServiceProbe } from '#platform/service-probe.ts';
import { createYdtLines } from '#platform/ydt/ydt-line.ts';
import type { DeviceLinks } from './seams.ts';

/** The real ones: each opens its connections over the network when a device is read. */
export const openDeviceLinks = (): DeviceLinks => ({
  nut: createNutReader(createNutConnector()),
  ipmi: createIpmiReader(),
  redfish: createRedfishReader(),
  modbus: createModbusConnector({ dial: dialTcp, clock: createSystemClock() }),
  ydt: createYdtLines(createByteConnector({ dial: dialTcp, clock: createSystemClock() })),
  // What a service takes is measured in real time, however fast a demonstration runs.
  services: createServiceProbe(createSystemClock()),
});
