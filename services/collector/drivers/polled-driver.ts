import type { Profile } from '#core/config/profile.ts';
import type { PointValue } from '../snmp-plan.ts';

/** A way of reading a device that is asked again and again: SNMP, Modbus, NUT and their kin. */
export interface PolledDriver {
  /** All that the device tells now. Rejects with a ZhishouError: REFUSED means that it answers and says no. Never called twice at once. */
  poll(): Promise<readonly PointValue[]>;
  /** The same at once, where that needs no waiting; else null. */
  pollNow?(): readonly PointValue[] | null;
  /** The profile in use; null until one is known, or where none is needed. */
  profile(): Profile | null;
  /** By point: what people have named it on the device. The same object until one is another. */
  labels?(): Readonly<Record<string, string>>;
  close(): void;
}
