import { describe, expect, it } from 'vitest';
import type { CommandBody, Role } from '#core/command.ts';
import { rotaFileSchema } from '#core/config/rota.ts';
import type { NotificationRequest } from '#core/notification.ts';
import type { RotaView } from '#core/rota/changes.ts';
import { hours, type Instant, instant, minutes, plus, toIso } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { openJournal } from '#platform/journal.ts';
import { silentLog } from '#platform/log.ts';
import { openStateStore } from '#platform/state-store.ts';
import { createRota } from '#services/alerts/rota/rota.ts';
import { createRotaDesk } from '#services/alerts/rota/rota-desk.ts';
import type { OpenMatters } from '#services/alerts/rota/rota-texts.ts';
import { createUnitOfWork } from '#services/alerts/unit-of-work.ts';
import { makeConfig } from '../support.ts';

const NOON = instant(Date.parse('2026-11-25T04:00:00Z')); // Wednesday 12:00 in Shanghai, bo's week
const NEXT = 'duty@2026-11-30';
const LATER = 'duty@2026-12-07';
const QUIET: OpenMatters = { incidents: [], alerts: [], outages: [] };

function startDesk(options: { store?: ReturnType<typeof openStateStore>; at?: Instant; open?: OpenMatters } = {}) {
  const { store = openStateStore(':memory:'), at = NOON, open = QUIET } = options;
  const clock = createVirtualClock(at);
  const journal = openJournal(':memory:');
  const told: NotificationRequest[] = [];
  const views: RotaView[] = [];
  const turns: string[] = [];
  const fail = (error: unknown): never => {
    throw error;
  };
  const config = makeConfig({
    rota: rotaFileSchema.parse({
      rota: { starts: '2026-11-16', handover: { day: 'mon', at: '08:30' }, order: ['ann', 'bo', 'chief'] },
      layers: [
        {
          role: 'network-administrator',
          starts: '2026-11-16',
          every: '1d',
          handover: { at: '09:00' },
          order: ['chief'],
        },
      ],
    }),
  });
  const rota = createRota(config);
  const desk = createRotaDesk({
    ...{ config, clock, journal, rota, log: silentLog, open: () => open },
    work: createUnitOfWork(store, { onStoreError: fail, onCallError: fail }),
    publishView: (view) => views.push(view),
    tell: (request) => told.push(request),
    onTurn: () => turns.push(rota.dutyAt(clock.now())?.person.id ?? 'nobody'),
  });
  desk.restore();
  desk.start();
  let ids = 0;
  const order = (body: CommandBody, user = 'chief', role: Role = 'operator') =>
    desk.onCommand({ id: `c-${++ids}`, at: clock.now(), by: { user, name: user, role }, body, signature: '' });
  const dutyAt = (when: string): string | undefined => rota.dutyAt(instant(Date.parse(when)))?.person.id;
  return { desk, clock, journal, told, views, turns, order, dutyAt, store, rota };
}

const swap = (a = NEXT, b = LATER): CommandBody => ({ kind: 'rota.swap', a, b, reason: 'a wedding' });
const cover = (person: string, fromHour: number, toHour: number): CommandBody => ({
  ...{ kind: 'rota.cover', role: 'duty', person, reason: 'ill' },
  from: toIso(plus(NOON, hours(fromHour))),
  to: toIso(plus(NOON, hours(toHour))),
});

