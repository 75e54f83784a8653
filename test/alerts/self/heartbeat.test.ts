import { describe, expect, it } from 'vitest';
import { heartbeatSchema } from '#core/config/watch.ts';
import { hours, minutes, seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createBeatSource } from '#services/alerts/self/beat-source.ts';
import { createHeartbeat, type HeartbeatDependencies } from '#services/alerts/self/heartbeat.ts';
import { fakeMetrics, T0 } from '../support.ts';

const BEAT = heartbeatSchema.parse({
  url: 'https://watcher.example/ping',
  fail_url: 'https://watcher.example/ping/fail',
  start_url: 'https://watcher.example/ping/start',
  standby_url: 'https://watcher.example/standby',
});

function setUp(more: Partial<HeartbeatDependencies> = {}) {
  const clock = createVirtualClock(T0);
  const pings: string[] = [];
  const reports: string[] = [];
  const world = { runs: true, failing: [] as string[], reached: true };
  const heart = createHeartbeat({
    ...{ beats: [BEAT], clock, log: silentLog, metrics: fakeMetrics() },
    ping: async ({ url }) => {
      if (!world.reached) throw new Error('no route');
      pings.push(url.slice('https://watcher.example/'.length));
    },
    beat: async () => world.runs,
    failing: () => world.failing,
    report: (watcher, unreached) => reports.push(`${watcher} ${unreached ? 'unreached' : 'reached'}`),
    ...more,
  });
  return { heart, clock, pings, reports, world };
}

describe('the heartbeat outwards (L32)', () => {
  it('says that it begins, then beats each minute while the way to people runs', async () => {
    const { heart, clock, pings } = setUp();
    heart.start();
    await clock.advanceByAsync(minutes(3));
    heart.stop();
    await clock.advanceByAsync(minutes(3));
    expect(pings).toEqual(['ping/start', 'ping', 'ping', 'ping', 'ping']);
  });

  it.each([
    ['the way does not run', { runs: false, failing: [] }],
    ['it knows that it cannot write', { runs: true, failing: ['zhishou-store-failing store'] }],
  ])('tells the failure, and never that it is well, when %s', async (_why, now) => {
    const { heart, clock, pings, world } = setUp();
    Object.assign(world, now);
    heart.start();
    await clock.advanceByAsync(minutes(2));
    expect(new Set(pings)).toEqual(new Set(['ping/start', 'ping/fail']));
    Object.assign(world, { runs: true, failing: [] });
    await clock.advanceByAsync(minutes(1));
    expect(pings.at(-1)).toBe('ping');
  });

  it('is silent instead where no address for failures is given: the watcher then calls', async () => {
    const { heart, clock, pings, world } = setUp({ beats: [heartbeatSchema.parse({ url: BEAT.url })] });
    world.runs = false;
    heart.start();
    await clock.advanceByAsync(minutes(5));
    expect(pings).toEqual([]);
  });

  it('an instance that stands by beats its own address alone', async () => {
    const { pings, clock } = setUp();
    const { beat: _none, ...standby } = {
      ...{ beats: [BEAT], clock, log: silentLog, metrics: fakeMetrics(), beat: null },
      ping: async ({ url }: { url: string }) => void pings.push(url),
      failing: () => [],
      report: () => {},
    };
    const heart = createHeartbeat(standby);
    heart.start();
    await clock.advanceByAsync(minutes(1));
    expect(pings).toEqual(['https://watcher.example/standby', 'https://watcher.example/standby']);
  });

  it('when the watcher is not reached it is told after an hour, and the end of that at once', async () => {
    const { heart, clock, reports, world } = setUp();
    world.reached = false;
    heart.start();
    await clock.advanceByAsync(minutes(59));
    expect(reports).toEqual([]);
    await clock.advanceByAsync(hours(1));
    expect(new Set(reports)).toEqual(new Set(['heartbeat-1 unreached']));
    world.reached = true;
    await clock.advanceByAsync(minutes(1));
    expect(reports.at(-1)).toBe('heartbeat-1 reached');
  });
});

describe('what a heartbeat is made of', () => {
  function source(through: (id: string, done: () => void) => void) {
    const clock = createVirtualClock(T0);
    const sent: string[] = [];
    const beats = createBeatSource({ clock, send: (id) => sent.push(id), through });
    const payload = (id: string) => ({
      ...{ topic: 'zhishou/test/probe', retained: false },
      payload: new TextEncoder().encode(JSON.stringify({ id })),
    });
    return { clock, beats, sent, payload };
  }

  it('a probe that went over the bus and through rules and outbox', async () => {
    const { beats, sent, payload } = source((_id, done) => done());
    const beat = beats.beat();
    expect(beats.onProbe(payload(sent[0] ?? ''))).toBeNull();
    expect(await beat).toBe(true);
  });

  it.each([
    ['the bus gives nothing back', false, (_id: string, done: () => void) => done()],
    ['the rules or the outbox stand', true, () => {}],
  ])('there is none when %s', async (_why, echoed, through) => {
    const { clock, beats, sent, payload } = source(through);
    const beat = beats.beat();
    if (echoed) beats.onProbe(payload(sent[0] ?? ''));
    await clock.advanceByAsync(seconds(11));
    expect(await beat).toBe(false);
  });

  it('what is no probe of this instance counts for nothing', async () => {
    const { clock, beats, payload } = source((_id, done) => done());
    const beat = beats.beat();
    beats.onProbe(payload('b9-of-another'));
    expect(beats.onProbe({ topic: 'x', retained: false, payload: new TextEncoder().encode('{') })).toBe('not a probe');
    await clock.advanceByAsync(seconds(11));
    expect(await beat).toBe(false);
  });
});
