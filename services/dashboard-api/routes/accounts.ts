import { z } from 'zod';
import type { TokenView, UserMadeResponse } from '#core/api.ts';
import { ZhishouError } from '#core/errors.ts';
import { hours, plus, toIso } from '#core/time.ts';
import type { Account, ApiToken } from '#platform/accounts-schema.ts';
import { digest, randomSecret } from '#platform/passwords.ts';
import { randomPassword } from '#platform/secrets.ts';
import { toUserView } from '../auth/authentication.ts';
import { weakness } from '../auth/password-change.ts';
import { ProblemError } from '../problem.ts';
import {
  auditSchema,
  tokenAddSchema,
  tokenMadeSchema,
  tokensSchema,
  userAddSchema,
  userChangeSchema,
  userMadeSchema,
  userNameSchema,
  usersSchema,
} from '../schemas/accounts.ts';
import { problemSchema } from '../schemas/answers.ts';
import { API, type Context, type Server } from './context.ts';

/** Administrators: accounts of people, tokens of programs, the audit log. */

const ADMINISTRATOR = { access: { who: 'administrator', personOnly: true } } as const;
/** A room has dozens of people; the bounds keep the lists and the store small. */
const MOST_USERS = 500;
const MOST_TOKENS = 100;

export function accountRoutes(server: Server, context: Context): void {
  userRoutes(server, context);
  tokenRoutes(server, context);
  server.get(
    `${API}/audit`,
    {
      config: ADMINISTRATOR,
      schema: {
        tags: ['accounts'],
        summary: 'Who changed what, newest first; broken: where the hash chain does not hold',
        querystring: z.strictObject({
          limit: z.coerce.number().int().min(1).max(1000).default(200),
          before: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
        }),
        response: { 200: auditSchema, default: problemSchema },
      },
    },
    async ({ query: { limit, before } }) => {
      const { audit } = context.accounts;
      const rows = audit.read({ limit, ...(before === undefined ? {} : { before }) });
      return { entries: rows.map((row) => ({ ...row, at: toIso(row.at) })), broken: audit.verify() };
    },
  );
}

function userRoutes(server: Server, context: Context): void {
  const { accounts } = context;
  server.get(
    `${API}/users`,
    {
      config: ADMINISTRATOR,
      schema: {
        tags: ['accounts'],
        summary: 'All accounts',
        response: { 200: usersSchema, default: problemSchema },
      },
    },
    async () => ({ users: accounts.users().map(toUserView) }),
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
  server.patch(
    `${API}/users/:user`,
    {
      config: ADMINISTRATOR,
      schema: {
        tags: ['accounts'],
        summary: 'Change, disable, unlock an account, or give it a new password',
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
  const reason = password === undefined ? null : weakness(password, user);
  if (reason !== null) {
    throw new ProblemError('BAD_REQUEST', 'password', reason, { issues: [{ path: 'password', message: reason }] });
  }
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
  return { user: toUserView(account), password: password === undefined ? given : null };
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
  if (change.unlock === true) accounts.clearFailures(name);
  const password = change.resetPassword === true ? randomPassword() : null;
  if (password !== null) accounts.setPassword(name, await passwords.hash(password), wall.now(), true);
  const roleChanged = change.role !== undefined && change.role !== before.role;
  if (change.disabled === true || roleChanged || password !== null) accounts.endSessionsOf(name);
  const after = accounts.user(name);
  if (after === null) throw new ZhishouError('NOT_FOUND', name, 'no such account');
  return { user: toUserView(after), password };
}

function refuseLosingLastAdministrator(
  { accounts }: Context,
  before: Account,
  change: z.output<typeof userChangeSchema>,
): void {
  const stays = (change.role ?? before.role) === 'administrator' && !(change.disabled ?? before.disabled);
  if (before.role !== 'administrator' || before.disabled || stays) return;
  const others = accounts.users().filter((other) => other.user !== before.user);
  if (others.some((other) => other.role === 'administrator' && !other.disabled)) return;
  throw new ZhishouError('CONFLICT', before.user, 'this is the last administrator');
}

function checkPerson({ config }: Context, person: string | null): void {
  if (person === null || config.people.people.some(({ id }) => id === person)) return;
  const message = 'is not a person of people.yaml';
  throw new ProblemError('BAD_REQUEST', 'person', message, { issues: [{ path: 'person', message }] });
}

function tokenRoutes(server: Server, { accounts, wall }: Context): void {
  server.get(
    `${API}/tokens`,
    {
      config: ADMINISTRATOR,
      schema: {
        tags: ['accounts'],
        summary: 'API tokens of programs',
        response: { 200: tokensSchema, default: problemSchema },
      },
    },
    async () => ({ tokens: accounts.tokens().map(toTokenView) }),
  );
  server.post(
    `${API}/tokens`,
    {
      config: ADMINISTRATOR,
      schema: {
        tags: ['accounts'],
        summary: 'Make an API token; its secret is shown once',
        body: tokenAddSchema,
        response: { 201: tokenMadeSchema, default: problemSchema },
      },
    },
    async (request, reply) => {
      const { name, role, days } = request.body;
      request.auditDetail = `${name} as ${role}`;
      if (accounts.tokens().length >= MOST_TOKENS)
        throw new ZhishouError('CONFLICT', name, 'there are too many tokens');
      const secret = `zt_${randomSecret()}`;
      const now = wall.now();
      const token: ApiToken = {
        id: randomSecret(9),
        name,
        role,
        createdBy: request.caller?.user ?? '',
        createdAt: now,
        expiresAt: plus(now, hours(days * 24)),
        lastUsedAt: null,
      };
      accounts.addToken(token, digest(secret));
      return reply.code(201).send({ token: toTokenView(token), secret });
    },
  );
  server.delete(
    `${API}/tokens/:id`,
    {
      config: ADMINISTRATOR,
      schema: {
        tags: ['accounts'],
        summary: 'Withdraw an API token',
        params: z.strictObject({ id: z.string().min(1).max(100) }),
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      request.auditDetail = id;
      if (!accounts.removeToken(id)) throw new ZhishouError('NOT_FOUND', id, 'no such token');
      return reply.code(204).send();
    },
  );
}

const toTokenView = (token: ApiToken): TokenView => ({
  id: token.id,
  name: token.name,
  role: token.role,
  createdAt: toIso(token.createdAt),
  createdBy: token.createdBy,
  expiresAt: toIso(token.expiresAt),
  lastUsedAt: token.lastUsedAt === null ? null : toIso(token.lastUsedAt),
});
