import fc from 'fast-check';
import { seededRandom } from '#core/random.ts';
import type { Quality, Reading, Value } from '#core/reading.ts';
import { instant } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { START as BEGINNING, type Position } from '#platform/series/spool/position.ts';
import { openSpool, type Spool, type SpoolOptions } from '#platform/series/spool/spool.ts';
import type { SpoolFiles } from '#platform/series/spool/spool-files.ts';

export const START = Date.UTC(2026, 0, 5);

export function reading(offsetMs: number, value: Value | null, change: Partial<Reading> = {}): Reading {
  const at = instant(START + offsetMs);
  return {
    device: 'th-1',
    point: 'ambient.temperature',
    value,
    quality: 'good',
    measuredAt: at,
    receivedAt: at,
    changedAt: at,
    simulated: false,
    ...change,
  };
}

export const manyReadings = (count: number, from = 0): Reading[] =>
  Array.from({ length: count }, (_, i) => reading((from + i) * 1000, (from + i) / 10));

const QUALITIES: readonly Quality[] = ['good', 'stale', 'frozen', 'implausible', 'missing'];

export const anyReading: fc.Arbitrary<Reading> = fc
  .record({
    device: fc.constantFrom('ups-1', 'th-1', '机房'),
    point: fc.constantFrom('battery.charge', 'ups.status', 'outlet.1.state'),
    value: fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: -5000, max: 5000 }).map((n) => n / 10),
      fc.integer(),
      fc.boolean(),
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constant(null),
    ),
    quality: fc.constantFrom(...QUALITIES),
    at: fc.integer({ min: -1e9, max: 1e9 }),
    simulated: fc.boolean(),
  })
  .map(({ at, ...rest }) => reading(at, rest.value, rest));

export interface Made {
  readonly spool: Spool;
  readonly clock: ReturnType<typeof createVirtualClock>;
  readonly metrics: ReturnType<typeof createMetrics>;
}

export async function makeSpool(files: SpoolFiles, change: Partial<SpoolOptions> = {}): Promise<Made> {
  const clock = createVirtualClock(instant(START));
  const metrics = createMetrics();
  const spool = await openSpool({
    files,
    clock,
    random: seededRandom(1),
    log: silentLog,
    metrics,
    limitBytes: 64 * 1024 * 1024,
    ...change,
  });
  return { spool, clock, metrics };
}

/** Everything that is in the spool, in order. */
export async function readAll(spool: Spool, from: Position = BEGINNING, most = 1000): Promise<Reading[]> {
  const all: Reading[] = [];
  for (let at = from; ; ) {
    const { readings, next } = await spool.read(at, most);
    if (readings.length === 0) return all;
    all.push(...readings);
    at = next;
  }
}

export class Killed extends Error {}

/** A disk that dies in its nth operation; of what that operation writes, only `part` bytes arrive. Afterwards it is dead. */
export function dyingFiles(files: SpoolFiles, at: number, part: number): SpoolFiles & { readonly operations: number } {
  let operations = 0;
  const die = (): void => {
    if (++operations >= at) throw new Killed();
  };
  return {
    get operations() {
      return operations;
    },
    hold: () => files.hold(),
    letGo: () => files.letGo(),
    list: () => files.list(),
    async create(name) {
      die();
      const file = await files.create(name);
      return {
        async append(bytes) {
          if (operations + 1 === at) await file.append(bytes.subarray(0, part));
          die();
          await file.append(bytes);
        },
        async sync() {
          die();
          await file.sync();
        },
        close: () => file.close(),
      };
    },
    async read(name, from, length) {
      if (operations >= at) throw new Killed();
      return files.read(name, from, length);
    },
    async truncate(name, bytes) {
      die();
      await files.truncate(name, bytes);
    },
    async replace(name, content) {
      die();
      await files.replace(name, content);
    },
    async remove(name) {
      die();
      await files.remove(name);
    },
    freeBytes: () => files.freeBytes(),
  };
}
