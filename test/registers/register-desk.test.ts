import { describe, expect, test } from 'vitest';
import type { Config } from '#core/config/config.ts';
import { type Duty, dutiesFileSchema } from '#core/config/duties.ts';
import type { Register } from '#core/config/register.ts';
import type { IncidentView } from '#core/incident.ts';
import type { Notice } from '#core/notice.ts';
import type { PaperworkFacts } from '#core/paperwork/facts.ts';
import { hours, instant, minutes, toIso } from '#core/time.ts';
import { createMemoryBus } from '#platform/bus/memory-bus.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { openRegisterStore } from '#platform/register-store.ts';
import { createRegisterBook } from '#services/dashboard-api/registers/register-book.ts';
import { createRegisterDesk } from '#services/dashboard-api/registers/register-desk.ts';
import { createSelfEntries } from '#services/dashboard-api/registers/self-entries.ts';
import { incident, step } from '../dashboard-api/support.ts';
import { DIRECTOR, makeConfig, makeRegister, SAMPLE_IDS, sampleRegister, who } from './support.ts';

/** A Monday at nine in the site's zone. */
const NOW = instant(Date.parse('2026-11-23T01:00:00Z'));
const DAY = hours(24);

function openRoom(registers: readonly Register[] = SAMPLE_IDS.map(sampleRegister), duties: readonly Duty[] = []) {
  const clock = createVirtualClock(NOW);
  const store = openRegisterStore(':memory:');
  const config: Config = { ...makeConfig(registers), duties };
  const bus = createMemoryBus({ metrics: createMetrics() });
  const told: Notice[] = [];
  const facts: PaperworkFacts[] = [];
  let busTakes = true;
  const notices = {
    async tell(notice: Notice) {
      // The alerts service tells each key once.
      if (busTakes && !told.some(({ key }) => key === notice.key)) told.push(notice);
      return busTakes;
    },
  };
  const book = createRegisterBook({ config, clock, log: silentLog, store });
  const openDesk = () => createRegisterDesk({ config, clock, bus, log: silentLog, registers: book, store, notices });
  return {
    ...{ clock, store, book, bus, told, facts, openDesk, desk: openDesk() },
    busTakes: (takes: boolean) => {
      busTakes = takes;
    },
    async listen() {
      await bus.subscribe('zhishou/sample/paperwork', ({ payload }) => {
        facts.push(JSON.parse(Buffer.from(payload).toString()) as PaperworkFacts);
      });
    },
  };
}

const CHANGE = {
  ...{ what: ['set-points'], devices: ['ups-1'], reason: '夏季设定', risk: '无', 'way-back': '改回' },
  ...{ from: '2026-11-23T02:00:00Z', to: '2026-11-23T04:00:00Z' },
};
const SIGNED = { how: 'password', drawing: null } as const;

