import { z } from 'zod';
import type { ChannelsResponse, DeliveriesResponse } from '#core/api.ts';
import { DELIVERY_STATES, type DeliveryView } from '#core/notification.ts';
import { type Order, pageQuery, toPage } from '../paging.ts';
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
  ...pageQuery,
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
    async ({ query: { limit, cursor, ...wanted } }): Promise<DeliveriesResponse> => {
      const all = model.deliveries().filter((delivery) => fits(delivery, wanted));
      const order: Order<DeliveryView> = { by: [({ queuedAt }) => queuedAt, ({ id }) => id], newest: true };
      const { page, next } = toPage(all, order, { limit, cursor });
      return { deliveries: page, next };
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

type Wanted = Omit<z.output<typeof query>, keyof typeof pageQuery>;

function fits(delivery: DeliveryView, { state, ...same }: Wanted): boolean {
  if (state !== undefined && !state.includes(delivery.state)) return false;
  return Object.entries(same).every(
    ([name, value]) => value === undefined || delivery[name as keyof typeof same] === value,
  );
}
