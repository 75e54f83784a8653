import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { strFromU8, unzipSync } from 'fflate';
import { afterEach, describe, expect, test } from 'vitest';
import type { Role } from '#core/command.ts';
import { meetingSchema } from '#core/config/meeting.ts';
import type { Notice } from '#core/notice.ts';
import type { MeetingsResponse, MeetingView } from '#core/paperwork/meeting-view.ts';
import type { EntryView } from '#core/paperwork/register-view.ts';
import type { TaskView } from '#core/task.ts';
import { hours, instant, minus, minutes } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { openMeetingStore } from '#platform/meeting-store.ts';
import { openStateStore } from '#platform/state-store.ts';
import { makeRegister } from '../../registers/support.ts';
import { incident, iso, makeConfig, START, startDashboard, type TestOptions } from '../support.ts';

/** Saturday 11:00; the meeting is on Monday at 09:00. */
const MEETING = '2026-11-23';
const MONDAY = instant(Date.parse('2026-11-23T01:00:00Z'));

const REPAIRS = makeRegister({
  ...{ id: 'repairs', title: { zh: '设备维修记录', en: 'Repair record' } },
  states: [
    { id: 'reported', label: 'reported', tone: 'waiting' },
    { id: 'done', label: 'done', tone: 'waiting' },
    { id: 'confirmed', label: 'confirmed' },
    { id: 'closed', label: 'closed', final: true },
  ],
  moves: [
    { id: 'mend', label: 'Mended', from: ['reported'], to: 'done' },
    { id: 'confirm', label: 'Confirmed', from: ['done'], to: 'confirmed', who: { role: 'operator' } },
    { id: 'close', label: 'Close', from: ['confirmed'], to: 'closed' },
  ],
});

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

async function start(options: TestOptions = {}, at = MONDAY) {
  // The site's clock alone: nobody waits for the days before.
  const clock = createVirtualClock(at);
  const plain = makeConfig();
  const config = {
    ...plain,
    registers: [REPAIRS],
    site: { ...plain.site, meeting: meetingSchema.parse({}) },
  };
  const store = options.store ?? openStateStore(':memory:');
  const house = await startDashboard({ config, store, clock, ...options });
  running.push(house.dashboard);
  const as = async (role: Role) => {
    const { headers } = await house.signIn(role);
    const ask = async <T>(method: 'GET' | 'POST' | 'PATCH', path: string, payload?: object) => {
      const answer = await house.dashboard.inject({
        ...{ method, url: `/api/v1${path}`, headers },
        ...(payload === undefined ? {} : { payload }),
      });
      return { status: answer.statusCode, body: answer.body, raw: answer.rawPayload, json: () => answer.json<T>() };
    };
    return {
      ask,
      meeting: async (id = MEETING) => (await ask<MeetingView>('GET', `/meetings/${id}`)).json(),
      change: async (payload: object, id = MEETING) => ask<MeetingView>('PATCH', `/meetings/${id}`, payload),
      decide: async (payload: object, id = MEETING) => ask<MeetingView>('POST', `/meetings/${id}/decisions`, payload),
      close: async (id = MEETING) => ask<MeetingView>('POST', `/meetings/${id}/close`),
    };
  };
  return { ...house, clock, store, as };
}

