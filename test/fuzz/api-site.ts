import { ROLES, type Role } from '#core/command.ts';
import { meetingSchema } from '#core/config/meeting.ts';
import { TOKEN_SCOPES } from '#core/token-scope.ts';
import type { Account } from '#platform/accounts-schema.ts';
import { digest } from '#platform/passwords.ts';
import {
  alert,
  batch,
  delivery,
  incident,
  makeConfig,
  START,
  startDashboard,
  type TestDashboard,
} from '../dashboard-api/support.ts';
import { sampleRegister } from '../registers/support.ts';

/** A site with something of everything, people of each role, and one more whose things are nobody else's business. */

export type Who = Role | 'stranger' | 'token';
export const CALLERS: readonly Who[] = ['stranger', 'token', ...ROLES];
export const VICTIM = 'victim';

export interface ApiSite {
  readonly site: TestDashboard;
  /** Headers of somebody who has signed in, whatever was done to them before. */
  headersOf(who: Who): Record<string, string>;
  /** Ids of what there is, by the names of parameters and properties. */
  readonly hints: Readonly<Record<string, readonly unknown[]>>;
  /** Everything that a request to this address may change, as a text; `of`: what is not this person's own. */
  state(of: Who, url: string): Promise<string>;
  /** How many orders have left for other services. */
  orders(): number;
  stop(): Promise<void>;
}

