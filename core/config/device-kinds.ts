/** What stands in a room. */
export const DEVICE_KINDS = [
  'ups',
  'cooling',
  'pdu',
  'sensor',
  'server',
  'storage',
  'network',
  'display',
  'light',
  'siren',
  'monitor',
  /** A supply from outside: a distribution board, a transformer. UPSes name it in power.feeds. */
  'feed',
  'other',
] as const;
export type DeviceKind = (typeof DEVICE_KINDS)[number];
