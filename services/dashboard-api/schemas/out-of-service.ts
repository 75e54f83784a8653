import { z } from 'zod';
import { DEVICE_KINDS } from '#core/config/device.ts';
import type { OutOfService } from '#core/maintenance.ts';
import { textSchema } from './payloads.ts';

/** Maintenance windows and what is shelved, on the bus and on the wire; types: core/maintenance.ts. */
const iso = z.iso.datetime();

export const outOfServiceSchema = z
  .looseObject({
    windows: z
      .array(
        z.looseObject({
          id: z.string(),
          devices: z.array(z.string()),
          kinds: z.array(z.enum(DEVICE_KINDS)),
          room: z.enum(['core', 'auxiliary']).nullable(),
          rule: z.string().nullable(),
          from: iso,
          to: iso,
          reason: z.string(),
          by: z.string(),
          at: iso,
          ended: z.looseObject({ by: z.string(), at: iso }).nullable(),
        }),
      )
      .max(1000),
    shelved: z
      .array(
        z.looseObject({
          rule: z.string(),
          title: textSchema.exactOptional(),
          device: z.string(),
          by: z.string(),
          until: iso,
          reason: z.string(),
        }),
      )
      .max(10_000),
  })
  .meta({ id: 'OutOfService' }) satisfies z.ZodType<OutOfService>;
