import { createNutConnector } from '#platform/nut/nut-client.ts';
import type { DeviceLinks } from './seams.ts';

/** The real ones: each opens its connections over the network when a device is read. */
export const openDeviceLinks = (): DeviceLinks => ({ nut: createNutConnector() });
