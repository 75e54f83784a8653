import { BUCKET_FIGURES, type BucketFigure, toBuckets } from '#core/bucket-table.ts';
import type { Clock } from '#core/ports.ts';
import { sleep } from '#core/ports.ts';
import { type Random, seededRandom } from '#core/random.ts';
import { emptySum, type Sum } from '#core/series-math.ts';
import { milliseconds } from '#core/time.ts';
import { silentLog } from '../../log.ts';
import { openDatabase } from '../../sqlite.ts';
import { type Core, createCore } from './core.ts';
import { buckets } from './queries.ts';
import type { RollupEntry } from './rollup-table.ts';
import { MIGRATIONS } from './schema.ts';
import { HOUR_MS, rowMs, WORTH_KEEPING } from './units.ts';

/**
 * The first long question of a process would run through code that V8 has not compiled yet: a year of hours of 20 series 190 ms
 * instead of 40. So the same question is asked beforehand, of made-up hours in memory, in slices while nobody waits.
 */
const ROWS = 4;
const ROW_MS = rowMs('hour');
/** Some year: moments as numbers are larger than what V8 takes for small ones. */
const BEGIN = ROW_MS * 320;
/** Few at a time, often: what V8 compiles it decides by how often, and the memory that it takes for it stays. */
const HOURS_IN_ROW = 400;
const TIMES = 40;
const SLICE_BUCKETS = 300;
const SLICES = 40;
const NAME = { device: 'warm-up', point: 'room.temperature' };
const OWN = { hold: 300_000, band: null };

/** The means alone, or all. */
const ASKED_FOR: readonly (readonly BucketFigure[])[] = [['mean'], BUCKET_FIGURES];

/** What the store's thread does for an answer: reading, decoding, packing. */
export async function warmUpReading(clock: Clock): Promise<void> {
  const database = openDatabase(':memory:', { migrations: MIGRATIONS, synchronous: 'NORMAL' });
  try {
    const core = createCore(database, ':memory:', {
      clock,
      log: silentLog,
      metrics: null,
      cacheBytes: 0,
      worthKeeping: WORTH_KEEPING,
      onStep: () => {},
      onOvertaken: () => {},
    });
    fill(core);
    const asked = {
      ...NAME,
      from: BEGIN,
      to: BEGIN + ROWS * ROW_MS,
      step: { every: milliseconds(HOUR_MS) },
      own: OWN,
      band: null,
    };
    for (let time = 0; time < TIMES; time++) {
      // As it comes from the other thread: to V8 such an object is of another kind than one that is written down.
      buckets(core, structuredClone({ ...asked, figures: ASKED_FOR[time % ASKED_FOR.length] ?? BUCKET_FIGURES }));
      await sleep(clock, milliseconds(0));
    }
  } finally {
    database.close();
  }
}

/** Hours of every kind that real ones are of: what V8 has not seen it compiles anew. */
function fill(core: Core): void {
  const series = core.series.define(NAME.device, NAME.point, OWN);
  core.series.insert(series);
  const random = seededRandom('warm-up');
  for (let row = 0; row < ROWS; row++) {
    const entries: RollupEntry[] = [];
    const from = BEGIN + row * ROW_MS;
    const last = row === ROWS - 1;
    // The first row begins somewhere within, as a series does; the last has gaps, and numbers without a power of ten.
    for (let place = row === 0 ? 200 : 0; place < HOURS_IN_ROW; place++)
      if (!last || random.chance(0.99))
        entries.push([from + place * HOUR_MS, hour(random, row === 1, last ? Math.SQRT2 : 10)]);
    core.rollups.replace(series.id, 'hour', from, from + ROW_MS, entries);
  }
}

/** `even`: nothing was missed. */
function hour(random: Random, even: boolean, per: number): Sum {
  const sum = emptySum();
  const whole = even || random.chance(0.95);
  const covered = whole ? HOUR_MS : random.integer(0, HOUR_MS);
  const low = random.integer(180, 220);
  // Nothing measured in it, and something that still held.
  if (!whole && random.chance(0.5)) return { ...sum, coveredMs: covered, area: (low * covered) / per };
  const count = whole ? 360 : random.integer(1, 360);
  return {
    count,
    total: ((low + 3) * count) / per,
    min: low / per,
    max: (low + random.integer(0, 12)) / per,
    coveredMs: covered,
    area: (low * covered + random.integer(0, covered)) / per,
    belowMs: whole ? 0 : random.integer(0, covered),
    aboveMs: whole ? 0 : random.integer(0, 1000),
  };
}

/** What the thread that asked does with the answer: whole numbers, broken ones and nothing in each place, as they come. */
export async function warmUpAnswers(clock: Clock): Promise<void> {
  const from = Float64Array.from({ length: SLICE_BUCKETS }, (_, i) => BEGIN + i * HOUR_MS);
  const figures: Partial<Record<BucketFigure, Float64Array>> = {};
  for (const name of BUCKET_FIGURES) figures[name] = new Float64Array(SLICE_BUCKETS);
  for (let i = 0; i < SLICE_BUCKETS; i++) {
    const none = i % 97 === 0;
    const some = (value: number): number => (none ? Number.NaN : value);
    const low = (180 + (i % 40)) / 10;
    const held = i % 50 === 0 ? 1234.5 : 3600;
    const one: Readonly<Record<BucketFigure, number>> = {
      to: BEGIN + (i + 1) * HOUR_MS,
      count: none ? 0 : 360 - (i % 3),
      mean: some(low + 0.3),
      min: some(low),
      max: some(low + 1),
      coveredS: held,
      timeMean: some(low + (i % 7) / 7),
      belowS: held / 7,
      aboveS: i % 90 === 0 ? 7.5 : 0,
    };
    for (const name of BUCKET_FIGURES) (figures[name] as Float64Array)[i] = one[name];
  }
  for (let slice = 0; slice < SLICES; slice++) {
    toBuckets({ from, figures });
    await sleep(clock, milliseconds(0));
  }
}