describe('what people are told of the registers', () => {
  test('what waits for consent is told to whoever may consent, once, also after a restart of the service', async () => {
    const room = openRoom();
    const { id } = room.book.add('changes', { values: CHANGE }, who());
    await room.desk.look();
    await room.desk.look();
    await room.openDesk().look();
    expect(room.told).toMatchObject([
      {
        functions: ['director'],
        severity: 'low',
        phase: 'raised',
        path: `/registers/changes/entries/${id}`,
        subject: { zh: `变更申请 ${id}：待主任同意` },
      },
    ]);
  });

  test('a host is told by name that a visitor waits (O-REG-2)', async () => {
    const room = openRoom();
    room.book.add(
      'auxiliary-room',
      { values: { visitor: '李工', host: 'zhou-min', reason: '检修', arrived: toIso(NOW) } },
      who(),
    );
    await room.desk.look();
    expect(room.told).toMatchObject([
      { people: ['zhou-min'], functions: ['duty'], body: { zh: expect.stringContaining('李工') } },
    ]);
  });

  test('what the bus did not take is said again at the next look', async () => {
    const room = openRoom();
    room.busTakes(false);
    room.book.add('changes', { values: CHANGE }, who());
    await room.desk.look();
    expect(room.told).toEqual([]);
    room.busTakes(true);
    await room.desk.look();
    expect(room.told).not.toEqual([]);
  });

  test('O-SUP-1: a supply is told of 30 days before it expires, then each day that it is overdue, after a week on Mondays alone', async () => {
    const room = openRoom();
    const { id } = room.book.add(
      'supplies',
      { values: { name: '防毒面具', count: 6, place: '门口柜', expires: '2027-01-10' } },
      who(),
    );
    const daysTold: string[] = [];
    for (let day = 0; day < 75; day++) {
      const before = room.told.length;
      await room.desk.look();
      await room.desk.look();
      const local = toIso(room.clock.now()).slice(0, 10);
      for (const notice of room.told.slice(before))
        daysTold.push(`${local} ${notice.phase} ${notice.functions.join('+')}`);
      room.clock.advanceBy(DAY);
    }
    expect(daysTold).toEqual([
      '2026-12-12 raised equipment-administrator',
      // Good until its day is over.
      ...['11', '12', '13', '14', '15', '16', '17', '18', '25'].map(
        (day) => `2027-01-${day} reminder equipment-administrator+director`,
      ),
      '2027-02-01 reminder equipment-administrator+director',
    ]);
    expect(room.book.item('supplies', id)?.dues[0]).toMatchObject({
      deadline: 'expiry',
      at: '2027-01-10T15:59:59.999Z',
      overdue: true,
    });
    room.book.move(
      'supplies',
      id,
      { move: 'replace', values: { 'checked-on': '2027-02-06', count: 6, expires: '2029-01-10' } },
      who(),
    );
    expect(room.book.item('supplies', id)?.dues[0]?.overdue).toBe(false);
  });

  test('what a duty follows reminds by the duty alone', async () => {
    const duty = dutiesFileSchema.parse({
      duties: [
        {
          id: 'expiry',
          title: 'Expiry',
          function: 'duty',
          from: '08:30',
          due: '17:00',
          when: { deadline: { register: 'supplies', deadline: 'expiry' } },
        },
      ],
    }).duties;
    const room = openRoom(undefined, duty);
    room.book.add(
      'supplies',
      { values: { name: '防毒面具', count: 6, place: '门口柜', expires: '2026-11-01' } },
      who(),
    );
    await room.desk.look();
    expect(room.told).toEqual([]);
  });

  test('O-REG-7: a key user is to be visited 90 days after being written down and 90 days after each visit', () => {
    const room = openRoom();
    const { id } = room.book.add('key-users', { values: { name: '赵主任', department: '生产', phone: '100' } }, who());
    const due = () => room.book.item('key-users', id)?.dues[0]?.at;
    expect(due()).toBe(toIso(instant(NOW + 90 * DAY)));
    room.clock.advanceBy(hours(80 * 24));
    room.book.move(
      'key-users',
      id,
      { move: 'visit', values: { 'visited-on': '2027-02-11', 'visited-by': 'lin-hao', satisfied: 'good' } },
      who(),
    );
    expect(due()).toBe(toIso(instant(NOW + 170 * DAY)));
  });

  test('who has not signed out for twelve hours is asked after at any hour, is marked as doubtful, and stays inside until signed out (O-REG-1)', async () => {
    const room = openRoom();
    await room.listen();
    const { id } = room.book.add(
      'core-room',
      { values: { person: 'lin-hao', arrived: toIso(NOW), work: '巡检' } },
      who(),
    );
    await room.desk.look();
    room.clock.advanceBy(hours(11));
    await room.desk.look();
    expect(room.told).toEqual([]);
    room.clock.advanceBy(hours(2));
    await room.desk.look();
    await room.desk.look();
    expect(room.told).toMatchObject([
      { people: ['lin-hao'], functions: ['duty'], severity: 'medium', phase: 'reminder' },
    ]);
    room.clock.advanceBy(hours(24 * 30));
    await room.desk.look();
    await room.bus.drained();
    expect(room.facts.at(-1)?.inRooms).toMatchObject([
      { room: 'core', person: 'lin-hao', entry: `core-room/${id}`, doubtful: true },
    ]);
    room.book.move('core-room', id, { move: 'sign-out', values: { left: toIso(room.clock.now()) } }, who());
    await room.desk.look();
    await room.bus.drained();
    expect(room.facts.at(-1)?.inRooms).toEqual([]);
  });
});

