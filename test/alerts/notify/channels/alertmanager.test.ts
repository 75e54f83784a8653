import { afterEach, describe, expect, it } from 'vitest';
import type { ChannelNews } from '#core/ports.ts';
import { hours, minutes, seconds } from '#core/time.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createMemoryStateStore } from '#platform/memory-state-store.ts';
import { describeReal } from '../../../support/real.ts';
import { startAlertmanager } from '../../../support/real-alertmanager.ts';
import { T0 } from '../../support.ts';
import { createScene, failureOf, message, type Reply, type Scene } from './other-side.ts';

let scene: Scene = createScene();
afterEach(async () => {
  await scene.end();
  scene = createScene();
});

interface Posted {
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly startsAt: string;
  readonly endsAt: string;
}

async function facing(memory = createMemoryStateStore()) {
  const bus = createMemoryBus();
  const wall = createVirtualClock(T0);
  const reply: { now: Reply } = { now: {} };
  const other = await scene.httpServer(() => reply.now);
  const channel = scene.channel(
    { kind: 'alertmanager', url: `${other.origin}/`, repeat: '1m', labels: { team: 'room' } },
    { bus, wall, memory },
  );
  const news: ChannelNews[] = [];
  const posts = () => other.seen.map(({ body }) => JSON.parse(body.toString('utf8')) as Posted[]);
  return {
    ...other,
    bus,
    wall,
    memory,
    channel,
    news,
    posts,
    reply,
    listen: () => channel.listen!((one) => news.push(one)),
  };
}
const inMs = (iso: string): number => Date.parse(iso) - T0;
/** Answers of the server on loopback are real time; the virtual clock waits for them. */
const until = (done: () => boolean) => expect.poll(done, { timeout: 10_000, interval: 5 }).toBe(true);

