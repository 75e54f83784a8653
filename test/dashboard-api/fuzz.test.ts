import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TopicPattern } from '#core/topics.ts';
import { alert, batch, delivery, incident, type SignedIn, startDashboard, type TestDashboard } from './support.ts';

/** Whatever comes in over HTTP or the bus is answered or counted: never a 500, never a crash. Every route: fuzz-routes.test.ts. */

let site: TestDashboard;
let admin: SignedIn;
beforeAll(async () => {
  site = await startDashboard();
  admin = await site.signIn();
  // Commands are answered at once, so that no run waits for the time-out.
  await site.bus.subscribe('zhishou/sample/command', ({ payload }) => {
    const { id } = JSON.parse(new TextDecoder().decode(payload));
    const result = { id, ok: true, error: null, detail: null, created: null };
    void site.bus.publish(`zhishou/sample/command-result/${id}`, JSON.stringify(result));
  });
  await site.publish('incident/+', 'a', incident());
  await site.publish('alert/+', 'a', alert());
});
afterAll(() => site.dashboard.stop());

describe('bad input over HTTP', () => {
  test.each([
    ['a path that does not decode', { url: '/api/v1/devices/%E0%A4%A' }, 400],
    ['a path parameter without end', { url: `/api/v1/devices/${'x'.repeat(5000)}` }, 404],
    ['an unknown path under /api', { url: '/api/v1/nothing' }, 404],
    ['an unknown path under /api for a browser', { url: '/api/v2', headers: { accept: 'text/html' } }, 404],
    ['a method that a route does not have', { url: '/api/v1/devices', method: 'POST' as const, payload: {} }, 405],
    ['unknown keys in a query', { url: '/api/v1/readings/latest?devise=ups-1' }, 400],
    [
      'unknown keys in a body',
      { url: '/api/v1/session', method: 'POST' as const, payload: { user: 'a', password: 'b', x: 1 } },
      400,
    ],
    [
      'a body that is no JSON',
      {
        url: '/api/v1/session',
        method: 'POST' as const,
        payload: '{',
        headers: { 'content-type': 'application/json' },
      },
      400,
    ],
    [
      'a body of another type',
      { url: '/api/v1/session', method: 'POST' as const, payload: '<a/>', headers: { 'content-type': 'text/xml' } },
      400,
    ],
    [
      'a body over 64 KB',
      { url: '/api/v1/session', method: 'POST' as const, payload: { user: 'x'.repeat(70_000) } },
      413,
    ],
    [
      'a history whose end comes first',
      {
        url: '/api/v1/readings/history?device=ups-1&point=battery.charge&from=2026-11-21T03:00:00Z&to=2026-11-21T02:00:00Z',
      },
      400,
    ],
    [
      'a history of more years than are kept',
      { url: '/api/v1/readings/history?device=ups-1&point=battery.charge&from=1990-11-21T03:00:00Z' },
      400,
    ],
    ['a point that the registry does not have', { url: '/api/v1/readings/history?device=ups-1&point=nothing' }, 404],
    ['a device that is not configured', { url: '/api/v1/readings/latest?device=none' }, 404],
  ])('%s is a problem with a code', async (_what, options, status) => {
    const response = await site.dashboard.inject(options);
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(response.json()).toMatchObject({
      type: 'about:blank',
      status,
      code: expect.any(String),
      detail: expect.any(String),
    });
  });

  test('a refused field is named', async () => {
    const payload = { kind: 'alert.silence', alert: 'a', minutes: 99_999, reason: 'r' };
    const response = await site.dashboard.inject({
      method: 'POST',
      url: '/api/v1/commands',
      headers: admin.headers,
      payload,
    });
    expect(response.json().issues).toEqual([{ path: 'minutes', message: expect.stringContaining('10080') }]);
  });

  test('prototype pollution is refused', async () => {
    const response = await site.dashboard.inject({
      method: 'POST',
      url: '/api/v1/session',
      headers: { 'content-type': 'application/json' },
      payload: '{"user":"a","password":"b","__proto__":{"admin":true}}',
    });
    expect(response.statusCode).toBe(400);
  });
});

describe('bad input on the bus', () => {
  const TOPICS: readonly TopicPattern[] = [
    'reading/+',
    'device/+',
    'alert/+',
    'incident/+',
    'delivery/+',
    'site',
    'simulator/state',
    'simulator/caught/+',
    'command-result/+',
  ];
  const VALID: readonly object[] = [batch(), alert(), incident(), delivery()];

  test('changes nothing and stops nothing, also when only one field of a good message is wrong', async () => {
    const damaged = fc
      .tuple(
        fc.constantFrom(...VALID),
        fc.array(fc.nat({ max: 30 }), { maxLength: 4 }),
        fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom(9e15, -1, 1e300, '', '9999-99-99T00:00:00Z')),
      )
      .map(([message, path, value]) => JSON.stringify(damage(message, path, value)));
    const payload = fc.oneof(
      damaged,
      fc.json({ maxDepth: 3 }),
      fc.string({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 200 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...TOPICS), payload, async (pattern, bytes) => {
        await site.bus.publish(`zhishou/sample/${pattern.replace('+', 'a')}`, bytes);
        await site.bus.drained();
        await site.wall.advanceByAsync(1000 as never);
        for (const url of [
          '/api/v1/health',
          '/api/v1/devices',
          '/api/v1/readings/latest',
          '/api/v1/alerts?state=all',
          '/api/v1/incidents',
          '/api/v1/incidents/20261121-1',
        ]) {
          const { statusCode } = await site.dashboard.inject(url);
          if (statusCode !== 200) throw new Error(`${url} ${statusCode}`);
        }
        for (const url of [
          '/api/v1/incidents/20261121-1/report',
          '/api/v1/incidents/20261121-1/report?format=md&language=en',
        ]) {
          const { statusCode, body } = await site.dashboard.inject({ url, headers: admin.headers });
          if (statusCode !== 200) throw new Error(`${url} ${statusCode} ${body}`);
        }
      }),
      { numRuns: 400, interruptAfterTimeLimit: 20_000 },
    );
    // What is wrong is refused where it comes in, not by an exception deeper down.
    expect(site.metrics.render()).not.toMatch(/^zhishou_bus_handler_errors_total/m);
  });
});

/** Puts the value at a place some levels down, chosen by the numbers. */
function damage(message: unknown, path: readonly number[], value: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined || typeof message !== 'object' || message === null) return value;
  const keys = Object.keys(message);
  const key = keys[first % Math.max(1, keys.length)] ?? 'x';
  const copy = Array.isArray(message) ? [...message] : { ...message };
  Reflect.set(copy, key, damage(Reflect.get(message, key), rest, value));
  return copy;
}
