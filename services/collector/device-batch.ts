import type { Reading, ReadingBatch, ReadingNews, Value } from '#core/reading.ts';
import type { Instant } from '#core/time.ts';
import { type PointState, toReading } from './quality.ts';

/** What one teller says at one time: each point with its state, all of them received now. */
export interface Told {
  readonly device: string;
  readonly simulated: boolean;
  readonly points: readonly string[];
  /** By point, into `states`. */
  readonly places: ReadonlyMap<string, number>;
  /** Never changed once it is told: a later batch has a list of its own. */
  readonly states: readonly PointState[];
}

/**
 * A batch of which most points repeat the batch before. Its readings are made when somebody asks for all of them: over a bus
 * of this process most are never asked for, over any other JSON is made of it at once.
 */
export class DeviceBatch implements ReadingBatch, ReadingNews {
  readonly at: Instant;
  readonly cause: ReadingBatch['cause'];
  readonly teller: object;
  readonly serial: number;
  readonly changed: readonly Reading[];
  readonly #told: Told;
  #readings: readonly Reading[] | null = null;

  constructor(
    told: Told,
    at: Instant,
    cause: ReadingBatch['cause'],
    teller: object,
    serial: number,
    changed: readonly Reading[],
  ) {
    this.#told = told;
    this.at = at;
    this.cause = cause;
    this.teller = teller;
    this.serial = serial;
    this.changed = changed;
  }

  get device(): string {
    return this.#told.device;
  }
  get news(): ReadingNews {
    return this;
  }
  get points(): readonly string[] {
    return this.#told.points;
  }

  get readings(): readonly Reading[] {
    const { device, simulated, points, states } = this.#told;
    this.#readings ??= points.map((point, place) => {
      const state = states[place];
      if (state === undefined) throw new RangeError(`${device} has no state of ${point}`);
      return toReading(device, point, receivedAt(state, this.at), simulated);
    });
    return this.#readings;
  }

  good(point: string): Value | null {
    const state = this.#told.states[this.#told.places.get(point) ?? -1];
    return state?.quality === 'good' ? state.value : null;
  }

  toJSON(): ReadingBatch {
    const { device, at, readings, cause } = this;
    return { device, at, readings, cause };
  }
}

/** The same state, said again at this time. */
export const receivedAt = (state: PointState, at: Instant): PointState =>
  state.receivedAt === at && state.measuredAt === at ? state : { ...state, measuredAt: at, receivedAt: at };
