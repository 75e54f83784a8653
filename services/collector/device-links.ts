import { createSystemClock } from '#platform/clock/system-clock.ts';
import { createNutConnector } from '#platform/nut/nut-client.ts';
import { createNutReader } from '#platform/nut/nut-reader.ts';
import { createServiceProbe } from '#platform/service-probe.ts';
import type { DeviceLinks } from './seams.ts';

/** The real ones: each opens its connections over the network when a device is read. */
export const openDeviceLinks = (): DeviceLinks => ({
  nut: createNutReader(createNutConnector()),
  // What a service takes is measured in real time, however fast a demonstration runs.
  services: createServiceProbe(createSystemClock()),
});