describe('the weekly meeting (O-WK-3)', () => {
  test('its agenda is what is open: incidents, late tasks, repairs; it is made anew until the meeting opens', async () => {
    const { as, publish, clock } = await start({}, START);
    const operator = await as('operator');
    await publish('incident/+', 'real-1', incident({ id: 'real-1', mode: 'live', simulated: false }));
    await publish('incident/+', 'drill-1', incident({ id: 'drill-1' }));
    await operator.ask('POST', '/tasks', { title: '修空调', owner: 'lin-hao', dueAt: iso(3600) });
    expect((await operator.meeting()).agenda.map(({ id, pressing }) => [id.split(':')[0], pressing])).toEqual([
      ['incident', true],
      ['task', false],
    ]);
    clock.advanceBy(hours(2));
    expect((await operator.meeting()).agenda.map(({ pressing }) => pressing)).toEqual([true, true]);
    await operator.change({ open: true });
    await operator.ask('POST', '/tasks', { title: '后来的', owner: null, dueAt: null });
    const open = await operator.meeting();
    expect([open.state, open.agenda.length]).toEqual(['open', 2]);
  });

  test('a decision with an owner becomes a task, due by the next meeting, and the next meeting asks what became of it', async () => {
    const { as, clock } = await start();
    const duty = await as('duty');
    await duty.change({ present: ['zhou-min', 'lin-hao'], chair: 'zhou-min', add: ['备件预算'] });
    const [own] = (await duty.meeting()).agenda;
    const made = (await duty.decide({ item: own?.id, text: '采购两组电池', owner: 'lin-hao' })).json();
    expect(made.decisions).toMatchObject([
      { item: own?.id, owner: { id: 'lin-hao' }, dueAt: '2026-11-30T01:00:00.000Z', state: 'open' },
    ]);
    await duty.decide({ text: '下次换会议室' });
    const operator = await as('operator');
    const closed = (await operator.close()).json();
    expect(closed.decisions.map(({ state, task }) => [state, task === null])).toEqual([
      ['open', false],
      ['noted', true],
    ]);
    const task = (await duty.ask<TaskView>('GET', `/tasks/${closed.decisions[0]?.task}`)).json();
    expect([task.title.zh, task.owner, task.createdBy]).toEqual(['采购两组电池', 'lin-hao', 'duty']);
    expect((await duty.meeting('2026-11-30')).agenda).toMatchObject([{ id: 'decision:2026-11-23/1', pressing: false }]);
    await duty.ask('PATCH', `/tasks/${task.id}`, { dueAt: '2026-11-23T01:30:00Z' });
    clock.advanceBy(hours(1));
    expect((await duty.meeting('2026-11-30')).agenda).toMatchObject([{ kind: 'decision', pressing: true }]);
    await duty.ask('PATCH', `/tasks/${task.id}`, { state: 'done', note: '已到货' });
    expect((await duty.meeting('2026-11-30')).agenda).toEqual([]);
    expect((await duty.meeting()).decisions[0]?.state).toBe('done');
    const list = (await duty.ask<MeetingsResponse>('GET', '/meetings')).json().meetings;
    expect(list.map(({ id, state, decisions, open }) => [id, state, decisions, open])).toEqual([
      ['2026-11-30', 'planned', 0, 0],
      ['2026-11-23', 'closed', 2, 0],
    ]);
  });

  test('closed minutes are never changed: what comes later is an addendum below them', async () => {
    const { as } = await start();
    const operator = await as('operator');
    await operator.decide({ text: '按计划检修', owner: 'lin-hao' });
    const before = (await operator.close()).json();
    for (const answer of [
      await operator.change({ present: ['zhou-min'] }),
      await operator.change({ items: [{ id: 'own:1', note: 'x' }] }),
      await operator.decide({ text: '又想起一条', owner: 'lin-hao' }),
    ])
      expect(answer.status).toBe(409);
    const after = (
      await operator.ask<MeetingView>('POST', `/meetings/${MEETING}/addenda`, { text: '更正：检修在周三' })
    ).json();
    expect(after.addenda).toMatchObject([{ text: '更正：检修在周三' }]);
    expect({ ...after, addenda: [], version: '' }).toEqual({ ...before, addenda: [], version: '' });
    expect((await operator.ask('GET', '/tasks')).body).not.toContain('又想起一条');
  });

  test('a repair that is done is confirmed at the meeting and moves on in its register (O-REG-6)', async () => {
    const { as } = await start();
    const duty = await as('duty');
    const entries = '/registers/repairs/entries';
    const added = (await duty.ask<EntryView>('POST', entries, { values: { name: 'UPS 电池鼓包' } })).json();
    await duty.ask('POST', `${entries}/${added.id}/moves`, { move: 'mend' });
    const entry = (await duty.ask<EntryView>('GET', `${entries}/${added.id}`)).json();
    expect(entry.state).toBe('done');
    const operator = await as('operator');
    const item = (await operator.meeting()).agenda.find(({ kind }) => kind === 'repair');
    expect(item).toMatchObject({ id: `repair:repairs/${entry.id}`, confirm: true, confirmed: false });
    expect((await duty.change({ items: [{ id: item?.id, confirm: true }] })).status).toBe(403);
    const answer = await operator.change({ items: [{ id: item?.id, confirm: true, discussed: true }] });
    expect((await duty.change({ items: [{ id: item?.id, confirm: true }] })).status).toBe(200);
    expect(answer.json().agenda.find(({ id }) => id === item?.id)).toMatchObject({ confirmed: true, discussed: true });
    expect((await operator.ask<EntryView>('GET', `${entries}/${entry.id}`)).json().state).toBe('confirmed');
    // Said again nothing more happens.
    expect((await operator.change({ items: [{ id: item?.id, confirm: true }] })).status).toBe(200);
  });

  test('who takes part is told of the agenda an hour before, once', async () => {
    const { bus, clock, as } = await start({}, minus(MONDAY, minutes(90)));
    const notices: Notice[] = [];
    await bus.subscribe('zhishou/sample/notice/+', ({ payload }) => {
      const one = JSON.parse(new TextDecoder().decode(payload)) as Notice;
      if (one.key.startsWith('meeting/')) notices.push(one);
    });
    const duty = await as('duty');
    await duty.change({ add: ['备件预算'] });
    await clock.advanceByAsync(minutes(10));
    expect(notices).toEqual([]);
    await clock.advanceByAsync(minutes(22));
    expect(notices).toMatchObject([
      {
        key: 'meeting/2026-11-23/agenda',
        severity: 'low',
        path: '/meetings/2026-11-23',
        until: '2026-11-23T03:00:00.000Z',
      },
    ]);
    expect(notices[0]?.body.zh).toContain('备件预算');
    await clock.advanceByAsync(hours(2));
    expect(notices).toHaveLength(1);
  });

  test('nothing is forgotten by a kill: minutes are on the disk, and a decision without its task gets it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'meetings-'));
    const file = join(folder, 'meetings.sqlite');
    const state = openStateStore(':memory:');
    const minutesStore = openMeetingStore(file);
    // A kill between the decision and its task: nothing more reaches the disk.
    let lines = 0;
    const dying = {
      ...minutesStore,
      append: (all: Parameters<typeof minutesStore.append>[0]) => (lines++ > 0 ? undefined : minutesStore.append(all)),
    };
    const first = await start({ store: state, meetings: dying });
    await (await first.as('duty')).decide({ text: '换滤网', owner: 'lin-hao' });
    minutesStore.close();
    const again = openMeetingStore(file);
    const second = await start({ store: state, meetings: again });
    await second.clock.advanceByAsync(minutes(1));
    const duty = await second.as('duty');
    const [decision] = (await duty.meeting()).decisions;
    expect([decision?.text, decision?.state]).toEqual(['换滤网', 'open']);
    expect(decision?.task).not.toBeNull();
    const tasks = (await duty.ask<{ tasks: TaskView[] }>('GET', '/tasks')).json().tasks;
    expect(tasks.filter(({ title }) => title.zh === '换滤网')).toHaveLength(1);
    again.close();
    rmSync(folder, { recursive: true });
  });

  test('a line that was changed behind its back is found', () => {
    const folder = mkdtempSync(join(tmpdir(), 'meetings-'));
    const file = join(folder, 'meetings.sqlite');
    const store = openMeetingStore(file);
    const line = (text: string) => ({
      ...{
        meeting: MEETING,
        at: Date.parse(iso()) as never,
        by: 'u',
        byName: 'U',
        event: { kind: 'addendum', text } as const,
      },
    });
    store.append([line('one'), line('two'), line('three')]);
    expect(store.broken()).toBeNull();
    store.close();
    const raw = new DatabaseSync(file);
    expect(() => raw.exec("UPDATE lines SET body = '{}'")).toThrow('never changed');
    expect(() => raw.exec('DELETE FROM lines')).toThrow('never removed');
    raw.exec("DROP TRIGGER lines_stay; UPDATE lines SET body = replace(body, 'two', 'other')");
    raw.close();
    const after = openMeetingStore(file);
    expect(after.broken()).toBe(2);
    after.close();
    rmSync(folder, { recursive: true });
  });

  test('the minutes as Word, PDF and CSV, in both languages; what begins like a formula is none', async () => {
    const { as } = await start();
    const operator = await as('operator');
    await operator.change({ present: ['zhou-min'], add: ['=1+1 备件'] });
    expect((await operator.meeting()).chair?.id).toBe('zhou-min');
    await operator.decide({ item: 'own:1', text: '采购两组电池', owner: 'lin-hao' });
    await operator.close();
    const file = (format: string, language: string) =>
      operator.ask('GET', `/meetings/${MEETING}/export?format=${format}&language=${language}`);
    // Who led it by default is written down when it ends.
    expect((await operator.meeting()).chair?.id).toBe('zhou-min');
    const word = strFromU8(
      unzipSync(new Uint8Array((await file('docx', 'zh')).raw))['word/document.xml'] ?? new Uint8Array(),
    );
    for (const words of ['机房周例会纪要', '采购两组电池', '周敏', '林浩', '2026-11-30']) expect(word).toContain(words);
    expect((await file('pdf', 'en')).raw.subarray(0, 5).toString()).toBe('%PDF-');
    const csv = (await file('csv', 'zh')).body;
    expect(csv.startsWith('\uFEFF种类,')).toBe(true);
    expect(csv).toContain("'=1+1 备件");
    expect(csv).toContain('决定,1,采购两组电池,own:1,林浩,2026-11-30 09:00,进行中');
  });

  test('a site without meetings has none, and asking for one is not found', async () => {
    const { as } = await start({ config: makeConfig() });
    const duty = await as('duty');
    expect((await duty.ask<MeetingsResponse>('GET', '/meetings')).json().meetings).toEqual([]);
    expect((await duty.ask('GET', `/meetings/${MEETING}`)).status).toBe(404);
    expect((await duty.decide({ text: 'x' })).status).toBe(404);
  });
});
