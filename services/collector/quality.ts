import type { Quality, Reading, Value } from '#core/reading.ts';
import { between, type Duration, formatDuration, type Instant } from '#core/time.ts';
import type { Decoded } from './decode.ts';

/**
 * How far a value can be trusted over time: a pure step from what was known of a point and what is said now.
 *
 * - good, missing and implausible come from the decoding; frozen and stale are found here.
 * - frozen: a value that must move has not for `frozenAfter` (L9).
 * - stale: nothing new came; the last value is kept for people to see, with its own time (L39).
 * Last seen and last changed are different instants: `receivedAt` moves with each word of the device, `changedAt`
 * with each different value.
 */
export interface PointState {
  readonly value: Value | null;
  readonly changedAt: Instant;
  readonly measuredAt: Instant;
  readonly receivedAt: Instant;
  readonly quality: Quality;
  readonly reason?: string;
}

export type QualityInput =
  /** The device said this. */
  | {
      readonly kind: 'said';
      readonly decoded: Decoded;
      readonly measuredAt: Instant;
      readonly frozenAfter: Duration | null;
    }
  /** The device said this before, the broker kept it: never fresh. */
  | { readonly kind: 'kept'; readonly decoded: Decoded; readonly measuredAt: Instant; readonly reason: string }
  /** The device says nothing any more. */
  | { readonly kind: 'silent'; readonly reason: string };

export function stepQuality(state: PointState | null, input: QualityInput, now: Instant): PointState {
  if (input.kind === 'silent') return silent(state, input.reason, now);
  const { decoded, measuredAt } = input;
  const { value, quality } = decoded;
  const changedAt = state !== null && state.value === value ? state.changedAt : measuredAt;
  const receivedAt = now;
  if (quality !== 'good') return withReason({ value, changedAt, measuredAt, receivedAt, quality }, decoded.reason);
  if (input.kind === 'kept')
    return { value, changedAt, measuredAt, receivedAt, quality: 'stale', reason: input.reason };
  const still = between(changedAt, measuredAt);
  if (input.frozenAfter !== null && still >= input.frozenAfter) {
    const reason = `has not moved for ${formatDuration(still)}`;
    return { value, changedAt, measuredAt, receivedAt, quality: 'frozen', reason };
  }
  return { value, changedAt, measuredAt, receivedAt, quality };
}

function silent(state: PointState | null, reason: string, now: Instant): PointState {
  if (state === null) {
    return { value: null, changedAt: now, measuredAt: now, receivedAt: now, quality: 'missing', reason };
  }
  // What was no value stays no value: silence makes it neither better nor worse.
  if (state.value === null) return state;
  return { ...state, quality: 'stale', reason };
}

const withReason = (state: PointState, reason: string | undefined): PointState =>
  reason === undefined ? state : { ...state, reason };

export function toReading(device: string, point: string, state: PointState, simulated: boolean): Reading {
  const { value, quality, reason, measuredAt, receivedAt, changedAt } = state;
  const reading = { device, point, value, quality, measuredAt, receivedAt, changedAt, simulated };
  return reason === undefined ? reading : { ...reading, reason };
}
