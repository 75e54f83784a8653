import { Secret as OtpSecret, TOTP } from 'otpauth';
import { afterEach, describe, expect, test } from 'vitest';
import { Secret } from '#core/secret.ts';
import { type Duration, hours, milliseconds, minutes, seconds } from '#core/time.ts';
import { openAccounts } from '#platform/accounts-store.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { createOneTimeCodes } from '#services/dashboard-api/auth/one-time-codes.ts';
import {
  makeConfig,
  PASSWORD,
  type SignedIn,
  START,
  sessionOf,
  startDashboard,
  type TestDashboard,
} from './support.ts';

let running: TestDashboard | null = null;
const start: typeof startDashboard = async (options) => {
  running = await startDashboard(options);
  return running;
};
afterEach(async () => {
  await running?.dashboard.stop();
  running = null;
});

const call = (
  site: TestDashboard,
  { headers }: SignedIn,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  payload?: object,
) => site.dashboard.inject({ method, url: `/api/v1${url}`, headers, ...(payload === undefined ? {} : { payload }) });

const signIn = (site: TestDashboard, payload: object, remoteAddress = '127.0.0.1') =>
  site.dashboard.inject({ method: 'POST', url: '/api/v1/session', payload, remoteAddress });

/** What the telephone shows, so long from now. */
const codeOf = (site: TestDashboard, secret: string, away: Duration = milliseconds(0)): string =>
  new TOTP({ secret: OtpSecret.fromBase32(secret) }).generate({ timestamp: site.wall.now() + away });

/** Sets codes up for the account and goes on to the next 30 s, so that a new code is there. */
async function setUp(site: TestDashboard, me: SignedIn): Promise<{ secret: string; recovery: readonly string[] }> {
  const { secret } = (await call(site, me, 'POST', '/one-time-codes', { password: PASSWORD })).json();
  const on = await call(site, me, 'PUT', '/one-time-codes', { code: codeOf(site, secret) });
  expect(on.statusCode).toBe(200);
  await site.wall.advanceByAsync(seconds(30));
  return { secret, recovery: on.json().codes };
}

