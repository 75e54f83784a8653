import { afterEach, describe, expect, test } from 'vitest';
import { openAccounts } from '#platform/accounts-store.ts';
import { PASSWORD, sessionOf, startDashboard, type TestDashboard } from './support.ts';

let running: TestDashboard | null = null;
const start = async (options: Parameters<typeof startDashboard>[0] = {}) => {
  running = await startDashboard({ simulation: false, firstRun: 'setup', ...options });
  return running;
};
afterEach(async () => {
  await running?.dashboard.stop();
  running = null;
});

const post = ({ dashboard }: TestDashboard, url: string, payload: object, extra: object = {}) =>
  dashboard.inject({ method: 'POST', url: `/api/v1${url}`, payload, ...extra });
const isOpen = async ({ dashboard }: TestDashboard): Promise<boolean> =>
  (await dashboard.inject('/api/v1/sign-in')).json().firstRun;
const FIRST = { user: 'zhou-min', name: '周敏', password: PASSWORD, person: 'zhou-min' };

describe('the first run of a real site', () => {
  test('nobody has an account; the code of the console shows which room this is, and who is who', async () => {
    const site = await start();
    expect([site.dashboard.firstPassword, await isOpen(site)]).toEqual([null, true]);
    const look = await post(site, '/first-run/look', { code: ` ${site.dashboard.setupCode} ` });
    expect(look.json()).toMatchObject({ site: { name: { en: 'Sample room' }, floor: { en: '3' } }, simulation: false });
    expect(look.json().people.map(({ id }: { id: string }) => id)).toEqual(['zhou-min', 'lin-hao']);
    expect(site.accounts.users()).toEqual([]);
  });

  test('makes the first administrator, who is signed in at once', async () => {
    const site = await start();
    const { setupCode: code } = site.dashboard;
    const made = await post(site, '/first-run', { code, ...FIRST });
    expect(made.statusCode).toBe(201);
    const cookie = made.cookies.find(({ name }) => name === 'zhishou_session');
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    const headers = { cookie: `zhishou_session=${cookie?.value}`, 'x-zhishou-csrf': made.json().csrf };
    expect((await site.dashboard.inject({ url: '/api/v1/users', headers })).json().users).toMatchObject([
      { user: 'zhou-min', name: '周敏', role: 'administrator', person: 'zhou-min', mustChangePassword: false },
    ]);
    sessionOf(await post(site, '/session', { user: 'zhou-min', password: PASSWORD }));
  });

  test('is over then: neither the code nor another one opens it again, and no code is shown any more', async () => {
    const site = await start();
    const { setupCode: code } = site.dashboard;
    await post(site, '/first-run', { code, ...FIRST });
    expect([site.dashboard.setupCode, await isOpen(site)]).toEqual([null, false]);
    for (const url of ['/first-run', '/first-run/look']) {
      const again = await post(site, url, url === '/first-run' ? { code, ...FIRST, user: 'second' } : { code });
      expect(again.json()).toMatchObject({ code: 'CONFLICT' });
    }
    expect(site.accounts.users()).toHaveLength(1);
  });

  test('of many who press at once one succeeds', async () => {
    const site = await start();
    const { setupCode: code } = site.dashboard;
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => post(site, '/first-run', { code, ...FIRST, user: `person-${i}` })),
    );
    expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([201, ...Array(11).fill(409)]);
    expect(site.accounts.users()).toHaveLength(1);
  });

  test.each([
    ['a wrong code', { code: 'not the code' }, 401],
    ['no code', { code: undefined }, 400],
    ['a weak password', { password: 'aaaaaaaaaa' }, 400],
    ['a password with the user name', { password: 'zhou-min-2026' }, 400],
    ['a short password', { password: 'short' }, 400],
    ['a person who is not in people.yaml', { person: 'nobody' }, 400],
    ['a name that is none', { user: 'Zhou Min' }, 400],
  ])('%s makes no account, and the right one still may', async (_what, change, status) => {
    const site = await start();
    const { setupCode: code } = site.dashboard;
    expect((await post(site, '/first-run', { code, ...FIRST, ...change })).statusCode).toBe(status);
    expect([site.accounts.users(), site.dashboard.setupCode]).toEqual([[], code]);
    expect((await post(site, '/first-run', { code, ...FIRST })).statusCode).toBe(201);
  });

  test('a request from this machine alone is not enough: behind a proxy every request comes from it', async () => {
    const site = await start();
    const answer = await post(site, '/first-run', { code: '-', ...FIRST }, { remoteAddress: '127.0.0.1' });
    expect(answer.statusCode).toBe(401);
  });

  test('another site’s page cannot press for somebody', async () => {
    const site = await start();
    const { setupCode: code } = site.dashboard;
    const headers = { origin: 'https://evil.example' };
    expect((await post(site, '/first-run', { code, ...FIRST }, { headers })).statusCode).toBe(403);
  });

  test('a restart before it is done makes a new code, and the old one is worth nothing', async () => {
    const accounts = openAccounts(':memory:');
    const first = await start({ accounts });
    const { setupCode: old } = first.dashboard;
    await first.dashboard.stop();
    const second = await start({ accounts });
    expect(second.dashboard.setupCode).not.toBe(old);
    expect((await post(second, '/first-run', { code: old, ...FIRST })).statusCode).toBe(401);
  });

  test('the code is on no record', async () => {
    const site = await start();
    const code = site.dashboard.setupCode ?? '';
    await post(site, '/first-run', { code: 'wrong', ...FIRST });
    await post(site, '/first-run', { code, ...FIRST });
    const record = site.accounts.audit.read({ limit: 10 });
    expect(record.map(({ user, status }) => [user, status])).toEqual([
      ['zhou-min', 201],
      ['', 401],
    ]);
    expect(JSON.stringify(record)).not.toContain(code);
  });
});

test('a simulated site, and one that has accounts, have no first run', async () => {
  const site = await start({ firstRun: 'password' });
  expect([site.dashboard.setupCode, await isOpen(site)]).toEqual([null, false]);
  expect((await post(site, '/first-run', { code: 'x', ...FIRST })).statusCode).toBe(409);
});
