import { afterEach, describe, expect, it } from 'vitest';
import type { Config } from '#core/config/config.ts';
import type { Notice } from '#core/notice.ts';
import type { StateStore } from '#core/ports.ts';
import { hours, minutes, plus, seconds, toIso } from '#core/time.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { openStateStore } from '#platform/state-store.ts';
import { makeService, type Service } from '../service.ts';
import { makeConfig, T0 } from '../support.ts';

const NIGHT = plus(T0, hours(14)); // Tuesday 00:00 in Shanghai

const services: Service[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
});

type Options = NonNullable<Parameters<typeof makeService>[0]>;

async function start(options: Options = {}) {
  const service = makeService(options);
  services.push(service);
  await service.start();
  return service;
}

const makeNotice = (change: Partial<Notice> = {}): Notice => ({
  key: 'duty/patrol@2026-11-23/overdue-1',
  functions: ['director'],
  people: [],
  severity: 'medium',
  subject: { zh: '日常巡检逾期', en: 'The daily patrol is overdue' },
  body: { zh: '今天的巡检还没有人做。', en: "Nobody has done today's patrol yet." },
  phase: 'raised',
  conversation: 'duty/patrol@2026-11-23',
  path: '/duties/patrol@2026-11-23',
  until: toIso(plus(T0, hours(48))),
  ...change,
});

/** As the paperwork says it: kept on the bus. */
const say = (service: Pick<Service, 'raw' | 'advance'>, change: Partial<Notice> = {}, part = 'a1') =>
  service
    .raw(`zhishou/test/notice/${part}`, JSON.stringify(makeNotice(change)), { retain: true })
    .then(() => service.advance(seconds(1)));

const told = ({ channels }: Service): string[] =>
  channels.phone.sent.flatMap(({ subject, conversation }) => (conversation.startsWith('notice/') ? [subject] : []));

/** What the bus still keeps. */
async function onTheBus({ bus }: Pick<Service, 'bus'>): Promise<string[]> {
  const kept: string[] = [];
  const stop = await bus.subscribe('zhishou/test/notice/+', ({ topic, retained }) => {
    if (retained) kept.push(topic);
  });
  await bus.drained();
  await stop();
  return kept;
}

function withPublicUrl(public_url: string): Config {
  const { site } = makeConfig();
  return makeConfig({ site: { ...site, http: { ...site.http, public_url } } });
}

