import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Order, toPage } from '#services/dashboard-api/paging.ts';
import { alert, delivery, incident, iso, type SignedIn, startDashboard, type TestDashboard } from './support.ts';

/** Lists by pages: nothing twice, nothing left out, whatever comes in between two pages. */

interface Thing {
  readonly at: number;
  readonly id: string;
}
const ORDERS: readonly Order<Thing>[] = [true, false].map((newest) => ({
  by: [({ at }) => at, ({ id }) => id],
  newest,
}));
const things = fc.uniqueArray(fc.record({ at: fc.nat(5), id: fc.string({ unit: 'binary', maxLength: 4 }) }), {
  selector: ({ at, id }) => `${at} ${id}`,
  maxLength: 40,
});

describe('pages of a list', () => {
  test('show each element once and in order, while others come and go', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ORDERS),
        things,
        things,
        fc.integer({ min: 1, max: 9 }),
        (order, all, late, limit) => {
          const isNew = ({ at, id }: Thing) => !all.some((one) => one.at === at && one.id === id);
          const coming = late.filter(isNew);
          const list = [...all];
          const shown: Thing[] = [];
          for (let cursor: string | null | undefined, pages = 0; cursor !== null; pages++) {
            expect(pages).toBeLessThan(100);
            const { page, next } = toPage(list, order, { limit, cursor });
            expect(page.length).toBeLessThanOrEqual(limit);
            expect(next === null || page.length === limit).toBe(true);
            shown.push(...page);
            cursor = next;
            // One comes in, and one that was shown goes.
            list.push(...coming.splice(0, 1));
            if (page[0] !== undefined && pages % 3 === 2) list.splice(list.indexOf(page[0]), 1);
          }
          const inOrder = toPage(shown, order, { limit: 1000 }).page;
          expect(shown).toEqual(inOrder);
          expect(new Set(shown).size).toBe(shown.length);
          expect(all.filter((one) => !shown.includes(one))).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('a cursor that the list has not given is refused by BAD_REQUEST, whatever it is', () => {
    const [order] = ORDERS;
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ minLength: 1, maxLength: 50 }),
          fc.json({ maxDepth: 3 }).map((text) => Buffer.from(text).toString('base64url')),
          fc.constantFrom('WyIiXQ', 'bnVsbA', 'W251bGwsbnVsbF0', 'e30', 'W1tdLFtdXQ', 'WzFlOTk5LCJhIl0'),
        ),
        (cursor) => {
          try {
            toPage([{ at: 1, id: 'a' }], order!, { limit: 1, cursor });
          } catch (error) {
            expect(error).toMatchObject({ code: 'BAD_REQUEST' });
          }
        },
      ),
    );
    for (const cursor of ['bnVsbA', 'W251bGwsbnVsbF0', 'e30', '%', 'WyIiXQ', 'WzFlOTk5LCJhIl0'])
      expect(() => toPage([], order!, { limit: 1, cursor })).toThrow(/cursor/);
  });
});

describe('lists of the API', () => {
  let site: TestDashboard;
  let admin: SignedIn;
  beforeAll(async () => {
    site = await startDashboard();
    admin = await site.signIn();
    for (let i = 0; i < 7; i++) {
      await site.publish(
        'alert/+',
        `a${i}`,
        alert({ id: `a${i}`, since: iso(i >> 1), state: i === 0 ? 'cleared' : 'firing' }),
      );
      await site.publish('incident/+', `i${i}`, incident({ id: `i${i}`, openedAt: iso(i >> 1) }));
      await site.publish('delivery/+', `d${i}`, delivery({ id: `d${i}`, queuedAt: iso(i >> 1) }));
      await site.dashboard.inject({
        method: 'POST',
        url: '/api/v1/tasks',
        headers: admin.headers,
        payload: { title: `t${i}` },
      });
      const payload = { user: `u${i}`, name: 'x', role: 'duty', password: 'a good password' };
      await site.dashboard.inject({ method: 'POST', url: '/api/v1/users', headers: admin.headers, payload });
    }
  });
  afterAll(() => site.dashboard.stop());
  const get = (url: string) => site.dashboard.inject({ url, headers: admin.headers });

  const LISTS: readonly [url: string, key: string, id: string, count: number][] = [
    ['/api/v1/alerts?state=all', 'alerts', 'id', 7],
    ['/api/v1/alerts', 'alerts', 'id', 6],
    ['/api/v1/incidents?', 'incidents', 'id', 7],
    ['/api/v1/deliveries?', 'deliveries', 'id', 7],
    ['/api/v1/tasks?state=all', 'tasks', 'id', 7],
    ['/api/v1/users?', 'users', 'user', 8],
    ['/api/v1/outages?', 'outages', 'id', 0],
    ['/api/v1/sessions/everybody?', 'sessions', 'id', 1],
  ];
  test.each(LISTS)('%s walks to its end by `next`, in the order of the whole', async (url, key, id, count) => {
    const at = (query: string) => `${url}${url.includes('?') ? '&' : '?'}${query}`;
    const whole = (await get(url)).json();
    expect(whole.next).toBeNull();
    const walked: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { statusCode, body } = await get(at(`limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`));
      expect(statusCode).toBe(200);
      walked.push(...JSON.parse(body)[key]);
      cursor = JSON.parse(body).next;
    }
    expect(walked.map((one) => (one as Record<string, unknown>)[id])).toEqual(
      whole[key].map((one: Record<string, unknown>) => one[id]),
    );
    expect(walked).toHaveLength(count);
    expect((await get(at('cursor=bnVsbA'))).statusCode).toBe(400);
    expect((await get(at('limit=1001'))).statusCode).toBe(400);
  });

  test('a cursor of one list is none of another', async () => {
    const { next } = (await get('/api/v1/users?limit=1')).json();
    expect((await get(`/api/v1/alerts?cursor=${next}`)).json()).toMatchObject({ code: 'BAD_REQUEST' });
  });

  test('what is due is kept in UTC, whatever zone it was written in, so that the order holds', async () => {
    const payload = { title: 'late', dueAt: '2026-11-23T01:00:00+08:00' };
    const made = await site.dashboard.inject({ method: 'POST', url: '/api/v1/tasks', headers: admin.headers, payload });
    expect(made.json().dueAt).toBe('2026-11-22T17:00:00.000Z');
    const never = { title: 'never', dueAt: '9999-12-31T23:59:59-23:59' };
    const refused = await site.dashboard.inject({
      method: 'POST',
      url: '/api/v1/tasks',
      headers: admin.headers,
      payload: never,
    });
    expect(refused.statusCode).toBe(400);
  });

  test('how often a rule fired on a device is the list of its alerts', async () => {
    const { alerts } = (await get('/api/v1/alerts?state=all&rule=on-battery&device=ups-1')).json();
    expect(alerts).toHaveLength(7);
    expect((await get('/api/v1/alerts?state=all&rule=other')).json().alerts).toEqual([]);
  });
});
