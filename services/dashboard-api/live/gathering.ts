import type { LiveEventName } from '#core/api.ts';
import type { Cancel, Clock } from '#core/ports.ts';
import type { Reading } from '#core/reading.ts';
import { milliseconds, toIso } from '#core/time.ts';
import { toReadingView } from '../read-model/views.ts';

const GATHER = milliseconds(250);

/** At most four times a second: the latest of each point, the latest state of the simulator. The first after a pause goes at once. */
export function createGathering(
  wall: Clock,
  siteNow: Clock['now'],
  tell: (name: LiveEventName, data: unknown) => void,
) {
  /** By device and point. */
  const waiting = new Map<string, Map<string, Reading>>();
  let state: unknown = null;
  let cancel: Cancel | null = null;
  const flush = (): void => {
    cancel = null;
    if (waiting.size === 0 && state === null) return;
    const readings = [...waiting.values()].flatMap((points) => [...points.values()].map(toReadingView));
    if (readings.length > 0) tell('readings', { at: toIso(siteNow()), readings });
    if (state !== null) tell('simulator', state);
    waiting.clear();
    state = null;
    cancel = wall.after(GATHER, flush);
  };
  const soon = (): void => {
    if (cancel === null) flush();
  };
  return {
    readings(readings: readonly Reading[]): void {
      for (const reading of readings) {
        const points = waiting.get(reading.device) ?? new Map<string, Reading>();
        waiting.set(reading.device, points.set(reading.point, reading));
      }
      soon();
    },
    simulator(data: unknown): void {
      state = data;
      soon();
    },
    stop(): void {
      cancel?.();
      waiting.clear();
      state = null;
    },
  };
}
