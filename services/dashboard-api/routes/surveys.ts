import { z } from 'zod';
import { ZhishouError } from '#core/errors.ts';
import { type SurveyAsk, type SurveyState, surveyAskSchema } from '#core/survey.ts';
import { problemSchema } from '../schemas/answers.ts';
import { surveyStateSchema } from '../schemas/survey.ts';
import { API, type Context, type Server } from './context.ts';

/** "Add a device": what is at an address, what does it tell? */

const OPERATOR = { access: { who: 'operator', scopes: ['surveys'] } } as const;
const parameters = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });

export function surveyRoutes(server: Server, { surveys, model }: Context): void {
  server.post(
    `${API}/surveys`,
    {
      config: OPERATOR,
      schema: {
        tags: ['surveys'],
        summary:
          'Look at an address or a range that is not configured yet, or closely at a device that is; told by its id',
        body: surveyAskSchema,
        response: { 202: z.object({ id: z.string() }), default: problemSchema },
      },
    },
    async (request, reply): Promise<{ id: string }> => {
      const { body, caller } = request;
      request.auditDetail = whatOf(body);
      if (body.kind === 'diagnose' && model.device(body.device) === null)
        throw new ZhishouError('NOT_FOUND', body.device, 'no such device');
      reply.code(202);
      return { id: await surveys.begin(caller?.user ?? '', body) };
    },
  );
  server.get(
    `${API}/surveys/:id`,
    {
      config: OPERATOR,
      schema: {
        tags: ['surveys'],
        summary: 'How far it is and what was found; kept for a quarter of an hour',
        params: parameters,
        response: { 200: surveyStateSchema, default: problemSchema },
      },
    },
    async ({ params: { id }, caller }): Promise<SurveyState> => {
      const state = surveys.state(caller?.user ?? '', id);
      if (state === null) throw new ZhishouError('NOT_FOUND', id);
      return state;
    },
  );
  server.delete(
    `${API}/surveys/:id`,
    {
      config: OPERATOR,
      schema: {
        tags: ['surveys'],
        summary: 'End it',
        params: parameters,
        response: { 204: z.null(), default: problemSchema },
      },
    },
    async ({ params: { id }, caller }, reply) => {
      await surveys.end(caller?.user ?? '', id);
      return reply.code(204).send();
    },
  );
}

/** For the audit log: where was looked, never with which credentials. */
function whatOf(ask: SurveyAsk): string {
  if (ask.kind === 'diagnose') return `diagnose ${ask.device}`;
  if (ask.kind === 'discover') return `discover ${ask.range}`;
  const bare = /^([a-z0-9+]+:\/\/)(?:[^/?#]*@)?([^?#]*)/.exec(ask.url);
  return `look ${bare?.[1] ?? ''}${bare?.[2]?.slice(0, 100) ?? ''}`;
}
