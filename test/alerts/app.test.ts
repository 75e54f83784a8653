import { describe, expect, it } from 'vitest';
import type { Config } from '#core/config/config.ts';
import { hours, milliseconds, minutes, plus, seconds } from '#core/time.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import type { LeaseEvents } from '#services/alerts/app.ts';
import { makeService, type Service } from './service.ts';
import { makeBatch, makeConfig, makeRule, T0, unreachable } from './support.ts';

const mains = makeRule({
  id: 'mains-lost',
  title: { zh: '市电中断', en: 'Mains lost' },
  on: { kinds: ['ups'] },
  when: { point: 'ups.status', is: 'OB' },
  notify: ['duty', 'director'],
});
const hot = makeRule({
  id: 'hot',
  on: { devices: ['th-1'] },
  when: { point: 'ambient.temperature', above: 27, clear: 26 },
  for: '5m',
  severity: 'medium',
});
const smoke = makeRule({
  id: 'smoke',
  on: { devices: ['smoke-1'] },
  when: { point: 'room.smoke', is: true },
  safety: true,
});

const config = (parts: Partial<Config> = {}): Config => makeConfig({ rules: [mains, hot, smoke], ...parts });
const ups = (service: Service, status: string | null) =>
  service.publish(makeBatch('ups-1', service.clock.now(), { 'ups.status': status, 'battery.charge': 90 }));

/** To whom a rule's alerts were told by phone. */
const told = (service: Service, rule: string): string[] =>
  service.channels.phone.sent.filter(({ alert }) => alert?.startsWith(`${rule}.`)).map(({ to }) => to);

describe('a UPS that goes on battery', () => {
  it('is an alert that fires and a message handed to every channel, at once; its return is told once', async () => {
    const service = makeService({ config: config() });
    await service.start();
    await ups(service, 'OL');
    expect(service.seen('alert/+')).toEqual([]);
    await ups(service, 'OB DISCHRG');
    expect(service.seen('alert/+').at(-1)).toMatchObject({
      rule: 'mains-lost',
      device: 'ups-1',
      state: 'firing',
      value: 'OB DISCHRG',
    });
    expect(service.channels.phone.sent.map(({ to }) => to)).toEqual(['ann', 'chief']);
    expect(service.channels.email.sent[0]).toMatchObject({ subject: 'HIGH: Mains lost (UPS 1)', severity: 'high' });
    expect(service.seen('delivery/+').filter(({ state }) => state === 'sent')).toHaveLength(4);
    await ups(service, 'OB DISCHRG');
    await ups(service, 'OL CHRG');
    await ups(service, 'OL');
    const subjects = service.channels.phone.sent.map(({ to, subject }) => `${to} ${subject}`);
    expect(subjects.slice(2)).toEqual(['ann RECOVERED: Mains lost (UPS 1)', 'chief 恢复：市电中断（UPS 一号）']);
    await service.stop();
  });

  it('is told when the very first reading already says so (L12)', async () => {
    const service = makeService({ config: config() });
    await service.start();
    await ups(service, 'OB');
    expect(service.channels.phone.sent).toHaveLength(2);
  });

  it('is told when the broker kept the reading from just before, and not when it is old (L39)', async () => {
    for (const [age, told] of [
      [seconds(5), 2],
      [hours(2), 0],
    ] as const) {
      const bus = createMemoryBus();
      const batch = makeBatch('ups-1', milliseconds(T0 - age) as never, { 'ups.status': 'OB' });
      await bus.publish('zhishou/test/reading/ups-1', JSON.stringify(batch), { retain: true });
      const service = makeService({ config: config(), bus });
      await service.start();
      expect(service.channels.phone.sent).toHaveLength(told);
    }
  });

  it('is still told of after a restart, once, and recovers once (L28, L31)', async () => {
    const first = makeService({ config: config() });
    await first.start();
    await ups(first, 'OB');
    await first.stop();
    const second = makeService({ config: config(), state: first.state, journal: first.journal, clock: first.clock });
    await second.start();
    await ups(second, 'OB');
    expect(second.channels.phone.sent).toEqual([]);
    expect(second.seen('alert/+').at(-1)).toMatchObject({ state: 'firing' });
    await ups(second, 'OL');
    expect(second.channels.phone.sent.map(({ to }) => to)).toEqual(['ann', 'chief']);
  });

  it('does not end because nothing more is heard (L29): it becomes doubtful, and the silence is told', async () => {
    const service = makeService({ config: config() });
    await service.start();
    await ups(service, 'OB');
    for (let minute = 0; minute < 3; minute++) {
      await service.advance(minutes(1));
      await service.publish(makeBatch('ac-1', service.clock.now(), { 'cooling.status': 'on' }));
    }
    const views = service.seen('alert/+');
    expect(views.findLast(({ rule }) => rule === 'mains-lost')).toMatchObject({ state: 'firing', doubtful: true });
    expect(views.findLast(({ rule }) => rule === 'zhishou-device-silent')).toMatchObject({
      device: 'ups-1',
      state: 'firing',
    });
  });
});

