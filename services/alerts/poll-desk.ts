import type { BusEdge } from './bus-edge.ts';

/** Asks the collector for another rate or for a reading now. Asking for one reading keeps the rate that a plan has asked for. */
export interface PollDesk {
  rate(device: string, everyMs: number | null): void;
  now(device: string): void;
}

export function createPollDesk(edge: BusEdge): PollDesk {
  const rates = new Map<string, number>();
  return {
    rate(device, everyMs) {
      if (everyMs === null) rates.delete(device);
      else rates.set(device, everyMs);
      edge.publish('poll/+', device, { device, everyMs, now: true });
    },
    now: (device) => edge.publish('poll/+', device, { device, everyMs: rates.get(device) ?? null, now: true }),
  };
}
