import type { StateStore } from '#core/ports.ts';
import type { Duration } from '#core/time.ts';
import { p95 } from './compile.ts';

/** How long operations really took: seconds, the newest 50 of each device and operation, under `plans/durations/`. */

const KEPT = 50;
const keyOf = (device: string, operation: string): string => `plans/durations/${device}/${operation}`;

export function recordedDurations(state: StateStore, device: string, operation: string): readonly number[] {
  const value = state.get(keyOf(device, operation));
  return Array.isArray(value)
    ? value.filter((n): n is number => typeof n === 'number' && Number.isFinite(n) && n >= 0)
    : [];
}

export const recordedP95 = (state: StateStore, device: string, operation: string): Duration | null =>
  p95(recordedDurations(state, device, operation));

export function recordDuration(state: StateStore, device: string, operation: string, seconds: number): void {
  const kept = [...recordedDurations(state, device, operation), seconds].slice(-KEPT);
  state.set(keyOf(device, operation), kept);
}
