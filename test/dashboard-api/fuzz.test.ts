import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROLES } from '#core/command.ts';
import type { TopicPattern } from '#core/topics.ts';
import { alert, batch, delivery, incident, type SignedIn, startDashboard, type TestDashboard } from './support.ts';

/** Whatever comes in over HTTP or the bus is answered or counted: never a 500, never a crash. */

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

const nastyText = fc.oneof(
  fc.string({ maxLength: 300 }),
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.constantFrom(
    '',
    '..',
    '../../etc/passwd',
    '%',
    '%00',
    '%2e%2e%2f',
    '\u0000',
    '__proto__',
    'constructor',
    'null',
    '-1',
    '1e999',
  ),
  fc.constantFrom(
    "' OR 1=1 --",
    '<script>',
    '0000-00-00T00:00:00Z',
    '+275760-09-13T00:00:00Z',
    '9999-12-31T23:59:59+23:59',
  ),
  fc.constantFrom('ups-1', 'battery.charge', 'ups.status', '20261121-1', 'admin', '2026-11-21T03:00:00Z'),
);

const nastyBody = fc.oneof(
  fc.json({ maxDepth: 3 }),
  nastyText,
  fc.constantFrom('{', '[]', 'null', '""', '{"__proto__":{}}', '{"kind":"mains"}', `${'['.repeat(5000)}`),
  fc
    .record(
      {
        kind: fc.constantFrom(
          'incident.answer',
          'incident.open',
          'incident.hand-over',
          'incident.raise-level',
          'outage.plan',
          'readiness.test',
          'alert.silence',
          'site.arm',
          'mains',
          'speed',
          'fault',
          'x',
        ),
        incident: nastyText,
        step: nastyText,
        answer: nastyText,
        alert: nastyText,
        plan: nastyText,
        reason: nastyText,
        title: nastyText,
        owner: fc.oneof(nastyText, fc.constant(null)),
        dueAt: nastyText,
        state: nastyText,
        note: nastyText,
        to: nastyText,
        from: nastyText,
        upses: fc.array(nastyText, { maxLength: 3 }),
        device: nastyText,
        level: nastyText,
        minutes: fc.oneof(fc.double(), fc.integer(), nastyText),
        until: nastyText,
        present: fc.oneof(fc.boolean(), nastyText),
        factor: fc.double(),
        user: nastyText,
        name: nastyText,
        password: nastyText,
        role: fc.oneof(fc.constantFrom(...ROLES), nastyText),
        person: fc.oneof(nastyText, fc.constant(null)),
        days: fc.integer(),
        current: nastyText,
        next: nastyText,
      },
      { requiredKeys: [] },
    )
    .map((body) => JSON.stringify(body)),
);

const nastyQuery = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        'device',
        'point',
        'from',
        'to',
        'points',
        'state',
        'language',
        'format',
        'limit',
        'before',
        'incident',
        'x',
        '__proto__',
      ),
      nastyText,
    ),
    { maxLength: 5 },
  )
  .map((pairs) => new URLSearchParams(pairs).toString());

const contentType = fc.constantFrom(
  'application/json',
  'application/json',
  'text/plain',
  'application/xml',
  'multipart/form-data',
  'x',
  '',
);

describe('bad input over HTTP', () => {
  test('is never answered with a 500, on any route, signed in or not', async () => {
    const routes = site.dashboard
      .routes()
      .filter(({ url, method }) => !url.endsWith('/live') && !(method === 'DELETE' && url.endsWith('/session')));
    expect(routes.length).toBeGreaterThan(30);
    const request = fc.record({
      route: fc.constantFrom(...routes),
      parameter: nastyText,
      query: nastyQuery,
      body: nastyBody,
      type: contentType,
      signedIn: fc.boolean(),
      key: fc.option(fc.string({ unit: fc.constantFrom(...'abc-._ !é'), maxLength: 70 })),
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ route, parameter, query, body, type, signedIn, key }) => {
        const path = route.url.replace(/:\w+|\*/, () => encodeURIComponent(parameter.toWellFormed()));
        const changing = ['POST', 'PUT', 'PATCH', 'DELETE'].includes(route.method);
        const response = await site.dashboard.inject({
          method: route.method as 'GET',
          url: query === '' ? path : `${path}?${query}`,
          headers: {
            ...(signedIn ? admin.headers : {}),
            ...(type === '' ? {} : { 'content-type': type }),
            ...(key === null ? {} : { 'idempotency-key': encodeURIComponent(key) }),
          },
          ...(changing ? { payload: body } : {}),
        });
        // 503 is the page that has not been built.
        // `/a/..` is the page's address too.
        const isPage = response.statusCode === 503 && !new URL(path, 'http://x').pathname.startsWith('/api');
        if (response.statusCode >= 500 && !isPage) throw new Error(`${response.statusCode} ${response.body}`);
        // Signed links lead people to pages, which say in words what is wrong.
        const forPeople = route.url.startsWith('/docs') || route.url.startsWith('/a/');
        if (response.statusCode >= 400 && !isPage && route.method !== 'HEAD' && !forPeople) {
          expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
          expect(response.json()).toMatchObject({ status: response.statusCode, code: expect.any(String) });
        }
      }),
      { numRuns: 3000, interruptAfterTimeLimit: 20_000 },
    );
  });

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
      'a history of years',
      { url: '/api/v1/readings/history?device=ups-1&point=battery.charge&from=2020-11-21T03:00:00Z' },
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
