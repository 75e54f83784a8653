import { describe, expect, test } from 'vitest';
import { comeBack, LIN_HAO, provider, sessionIn, signIn, site, start } from './oidc-site.ts';
import type { SignedIn } from './support.ts';

describe('whose account it is', () => {
  test('a name that is taken stays its owner’s: the newcomer gets another', async () => {
    await start();
    await site.signIn('operator');
    const me = await sessionIn(await signIn({ ...LIN_HAO, preferred_username: 'operator' }));
    expect(me.user).toMatchObject({ role: 'viewer', user: expect.stringMatching(/^operator-[a-z0-9]{10}$/) });
  });

  test('never by e-mail or by name unless site.yaml says so', async () => {
    await start({ accounts: 'linked' });
    await site.signIn('operator');
    const claims = {
      ...LIN_HAO,
      preferred_username: 'operator',
      email: 'zhou-min@works.example',
      email_verified: true,
    };
    expect((await signIn(claims)).headers.location).toBe('/sign-in?oidc=account');
  });

  test('link_by username: by the name, once; another subject of that name later is somebody else', async () => {
    await start({ accounts: 'linked', link_by: 'username' });
    await site.signIn('operator');
    const claims = { ...LIN_HAO, preferred_username: 'Operator' };
    expect((await sessionIn(await signIn(claims))).user).toMatchObject({ user: 'operator', role: 'operator' });
    expect((await signIn({ ...claims, sub: 'subject-2' })).headers.location).toBe('/sign-in?oidc=account');
  });

  test.each([
    ['a verified address of the account’s person', { email: 'Zhou-Min@works.example', email_verified: true }, '/'],
    ['an address that is not verified', { email: 'zhou-min@works.example' }, '/sign-in?oidc=account'],
    ['an address of nobody', { email: 'x@works.example', email_verified: true }, '/sign-in?oidc=account'],
  ])('link_by email: %s', async (_what, claims, location) => {
    await start({ accounts: 'linked', link_by: 'email' });
    await site.signIn('operator');
    site.accounts.updateUser('operator', { person: 'zhou-min' });
    expect((await signIn({ ...LIN_HAO, ...claims })).headers.location).toBe(location);
  });

  test('a disabled account stays shut', async () => {
    await start();
    await signIn();
    site.accounts.updateUser('lin.hao', { disabled: true });
    expect((await signIn()).headers.location).toBe('/sign-in?oidc=disabled');
  });

  test('before the first administrator is made nobody comes in by the provider', async () => {
    await start({}, provider.issuer, { firstRun: 'setup' });
    expect((await signIn()).headers.location).toBe('/sign-in?oidc=first-run');
    expect(site.dashboard.setupCode).not.toBeNull();
  });

  test('its owner links it, signed in, and it is the same account afterwards', async () => {
    await start({ accounts: 'linked' });
    const me = await site.signIn('operator');
    expect((await signIn()).headers.location).toBe('/sign-in?oidc=account');
    const back = await link(me);
    expect(back.headers.location).toBe('/settings?linked=1');
    expect((await sessionIn(await signIn())).user).toMatchObject({ user: 'operator', hasPassword: true });
    const undo = await site.dashboard.inject({ method: 'DELETE', url: '/api/v1/oidc/link', headers: me.headers });
    expect(undo.statusCode).toBe(204);
    expect((await signIn()).headers.location).toBe('/sign-in?oidc=account');
  });

  test('what is another’s there cannot be linked', async () => {
    await start();
    await signIn();
    const me = await site.signIn('operator');
    expect((await link(me)).headers.location).toBe('/sign-in?oidc=taken&to=%2Fsettings');
  });

  test('who has no password cannot shut himself out', async () => {
    await start();
    const response = await signIn();
    const cookie = `zhishou_session=${response.cookies.find(({ name }) => name === 'zhishou_session')?.value}`;
    const { csrf } = await sessionIn(response);
    const headers = { cookie, 'x-zhishou-csrf': csrf };
    const undo = await site.dashboard.inject({ method: 'DELETE', url: '/api/v1/oidc/link', headers });
    expect(undo.statusCode).toBe(409);
  });

  async function link(me: SignedIn) {
    const left = await site.dashboard.inject({ method: 'POST', url: '/api/v1/oidc/link', headers: me.headers });
    const cookie = `zhishou_oidc=${left.cookies.find(({ name }) => name === 'zhishou_oidc')?.value}`;
    return comeBack(provider.authorize(left.json().location, LIN_HAO), cookie);
  }
});

describe('roles by a claim', () => {
  const ROLES = { claim: 'realm_access.roles', map: { duty: 'duty', it: 'operator', root: 'administrator' } };
  const having = (...roles: unknown[]) => ({ ...LIN_HAO, realm_access: { roles } });
  const roleNow = async (claims: object) => (await sessionIn(await signIn(claims))).user?.role;

  test('the highest that is mapped counts, at each sign-in anew; without any one is a viewer', async () => {
    await start({ roles: ROLES });
    expect(await roleNow(having('duty', 'it', 'x'))).toBe('operator');
    expect(await roleNow(having('duty'))).toBe('duty');
    expect(await roleNow(having())).toBe('viewer');
  });

  test.each([
    ['a number', 7],
    ['an object', { it: true }],
    ['names of every object', ['constructor', '__proto__', 'toString']],
  ])('%s as the claim gives nothing', async (_what, roles) => {
    await start({ roles: ROLES });
    expect(await roleNow({ ...LIN_HAO, realm_access: { roles } })).toBe('viewer');
  });

  test('otherwise: refuse lets only those in who have a role there', async () => {
    await start({ roles: { ...ROLES, otherwise: 'refuse' } });
    expect((await signIn(having('x'))).headers.location).toBe('/sign-in?oidc=role');
    expect(site.accounts.users()).toHaveLength(1);
    expect(await roleNow(having('duty'))).toBe('duty');
  });

  test('a role that was taken away there ends the sessions that had it', async () => {
    await start({ roles: ROLES });
    const first = await signIn(having('it'));
    await signIn(having('duty'));
    expect(await sessionIn(first)).toMatchObject({ code: 'NOT_SIGNED_IN' });
  });

  test('the last administrator stays one, whatever the provider says', async () => {
    await start({ roles: ROLES });
    await signIn(having('root'));
    site.accounts.updateUser('admin', { disabled: true });
    expect(await roleNow(having('duty'))).toBe('administrator');
  });
});
