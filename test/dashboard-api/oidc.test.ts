import { describe, expect, test } from 'vitest';
import { oidcSchema } from '#core/config/sign-in.ts';
import { siteSchema } from '#core/config/site.ts';
import { hours, minutes } from '#core/time.ts';
import { CLIENT, type Lie, startProvider } from './oidc-provider.ts';
import {
  comeBack,
  LIN_HAO,
  leave,
  PUBLIC_URL,
  provider,
  reasons,
  sessionIn,
  signIn,
  site,
  start,
} from './oidc-site.ts';
import { PASSWORD, sessionOf, startDashboard } from './support.ts';

describe('signing in at the provider', () => {
  test('goes there with PKCE, state and nonce, by a cookie that only these routes see', async () => {
    await start();
    const response = await site.dashboard.inject('/api/v1/oidc/start');
    const asked = new URL(String(response.headers.location));
    expect(asked.origin + asked.pathname).toBe(`${provider.issuer}/authorize`);
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      response_type: 'code',
      scope: 'openid profile email',
      redirect_uri: `${PUBLIC_URL}/api/v1/oidc/callback`,
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(response.cookies[0]).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/api/v1/oidc', maxAge: 600 });
    expect(response.headers.location).not.toContain(CLIENT.secret);
  });

  test('makes an account of the role viewer, once, and leads to where one wanted to be', async () => {
    await start();
    const response = await signIn(LIN_HAO, '/incidents/1?tab=steps');
    expect([response.statusCode, response.headers.location]).toEqual([302, '/incidents/1?tab=steps']);
    const me = await sessionIn(response);
    expect(me).toMatchObject({
      via: 'oidc',
      passwordDue: false,
      codesDue: false,
      user: { user: 'lin.hao', name: '林浩', role: 'viewer', hasPassword: false, linked: true },
    });
    await signIn({ ...LIN_HAO, preferred_username: 'a-new-name' });
    expect(site.accounts.users().map(({ user }) => user)).toEqual(['admin', 'lin.hao']);
  });

  test('the verifier that only we know is shown at the exchange', async () => {
    await start();
    await signIn();
    expect(provider.exchanges.at(-1)).toMatchObject({
      grant_type: 'authorization_code',
      code_verifier: expect.stringMatching(/^[\w-]{43}$/),
    });
  });

  test('is on record with the person, and never with a code or token', async () => {
    await start();
    await signIn();
    const [entry] = site.accounts.audit.read({ limit: 1 });
    expect(entry).toMatchObject({
      user: 'lin.hao',
      action: 'GET /api/v1/oidc/callback',
      detail: 'sign-in of lin.hao at the provider, as viewer',
    });
  });

  test('a new signing key at the provider is found by itself', async () => {
    await start();
    await signIn();
    provider.rotateKey();
    // openid-client asks for keys again at most once a minute; a service that starts has none yet.
    await site.dashboard.stop();
    await start();
    expect((await signIn()).headers.location).toBe('/');
  });

  test('an account like that has no password to sign in with, and none falls due', async () => {
    await start();
    await signIn();
    await site.wall.advanceByAsync(hours(24 * 100));
    const answer = await site.dashboard.inject({
      method: 'POST',
      url: '/api/v1/session',
      payload: { user: 'lin.hao', password: '' },
    });
    expect(answer.statusCode).toBe(400);
    const guess = { user: 'lin.hao', password: PASSWORD };
    expect((await site.dashboard.inject({ method: 'POST', url: '/api/v1/session', payload: guess })).statusCode).toBe(
      401,
    );
    expect(await sessionIn(await signIn())).toMatchObject({ passwordDue: false });
  });
});

