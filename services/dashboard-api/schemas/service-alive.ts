import { z } from 'zod';
import type { ServiceAlive } from '#core/service-alive.ts';
import { isoSchema } from './payloads.ts';

/** What services say of themselves; type: core/service-alive.ts. */
export const aliveSchema = z.looseObject({
  service: z.string(),
  at: isoSchema,
  trouble: z.string().nullable(),
  stalls: z.looseObject({ count: z.number(), longestS: z.number(), lastAt: isoSchema.nullable() }),
}) satisfies z.ZodType<ServiceAlive>;
