import { z } from 'zod';
import type { WallResponse } from '#core/wall-view.ts';
import { isoSchema } from './payloads.ts';

/** The wall on the wire; types: core/wall-view.ts. */
const text = z.object({ zh: z.string(), en: z.string() });
const day = z.object({ date: z.iso.date(), min: z.number(), mean: z.number(), max: z.number() });

export const wallSchema = z
  .object({
    days: z.array(z.iso.date()),
    duty: z.array(
      z.object({
        name: text,
        person: text.nullable(),
        until: isoSchema.nullable(),
        next: z.object({ person: text, from: isoSchema }).nullable(),
      }),
    ),
    tasks: z.object({
      open: z.number().int(),
      overdue: z.number().int(),
      first: z.array(z.object({ title: text, owner: text.nullable(), dueAt: isoSchema, overdue: z.boolean() })),
    }),
    duties: z
      .object({
        open: z.number().int(),
        overdue: z.number().int(),
        doneToday: z.number().int(),
        today: z.number().int(),
        first: z.array(z.object({ title: text, person: text.nullable(), dueAt: isoSchema, overdue: z.boolean() })),
      })
      .nullable(),
    weather: z
      .array(
        z.object({
          room: z.enum(['core', 'auxiliary', 'outdoor']),
          devices: z.array(z.string()),
          temperature: z.array(day),
          humidity: z.array(day),
        }),
      )
      .nullable(),
  })
  .meta({ id: 'Wall' }) satisfies z.ZodType<WallResponse>;
