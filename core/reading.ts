import type { Again } from './again.ts';
import type { Instant } from './time.ts';

/** How far a value can be trusted. `good` alone may decide anything; the others keep their last value for people to see. */
export type Quality = 'good' | 'stale' | 'frozen' | 'implausible' | 'missing';

/** A number in the point's SI unit, a truth, a word, or space-joined set words (`OB DISCHRG`). */
export type Value = number | boolean | string;

/** One value of one point of one device. */
export interface Reading {
  readonly device: string;
  readonly point: string;
  /** Null only with quality `missing` (sentinel, never answered) or `implausible` (not a value of the point's kind). */
  readonly value: Value | null;
  readonly quality: Quality;
  /** Why the quality is not good, in English for the log and diagnostics: `65535 means no value`, `no answer for 35s`. */
  readonly reason?: string;
  /** When the device measured it, as far as it tells; else when it arrived. */
  readonly measuredAt: Instant;
  readonly receivedAt: Instant;
  /** When the value last differed from the one before. */
  readonly changedAt: Instant;
  /** True when it comes from the simulated room; marked wherever it is shown. */
  readonly simulated: boolean;
}

/** What the collector publishes for one device at one time: all readings of one poll or one message. */
export interface ReadingBatch {
  readonly device: string;
  readonly at: Instant;
  readonly readings: readonly Reading[];
  /** What made the collector read: its schedule, a trap, a sensor's own message, or the quality watch. */
  readonly cause: 'schedule' | 'trap' | 'message' | 'watch' | 'command';
  /** Only within one process: what this batch says that the one before did not. */
  readonly news?: ReadingNews;
}

/**
 * Most polls repeat what the one before said. Those who have heard number `serial - 1` of the same teller need only look at
 * what has changed; everything else is as it was, received anew.
 */
export interface ReadingNews {
  /** Counts its batches without a gap. Another object after a restart or a silence. */
  readonly teller: object;
  readonly serial: number;
  readonly changed: readonly Reading[];
  /** Every point of the batch. */
  readonly points: readonly string[];
  /** The good value of a point in the batch; null when there is none. */
  good(point: string): Value | null;
}

/** A device that says again just what it said: its teller, and by now the number and time of its last batch. */
export interface ReadingsAgain extends Again {
  readonly device: string;
  readonly teller: object;
  readonly serial: number;
  readonly at: Instant;
  value(): ReadingBatch;
}

/** The collector's view of one device, retained on the bus. */
export interface DeviceStatus {
  readonly device: string;
  readonly at: Instant;
  readonly state: 'starting' | 'responding' | 'silent' | 'refusing';
  readonly profile: string | null;
  /** Last answer of any kind. */
  readonly lastSeenAt: Instant | null;
  readonly failures: number;
  readonly reason?: string;
  /** By point: what people have named it on the device. Absent: no names. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** `ups.status` as a set of tokens; empty for anything that is not a text. The same few texts come with every reading. */
export function statusTokens(value: Value | null): ReadonlySet<string> {
  if (typeof value !== 'string') return NO_TOKENS;
  const known = TOKENS.get(value);
  if (known !== undefined) return known;
  const tokens = new Set(value.split(' ').filter((token) => token !== ''));
  if (TOKENS.size < MOST_TOKENS) TOKENS.set(value, tokens);
  return tokens;
}

const NO_TOKENS: ReadonlySet<string> = new Set();
const TOKENS = new Map<string, ReadonlySet<string>>();
/** Devices say some dozen; one that says ever new texts fills no memory. */
const MOST_TOKENS = 500;
