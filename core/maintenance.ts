import type { Device, DeviceKind } from './config/device.ts';
import type { Text } from './text.ts';

/**
 * Out of service (ISA-18.2): equipment that people work on. What it raises meanwhile is recorded and shown and told to nobody;
 * at the end what still fires is told. Safety rules are exempt, and an outage is an outage: plans with `power` go on judging.
 */
export interface MaintenanceWindow {
  readonly id: string;
  /** Devices, kinds and a room together say which equipment; none of them: all. */
  readonly devices: readonly string[];
  readonly kinds: readonly DeviceKind[];
  readonly room: Device['room'] | null;
  /** Only alerts of this rule; null: all of them. */
  readonly rule: string | null;
  /** ISO 8601 in UTC. */
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly by: string;
  readonly at: string;
  /** Ended before its time. */
  readonly ended: { readonly by: string; readonly at: string } | null;
}

/** A rule on a device that a person has shelved; it may fire now or not. */
export interface Shelved {
  readonly rule: string;
  /** The rule's; absent when there is no such rule any more. */
  readonly title?: Text;
  readonly device: string;
  readonly by: string;
  readonly until: string;
  readonly reason: string;
}

/** Topic `maintenance`: windows to come, open and of the last month; what is shelved. */
export interface OutOfService {
  readonly windows: readonly MaintenanceWindow[];
  readonly shelved: readonly Shelved[];
}

/** When the window is really over. */
export const windowEnd = ({ to, ended }: Pick<MaintenanceWindow, 'to' | 'ended'>): string => ended?.at ?? to;

export const isOpenAt = (window: Pick<MaintenanceWindow, 'from' | 'to' | 'ended'>, iso: string): boolean =>
  window.from <= iso && iso < windowEnd(window);

export function covers(window: MaintenanceWindow, rule: string, device: Pick<Device, 'id' | 'kind' | 'room'>): boolean {
  if (window.rule !== null && window.rule !== rule) return false;
  if (window.devices.length === 0 && window.kinds.length === 0 && window.room === null) return true;
  return window.devices.includes(device.id) || window.kinds.includes(device.kind) || window.room === device.room;
}
