import type { Reading, ReadingBatch } from '#core/reading.ts';
import { between, type Duration, type Instant } from '#core/time.ts';
import { DeviceBatch, receivedAt, type Told } from './device-batch.ts';
import type { Said } from './device-book.ts';
import { type PointState, stepQuality, toReading } from './quality.ts';

/**
 * A device that tells the same points each time: only those that it tells otherwise are judged again. Judging a value that
 * is said again changes nothing but its times, unless it must move and has not (`frozen_after`); those are looked at each time.
 */
export class SteadyAnswers {
  readonly #device: string;
  readonly #simulated: boolean;
  readonly #points: readonly string[];
  readonly #places: ReadonlyMap<string, number>;
  readonly #said: (Said | null)[];
  /** By place: how long a value may stand still. */
  readonly #freezing: readonly (readonly [place: number, after: Duration])[];
  #states: PointState[];
  /** As batches hold it: another one when a state changes. */
  #told: Told | null = null;
  #at: Instant;
  #serial = 1;

  /** `said` by place; null for a point that the book itself adds, which is always the same. */
  constructor(
    device: { readonly id: string; readonly frozen_after: Readonly<Record<string, Duration>> },
    simulated: boolean,
    told: readonly { readonly point: string; readonly said: Said | null; readonly state: PointState }[],
    at: Instant,
  ) {
    this.#device = device.id;
    this.#simulated = simulated;
    this.#points = told.map(({ point }) => point);
    this.#places = new Map(this.#points.map((point, place) => [point, place]));
    this.#said = told.map(({ said }) => said);
    this.#freezing = this.#points.flatMap((point, place) => {
      const after = device.frozen_after[point];
      return after === undefined ? [] : [[place, after] as const];
    });
    this.#states = told.map(({ state }) => state);
    this.#at = at;
  }

  /** The first batch: all of it is news. */
  begin(cause: ReadingBatch['cause']): DeviceBatch {
    const changed = this.#points.flatMap((_, place) => this.#reading(place) ?? []);
    return new DeviceBatch(this.#tell(), this.#at, cause, this, this.#serial, changed);
  }

  /** Null: it says something else than the same points as before. */
  again(said: readonly Said[], cause: ReadingBatch['cause'], now: Instant): DeviceBatch | null {
    let changed: number[] | null = null;
    for (let place = 0; place < said.length; place++) {
      const one = said[place];
      const before = this.#said[place];
      if (one === before) continue;
      if (one === undefined || before == null || one.point !== before.point || !isPlain(one)) return null;
      this.#said[place] = one;
      const { value, quality, reason } = one.decoded;
      const { decoded } = before;
      if (value !== decoded.value || quality !== decoded.quality || reason !== decoded.reason) {
        changed ??= [];
        changed.push(place);
      }
    }
    this.#at = now;
    this.#serial++;
    const stale = this.#freezing.length === 0 ? changed : this.#withFrozen(changed, now);
    const news = stale === null ? NOTHING : this.#judge(stale, now);
    return new DeviceBatch(this.#tell(), now, cause, this, this.#serial, news);
  }

  get count(): number {
    return this.#said.length;
  }

  /** What is known of each point, with the time at which it was last said. */
  states(): readonly (readonly [point: string, state: PointState])[] {
    return this.#states.map((state, place) => [this.#points[place] ?? '', receivedAt(state, this.#at)] as const);
  }

  #tell(): Told {
    this.#told ??= {
      device: this.#device,
      simulated: this.#simulated,
      points: this.#points,
      places: this.#places,
      states: this.#states,
    };
    return this.#told;
  }

  #reading(place: number): Reading | null {
    const point = this.#points[place];
    const state = this.#states[place];
    return point === undefined || state === undefined ? null : toReading(this.#device, point, state, this.#simulated);
  }

  #judge(places: readonly number[], now: Instant): readonly Reading[] {
    // Batches told before hold the list that was.
    this.#states = this.#states.slice();
    this.#told = null;
    const news: Reading[] = [];
    for (const place of places) {
      const point = this.#points[place] ?? '';
      const decoded = this.#said[place]?.decoded;
      if (decoded === undefined) continue;
      const frozenAfter = this.#freezing.find(([at]) => at === place)?.[1] ?? null;
      const before = this.#states[place] ?? null;
      this.#states[place] = stepQuality(before, { kind: 'said', decoded, measuredAt: now, frozenAfter }, now);
      news.push(toReading(this.#device, point, this.#states[place], this.#simulated));
    }
    return news;
  }

  #withFrozen(changed: readonly number[] | null, now: Instant): readonly number[] | null {
    const due = this.#freezing.flatMap(([place, after]) => {
      const state = this.#states[place];
      const stands = state !== undefined && between(state.changedAt, now) >= after;
      return stands && changed?.includes(place) !== true ? [place] : [];
    });
    return due.length === 0 ? changed : [...(changed ?? []), ...due];
  }
}

const NOTHING: readonly Reading[] = [];

/** Said just now, by the device itself. */
export const isPlain = ({ measuredAt, kept }: Said): boolean => measuredAt === undefined && kept === undefined;