export async function startApiSite(): Promise<ApiSite> {
  // A real site: nobody looks at it without sign-in.
  const registers = [sampleRegister('repairs'), sampleRegister('supplies')];
  const plain = makeConfig({ simulation: false });
  const meeting = meetingSchema.parse({});
  const site = await startDashboard({ config: { ...plain, registers, site: { ...plain.site, meeting } } });
  const { accounts, bus, wall } = site;
  let orders = 0;
  for (const topic of ['command', 'simulator/command', 'survey-order', 'outside-alert/+'])
    await bus.subscribe(`zhishou/sample/${topic}`, ({ payload }) => {
      orders++;
      if (topic !== 'command') return;
      const { id } = JSON.parse(new TextDecoder().decode(payload));
      const result = { id, ok: true, error: null, detail: null, created: null };
      void bus.publish(`zhishou/sample/command-result/${id}`, JSON.stringify(result));
    });
  await site.publish('incident/+', 'a', incident());
  await site.publish('alert/+', 'a', alert());
  await site.publish('delivery/+', 'a', delivery());
  await site.publish('reading/+', 'ups-1', batch());
  const token = { id: 'token-1', name: 'program', role: 'operator', scopes: TOKEN_SCOPES, createdBy: 'admin' } as const;
  const accountOf = (user: string, role: Role): Account => ({
    ...{ user, name: user, role, person: null, disabled: false, createdAt: START, lastSignInAt: null },
    ...{ passwordHash: 'x', passwordChangedAt: START, mustChangePassword: false },
  });
  const secretOf = (user: string): string => `secret-of-${user}`;
  const people: readonly Account[] = [...ROLES.map((role) => accountOf(role, role)), accountOf(VICTIM, 'operator')];
  /** As at the beginning: administrators may have taken away what was there, by right. */
  const mend = (): void => {
    for (const person of people) {
      const { user, role } = person;
      const now = accounts.user(user);
      if (now === null) accounts.addUser(person);
      else if (now.role !== role || now.disabled || now.mustChangePassword) {
        accounts.updateUser(user, { role, disabled: false });
        accounts.setPassword(user, 'x', wall.now(), false);
      }
      const id = digest(secretOf(user));
      if (accounts.session(id) === null)
        accounts.addSession({
          id,
          user,
          createdAt: wall.now(),
          lastUsedAt: wall.now(),
          address: '',
          agent: '',
          via: 'password',
        });
    }
    if (!accounts.tokens().some(({ id }) => id === token.id))
      accounts.addToken(
        { ...token, createdAt: START, expiresAt: (START + 1e12) as never, lastUsedAt: null },
        digest('zt_fuzz'),
      );
    if (accounts.feedOf(VICTIM) === null)
      accounts.setFeed({ user: VICTIM, createdAt: START, lastUsedAt: null }, digest('zr_victim'));
  };
  mend();
  const sessionOf = (user: string): Record<string, string> => ({
    cookie: `zhishou_session=${secretOf(user)}`,
    'x-zhishou-csrf': digest(`csrf ${secretOf(user)}`),
  });
  const ask = (method: 'GET' | 'POST', url: string, user: string, payload?: object) =>
    site.dashboard.inject({ method, url, headers: sessionOf(user), ...(payload === undefined ? {} : { payload }) });
  const task = (await ask('POST', '/api/v1/tasks', 'administrator', { title: 'a task' })).json().id;
  const survey = (await ask('POST', '/api/v1/surveys', VICTIM, { kind: 'look', url: 'snmp://192.0.2.1' })).json().id;
  const handles = (await ask('GET', '/api/v1/sessions', VICTIM)).json().sessions.map(({ id }: { id: string }) => id);
  const supply = { values: { name: 'a torch', count: 4, place: 'at the door', expires: '2026-11-22' } };
  const entry = (await ask('POST', '/api/v1/registers/supplies/entries', 'administrator', supply)).json().id;
  const ids = [
    'ups-1',
    '20261121-1',
    'on-battery.ups-1',
    'd-1',
    task,
    survey,
    ...handles,
    token.id,
    '2026-11-23',
    'none',
  ];

  return {
    site,
    hints: {
      id: ids,
      user: [VICTIM, ...ROLES, 'admin', 'nobody'],
      ...{
        device: ['ups-1', 'th-1'],
        devices: [['ups-1']],
        upses: [['ups-1']],
        point: ['battery.charge', 'ups.status'],
      },
      ...{ incident: ['20261121-1', 'none'], alert: ['on-battery.ups-1'], step: ['ask'], answer: ['within', 'over'] },
      ...{ plan: ['power-outage'], person: ['lin-hao', 'zhou-min', null], owner: ['lin-hao', null], delivery: ['d-1'] },
      ...{
        a: ['duty@2026-11-23'],
        b: ['duty@2026-11-30'],
        turn: ['duty@2026-11-23'],
        rule: ['on-battery'],
        test: ['t-1'],
      },
      ...{
        cursor: ['WyIiXQ', 'bnVsbA', 'W251bGwsbnVsbF0'],
        token: ['zr_victim', 'x'],
        code: ['x'],
        register: ['repairs', 'supplies', 'none'],
        entry: [entry, '2026-0009'],
        move: ['check', 'approve', 'remove'],
        values: [supply.values, { count: 3, 'checked-on': '2026-11-21' }, { name: null }, {}],
        format: ['csv'],
        state: ['in-stock', 'open', 'none'],
        limit: [1, 2, 1000],
        item: ['own:1', null],
        present: [['lin-hao'], []],
        chair: ['zhou-min', null],
      },
    },
    headersOf(who) {
      mend();
      if (who === 'stranger') return {};
      return who === 'token' ? { authorization: 'Bearer zt_fuzz' } : sessionOf(who);
    },
    async state(of, url) {
      // When something was used last is no change; one's own sessions, password and feed are nobody else's matter.
      const users = accounts
        .users()
        .map(({ lastSignInAt: _at, passwordHash, passwordChangedAt, mustChangePassword, ...rest }) =>
          rest.user === of ? rest : { ...rest, passwordHash, passwordChangedAt, mustChangePassword },
        );
      const others = users.filter(({ user }) => user !== of);
      const answer = async (part: string, path: string, user: string): Promise<unknown> => {
        if (!url.includes(part)) return null;
        const { statusCode, headers, body } = await ask('GET', path, user);
        return [statusCode, headers.etag, body];
      };
      return JSON.stringify([
        users,
        accounts.tokens().map(({ lastUsedAt: _at, ...rest }) => rest),
        others.map(({ user }) => [
          accounts
            .sessions(user)
            .map(({ id }) => id)
            .toSorted(),
          accounts.feedOf(user)?.createdAt,
        ]),
        await answer('tasks', '/api/v1/tasks?state=all&limit=1000', 'administrator'),
        await answer('room-plan', '/api/v1/room-plan', 'administrator'),
        await answer('registers', '/api/v1/registers/supplies/entries?limit=1000', 'administrator'),
        await answer('registers', '/api/v1/registers/repairs/entries?limit=1000', 'administrator'),
        await answer('meetings', '/api/v1/meetings/2026-11-23', 'administrator'),
        await answer('surveys', `/api/v1/surveys/${survey}`, VICTIM),
      ]);
    },
    orders: () => orders,
    stop: () => site.dashboard.stop(),
  };
}