describe('what comes back and is not to be believed', () => {
  const LIES: readonly [what: string, why: RegExp, lie: Lie][] = [
    ['a nonce of another attempt', /"nonce"/, { claims: { nonce: 'another' } }],
    ['no nonce', /"nonce"/, { without: ['nonce'] }],
    ['another audience', /"aud"/, { claims: { aud: 'another-client' } }],
    ['another issuer', /"iss"/, { claims: { iss: 'https://evil.example' } }],
    ['an ID token that has expired', /"exp"/, { claims: { exp: Math.floor(Date.now() / 1000) - 120 } }],
    ['an ID token of the future', /"nbf"/, { claims: { nbf: Math.floor(Date.now() / 1000) + 600 } }],
    ['no signature (alg none)', /"alg"/, { signature: 'none' }],
    ['a signature by a key that the provider does not show', /signature verification/, { signature: 'foreign' }],
    ['a signature made with the client secret (HS256)', /"alg"/, { signature: 'hmac' }],
    ['no subject', /"sub"/, { without: ['sub'] }],
    ['no ID token at all', /"id_token"/, { noIdToken: true }],
    ['a refusal by the token endpoint', /HTTP response status/, { tokenStatus: 500 }],
  ];
  test.each(LIES)('%s: no session, no account, local sign-in as before', async (_what, why, lie) => {
    await start();
    provider.lie(lie);
    const response = await signIn();
    expect(response.headers.location).toMatch(/^\/sign-in\?oidc=answer$/);
    expect(reasons).toEqual([expect.stringMatching(why)]);
    expect(response.cookies.filter(({ name }) => name === 'zhishou_session')).toEqual([]);
    expect(site.accounts.users()).toHaveLength(1);
    await site.signIn();
  });

  test.each([
    ['a clock 20 s ahead is borne', 20, '/'],
    ['a clock 5 min ahead is not', 300, '/sign-in?oidc=answer'],
  ])('%s', async (_what, ahead, location) => {
    await start();
    const now = Math.floor(Date.now() / 1000);
    provider.lie({ claims: { iat: now + ahead, nbf: now + ahead, exp: now + ahead + 300 } });
    expect((await signIn()).headers.location).toBe(location);
  });

  test.each([['a discovery document of another issuer', { discovery: { issuer: 'https://evil.example' } }]])(
    '%s: one does not even go there',
    async (_what, lie) => {
      provider.lie(lie);
      await start();
      expect((await site.dashboard.inject('/api/v1/oidc/start')).headers.location).toBe('/sign-in?oidc=down');
    },
  );
});

describe('each attempt', () => {
  const STALE = '/sign-in?oidc=stale';

  test('comes back once: the address typed again is worth nothing', async () => {
    await start();
    const { location, cookie } = await leave();
    const address = provider.authorize(location, LIN_HAO);
    expect((await comeBack(address, cookie)).headers.location).toBe('/');
    expect((await comeBack(address, cookie)).headers.location).toBe(STALE);
  });

  test('belongs to the browser that left: a stranger’s address signs nobody in (login CSRF)', async () => {
    await start();
    const attacker = await leave();
    const victim = await leave();
    const address = provider.authorize(attacker.location, LIN_HAO);
    expect((await comeBack(address, victim.cookie)).headers.location).toBe(STALE);
    expect((await comeBack(address, '')).headers.location).toBe(STALE);
    expect(site.accounts.users()).toHaveLength(1);
  });

  test.each([
    ['a state that is not known', (url: URL) => url.searchParams.set('state', 'x')],
    ['no state', (url: URL) => url.searchParams.delete('state')],
  ])('%s is refused', async (_what, change) => {
    await start();
    const { location, cookie } = await leave();
    const address = new URL(provider.authorize(location, LIN_HAO));
    change(address);
    expect((await comeBack(address.href, cookie)).headers.location).toBe(STALE);
  });

  test('ends after ten minutes', async () => {
    await start();
    const { location, cookie } = await leave();
    await site.wall.advanceByAsync(minutes(11));
    expect((await comeBack(provider.authorize(location, LIN_HAO), cookie)).headers.location).toBe(STALE);
  });

  test('a code of another attempt does not fit its verifier', async () => {
    await start();
    const other = new URL(provider.authorize((await leave()).location, LIN_HAO));
    const { location, cookie } = await leave();
    const address = new URL(provider.authorize(location, LIN_HAO));
    address.searchParams.set('code', other.searchParams.get('code') ?? '');
    expect((await comeBack(address.href, cookie)).headers.location).toBe('/sign-in?oidc=answer');
  });

  test('whoever says no there is told so', async () => {
    await start();
    const { location, cookie } = await leave();
    const state = new URL(location).searchParams.get('state') ?? '';
    const address = `${PUBLIC_URL}/api/v1/oidc/callback?error=access_denied&state=${state}`;
    expect((await comeBack(address, cookie)).headers.location).toBe('/sign-in?oidc=denied');
  });

  test.each(['//evil.example', '/\\evil.example', 'https://evil.example', '/\t/evil.example', '/a\\b', ''])(
    'leads to a page of our own, never to %j',
    async (to) => {
      await start();
      expect((await signIn(LIN_HAO, to)).headers.location).toBe('/');
    },
  );
});

