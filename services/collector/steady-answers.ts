import type { Reading, ReadingBatch, ReadingsAgain } from '#core/reading.ts';
import { between, type Duration, type Instant } from '#core/time.ts';
import { DeviceBatch, receivedAt, type Told } from './device-batch.ts';
import type { Said } from './device-book.ts';
import { type PointState, stepQuality, toReading } from './quality.ts';

/**
 * A device that tells the same points each time: only those that it tells otherwise are judged again. Judging a value that
 * is said again changes nothing but its times, unless it must move and has not (`frozen_after`); those are looked at each time.
 */
export class SteadyAnswers implements ReadingsAgain {
  readonly device: string;
  /** What it is published as. */
  readonly topic: string;
  readonly #simulated: boolean;
  readonly #points: readonly string[];
  readonly #places: ReadonlyMap<string, number>;
  readonly #said: (Said | null)[];
  /** The very list that was said last. */
  #list: readonly Said[] | null = null;
  #cause: ReadingBatch['cause'] = 'schedule';
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
    topic = '',
  ) {
    this.device = device.id;
    this.topic = topic;
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
    this.#cause = cause;
    return this.batch(this.#points.flatMap((_, place) => this.#reading(place) ?? []));
  }

  /** What is news in it, `NOTHING` when nothing is; null: it says something else than the same points as before. */
  again(said: readonly Said[], cause: ReadingBatch['cause'], now: Instant): readonly Reading[] | null {
    let changed: number[] | null = null;
    if (said !== this.#list) {
      changed = this.#changed(said);
      if (changed === OTHERS) return null;
      this.#list = said;
    }
    this.#at = now;
    this.#cause = cause;
    this.#serial++;
    const stale = this.#freezing.length === 0 ? changed : this.#withFrozen(changed, now);
    return stale === null ? NOTHING : this.#judge(stale, now);
  }

  #changed(said: readonly Said[]): number[] | null {
    let changed: number[] | null = null;
    for (let place = 0; place < said.length; place++) {
      const one = said[place];
      const before = this.#said[place];
      if (one === before) continue;
      if (one === undefined || before == null || one.point !== before.point || !isPlain(one)) return OTHERS;
      this.#said[place] = one;
      const { value, quality, reason } = one.decoded;
      const { decoded } = before;
      if (value !== decoded.value || quality !== decoded.quality || reason !== decoded.reason) {
        changed ??= [];
        changed.push(place);
      }
    }
    return changed;
  }

  /** What it says now, of which this is news. */
  batch(news: readonly Reading[]): DeviceBatch {
    return new DeviceBatch(this.#tell(), this.#at, this.#cause, this, this.#serial, news);
  }

  get teller(): object {
    return this;
  }
  get serial(): number {
    return this.#serial;
  }
  get at(): Instant {
    return this.#at;
  }
  value(): DeviceBatch {
    return this.batch(NOTHING);
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
      device: this.device,
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
    return point === undefined || state === undefined ? null : toReading(this.device, point, state, this.#simulated);
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
      const frozenAfter =
        this.#freezing.length === 0 ? null : (this.#freezing.find(([at]) => at === place)?.[1] ?? null);
      const before = this.#states[place] ?? null;
      this.#states[place] = stepQuality(before, { kind: 'said', decoded, measuredAt: now, frozenAfter }, now);
      news.push(toReading(this.device, point, this.#states[place], this.#simulated));
    }
    return news;
  }

  #withFrozen(changed: readonly number[] | null, now: Instant): readonly number[] | null {
    let all = changed;
    for (const [place, after] of this.#freezing) {
      const state = this.#states[place];
      if (state === undefined || between(state.changedAt, now) < after || changed?.includes(place) === true) continue;
      all = all === null || all === changed ? [...(changed ?? []), place] : [...all, place];
    }
    return all;
  }
}

export const NOTHING: readonly Reading[] = [];
/** A mark: these are not the points of before. */
const OTHERS: number[] = [];

/** Said just now, by the device itself. */
export const isPlain = ({ measuredAt, kept }: Said): boolean => measuredAt === undefined && kept === undefined;
