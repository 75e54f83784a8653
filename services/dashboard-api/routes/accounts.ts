import { z } from 'zod';
import type { UserMadeResponse, UsersResponse, UserView } from '#core/api.ts';
import { ZhishouError } from '#core/errors.ts';
import type { Account } from '#platform/accounts-schema.ts';
import { randomPassword } from '#platform/secrets.ts';
import { toUserView } from '../auth/authentication.ts';
import { isLastAdministrator } from '../auth/last-administrator.ts';
import { refuseWeak } from '../auth/password-change.ts';
import { pageQuery, toPage } from '../paging.ts';
import { ProblemError } from '../problem.ts';
import {
  userAddSchema,
  userChangeSchema,
  userMadeSchema,
  userNameSchema,
  userSchema,
  usersSchema,
} from '../schemas/accounts.ts';
import { problemSchema } from '../schemas/answers.ts';
import { API, type Context, type Server } from './context.ts';

/** Administrators: accounts of people. */

const ADMINISTRATOR = { access: { who: 'administrator', personOnly: true } } as const;
/** A room has dozens of people; the bounds keep the lists and the store small. */
const MOST_USERS = 500;

export function userRoutes(server: Server, context: Context): void {
  const { accounts } = context;
  server.get(
    `${API}/users`,
    {
      config: ADMINISTRATOR,
      schema: {
        tags: ['accounts'],
        summary: 'All accounts, by their names for signing in',
        querystring: z.strictObject(pageQuery),
        response: { 200: usersSchema, default: problemSchema },
      },
    },
    async ({ query }): Promise<UsersResponse> => {
      const { page, next } = toPage(accounts.users(), { by: [({ user }) => user], newest: false }, query);
      return { users: page.map((account) => toUserView(accounts, account)), next };
    },
  );
  server.post(
    `${API}/users`,
    {
      config: ADMINISTRATOR,
      schema: {
        tags: ['accounts'],
        summary: 'Make an account; without a password a random one is made and shown once',
        body: userAddSchema,
        response: { 201: userMadeSchema, default: problemSchema },
      },
    },
    async (request, reply) => {
      request.auditDetail = `${request.body.user} as ${request.body.role}`;
      return reply.code(201).send(await addUser(context, request.body));
    },
  );
  server.get(
    `${API}/users/:user`,
    {
      config: ADMINISTRATOR,
      schema: {
        tags: ['accounts'],
        summary: 'One account; its ETag is for changing it',
        params: z.strictObject({ user: userNameSchema }),
        response: { 200: userSchema, default: problemSchema },
      },
    },
    async ({ params: { user } }): Promise<UserView> => {
      const account = accounts.user(user);
      if (account === null) throw new ZhishouError('NOT_FOUND', user, 'no such account');
      return toUserView(accounts, account);
    },
  );
  server.patch(
    `${API}/users/:user`,
    {
      config: ADMINISTRATOR,
      schema: {
        tags: ['accounts'],
        summary:
          'Change, disable, unlock an account, give it a new password, take its one-time codes or its provider off',
        params: z.strictObject({ user: userNameSchema }),
        body: userChangeSchema,
        response: { 200: userMadeSchema, default: problemSchema },
      },
    },
    async (request) => {
      request.auditDetail = `${request.params.user}: ${JSON.stringify(request.body)}`;
      return changeUser(context, request.params.user, request.body);
    },
  );
}

async function addUser(
  context: Context,
  { user, name, role, person, password }: z.output<typeof userAddSchema>,
): Promise<UserMadeResponse> {
  const { accounts, passwords, wall } = context;
  checkPerson(context, person);
  if (accounts.users().length >= MOST_USERS) throw new ZhishouError('CONFLICT', user, 'there are too many accounts');
  if (password !== undefined) refuseWeak('password', password, user);
  const given = password ?? randomPassword();
  const passwordHash = await passwords.hash(given);
  const now = wall.now();
  const account: Account = {
    user,
    name,
    role,
    person,
    disabled: false,
    createdAt: now,
    lastSignInAt: null,
    passwordHash,
    passwordChangedAt: now,
    mustChangePassword: true,
  };
  accounts.addUser(account);
  return { user: toUserView(accounts, account), password: password === undefined ? given : null };
}

async function changeUser(
  context: Context,
  name: string,
  change: z.output<typeof userChangeSchema>,
): Promise<UserMadeResponse> {
  const { accounts, passwords, wall } = context;
  const before = accounts.user(name);
  if (before === null) throw new ZhishouError('NOT_FOUND', name, 'no such account');
  checkPerson(context, change.person ?? null);
  refuseLosingLastAdministrator(context, before, change);
  accounts.updateUser(name, {
    ...(change.name === undefined ? {} : { name: change.name }),
    ...(change.role === undefined ? {} : { role: change.role }),
    ...(change.person === undefined ? {} : { person: change.person }),
    ...(change.disabled === undefined ? {} : { disabled: change.disabled }),
  });
  context.push.tell();
  if (change.unlock === true) accounts.clearFailures(name);
  if (change.removeTotp === true) context.codes.remove(name);
  if (change.unlink === true) accounts.unlink(name);
  const password = change.resetPassword === true ? randomPassword() : null;
  if (password !== null) accounts.setPassword(name, await passwords.hash(password), wall.now(), true);
  const roleChanged = change.role !== undefined && change.role !== before.role;
  const closed = change.disabled === true || change.unlink === true || change.removeTotp === true;
  if (closed || roleChanged || password !== null) accounts.endSessionsOf(name);
  const after = accounts.user(name);
  if (after === null) throw new ZhishouError('NOT_FOUND', name, 'no such account');
  return { user: toUserView(accounts, after), password };
}

function refuseLosingLastAdministrator(
  { accounts }: Context,
  before: Account,
  change: z.output<typeof userChangeSchema>,
): void {
  const stays = (change.role ?? before.role) === 'administrator' && !(change.disabled ?? before.disabled);
  if (!stays && isLastAdministrator(accounts, before))
    throw new ZhishouError('CONFLICT', before.user, 'this is the last administrator');
}

export function checkPerson({ config }: Context, person: string | null): void {
  if (person === null || config.people.people.some(({ id }) => id === person)) return;
  const message = 'is not a person of people.yaml';
  throw new ProblemError('BAD_REQUEST', 'person', message, { issues: [{ path: 'person', message }] });
}
