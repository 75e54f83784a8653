import type { Config } from '../config/config.ts';
import { intervalOf } from '../config/device.ts';
import type { Reading, ReadingBatch, ReadingNews, ReadingsAgain, Value } from '../reading.ts';
import { type Duration, type Instant, milliseconds, minutes, plus } from '../time.ts';
import type { Observation } from './observation.ts';

/** The newest reading of each point, and how far it can be trusted now. Rules, evidence and self-checks look here. */
export interface LatestReadings {
  /**
   * Takes a batch over. Gives what of it may say something new; null for a device that the configuration does not have.
   * `retained`: the broker kept it from earlier.
   */
  take(batch: ReadingBatch, now: Instant, retained: boolean): readonly Reading[] | null;
  /** The device says again what it said; false: not heard before or not for too long, take the whole batch. */
  again(readings: ReadingsAgain, now: Instant): boolean;
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
  readonly teller: object;
  serial: number;
  /** On the steady time, and as the batch itself says. */
  at: Instant;
  batchAt: Instant;
}

/** One point; its times go on by themselves while batches follow each other. */
class Kept implements Observation {
  value: Value | null;
  quality: Reading['quality'];
  changedAt: Instant;
  simulated: boolean;
  #reading: Reading;
  #at: Instant;
  #goodAt: Instant | null;
  readonly #limit: Duration;
  #following: Following | null;

  constructor(reading: Reading, at: Instant, limit: Duration, following: Following | null) {
    this.value = reading.value;
    this.quality = reading.quality;
    this.simulated = reading.simulated;
    this.changedAt = earlier(reading.changedAt, at);
    this.#at = at;
    this.#goodAt = reading.quality === 'good' ? at : null;
    this.#limit = limit;
    this.#reading = reading;
    this.#following = following;
  }

  /** It is told anew. */
  take(reading: Reading, at: Instant, now: Instant, following: Following | null): void {
    this.#goodAt = reading.quality === 'good' ? at : this.goodAt;
    this.changedAt = this.value === reading.value ? earlier(this.changedAt, now) : earlier(reading.changedAt, at);
    this.value = reading.value;
    this.quality = reading.quality;
    this.simulated = reading.simulated;
    this.#at = at;
    this.#reading = reading;
    this.#following = following;
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

/** What is known of one device. */
interface Known {
  readonly points: Map<string, Kept>;
  readonly limit: Duration;
  /** Those whose batches follow each other, those of earlier starts of the collector among them. */
  readonly tellers: Following[];
  /** The last word of any kind; null before the first. */
  heardAt: Instant | null;
  wasGood: boolean;
}

const earlier = (a: Instant, b: Instant): Instant => (a < b ? a : b);
const NO_POINTS: ReadonlyMap<string, Kept> = new Map();
const MAX_POINTS_PER_DEVICE = 5000;
/** SNMP and a port: more are those of earlier starts of the collector. */
const MOST_TELLERS = 2;
/** Of more nobody follows the batches. */
const MOST_REMEMBERED = 8;
const LATE = 3;
/** Traffic, busy machines: no device is called late earlier than this. */
const LEAST_STALE = minutes(0.5);

export function createLatestReadings(config: Config): LatestReadings {
  const devices = new Map(config.devices.map((device) => [device.id, device]));
  const interval = (id: string): Duration => {
    const device = devices.get(id);
    return device === undefined ? milliseconds(10_000) : intervalOf(device);
  };
  const staleAfter = (device: string): Duration => {
    const declared = devices.get(device);
    const late = declared?.stale_after ?? milliseconds(LATE * interval(device));
    return milliseconds(Math.max(late, LEAST_STALE));
  };

  const known = new Map(
    config.devices.map(({ id }): [string, Known] => [
      id,
      { points: new Map(), limit: staleAfter(id), tellers: [], heardAt: null, wasGood: false },
    ]),
  );
  const pointsOf = (device: string): ReadonlyMap<string, Kept> => known.get(device)?.points ?? NO_POINTS;

  /** The batch says all that is not in the one before: nobody was missed in between, and not for too long. */
  function followed(
    { tellers, limit }: Known,
    news: Pick<ReadingNews, 'teller' | 'serial'> | undefined,
    now: Instant,
  ): Following | null {
    if (news === undefined) return null;
    const { teller, serial } = news;
    // The newest start of the collector is the last.
    for (let i = tellers.length - 1; i >= 0; i--) {
      const one = tellers[i];
      if (one?.teller === teller) return one.serial + 1 === serial && now < plus(one.at, limit) ? one : null;
    }
    return null;
  }

  /** The first one heard of a teller, or the first after a gap. */
  function begin(device: Known, batch: ReadingBatch, now: Instant): Following | null {
    const { news } = batch;
    if (news === undefined) return null;
    const teller: Following = { teller: news.teller, serial: news.serial, at: now, batchAt: batch.at };
    device.tellers.push(teller);
    if (device.tellers.length > MOST_REMEMBERED) device.tellers.shift();
    return teller;
  }

  return {
    take(batch, now, retained) {
      const device = known.get(batch.device);
      if (device === undefined) return null;
      const before = retained ? null : followed(device, batch.news, now);
      if (before !== null) {
        before.serial++;
        before.at = now;
        before.batchAt = batch.at;
      }
      const said = before === null ? batch.readings : (batch.news?.changed ?? batch.readings);
      const following = before ?? (retained ? null : begin(device, batch, now));
      const { points, limit } = device;
      for (const reading of said) {
        // A kept message carries its age: its value is as old as when the collector received it, not as its delivery (L39).
        const at = retained ? earlier(reading.receivedAt, now) : now;
        const old = points.get(reading.point);
        if (old !== undefined) old.take(reading, at, now, following);
        else if (points.size < MAX_POINTS_PER_DEVICE)
          points.set(reading.point, new Kept(reading, at, limit, following));
      }
      device.heardAt = retained ? earlier(batch.at, now) : now;
      // Who answers as before is as well as before: that it answers is itself a good reading.
      device.wasGood = before !== null || batch.readings.some((reading) => reading.quality === 'good');
      return said;
    },
    again(readings, now) {
      const device = known.get(readings.device);
      const before = device === undefined ? null : followed(device, readings, now);
      if (device === undefined || before === null) return false;
      before.serial++;
      before.at = now;
      before.batchAt = readings.at;
      device.heardAt = now;
      device.wasGood = true;
      return true;
    },
    observe: (device, point) => pointsOf(device).get(point) ?? null,
    reading: (device, point) => pointsOf(device).get(point)?.reading ?? null,
    names: (device) => pointsOf(device).keys(),
    good(device, point, now) {
      const seen = pointsOf(device).get(point);
      return seen !== undefined && seen.quality === 'good' && now < seen.staleAt ? seen.value : null;
    },
    heardAt: (device) => known.get(device)?.heardAt ?? null,
    repeatedAt(device) {
      const all = known.get(device)?.tellers ?? [];
      if (all.length > MOST_TELLERS) return null;
      let at = all[0]?.at ?? null;
      for (const one of all) if (at !== null && one.at < at) at = one.at;
      return at;
    },
    wasGood: (device) => known.get(device)?.wasGood ?? false,
    staleAfter,
    interval,
  };
}
