import { z } from 'zod';
import type { TokenView } from '#core/api.ts';
import { ZhishouError } from '#core/errors.ts';
import { hours, plus, toIso } from '#core/time.ts';
import { TOKEN_SCOPES } from '#core/token-scope.ts';
import type { ApiToken } from '#platform/accounts-schema.ts';
import { digest, randomSecret } from '#platform/passwords.ts';
import { tokenAddSchema, tokenMadeSchema, tokensSchema } from '../schemas/accounts.ts';
import { problemSchema } from '../schemas/answers.ts';
import { API, type Context, type Server } from './context.ts';

/** Administrators: tokens of programs, each with a role and with scopes: the lesser of both holds. */

const ADMINISTRATOR = { access: { who: 'administrator', personOnly: true } } as const;
const MOST_TOKENS = 100;

export function tokenRoutes(server: Server, { accounts, wall }: Context): void {
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
      const { name, role, scopes, days } = request.body;
      request.auditDetail = `${name} as ${role}: ${scopes.join(' ')}`;
      if (accounts.tokens().length >= MOST_TOKENS)
        throw new ZhishouError('CONFLICT', name, 'there are too many tokens');
      const secret = `zt_${randomSecret()}`;
      const now = wall.now();
      const token: ApiToken = {
        id: randomSecret(9),
        name,
        role,
        scopes: TOKEN_SCOPES.filter((scope) => scopes.includes(scope)),
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
  scopes: token.scopes,
  createdAt: toIso(token.createdAt),
  createdBy: token.createdBy,
  expiresAt: toIso(token.expiresAt),
  lastUsedAt: token.lastUsedAt === null ? null : toIso(token.lastUsedAt),
});
