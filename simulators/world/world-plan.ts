import type { DeviceKind } from '#core/config/device.ts';
import type { ConsumerSpec, CoolingSpec, RoomSpec, SensorSpec, UpsSpec } from './spec.ts';

/** What never changes while the world runs: parameters and wiring. Not part of the snapshot. */
export interface WorldPlan {
  readonly mainsVoltage: number;
  readonly mainsFrequency: number;
  readonly room: RoomSpec;
  readonly upses: readonly UpsPlan[];
  readonly pdus: readonly PduPlan[];
  readonly machines: readonly MachinePlan[];
  readonly cooling: readonly (CoolingSpec & { readonly id: string })[];
  readonly sensors: readonly SensorPlan[];
  /** Every device of the configuration: what a link of the network may be named after. */
  readonly devices: readonly { readonly id: string; readonly place: Place | null }[];
}

export interface Place {
  readonly x: number;
  readonly y: number;
}

export type UpsPlan = UpsSpec & {
  readonly id: string;
};

export interface PduPlan {
  readonly id: string;
  readonly ups: string | null;
  /** Place of its UPS in the plan; −1: it hangs on mains. */
  readonly upsIndex: number;
  readonly ownWatts: number;
  /** By outlet from 0: the machine plugged in, −1 when it is free. */
  readonly plugged: readonly number[];
}

export interface MachinePlan {
  readonly id: string;
  readonly kind: DeviceKind;
  readonly spec: ConsumerSpec;
  readonly feeds: readonly Feed[];
  readonly minFeeds: number;
  /** Losing power while running loses data. */
  readonly holdsData: boolean;
  readonly hasBmc: boolean;
  /** From whose MAC a magic packet is meant for it; upper case with colons. */
  readonly macs: readonly string[];
}

/** Index of a PDU and an outlet in it (from 0), or of a UPS straight, or mains itself. */
export type Feed =
  | { readonly from: 'outlet'; readonly pdu: number; readonly outlet: number }
  | { readonly from: 'ups'; readonly ups: number }
  | { readonly from: 'mains' };

export type SensorPlan = SensorSpec & { readonly id: string; readonly place: Place | null };
