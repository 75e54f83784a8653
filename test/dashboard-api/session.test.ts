import { afterEach, describe, expect, test } from 'vitest';
import { hours, milliseconds, minutes, seconds } from '#core/time.ts';
import { lockLength } from '#services/dashboard-api/auth/lock-out.ts';
import { FAST_PASSWORDS, PASSWORD, sessionOf, startDashboard, type TestDashboard } from './support.ts';

let running: TestDashboard | null = null;
const start: typeof startDashboard = async (options) => {
  running = await startDashboard(options);
  return running;
};
afterEach(async () => {
  await running?.dashboard.stop();
  running = null;
});

const signInWith = ({ dashboard }: TestDashboard, user: string, password: string, remoteAddress = '127.0.0.1') =>
  dashboard.inject({ method: 'POST', url: '/api/v1/session', payload: { user, password }, remoteAddress });

describe('the first administrator', () => {
  test('is made at the first start with a password that is told once', async () => {
    const site = await start();
    const password = site.dashboard.firstPassword ?? '';
    expect(password.length).toBeGreaterThanOrEqual(16);
    expect((await signInWith(site, 'admin', password)).json()).toMatchObject({
      user: { user: 'admin', role: 'administrator' },
      passwordDue: false,
    });
  });

  test('is not made again', async () => {
    const first = await start();
    const { accounts } = first;
    await first.dashboard.stop();
    const second = await start({ accounts });
    expect(second.dashboard.firstPassword).toBeNull();
    expect(accounts.users()).toHaveLength(1);
  });
});

