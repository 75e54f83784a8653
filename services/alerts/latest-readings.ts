import type { Config } from '#core/config/config.ts';
import type { Reading, ReadingBatch, Value } from '#core/reading.ts';
import { type Duration, earliest, type Instant, milliseconds, minutes, plus } from '#core/time.ts';
import type { Observation } from './rules/observation.ts';

/** The newest reading of each point, and how far it can be trusted now. Rules, evidence and self-checks look here. */
export interface LatestReadings {
  /**
   * Takes a batch over. Gives what of it may say something new; null for a device that the configuration does not have.
   * `retained`: the broker kept it from earlier.
   */
  take(batch: ReadingBatch, now: Instant, retained: boolean): readonly Reading[] | null;
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
  /** When everything of it that polls repeat was received last; null when that cannot be said in one instant. */
  repeatedAt(device: string): Instant | null;
  staleAfter(device: string): Duration;
  interval(device: string): Duration;
}

/** Batches that follow each other, each saying only what has changed: all their points were received with the newest. */
interface Following {
  serial: number;
  /** On the steady time, and as the batch itself says. */
  at: Instant;
  batchAt: Instant;
}

/** One point; its times go on by themselves while batches follow each other. */
class Kept implements Observation {
  readonly value: Value | null;
  readonly quality: Reading['quality'];
  readonly changedAt: Instant;
  readonly simulated: boolean;
  readonly #reading: Reading;
  readonly #at: Instant;
  readonly #goodAt: Instant | null;
  readonly #limit: Duration;
  readonly #following: Following | null;

  constructor(
    reading: Reading,
    before: Kept | undefined,
    arrival: { now: Instant; retained: boolean; limit: Duration; following: Following | null },
  ) {
    // A kept message carries its age: its value is as old as when the collector received it, not as its delivery (L39).
    const at = arrival.retained ? earliest(reading.receivedAt, arrival.now) : arrival.now;
    const same = before !== undefined && before.value === reading.value;
    this.value = reading.value;
    this.quality = reading.quality;
    this.simulated = reading.simulated;
    this.changedAt = same ? earliest(before.changedAt, arrival.now) : earliest(reading.changedAt, at);
    this.#at = at;
    this.#goodAt = reading.quality === 'good' ? at : (before?.goodAt ?? null);
    this.#limit = arrival.limit;
    this.#reading = reading;
    this.#following = arrival.following;
  }

  get follows(): boolean {
    return this.#following !== null;
  }
  get goodAt(): Instant | null {
    return this.#following !== null && this.quality === 'good' ? this.#following.at : this.#goodAt;
  }
  get staleAt(): Instant {
    return plus(this.#following?.at ?? this.#at, this.#limit);
  }
  get reading(): Reading {
    const at = this.#following?.batchAt ?? this.#reading.receivedAt;
    return at === this.#reading.receivedAt ? this.#reading : { ...this.#reading, measuredAt: at, receivedAt: at };
  }
}

const MAX_POINTS_PER_DEVICE = 5000;
/** SNMP and a port: more are those of earlier starts of the collector. */
const MOST_TELLERS = 2;
const LATE = 3;
/** Traffic, busy machines: no device is called late earlier than this. */
const LEAST_STALE = minutes(0.5);

export function createLatestReadings(config: Config): LatestReadings {
  const devices = new Map(config.devices.map((device) => [device.id, device]));
  const kept = new Map(config.devices.map(({ id }) => [id, new Map<string, Kept>()]));
  const heard = new Map<string, { at: Instant; good: boolean }>();
  const following = new WeakMap<object, Following>();
  const tellers = new Map<string, readonly Following[]>();

  const interval = (device: string): Duration => devices.get(device)?.interval ?? milliseconds(10_000);
  const staleAfter = (device: string): Duration => {
    const declared = devices.get(device);
    const late = declared?.stale_after ?? milliseconds(LATE * interval(device));
    return milliseconds(Math.max(late, LEAST_STALE));
  };

  const limits = new Map(config.devices.map(({ id }) => [id, staleAfter(id)]));

  function hear(batch: ReadingBatch, now: Instant, retained: boolean, follows: boolean): void {
    const before = heard.get(batch.device);
    const at = retained ? earliest(batch.at, now) : now;
    // Who answers as before is as well as before: that it answers is itself a good reading.
    const good = follows || batch.readings.some((reading) => reading.quality === 'good');
    if (before === undefined) heard.set(batch.device, { at, good });
    else {
      before.at = at;
      before.good = good;
    }
  }

  return {
    take(batch, now, retained) {
      const points = kept.get(batch.device);
      if (points === undefined) return null;
      const limit = limits.get(batch.device) ?? LEAST_STALE;
      const known = batch.news === undefined || retained ? undefined : following.get(batch.news.teller);
      // Who has not heard the batch before, or not for too long, needs all of this one.
      const follows = known !== undefined && known.serial + 1 === batch.news?.serial && now < plus(known.at, limit);
      const said = follows ? (batch.news?.changed ?? batch.readings) : batch.readings;
      let follow: Following | null = null;
      if (follows) {
        follow = known;
        known.serial++;
        known.at = now;
        known.batchAt = batch.at;
      } else if (batch.news !== undefined && !retained) {
        follow = { serial: batch.news.serial, at: now, batchAt: batch.at };
        following.set(batch.news.teller, follow);
        tellers.set(batch.device, [...(tellers.get(batch.device) ?? []), follow]);
      }
      for (const reading of said) {
        if (!points.has(reading.point) && points.size >= MAX_POINTS_PER_DEVICE) continue;
        const arrival = { now, retained, limit, following: follow };
        points.set(reading.point, new Kept(reading, points.get(reading.point), arrival));
      }
      hear(batch, now, retained, follows);
      return said;
    },
    observe: (device, point) => kept.get(device)?.get(point) ?? null,
    reading: (device, point) => kept.get(device)?.get(point)?.reading ?? null,
    names: (device) => kept.get(device)?.keys() ?? [],
    good(device, point, now) {
      const seen = kept.get(device)?.get(point);
      return seen !== undefined && seen.quality === 'good' && now < seen.staleAt ? seen.value : null;
    },
    heardAt: (device) => heard.get(device)?.at ?? null,
    repeatedAt(device) {
      const all = tellers.get(device);
      if (all === undefined || all.length > MOST_TELLERS) return null;
      let at = all[0]?.at ?? null;
      for (const one of all) if (at !== null && one.at < at) at = one.at;
      return at;
    },
    wasGood: (device) => heard.get(device)?.good ?? false,
    staleAfter,
    interval,
  };
}
