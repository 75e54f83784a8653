import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { seconds } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createPreconditions, matches } from '#services/dashboard-api/conditional/preconditions.ts';
import { MADE_OF } from '#services/dashboard-api/conditional/versioned.ts';
import {
  alert,
  batch,
  delivery,
  incident,
  reading,
  type SignedIn,
  START,
  startDashboard,
  type TestDashboard,
} from './support.ts';

/** Asked again, nothing is sent twice; edited by two, nothing is lost. */

let running: TestDashboard | null = null;
afterEach(async () => {
  await running?.dashboard.stop();
  running = null;
});
const start = async (options: Parameters<typeof startDashboard>[0] = {}): Promise<TestDashboard> => {
  running = await startDashboard(options);
  return running;
};

describe('ETag', () => {
  test('an answer that still holds is 304 without a body, for every GET of the API that gives one', async () => {
    const site = await start();
    const { headers } = await site.signIn();
    await site.publish('incident/+', 'a', incident());
    await site.publish('reading/+', 'ups-1', batch());
    const { id } = (
      await site.dashboard.inject({ method: 'POST', url: '/api/v1/tasks', headers, payload: { title: 'x' } })
    ).json();
    const fill: Readonly<Record<string, string>> = {
      '/api/v1/devices/:id': '/api/v1/devices/ups-1',
      '/api/v1/incidents/:id': '/api/v1/incidents/20261121-1',
      '/api/v1/tasks/:id': `/api/v1/tasks/${id}`,
      '/api/v1/users/:user': '/api/v1/users/admin',
    };
    const urls = site.dashboard
      .routes()
      .filter(({ method, url }) => method === 'GET' && url.startsWith('/api/v1/') && !url.endsWith('/live'))
      .map(({ url }) => fill[url] ?? url)
      .filter((url) => !url.includes(':'));
    let held = 0;
    for (const url of urls) {
      const first = await site.dashboard.inject({ url, headers });
      if (first.statusCode !== 200) continue;
      const etag = first.headers.etag;
      expect([url, etag]).toEqual([url, expect.stringMatching(/^(W\/)?"[^"]+"$/)]);
      const again = await site.dashboard.inject({ url, headers: { ...headers, 'if-none-match': `"other", ${etag}` } });
      // What tells the time of day differs each time it is asked for.
      if (again.statusCode === 200) expect(again.body).not.toBe(first.body);
      else expect([url, again.statusCode, again.body, again.headers.etag]).toEqual([url, 304, '', etag]);
      held += Number(again.statusCode === 304);
    }
    expect(held).toBeGreaterThan(20);
  });

  test('an answer that is another one has another tag, whatever happens on the bus', async () => {
    const site = await start();
    const { headers } = await site.signIn();
    const events = fc.oneof(
      fc
        .integer({ min: 0, max: 3 })
        .map((value) => () => site.publish('reading/+', 'ups-1', batch([reading({ value })]))),
      fc.constantFrom('a', 'b').map((id) => () => site.publish('alert/+', id, alert({ id }))),
      fc
        .constantFrom('firing', 'cleared')
        .map((state) => () => site.publish('alert/+', 'a', alert({ state: state as never }))),
      fc.constantFrom('20261121-1', '20261121-2').map((id) => () => site.publish('incident/+', id, incident({ id }))),
      fc.constantFrom('d-1', 'd-2').map((id) => () => site.publish('delivery/+', id, delivery({ id }))),
      fc.constantFrom(0, 1, 2).map(
        (failures) => () =>
          site.publish('device/+', 'ups-1', {
            device: 'ups-1',
            at: START,
            state: 'responding',
            profile: 'p',
            lastSeenAt: START,
            failures,
          }),
      ),
    );
    const urls = Object.keys(MADE_OF).map((url) =>
      url.replace('devices/:id', 'devices/ups-1').replace('incidents/:id', 'incidents/20261121-1'),
    );
    const known = new Map<string, Map<string, string>>();
    await fc.assert(
      fc.asyncProperty(events, async (happen) => {
        await happen();
        await site.wall.advanceByAsync(seconds(1));
        for (const url of urls) {
          const { statusCode, headers: answered, body } = await site.dashboard.inject({ url, headers });
          if (statusCode !== 200) continue;
          const bodies = known.get(url) ?? new Map<string, string>();
          known.set(url, bodies);
          const tag = String(answered.etag);
          expect([url, bodies.get(tag) ?? body]).toEqual([url, body]);
          bodies.set(tag, body);
        }
      }),
      { numRuns: 60 },
    );
    expect([...known.values()].every((bodies) => bodies.size > 0)).toBe(true);
  });

  test('a tag of one address is none of another, and none of an earlier run', async () => {
    const site = await start();
    const tag = String((await site.dashboard.inject('/api/v1/devices/ups-1')).headers.etag);
    const other = await site.dashboard.inject({ url: '/api/v1/devices/none', headers: { 'if-none-match': tag } });
    expect(other.statusCode).toBe(404);
    await site.dashboard.stop();
    const again = await start();
    const first = await again.dashboard.inject({ url: '/api/v1/devices/ups-1', headers: { 'if-none-match': tag } });
    expect(first.statusCode).toBe(200);
  });

  test('a tag is no way around the sign-in', async () => {
    const site = await start({ simulation: false });
    const { headers } = await site.signIn();
    const tag = String((await site.dashboard.inject({ url: '/api/v1/devices', headers })).headers.etag);
    const stranger = await site.dashboard.inject({ url: '/api/v1/devices', headers: { 'if-none-match': tag } });
    expect(stranger.statusCode).toBe(401);
  });

  test('what a browser keeps: the room, to be asked again each time; never accounts, numbers, secrets', async () => {
    const site = await start();
    const { headers } = await site.signIn();
    const of = async (url: string) => (await site.dashboard.inject({ url, headers })).headers;
    expect((await of('/api/v1/devices'))['cache-control']).toBe('private, no-cache');
    expect((await of('/api/v1/devices')).vary).toContain('cookie');
    for (const url of ['/api/v1/users', '/api/v1/session', '/api/v1/deliveries', '/api/v1/audit'])
      expect([url, (await of(url))['cache-control']]).toEqual([url, 'no-store']);
  });

  test('answers go packed to who takes gzip; those of one’s own account never do', async () => {
    const site = await start();
    const { headers } = await site.signIn();
    const get = (url: string) => site.dashboard.inject({ url, headers: { ...headers, 'accept-encoding': 'gzip' } });
    const packed = await get('/api/v1/openapi.json');
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(JSON.parse(gunzipSync(packed.rawPayload).toString()).openapi).toBe('3.1.0');
    expect((await get('/api/v1/session')).headers['content-encoding']).toBeUndefined();
    expect(
      (await site.dashboard.inject({ url: '/api/v1/openapi.json', headers })).headers['content-encoding'],
    ).toBeUndefined();
  });
});

describe('If-Match', () => {
  const patch = (site: TestDashboard, url: string, { headers }: SignedIn, payload: object, tag?: string) =>
    site.dashboard.inject({
      method: 'PATCH',
      url,
      headers: { ...headers, ...(tag === undefined ? {} : { 'if-match': tag }) },
      payload,
    });

  test('a task that somebody else has changed meanwhile is not overwritten, and the answer says so plainly', async () => {
    const site = await start();
    const admin = await site.signIn();
    const made = await site.dashboard.inject({
      method: 'POST',
      url: '/api/v1/tasks',
      headers: admin.headers,
      payload: { title: 'x' },
    });
    const url = `/api/v1/tasks/${made.json().id}`;
    const looked = await site.dashboard.inject({ url, headers: admin.headers });
    const tag = `"${looked.json().version}"`;
    expect(looked.headers.etag).toBe(tag);
    expect((await patch(site, url, admin, { owner: 'lin-hao' }, tag)).statusCode).toBe(200);
    const late = await patch(site, url, admin, { owner: 'zhou-min' }, tag);
    expect(late.statusCode).toBe(412);
    expect(late.json()).toMatchObject({ code: 'CHANGED_MEANWHILE', title: expect.stringContaining('look again') });
    const now = await site.dashboard.inject({ url, headers: admin.headers });
    expect(now.json().owner).toBe('lin-hao');
    expect((await patch(site, url, admin, { owner: 'zhou-min' }, String(now.headers.etag))).statusCode).toBe(200);
    // Who does not ask is not refused; `*` is for whatever there is.
    expect((await patch(site, url, admin, { owner: null })).statusCode).toBe(200);
    expect((await patch(site, url, admin, { owner: 'lin-hao' }, '*')).statusCode).toBe(200);
    expect((await patch(site, '/api/v1/tasks/none', admin, {}, '"x"')).statusCode).toBe(404);
  });

  test('of two that are changed at the same moment one is too late', async () => {
    const site = await start();
    const admin = await site.signIn();
    await site.signIn('duty');
    const url = '/api/v1/users/duty';
    const { etag } = (await site.dashboard.inject({ url, headers: admin.headers })).headers;
    const both = await Promise.all(
      ['viewer', 'operator'].map((role) => patch(site, url, admin, { role, resetPassword: true }, String(etag))),
    );
    expect(both.map(({ statusCode }) => statusCode).toSorted()).toEqual([200, 412]);
  });

  test('an order on a rule or the rota is given once for one version; asked again with its key it is answered again', async () => {
    const site = await start();
    const admin = await site.signIn();
    let orders = 0;
    await site.bus.subscribe('zhishou/sample/command', ({ payload }) => {
      orders++;
      const { id } = JSON.parse(new TextDecoder().decode(payload));
      const result = { id, ok: true, error: null, detail: null, created: null };
      void site.bus.publish(`zhishou/sample/command-result/${id}`, JSON.stringify(result));
    });
    const { version } = (await site.dashboard.inject({ url: '/api/v1/rota', headers: admin.headers })).json();
    const swap = (key: string, tag = `"${version}"`) =>
      site.dashboard.inject({
        method: 'POST',
        url: '/api/v1/commands',
        headers: { ...admin.headers, 'idempotency-key': key, 'if-match': tag },
        payload: { kind: 'rota.swap', a: 'duty@2026-11-23', b: 'duty@2026-11-30', reason: 'r' },
      });
    expect((await swap('first')).statusCode).toBe(200);
    expect((await swap('first')).statusCode).toBe(200);
    expect((await swap('second')).statusCode).toBe(412);
    expect((await swap('third', '"older"')).statusCode).toBe(412);
    expect(orders).toBe(1);
  });

  test('a window of maintenance is ended by who has seen how things stand: by the ETag of the list', async () => {
    const site = await start();
    const { headers } = await site.signIn();
    let orders = 0;
    await site.bus.subscribe('zhishou/sample/command', ({ payload }) => {
      orders++;
      const { id } = JSON.parse(new TextDecoder().decode(payload));
      const result = { id, ok: true, error: null, detail: null, created: null };
      void site.bus.publish(`zhishou/sample/command-result/${id}`, JSON.stringify(result));
    });
    const end = (tag: string) =>
      site.dashboard.inject({
        method: 'POST',
        url: '/api/v1/commands',
        headers: { ...headers, 'if-match': tag },
        payload: { kind: 'maintenance.end', window: 'w' },
      });
    const { etag } = (await site.dashboard.inject({ url: '/api/v1/out-of-service', headers })).headers;
    expect((await end('"older"')).statusCode).toBe(412);
    expect((await end(String(etag))).statusCode).toBe(200);
    expect(orders).toBe(1);
  });

  test('a route that knows no versions does not pretend to', async () => {
    const site = await start();
    const { headers } = await site.signIn();
    const response = await site.dashboard.inject({
      method: 'POST',
      url: '/api/v1/tasks',
      headers: { ...headers, 'if-match': '"x"' },
      payload: { title: 'x' },
    });
    expect(response.statusCode).toBe(400);
  });

  test.each([
    ['"a"', true, 'the same'],
    [' "b" , "a"', true, 'one of a list'],
    ['*', true, 'whatever there is'],
    ['W/"a"', false, 'weak is never the same (RFC 9110, 8.8.3.2)'],
    ['a', false, 'without quotes'],
    ['"A"', false, 'another letter'],
    ['', false, 'nothing'],
  ])('%j against "a": %s, %s', (wanted, same) => {
    expect(matches(wanted, 'a')).toBe(same);
  });

  test('a version is free again when the change has failed, when it was seen, and after ten seconds', async () => {
    const wall = createVirtualClock(START);
    const preconditions = createPreconditions(wall);
    const thing = { target: 't', version: '1' };
    const pass = () => preconditions.pass('"1"', thing);
    pass()(false, thing);
    const release = pass();
    expect(pass).toThrow(/was changed/);
    release(true, thing);
    expect(pass).toThrow(/was changed/);
    await wall.advanceByAsync(seconds(11));
    pass()(true, { target: 't', version: '2' });
    expect(pass).not.toThrow();
  });
});