describe('one-time codes', () => {
  test('are those of RFC 6238, appendix B', () => {
    const accounts = openAccounts(':memory:');
    // The RFC's secret is the ASCII text 12345678901234567890; at 59 s its SHA-1 code is 94287082, of six digits 287082.
    const totp = new TOTP({ secret: OtpSecret.fromUTF8('12345678901234567890') });
    expect(totp.generate({ timestamp: 59_000 })).toBe('287082');
    expect(totp.generate({ timestamp: 1_111_111_109_000 })).toBe('081804');
    accounts.close();
  });

  test('are shown once, count only when a code has proven them, and then are asked for', async () => {
    const site = await start();
    const me = await site.signIn('duty');
    expect((await call(site, me, 'GET', '/one-time-codes')).json()).toEqual({
      ...{ state: 'off', since: null, recoveryLeft: 0, required: false },
    });
    expect((await call(site, me, 'POST', '/one-time-codes', { password: 'wrong' })).statusCode).toBe(401);
    const begun = (await call(site, me, 'POST', '/one-time-codes', { password: PASSWORD })).json();
    expect(begun.uri).toMatch(/^otpauth:\/\/totp\/Zhishou%20Sample%20room:duty\?issuer=/);
    expect(begun.secret).toMatch(/^[A-Z2-7]{32}$/);
    expect((await call(site, me, 'GET', '/one-time-codes')).json()).toMatchObject({ state: 'begun' });
    // Begun and given up halfway: nobody is locked out.
    expect((await signIn(site, { user: 'duty', password: PASSWORD })).statusCode).toBe(200);
    expect((await call(site, me, 'PUT', '/one-time-codes', { code: '000000' })).statusCode).toBe(400);
    const on = await call(site, me, 'PUT', '/one-time-codes', { code: codeOf(site, begun.secret) });
    expect(on.json().codes).toHaveLength(10);
    expect((await call(site, me, 'GET', '/one-time-codes')).json()).toMatchObject({ state: 'on', recoveryLeft: 10 });
    expect((await signIn(site, { user: 'duty', password: PASSWORD })).json()).toMatchObject({ code: 'CODE_NEEDED' });
  });

  test('turning them on ends the sessions that came in without', async () => {
    const site = await start();
    const other = await site.signIn('duty');
    const me = await site.signIn('duty');
    await setUp(site, me);
    expect((await call(site, other, 'GET', '/session')).statusCode).toBe(401);
    expect((await call(site, me, 'GET', '/session')).json().user).toMatchObject({ totp: true });
  });

  test('a code lets in once: the same one again is refused, and so is an older one', async () => {
    const site = await start();
    const { secret } = await setUp(site, await site.signIn('duty'));
    const code = codeOf(site, secret);
    const before = codeOf(site, secret, seconds(-30));
    expect((await signIn(site, { user: 'duty', password: PASSWORD, code })).statusCode).toBe(200);
    expect((await signIn(site, { user: 'duty', password: PASSWORD, code })).statusCode).toBe(401);
    expect((await signIn(site, { user: 'duty', password: PASSWORD, code: before })).statusCode).toBe(401);
  });

  test('the code that confirmed them does not sign in too', async () => {
    const site = await start();
    const me = await site.signIn('duty');
    const { secret } = (await call(site, me, 'POST', '/one-time-codes', { password: PASSWORD })).json();
    const code = codeOf(site, secret);
    expect((await call(site, me, 'PUT', '/one-time-codes', { code })).statusCode).toBe(200);
    expect((await signIn(site, { user: 'duty', password: PASSWORD, code })).statusCode).toBe(401);
  });

  test.each([
    ['one step slow', -30, 200],
    ['right', 0, 200],
    ['one step fast', 30, 200],
    ['two steps slow', -60, 401],
    ['two steps fast', 60, 401],
  ])('a telephone whose clock is %s (%i s) gets %i', async (_what, away, status) => {
    const site = await start();
    const { secret } = await setUp(site, await site.signIn('duty'));
    await site.wall.advanceByAsync(minutes(5));
    const code = codeOf(site, secret, seconds(away));
    expect((await signIn(site, { user: 'duty', password: PASSWORD, code })).statusCode).toBe(status);
  });

  test('a wrong code is answered as a wrong password is, and counts for the pause', async () => {
    const site = await start();
    const { secret } = await setUp(site, await site.signIn('duty'));
    const wrongCode = await signIn(site, { user: 'duty', password: PASSWORD, code: '000000' });
    const wrongPassword = await signIn(site, { user: 'duty', password: 'wrong', code: codeOf(site, secret) });
    expect(wrongCode.body).toBe(wrongPassword.body);
    for (let i = 0; i < 3; i++) await signIn(site, { user: 'duty', password: PASSWORD, code: '000000' });
    const right = { user: 'duty', password: PASSWORD, code: codeOf(site, secret) };
    expect((await signIn(site, right)).json()).toMatchObject({ code: 'TOO_MANY', retryAfterS: 30 });
  });

  test('asking for the code in between forgives no guess: whoever knows the password guesses codes no faster', async () => {
    const site = await start();
    await setUp(site, await site.signIn('duty'));
    for (let i = 0; i < 5; i++) {
      expect((await signIn(site, { user: 'duty', password: PASSWORD })).json().code).toBe('CODE_NEEDED');
      expect((await signIn(site, { user: 'duty', password: PASSWORD, code: '000000' })).statusCode).toBe(401);
    }
    expect((await signIn(site, { user: 'duty', password: PASSWORD })).statusCode).toBe(429);
  });

  test('being asked for the code costs nothing', async () => {
    const site = await start();
    const { secret } = await setUp(site, await site.signIn('duty'));
    for (let i = 0; i < 20; i++) await signIn(site, { user: 'duty', password: PASSWORD });
    expect((await signIn(site, { user: 'duty', password: PASSWORD, code: codeOf(site, secret) })).statusCode).toBe(200);
  });

  test('an account without them takes no notice of a code that was typed', async () => {
    const site = await start();
    await site.signIn('duty');
    expect((await signIn(site, { user: 'duty', password: PASSWORD, code: '123456' })).statusCode).toBe(200);
  });
});

describe('recovery codes', () => {
  test('each lets in once, typed with or without hyphens, in any case', async () => {
    const site = await start();
    const { recovery } = await setUp(site, await site.signIn('duty'));
    const [first = '', second = ''] = recovery;
    expect(first).toMatch(/^[a-z1-9]{4}-[a-z1-9]{4}-[a-z1-9]{4}$/);
    const typed = first.replaceAll('-', ' ').toUpperCase();
    const me = sessionOf(await signIn(site, { user: 'duty', password: PASSWORD, code: typed }));
    expect((await call(site, me, 'GET', '/one-time-codes')).json()).toMatchObject({ recoveryLeft: 9 });
    expect((await signIn(site, { user: 'duty', password: PASSWORD, code: first })).statusCode).toBe(401);
    expect((await signIn(site, { user: 'duty', password: PASSWORD, code: second })).statusCode).toBe(200);
  });

  test('new ones take the place of the old ones, by password and code', async () => {
    const site = await start();
    const me = await site.signIn('duty');
    const { secret, recovery } = await setUp(site, me);
    const renew = (code: string) => call(site, me, 'POST', '/one-time-codes/recovery', { password: PASSWORD, code });
    expect((await renew('000000')).statusCode).toBe(401);
    const fresh = (await renew(codeOf(site, secret))).json().codes;
    expect(fresh).toHaveLength(10);
    expect((await signIn(site, { user: 'duty', password: PASSWORD, code: recovery[0] })).statusCode).toBe(401);
    expect((await signIn(site, { user: 'duty', password: PASSWORD, code: fresh[0] })).statusCode).toBe(200);
  });

  test('are kept as digests, and the secret sealed: the store tells neither', async () => {
    const site = await start();
    const { secret, recovery } = await setUp(site, await site.signIn('duty'));
    const kept = JSON.stringify(site.accounts.codesOf('duty'));
    expect(kept).not.toContain(secret);
    expect(kept).not.toContain(recovery[0]);
  });

  test('still let in when the key that seals the secret is another one', () => {
    const accounts = openAccounts(':memory:');
    const wall = createVirtualClock(START);
    const parts = { accounts, wall, issuer: 'Zhishou' };
    const before = createOneTimeCodes({ ...parts, key: new Secret('the key') });
    const { secret } = before.begin('duty');
    const code = new TOTP({ secret: OtpSecret.fromBase32(secret) }).generate({ timestamp: START });
    const [recovery = ''] = before.confirm('duty', code) ?? [];
    const after = createOneTimeCodes({ ...parts, key: new Secret('another key') });
    const next = new TOTP({ secret: OtpSecret.fromBase32(secret) }).generate({ timestamp: START + 30_000 });
    expect([after.isOn('duty'), after.take('duty', next), after.take('duty', recovery)]).toEqual([true, false, true]);
    accounts.close();
  });
});

