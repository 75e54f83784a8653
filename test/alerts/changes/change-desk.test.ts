import { afterEach, describe, expect, it } from 'vitest';
import type { AlertView } from '#core/alert.ts';
import { watchedChangesSchema } from '#core/config/watched-changes.ts';
import type { PaperworkFacts } from '#core/paperwork/facts.ts';
import type { Value } from '#core/reading.ts';
import { hours, minutes, plus, seconds, toIso } from '#core/time.ts';
import { makeService, type Service } from '../service.ts';
import { DEVICES, makeBatch, makeConfig, makeDevice, T0 } from '../support.ts';

const services: Service[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
});

const OUTLETS = makeDevice({ id: 'pdu-1', kind: 'pdu', snmp: { host: '127.0.0.1', port: 20162, community: 'public' } });

const watching = (watched: object | undefined = {}) => {
  const plain = makeConfig({ devices: [...DEVICES, OUTLETS] });
  const watched_changes = watched === undefined ? undefined : watchedChangesSchema.parse(watched);
  return { ...plain, site: { ...plain.site, watched_changes } };
};

type Options = NonNullable<Parameters<typeof makeService>[0]>;

async function start(options: Options = {}) {
  const service = makeService({ config: watching(), ...options });
  services.push(service);
  await service.start();
  const reads = (device: string, points: Readonly<Record<string, Value | null>>) =>
    service.publish(makeBatch(device, service.clock.now(), points));
  /** Settled, as a person would have it. */
  const sets = async (device: string, points: Readonly<Record<string, Value | null>>) => {
    await reads(device, points);
    await service.advance(seconds(61));
  };
  const tells = (facts: Partial<PaperworkFacts>) =>
    service.raw(
      'zhishou/test/paperwork',
      JSON.stringify({ at: toIso(service.clock.now()), inRooms: [], changes: [], ...facts }),
      { retain: true },
    );
  const alerts = (): AlertView[] =>
    [...new Map(service.seen('alert/+').map((view) => [view.id, view])).values()].filter(({ rule }) =>
      rule.startsWith('change-without-consent'),
    );
  const told = () =>
    service.channels.phone.sent.filter(({ subject }) => /未经同意|without consent/.test(subject)).map((one) => one);
  const saw = () => told().map(({ person, subject }) => `${person} ${subject}`);
  return { ...service, service, reads, sets, tells, alerts, told, saw };
}

const approval = {
  entry: 'changes/2026-0003',
  devices: ['ac-1'],
  points: ['cooling.*'],
  from: toIso(T0),
  to: toIso(plus(T0, hours(2))),
  by: 'ann',
  approvedBy: 'chief',
};
const signedIn = {
  room: 'core',
  person: null,
  name: { zh: '外来李工', en: 'Mr Li' },
  since: toIso(T0),
  entry: 'core-room/2026-0001',
};

