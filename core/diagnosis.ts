import type { DeviceSource } from './config/device.ts';
import type { ProbePoint } from './survey.ts';

/**
 * What a device says in its own words, for whoever wants to know why: the raw values of the last answer with where each was read and
 * what the profile makes of it, how the last polls went, what was counted. Never with credentials. Instants are ISO 8601 in UTC.
 */
export interface Diagnosis {
  readonly device: string;
  readonly way: DeviceSource;
  /** Where it is read: `10.1.2.5:161, SNMP 2c`, `zigbee2mqtt/th-1`. */
  readonly address: string;
  readonly profile: string | null;
  readonly intervalS: number;
  readonly points: readonly DiagnosedPoint[];
  /** Over MQTT: what came while it was looked at, the newest first; secrets blacked out, long ones cut. */
  readonly messages: readonly DiagnosedMessage[];
  /** Newest first. */
  readonly polls: readonly PollRecord[];
  /** Since the collector's start. Null: it is not polled. */
  readonly counts: PollCounts | null;
}

export interface DiagnosedPoint extends ProbePoint {
  /** The entry of the profile that says so, as it names the maker's document. */
  readonly source: string | null;
}

export interface DiagnosedMessage {
  readonly at: string;
  readonly topic: string;
  /** The broker kept it from earlier. */
  readonly retained: boolean;
  readonly bytes: number;
  readonly text: string;
}

export interface PollRecord {
  readonly at: string;
  readonly tookMs: number;
  readonly cause: string;
  /** `ok` or an error's code. */
  readonly outcome: string;
  readonly detail: string | null;
  readonly points: number;
}

export interface PollCounts {
  readonly polls: number;
  readonly failed: number;
  readonly timedOut: number;
  readonly refused: number;
  /** No answer within the time after which it is called silent, though it may have come later. */
  readonly overdue: number;
  /** Values of the last answer that were not believed. */
  readonly doubtful: number;
}

export const MOST_POLLS_TOLD = 20;
export const MOST_MESSAGES_TOLD = 20;
