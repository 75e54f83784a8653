import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import type { dutySchema } from '#core/config/duties.ts';
import { ruleSchema } from '#core/config/rule.ts';
import type { DoneItem, DutiesResponse, DutyView } from '#core/paperwork/duty-view.ts';
import { hours } from '#core/time.ts';
import type { WallResponse } from '#core/wall-view.ts';
import {
  batch,
  iso,
  makeConfig,
  PASSWORD,
  reading,
  type SignedIn,
  startDashboard,
  type TestDashboard,
} from '../dashboard-api/support.ts';
import { sampleRegister } from '../registers/support.ts';
import { makeDuty } from './support.ts';

/** It is Saturday, 11:00 in the site's zone. */
const CONFIG = (change: Partial<z.input<typeof dutySchema>> = {}) => ({
  ...makeConfig(),
  registers: [sampleRegister('core-room')],
  rules: [
    ruleSchema.parse({
      ...{
        id: 'ups-overload',
        title: 'Overload',
        on: { kinds: ['ups'] },
        when: { point: 'ups.load', above: 90 },
        severity: 'high',
      },
      ...{ consequence: 'c', response: 'r', respond_within: '5m', source: 'test' },
    }),
  ],
  duties: [
    makeDuty({
      obligations: ['O-PAT-1'],
      due: '12:00',
      late_until: '20h',
      remind: ['30m'],
      findings: { owner: 'deputy' },
      entry: {
        register: 'core-room',
        values: { person: '{person}', arrived: '{begun}', left: '{at}', work: '{summary}', done: '{findings}' },
        move: 'sign-out',
      },
      checklist: [
        {
          id: 'ups',
          label: { zh: '{device}', en: '{device}' },
          each: { kinds: ['ups'] },
          points: ['ups.load', 'ups.status'],
        },
        { id: 'doors', label: { zh: '门', en: 'Doors' } },
      ],
      ...change,
    }),
  ],
});
const TODAY = '/api/v1/duties/patrol@2026-11-21';
const item = (change: Partial<DoneItem> & Pick<DoneItem, 'item'>): DoneItem => ({
  ...{ verdict: 'ok', value: null, note: null, at: iso(), owner: null, dueAt: null },
  ...change,
});
const WHOLE = [item({ item: 'ups.ups-1' }), item({ item: 'doors' })];

let one: TestDashboard;
let admin: SignedIn;
const start = async (change: Partial<z.input<typeof dutySchema>> = {}): Promise<void> => {
  one = await startDashboard({ config: CONFIG(change) });
  admin = await one.signIn();
};
beforeEach(() => start());
afterEach(async () => one.dashboard.stop());
const ask = async <T>(url: string, who: SignedIn = admin): Promise<T> => {
  const answer = await one.dashboard.inject({ url, headers: who.headers });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<T>();
};
const say = (url: string, payload: object, who: SignedIn = admin, headers: object = {}) =>
  one.dashboard.inject({ method: 'POST', url, headers: { ...who.headers, ...headers }, payload });

