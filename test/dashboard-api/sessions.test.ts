import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, test } from 'vitest';
import type { SignedInSession } from '#core/accounts-view.ts';
import { hours, minutes, seconds } from '#core/time.ts';
import { ACCOUNT_MIGRATIONS } from '#platform/accounts-schema.ts';
import { openAccounts } from '#platform/accounts-store.ts';
import { PASSWORD, type SignedIn, START, sessionOf, startDashboard, type TestDashboard } from './support.ts';

let running: TestDashboard | null = null;
const start: typeof startDashboard = async (options) => {
  running = await startDashboard(options);
  return running;
};
afterEach(async () => {
  await running?.dashboard.stop();
  running = null;
});

const signInFrom = async (site: TestDashboard, user: string, remoteAddress: string, agent: string): Promise<SignedIn> =>
  sessionOf(
    await site.dashboard.inject({
      method: 'POST',
      url: '/api/v1/session',
      payload: { user, password: PASSWORD },
      remoteAddress,
      headers: { 'user-agent': agent },
    }),
  );
const call = (site: TestDashboard, { headers }: SignedIn, method: 'GET' | 'DELETE', url: string) =>
  site.dashboard.inject({ method, url: `/api/v1${url}`, headers });
const list = async (site: TestDashboard, who: SignedIn, url = '/sessions'): Promise<readonly SignedInSession[]> =>
  (await call(site, who, 'GET', url)).json().sessions;
const alive = async (site: TestDashboard, who: SignedIn): Promise<boolean> =>
  (await call(site, who, 'GET', '/session')).statusCode === 200;