describe('O-CHG-1: a change without consent', () => {
  it('is an alert that says from what to what, when, and who could have; it ends when the value is back', async () => {
    const room = await start();
    await room.tells({ inRooms: [signedIn] });
    await room.reads('ac-1', { 'cooling.setpoint': 24, 'ambient.temperature': 23 });
    await room.sets('ac-1', { 'cooling.setpoint': 18, 'ambient.temperature': 22 });
    expect(room.alerts()).toMatchObject([{ rule: 'change-without-consent', device: 'ac-1', state: 'firing' }]);
    const [one] = room.told();
    expect(one?.subject).toContain('24 °C → 18 °C');
    expect(one?.body).toMatch(/10:00:00/);
    expect(one?.body).toMatch(/外来李工|Mr Li/);
    expect(one?.body).toMatch(/值班：安|On duty: Ann/);
    await room.sets('ac-1', { 'cooling.setpoint': 24 });
    expect(room.alerts()).toMatchObject([{ state: 'cleared' }]);
  });

  it('without a word of the registers it says so', async () => {
    const room = await start();
    await room.reads('ac-1', { 'cooling.setpoint': 24 });
    await room.sets('ac-1', { 'cooling.setpoint': 18 });
    expect(room.told()[0]?.body).toMatch(/出入登记不可用|register of entries is not available/);
  });

  it('with an approved change request it is none', async () => {
    const room = await start();
    await room.tells({ changes: [approval] });
    await room.reads('ac-1', { 'cooling.setpoint': 24 });
    await room.sets('ac-1', { 'cooling.setpoint': 18 });
    expect(room.alerts()).toEqual([]);
    expect(room.metrics.counts.get('zhishou_changes_total explained')).toBe(1);
  });

  it('approved afterwards it ends, and the record says by whom', async () => {
    const room = await start();
    await room.reads('ac-1', { 'cooling.setpoint': 24 });
    await room.sets('ac-1', { 'cooling.setpoint': 18 });
    await room.tells({ changes: [approval] });
    await room.advance(seconds(1));
    const [alert] = room.alerts();
    expect(alert).toMatchObject({ state: 'cleared' });
    expect(alert?.title.zh).toContain('事后批准：chief');
    expect(alert?.title.en).toContain('approved afterwards by chief, changes/2026-0003');
    // The new value is the rule now: back to the old one is a change.
    await room.tells({});
    await room.sets('ac-1', { 'cooling.setpoint': 24 });
    expect(room.alerts().at(-1)).toMatchObject({ state: 'firing' });
  });

  it('several of one device at a time are one alert; it ends when all are back', async () => {
    const room = await start();
    await room.reads('pdu-1', { 'outlet.1.status': 'on', 'outlet.2.status': 'on', 'outlet.3.status': 'on' });
    await room.reads('pdu-1', { 'outlet.1.status': 'off', 'outlet.2.status': 'on', 'outlet.3.status': 'on' });
    await room.advance(seconds(20));
    await room.sets('pdu-1', { 'outlet.1.status': 'off', 'outlet.2.status': 'off', 'outlet.3.status': 'on' });
    expect(room.alerts()).toHaveLength(1);
    expect(room.alerts()[0]?.title.zh).toMatch(/1 号插座.*；2 号插座/);
    await room.sets('pdu-1', { 'outlet.1.status': 'on', 'outlet.2.status': 'off', 'outlet.3.status': 'on' });
    expect(room.alerts()[0]).toMatchObject({ state: 'firing' });
    await room.sets('pdu-1', { 'outlet.1.status': 'on', 'outlet.2.status': 'on', 'outlet.3.status': 'on' });
    expect(room.alerts()[0]).toMatchObject({ state: 'cleared' });
  });

  it('taken back at once it is told as one message, and recorded', async () => {
    const room = await start();
    await room.reads('pdu-1', { 'outlet.1.status': 'on' });
    await room.reads('pdu-1', { 'outlet.1.status': 'off' });
    await room.advance(seconds(10));
    await room.sets('pdu-1', { 'outlet.1.status': 'on' });
    await room.advance(minutes(5));
    expect(room.alerts()).toMatchObject([{ state: 'cleared' }]);
    const toChief = room.saw().filter((line) => line.startsWith('chief'));
    expect(toChief).toHaveLength(1);
    expect(toChief[0]).toMatch(/通电 → 断电 → 通电/);
  });

  it('changed once more it is the same alert, and people hear of it; back to the first value it ends', async () => {
    const room = await start();
    await room.reads('ac-1', { 'cooling.setpoint': 24 });
    await room.sets('ac-1', { 'cooling.setpoint': 22 });
    await room.sets('ac-1', { 'cooling.setpoint': 18 });
    expect(room.alerts()).toHaveLength(1);
    expect(room.alerts()[0]?.title.zh).toContain('24 °C → 18 °C');
    expect(room.saw().some((line) => line.includes('24 °C → 18 °C'))).toBe(true);
    await room.sets('ac-1', { 'cooling.setpoint': 24 });
    expect(room.alerts()).toMatchObject([{ state: 'cleared' }]);
  });

  it.each([
    ['a restart of the device', [{ 'outlet.1.status': null }, { 'outlet.1.status': 'off' }]],
    ['a reading that comes and goes', [{ 'outlet.1.status': null }, { 'outlet.1.status': 'on' }]],
    ['a point that nobody sets', [{ 'outlet.1.status': 'on', 'outlet.1.current': 3 }, { 'outlet.1.current': 0 }]],
  ])('is not %s', async (_, course) => {
    const room = await start();
    await room.reads('pdu-1', { 'outlet.1.status': 'on', 'outlet.1.current': 2 });
    for (const points of course) await room.sets('pdu-1', points as Record<string, Value | null>);
    expect(room.alerts()).toEqual([]);
  });

  it('is not what people do in a maintenance window', async () => {
    const room = await start();
    await room.reads('ac-1', { 'cooling.setpoint': 24 });
    await room.command({
      ...{ kind: 'maintenance.start', devices: ['ac-1'], kinds: [], room: null, rule: null },
      ...{ to: toIso(plus(T0, hours(1))), reason: 'filters' },
    });
    await room.sets('ac-1', { 'cooling.setpoint': 18 });
    expect(room.alerts()).toEqual([]);
  });

  it('goes on after a restart, and a set point changed meanwhile is found', async () => {
    const before = await start();
    await before.reads('ac-1', { 'cooling.setpoint': 24, 'cooling.setpoint.humidity': 50 });
    await before.sets('ac-1', { 'cooling.setpoint': 18, 'cooling.setpoint.humidity': 50 });
    services.splice(services.indexOf(before.service), 1);
    await before.service.stop();
    const { state, journal, clock, bus } = before;
    const after = await start({ state, journal, clock, bus });
    expect(after.alerts()).toMatchObject([{ state: 'firing' }]);
    expect(after.saw()).toEqual([]);
    await after.sets('ac-1', { 'cooling.setpoint': 18, 'cooling.setpoint.humidity': 30 });
    expect(after.alerts().map(({ rule, state: now }) => `${rule} ${now}`)).toEqual([
      'change-without-consent firing',
      'change-without-consent-2 firing',
    ]);
    await after.sets('ac-1', { 'cooling.setpoint': 24, 'cooling.setpoint.humidity': 50 });
    expect(after.alerts().map(({ state: now }) => now)).toEqual(['cleared', 'cleared']);
  });

  it.each([
    ['nobody asked for it', undefined],
    ['the device changes by itself', { except: ['ac-1'] }],
    ['the point is not among those', { points: ['outlet.*.status'] }],
  ])('says nothing where %s', async (_, watched) => {
    const config = watched === undefined ? makeConfig() : watching(watched);
    const room = await start({ config });
    await room.reads('ac-1', { 'cooling.setpoint': 24 });
    await room.sets('ac-1', { 'cooling.setpoint': 18 });
    expect(room.alerts()).toEqual([]);
  });

  it.each([
    ['not JSON', 'nonsense'],
    ['wrong shape', JSON.stringify({ at: toIso(T0), inRooms: [{ room: 1 }], changes: [] })],
  ])('hostile facts: %s is refused and counted', async (reason, payload) => {
    const room = await start();
    await room.raw('zhishou/test/paperwork', payload);
    expect(room.metrics.counts.get(`zhishou_alerts_rejected_total paperwork ${reason}`)).toBe(1);
  });
});
