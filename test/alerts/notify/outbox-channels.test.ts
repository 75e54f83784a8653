import { describe, expect, it } from 'vitest';
import type { DeliveryView, NotificationRequest } from '#core/notification.ts';
import type { StateStore } from '#core/ports.ts';
import { minutes, plus, seconds } from '#core/time.ts';
import { openStateStore } from '#platform/state-store.ts';
import { fakeChannel, makeRequest, T0, unreachable } from '../support.ts';
import { dyingStore, setUp } from './outbox-set-up.ts';

const ROBOT = { phone: { messages: 4, per: minutes(1) } };
const limited = (state: StateStore = openStateStore(':memory:'), now = T0, channels = twoChannels()) =>
  setUp(state, channels, now, ROBOT);
const twoChannels = () => ({ phone: fakeChannel(), email: fakeChannel() });
const toBo = (key: string, more: Partial<NotificationRequest> = {}): NotificationRequest =>
  makeRequest({ key, functions: ['deputy'], subject: { zh: `题${key}`, en: `s${key}` }, ...more });
const last = (views: readonly DeliveryView[], key: string): DeliveryView | undefined =>
  views.findLast((view) => view.key === key);

describe('a channel with a limit', () => {
  it('gets no more than it takes, high severity first, and nothing is lost', async () => {
    const { outbox, channels, clock, views } = limited();
    outbox.start();
    for (let i = 0; i < 8; i++) outbox.tell(toBo(`m${i}`));
    outbox.tell(toBo('fire', { severity: 'high' }));
    expect(channels.phone.sent.map(({ subject }) => subject)).toEqual(['题m0', '题m1', '题m2', '题fire']);
    await clock.advanceByAsync(minutes(5));
    for (let i = 0; i < 8; i++) expect(last(views, `m${i}`)?.state).toBe('sent');
    expect(channels.phone.sent).toHaveLength(9);
  });

  it('tells one conversation in one message with the newest facts, and records what went into what', async () => {
    const { outbox, channels, clock, views } = limited();
    outbox.start();
    for (let i = 0; i < 9; i++) {
      outbox.tell(toBo(`c${i}`, { conversation: 'outage' }));
      await clock.advanceByAsync(seconds(1));
    }
    await clock.advanceByAsync(minutes(2));
    const { sent } = channels.phone;
    expect(sent.map(({ subject }) => subject)).toEqual(['题c0', '题c1', '题c2', '题c8（另有 5 条）']);
    expect(last(views, 'c8')).toMatchObject({ state: 'sent', earlier: 5 });
    // Each went into the one that came next, which went into the next.
    for (let i = 3; i < 8; i++) {
      expect(last(views, `c${i}`)).toMatchObject({ state: 'merged', mergedInto: last(views, `c${i + 1}`)?.id });
    }
  });

  it('does not burst after a restart', async () => {
    const disk = openStateStore(':memory:');
    const first = limited(disk);
    first.outbox.start();
    for (let i = 0; i < 6; i++) first.outbox.tell(toBo(`m${i}`));
    await first.clock.advanceByAsync(seconds(2));
    await first.outbox.stop();
    const again = limited(disk, plus(T0, seconds(10)));
    again.outbox.start();
    await again.clock.advanceByAsync(seconds(40));
    expect(again.channels.phone.sent).toHaveLength(0);
    await again.clock.advanceByAsync(minutes(3));
    expect(again.channels.phone.sent.map(({ subject }) => subject)).toEqual(['题m3', '题m4', '题m5']);
  });
});