describe('taking them off', () => {
  test('takes password and code; a second set is begun only then', async () => {
    const site = await start();
    const me = await site.signIn('duty');
    const { secret } = await setUp(site, me);
    expect((await call(site, me, 'POST', '/one-time-codes', { password: PASSWORD })).statusCode).toBe(409);
    const off = (code: string) => call(site, me, 'DELETE', '/one-time-codes', { password: PASSWORD, code });
    expect((await off('000000')).statusCode).toBe(401);
    expect((await off(codeOf(site, secret))).statusCode).toBe(204);
    expect((await signIn(site, { user: 'duty', password: PASSWORD })).statusCode).toBe(200);
  });

  test('an administrator does it for whoever lost the telephone; it is on record and ends the sessions', async () => {
    const site = await start();
    const admin = await site.signIn();
    const me = await site.signIn('duty');
    await setUp(site, me);
    const { users } = (await call(site, admin, 'GET', '/users')).json();
    expect(users.map(({ user, totp }: { user: string; totp: boolean }) => [user, totp])).toContainEqual(['duty', true]);
    expect((await call(site, admin, 'PATCH', '/users/duty', { removeTotp: true })).json().user.totp).toBe(false);
    expect((await call(site, me, 'GET', '/session')).statusCode).toBe(401);
    expect((await signIn(site, { user: 'duty', password: PASSWORD })).statusCode).toBe(200);
    expect(JSON.stringify(site.accounts.audit.read({ limit: 5 }))).toContain('removeTotp');
  });

  test('no code, secret or password is ever on record', async () => {
    const site = await start();
    const me = await site.signIn('duty');
    const { secret, recovery } = await setUp(site, me);
    await signIn(site, { user: 'duty', password: PASSWORD, code: recovery[1] });
    const record = JSON.stringify(site.accounts.audit.read({ limit: 100 }));
    for (const word of [secret, ...recovery, PASSWORD]) expect(record).not.toContain(word);
  });
});

describe('where the site asks for them in a role', () => {
  const demanding = () => {
    const config = makeConfig();
    return start({
      config: { ...config, site: { ...config.site, http: { ...config.site.http, totp: { required: ['operator'] } } } },
    });
  };

  test('who has none changes nothing but that, and an emergency is answered all the same', async () => {
    const site = await demanding();
    const me = await site.signIn('operator');
    expect(me.session).toMatchObject({ codesDue: true, passwordDue: false });
    const simulate = () => call(site, me, 'POST', '/simulator', { kind: 'mains', present: false });
    expect((await simulate()).json()).toMatchObject({ code: 'FORBIDDEN', detail: expect.stringMatching(/one-time/) });
    const sent = new Promise<void>((resolve) => void site.bus.subscribe('zhishou/sample/command', () => resolve()));
    const answering = call(site, me, 'POST', '/commands', { kind: 'incident.acknowledge', incident: 'i' });
    await sent;
    await site.wall.advanceByAsync(seconds(5));
    expect((await answering).statusCode).toBe(504);
    await setUp(site, me);
    expect((await simulate()).statusCode).toBe(202);
  });

  test('other roles are not asked', async () => {
    const site = await demanding();
    expect((await site.signIn('duty')).session.codesDue).toBe(false);
  });

  test('a signed link needs neither sign-in nor code: the telephone that rings may be the one with the app', async () => {
    const site = await demanding();
    const routes = site.dashboard.routes().filter(({ url }) => url === '/a/:token');
    expect(routes.map(({ access }) => access.who)).toEqual(expect.arrayContaining(['everybody']));
    await site.wall.advanceByAsync(hours(1));
    expect((await site.dashboard.inject({ url: '/a/nonsense' })).statusCode).not.toBe(401);
  });
});