describe('rules that take their time', () => {
  it('fire after `for` although nothing new arrives at that moment, also over a restart (L28)', async () => {
    const first = makeService({ config: config() });
    await first.start();
    const warm = (service: Service) =>
      service.publish(makeBatch('th-1', service.clock.now(), { 'ambient.temperature': 30 }));
    await warm(first);
    await first.advance(minutes(2));
    await warm(first);
    await first.stop();
    const second = makeService({ config: config(), state: first.state, journal: first.journal, clock: first.clock });
    await second.start();
    await warm(second);
    await second.advance(seconds(179));
    expect(told(second, 'hot')).toEqual([]);
    await second.advance(seconds(2));
    expect(told(second, 'hot')).toEqual(['ann']);
  });

  it('make no event by being loaded (L8)', async () => {
    const first = makeService({ config: config() });
    await first.start();
    await first.publish(makeBatch('th-1', T0, { 'ambient.temperature': 24 }));
    await first.stop();
    const stricter = { ...hot, when: { point: 'ambient.temperature', above: 20 }, for: minutes(0) };
    const second = makeService({ config: config({ rules: [stricter] }), state: first.state, clock: first.clock });
    await second.start();
    await second.advance(seconds(30));
    expect(second.seen('alert/+')).toEqual([]);
  });
});

describe('bad input', () => {
  const cases: [string, string, string | Uint8Array, string][] = [
    ['text that is no JSON', 'reading/ups-1', '{"device":"ups-1"', 'reading/+ not JSON'],
    ['bytes that are no text', 'reading/ups-1', new Uint8Array([0xff, 0xfe, 0x00]), 'reading/+ not UTF-8'],
    ['another shape', 'reading/ups-1', '{"device":"ups-1","readings":7}', 'reading/+ wrong shape'],
    [
      'a good reading without a value',
      'reading/ups-1',
      JSON.stringify({
        ...makeBatch('ups-1', T0, { 'ups.status': null }),
        readings: [{ ...makeBatch('ups-1', T0, { 'ups.status': null }).readings[0], quality: 'good' }],
      }),
      'reading/+ wrong shape',
    ],
    [
      'a device that speaks for another',
      'reading/ups-1',
      JSON.stringify(makeBatch('th-1', T0, { 'ambient.temperature': 50 })),
      'reading/+ other device',
    ],
    [
      'an unknown device',
      'reading/ups-9',
      JSON.stringify(makeBatch('ups-9', T0, { 'ups.status': 'OB' })),
      'reading/+ unknown device',
    ],
    ['more than a megabyte', 'reading/ups-1', 'x'.repeat(1024 * 1024 + 1), 'reading/+ too large'],
    ['a command of another shape', 'command', '{"id":"x"}', 'command wrong shape'],
  ];
  it.each(cases)('%s is counted, and the next message is heard', async (_title, name, payload, reason) => {
    const service = makeService({ config: config() });
    await service.start();
    await service.raw(`zhishou/test/${name}`, payload);
    expect(service.metrics.counts.get(`zhishou_alerts_rejected_total ${reason}`)).toBe(1);
    expect(service.channels.phone.sent).toEqual([]);
    await ups(service, 'OB');
    expect(service.channels.phone.sent).toHaveLength(2);
  });
});

