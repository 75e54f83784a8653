import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMAND_ROLES, type CommandBody, type CommandKind, ROLES, type Role, roleAtLeast } from '#core/command.ts';
import { hours, plus } from '#core/time.ts';
import { TOKEN_SCOPES, type TokenScope } from '#core/token-scope.ts';
import { digest } from '#platform/passwords.ts';
import { type Access, scopesFor } from '#services/dashboard-api/auth/access.ts';
import { ROUTES } from './access-routes.ts';
import { FROM_ELSEWHERE, type SignedIn, startDashboard, type TestDashboard } from './support.ts';

const COMMANDS: Record<CommandKind, CommandBody> = {
  'incident.answer': { kind: 'incident.answer', incident: 'i', step: 's', answer: 'over' },
  'incident.task-done': { kind: 'incident.task-done', incident: 'i', step: 's' },
  'incident.waive': { kind: 'incident.waive', incident: 'i', step: 's', reason: 'r' },
  'incident.acknowledge': { kind: 'incident.acknowledge', incident: 'i' },
  'incident.start-sequence': { kind: 'incident.start-sequence', incident: 'i', reason: 'r' },
  'incident.stand-down': { kind: 'incident.stand-down', incident: 'i', reason: 'r' },
  'incident.open': { kind: 'incident.open', plan: 'power-outage', reason: 'r' },
  'incident.close': { kind: 'incident.close', incident: 'i', reason: 'r' },
  'incident.hand-over': { kind: 'incident.hand-over', incident: 'i', to: 'p', note: 'n' },
  'incident.raise-level': { kind: 'incident.raise-level', incident: 'i', level: 'major', reason: 'r' },
  'incident.note': { kind: 'incident.note', incident: 'i', text: 't' },
  'outage.plan': {
    kind: 'outage.plan',
    from: '2026-11-23T01:00:00Z',
    to: '2026-11-23T03:00:00Z',
    upses: [],
    reason: 'r',
  },
  'outage.cancel': { kind: 'outage.cancel', outage: 'o', reason: 'r' },
  'readiness.test': { kind: 'readiness.test', contacts: false },
  'alert.acknowledge': { kind: 'alert.acknowledge', alert: 'a' },
  'rules.reload': { kind: 'rules.reload' },
  'rule.override': { kind: 'rule.override', rule: 'a', device: null, values: { off: true }, reason: 'r' },
  'rule.override-remove': { kind: 'rule.override-remove', rule: 'a', device: null, reason: 'r' },
  'alert.unshelve': { kind: 'alert.unshelve', rule: 'r', device: 'd' },
  'maintenance.start': {
    kind: 'maintenance.start',
    devices: ['ups-1'],
    kinds: [],
    room: null,
    rule: null,
    to: '2026-11-23T03:00:00Z',
    reason: 'r',
  },
  'maintenance.end': { kind: 'maintenance.end', window: 'w' },
  'alert.silence': { kind: 'alert.silence', alert: 'a', minutes: 5, reason: 'r' },
  'rota.swap': { kind: 'rota.swap', a: 'duty@2026-11-23', b: 'duty@2026-11-30', reason: 'r' },
  'rota.cover': {
    kind: 'rota.cover',
    role: 'duty',
    from: '2026-11-23T01:00:00Z',
    to: '2026-11-23T03:00:00Z',
    person: 'lin-hao',
    reason: 'r',
  },
  'rota.cancel': { kind: 'rota.cancel', change: 'rota-00001' },
  'rota.note': { kind: 'rota.note', turn: 'duty@2026-11-23', text: 't' },
  'rota.accept': { kind: 'rota.accept', role: 'duty' },
  'delivery.retry': { kind: 'delivery.retry', delivery: 'd-1' },
  'delivery.dismiss': { kind: 'delivery.dismiss', delivery: 'd-1' },
  'contact.test': { kind: 'contact.test', person: 'lin-hao' },
  'battery-test.start': { kind: 'battery-test.start', ups: 'ups-1', way: 'ups', onSite: true },
  'battery-test.confirm': { kind: 'battery-test.confirm', test: 'bt-ups-1-2026-11-23', word: 'begin' },
  'battery-test.stop': { kind: 'battery-test.stop', test: 'bt-ups-1-2026-11-23' },
  'site.arm': { kind: 'site.arm', reason: 'r' },
  'site.disarm': { kind: 'site.disarm', reason: 'r' },
};

const CHANGING = ['POST', 'PUT', 'PATCH', 'DELETE'];
const tokenWord = (method: string, who: Access['who'], word?: string): string =>
  who === 'everybody' ? 'everybody' : (word ?? (CHANGING.includes(method) ? 'person' : 'read'));
const fill = (url: string): string => url.replace('*', '').replaceAll(/:\w+/g, 'nobody');