describe('a provider that is down', () => {
  test('is told, nobody waits for it, and local sign-in goes on', async () => {
    const gone = await startProvider();
    await start({}, gone.issuer);
    await gone.close();
    expect((await site.dashboard.inject('/api/v1/oidc/start')).headers.location).toBe('/sign-in?oidc=down');
    expect((await site.dashboard.inject('/api/v1/sign-in')).json()).toMatchObject({
      firstRun: false,
      oidc: { name: { zh: '统一身份认证', en: 'single sign-on' }, reachable: false },
    });
    sessionOf(
      await site.dashboard.inject({
        method: 'POST',
        url: '/api/v1/session',
        payload: { user: 'admin', password: site.dashboard.firstPassword },
      }),
    );
  });

  test('that went away while somebody was there is told as that', async () => {
    const going = await startProvider();
    await start({}, going.issuer);
    const { location, cookie } = await leave();
    const address = going.authorize(location, LIN_HAO);
    await going.close();
    expect((await comeBack(address, cookie)).headers.location).toBe('/sign-in?oidc=down');
  });

  test('is tried again by itself, and works when it is back', async () => {
    provider.lie({ discovery: { issuer: 'https://evil.example' } });
    await start();
    await site.dashboard.inject('/api/v1/oidc/start');
    provider.lie({});
    expect((await signIn()).headers.location).toBe('/');
    expect((await site.dashboard.inject('/api/v1/sign-in')).json().oidc.reachable).toBe(true);
  });
});

test('signing out also signs out there, where site.yaml says so', async () => {
  await start({ sign_out: true });
  const response = await signIn();
  const cookie = `zhishou_session=${response.cookies.find(({ name }) => name === 'zhishou_session')?.value}`;
  const { csrf } = await sessionIn(response);
  const headers = { cookie, 'x-zhishou-csrf': csrf };
  const out = await site.dashboard.inject({ method: 'DELETE', url: '/api/v1/session', headers });
  const location = new URL(out.json().location);
  expect(location.origin + location.pathname).toBe(`${provider.issuer}/end`);
  expect(location.searchParams.get('post_logout_redirect_uri')).toBe(PUBLIC_URL);
  const local = await site.signIn();
  const plain = await site.dashboard.inject({ method: 'DELETE', url: '/api/v1/session', headers: local.headers });
  expect(plain.statusCode).toBe(204);
});

test('a site without a provider has none of it', async () => {
  const site = await startDashboard({ simulation: false });
  expect((await site.dashboard.inject('/api/v1/sign-in')).json()).toEqual({ firstRun: false, oidc: null });
  expect((await site.dashboard.inject('/api/v1/oidc/start')).statusCode).toBe(404);
  expect((await site.dashboard.inject('/api/v1/oidc/callback?code=x&state=y')).statusCode).toBe(404);
  await site.dashboard.stop();
});

test.each([
  ['http://sso.example.com', 'plain http to another machine'],
  ['https://sso.example.com?x=1', 'a query'],
  ['sso.example.com', 'no scheme'],
])('site.yaml: the issuer %s is refused: %s', (issuer) => {
  expect(oidcSchema.safeParse({ issuer, client_id: 'x' }).success).toBe(false);
});

test('site.yaml: a provider needs the address that people are sent back to', () => {
  const http = { oidc: { issuer: 'https://sso.example.com', client_id: 'x' } };
  const parsed = siteSchema.shape.http.safeParse(http);
  expect(parsed.error?.issues[0]?.path).toEqual(['public_url']);
});