describe('what emergency and rules hear of the registers', () => {
  test('O-CHG-1: a change is permitted once the director has consented, for its devices, points and time, and no other', async () => {
    const room = openRoom();
    await room.listen();
    const { id } = room.book.add('changes', { values: CHANGE }, who({ name: '林浩' }));
    room.book.add('changes', { values: { ...CHANGE, what: ['ports'] } }, who());
    await room.desk.look();
    expect(room.facts.at(-1)?.changes ?? []).toEqual([]);
    room.book.move('changes', id, { move: 'approve', signed: SIGNED }, { ...DIRECTOR, name: '周敏' });
    // Ports are not watched: consent to them is none to touch set points.
    room.book.move('changes', '2026-0002', { move: 'approve', signed: SIGNED }, DIRECTOR);
    await room.desk.look();
    await room.bus.drained();
    expect(room.facts.at(-1)?.changes).toEqual([
      {
        ...{ entry: `changes/${id}`, devices: ['ups-1'], points: ['cooling.*'], by: '林浩', approvedBy: '周敏' },
        ...{ from: '2026-11-23T02:00:00.000Z', to: '2026-11-23T04:00:00.000Z' },
      },
    ]);
    room.clock.advanceBy(hours(9));
    await room.desk.look();
    await room.bus.drained();
    expect(room.facts.at(-1)?.changes).toEqual([]);
  });

  test('nothing is published that has not changed, and everything again when the bus was away', async () => {
    const room = openRoom();
    await room.listen();
    room.desk.start();
    await room.clock.advanceByAsync(minutes(10));
    await room.bus.drained();
    expect(room.facts).toHaveLength(1);
    room.book.add('core-room', { values: { person: 'lin-hao', arrived: toIso(NOW), work: '巡检' } }, who());
    await room.clock.advanceByAsync(minutes(1));
    await room.bus.drained();
    expect(room.facts.map(({ inRooms }) => inRooms.length)).toEqual([0, 1]);
    await room.desk.stop();
  });

  test('a site’s own register can say who is inside, without a word of code', async () => {
    const own = makeRegister({ presence: { states: ['open'], room: 'auxiliary', name: 'name', doubtful_after: '1h' } });
    const room = openRoom([own]);
    await room.listen();
    room.book.add('small', { values: { name: '清洁工' } }, who());
    await room.desk.look();
    await room.bus.drained();
    expect(room.facts.at(-1)?.inRooms).toMatchObject([
      { room: 'auxiliary', person: null, name: { zh: '清洁工' }, entry: 'small/2026-0001' },
    ]);
  });
});

describe('what enters itself', () => {
  const backup = (id: string, state: 'done' | 'failed' | 'cut' | 'running' | 'skipped') =>
    step({
      id,
      state,
      kind: 'act',
      operation: 'backup',
      device: 'server-1',
      title: { zh: '备份', en: 'Back up' },
      endedAt: toIso(NOW),
      detail: { zh: '退出码 0', en: 'exit 0' },
    });
  const outage = (steps: IncidentView['steps'], change: Partial<IncidentView> = {}) =>
    incident({ mode: 'live', steps, ...change });

  test('O-REG-4: backups of a plan enter themselves with their result, once, however often the incident is published', () => {
    const room = openRoom();
    const take = createSelfEntries(room.book);
    take(outage([backup('a', 'running'), backup('b', 'done')]));
    take(outage([backup('a', 'failed'), backup('b', 'done'), backup('c', 'cut'), backup('d', 'skipped')]));
    createSelfEntries(room.book)(outage([backup('a', 'failed'), backup('b', 'done')]));
    const entries = [...room.store.entries('backup-upgrade').values()];
    expect(entries.map(({ values }) => [values.result, values.device, values['done-at']])).toEqual([
      ['ok', 'server-1', toIso(NOW)],
      ['failed', 'server-1', toIso(NOW)],
      ['cut', 'server-1', toIso(NOW)],
    ]);
    expect(entries[0]).toMatchObject({ createdBy: 'zhishou', links: [{ path: '/incidents/20261121-1' }] });
    expect(room.book.get('backup-upgrade', '2026-0001', DIRECTOR).history).toHaveLength(1);
  });

  test('a drill and advice back up nothing, and a site without the register is none the worse', () => {
    const room = openRoom();
    for (const mode of ['drill', 'rehearsal', 'advice'] as const)
      createSelfEntries(room.book)(outage([backup('a', 'done')], { mode }));
    expect(room.store.entries('backup-upgrade').size).toBe(0);
    const bare = openRoom([makeRegister()]);
    createSelfEntries(bare.book)(outage([backup('a', 'done')]));
    expect(bare.store.entries('backup-upgrade').size).toBe(0);
  });

  test('a site’s own register of backups gets the fields that it has', () => {
    const room = openRoom([
      makeRegister({ id: 'backup-upgrade', fields: [{ id: 'what', kind: 'text', label: 'What' }] }),
    ]);
    createSelfEntries(room.book)(outage([backup('a', 'done')]));
    expect(room.store.entries('backup-upgrade').get('2026-0001')?.values).toEqual({
      what: expect.stringContaining('备份'),
    });
  });
});
