import ICAL from 'ical.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RotaChange } from '#core/rota/changes.ts';
import type { CalendarResponse, RotaFeedMadeResponse, RotaResponse } from '#core/rota/rota-response.ts';
import { instant } from '#core/time.ts';
import { rotaFeed } from '#services/dashboard-api/rota/ical-feed.ts';
import { iso, makeConfig, type SignedIn, startDashboard, type TestDashboard } from './support.ts';

const made = makeConfig();
const config = {
  ...made,
  rota: { ...made.rota, rota: { ...made.rota.rota, order: ['zhou-min', 'lin-hao'] } },
  calendar: { ...made.calendar, national_holidays: 'china' as const },
};
const change = (kind: 'swap' | 'cover', also: Partial<RotaChange> = {}): RotaChange =>
  ({
    ...(kind === 'swap'
      ? {
          kind,
          a: { turn: 'duty@2026-11-23', person: 'zhou-min' },
          b: { turn: 'duty@2026-11-30', person: 'lin-hao' },
        }
      : { kind, from: '2026-11-25T00:00:00.000Z', to: '2026-11-26T00:00:00.000Z', person: 'lin-hao' }),
    ...{ id: `rota-${kind}`, role: 'duty', by: 'lin-hao', at: iso(), reason: '出差', cancelled: null },
    ...also,
  }) as RotaChange;
const view = (...changes: RotaChange[]) => ({ at: iso(), layers: [], changes, notes: [] });

describe('GET /rota and /calendar', () => {
  let site: TestDashboard;
  let admin: SignedIn;
  beforeAll(async () => {
    site = await startDashboard({ config });
    admin = await site.signIn();
  });
  afterAll(() => site.dashboard.stop());
  const get = async <T>(url: string): Promise<T> =>
    (await site.dashboard.inject({ url: `/api/v1${url}`, headers: admin.headers })).json() as T;

  test('who has which turn when, before and after a change that the alerts service tells', async () => {
    const url = '/rota?from=2026-11-23T00:30:00Z&to=2026-12-07T00:30:00Z';
    const plain = await get<RotaResponse>(url);
    const [before] = plain.layers;
    expect(before?.turns.map(({ id, person }) => `${id} ${person}`)).toEqual([
      'duty@2026-11-23 zhou-min',
      'duty@2026-11-30 lin-hao',
    ]);
    expect(before?.name.zh).toBe('值班员');
    await site.publish('rota', '', view(change('swap'), change('cover')));
    const after = await get<RotaResponse>(url);
    expect(after.layers[0]?.turns.map(({ person }) => person)).toEqual(['lin-hao', 'zhou-min']);
    expect(after.layers[0]?.spans.map(({ person, why }) => `${person} ${why}`)).toContain('lin-hao cover');
    expect(after.changes).toHaveLength(2);
  });

  test('L25: gaps within the time are named', async () => {
    const { gaps } = await get<RotaResponse>('/rota?from=2026-01-01T00:00:00Z&to=2026-01-10T00:00:00Z');
    expect(gaps).toEqual([
      { role: 'duty', from: '2026-01-01T00:00:00.000Z', to: '2026-01-05T00:30:00.000Z', why: 'not-begun' },
    ]);
  });

  test('the calendar says which days are worked, and why', async () => {
    const { days, missingYears } = await get<CalendarResponse>('/calendar?from=2026-10-05&to=2026-10-10');
    expect(days.map(({ date, special }) => `${date.slice(8)} ${special}`)).toEqual([
      '05 holiday',
      '06 holiday',
      '07 holiday',
      '08 null',
      '09 null',
      '10 worked',
    ]);
    expect(days[0]).toMatchObject({ name: { zh: '国庆节', en: 'National Day' }, source: 'national' });
    expect(missingYears).toEqual([]);
    expect((await get<CalendarResponse>('/calendar?from=2027-12-30&to=2028-01-02')).missingYears).toEqual([2027, 2028]);
  });

  test.each([
    '/rota?from=2026-11-23T00:00:00Z&to=2026-11-22T00:00:00Z',
    '/rota?from=2026-01-01T00:00:00Z&to=2028-01-01T00:00:00Z',
    '/rota?from=yesterday',
    '/calendar?from=2026-13-01',
    '/calendar?from=2026-01-02&to=2026-01-01',
  ])('%s is refused', async (url) => {
    const response = await site.dashboard.inject({ url: `/api/v1${url}`, headers: admin.headers });
    expect(response.statusCode).toBe(400);
  });
});

/** Read back by another library than the one that writes it. */
const eventsOf = (text: string) =>
  new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vevent').map((component) => {
    const event = new ICAL.Event(component);
    return {
      uid: event.uid,
      sequence: event.sequence ?? 0,
      summary: event.summary,
      from: event.startDate.toJSDate().toISOString(),
      to: event.endDate.toJSDate().toISOString(),
      utc: event.startDate.zone === ICAL.Timezone.utcTimezone,
    };
  });