describe('a swap', () => {
  it('exchanges the two turns at once, is recorded once, and tells the two people once and nobody else', () => {
    const { order, dutyAt, journal, told, views } = startDesk();
    expect(order(swap())).toMatchObject({ ok: true, created: 'rota-00001' });
    expect([dutyAt('2026-11-30T01:00:00Z'), dutyAt('2026-12-07T01:00:00Z')]).toEqual(['ann', 'chief']);
    expect([...journal.read()].map(({ stream, kind }) => `${stream} ${kind}`)).toEqual(['site rota.swapped']);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({
      people: ['chief', 'ann'],
      functions: [],
      severity: 'low',
      key: 'rota/change/rota-00001',
    });
    expect(told[0]?.body.zh).toContain('11月30日周一 08:30 起的班次由Ann值'.replace('Ann', '安'));
    expect(told[0]?.body.en).toContain('Ann takes the turn from Mon 30 Nov 08:30');
    expect(views.at(-1)?.changes).toMatchObject([{ kind: 'swap', by: 'chief', reason: 'a wedding', cancelled: null }]);
  });

  it.each<[string, CommandBody, string, Role, string]>([
    ['a turn that has begun', swap('duty@2026-11-23', LATER), 'chief', 'operator', 'CONFLICT'],
    ['a turn that is none', swap('duty@2026-12-01', LATER), 'chief', 'operator', 'NOT_FOUND'],
    ['of a rotation that is none', swap('director@2026-11-30', LATER), 'chief', 'operator', 'NOT_FOUND'],
    ['with oneself', swap(NEXT, NEXT), 'chief', 'operator', 'CONFLICT'],
    ['other people’s turns, by somebody on duty', swap(NEXT, LATER), 'bo', 'duty', 'FORBIDDEN'],
    ['more than a year ahead', swap(NEXT, 'duty@2028-01-10'), 'chief', 'operator', 'BAD_REQUEST'],
  ])('%s is refused with words in both languages', (_what, body, user, role, code) => {
    const answer = startDesk().order(body, user, role);
    expect(answer).toMatchObject({ ok: false, error: code });
    expect(answer.ok ? '' : answer.detailText.zh).toMatch(/[\u4e00-\u9fff]/);
  });

  it('of one’s own turn takes no more than the role duty', () => {
    expect(startDesk().order(swap(), 'ann', 'duty')).toMatchObject({ ok: true });
  });

  it('called off: everything is as before, both are told, and it can be called off once', () => {
    const { order, dutyAt, told } = startDesk();
    order(swap());
    expect(order({ kind: 'rota.cancel', change: 'rota-00001' }, 'ann', 'duty')).toMatchObject({ ok: true });
    expect(dutyAt('2026-11-30T01:00:00Z')).toBe('chief');
    expect(told.map(({ key }) => key)).toEqual(['rota/change/rota-00001', 'rota/change/rota-00001/off']);
    expect(order({ kind: 'rota.cancel', change: 'rota-00001' })).toMatchObject({ ok: false, error: 'CONFLICT' });
  });

  it('that another one is built on cannot be called off before that one', () => {
    const { order } = startDesk();
    order(swap());
    order(swap(LATER, 'duty@2026-12-14'));
    expect(order({ kind: 'rota.cancel', change: 'rota-00001' })).toMatchObject({ ok: false, error: 'CONFLICT' });
    expect(order({ kind: 'rota.cancel', change: 'rota-00002' })).toMatchObject({ ok: true });
    expect(order({ kind: 'rota.cancel', change: 'rota-00001' })).toMatchObject({ ok: true });
  });
});

describe('a cover', () => {
  it('holds from its first to before its last instant, and whoever asks who is on duty hears so', () => {
    const { order, dutyAt, clock, told, turns } = startDesk();
    expect(order(cover('ann', 2, 5), 'ann', 'duty')).toMatchObject({ ok: true });
    expect(dutyAt(toIso(plus(NOON, hours(4))))).toBe('ann');
    clock.advanceBy(hours(2));
    expect(turns.at(-1)).toBe('ann');
    clock.advanceBy(hours(3));
    expect(turns.at(-1)).toBe('bo');
    expect(told.map(({ people }) => people)).toEqual([['ann', 'bo'], ['ann'], ['bo']]);
  });

  it.each<[string, CommandBody, string, Role, string]>([
    ['by somebody who cannot be told', cover('mute', 2, 5), 'chief', 'operator', 'CONFLICT'],
    ['by somebody unknown', cover('nobody', 2, 5), 'chief', 'operator', 'NOT_FOUND'],
    ['in the past', cover('ann', -5, -2), 'chief', 'operator', 'BAD_REQUEST'],
    ['that ends before it begins', cover('ann', 5, 2), 'chief', 'operator', 'BAD_REQUEST'],
    ['by whoever has the time already', cover('bo', 2, 5), 'chief', 'operator', 'CONFLICT'],
    ['of half a year', cover('ann', 2, 24 * 180), 'chief', 'operator', 'BAD_REQUEST'],
    ['that a third one arranges, who is on duty no more than they', cover('ann', 2, 5), 'chief', 'duty', 'FORBIDDEN'],
  ])('%s is refused', (_what, body, user, role, code) => {
    expect(startDesk().order(body, user, role)).toMatchObject({ ok: false, error: code });
  });

  it('whoever has the turn may ask somebody to stand in', () => {
    expect(startDesk().order(cover('ann', 2, 5), 'bo', 'duty')).toMatchObject({ ok: true });
  });

  it('that began earlier leaves what has passed as it was', () => {
    const { order, dutyAt } = startDesk();
    order(cover('ann', -3, 5));
    expect([dutyAt(toIso(plus(NOON, hours(-1)))), dutyAt(toIso(NOON))]).toEqual(['bo', 'ann']);
  });
});

