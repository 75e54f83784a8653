import { afterEach, describe, expect, test } from 'vitest';
import type { TokenScope } from '#core/token-scope.ts';
import { incident, makeConfig, startDashboard, step, type TestDashboard } from './support.ts';

let running: TestDashboard | null = null;
const start: typeof startDashboard = async (options) => {
  running = await startDashboard(options);
  return running;
};
afterEach(async () => {
  await running?.dashboard.stop();
  running = null;
});

/** The whole table of routes and scopes is walked by access.test.ts; here is what a route decides further in. */
async function tokenWith(site: TestDashboard, scopes?: readonly TokenScope[], role = 'operator') {
  const { headers } = await site.signIn();
  const payload = { name: 'a program', role, days: 30, ...(scopes === undefined ? {} : { scopes }) };
  const made = await site.dashboard.inject({ method: 'POST', url: '/api/v1/tokens', headers, payload });
  const { secret, token } = made.json();
  const call = (method: 'GET' | 'POST', url: string, body?: object) =>
    site.dashboard.inject({
      method,
      url,
      headers: { authorization: `Bearer ${secret}` },
      ...(body === undefined ? {} : { payload: body }),
    });
  return { made, token, call };
}

/** Answers every order, so that none waits. */
async function answerOrders(site: TestDashboard): Promise<string[]> {
  const kinds: string[] = [];
  await site.bus.subscribe('zhishou/sample/command', ({ payload }) => {
    const { id, body } = JSON.parse(new TextDecoder().decode(payload));
    kinds.push(body.kind);
    const result = { id, ok: true, error: null, detail: null, created: null };
    void site.bus.publish(`zhishou/sample/command-result/${id}`, JSON.stringify(result));
  });
  return kinds;
}

describe('scopes of API tokens', () => {
  test('none named: the token reads, and nothing else', async () => {
    const site = await start();
    const { token, call } = await tokenWith(site);
    expect(token.scopes).toEqual(['read']);
    expect((await call('GET', '/api/v1/devices')).statusCode).toBe(200);
    const refused = await call('POST', '/api/v1/simulator', { kind: 'mains', present: false });
    expect(refused.json()).toMatchObject({ code: 'FORBIDDEN', detail: expect.stringContaining('scope simulator') });
  });

  test('one that takes alerts in cannot look around', async () => {
    const site = await start();
    const { call } = await tokenWith(site, ['alertmanager'], 'duty');
    const webhook = { version: '4', receiver: 'r', status: 'firing', alerts: [] };
    expect((await call('POST', '/api/v1/alertmanager', webhook)).statusCode).toBe(202);
    for (const url of ['/api/v1/devices', '/api/v1/deliveries', '/api/v1/live']) {
      expect([url, (await call('GET', url)).statusCode]).toEqual([url, 403]);
    }
  });

  test('alerts:write acknowledges and shelves; it starts no shutdown, arms nothing, plans no outage', async () => {
    const site = await start();
    const kinds = await answerOrders(site);
    const { call } = await tokenWith(site, ['alerts:write']);
    const order = (body: object) => call('POST', '/api/v1/commands', body);
    expect((await order({ kind: 'alert.acknowledge', alert: 'a' })).statusCode).toBe(200);
    expect((await order({ kind: 'alert.silence', alert: 'a', minutes: 5, reason: 'r' })).statusCode).toBe(200);
    expect((await order({ kind: 'incident.start-sequence', incident: 'i', reason: 'r' })).statusCode).toBe(403);
    expect((await order({ kind: 'site.disarm', reason: 'r' })).statusCode).toBe(403);
    expect(kinds).toEqual(['alert.acknowledge', 'alert.silence']);
  });

  test('commands has all orders of the role', async () => {
    const site = await start();
    const kinds = await answerOrders(site);
    const { call } = await tokenWith(site, ['commands'], 'duty');
    const order = (body: object) => call('POST', '/api/v1/commands', body);
    expect((await order({ kind: 'alert.acknowledge', alert: 'a' })).statusCode).toBe(200);
    expect((await order({ kind: 'incident.note', incident: 'i', text: 't' })).statusCode).toBe(200);
    expect((await order({ kind: 'alert.silence', alert: 'a', minutes: 5, reason: 'r' })).statusCode).toBe(403);
    expect(kinds).toEqual(['alert.acknowledge', 'incident.note']);
  });

  test('what two people must say is said by people: two tokens are none (O-FIR-2)', async () => {
    const site = await start();
    const kinds = await answerOrders(site);
    const option = { label: { zh: '断电', en: 'Cut' }, takes: 'nothing' as const, givenBy: [], consequence: null };
    const answers = [
      { ...option, id: 'cut', people: 2 },
      { ...option, id: 'wait', people: 1 },
    ];
    await site.publish('incident/+', '20261121-1', incident({ steps: [step({ answers })] }));
    const { call } = await tokenWith(site, ['commands']);
    const say = (answer: string) =>
      call('POST', '/api/v1/commands', { kind: 'incident.answer', incident: '20261121-1', step: 'ask', answer });
    expect((await say('cut')).json()).toMatchObject({ code: 'FORBIDDEN', detail: expect.stringContaining('2 people') });
    expect(kinds).toEqual([]);
    expect((await say('wait')).statusCode).toBe(200);
    const { headers } = await site.signIn('duty');
    const payload = { kind: 'incident.answer', incident: '20261121-1', step: 'ask', answer: 'cut' };
    const person = await site.dashboard.inject({ method: 'POST', url: '/api/v1/commands', headers, payload });
    expect(person.statusCode).toBe(200);
  });

  test.each([
    ['no scope at all', []],
    ['one that there is not', ['everything']],
  ])('%s is refused', async (_what, scopes) => {
    const site = await start();
    const { made } = await tokenWith(site, scopes as TokenScope[]);
    expect(made.statusCode).toBe(400);
  });

  test('the list shows them, and the record says what was given', async () => {
    const site = await start();
    await tokenWith(site, ['metrics', 'read']);
    const { headers } = await site.signIn();
    const { tokens } = (await site.dashboard.inject({ url: '/api/v1/tokens', headers })).json();
    expect(tokens[0].scopes).toEqual(['read', 'metrics']);
    expect(JSON.stringify(site.accounts.audit.read({ limit: 9 }))).toContain('a program as operator: metrics read');
  });

  test('/metrics is open, or for tokens where site.yaml says so', async () => {
    const config = makeConfig();
    const http = { ...config.site.http, metrics: 'token' as const };
    const site = await start({ config: { ...config, site: { ...config.site, http } } });
    expect((await site.dashboard.inject('/metrics')).statusCode).toBe(401);
    const { call } = await tokenWith(site, ['metrics'], 'viewer');
    expect((await call('GET', '/metrics')).statusCode).toBe(200);
    expect((await call('GET', '/api/v1/devices')).statusCode).toBe(403);
    const { call: other } = await tokenWith(site, ['alertmanager'], 'viewer');
    expect((await other('GET', '/metrics')).statusCode).toBe(403);
  });
});