describe('a channel that fails', () => {
  /** Three people's messages fail one after the other. */
  function failing() {
    const parts = setUp();
    parts.outbox.start();
    parts.channels.phone.answer = unreachable;
    return parts;
  }

  it('is left out at once after three failures: what comes next goes over the next way without a try (L34)', async () => {
    const { outbox, channels, clock, health, views } = failing();
    for (let i = 0; i < 3; i++) outbox.tell(toBo(`m${i}`));
    await clock.advanceByAsync(seconds(1));
    expect(health).toContain('phone fails');
    const tried = channels.phone.sent.length;
    outbox.tell(makeRequest({ key: 'next', people: ['ann'], functions: [] }));
    expect(channels.email.sent.map(({ to }) => to)).toEqual(['ann@example.com']);
    expect(channels.phone.sent).toHaveLength(tried);
    await clock.advanceByAsync(seconds(1));
    expect(views.filter(({ key }) => key === 'next').findLast(({ channel }) => channel === 'phone')).toMatchObject({
      state: 'spared',
      error: 'delivered over email instead',
    });
  });

  it('is tried by one message now and then, and everything that waited goes when it is back', async () => {
    const { outbox, channels, clock, health } = failing();
    for (let i = 0; i < 5; i++) outbox.tell(toBo(`m${i}`));
    await clock.advanceByAsync(minutes(4));
    expect(channels.phone.sent.length).toBeLessThan(15);
    channels.phone.answer = () => {};
    const before = channels.phone.sent.length;
    await clock.advanceByAsync(minutes(5));
    expect(new Set(channels.phone.sent.slice(before).map(({ subject }) => subject)).size).toBe(5);
    expect(health.at(-1)).toBe('phone works');
  });

  it('is asked without a message where it can be asked: nothing is risked on it until it answers', async () => {
    let answers = false;
    let asked = 0;
    const phone = {
      ...fakeChannel(),
      test: async () => {
        asked++;
        if (!answers) unreachable();
      },
    };
    const parts = setUp(undefined, { phone, email: fakeChannel() });
    parts.outbox.start();
    phone.sent.length = 0;
    let tries = 0;
    phone.send = async () => {
      tries++;
      if (!answers) unreachable();
    };
    for (let i = 0; i < 3; i++) parts.outbox.tell(toBo(`m${i}`));
    await parts.clock.advanceByAsync(minutes(3));
    expect(tries).toBe(3);
    expect(asked).toBeGreaterThan(2);
    answers = true;
    await parts.clock.advanceByAsync(minutes(4));
    expect(tries).toBe(6);
  });

  it('a message that has no other way waits, says why, and is given up after its time with a reason', async () => {
    const { outbox, clock, views } = failing();
    for (let i = 0; i < 5; i++) outbox.tell(toBo(`m${i}`));
    await clock.advanceByAsync(seconds(2));
    expect(last(views, 'm4')).toMatchObject({ state: 'retrying', error: expect.stringMatching(/channel/) });
    await clock.advanceByAsync(minutes(180));
    for (let i = 0; i < 5; i++) expect(last(views, `m${i}`)?.state).toBe('dead');
  });

  it('a channel that never ends a message is given up after five minutes, and the next way is taken', async () => {
    const { outbox, channels, clock } = setUp();
    outbox.start();
    channels.phone.answer = () => new Promise<void>(() => {});
    outbox.tell(makeRequest());
    await clock.advanceByAsync(minutes(4));
    expect(channels.email.sent).toHaveLength(0);
    await clock.advanceByAsync(minutes(2));
    expect(channels.email.sent).toHaveLength(1);
  });
});

