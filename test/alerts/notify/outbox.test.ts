import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeliveryView, NotificationRequest } from '#core/notification.ts';
import type { StateStore } from '#core/ports.ts';
import { seededRandom } from '#core/random.ts';
import { minutes, seconds } from '#core/time.ts';
import { openStateStore } from '#platform/state-store.ts';
import { backoff, MAX_ATTEMPTS, MAX_BACKOFF } from '#services/alerts/notify/delivery.ts';
import { type FakeChannel, fakeChannel, makeRequest, refusing, unreachable } from '../support.ts';
import { dyingStore, setUp } from './outbox-set-up.ts';

const to = (channel: FakeChannel): string[] => channel.sent.map((message) => message.to);

describe('the outbox', () => {
  it('hands a message to its channel in the same turn, after it is durable', () => {
    const { outbox, channels, state } = setUp();
    outbox.start();
    channels.phone.answer = (message) => {
      const kept = [...state.entries('outbox/delivery/')].map(([, value]) => (value as { view: DeliveryView }).view.id);
      expect(kept).toContain(message.id);
    };
    outbox.tell(makeRequest());
    expect(to(channels.phone)).toEqual(['ann']);
  });

  it('tells a key once, whatever is repeated', async () => {
    const { outbox, channels, clock } = setUp();
    outbox.start();
    expect(outbox.tell(makeRequest())).toEqual(['ann']);
    expect(outbox.tell(makeRequest())).toEqual(['ann']);
    await clock.advanceByAsync(minutes(60));
    expect(to(channels.phone)).toEqual(['ann']);
  });

  it('uses all routes at once for high severity, and each person once', () => {
    const { outbox, channels } = setUp();
    outbox.start();
    outbox.tell(makeRequest({ severity: 'high', functions: ['duty', 'director', 'equipment-administrator'] }));
    expect(to(channels.phone)).toEqual(['ann', 'chief']);
    expect(to(channels.email)).toEqual(['ann@example.com', 'chief@example.com']);
  });

  it('uses the next route only after a failure, at once, and stops the first when the second got through', async () => {
    const { outbox, channels, clock, views } = setUp();
    outbox.start();
    channels.phone.answer = unreachable;
    outbox.tell(makeRequest());
    expect(to(channels.email)).toEqual([]);
    await clock.advanceByAsync(seconds(0));
    expect(to(channels.email)).toEqual(['ann@example.com']);
    await clock.advanceByAsync(minutes(60));
    expect(to(channels.phone)).toHaveLength(1);
    expect(views.findLast(({ channel }) => channel === 'phone')).toMatchObject({
      state: 'spared',
      error: 'delivered over email instead',
    });
    expect(views.findLast(({ channel }) => channel === 'email')).toMatchObject({ state: 'sent' });
  });

  it('goes on trying with growing pauses while everything fails, and gives up with a view and a count', async () => {
    const { outbox, channels, clock, views, metrics } = setUp();
    outbox.start();
    channels.phone.answer = unreachable;
    outbox.tell(makeRequest({ functions: ['deputy'] }));
    await clock.advanceByAsync(minutes(120));
    expect(channels.phone.sent).toHaveLength(MAX_ATTEMPTS.medium);
    expect(new Set(channels.phone.sent.map(({ id }) => id)).size).toBe(1);
    expect(views.at(-1)).toMatchObject({ state: 'dead', attempts: MAX_ATTEMPTS.medium });
    expect(metrics.counts.get('zhishou_deliveries_total phone dead')).toBe(1);
  });

  it('gives up at once what the other side refuses for good', async () => {
    const { outbox, channels, clock, views } = setUp();
    outbox.start();
    channels.phone.answer = refusing;
    outbox.tell(makeRequest({ functions: ['deputy'] }));
    await clock.advanceByAsync(minutes(120));
    expect(channels.phone.sent).toHaveLength(1);
    expect(views.at(-1)?.state).toBe('dead');
  });

  it('gives up a route to a channel that site.yaml does not have, and says which', async () => {
    const { outbox, channels, clock, views } = setUp(undefined, { phone: fakeChannel() } as never);
    outbox.start();
    channels.phone.answer = unreachable;
    outbox.tell(makeRequest());
    await clock.advanceByAsync(seconds(1));
    expect(views.find(({ channel, state }) => channel === 'email' && state === 'dead')?.error).toMatch(
      /no such channel/,
    );
  });

  it('a channel that hangs holds up no other', async () => {
    const { outbox, channels, clock } = setUp();
    outbox.start();
    channels.phone.answer = () => new Promise<void>(() => {});
    for (let i = 0; i < 10; i++) outbox.tell(makeRequest({ key: `k${i}`, severity: 'high' }));
    await clock.advanceByAsync(minutes(1));
    expect(channels.email.sent).toHaveLength(10);
    expect(channels.phone.sent.length).toBeLessThan(10);
  });

  it('a waiting message of high severity overtakes the others', async () => {
    const { outbox, channels, clock } = setUp();
    outbox.start();
    const release: (() => void)[] = [];
    channels.phone.answer = () => new Promise<void>((resolve) => release.push(resolve));
    for (let i = 0; i < 6; i++) outbox.tell(makeRequest({ key: `low${i}`, severity: 'low', functions: ['deputy'] }));
    outbox.tell(makeRequest({ key: 'high', severity: 'high', functions: ['deputy'] }));
    const before = channels.phone.sent.length;
    release.shift()?.();
    await clock.advanceByAsync(seconds(0));
    expect(channels.phone.sent[before]?.severity).toBe('high');
  });

  it('falls to the escalation order when nobody of those asked for can be reached (L25)', () => {
    const { outbox, channels, metrics } = setUp();
    outbox.start();
    expect(outbox.tell(makeRequest({ functions: ['network-administrator'] }))).toEqual(['ann']);
    expect(to(channels.phone)).toEqual(['ann']);
    expect(metrics.counts.get('zhishou_notifications_stand_in_total')).toBe(1);
  });

  it('does not tell of a failing channel over that channel (L34)', () => {
    const { outbox, channels } = setUp();
    outbox.start();
    outbox.tell(makeRequest({ severity: 'high', avoidChannels: ['phone'] }));
    expect(to(channels.phone)).toEqual([]);
    expect(to(channels.email)).toEqual(['ann@example.com']);
  });

  it.each([
    ['ann', { simulated: true }, '[SIMULATED] subject', '[SIMULATED] body'],
    ['bo', { simulated: true }, '【模拟】主题', '【模拟】正文'],
    ['bo', { drill: true }, '【演练】主题', '【演练】正文'],
    ['ann', { drill: true, simulated: true }, '[SIMULATED][DRILL] subject', '[SIMULATED][DRILL] body'],
    ['bo', {}, '主题', '正文'],
  ] satisfies [string, Partial<NotificationRequest>, string, string][])(
    'marks what %s gets (%j) in their language, in subject and body (I9)',
    (person, marks, subject, body) => {
      const { outbox, channels } = setUp();
      outbox.start();
      outbox.tell(makeRequest({ people: [person], functions: [], ...marks }));
      expect(channels.phone.sent[0]).toMatchObject({ subject, body });
    },
  );

  it('a subject is one line, whatever is in it', () => {
    const { outbox, channels } = setUp();
    outbox.start();
    outbox.tell(makeRequest({ subject: { zh: 'a\r\nBcc: x@example.com', en: 'a\r\nBcc: x@example.com' } }));
    expect(channels.phone.sent[0]?.subject).toBe('a Bcc: x@example.com');
  });

  it('tells also when the store is full: from memory, and the failure is reported (L40)', () => {
    const state = openStateStore(':memory:');
    const broken: StateStore = {
      ...state,
      set: () => {
        throw new Error('database or disk is full');
      },
      transaction: (work) => {
        work();
        throw new Error('database or disk is full');
      },
    };
    const { outbox, channels, storeErrors } = setUp(broken);
    outbox.start();
    outbox.tell(makeRequest());
    expect(to(channels.phone)).toEqual(['ann']);
    expect(storeErrors.length).toBeGreaterThan(0);
  });
});

