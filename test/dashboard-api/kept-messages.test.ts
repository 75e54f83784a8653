import { describe, expect, test } from 'vitest';
import { milliseconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { openStateStore } from '#platform/state-store.ts';
import { createKeptMessages } from '#services/dashboard-api/read-model/kept-messages.ts';
import { delivery, iso, START } from './support.ts';

const message = (n: number) => ({ at: iso(n), channel: 'smtp' as const, to: 'a@b', subject: `${n}`, body: '' });

describe('who was told', () => {
  test('is known after a kill: the newest, in order, with their last state', () => {
    const store = openStateStore(':memory:');
    const wall = createVirtualClock(START);
    const open = () => createKeptMessages({ store, wall, log: silentLog, mostDeliveries: 3, mostCaught: 2 });
    const kept = open();
    expect(kept.restore()).toEqual({ deliveries: [], caught: [] });
    for (let n = 1; n <= 5; n++) {
      kept.delivery(delivery({ id: `d-${n}`, queuedAt: iso(n), state: 'queued' }));
      kept.caught(message(n));
    }
    kept.delivery(delivery({ id: 'd-4', queuedAt: iso(4), state: 'sent' }));
    wall.advanceBy(milliseconds(300));
    // What comes now is lost with the kill; what was written is not.
    kept.delivery(delivery({ id: 'd-6', queuedAt: iso(6) }));
    const again = open();
    const { deliveries, caught } = again.restore();
    expect(deliveries.map(({ id, state }) => [id, state])).toEqual([
      ['d-3', 'queued'],
      ['d-4', 'sent'],
      ['d-5', 'queued'],
    ]);
    expect(caught.map(({ subject }) => subject)).toEqual(['4', '5']);
    again.caught(message(6));
    again.stop();
    expect(
      open()
        .restore()
        .caught.map(({ subject }) => subject),
    ).toEqual(['5', '6']);
  });

  test('a store that fails costs no message its place on the page', () => {
    const store = openStateStore(':memory:');
    const wall = createVirtualClock(START);
    const kept = createKeptMessages({ store, wall, log: silentLog, mostDeliveries: 3, mostCaught: 2 });
    store.close();
    kept.delivery(delivery({}));
    expect(() => wall.advanceBy(milliseconds(300))).not.toThrow();
  });
});
