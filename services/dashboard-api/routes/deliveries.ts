import { z } from 'zod';
import type { ChannelsResponse, DeliveriesResponse } from '#core/api.ts';
import { DELIVERY_STATES, type DeliveryView } from '#core/notification.ts';
import { deliveriesSchema, problemSchema } from '../schemas/answers.ts';
import { channelsResponseSchema } from '../schemas/channels.ts';
import { API, type Context, type Server } from './context.ts';
import { idParameter } from './readings.ts';

/** Who was told what over which way, and how the ways do. */

const VIEWER = { access: { who: 'viewer' } } as const;
const states = z.string().transform((list) => list.split(','));

const query = z.strictObject({
  incident: idParameter.optional(),
  alert: idParameter.optional(),
  person: idParameter.optional(),
  channel: idParameter.optional(),
  /** Of one test of contacts. */
  test: idParameter.optional(),
  /** One or more, with commas: `dead,retrying`. */
  state: states.pipe(z.array(z.enum(DELIVERY_STATES)).max(DELIVERY_STATES.length)).optional(),
  /** The page after this one: `next` of the one before. */
  after: idParameter.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});

export function deliveryRoutes(server: Server, { model }: Context): void {
  server.get(
    `${API}/deliveries`,
    {
      config: VIEWER,
      schema: {
        tags: ['incidents'],
        summary: 'Messages sent to people, newest first',
        querystring: query,
        response: { 200: deliveriesSchema, default: problemSchema },
      },
    },
    async ({ query: { limit, after, ...wanted } }): Promise<DeliveriesResponse> => {
      const all = model.deliveries().filter((delivery) => fits(delivery, wanted));
      const from = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
      const deliveries = after !== undefined && from === 0 ? [] : all.slice(from, from + limit);
      const last = deliveries.at(-1);
      return { deliveries, next: last === undefined || from + limit >= all.length ? null : last.id };
    },
  );
  server.get(
    `${API}/channels`,
    {
      config: VIEWER,
      schema: {
        tags: ['incidents'],
        summary: 'The ways out to people, and how they do',
        response: { 200: channelsResponseSchema, default: problemSchema },
      },
    },
    async (): Promise<ChannelsResponse> => ({ channels: model.channels() }),
  );
}

type Wanted = Omit<z.output<typeof query>, 'limit' | 'after'>;

function fits(delivery: DeliveryView, { state, ...same }: Wanted): boolean {
  if (state !== undefined && !state.includes(delivery.state)) return false;
  return Object.entries(same).every(
    ([name, value]) => value === undefined || delivery[name as keyof typeof same] === value,
  );
}