describe("people's orders", () => {
  const firing = async () => {
    const service = makeService({ config: config() });
    await service.start();
    await ups(service, 'OB');
    return { service, alert: service.seen('alert/+').at(-1)!.id };
  };

  it('acknowledge an alert, are answered, and are recorded once although repeated', async () => {
    const { service, alert } = await firing();
    const body = { kind: 'alert.acknowledge', alert } as const;
    expect(await service.command(body, { id: 'same', role: 'duty' })).toMatchObject({ ok: true });
    expect(service.seen('alert/+').at(-1)).toMatchObject({ state: 'acknowledged', acknowledged: { by: 'ann' } });
    const published = service.seen('alert/+').length;
    expect(await service.command(body, { id: 'same', role: 'duty' })).toMatchObject({ ok: true });
    expect(service.seen('alert/+')).toHaveLength(published);
  });

  it('are answered again after a restart and not done twice', async () => {
    const { service } = await firing();
    await service.command({ kind: 'site.arm', reason: 'ready' }, { id: 'arm' });
    await service.stop();
    const second = makeService({
      config: config(),
      state: service.state,
      journal: service.journal,
      clock: service.clock,
    });
    await second.start();
    await second.command({ kind: 'site.disarm', reason: 'x' });
    expect(await second.command({ kind: 'site.arm', reason: 'ready' }, { id: 'arm' })).toMatchObject({ ok: true });
    expect(second.seen('site').at(-1)).toMatchObject({ armed: false });
  });

  it.each([
    ['a wrong signature', { key: 'another key' }, 'FORBIDDEN'],
    ['a role that is too low', { role: 'viewer' }, 'FORBIDDEN'],
    ['an order older than five minutes', { at: plus(T0, minutes(-6)) }, 'CONFLICT'],
    ['an order from the future', { at: plus(T0, minutes(6)) }, 'CONFLICT'],
  ] as const)('are refused with %s, and change nothing', async (_title, more, error) => {
    const { service, alert } = await firing();
    expect(await service.command({ kind: 'alert.acknowledge', alert }, more)).toMatchObject({ ok: false, error });
    expect(service.seen('alert/+').at(-1)).toMatchObject({ state: 'firing' });
    expect(service.metrics.counts.get(`zhishou_commands_refused_total ${error}`)).toBe(1);
  });

  it('cannot silence a safety alert (L34), and name what is not there', async () => {
    const { service } = await firing();
    await service.publish(makeBatch('smoke-1', T0, { 'room.smoke': true }));
    const alert = service.seen('alert/+').at(-1)!.id;
    expect(await service.command({ kind: 'alert.silence', alert, minutes: 10, reason: 'noise' })).toMatchObject({
      error: 'FORBIDDEN',
    });
    expect(await service.command({ kind: 'alert.acknowledge', alert: 'nothing' })).toMatchObject({
      error: 'NOT_FOUND',
    });
    expect(await service.command({ kind: 'incident.acknowledge', incident: 'nothing' })).toMatchObject({
      error: 'NOT_FOUND',
    });
  });

  it('arm and disarm the site durably, with who and why in the journal', async () => {
    const { service } = await firing();
    await service.command({ kind: 'site.arm', reason: 'tested and agreed' });
    expect(service.seen('site').at(-1)).toMatchObject({ armed: true, armedBy: 'ann' });
    expect([...service.journal.read({ stream: 'site' })].map(({ kind, body }) => [kind, body])).toEqual([
      ['site.armed', { by: 'ann', reason: 'tested and agreed' }],
    ]);
    const second = makeService({
      config: config(),
      state: service.state,
      journal: service.journal,
      clock: service.clock,
    });
    await second.start();
    expect(second.seen('site').at(-1)).toMatchObject({ armed: true, armedBy: 'ann' });
  });
});

