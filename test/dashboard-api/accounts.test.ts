import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { hours, type Instant, minus, plus } from '#core/time.ts';
import type { Account, Session } from '#platform/accounts-schema.ts';
import { openAccounts } from '#platform/accounts-store.ts';
import { ms, PASSWORD, type SignedIn, START, startDashboard, type TestDashboard } from './support.ts';

let running: TestDashboard | null = null;
const start: typeof startDashboard = async (options) => {
  running = await startDashboard(options);
  return running;
};
afterEach(async () => {
  await running?.dashboard.stop();
  running = null;
});

const folders: string[] = [];
const newFile = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-accounts-'));
  folders.push(folder);
  return join(folder, 'accounts.sqlite');
};
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const call = (
  site: TestDashboard,
  { headers }: SignedIn,
  method: 'POST' | 'PATCH' | 'GET',
  url: string,
  payload?: object,
) => site.dashboard.inject({ method, url: `/api/v1${url}`, headers, ...(payload === undefined ? {} : { payload }) });

describe('accounts', () => {
  test('a new one gets a password that is shown once and must be changed', async () => {
    const site = await start();
    const admin = await site.signIn();
    const made = await call(site, admin, 'POST', '/users', {
      user: 'gao',
      name: '高洁',
      role: 'duty',
      person: 'lin-hao',
    });
    expect(made.statusCode).toBe(201);
    const { password, user } = made.json();
    expect(user).toMatchObject({ user: 'gao', role: 'duty', person: 'lin-hao', mustChangePassword: true });
    const signedIn = await site.dashboard.inject({
      method: 'POST',
      url: '/api/v1/session',
      payload: { user: 'gao', password },
    });
    expect(signedIn.json()).toMatchObject({ passwordDue: true });
    const list = await call(site, admin, 'GET', '/users');
    expect(list.json().users).toHaveLength(2);
    expect(list.body).not.toMatch(/argon2|hash/i);
  });

  test.each<[payload: object, status: number, reason: string]>([
    [{ user: 'admin', name: 'x', role: 'viewer' }, 409, 'the name is taken'],
    [{ user: 'Admin!', name: 'x', role: 'viewer' }, 400, 'not a user name'],
    [{ user: 'x', name: 'x', role: 'root' }, 400, 'not a role'],
    [{ user: 'x', name: 'x', role: 'viewer', person: 'nobody' }, 400, 'not a person of people.yaml'],
    [{ user: 'x', name: 'x', role: 'viewer', password: 'short' }, 400, 'a short password'],
  ])('%o is refused with %i: %s', async (payload, status) => {
    const site = await start();
    expect((await call(site, await site.signIn(), 'POST', '/users', payload)).statusCode).toBe(status);
    expect(site.accounts.users()).toHaveLength(1);
  });

  test('the last administrator stays one', async () => {
    const site = await start();
    const admin = await site.signIn();
    for (const change of [{ disabled: true }, { role: 'viewer' }]) {
      expect((await call(site, admin, 'PATCH', '/users/admin', change)).statusCode).toBe(409);
    }
    await call(site, admin, 'POST', '/users', { user: 'second', name: 'x', role: 'administrator' });
    expect((await call(site, admin, 'PATCH', '/users/admin', { role: 'viewer' })).statusCode).toBe(200);
    // The change ended the session that made it.
    expect((await call(site, admin, 'GET', '/users')).statusCode).toBe(401);
  });

  test('a new password and a new role end the sessions of the account; unlocking ends its pause', async () => {
    const site = await start();
    const admin = await site.signIn();
    const duty = await site.signIn('duty');
    const reset = await call(site, admin, 'PATCH', '/users/duty', { resetPassword: true });
    expect(reset.json()).toMatchObject({ password: expect.any(String), user: { mustChangePassword: true } });
    expect((await call(site, duty, 'GET', '/session')).statusCode).toBe(401);
    const signIn = (password: string) =>
      site.dashboard.inject({ method: 'POST', url: '/api/v1/session', payload: { user: 'duty', password } });
    for (let i = 0; i < 5; i++) await signIn(PASSWORD);
    expect((await signIn(reset.json().password)).statusCode).toBe(429);
    await call(site, admin, 'PATCH', '/users/duty', { unlock: true });
    expect((await signIn(reset.json().password)).statusCode).toBe(200);
  });
});

