import { z } from 'zod';
import { durationSchema, hostSchema, portSchema, secretSchema } from './common.ts';

/** The ways out to people, `channels` of site.yaml: one schema a kind. */

const smtp = z.strictObject({
  kind: z.literal('smtp'),
  host: hostSchema,
  port: portSchema,
  secure: z.boolean().default(false),
  from: z.string().min(3),
  user: z.string().optional(),
  password: secretSchema.optional(),
  timeout: durationSchema.prefault('15s'),
});

const webhook = z.strictObject({
  kind: z.literal('webhook'),
  /** The body is the OutgoingMessage of core/notification.ts as JSON, `at` in ISO 8601. */
  url: z.url(),
  headers: z.record(z.string(), z.union([z.string(), secretSchema])).default({}),
  /** With a secret, `X-Zhishou-Signature: sha256=…` is the HMAC of the body. */
  secret: secretSchema.optional(),
  timeout: durationSchema.prefault('10s'),
});

export const channelSchema = z.discriminatedUnion('kind', [smtp, webhook]);
export type ChannelConfig = z.infer<typeof channelSchema>;
export type ChannelKind = ChannelConfig['kind'];
/** The configuration of one kind of channel. */
export type ChannelConfigOf<Kind extends ChannelKind> = Extract<ChannelConfig, { kind: Kind }>;