describe('signing in', () => {
  test('sets a cookie that no script reads and no other site sends', async () => {
    const site = await start();
    const response = await signInWith(site, ' Admin ', site.dashboard.firstPassword ?? '');
    const [cookie] = response.cookies;
    expect(cookie).toMatchObject({ name: 'zhishou_session', httpOnly: true, sameSite: 'Strict', path: '/' });
    expect(response.body).not.toContain(cookie?.value ?? 'none');
  });

  test('answers a wrong password and an unknown name with the same words', async () => {
    const site = await start();
    const wrong = await signInWith(site, 'admin', 'not the password');
    const unknown = await signInWith(site, 'nobody', 'not the password');
    expect(wrong.statusCode).toBe(401);
    expect(wrong.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(unknown.body).toBe(wrong.body);
  });

  test('pauses an account for an address from the fifth wrong password on, longer each time, and never for good', async () => {
    const site = await start();
    const right = site.dashboard.firstPassword ?? '';
    for (let i = 0; i < 5; i++) expect((await signInWith(site, 'admin', 'wrong')).statusCode).toBe(401);
    const locked = await signInWith(site, 'admin', right);
    expect(locked.statusCode).toBe(429);
    expect(locked.json()).toMatchObject({ code: 'TOO_MANY', retryAfterS: 30 });
    expect(locked.headers['retry-after']).toBe('30');
    // Somebody elsewhere is not kept out by it.
    expect((await signInWith(site, 'admin', right, '192.0.2.9')).statusCode).toBe(200);
    await site.wall.advanceByAsync(seconds(30));
    expect((await signInWith(site, 'admin', 'wrong')).statusCode).toBe(401);
    expect((await signInWith(site, 'admin', right)).json()).toMatchObject({ retryAfterS: 60 });
    await site.wall.advanceByAsync(seconds(60));
    expect((await signInWith(site, 'admin', right)).statusCode).toBe(200);
    expect((await signInWith(site, 'admin', 'wrong')).statusCode).toBe(401);
    expect((await signInWith(site, 'admin', right)).statusCode).toBe(200);
  });

  test('counts guesses that are made side by side', async () => {
    const site = await start();
    const statuses = await Promise.all(
      Array.from({ length: 12 }, async () => (await signInWith(site, 'admin', 'wrong')).statusCode),
    );
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(7);
  });

  test('the lock-out table: nothing for four, then 30 s doubling up to 15 minutes', () => {
    expect([1, 4, 5, 6, 7, 9, 10, 1000].map((count) => lockLength(count) / 1000)).toEqual([
      0, 0, 30, 60, 120, 480, 900, 900,
    ]);
  });

  test('a disabled account cannot sign in', async () => {
    const site = await start();
    await site.signIn('duty');
    site.accounts.updateUser('duty', { disabled: true });
    expect((await signInWith(site, 'duty', PASSWORD)).statusCode).toBe(401);
  });
});

describe('a session', () => {
  const me = (site: TestDashboard, headers: Record<string, string>) =>
    site.dashboard.inject({ url: '/api/v1/session', headers });

  test('ends when it is signed out', async () => {
    const site = await start();
    const { headers } = await site.signIn('viewer');
    expect((await me(site, headers)).statusCode).toBe(200);
    expect((await site.dashboard.inject({ method: 'DELETE', url: '/api/v1/session', headers })).statusCode).toBe(204);
    expect((await me(site, headers)).statusCode).toBe(401);
  });

  test('ends 24 hours after its last use, and after seven days whatever its use', async () => {
    const site = await start();
    const { headers } = await site.signIn('viewer');
    await site.wall.advanceByAsync(hours(23));
    expect((await me(site, headers)).statusCode).toBe(200);
    await site.wall.advanceByAsync(milliseconds(hours(24) + 1));
    expect((await me(site, headers)).statusCode).toBe(401);
    const again = await site.signIn('viewer');
    for (let hour = 0; hour < 7 * 24 - 12; hour += 12) {
      await site.wall.advanceByAsync(hours(12));
      expect((await me(site, again.headers)).statusCode).toBe(200);
    }
    await site.wall.advanceByAsync(hours(12));
    expect((await me(site, again.headers)).statusCode).toBe(401);
  });

  test('survives a restart of the service', async () => {
    const site = await start();
    const { headers } = await site.signIn('viewer');
    await site.dashboard.stop();
    const next = await start({ accounts: site.accounts });
    expect((await me(next, headers)).statusCode).toBe(200);
  });

  test('ends when its account is disabled', async () => {
    const site = await start();
    const { headers } = await site.signIn('duty');
    const admin = await site.signIn();
    await site.dashboard.inject({
      method: 'PATCH',
      url: '/api/v1/users/duty',
      headers: admin.headers,
      payload: { disabled: true },
    });
    expect((await me(site, headers)).statusCode).toBe(401);
  });

  test('the cookie alone changes nothing: the csrf header must be of the same session', async () => {
    const site = await start();
    const { headers } = await site.signIn('duty');
    const other = await site.signIn('viewer');
    const payload = { kind: 'mains', present: false };
    const post = (extra: Record<string, string>) =>
      site.dashboard.inject({ method: 'POST', url: '/api/v1/simulator', headers: extra, payload });
    expect((await post({ cookie: headers.cookie })).json()).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect((await post({ cookie: headers.cookie, 'x-zhishou-csrf': other.session.csrf })).statusCode).toBe(403);
    expect((await post(headers)).statusCode).toBe(202);
  });

  test.each([
    ['another origin', { origin: 'https://evil.example' }, 403],
    ['a sandboxed page', { origin: 'null' }, 403],
    ['a cross-site fetch', { 'sec-fetch-site': 'cross-site' }, 403],
    ['its own origin', { origin: 'http://localhost:80', host: 'localhost' }, 202],
  ])('a changing request from %s', async (_from, extra, status) => {
    const site = await start();
    const { headers } = await site.signIn('duty');
    const response = await site.dashboard.inject({
      method: 'POST',
      url: '/api/v1/simulator',
      headers: { host: 'localhost', ...headers, ...extra } as Record<string, string>,
      payload: { kind: 'mains', present: false },
    });
    expect(response.statusCode).toBe(status);
  });

  test('signing in from another site is refused too', async () => {
    const site = await start();
    const response = await site.dashboard.inject({
      method: 'POST',
      url: '/api/v1/session',
      headers: { origin: 'https://evil.example' },
      payload: { user: 'admin', password: site.dashboard.firstPassword },
    });
    expect(response.statusCode).toBe(403);
  });
});

describe('passwords (O-PWD-1)', () => {
  const change = (site: TestDashboard, headers: Record<string, string>, current: string, next: string) =>
    site.dashboard.inject({ method: 'PUT', url: '/api/v1/password', headers, payload: { current, next } });

  test.each([
    ['short12', 'fewer than eight characters'],
    ['aaaaaaaaaaaa', 'one character'],
    ['viewer-2026', 'the user name'],
    ['Password1', 'one that everybody tries'],
    [PASSWORD, 'the present one'],
  ])('%s is refused: %s', async (next) => {
    const site = await start();
    const { headers } = await site.signIn('viewer');
    const response = await change(site, headers, PASSWORD, next);
    expect(response.statusCode).toBe(400);
    expect(response.json().issues[0].path).toBe('next');
  });

  test('none of the last five comes back', async () => {
    const site = await start();
    const { headers } = await site.signIn('viewer');
    let current = PASSWORD;
    for (const next of ['first change 1', 'second change 2', 'third change 3', 'fourth change 4']) {
      expect((await change(site, headers, current, next)).statusCode).toBe(204);
      expect((await change(site, headers, next, PASSWORD)).statusCode).toBe(400);
      current = next;
      await site.wall.advanceByAsync(minutes(1));
    }
    expect((await change(site, headers, current, 'fifth change 5')).statusCode).toBe(204);
    expect((await change(site, headers, 'fifth change 5', PASSWORD)).statusCode).toBe(204);
  });

  test('a change ends the other sessions of the account and keeps this one', async () => {
    const site = await start();
    const first = await site.signIn('viewer');
    const second = sessionOf(await signInWith(site, 'viewer', PASSWORD));
    expect((await change(site, second.headers, PASSWORD, 'another good one')).statusCode).toBe(204);
    const me = (headers: Record<string, string>) => site.dashboard.inject({ url: '/api/v1/session', headers });
    expect((await me(first.headers)).statusCode).toBe(401);
    expect((await me(second.headers)).statusCode).toBe(200);
  });

  test('a wrong present password counts for the lock-out', async () => {
    const site = await start();
    const { headers } = await site.signIn('viewer');
    for (let i = 0; i < 5; i++) expect((await change(site, headers, 'wrong', 'another good one')).statusCode).toBe(401);
    expect((await change(site, headers, PASSWORD, 'another good one')).statusCode).toBe(429);
  });

  test('after 90 days it is due: nothing may be changed but it, and an emergency is still answered', async () => {
    const site = await start();
    await site.signIn('operator');
    await site.wall.advanceByAsync(hours(90 * 24));
    const { headers, session } = await site.signIn('operator');
    expect(session.passwordDue).toBe(true);
    const post = (url: string, payload: object) => site.dashboard.inject({ method: 'POST', url, headers, payload });
    expect((await post('/api/v1/simulator', { kind: 'mains', present: false })).statusCode).toBe(403);
    const silence = { kind: 'alert.silence', alert: 'a', minutes: 5, reason: 'r' };
    expect((await post('/api/v1/commands', silence)).statusCode).toBe(403);
    const sent = new Promise<void>((resolve) => {
      void site.bus.subscribe('zhishou/sample/command', () => resolve());
    });
    const answering = post('/api/v1/commands', { kind: 'incident.acknowledge', incident: 'i' });
    await sent;
    await site.wall.advanceByAsync(seconds(5));
    // It went out and nobody was there to answer: not refused.
    expect((await answering).statusCode).toBe(504);
    expect((await change(site, headers, PASSWORD, 'another good one')).statusCode).toBe(204);
    expect((await post('/api/v1/simulator', { kind: 'mains', present: false })).statusCode).toBe(202);
  });

  test('a hash is argon2id with its own salt, and the real cost is the one OWASP names', async () => {
    const { createPasswords } = await import('#platform/passwords.ts');
    const passwords = createPasswords();
    const [one, other] = await Promise.all([passwords.hash('x'), passwords.hash('x')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(other);
    expect(await passwords.verify('x', one)).toBe(true);
    expect(await passwords.verify('y', one)).toBe(false);
    expect(await passwords.verify('x', 'not a hash')).toBe(false);
    expect(await FAST_PASSWORDS.verify('x', null)).toBe(false);
  });
});
