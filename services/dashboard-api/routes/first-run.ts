import type { FirstRunView, SignInWays } from '#core/accounts-view.ts';
import type { SessionView } from '#core/api.ts';
import { ZhishouError } from '#core/errors.ts';
import { refuseWeak } from '../auth/password-change.ts';
import { originOf, setSessionCookie } from '../auth/session-cookie.ts';
import { sessionSchema } from '../schemas/accounts.ts';
import { problemSchema } from '../schemas/answers.ts';
import { firstRunLookSchema, firstRunMakeSchema, firstRunViewSchema, signInWaysSchema } from '../schemas/sign-in.ts';
import { checkPerson } from './accounts.ts';
import { API, type Context, type Server } from './context.ts';

/** What the sign-in page offers, and the first administrator of a fresh store, who comes with the setup code of the console. */

export function firstRunRoutes(server: Server, context: Context, signInsPerMinute: number): void {
  const { firstRun, oidc, authentication, config } = context;
  const everybody = {
    access: { who: 'everybody' },
    rateLimit: { max: signInsPerMinute, timeWindow: '1 minute', groupId: 'sign-in' },
  } as const;
  const tags = ['session'];
  server.get(
    `${API}/sign-in`,
    {
      config: { access: { who: 'everybody' } },
      schema: { tags, summary: 'What the sign-in page offers', response: { 200: signInWaysSchema } },
    },
    async (): Promise<SignInWays> => ({
      firstRun: firstRun.isOpen(),
      oidc: oidc === null ? null : { name: oidc.name, reachable: oidc.reachable() },
    }),
  );
  server.post(
    `${API}/first-run/look`,
    {
      config: everybody,
      schema: {
        tags,
        summary: 'Which room is this? Needs the setup code of the console',
        body: firstRunLookSchema,
        response: { 200: firstRunViewSchema, default: problemSchema },
      },
    },
    async (request): Promise<FirstRunView> => {
      if (!firstRun.isRight(request.body.code)) refuse(firstRun.isOpen());
      const { name, address, floor, simulation } = config.site;
      const people = config.people.people.map((person) => ({ id: person.id, name: person.name }));
      return { site: { name, address, floor }, simulation, people };
    },
  );
  server.post(
    `${API}/first-run`,
    {
      config: everybody,
      schema: {
        tags,
        summary: 'Make the first administrator, who is then signed in; once',
        body: firstRunMakeSchema,
        response: { 201: sessionSchema, default: problemSchema },
      },
    },
    async (request, reply): Promise<SessionView> => {
      const { code, user, name, password, person } = request.body;
      request.auditDetail = `first administrator ${user}`;
      if (!firstRun.isRight(code)) refuse(firstRun.isOpen());
      refuseWeak('password', password, user);
      checkPerson(context, person);
      const account = await firstRun.make(code, { user, name, password, person });
      if (account === null) throw new ZhishouError('CONFLICT', 'first run', 'somebody was first');
      const { secret, view } = authentication.begin(account, originOf(request), 'password');
      request.caller = authentication.bySession(secret);
      setSessionCookie(reply, secret, request.protocol === 'https');
      reply.code(201);
      return view;
    },
  );
}

function refuse(open: boolean): never {
  if (!open) throw new ZhishouError('CONFLICT', 'first run', 'there are accounts already');
  throw new ZhishouError('WRONG_CREDENTIALS', 'setup code');
}
