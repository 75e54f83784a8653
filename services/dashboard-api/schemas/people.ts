import { z } from 'zod';
import { FUNCTIONS, OUTSIDE_CONTACTS } from '#core/config/people.ts';
import { pastDrillSchema } from '#platform/drill-log.ts';
import { nextSchema } from '../paging.ts';

/** Answers of `GET /people` and `GET /drills`, types in core/people-view.ts. */

const text = z.object({ zh: z.string(), en: z.string() });

export const peopleSchema = z.object({
  people: z.array(
    z.object({
      id: z.string(),
      name: text,
      functions: z.array(z.enum(FUNCTIONS)),
      language: z.enum(['zh', 'en']),
      phone: z.string().nullable(),
      ways: z.array(z.object({ channel: z.string(), kind: z.string().nullable(), to: z.string().nullable() })),
      on: z.array(z.enum(FUNCTIONS)),
      accounts: z.number().int(),
    }),
  ),
  contacts: z.array(z.object({ id: z.enum(OUTSIDE_CONTACTS), name: text, phone: z.string() })),
});

export const drillsSchema = z.object({
  drills: z.array(pastDrillSchema.omit({ site: true }).extend({ at: z.string() })),
  next: nextSchema,
});