describe('the paperwork’s notices', () => {
  it('reach the people they name, and leave the bus', async () => {
    const service = await start();
    await say(service);
    expect(told(service)).toEqual(['日常巡检逾期']);
    expect(await onTheBus(service)).toEqual([]);
    expect(service.metrics.counts.get('zhishou_notices_total told')).toBe(1);
  });

  it('have the page’s address where the site has one', async () => {
    const service = await start({ config: withPublicUrl('https://room.example.com/') });
    await say(service);
    expect(service.channels.phone.sent[0]?.body).toContain('https://room.example.com/duties/patrol@2026-11-23');
    const without = await start();
    await say(without);
    expect(without.channels.phone.sent[0]?.body).not.toContain('http');
  });

  it('are told once by their key, however often they are said, across a restart too', async () => {
    const first = await start();
    await say(first);
    await say(first, {}, 'b2');
    services.splice(services.indexOf(first), 1);
    await first.stop();
    const { state, journal, clock, bus } = first;
    const second = await start({ state, journal, clock, bus });
    await say(second);
    expect([...told(first), ...told(second)]).toHaveLength(1);
    expect(await onTheBus(second)).toEqual([]);
  });

  it('a kill between the commit and the retracting tells nobody twice', async () => {
    const bus = createMemoryBus();
    const clock = createVirtualClock(T0);
    const state = openStateStore(':memory:');
    // The life that dies: what it takes off the bus never arrives there.
    const dying: typeof bus = {
      ...bus,
      publish: (topic, payload, options) =>
        topic.includes('/notice/') && payload.length === 0 ? Promise.resolve() : bus.publish(topic, payload, options),
    };
    const first = await start({ bus: dying, clock, state });
    await say(first);
    expect(told(first)).toHaveLength(1);
    expect(await onTheBus({ bus })).toHaveLength(1);
    services.splice(services.indexOf(first), 1);
    await first.stop();
    const second = await start({ bus, clock, state });
    await second.advance(minutes(1));
    expect(told(second)).toEqual([]);
    expect(await onTheBus({ bus })).toEqual([]);
  });

  it('a kill before the commit loses none: the bus has it still', async () => {
    const bus = createMemoryBus();
    await bus.publish('zhishou/test/notice/a1', JSON.stringify(makeNotice()), { retain: true });
    const first = await start({ bus });
    services.splice(services.indexOf(first), 1);
    await first.stop();
    const { clock, state } = first;
    const second = await start({ bus, clock, state });
    await second.advance(seconds(1));
    expect([...told(first), ...told(second)]).toHaveLength(1);
  });

  it('of low severity wait for working hours, through a restart, and wake nobody', async () => {
    const first = await start({ clock: createVirtualClock(NIGHT) });
    await say(first, { severity: 'low' });
    expect(told(first)).toEqual([]);
    expect(await onTheBus(first)).toEqual([]);
    services.splice(services.indexOf(first), 1);
    await first.stop();
    const { state, journal, clock, bus } = first;
    const second = await start({ state, journal, clock, bus });
    await second.advance(hours(8));
    expect(told(second)).toEqual([]);
    await second.advance(minutes(32));
    expect(told(second)).toEqual(['日常巡检逾期']);
    await second.advance(hours(24));
    expect(told(second)).toHaveLength(1);
  });

  it('of medium severity go at night too', async () => {
    const service = await start({ clock: createVirtualClock(NIGHT) });
    await say(service);
    expect(told(service)).toHaveLength(1);
  });

  it('that are not worth telling any more are dropped and counted, while they wait too', async () => {
    const service = await start({ clock: createVirtualClock(NIGHT) });
    await say(service, { until: toIso(NIGHT) });
    await say(service, { key: 'k2', severity: 'low', until: toIso(plus(NIGHT, hours(1))) }, 'b2');
    await service.advance(hours(12));
    expect(told(service)).toEqual([]);
    expect(service.metrics.counts.get('zhishou_notices_total expired')).toBe(2);
    expect(await onTheBus(service)).toEqual([]);
  });

  it.each([
    ['not JSON', 'no notice'],
    ['wrong shape', JSON.stringify({ ...makeNotice(), severity: 'urgent' })],
    ['wrong shape', JSON.stringify(makeNotice({ path: 'https://evil.example' }))],
    ['wrong shape', JSON.stringify(makeNotice({ path: '/x https://evil.example' }))],
    ['wrong shape', JSON.stringify(makeNotice({ people: ['../etc'] }))],
    ['too large', JSON.stringify(makeNotice({ body: { zh: '长'.repeat(20_000), en: 'x' } }))],
  ])('hostile: %s is counted and told to nobody', async (reason, payload) => {
    const service = await start();
    await service.raw('zhishou/test/notice/a1', payload, { retain: true });
    await service.advance(seconds(1));
    expect(told(service)).toEqual([]);
    expect(service.metrics.counts.get(`zhishou_alerts_rejected_total notice/+ ${reason}`)).toBe(1);
  });

  it('a flood is bounded: more than can wait are refused and counted', async () => {
    const service = await start();
    for (let i = 0; i < 1200; i++)
      await service.bus.publish(`zhishou/test/notice/n${i}`, JSON.stringify(makeNotice({ key: `k${i}` })));
    await service.advance(minutes(1));
    expect(service.metrics.counts.get('zhishou_alerts_rejected_total notice/+ too many')).toBe(200);
    expect(service.metrics.counts.get('zhishou_notices_total told')).toBe(1000);
  });

  it('keys are kept until their notice is over, and no longer', async () => {
    const service = await start();
    const keys = (state: StateStore): string[] => [...state.entries('notice/told/')].map(([key]) => key);
    await say(service, { until: toIso(plus(T0, hours(1))) });
    await service.advance(hours(2));
    await say(service, { key: 'k2' }, 'b2');
    expect(keys(service.state)).toEqual(['notice/told/k2']);
  });
});
