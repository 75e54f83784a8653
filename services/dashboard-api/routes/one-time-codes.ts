import type { FastifyContextConfig } from 'fastify';
import type { OneTimeCodesBegun, OneTimeCodesView, RecoveryCodes } from '#core/accounts-view.ts';
import { ZhishouError } from '#core/errors.ts';
import { personOf } from '../auth/session-cookie.ts';
import { ProblemError } from '../problem.ts';
import { problemSchema } from '../schemas/answers.ts';
import {
  codesBeginSchema,
  codesBegunSchema,
  codesChangeSchema,
  codesConfirmSchema,
  codesViewSchema,
  recoveryCodesSchema,
} from '../schemas/sign-in.ts';
import { API, type Context, type Server } from './context.ts';

/** One's own one-time codes: shown, proven by a code, on; taken off with password and code. */

export function oneTimeCodeRoutes(server: Server, context: Context, signInsPerMinute: number): void {
  const own = {
    access: { who: 'viewer', personOnly: true, whilePasswordDue: true },
    rateLimit: { max: signInsPerMinute, timeWindow: '1 minute', groupId: 'sign-in' },
  } as const;
  turningOn(server, context, own);
  onceOn(server, context, own);
}

const tags = ['session'];

function turningOn(
  server: Server,
  { codes, authentication, accounts, config }: Context,
  own: FastifyContextConfig,
): void {
  server.get(
    `${API}/one-time-codes`,
    {
      config: { access: { who: 'viewer', personOnly: true } },
      schema: { tags, summary: "One's own one-time codes", response: { 200: codesViewSchema, default: problemSchema } },
    },
    async (request): Promise<OneTimeCodesView> => {
      const { user, role } = personOf(request.caller);
      return codes.view(user, config.site.http.totp.required.includes(role));
    },
  );
  server.post(
    `${API}/one-time-codes`,
    {
      config: own,
      schema: {
        tags,
        summary: 'Begin: a secret for the authenticator app, shown once; it counts when a code has confirmed it',
        body: codesBeginSchema,
        response: { 200: codesBegunSchema, default: problemSchema },
      },
    },
    async (request): Promise<OneTimeCodesBegun> => {
      const me = personOf(request.caller);
      await authentication.confirm(me.user, request.body.password, request.ip);
      request.auditDetail = 'begun';
      return codes.begin(me.user);
    },
  );
  server.put(
    `${API}/one-time-codes`,
    {
      config: own,
      schema: {
        tags,
        summary: 'Confirm by the first code: they are on; ten recovery codes, shown once',
        body: codesConfirmSchema,
        response: { 200: recoveryCodesSchema, default: problemSchema },
      },
    },
    async (request): Promise<RecoveryCodes> => {
      const me = personOf(request.caller);
      const recovery = codes.confirm(me.user, request.body.code);
      if (recovery === null) refuseCode();
      // Whoever is signed in elsewhere came in without a code.
      accounts.endSessionsOf(me.user, me.sessionId);
      request.auditDetail = 'on';
      return { codes: recovery };
    },
  );
}

function onceOn(server: Server, context: Context, own: FastifyContextConfig): void {
  const { codes } = context;
  server.post(
    `${API}/one-time-codes/recovery`,
    {
      config: own,
      schema: {
        tags,
        summary: 'Ten new recovery codes in place of the old ones, shown once',
        body: codesChangeSchema,
        response: { 200: recoveryCodesSchema, default: problemSchema },
      },
    },
    async (request): Promise<RecoveryCodes> => {
      const { user } = personOf(request.caller);
      await proveBoth(context, user, request.body, request.ip);
      request.auditDetail = 'new recovery codes';
      return { codes: codes.renewRecovery(user) };
    },
  );
  server.delete(
    `${API}/one-time-codes`,
    {
      config: own,
      schema: { tags, summary: 'Take them off', body: codesChangeSchema, response: { default: problemSchema } },
    },
    async (request, reply) => {
      const { user } = personOf(request.caller);
      await proveBoth(context, user, request.body, request.ip);
      codes.remove(user);
      request.auditDetail = 'off';
      return reply.code(204).send();
    },
  );
}

/** As at sign-in: a wrong code is answered, and counted, as a wrong password is. */
async function proveBoth(
  { codes, authentication }: Context,
  user: string,
  { password, code }: { readonly password: string; readonly code: string },
  address: string,
): Promise<void> {
  if (!codes.isOn(user)) throw new ZhishouError('CONFLICT', user, 'one-time codes are not on');
  await authentication.prove({ user, password, code }, address);
}

function refuseCode(): never {
  const message = 'does not fit; are the clocks of this server and of the telephone right?';
  throw new ProblemError('BAD_REQUEST', 'code', message, { issues: [{ path: 'code', message }] });
}
