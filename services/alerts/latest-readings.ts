import type { Config } from '#core/config/config.ts';
import type { Reading, ReadingBatch, Value } from '#core/reading.ts';
import { type Duration, earliest, type Instant, milliseconds, minutes, plus } from '#core/time.ts';
import type { Observation } from './rules/observation.ts';

/** The newest reading of each point, and how far it can be trusted now. Rules, evidence and self-checks look here. */
export interface LatestReadings {
  /** Takes a batch over; false for a device that the configuration does not have. `retained`: the broker kept it from earlier. */
  take(batch: ReadingBatch, now: Instant, retained: boolean): boolean;
  observe(device: string, point: string): Observation | null;
  reading(device: string, point: string): Reading | null;
  /** Every point of a device that was ever heard of. */
  names(device: string): Iterable<string>;
  /** The value of a point if it can be believed now: of good quality, and not overdue. */
  good(device: string, point: string, now: Instant): Value | null;
  /** The last word of any kind about a device since this process began; null when there was none. */
  heardAt(device: string): Instant | null;
  /** Something of the device was good when it was last heard of. */
  wasGood(device: string): boolean;
  staleAfter(device: string): Duration;
  interval(device: string): Duration;
}

interface Kept extends Observation {
  readonly reading: Reading;
}

const MAX_POINTS_PER_DEVICE = 5000;
const LATE = 3;
/** Traffic, busy machines: no device is called late earlier than this. */
const LEAST_STALE = minutes(0.5);

export function createLatestReadings(config: Config): LatestReadings {
  const devices = new Map(config.devices.map((device) => [device.id, device]));
  const kept = new Map<string, Map<string, Kept>>();
  const heard = new Map<string, { at: Instant; good: boolean }>();

  const interval = (device: string): Duration => devices.get(device)?.interval ?? milliseconds(10_000);
  const staleAfter = (device: string): Duration => {
    const declared = devices.get(device);
    const late = declared?.stale_after ?? milliseconds(LATE * interval(device));
    return milliseconds(Math.max(late, LEAST_STALE));
  };

  return {
    take(batch, now, retained) {
      if (!devices.has(batch.device)) return false;
      const points = kept.get(batch.device) ?? new Map<string, Kept>();
      kept.set(batch.device, points);
      const limit = staleAfter(batch.device);
      for (const reading of batch.readings) {
        if (!points.has(reading.point) && points.size >= MAX_POINTS_PER_DEVICE) continue;
        points.set(reading.point, keep(reading, points.get(reading.point), { now, retained, limit }));
      }
      const at = retained ? earliest(batch.at, now) : now;
      heard.set(batch.device, { at, good: batch.readings.some((reading) => reading.quality === 'good') });
      return true;
    },
    observe: (device, point) => kept.get(device)?.get(point) ?? null,
    reading: (device, point) => kept.get(device)?.get(point)?.reading ?? null,
    names: (device) => kept.get(device)?.keys() ?? [],
    good(device, point, now) {
      const seen = kept.get(device)?.get(point);
      return seen !== undefined && seen.quality === 'good' && now < seen.staleAt ? seen.value : null;
    },
    heardAt: (device) => heard.get(device)?.at ?? null,
    wasGood: (device) => heard.get(device)?.good ?? false,
    staleAfter,
    interval,
  };
}

/** A kept message carries its age: its value is as old as when the collector received it, not as its delivery (L39). */
function keep(
  reading: Reading,
  before: Kept | undefined,
  arrival: { now: Instant; retained: boolean; limit: Duration },
): Kept {
  const at = arrival.retained ? earliest(reading.receivedAt, arrival.now) : arrival.now;
  const same = before !== undefined && before.value === reading.value;
  return {
    value: reading.value,
    quality: reading.quality,
    goodAt: reading.quality === 'good' ? at : (before?.goodAt ?? null),
    changedAt: same ? earliest(before.changedAt, arrival.now) : earliest(reading.changedAt, at),
    staleAt: plus(at, arrival.limit),
    simulated: reading.simulated,
    reading,
  };
}
