import type { Clock, Log, Metrics } from '#core/ports.ts';
import type { Random } from '#core/random.ts';
import type { Reading } from '#core/reading.ts';
import { type Duration, milliseconds, seconds } from '#core/time.ts';
import type { Spool } from '../spool/spool.ts';
import type { SpoolStatus } from '../spool/spool-status.ts';
import { createDelivery, type DeliveryStatus } from './delivery.ts';
import { createReadingStore, type NamedStore, type ReadingStore } from './reading-store.ts';

/** Readings → spool → every store; questions → the first store that answers. Nothing here is on the decision path. */
export interface History {
  /** Keeps references and returns; never throws, never waits. */
  add(readings: readonly Reading[]): void;
  /** Resolves when what was added up to now can be asked for, at the latest after `limit` of real time. */
  settled(limit: Duration): Promise<void>;
  readonly store: ReadingStore;
  status(): HistoryStatus;
  /** Writes out what waits and ends; closes the stores. */
  close(): Promise<void>;
}

export interface HistoryStatus {
  readonly spool: SpoolStatus;
  readonly stores: readonly DeliveryStatus[];
}

export interface HistoryOptions {
  /** The first is read; the others when it does not answer. Each gets everything. */
  readonly stores: readonly [NamedStore, ...NamedStore[]];
  readonly spool: Spool;
  /** Real time. */
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Readings a second and store while catching up. */
  readonly catchUpRate: number;
}

/** What does not arrive in time waits in the spool for the next start. */
const CLOSE_LIMIT = seconds(2);

export async function startHistory(options: HistoryOptions): Promise<History> {
  const { spool, clock, random, stores } = options;
  const deliveries = stores.map(({ name, store }) =>
    createDelivery({ ...options, name, store, random: random.fork(`deliver/${name}`), onProgress: () => free() }),
  );
  const needed = () => deliveries.flatMap((delivery) => delivery.needed());
  const free = (): void => void spool.release(needed());
  spool.keepFor(needed);
  const [first] = deliveries;
  for (const delivery of deliveries) await delivery.start();
  const settled = async (limit: Duration): Promise<void> => {
    // Nobody waits for a disk that hangs or a store that is down.
    if (first === undefined || first.status().state === 'failing') return;
    const deadline = clock.monotonic() + limit;
    const timed = await withLimit(clock, limit, spool.flush());
    if (timed) await first.reached(spool.end(), milliseconds(Math.max(0, deadline - clock.monotonic())));
  };
  return {
    add: (readings) => spool.add(readings),
    settled,
    store: createReadingStore(stores, options),
    status: () => ({ spool: spool.status(), stores: deliveries.map((delivery) => delivery.status()) }),
    async close() {
      await settled(CLOSE_LIMIT);
      await Promise.all(deliveries.map((delivery) => delivery.stop()));
      await spool.close();
      await Promise.all(stores.map(({ store }) => store.close()));
    },
  };
}

/** True when the work ended within the limit. */
function withLimit(clock: Clock, limit: Duration, work: Promise<void>): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after(limit, () => resolve(false));
    void work.then(() => {
      cancel();
      resolve(true);
    });
  });
}