let made = 0;
/** Made in the store: over the API a token is an operator's at most. */
function tokenOf({ accounts, wall }: TestDashboard, role: Role, scopes: readonly TokenScope[]): string {
  made += 1;
  const token = {
    id: `t${made}`,
    name: 't',
    role,
    scopes,
    createdBy: 'admin',
    createdAt: wall.now(),
    lastUsedAt: null,
  };
  accounts.addToken({ ...token, expiresAt: plus(wall.now(), hours(1)) }, digest(`zt_${made}`));
  return `zt_${made}`;
}

describe('who may call what', () => {
  let site: TestDashboard;
  const signedIn = new Map<Role, SignedIn>();

  beforeAll(async () => {
    // A real site: no reading without sign-in, not even from this machine.
    site = await startDashboard({ simulation: false });
    for (const role of ROLES) signedIn.set(role, await site.signIn(role));
  });
  afterAll(() => site.dashboard.stop());

  test('every route is in the table with the access it declares', () => {
    const declared = site.dashboard
      .routes()
      .filter(({ url, method }) => !url.startsWith('/docs') && (method !== 'HEAD' || url === '/*'))
      .map(({ method, url, access }) => `${method} ${url} ${access.who}`);
    expect(declared.toSorted()).toEqual(ROUTES.map(([method, url, who]) => `${method} ${url} ${who}`).toSorted());
  });

  test('every route is open to API tokens by the scopes of its row, and by no other', () => {
    const scopes = site.dashboard
      .routes()
      .filter(({ url, method }) => !url.startsWith('/docs') && (method !== 'HEAD' || url === '/*'))
      .map(({ method, url, access }) => {
        const word = scopesFor(method, access).join('|') || 'person';
        return `${method} ${url} ${access.who === 'everybody' ? 'everybody' : word}`;
      });
    const rows = ROUTES.map(([method, url, who, , token]) => `${method} ${url} ${tokenWord(method, who, token)}`);
    expect(scopes.toSorted()).toEqual(rows.toSorted());
  });

  test('every changing route but the ways of signing in and the signed link asks for a role', () => {
    const open = site.dashboard
      .routes()
      .filter(
        ({ method, access }) => CHANGING.includes(method) && (access.who === 'everybody' || access.who === 'reader'),
      );
    expect(open.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /api/v1/session',
      'POST /api/v1/first-run/look',
      'POST /api/v1/first-run',
      'POST /a/:token',
    ]);
  });

  test.each(ROUTES.filter(([, url]) => url !== '/api/v1/live'))('%s %s is for %s: %s', async (method, url, who) => {
    const call = (headers: Record<string, string>) =>
      site.dashboard.inject({
        method: method as 'GET',
        url: fill(url),
        headers,
        ...(CHANGING.includes(method) ? { payload: {} } : {}),
      });
    const stranger = await call({});
    if (who === 'everybody') expect([401, 403].includes(stranger.statusCode) && url !== '/api/v1/session').toBe(false);
    else expect(stranger.statusCode).toBe(401);
    for (const role of ROLES) {
      // Signing out would end the session that the next rows use.
      if (method === 'DELETE' && url === '/api/v1/session') continue;
      const { statusCode } = await call({ ...signedIn.get(role)?.headers });
      const allowed = who === 'everybody' || who === 'reader' || roleAtLeast(role, who);
      expect([role, statusCode === 403]).toEqual([role, !allowed]);
      expect([role, statusCode]).not.toEqual([role, 500]);
    }
  });

  const TOKEN_ROWS = ROUTES.filter(([, url, who]) => who !== 'everybody' && url !== '/api/v1/live');
  test.each(TOKEN_ROWS)('%s %s takes an API token of the role %s with its scope alone', async (...row) => {
    const [method, url, who, , word] = row;
    const scopes = tokenWord(method, who, word);
    const call = async (role: Role, chosen: readonly TokenScope[]): Promise<number> => {
      const { statusCode } = await site.dashboard.inject({
        method: method as 'GET',
        url: fill(url),
        headers: { authorization: `Bearer ${tokenOf(site, role, chosen)}` },
        ...(CHANGING.includes(method) ? { payload: {} } : {}),
      });
      site.accounts.removeToken(`t${made}`);
      return statusCode;
    };
    for (const scope of TOKEN_SCOPES) {
      const refused = (await call('administrator', [scope])) === 403;
      expect([scope, refused]).toEqual([scope, !scopes.split('|').includes(scope)]);
    }
    // A token's role holds beside its scope.
    for (const role of ROLES) {
      const allowed = scopes !== 'person' && (who === 'reader' || roleAtLeast(role, who as Role));
      expect([role, (await call(role, TOKEN_SCOPES)) === 403]).toEqual([role, !allowed]);
    }
  });

  test.each(Object.entries(COMMAND_ROLES))('the command %s needs %s', async (kind, needed) => {
    for (const role of ROLES) {
      const sent: string[] = [];
      const stop = await site.bus.subscribe('zhishou/sample/command', ({ payload }) => {
        const command = JSON.parse(new TextDecoder().decode(payload));
        sent.push(command.by.role);
        const result = { id: command.id, ok: true, error: null, detail: null, created: null };
        void site.bus.publish(`zhishou/sample/command-result/${command.id}`, JSON.stringify(result));
      });
      const response = await site.dashboard.inject({
        method: 'POST',
        url: '/api/v1/commands',
        headers: { ...signedIn.get(role)?.headers },
        payload: COMMANDS[kind as CommandKind],
      });
      await stop();
      const allowed = roleAtLeast(role, needed);
      expect([role, response.statusCode]).toEqual([role, allowed ? 200 : 403]);
      // A refused command never reaches the bus.
      expect(sent).toEqual(allowed ? [role] : []);
    }
  });

  test('an API token reads and commands by its role, and never administers', async () => {
    const { headers } = signedIn.get('administrator') ?? { headers: {} };
    const made = await site.dashboard.inject({
      method: 'POST',
      url: '/api/v1/tokens',
      headers,
      payload: { name: 'wall', role: 'viewer', days: 1 },
    });
    const { secret, token } = made.json();
    const bearer = { authorization: `Bearer ${secret}` };
    const get = (url: string) => site.dashboard.inject({ url, headers: bearer });
    expect((await get('/api/v1/devices')).statusCode).toBe(200);
    expect((await get('/api/v1/users')).statusCode).toBe(403);
    expect((await get('/api/v1/session')).statusCode).toBe(403);
    const order = await site.dashboard.inject({
      method: 'POST',
      url: '/api/v1/commands',
      headers: bearer,
      payload: COMMANDS['incident.acknowledge'],
    });
    expect(order.statusCode).toBe(403);
    await site.dashboard.inject({ method: 'DELETE', url: `/api/v1/tokens/${token.id}`, headers });
    expect((await get('/api/v1/devices')).statusCode).toBe(401);
    const tooMuch = { name: 'x', role: 'administrator' };
    const refused = await site.dashboard.inject({ method: 'POST', url: '/api/v1/tokens', headers, payload: tooMuch });
    expect(refused.statusCode).toBe(400);
  });

  test('an unknown API token is refused even where nobody needs to sign in', async () => {
    const response = await site.dashboard.inject({ url: '/api/v1/site', headers: { authorization: 'Bearer zt_no' } });
    expect(response.statusCode).toBe(401);
  });
});