describe('the site', () => {
  it('says each minute who is on duty and whether the office works', async () => {
    const service = makeService({ config: config() });
    await service.start();
    await service.advance(minutes(3));
    expect(service.seen('site')).toHaveLength(4);
    expect(service.seen('site').at(-1)).toMatchObject({
      armed: false,
      duty: { person: 'ann', until: '2026-11-30T00:30:00.000Z' },
      workingHours: true,
    });
  });

  it('raises the alarm when nobody is on duty (L25), and tells those who remain', async () => {
    const nobody = config();
    nobody.rota.rota.overrides.push({
      from: '2026-11-23T10:02:00+08:00',
      to: '2026-11-23T12:00:00+08:00',
      person: 'gone',
    });
    const service = makeService({ config: nobody });
    await service.start();
    await service.advance(minutes(2));
    const views = service.seen('alert/+');
    expect(views.find(({ rule }) => rule === 'zhishou-nobody-on-duty')).toMatchObject({ state: 'firing' });
    expect(told(service, 'zhishou-nobody-on-duty')).toEqual(['bo', 'chief']);
    expect(service.seen('site').at(-1)).toMatchObject({ duty: null });
  });

  it('raises the alarm when a channel fails, over the other channel (L34), and takes it back when it works', async () => {
    const service = makeService({ config: config() });
    await service.start();
    service.channels.phone.answer = unreachable;
    await ups(service, 'OB');
    await service.advance(minutes(1));
    const failing = service.seen('alert/+').findLast(({ rule }) => rule === 'zhishou-channel-failing');
    expect(failing).toMatchObject({ device: 'phone', state: 'firing' });
    const told = service.channels.email.sent.filter(({ alert }) => alert === failing?.id);
    expect(told.map(({ to }) => to)).toEqual(['ann@example.com']);
    expect(service.channels.phone.sent.filter(({ alert }) => alert === failing?.id)).toEqual([]);
    service.channels.phone.answer = () => {};
    await service.advance(minutes(20));
    expect(service.seen('alert/+').findLast(({ rule }) => rule === 'zhishou-channel-failing')).toMatchObject({
      state: 'cleared',
    });
  });

  it('raises one alarm for a collector that is silent, not one for each device', async () => {
    const first = makeService({ config: config() });
    await first.start();
    await ups(first, 'OL');
    await first.advance(minutes(30));
    expect(new Set(first.seen('alert/+').map(({ rule, state }) => `${rule} ${state}`))).toEqual(
      new Set(['zhishou-collector-silent firing']),
    );
    await first.stop();
    // L29: a restart is no word from the collector.
    const second = makeService({ config: config(), state: first.state, journal: first.journal, clock: first.clock });
    await second.start();
    await second.advance(minutes(1));
    expect(second.seen('alert/+').at(-1)).toMatchObject({ rule: 'zhishou-collector-silent', state: 'firing' });
    await ups(second, 'OL');
    await second.advance(minutes(1));
    expect(second.seen('alert/+').at(-1)).toMatchObject({ rule: 'zhishou-collector-silent', state: 'cleared' });
    expect(second.seen('alert/+').filter(({ rule }) => rule === 'zhishou-device-silent')).toEqual([]);
  });

  it('says everything again when the bus comes back', async () => {
    const service = makeService({ config: config() });
    await service.start();
    await ups(service, 'OB');
    service.bus.setConnected(false);
    service.bus.setConnected(true);
    await service.advance(seconds(0));
    expect(service.seen('alert/+').filter(({ state }) => state === 'firing').length).toBeGreaterThan(1);
  });

  it('goes on telling people while the bus is down for its own messages', async () => {
    const service = makeService({ config: config() });
    await service.start();
    for (let minute = 0; minute < 3; minute++) {
      await service.publish(makeBatch('th-1', service.clock.now(), { 'ambient.temperature': 30 }));
      await service.advance(minutes(1));
    }
    service.bus.setConnected(false);
    await service.advance(minutes(2));
    expect(told(service, 'hot')).toEqual(['ann']);
  });
});

describe('two instances of one site', () => {
  it('only the one with the lease acts; the other takes over with all that was known, and tells nothing twice', async () => {
    const clock = createVirtualClock(T0);
    const bus = createMemoryBus();
    const lease = () => {
      let events: LeaseEvents | null = null;
      return {
        make: (given: LeaseEvents) => {
          events = given;
          return { held: false, stop: () => Promise.resolve() };
        },
        give: () => events?.onHeld(),
        take: () => events?.onLost('another instance took it'),
      };
    };
    const [one, two] = [lease(), lease()];
    const first = makeService({ config: config(), clock, bus, lease: one.make });
    const second = makeService({
      config: config(),
      clock,
      bus,
      lease: two.make,
      state: first.state,
      journal: first.journal,
    });
    await first.start();
    await second.start();
    one.give();
    await first.advance(seconds(0));
    await ups(first, 'OB');
    expect(first.channels.phone.sent).toHaveLength(2);
    expect(second.channels.phone.sent).toEqual([]);
    one.take();
    two.give();
    await first.advance(seconds(0));
    await ups(first, 'OL');
    expect(first.channels.phone.sent).toHaveLength(2);
    expect(second.channels.phone.sent.map(({ subject }) => subject.slice(0, 9))).toEqual([
      'RECOVERED',
      expect.any(String),
    ]);
  });
});