describe("one's own sessions", () => {
  test('say since when, from where, in which browser, used when last, and which is this one', async () => {
    const site = await start();
    await site.signIn('duty');
    await site.wall.advanceByAsync(hours(1));
    const phone = await signInFrom(site, 'duty', '192.0.2.9', 'Mozilla/5.0 (Linux; Android 14) Chrome/130');
    await site.wall.advanceByAsync(minutes(5));
    const [first, second] = await list(site, phone);
    expect(first).toMatchObject({
      user: 'duty',
      since: new Date(START + 3_600_000).toISOString(),
      lastUsedAt: new Date(START + 3_900_000).toISOString(),
      address: '192.0.2.9',
      agent: 'Mozilla/5.0 (Linux; Android 14) Chrome/130',
      via: 'password',
      current: true,
    });
    expect(second).toMatchObject({ since: new Date(START).toISOString(), current: false });
  });

  test('tell nothing that opens the door: neither the secret nor its digest', async () => {
    const site = await start();
    const me = await site.signIn('duty');
    const { body } = await call(site, me, 'GET', '/sessions');
    expect(body).not.toContain(me.headers.cookie.split('=')[1] ?? 'none');
    for (const { id } of site.accounts.sessions()) expect(body).not.toContain(id);
  });

  test('a browser that lies about itself at length is cut short and its control characters are left out', async () => {
    const site = await start();
    await site.signIn('duty');
    const liar = await signInFrom(site, 'duty', '192.0.2.9', `a\u0009b${'x'.repeat(5000)}`);
    const [mine] = await list(site, liar);
    expect(mine?.agent).toHaveLength(200);
    expect(mine?.agent).toMatch(/^abx+$/);
  });

  test('one can be ended, and all others at once; this one goes on', async () => {
    const site = await start();
    const first = await site.signIn('duty');
    const second = await signInFrom(site, 'duty', '192.0.2.9', 'b');
    const third = await signInFrom(site, 'duty', '192.0.2.10', 'c');
    const stranger = await site.signIn('viewer');
    const found = (await list(site, third)).find(({ address }) => address === '192.0.2.9');
    expect((await call(site, third, 'DELETE', `/sessions/${found?.id}`)).statusCode).toBe(204);
    expect([await alive(site, first), await alive(site, second)]).toEqual([true, false]);
    expect((await call(site, third, 'DELETE', '/sessions')).json()).toEqual({ ended: 1 });
    expect([await alive(site, first), await alive(site, third), await alive(site, stranger)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  test("somebody else's cannot be ended by its id", async () => {
    const site = await start();
    const admin = await site.signIn();
    const duty = await site.signIn('duty');
    const [theirs] = await list(site, admin);
    expect((await call(site, duty, 'DELETE', `/sessions/${theirs?.id}`)).statusCode).toBe(404);
    expect(await alive(site, admin)).toBe(true);
  });

  test('one that has ended by itself is not shown', async () => {
    const site = await start();
    await site.signIn('duty');
    await site.wall.advanceByAsync(hours(25));
    const me = await signInFrom(site, 'duty', '192.0.2.9', 'b');
    expect(await list(site, me)).toHaveLength(1);
  });

  test('can be ended while the password is due: whoever lost a telephone does not wait', async () => {
    const site = await start();
    await site.signIn('duty');
    site.accounts.setPassword('duty', site.accounts.user('duty')?.passwordHash ?? '', START, true);
    const me = await signInFrom(site, 'duty', '192.0.2.9', 'b');
    expect(me.session.passwordDue).toBe(true);
    expect((await call(site, me, 'DELETE', '/sessions')).json()).toEqual({ ended: 1 });
  });
});

describe("everybody's sessions", () => {
  test('an administrator sees and ends them; the record says whose', async () => {
    const site = await start();
    const admin = await site.signIn();
    const duty = await site.signIn('duty');
    const all = await list(site, admin, '/sessions/everybody');
    expect(all.map(({ user, current }) => [user, current]).toSorted()).toEqual([
      ['admin', true],
      ['duty', false],
    ]);
    const theirs = all.find(({ user }) => user === 'duty');
    expect((await call(site, admin, 'DELETE', `/sessions/everybody/${theirs?.id}`)).statusCode).toBe(204);
    expect(await alive(site, duty)).toBe(false);
    expect(site.accounts.audit.read({ limit: 1 })[0]?.detail).toMatch(/^of duty, from 127\.0\.0\.1 since/);
  });

  test('all of one person end together, of oneself all but this one', async () => {
    const site = await start();
    const admin = await site.signIn();
    await site.signIn('duty');
    await site.signIn('duty');
    expect((await call(site, admin, 'DELETE', '/users/duty/sessions')).json()).toEqual({ ended: 2 });
    expect((await call(site, admin, 'DELETE', '/users/admin/sessions')).json()).toEqual({ ended: 0 });
    expect((await call(site, admin, 'DELETE', '/users/nobody/sessions')).statusCode).toBe(404);
    expect(await alive(site, admin)).toBe(true);
  });
});

test('a hundred sign-ins in a row that all succeed lock nobody out', async () => {
  const site = await start();
  await site.signIn('duty');
  for (let i = 0; i < 120; i++) {
    await site.wall.advanceByAsync(seconds(60));
    expect(await signInFrom(site, 'duty', `192.0.2.${i}`, 'a')).toBeDefined();
  }
});

test('a store of before there were addresses, scopes and one-time codes is taken along as it is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-old-'));
  const file = join(folder, 'accounts.sqlite');
  const old = new DatabaseSync(file);
  for (const step of ACCOUNT_MIGRATIONS.slice(0, 2)) old.exec(step);
  old.exec(`PRAGMA user_version = 2;
    INSERT INTO users VALUES ('a', 'A', 'duty', NULL, 0, ${START}, NULL, 'hash', ${START}, 0);
    INSERT INTO sessions VALUES ('s', 'a', ${START}, ${START});
    INSERT INTO tokens VALUES ('t', 'digest', 'n', 'duty', 'admin', ${START}, ${START + 1e9}, NULL);`);
  old.close();
  const accounts = openAccounts(file);
  expect(accounts.session('s')).toMatchObject({ user: 'a', address: '', agent: '', via: 'password' });
  // A token keeps what it had: everything that its role allows.
  expect(accounts.tokenBySecret('digest')?.scopes).toEqual([
    ...['read', 'metrics', 'alertmanager', 'alerts:write', 'commands', 'tasks:write', 'surveys', 'simulator'],
  ]);
  expect([accounts.codesOf('a'), accounts.isLinked('a')]).toEqual([null, false]);
  accounts.close();
  rmSync(folder, { recursive: true });
});