describe('O-PAT-1: the patrol', () => {
  test('is filled in beforehand from what the devices say, judged by the rules that watch them', async () => {
    await one.publish(
      'reading/+',
      'ups-1',
      batch([reading({ point: 'ups.load', value: 95 }), reading({ point: 'ups.status', value: 'OL' })]),
    );
    const view = await ask<DutyView>(TODAY);
    expect(view).toMatchObject({
      state: 'open',
      person: { id: 'lin-hao' },
      mayDo: true,
      items: 2,
      version: expect.any(String),
    });
    expect(view.checklist).toMatchObject([
      {
        ...{ id: 'ups.ups-1', label: { zh: 'UPS 一号', en: 'UPS 1' }, suggested: 'finding', answer: null },
        live: [
          { point: 'ups.load', value: 95, unit: '%', fine: false, pointName: { zh: '负载率' } },
          { point: 'ups.status', value: 'OL', fine: true },
        ],
      },
      { id: 'doors', live: [], suggested: null },
    ]);
  });
  test('done with a correction and a finding: kept with the readings of then, a task in three days, an entry in the register', async () => {
    await one.publish('reading/+', 'ups-1', batch([reading({ point: 'ups.load', value: 42 })]));
    const found = item({ item: 'ups.ups-1', verdict: 'finding', note: '风扇异响' });
    const answer = await say(`${TODAY}/done`, { items: [found, item({ item: 'doors' })], note: '已通知厂家' });
    expect(answer.statusCode, answer.body).toBe(200);
    const view = answer.json<DutyView>();
    expect(view).toMatchObject({
      state: 'done',
      findings: 1,
      note: '已通知厂家',
      doneBy: { id: 'admin' },
      mayDo: false,
    });
    expect(view.checklist[0]?.answer).toMatchObject({
      verdict: 'finding',
      corrected: true,
      note: '风扇异响',
      live: [{ value: 42, fine: true }],
    });
    expect(view.tasks).toMatchObject([
      { title: { zh: '日常巡检：UPS 一号——风扇异响' }, dueAt: iso(3 * 86_400), state: 'open' },
    ]);
    expect(await ask('/api/v1/tasks')).toMatchObject({ tasks: [{ owner: 'lin-hao' }] });
    const [link] = view.links;
    expect(await ask(`/api/v1${link?.path ?? ''}`)).toMatchObject({
      state: 'left',
      values: { work: '1 项正常，1 项异常', done: 'UPS 一号: 风扇异响' },
    });
    // The readings move on, the answer does not.
    await one.publish('reading/+', 'ups-1', batch([reading({ point: 'ups.load', value: 99 })]));
    expect((await ask<DutyView>(TODAY)).checklist[0]?.live).toMatchObject([{ value: 42 }]);
  });
  test('is answered once: who is too late is told so, with and without If-Match', async () => {
    const { version } = await ask<DutyView>(TODAY);
    expect((await say(`${TODAY}/done`, { items: WHOLE }, admin, { 'if-match': `"${version}"` })).statusCode).toBe(200);
    expect((await say(`${TODAY}/done`, { items: WHOLE }, admin, { 'if-match': `"${version}"` })).statusCode).toBe(412);
    expect((await say(`${TODAY}/done`, { items: WHOLE })).statusCode).toBe(409);
    expect((await say(`${TODAY}/waive`, { reason: 'x' })).statusCode).toBe(409);
  });

  const WRONG: readonly [body: object, path: string, reason: string][] = [
    [{ items: [] }, 'items.ups.ups-1', 'nothing answered'],
    [{ items: [...WHOLE, item({ item: 'nope' })] }, 'items.2.item', 'no such line'],
    [
      { items: [item({ item: 'ups.ups-1', verdict: 'finding' }), item({ item: 'doors' })] },
      'items.0.note',
      'what was found?',
    ],
    [
      {
        items: [
          item({ item: 'ups.ups-1', verdict: 'finding', note: 'x', dueAt: iso(9 * 86_400) }),
          item({ item: 'doors' }),
        ],
      },
      'items.0.dueAt',
      'O-SAF-1: three days, no more',
    ],
    [
      { items: [item({ item: 'ups.ups-1', verdict: 'finding', note: 'x', owner: 'nobody' }), item({ item: 'doors' })] },
      'items.0.owner',
      'nobody of that name',
    ],
    [{ items: WHOLE, more: 1 }, '', 'what is not known is not passed over'],
  ];
  test.each(WRONG)('%# refused at %s: %s', async (body, path) => {
    const answer = await say(`${TODAY}/done`, body);
    expect(answer.statusCode).toBe(400);
    if (path !== '')
      expect(answer.json<{ issues: { path: string }[] }>().issues.map((issue) => issue.path)).toContain(path);
    expect((await ask<DutyView>(TODAY)).state).toBe('open');
  });
  test('cannot be done before its time, nor one that there is not', async () => {
    expect((await say('/api/v1/duties/patrol@2026-11-22/done', { items: WHOLE })).statusCode).toBe(409);
    expect((await say('/api/v1/duties/patrol@2026-13-45/done', { items: WHOLE })).statusCode).toBe(404);
    expect((await say('/api/v1/duties/cleaning@2026-11-21/done', { items: WHOLE })).statusCode).toBe(404);
  });
  test('may be waived with a reason by an operator, and by nobody below; then nothing of now is shown with it', async () => {
    await one.publish('reading/+', 'ups-1', batch([reading({ point: 'ups.load', value: 42 })]));
    const duty = await one.signIn('duty');
    expect((await say(`${TODAY}/waive`, { reason: '停电检修' }, duty)).statusCode).toBe(403);
    expect((await say(`${TODAY}/waive`, { reason: ' ' })).statusCode).toBe(400);
    const answer = await say(`${TODAY}/waive`, { reason: '停电检修' });
    expect(answer.json<DutyView>().checklist.map(({ live }) => live)).toEqual([[], []]);
    expect(answer.json<DutyView>()).toMatchObject({ state: 'waived', note: '停电检修' });
    expect(answer.json<DutyView>().history.map(({ what }) => what.zh)).toContain('免做：停电检修');
  });
});