describe('reading without sign-in', () => {
  let site: TestDashboard;
  beforeAll(async () => {
    site = await startDashboard({ simulation: true });
  });
  afterAll(() => site.dashboard.stop());

  const READERS = ROUTES.filter(([, url, who]) => who === 'reader' && !url.endsWith('/live'));
  test.each(READERS)('%s %s is open at the machine of a simulated site', async (_method, url) => {
    const query: Record<string, string> = {
      '/api/v1/readings/history': '?device=ups-1&point=battery.charge',
      '/api/v1/history': '?series=ups-1/battery.charge',
    };
    const path = `${fill(url)}${query[url] ?? ''}`;
    expect([401, 403, 500]).not.toContain((await site.dashboard.inject({ url: path })).statusCode);
  });

  test.each([
    ['another machine', FROM_ELSEWHERE],
    ['a proxy on this machine', { headers: { 'x-forwarded-for': '192.0.2.7' } }],
    ['a proxy on this machine (RFC 7239)', { headers: { forwarded: 'for=192.0.2.7' } }],
    ['a page whose name was pointed here (DNS rebinding)', { headers: { host: 'attacker.example:8080' } }],
    ['another machine that says it is local', { ...FROM_ELSEWHERE, headers: { host: 'localhost' } }],
  ])('is refused to %s', async (_who, options) => {
    const response = await site.dashboard.inject({ url: '/api/v1/devices', ...options });
    expect(response.statusCode).toBe(401);
    expect(response.json()).toMatchObject({ code: 'NOT_SIGNED_IN' });
  });

  test.each(['localhost:8080', '127.0.0.1:8080', '[::1]:8080', 'localhost'])('is open as %s', async (host) => {
    expect((await site.dashboard.inject({ url: '/api/v1/site', headers: { host } })).statusCode).toBe(200);
  });

  test('messages to people stay closed', async () => {
    for (const url of ['/api/v1/deliveries', '/api/v1/simulator', '/api/v1/plans', '/api/v1/incidents/x/report']) {
      expect((await site.dashboard.inject({ url })).statusCode).toBe(401);
    }
  });
});
