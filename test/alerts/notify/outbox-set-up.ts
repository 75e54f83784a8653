import type { DeliveryView } from '#core/notification.ts';
import type { StateStore } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { openStateStore } from '#platform/state-store.ts';
import { createOutbox } from '#services/alerts/notify/outbox.ts';
import type { RateLimit } from '#services/alerts/notify/rate-window.ts';
import { createRota } from '#services/alerts/rota/rota.ts';
import { steadyTime } from '#services/alerts/steady-time.ts';
import { createUnitOfWork } from '#services/alerts/unit-of-work.ts';
import { type FakeChannel, fakeChannel, fakeMetrics, makeConfig, T0 } from '../support.ts';

/** The outbox on a virtual clock, with channels that keep what they get. */
export function setUp(
  state: StateStore = openStateStore(':memory:'),
  channels = { phone: fakeChannel(), email: fakeChannel() },
  now = T0,
  limits: Readonly<Record<string, RateLimit>> = {},
  config = makeConfig(),
) {
  const clock = createVirtualClock(now);
  const metrics = fakeMetrics();
  const views: DeliveryView[] = [];
  const attempts: DeliveryView[] = [];
  const health: string[] = [];
  const storeErrors: unknown[] = [];
  const work = createUnitOfWork(state, {
    onStoreError: (error) => storeErrors.push(error),
    onCallError: (error) => {
      throw error;
    },
  });
  const outbox = createOutbox({
    config,
    clock,
    steady: steadyTime(clock),
    work,
    channels: channels as Record<string, FakeChannel>,
    limitsOf: (channel) => (limits[channel] === undefined ? [] : [limits[channel]]),
    rota: createRota(config),
    random: seededRandom(1),
    log: silentLog,
    metrics,
    publish: (view) => views.push(view),
    onAttempt: (view) => attempts.push(view),
    onChannel: (channel, failing) => health.push(`${channel} ${failing ? 'fails' : 'works'}`),
  });
  return { outbox, clock, channels, state, views, attempts, metrics, work, storeErrors, health };
}

/** Thrown in place of a write: the process is gone at this point. */
class Killed extends Error {}

/** A store that dies at its nth write; what was committed before is kept, an open transaction is lost. */
export function dyingStore(
  inner: StateStore,
  dieAt: number,
): StateStore & { readonly dead: () => boolean; readonly writes: () => number } {
  let writes = 0;
  let dead = false;
  const count = (): void => {
    if (dead || writes++ === dieAt) {
      dead = true;
      throw new Killed();
    }
  };
  return {
    get: (key) => inner.get(key),
    entries: (prefix) => inner.entries(prefix),
    close: () => {},
    dead: () => dead,
    writes: () => writes,
    set(key, value) {
      count();
      inner.set(key, value);
    },
    delete(key) {
      count();
      inner.delete(key);
    },
    transaction(work) {
      return inner.transaction(() => {
        const result = work();
        // Dies between the last write and the commit.
        count();
        return result;
      });
    },
  };
}
