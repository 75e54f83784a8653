import type { Value } from '#core/reading.ts';

/**
 * A device's points by their names of the registry, as its profile decodes them, without SNMP or MQTT in between: the same
 * arrays each time, filled anew, so that a swarm of thousands of rooms makes no rubbish. Null: it tells no good value.
 */
export interface PointTable {
  readonly names: readonly string[];
  readonly values: (Value | null)[];
}

/** Fills its table at the room's moment; null: the device does not answer. */
export type PointReader = () => PointTable | null;