describe('signed', () => {
  beforeEach(async () => {
    await one.dashboard.stop();
    await start({ signature: 'password' });
  });
  test('with one’s own password, and not without or with a wrong one', async () => {
    const duty = await one.signIn('duty');
    expect((await say(`${TODAY}/done`, { items: WHOLE }, duty)).statusCode).toBe(400);
    expect(
      (await say(`${TODAY}/done`, { items: WHOLE, signature: { kind: 'password', password: 'wrong' } }, duty))
        .statusCode,
    ).toBe(401);
    const answer = await say(
      `${TODAY}/done`,
      { items: WHOLE, signature: { kind: 'password', password: PASSWORD } },
      duty,
    );
    expect(answer.statusCode, answer.body).toBe(200);
    expect(answer.body).not.toContain(PASSWORD);
  });
});

describe('lists', () => {
  test('by time, state, and whose they are; in pages', async () => {
    const all = await ask<DutiesResponse>(`/api/v1/duties?from=${iso()}&to=${iso(10 * 86_400)}`);
    expect(all.duties.map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, n) => `patrol@2026-11-${21 + n}`));
    const first = await ask<DutiesResponse>(`/api/v1/duties?from=${iso()}&to=${iso(10 * 86_400)}&limit=4`);
    const next = await ask<DutiesResponse>(
      `/api/v1/duties?from=${iso()}&to=${iso(10 * 86_400)}&limit=100&cursor=${first.next}`,
    );
    expect([...first.duties, ...next.duties]).toEqual(all.duties);
    expect((await ask<DutiesResponse>('/api/v1/duties?state=open')).duties.map(({ id }) => id)).toEqual([
      'patrol@2026-11-21',
    ]);
    expect((await ask<DutiesResponse>('/api/v1/duties?mine=true')).duties).toEqual([]);
  });
  const WRONG = [
    '?state=nope',
    '?from=2026-11-21',
    `?from=${iso(10)}&to=${iso()}`,
    `?from=${iso()}&to=${iso(9e8)}`,
    '?from=9999-01-01T00:00:00Z',
    '?cursor=nope',
  ];
  test.each(WRONG)('%s is refused', async (query) => {
    expect((await one.dashboard.inject({ url: `/api/v1/duties${query}`, headers: admin.headers })).statusCode).toBe(
      400,
    );
  });
  test('figures, CSV in both languages, and a formula that is none', async () => {
    await say(`${TODAY}/done`, { items: WHOLE });
    expect(await ask('/api/v1/duties/figures')).toMatchObject({
      duties: [{ duty: 'patrol', done: 1, late: 0, missed: 0, waived: 0, rate: 1 }],
    });
    const csv = await one.dashboard.inject({
      url: `/api/v1/duties/export.csv?language=en&from=${iso()}&to=${iso(86_400)}`,
      headers: admin.headers,
    });
    expect(csv.body).toBe(
      '\uFEFFid,duty,rules,state,from,due,function,person,done at,done by,items,findings\n' +
        'patrol@2026-11-21,Daily patrol,O-PAT-1,done,2026-11-21T00:30:00.000Z,2026-11-21T04:00:00.000Z,duty,Lin Hao,2026-11-21T03:00:00.000Z,admin,2,0\n',
    );
  });
});

