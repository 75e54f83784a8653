import type { Profile } from '#core/config/profile.ts';
import { pointOf } from '#core/config/profile-decode.ts';
import type { Clock, SnmpTransport } from '#core/ports.ts';
import type { Value } from '#core/reading.ts';
import type { Raw } from './decode.ts';
import type { DeviceLinks } from './seams.ts';
import type { PointValue } from './snmp-plan.ts';

/** What `zhishou probe` finds of one device. */
export interface ProbeResult {
  /** The profile that fits, null when none does. */
  readonly recognised: string | null;
  readonly points: readonly ProbePoint[];
}

export interface ProbePoint {
  readonly name: string;
  /** What people have named it on the device. */
  readonly label?: string;
  readonly value: Value | null;
  readonly unit: string;
  readonly quality: string;
  readonly reason?: string;
  /** Where it is read: the object, the register, the variable. */
  readonly oid: string | null;
  readonly raw: string | number | boolean | null;
}

export interface ProbeDependencies {
  readonly snmp: SnmpTransport;
  readonly profiles: readonly Profile[];
  /** With what other ways than SNMP are opened, and their time. */
  readonly links?: DeviceLinks;
  readonly clock?: Clock;
  /** Reads with this profile instead of the one that is recognised. */
  readonly profile?: string;
}

export function toProbePoint({ point, decoded, oid, raw }: PointValue, label: string | undefined): ProbePoint {
  const { value, quality, reason } = decoded;
  const shown = {
    name: point,
    ...(label === undefined ? {} : { label }),
    value,
    unit: pointOf(point)?.unit ?? '',
    quality,
    oid,
    raw: plain(raw),
  };
  return reason === undefined ? shown : { ...shown, reason };
}

const plain = (raw: Raw): string | number | boolean | null => (typeof raw === 'bigint' ? raw.toString() : raw);
