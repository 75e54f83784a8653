import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { oidcSchema } from '#core/config/sign-in.ts';
import { siteSchema } from '#core/config/site.ts';
import type { Log } from '#core/ports.ts';
import { Secret } from '#core/secret.ts';
import { silentLog } from '#platform/log.ts';
import { CLIENT, startProvider, type TestProvider } from './oidc-provider.ts';
import { makeConfig, startDashboard, type TestDashboard } from './support.ts';

/** A dashboard beside a sign-in provider, and a browser's way there and back; for the files of OpenID Connect alone. */

export const PUBLIC_URL = 'http://monitor.example';
export const LIN_HAO = { sub: 'subject-1', preferred_username: 'Lin.Hao@works.example', name: '林浩' };

export let provider: TestProvider;
export let site: TestDashboard;
beforeAll(async () => {
  provider = await startProvider({ endSession: true });
});
afterAll(() => provider.close());
/** Why the log says that somebody was not let in. */
export const reasons: string[] = [];
const log: Log = { ...silentLog, child: () => log, warn: (fields) => void reasons.push(String(fields.error)) };
beforeEach(() => {
  provider.lie({});
  reasons.length = 0;
});
afterEach(() => site?.dashboard.stop());

/** A real site whose first administrator is there already. */
export async function start(
  change: object = {},
  issuer = provider.issuer,
  options: Parameters<typeof startDashboard>[0] = {},
): Promise<TestDashboard> {
  const config = makeConfig({ simulation: false });
  const settings = { issuer, client_id: CLIENT.id, client_secret: new Secret(CLIENT.secret), ...change };
  const http = { ...config.site.http, public_url: PUBLIC_URL, oidc: oidcSchema.parse(settings) };
  const smtp = siteSchema.shape.channels.parse({
    mail: { kind: 'smtp', host: 'mail.example', port: 25, from: 'z@example.com' },
  });
  const people = config.people.people.map((person) => ({
    ...person,
    routes: [{ channel: 'mail', to: `${person.id}@works.example` }],
  }));
  site = await startDashboard({
    ...options,
    log,
    config: { ...config, site: { ...config.site, http, channels: smtp }, people: { ...config.people, people } },
  });
  return site;
}

interface Left {
  readonly location: string;
  readonly cookie: string;
}
export async function leave(to = '/'): Promise<Left> {
  const response = await site.dashboard.inject({ url: '/api/v1/oidc/start', query: { to } });
  expect(response.statusCode).toBe(302);
  const cookie = response.cookies.find(({ name }) => name === 'zhishou_oidc');
  return { location: String(response.headers.location), cookie: `zhishou_oidc=${cookie?.value}` };
}
export const comeBack = (address: string, cookie: string) => {
  const { pathname, search } = new URL(address);
  return site.dashboard.inject({ url: `${pathname}${search}`, headers: { cookie } });
};
/** There and back again. */
export async function signIn(claims: object = LIN_HAO, to = '/') {
  const { location, cookie } = await leave(to);
  return comeBack(provider.authorize(location, { ...claims }), cookie);
}
export const sessionIn = async (response: Awaited<ReturnType<typeof signIn>>) => {
  const cookie = response.cookies.find(({ name }) => name === 'zhishou_session');
  const me = await site.dashboard.inject({
    url: '/api/v1/session',
    headers: { cookie: `zhishou_session=${cookie?.value}` },
  });
  return me.json();
};