describe('what a channel tells afterwards', () => {
  async function sentToAnn(more: Partial<NotificationRequest> = {}) {
    const parts = setUp();
    parts.outbox.start();
    const first = parts.outbox;
    first.tell(makeRequest({ key: 'earlier', functions: ['deputy'] }));
    await parts.clock.advanceByAsync(seconds(1));
    const [earlier] = parts.channels.phone.sent;
    first.onReceipt({ kind: 'receipt', delivery: earlier?.id ?? '', result: 'arrived', detail: null }, 'phone');
    first.tell(makeRequest({ key: 'k', people: ['ann'], functions: [], ...more }));
    await parts.clock.advanceByAsync(seconds(1));
    return { ...parts, id: parts.channels.phone.sent.at(-1)?.id ?? '' };
  }

  it('arrived is told apart from sent', async () => {
    const { outbox, views, id } = await sentToAnn();
    expect(last(views, 'k')?.state).toBe('sent');
    outbox.onReceipt({ kind: 'receipt', delivery: id, result: 'arrived', detail: null }, 'phone');
    expect(last(views, 'k')).toMatchObject({ state: 'arrived', arrivedAt: expect.any(String) });
  });

  it('a message that could not be brought goes over the next way at once', async () => {
    const { outbox, channels, clock, id } = await sentToAnn();
    outbox.onReceipt({ kind: 'receipt', delivery: id, result: 'failed', detail: 'switched off' }, 'phone');
    expect(channels.email.sent.map(({ to }) => to)).toEqual(['ann@example.com']);
    await clock.advanceByAsync(minutes(60));
    expect(channels.phone.sent).toHaveLength(2);
  });

  it('without another way it is tried again, three times, and then given up', async () => {
    const { outbox, channels, clock, views } = await sentToAnn({ people: ['bo'] });
    channels.phone.answer = ({ id }) => {
      clock.after(seconds(1), () =>
        outbox.onReceipt({ kind: 'receipt', delivery: id, result: 'failed', detail: 'off' }, 'phone'),
      );
    };
    outbox.tell(toBo('later'));
    await clock.advanceByAsync(minutes(30));
    expect(last(views, 'later')).toMatchObject({ state: 'dead', attempts: 3, error: 'off' });
  });

  it('when nothing is heard of its arrival it goes over the next way after three minutes', async () => {
    const { channels, clock, views } = await sentToAnn();
    await clock.advanceByAsync(minutes(2));
    expect(channels.email.sent).toHaveLength(0);
    await clock.advanceByAsync(minutes(2));
    expect(channels.email.sent).toHaveLength(1);
    expect(views.findLast(({ channel, key }) => key === 'k' && channel === 'phone')).toMatchObject({
      state: 'sent',
      error: 'no word of its arrival',
    });
  });

  it('a receipt of somebody else’s message, or of another channel’s, changes nothing', async () => {
    const { outbox, channels, id, views } = await sentToAnn();
    const before = views.length;
    outbox.onReceipt({ kind: 'receipt', delivery: 'unknown', result: 'failed', detail: null }, 'phone');
    outbox.onReceipt({ kind: 'receipt', delivery: id, result: 'failed', detail: null }, 'email');
    expect(views).toHaveLength(before);
    expect(channels.email.sent).toHaveLength(0);
  });
});

describe('what a person does with a message that was given up', () => {
  async function dead() {
    const parts = setUp();
    parts.outbox.start();
    parts.channels.phone.answer = unreachable;
    parts.channels.email.answer = unreachable;
    parts.outbox.tell(makeRequest({ key: 'k' }));
    await parts.clock.advanceByAsync(minutes(180));
    parts.channels.phone.answer = () => {};
    parts.channels.email.answer = () => {};
    const id = parts.views.findLast(({ channel }) => channel === 'phone')?.id ?? '';
    return { ...parts, id };
  }

  it('sends it again', async () => {
    const { outbox, clock, views, id } = await dead();
    expect(views.findLast((view) => view.id === id)?.state).toBe('dead');
    expect(outbox.retry(id, null, 'ann')).toBeNull();
    await clock.advanceByAsync(minutes(6));
    expect(views.findLast((view) => view.id === id)).toMatchObject({ state: 'sent' });
    expect(outbox.retry(id, null, 'ann')).toBe('OVER');
  });

  it('tells it over another of the person’s ways, and no other', async () => {
    const { outbox, channels, clock, views, id } = await dead();
    const before = channels.email.sent.length;
    expect(outbox.retry(id, 'pigeon', 'ann')).toBe('NO_WAY');
    expect(outbox.retry(id, 'email', 'ann')).toBeNull();
    await clock.advanceByAsync(minutes(6));
    expect(channels.email.sent.length).toBe(before + 1);
    expect(views.findLast((view) => view.id === id)).toMatchObject({ state: 'dismissed' });
  });

  it('dismisses it, once', async () => {
    const { outbox, views, id } = await dead();
    expect(outbox.dismiss(id, 'ann')).toBeNull();
    expect(views.at(-1)).toMatchObject({ state: 'dismissed', error: expect.stringContaining('dismissed by ann') });
    expect(outbox.dismiss(id, 'ann')).toBe('OVER');
    expect(outbox.dismiss('nothing', 'ann')).toBe('NOT_FOUND');
  });
});