describe('the audit log', () => {
  test('has every changing request, what was ordered, by whom, and what came of it; never a password', async () => {
    const site = await start();
    const admin = await site.signIn();
    const duty = await site.signIn('duty');
    await call(site, duty, 'POST', '/simulator', { kind: 'mains', present: false });
    await call(site, duty, 'POST', '/commands', { kind: 'site.arm', reason: 'because' });
    await call(site, admin, 'POST', '/users', { user: 'gao', name: 'x', role: 'duty', password: 'a secret thing' });
    await site.dashboard.inject({
      method: 'POST',
      url: '/api/v1/session',
      payload: { user: 'duty', password: 'guess-me-not' },
    });
    await call(site, admin, 'GET', '/users');
    const { entries } = (await call(site, admin, 'GET', '/audit')).json();
    expect(site.accounts.audit.verify()).toBeNull();
    expect(
      entries.map((entry: { user: string; action: string; status: number }) => [
        entry.user,
        entry.action,
        entry.status,
      ]),
    ).toEqual([
      ['', 'POST /api/v1/session', 401],
      ['admin', 'POST /api/v1/users', 201],
      ['duty', 'POST /api/v1/commands', 403],
      ['duty', 'POST /api/v1/simulator', 202],
      ['duty', 'POST /api/v1/session', 200],
      ['admin', 'POST /api/v1/session', 200],
    ]);
    expect(entries[2].detail).toContain('site.arm');
    expect(JSON.stringify(entries)).not.toMatch(/a secret thing|guess-me-not/);
  });

  test('a stranger who is not signed in cannot fill it', async () => {
    const site = await start();
    for (let i = 0; i < 50; i++) await site.dashboard.inject({ method: 'POST', url: '/api/v1/commands', payload: {} });
    expect(site.accounts.audit.read({ limit: 10 })).toEqual([]);
  });

  test('a changed, removed or moved row shows', () => {
    const damages: readonly [sql: string, seq: number][] = [
      ["UPDATE audit SET user = 'somebody' WHERE seq = 3", 3],
      ['DELETE FROM audit WHERE seq = 3', 4],
      ["UPDATE audit SET detail = 'x', hash = 'y' WHERE seq = 3", 3],
      ['UPDATE audit SET seq = 99 WHERE seq = 3', 4],
      ['DELETE FROM audit WHERE seq = 1; UPDATE audit SET seq = 1 WHERE seq = 2', 1],
    ];
    for (const [sql, seq] of damages) {
      const file = newFile();
      const accounts = openAccounts(file);
      for (let i = 1; i <= 6; i++) {
        accounts.audit.append({ at: START, user: 'u', address: 'a', action: 'x', status: 200, detail: String(i) });
      }
      expect(accounts.audit.verify()).toBeNull();
      const database = new DatabaseSync(file);
      database.exec(sql);
      database.close();
      expect([sql, accounts.audit.verify()?.seq]).toEqual([sql, seq]);
      accounts.close();
    }
  });

  test('goes on after old rows were dropped', () => {
    const accounts = openAccounts(':memory:');
    const record = { user: 'u', address: 'a', action: 'x', status: 200, detail: '' };
    for (let i = 0; i < 5; i++) accounts.audit.append({ ...record, at: plus(START, ms(i)) });
    expect(accounts.audit.prune(plus(START, ms(3)))).toBe(3);
    accounts.audit.append({ ...record, at: plus(START, ms(9)) });
    expect(accounts.audit.verify()).toBeNull();
    expect(accounts.audit.read({ limit: 10 }).map(({ seq }) => seq)).toEqual([6, 5, 4]);
    expect(accounts.audit.prune(plus(START, hours(1)))).toBe(2);
    accounts.audit.append({ ...record, at: START });
    expect(accounts.audit.read({ limit: 10 }).map(({ seq }) => seq)).toEqual([7, 6]);
    expect(accounts.audit.verify()).toBeNull();
    accounts.close();
  });
});

describe("the accounts' store", () => {
  const account = (user: string): Account => ({
    user,
    name: user,
    role: 'viewer',
    person: null,
    disabled: false,
    createdAt: START,
    lastSignInAt: null,
    passwordHash: 'hash-1',
    passwordChangedAt: START,
    mustChangePassword: false,
  });

  const session = (id: string, lastUsedAt: Instant): Session => ({
    ...{ id, user: 'a', createdAt: START, lastUsedAt, address: '192.0.2.7', agent: 'a browser', via: 'password' },
  });

  test('is there again after a restart', () => {
    const file = newFile();
    const first = openAccounts(file);
    first.addUser(account('a'));
    first.setPassword('a', 'hash-2', plus(START, ms(1)), true);
    first.addSession(session('s', START));
    first.close();
    const second = openAccounts(file);
    expect(second.user('a')).toMatchObject({ passwordHash: 'hash-2', mustChangePassword: true });
    expect(second.recentPasswords('a', 5)).toEqual(['hash-2', 'hash-1']);
    expect(second.session('s')).toMatchObject({ user: 'a' });
    second.close();
  });

  test('of a newer version is left alone', () => {
    const file = newFile();
    openAccounts(file).close();
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 999');
    database.close();
    expect(() => openAccounts(file)).toThrow(expect.objectContaining({ code: 'STORE_TOO_NEW' }));
  });

  test('keeps at most 50 sessions of a person, the last used ones', () => {
    const accounts = openAccounts(':memory:');
    for (let i = 0; i < 60; i++) {
      accounts.addSession(session(`s${i}`, plus(START, ms(i))));
    }
    expect([accounts.session('s9'), accounts.session('s10')?.id]).toEqual([null, 's10']);
    accounts.close();
  });

  test('forgets what has ended and nothing else', () => {
    const accounts = openAccounts(':memory:');
    accounts.addSession(session('old', minus(START, hours(25))));
    accounts.addSession(session('new', START));
    accounts.setFailures('a', 'x', { count: 3, lockedUntil: null }, minus(START, hours(25)));
    accounts.setFailures('b', 'x', { count: 2, lockedUntil: null }, START);
    const dayAgo = minus(START, hours(24));
    accounts.prune({ sessions: dayAgo, failures: dayAgo, tokens: dayAgo, audit: dayAgo });
    expect([accounts.session('old'), accounts.session('new')?.id]).toEqual([null, 'new']);
    expect([accounts.failures('a', 'x').count, accounts.failures('b', 'x').count]).toEqual([0, 2]);
    accounts.close();
  });

  test('takes any text as data', () => {
    const accounts = openAccounts(':memory:');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (user, address) => {
        accounts.setFailures(user, address, { count: 1, lockedUntil: START }, START);
        expect(accounts.failures(user, address)).toEqual({ count: 1, lockedUntil: START });
        accounts.clearFailures(user);
        expect(accounts.failures(user, address).count).toBe(0);
      }),
      { numRuns: 300 },
    );
    accounts.close();
  });
});