describe('what others show of them', () => {
  test('the wall has today’s: open, overdue, done of all, and the next', async () => {
    expect((await ask<WallResponse>('/api/v1/wall')).duties).toMatchObject({
      open: 1,
      overdue: 0,
      doneToday: 0,
      today: 1,
      first: [{ title: { en: 'Daily patrol' }, person: { en: 'Lin Hao' }, overdue: false }],
    });
    await one.clock.advanceByAsync(hours(2));
    expect((await ask<WallResponse>('/api/v1/wall')).duties).toMatchObject({ open: 0, overdue: 1 });
    await say(`${TODAY}/done`, {
      items: [item({ item: 'ups.ups-1', at: iso(7200) }), item({ item: 'doors', at: iso(7200) })],
    });
    expect((await ask<WallResponse>('/api/v1/wall')).duties).toEqual({
      open: 0,
      overdue: 0,
      doneToday: 1,
      today: 1,
      first: [],
    });
  });
  test('a site without duties says so on the wall, and has none', async () => {
    await one.dashboard.stop();
    one = await startDashboard();
    admin = await one.signIn();
    expect((await ask<WallResponse>('/api/v1/wall')).duties).toBeNull();
    expect(await ask('/api/v1/duties')).toEqual({ duties: [], next: null });
  });
  test('the charts of a device have what a patrol found on it', async () => {
    await one.publish('reading/+', 'ups-1', batch([reading({ point: 'ups.load', value: 42 })]));
    await say(`${TODAY}/done`, {
      items: [item({ item: 'ups.ups-1', verdict: 'finding', note: '异响' }), item({ item: 'doors' })],
    });
    const range = `from=${iso(-3600)}&to=${iso(3600)}`;
    const marks = await ask<{ marks: object[] }>(`/api/v1/history/marks?device=ups-1&${range}`);
    expect(marks.marks).toContainEqual(
      expect.objectContaining({
        kind: 'record',
        id: 'duties/patrol@2026-11-21',
        devices: ['ups-1'],
        note: 'UPS 一号: 异响',
      }),
    );
    expect((await ask<{ marks: object[] }>(`/api/v1/history/marks?device=th-1&${range}`)).marks).toEqual([]);
  });
  test('the charts of a device have the entries that name it, their words for who signed in alone', async () => {
    await one.dashboard.stop();
    one = await startDashboard({ config: { ...CONFIG(), registers: [sampleRegister('repairs')] } });
    admin = await one.signIn();
    const values = { device: 'ups-1', asset: 'A-1', reason: '电池鼓包', 'reported-by': 'lin-hao' };
    expect((await say('/api/v1/registers/repairs/entries', { values })).statusCode).toBe(201);
    const url = `/api/v1/history/marks?device=ups-1&from=${iso(-3600)}&to=${iso(3600)}`;
    const { marks } = await ask<{ marks: object[] }>(url);
    expect(marks).toEqual([
      expect.objectContaining({
        ...{
          kind: 'record',
          id: 'registers/repairs/entries/2026-0001',
          title: { zh: '设备维修记录', en: 'Repair record' },
        },
        note: expect.stringContaining('电池鼓包'),
      }),
    ]);
    expect((await one.dashboard.inject({ url })).body).not.toContain('鼓包');
    expect((await ask<{ marks: object[] }>(url.replace('ups-1', 'th-1'))).marks).toEqual([]);
  });
  test('a calendar has the duties beside the turns, with an alarm for each reminder; done ones ring no more', async () => {
    await say(`${TODAY}/done`, { items: WHOLE });
    const { path } = (await say('/api/v1/rota-feed', {})).json<{ path: string }>();
    const feed = async (more: string): Promise<string> =>
      (await one.dashboard.inject({ url: `${path}${more}` })).body.replaceAll('\r\n ', '').replaceAll('\r\n', '\n');
    const events = (await feed('&who=all')).split('BEGIN:VEVENT').filter((text) => text.includes('UID:patrol-'));
    expect(events).toHaveLength(180);
    expect(events[0]).toContain('SUMMARY:✓ 日常巡检 · 林浩');
    expect(events[0]).not.toContain('VALARM');
    expect(events[1]).toContain('DTSTART:20261122T003000Z');
    expect(events[1]).toContain('DTEND:20261122T040000Z');
    expect(events[1]).toContain('TRIGGER;VALUE=DATE-TIME:20261122T033000Z');
    expect(await feed('&who=all&duties=false')).not.toContain('patrol');
  });
});