describe('Alertmanager as a channel', () => {
  it('an alert is known by the same labels from its beginning to its end, whatever severity its messages have', async () => {
    const { channel, posts, seen, wall } = await facing();
    await channel.send(message);
    await wall.advanceByAsync(minutes(3));
    await channel.send({
      ...message,
      id: 'd2',
      language: 'en',
      subject: 'HIGH: hot',
      phase: 'reminder',
      severity: 'medium',
    });
    await channel.send({ ...message, id: 'd3', phase: 'recovered', severity: 'medium' });
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/api/v2/alerts' });
    const [first, second, third] = posts().map(([alert]) => alert!);
    expect(first!.labels).toEqual({
      alertname: 'Zhishou',
      site: 'lab',
      matter: 'high-temperature/t-1/1',
      severity: 'high',
      simulated: 'true',
      team: 'room',
    });
    expect(second!.labels).toEqual(first!.labels);
    expect(third!.labels).toEqual(first!.labels);
    expect(second!.annotations).toMatchObject({
      summary_zh: message.subject,
      summary_en: 'HIGH: hot',
      summary: 'HIGH: hot',
    });
    expect(inMs(first!.startsAt)).toBe(0);
    expect(inMs(second!.startsAt)).toBe(0);
    expect(inMs(third!.endsAt)).toBe(minutes(3));
    expect(JSON.stringify(posts())).not.toContain('SIGNED-LINK');
  });

  it('L29: when we fall silent nothing has recovered: its own end is hours away', async () => {
    const { channel, posts } = await facing();
    await channel.send(message);
    expect(inMs(posts()[0]![0]!.endsAt)).toBe(hours(4));
  });

  it('what fires is told again each minute, what is over is not, and what is over is ended once', async () => {
    const { channel, posts, wall, listen } = await facing();
    listen();
    await channel.send(message);
    await channel.send({ ...message, alert: 'other', conversation: 'other' });
    await wall.advanceByAsync(minutes(1));
    await until(() => posts().length === 3);
    expect(posts()[2]).toHaveLength(2);
    for (const _ of [1, 2]) await channel.send({ ...message, phase: 'recovered' });
    expect(posts()).toHaveLength(4);
    await wall.advanceByAsync(minutes(1));
    await until(() => posts().length === 5);
    expect(posts()[4]!.map(({ labels }) => labels.matter)).toEqual(['other']);
  });

  it('what fired before a restart is told again after it, and ends with its recovery', async () => {
    const before = await facing();
    await before.channel.send(message);
    const after = await facing(before.memory);
    after.listen();
    await after.wall.advanceByAsync(minutes(1));
    await until(() => after.posts().length === 1);
    await after.channel.send({ ...message, phase: 'recovered', severity: 'medium' });
    expect(after.posts()[1]![0]!.labels).toEqual(before.posts()[0]![0]!.labels);
  });

  it('an alert that clears without a message over this channel ends too', async () => {
    const { channel, posts, bus, wall, listen } = await facing();
    listen();
    await channel.send(message);
    await bus.publish(
      'zhishou/lab/alert/x',
      JSON.stringify({ id: message.alert, state: 'cleared', acknowledged: null }),
    );
    await wall.advanceByAsync(seconds(1));
    await until(() => posts().length === 2);
    expect(inMs(posts()[1]![0]!.endsAt)).toBeLessThanOrEqual(seconds(1));
  });

  it('an end that could not be told is told with the next repetition', async () => {
    const { channel, posts, bus, wall, listen, reply } = await facing();
    listen();
    await channel.send(message);
    reply.now = { status: 503 };
    await bus.publish(
      'zhishou/lab/alert/x',
      JSON.stringify({ id: message.alert, state: 'cleared', acknowledged: null }),
    );
    await wall.advanceByAsync(seconds(1));
    await until(() => posts().length === 2);
    reply.now = {};
    await wall.advanceByAsync(minutes(1));
    await until(() => posts().length === 4);
    expect(inMs(posts()[3]![0]!.endsAt)).toBeLessThan(minutes(3));
  });

  it('L34: it tells that it does not get through, once, and that it does again', async () => {
    const { channel, wall, listen, news, reply, seen } = await facing();
    listen();
    await channel.send(message);
    reply.now = { status: 500 };
    for (const count of [2, 3]) {
      await wall.advanceByAsync(minutes(1));
      await until(() => seen.length === count);
    }
    await until(() => news.length === 1);
    reply.now = {};
    await until(() => {
      wall.advanceBy(minutes(1));
      return news.length === 2;
    });
    expect(news.map((one) => one.kind === 'health' && one.works)).toEqual([false, true]);
  });

  it('news that is neither a beginning nor an end makes no alert', async () => {
    const { channel, seen } = await facing();
    await channel.send({ ...message, phase: 'information' });
    expect(seen).toHaveLength(0);
  });

  it('a demonstration’s clock that is ahead does not begin in the future', async () => {
    const { channel, posts } = await facing();
    await channel.send({ ...message, at: (T0 + hours(10)) as typeof message.at });
    expect(inMs(posts()[0]![0]!.startsAt)).toBe(0);
  });
});

describeReal('prometheus-alertmanager', 'Alertmanager as a channel, the real one', () => {
  it('holds what is raised, once however often it is told, and lets it go when it recovers', async () => {
    const real = await startAlertmanager();
    try {
      const channel = scene.channel({ kind: 'alertmanager', url: real.url }, { wall: createSystemClock() });
      await channel.test!();
      const now = { ...message, at: Date.now() as typeof message.at };
      for (const phase of ['raised', 'reminder'] as const) await channel.send({ ...now, phase });
      const held = await real.alerts();
      expect(held).toHaveLength(1);
      expect(held[0]).toMatchObject({
        labels: { alertname: 'Zhishou', severity: 'high', site: 'lab' },
        annotations: { summary: message.subject, description_zh: message.body },
      });
      await channel.send({ ...now, phase: 'recovered', severity: 'medium' });
      await expect.poll(() => real.alerts(), { timeout: 10_000 }).toHaveLength(0);
    } finally {
      await real.stop();
    }
    const gone = scene.channel({ kind: 'alertmanager', url: real.url }, { wall: createSystemClock() });
    expect(await failureOf(gone.test!())).toMatchObject({ code: 'UNREACHABLE' });
  });
});