describe('the feed', () => {
  const now = instant(Date.parse('2026-11-24T00:00:00Z'));
  const feed = (person: string | null, ...changes: RotaChange[]) =>
    eventsOf(rotaFeed(config, view(...changes), { person, language: 'zh', now }));

  test('has each turn of a year at its true instants, and everybody’s or one’s own', () => {
    const all = feed(null);
    expect(all.length).toBeGreaterThan(52);
    expect(all.every(({ utc }) => utc)).toBe(true);
    expect(all).toContainEqual(
      expect.objectContaining({
        from: '2026-11-23T00:30:00.000Z',
        to: '2026-11-30T00:30:00.000Z',
        summary: '值班员 · 周敏',
        sequence: 0,
      }),
    );
    const own = feed('lin-hao');
    expect(own.length).toBeLessThan(all.length);
    expect(own.map(({ from }) => from)).not.toContain('2026-11-23T00:30:00.000Z');
    expect(new Set(all.map(({ uid }) => uid)).size).toBe(all.length);
  });

  test('a change keeps the UID of its turn and gives it a higher SEQUENCE, and so does calling it off', () => {
    const turn = (...changes: RotaChange[]) =>
      feed(null, ...changes).find(({ from }) => from === '2026-11-23T00:30:00.000Z');
    const [plain, swapped] = [turn(), turn(change('swap'))];
    expect(swapped).toMatchObject({ uid: plain?.uid, sequence: 1, summary: '值班员 · 林浩' });
    const off = turn(change('swap', { cancelled: { by: 'lin-hao', at: iso() } }));
    expect(off).toMatchObject({ uid: plain?.uid, sequence: 2, summary: '值班员 · 周敏' });
  });

  test('a cover cuts the turn into what each has of it', () => {
    const parts = feed(null, change('cover')).filter(({ uid }) => uid.includes('2026-11-23'));
    expect(parts.map(({ summary, from }) => `${summary} ${from}`)).toEqual([
      '值班员 · 周敏 2026-11-23T00:30:00.000Z',
      '值班员 · 林浩 2026-11-25T00:00:00.000Z',
      '值班员 · 周敏 2026-11-26T00:00:00.000Z',
    ]);
    expect(new Set(parts.map(({ uid }) => uid)).size).toBe(3);
    expect(parts.map(({ sequence }) => sequence)).toEqual([1, 1, 1]);
  });

  test('a hand-over at 08:30 in Berlin is 07:30 UTC in winter and 06:30 in summer', () => {
    const berlin = { ...config, site: { ...config.site, time_zone: 'Europe/Berlin' } };
    const starts = eventsOf(rotaFeed(berlin, null, { person: null, language: 'en', now })).map(({ from }) => from);
    expect(starts).toContain('2026-11-23T07:30:00.000Z');
    expect(starts).toContain('2027-07-05T06:30:00.000Z');
  });
});

describe('the feed’s secret', () => {
  let site: TestDashboard;
  let admin: SignedIn;
  beforeAll(async () => {
    site = await startDashboard({ config });
    admin = await site.signIn();
  });
  afterAll(() => site.dashboard.stop());
  const own = (method: 'GET' | 'POST' | 'DELETE') =>
    site.dashboard.inject({ method, url: '/api/v1/rota-feed', headers: admin.headers });
  const read = (path: string) => site.dashboard.inject({ url: path });

  test('reads the rota without signing in, until it is made anew or withdrawn', async () => {
    expect((await own('GET')).json()).toEqual({ feed: null });
    const { path } = (await own('POST')).json() as RotaFeedMadeResponse;
    const answer = await read(path);
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'text/calendar; charset=utf-8']);
    expect(eventsOf(answer.body).length).toBeGreaterThan(52);
    expect((await own('GET')).json()).toMatchObject({ feed: { lastUsedAt: expect.any(String) } });
    const again = ((await own('POST')).json() as RotaFeedMadeResponse).path;
    expect((await read(path)).statusCode).toBe(401);
    expect((await read(`${again}&who=all`)).statusCode).toBe(200);
    expect((await own('DELETE')).statusCode).toBe(204);
    expect((await read(again)).statusCode).toBe(401);
  });

  test('opens nothing else, and a wrong one opens nothing', async () => {
    const { path } = (await own('POST')).json() as RotaFeedMadeResponse;
    const secret = path.split('token=')[1] ?? '';
    expect(
      (await site.dashboard.inject({ url: '/api/v1/users', headers: { authorization: `Bearer ${secret}` } }))
        .statusCode,
    ).toBe(401);
    expect((await read('/api/v1/rota.ics?token=zr_wrong')).statusCode).toBe(401);
    expect((await read('/api/v1/rota.ics')).statusCode).toBe(400);
  });
});
