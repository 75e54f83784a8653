import { z } from 'zod';
import { ROLES } from '#core/command.ts';
import { FUNCTIONS } from '#core/config/people.ts';
import { LONGEST_DRAWING } from '#core/paperwork/drawn-signature.ts';
import {
  type EntriesResponse,
  type EntrySummary,
  type EntryView,
  FIELD_KINDS,
  type RegistersResponse,
  type RegisterView,
} from '#core/paperwork/register-view.ts';
import { nextSchema } from '../paging.ts';
import { isoSchema } from './payloads.ts';

/** Registers on the wire; types: core/paperwork/register-view.ts. What a register's own fields allow is judged by the book. */

const textSchema = z.object({ zh: z.string(), en: z.string() });
const roleSchema = z.enum(ROLES);
const signatureKind = z.enum(['password', 'drawn']);
const valueSchema = z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()]);

const fieldSchema = z.object({
  id: z.string(),
  kind: z.enum(FIELD_KINDS),
  label: textSchema,
  hint: textSchema.nullable(),
  required: z.boolean(),
  preset: z.string().nullable(),
  unit: z.string().nullable(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  longest: z.number().nullable(),
  choices: z.array(z.object({ id: z.string(), label: textSchema })),
  register: z.string().nullable(),
  inList: z.boolean(),
  atStart: z.boolean(),
});

const moveSchema = z.object({
  id: z.string(),
  label: textSchema,
  from: z.array(z.string()),
  to: z.string(),
  who: z.object({
    role: roleSchema,
    functions: z.array(z.enum(FUNCTIONS)),
    field: z.string().nullable(),
    notAuthor: z.boolean(),
  }),
  fields: z.array(z.object({ id: z.string(), required: z.boolean() })),
  signature: signatureKind.nullable(),
  reason: z.boolean(),
});

const registerSchema = z
  .object({
    id: z.string(),
    title: textSchema,
    description: textSchema.nullable(),
    obligations: z.array(z.string()),
    fields: z.array(fieldSchema),
    states: z.array(
      z.object({
        id: z.string(),
        label: textSchema,
        final: z.boolean(),
        tone: z.enum(['calm', 'waiting', 'refused']),
      }),
    ),
    initial: z.string(),
    moves: z.array(moveSchema),
    mayRead: roleSchema,
    mayAdd: roleSchema,
    mayCorrect: roleSchema,
    quick: z.object({ fields: z.array(z.string()), place: textSchema }).nullable(),
    signature: signatureKind.nullable(),
    open: z.number(),
    overdue: z.number(),
  })
  .meta({ id: 'Register' }) satisfies z.ZodType<RegisterView>;

export const registersSchema = z
  .object({ registers: z.array(registerSchema) })
  .meta({ id: 'Registers' }) satisfies z.ZodType<RegistersResponse>;

const summaryFields = {
  id: z.string(),
  register: z.string(),
  state: z.string(),
  values: z.record(z.string(), valueSchema),
  createdAt: isoSchema,
  createdBy: z.string(),
  createdByName: z.string(),
  changedAt: isoSchema,
  due: z.object({ at: isoSchema, what: textSchema, overdue: z.boolean() }).nullable(),
  photos: z.number(),
  corrected: z.boolean(),
  moves: z.array(z.string()),
};

export const entriesSchema = z
  .object({
    entries: z.array(z.object(summaryFields).meta({ id: 'EntrySummary' }) satisfies z.ZodType<EntrySummary>),
    next: nextSchema,
  })
  .meta({ id: 'Entries' }) satisfies z.ZodType<EntriesResponse>;

export const entrySchema = z
  .object({
    ...summaryFields,
    version: z.string(),
    history: z.array(
      z.object({
        at: isoSchema,
        by: z.string(),
        byName: z.string(),
        kind: z.enum(['added', 'moved', 'corrected', 'photo']),
        move: z.string().nullable(),
        state: z.string(),
        changed: z.array(z.object({ field: z.string(), before: valueSchema, after: valueSchema })),
        reason: z.string().nullable(),
        signed: signatureKind.nullable(),
        drawing: z.string().nullable().exactOptional(),
        hash: z.string(),
      }),
    ),
    photosOf: z.array(
      z.object({ id: z.string(), at: isoSchema, by: z.string(), width: z.number(), height: z.number() }),
    ),
    mayCorrect: z.boolean(),
    links: z.array(z.object({ label: textSchema, path: z.string() })),
  })
  .meta({ id: 'Entry' }) satisfies z.ZodType<EntryView>;

/** Bounded before it is judged by the form: no key or value is longer than the longest that a form may have. */
const givenValues = z
  .record(
    z.string().min(1).max(63),
    z.union([z.string().max(20_000), z.number(), z.boolean(), z.array(z.string().max(200)).max(50), z.null()]),
  )
  .refine((values) => Object.keys(values).length <= 60, 'has too many fields');
export const signatureSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('password'), password: z.string().min(1).max(200) }),
  z.strictObject({ kind: z.literal('drawn'), path: z.string().min(1).max(LONGEST_DRAWING) }),
]);
const reasonSchema = z.string().trim().min(1).max(1000);

export const newEntrySchema = z.strictObject({ values: givenValues, signature: signatureSchema.optional() });
export const correctionSchema = z.strictObject({ values: givenValues, reason: reasonSchema });
export const entryMoveSchema = z.strictObject({
  move: z.string().min(1).max(63),
  values: givenValues.default({}),
  reason: reasonSchema.optional(),
  signature: signatureSchema.optional(),
});
export type GivenSignature = z.infer<typeof signatureSchema>;