describe('the outbox with limits, merging and receipts survives a kill at every write (I5)', () => {
  const requests = [0, 1, 2, 3, 4, 5, 6].map((n) =>
    toBo(`k${n}`, { conversation: n < 5 ? 'outage' : 'other', severity: n === 6 ? 'high' : 'medium' }),
  );

  async function runUntilDeath(dieAt: number) {
    const disk = openStateStore(':memory:');
    const store = dyingStore(disk, dieAt);
    const channels = twoChannels();
    const run = limited(store, T0, channels);
    let tries = 0;
    channels.phone.answer = ({ id }) => {
      if (store.dead()) return new Promise<void>(() => {});
      if (tries++ % 3 === 1) unreachable();
      run.clock.after(seconds(1), () => {
        if (store.dead()) return;
        run.outbox.onReceipt({ kind: 'receipt', delivery: id, result: 'arrived', detail: null }, 'phone');
      });
      return undefined;
    };
    run.outbox.start();
    for (const request of requests) {
      if (store.dead()) break;
      run.outbox.tell(request);
      await run.clock.advanceByAsync(seconds(1));
    }
    if (!store.dead()) await run.clock.advanceByAsync(minutes(30));
    const read = channels.phone.sent.filter((_message, index) => index % 3 !== 1);
    return { disk, store, read };
  }
  const viewsOn = (disk: StateStore): DeliveryView[] =>
    [...disk.entries('outbox/delivery/')].map(([, value]) => (value as { view: DeliveryView }).view);

  it('nothing is lost, nothing goes again after it was recorded as sent, each conversation keeps its order', async () => {
    const whole = await runUntilDeath(Number.POSITIVE_INFINITY);
    const writes = whole.store.writes();
    expect(writes).toBeGreaterThan(30);
    expect(viewsOn(whole.disk).some(({ state }) => state === 'merged')).toBe(true);
    for (let dieAt = 0; dieAt < writes; dieAt++) {
      const { disk } = await runUntilDeath(dieAt);
      const recorded = new Set(
        viewsOn(disk)
          .filter(({ state }) => state === 'sent' || state === 'arrived')
          .map(({ id }) => id),
      );
      const again = limited(disk, plus(T0, minutes(1)));
      again.outbox.start();
      for (const request of requests) again.outbox.tell(request);
      await again.clock.advanceByAsync(minutes(60));
      const after = again.channels.phone.sent;
      for (const { id } of after) expect(recorded.has(id), `write ${dieAt}: ${id} was recorded as sent`).toBe(false);
      const final = viewsOn(disk);
      const byId = new Map(final.map((view) => [view.id, view]));
      for (const { key } of requests) {
        let view = final.find((one) => one.key === key);
        while (view?.mergedInto !== undefined) view = byId.get(view.mergedInto);
        expect(view?.state, `write ${dieAt}: ${key}`).toMatch(/sent|arrived/);
      }
      const order = after.filter(({ conversation }) => conversation === 'outage').map(({ id }) => byId.get(id)?.key);
      expect(order, `write ${dieAt}`).toEqual([...order].sort());
    }
  });
});
