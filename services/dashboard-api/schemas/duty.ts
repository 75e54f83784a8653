import { z } from 'zod';
import { FUNCTIONS } from '#core/config/people.ts';
import {
  DUTY_STATES,
  type DutiesResponse,
  type DutyFigures,
  type DutySummary,
  type DutyView,
} from '#core/paperwork/duty-view.ts';
import { nextSchema } from '../paging.ts';
import { isoSchema, qualitySchema, textSchema } from './payloads.ts';
import { signatureSchema } from './register.ts';

/** Duties on the wire; types: core/paperwork/duty-view.ts. */
const link = z.object({ label: textSchema, path: z.string() });
const verdict = z.enum(['ok', 'finding', 'not-applicable']);
const value = z.union([z.number(), z.string()]).nullable();

const summaryShape = {
  id: z.string(),
  duty: z.string(),
  title: textSchema,
  obligations: z.array(z.string()),
  state: z.enum(DUTY_STATES),
  from: isoSchema,
  dueAt: isoSchema,
  function: z.enum(FUNCTIONS),
  person: z.object({ id: z.string(), name: textSchema }).nullable(),
  items: z.number().int(),
  doneAt: isoSchema.nullable(),
  doneBy: z.object({ id: z.string(), name: z.string() }).nullable(),
  findings: z.number().int(),
  about: link.nullable(),
};
export const dutySummarySchema = z.object(summaryShape).meta({ id: 'DutySummary' }) satisfies z.ZodType<DutySummary>;

const live = z.object({
  device: z.string(),
  name: textSchema,
  point: z.string(),
  pointName: textSchema,
  value: z.union([z.number(), z.string(), z.boolean()]).nullable(),
  unit: z.string(),
  quality: qualitySchema,
  fine: z.boolean(),
  at: isoSchema.nullable(),
});

const item = z.object({
  id: z.string(),
  label: textSchema,
  group: textSchema.nullable(),
  kind: z.enum(['tick', 'number', 'text']),
  unit: z.string().nullable(),
  live: z.array(live),
  suggested: verdict.nullable(),
  answer: z
    .object({ verdict, value, note: z.string().nullable(), live: z.array(live), corrected: z.boolean() })
    .nullable(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  last: z.object({ at: isoSchema, by: z.string(), verdict, value, note: z.string().nullable() }).nullable(),
});

export const dutyViewSchema = z
  .object({
    ...summaryShape,
    version: z.string(),
    instructions: textSchema.nullable(),
    checklist: z.array(item),
    signature: z.enum(['password', 'drawn']).nullable(),
    history: z.array(z.object({ at: isoSchema, by: z.string(), what: textSchema })),
    before: z.array(dutySummarySchema),
    mayDo: z.boolean(),
    mayWaive: z.boolean(),
    mendBy: isoSchema.nullable(),
    tasks: z.array(z.object({ id: z.string(), title: textSchema, dueAt: isoSchema, state: z.string() })),
    note: z.string().nullable(),
    links: z.array(link),
  })
  .meta({ id: 'Duty' }) satisfies z.ZodType<DutyView>;

export const dutiesSchema = z
  .object({ duties: z.array(dutySummarySchema), next: nextSchema })
  .meta({ id: 'Duties' }) satisfies z.ZodType<DutiesResponse>;

const count = z.number().int();
export const dutyFiguresSchema = z
  .object({
    from: isoSchema,
    to: isoSchema,
    duties: z.array(
      z.object({
        ...{ duty: z.string(), title: textSchema, done: count, late: count, missed: count, waived: count },
        rate: z.number().nullable(),
      }),
    ),
  })
  .meta({ id: 'DutyFigures' }) satisfies z.ZodType<DutyFigures>;

/** What comes in: told exactly, so that nothing of it is lost unseen. */
const note = z.string().trim().max(2000);
const instantGiven = z.iso.datetime({ offset: true });
export const dutyDoneSchema = z.strictObject({
  items: z
    .array(
      z.strictObject({
        item: z.string().min(1).max(200),
        verdict,
        value: z.union([z.number(), z.string().trim().max(2000)]).nullable(),
        note: note.nullable(),
        at: instantGiven,
        owner: z.string().min(1).max(63).nullable(),
        dueAt: instantGiven.nullable(),
      }),
    )
    .max(1000),
  note: note.optional(),
  signature: signatureSchema.optional(),
});
