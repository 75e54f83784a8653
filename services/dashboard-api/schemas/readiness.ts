import { z } from 'zod';
import type { OutagesResponse, ReadinessResponse } from '#core/api.ts';
import type { ReadinessView } from '#core/readiness.ts';
import { nextSchema } from '../paging.ts';
import { isoSchema } from './payloads.ts';

/** Readiness and planned outages on the bus and on the wire; types: core/readiness.ts, core/outage.ts. */

const text = z.object({ zh: z.string(), en: z.string() });
const state = z.enum(['ok', 'warn', 'fail', 'unknown']);

export const readinessSchema = z
  .looseObject({
    at: isoSchema,
    state,
    ok: z.number(),
    of: z.number(),
    testing: z.boolean(),
    lastTestAt: isoSchema.nullable(),
    nextTestAt: isoSchema.nullable(),
    battery: z
      .array(
        z.looseObject({
          plan: z.string(),
          case: z.enum(['full', 'aged', 'now']),
          runtimeS: z.number().nullable(),
          needS: z.number(),
          bareNeedS: z.number(),
          marginS: z.number(),
          fits: z.enum(['with-backups', 'bare', 'no']).nullable(),
          upses: z.array(z.looseObject({ ups: z.string(), runtimeS: z.number().nullable() })).default([]),
        }),
      )
      .max(300),
    items: z
      .array(
        z.looseObject({
          id: z.string(),
          kind: z.enum(['target', 'time', 'people', 'drill', 'monitor', 'armed']),
          state,
          title: text,
          detail: text,
          device: z.string().nullable(),
          testedAt: isoSchema.nullable(),
        }),
      )
      .max(5000),
  })
  .meta({ id: 'Readiness' }) satisfies z.ZodType<ReadinessView>;

export const readinessResponseSchema = z.object({
  readiness: readinessSchema.nullable(),
}) satisfies z.ZodType<ReadinessResponse>;

export const outagesSchema = z
  .looseObject({
    outages: z
      .array(
        z.looseObject({
          id: z.string(),
          from: isoSchema,
          to: isoSchema,
          upses: z.array(z.string()),
          reason: z.string(),
          by: z.string(),
          at: isoSchema,
          cancelled: z.object({ by: z.string(), at: isoSchema, reason: z.string() }).nullable(),
        }),
      )
      .max(1000),
  })
  .meta({ id: 'PlannedOutages' });
/** What `GET /outages` answers. */
export const outagesResponseSchema = outagesSchema
  .extend({ next: nextSchema })
  .meta({ id: 'PlannedOutagesPage' }) satisfies z.ZodType<OutagesResponse>;
