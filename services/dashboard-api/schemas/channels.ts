import { z } from 'zod';
import type { ChannelsResponse } from '#core/api.ts';
import { CHANNEL_STATES, type ChannelStates } from '#core/channel-state.ts';
import { isoSchema } from './payloads.ts';

/** How the ways out to people do, on the bus and on the wire; types: core/channel-state.ts. */
export const channelStatesSchema = z
  .looseObject({
    at: isoSchema,
    channels: z
      .array(
        z.looseObject({
          id: z.string(),
          kind: z.string(),
          state: z.enum(CHANNEL_STATES),
          since: isoSchema.nullable(),
          error: z.string().nullable(),
          lastSuccessAt: isoSchema.nullable(),
          lastFailureAt: isoSchema.nullable(),
          nextTryAt: isoSchema.nullable(),
          waiting: z.number(),
          rate: z.looseObject({ messages: z.number(), perS: z.number(), left: z.number() }).nullable(),
          receipts: z.boolean(),
        }),
      )
      .max(200),
  })
  .meta({ id: 'ChannelStates' }) satisfies z.ZodType<ChannelStates>;

export const channelsResponseSchema = z.object({
  channels: channelStatesSchema.nullable(),
}) satisfies z.ZodType<ChannelsResponse>;