describe('a hand-over', () => {
  const alert = { silenced: null, maintenance: null, inhibitedBy: null };
  const open: OpenMatters = {
    incidents: [{ plan: { id: 'p', version: '1', title: { zh: '停电', en: 'Power outage' } } as never }],
    alerts: [
      { ...alert, title: { zh: '温度高', en: 'Too warm' } },
      { ...alert, title: { zh: '风扇', en: 'Fan' }, silenced: { by: 'a', until: '', reason: '' } },
    ],
    outages: [{ from: '2026-12-01T00:00:00Z', to: '2026-12-01T04:00:00Z' }],
  };

  it('tells whoever takes over, at the minute: the note of the one before, and what is open', () => {
    const { order, clock, told } = startDesk({ open });
    order({ kind: 'rota.note', turn: 'duty@2026-11-23', text: '空调 2 在等备件' }, 'bo', 'duty');
    clock.advanceBy(hours(4 * 24 + 21));
    const [message] = told.filter(({ key }) => key.startsWith('rota/hand-over/duty'));
    expect(message).toMatchObject({
      people: ['chief'],
      severity: 'low',
      key: 'rota/hand-over/duty/2026-11-30T00:30:00.000Z',
    });
    expect(message?.body.zh.split('\n')).toEqual([
      '您已接班：值班员，至 12月7日周一 08:30。',
      '上一班：波。',
      '交接说明：空调 2 在等备件',
      '进行中的事件（1）：停电。',
      '未解除的告警（1）：温度高。',
      '已搁置或检修中的告警（1）：风扇。',
      '计划停电（1）：12月1日周二 08:00–12月1日周二 12:00。',
      '请在“值班”页确认接班。',
    ]);
  });

  it('that nobody has confirmed is shown since when, until whoever took over does', () => {
    const { order, clock, views } = startDesk();
    const unaccepted = () => views.at(-1)?.layers[0]?.unacceptedSince;
    expect(unaccepted()).toBeNull();
    clock.advanceBy(hours(5 * 24));
    expect(unaccepted()).toBe('2026-11-30T00:30:00.000Z');
    expect(order({ kind: 'rota.accept', role: 'duty' }, 'bo', 'operator')).toMatchObject({
      ok: false,
      error: 'FORBIDDEN',
    });
    expect(order({ kind: 'rota.accept', role: 'duty' }, 'chief', 'duty')).toMatchObject({ ok: true });
    expect(unaccepted()).toBeNull();
  });

  it('that came while the service was down is told after the start, once', () => {
    const first = startDesk();
    first.desk.stop();
    const second = startDesk({ store: first.store, at: plus(NOON, hours(6 * 24)) });
    expect(second.told.map(({ key }) => key)).toEqual(['rota/hand-over/duty/2026-11-30T00:30:00.000Z']);
    second.desk.stop();
    expect(startDesk({ store: first.store, at: plus(NOON, hours(6 * 24 + 1)) }).told).toEqual([]);
  });

  it('of a rotation with one person tells nothing each day', () => {
    const { clock, told } = startDesk();
    clock.advanceBy(hours(4 * 24));
    expect(told).toEqual([]);
  });

  it('a note for a turn that is over is refused, and an empty one takes it away', () => {
    const { order, views } = startDesk();
    expect(order({ kind: 'rota.note', turn: 'duty@2026-11-16', text: 'x' })).toMatchObject({
      ok: false,
      error: 'CONFLICT',
    });
    order({ kind: 'rota.note', turn: NEXT, text: 'x' });
    expect(views.at(-1)?.notes).toHaveLength(1);
    order({ kind: 'rota.note', turn: NEXT, text: '' });
    expect(views.at(-1)?.notes).toEqual([]);
  });
});

it('changes and notes outlive a restart', () => {
  const first = startDesk();
  first.order(swap());
  first.order({ kind: 'rota.note', turn: NEXT, text: 'mind the door' });
  first.desk.stop();
  const second = startDesk({ store: first.store, at: plus(NOON, minutes(1)) });
  expect(second.dutyAt('2026-11-30T01:00:00Z')).toBe('ann');
  expect(second.views.at(-1)).toMatchObject({ notes: [{ text: 'mind the door' }], changes: [{ id: 'rota-00001' }] });
  expect(second.order(swap(LATER, 'duty@2026-12-14'))).toMatchObject({ created: 'rota-00002' });
});
