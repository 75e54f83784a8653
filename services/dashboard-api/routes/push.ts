import { z } from 'zod';
import { ZhishouError } from '#core/errors.ts';
import type { PushBrowserView, PushResponse } from '#core/push.ts';
import { toIso } from '#core/time.ts';
import type { PushBrowser } from '#platform/accounts-push.ts';
import { problemSchema } from '../schemas/answers.ts';
import { userOf } from './caller.ts';
import { API, type Context, type Server } from './context.ts';

/** One's own browsers that are told when the page is closed. */

const OWN = { access: { who: 'viewer', personOnly: true } } as const;
const bytes = (count: number) =>
  z.string().refine((text) => /^[\w-]{1,200}$/.test(text) && Buffer.from(text, 'base64url').length === count);

const subscriptionSchema = z.strictObject({
  endpoint: z.url({ protocol: /^https$/ }).max(2000),
  keys: z.strictObject({ p256dh: bytes(65), auth: bytes(16) }),
  name: z.string().trim().min(1).max(100),
});
const viewSchema = z.object({ id: z.string(), name: z.string(), since: z.string() });
const responseSchema = z.object({
  publicKey: z.string().nullable(),
  routed: z.boolean(),
  browsers: z.array(viewSchema),
});

export function pushRoutes(server: Server, { push, accounts, config }: Context): void {
  server.get(
    `${API}/push`,
    {
      config: OWN,
      schema: {
        tags: ['push'],
        summary:
          'One’s own browsers that are told, and the key that they subscribe with; publicKey null: not set up here',
        response: { 200: responseSchema, default: problemSchema },
      },
    },
    async ({ caller }): Promise<PushResponse> => {
      const user = userOf(caller);
      const person = config.people.people.find(({ id }) => id === accounts.user(user)?.person);
      return {
        publicKey: push.publicKey,
        routed: person?.routes.some(({ channel }) => config.site.channels[channel]?.kind === 'web-push') ?? false,
        browsers: push.of(user).map(toView),
      };
    },
  );
  server.post(
    `${API}/push`,
    {
      config: OWN,
      schema: {
        tags: ['push'],
        summary: 'Tell this browser too: what PushManager.subscribe() gave',
        body: subscriptionSchema,
        response: { 201: viewSchema, default: problemSchema },
      },
    },
    async (request, reply) => {
      const { endpoint, keys, name } = request.body;
      request.auditDetail = name;
      return reply.code(201).send(toView(push.add(userOf(request.caller), { endpoint, ...keys, name })));
    },
  );
  server.delete(
    `${API}/push/:id`,
    {
      config: OWN,
      schema: {
        tags: ['push'],
        summary: 'Tell one of one’s own browsers no more',
        params: z.strictObject({ id: z.string().min(1).max(64) }),
        response: { default: problemSchema },
      },
    },
    async ({ caller, params: { id } }, reply) => {
      if (!push.remove(userOf(caller), id)) throw new ZhishouError('NOT_FOUND', id, 'no such browser');
      return reply.code(204).send();
    },
  );
}

const toView = ({ id, name, createdAt }: PushBrowser): PushBrowserView => ({ id, name, since: toIso(createdAt) });