describe('the pause before another try', () => {
  it('grows, never passes its maximum by more than the jitter, and is never nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer(), (attempts, seed) => {
        const pause = backoff(attempts, seededRandom(seed));
        expect(pause).toBeGreaterThanOrEqual(3750);
        expect(pause).toBeLessThanOrEqual(MAX_BACKOFF * 1.25);
      }),
    );
  });
});

describe('the outbox survives a kill at every write (I5)', () => {
  const requests = [
    makeRequest({ key: 'one', severity: 'high', functions: ['duty', 'director'] }),
    makeRequest({ key: 'two', functions: ['deputy'] }),
    makeRequest({ key: 'three', functions: ['duty'] }),
  ];

  /** Runs until the store dies; what is sent after that hangs for ever, as from a process that is gone. */
  async function runUntilDeath(dieAt: number) {
    const disk = openStateStore(':memory:');
    const store = dyingStore(disk, dieAt);
    const taken: string[] = [];
    const channels = { phone: fakeChannel(), email: fakeChannel() };
    // Every second try fails, so that routes change and retries are written too.
    let tries = 0;
    const answer = () => {
      if (store.dead()) return new Promise<void>(() => {});
      return tries++ % 3 === 1 ? unreachable() : undefined;
    };
    channels.phone.answer = answer;
    channels.email.answer = answer;
    const first = setUp(store, channels);
    first.outbox.start();
    for (const request of requests) {
      if (store.dead()) break;
      first.outbox.tell(request);
      if (!store.dead()) taken.push(request.key);
      await first.clock.advanceByAsync(seconds(1));
    }
    if (!store.dead()) await first.clock.advanceByAsync(minutes(30));
    return { disk, store, taken };
  }

  it('loses nothing that was taken, repeats with the same id, and never repeats what was recorded as sent', async () => {
    const whole = await runUntilDeath(Number.POSITIVE_INFINITY);
    const writes = whole.store.writes();
    expect(writes).toBeGreaterThan(20);
    for (let dieAt = 0; dieAt < writes; dieAt++) {
      const { disk, taken } = await runUntilDeath(dieAt);
      const rows = [...disk.entries('outbox/delivery/')].map(([, value]) => (value as { view: DeliveryView }).view);
      const recorded = new Set(rows.filter(({ state }) => state === 'sent').map(({ id }) => id));
      const again = setUp(disk, { phone: fakeChannel(), email: fakeChannel() });
      again.outbox.start();
      // Whoever asked and was not answered asks again after the restart.
      for (const request of requests) again.outbox.tell(request);
      await again.clock.advanceByAsync(minutes(60));
      const after = [...again.channels.phone.sent, ...again.channels.email.sent];
      for (const { id } of after) expect(recorded.has(id), `write ${dieAt}: ${id} was recorded as sent`).toBe(false);
      const final = [...disk.entries('outbox/delivery/')].map(([, value]) => (value as { view: DeliveryView }).view);
      for (const { key } of requests) {
        const people = new Set(
          final.filter((view) => view.key === key && view.state === 'sent').map(({ person }) => person),
        );
        expect(people.size, `write ${dieAt}: ${key} reached its people`).toBe(key === 'one' ? 2 : 1);
      }
      // What was written down before the kill is finished under its own id.
      const ended = new Map(final.map(({ id, state }) => [id, state]));
      for (const { id, key } of rows) {
        if (taken.includes(key)) expect(ended.get(id), `write ${dieAt}: ${id}`).toMatch(/sent|spared|dead/);
      }
    }
  });
});
