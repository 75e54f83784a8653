import type { Profile } from '#core/config/profile.ts';
import { pointOf } from '#core/config/profile-decode.ts';
import type { Clock, SnmpTransport } from '#core/ports.ts';
import type { ProbePoint, ProbeResult } from '#core/survey.ts';
import type { Raw } from './decode.ts';
import type { DeviceLinks } from './seams.ts';
import type { PointValue } from './snmp-plan.ts';

/** One device looked at for a while: the first reading finds out what it is, those after it read on. */
export interface ProbeSession {
  /** Rejects with TIMED_OUT, REFUSED, UNREACHABLE, BAD_ANSWER. */
  read(): Promise<ProbeResult>;
  close(): void;
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
