import { z } from 'zod';
import { ROLES } from '../command.ts';
import { FIELD_KINDS } from '../paperwork/register-view.ts';
import { durationSchema, idSchema, obligationsSchema, textSchema } from './common.ts';
import { FUNCTIONS } from './people.ts';

/**
 * registers/<id>.yaml: one register as a form. Page, API, validation, search, print and export come from it, so that an office adds its own
 * register by adding a file.
 */

const roleSchema = z.enum(ROLES);
const functionsSchema = z.array(z.enum(FUNCTIONS)).max(FUNCTIONS.length).default([]);
const signatureSchema = z.enum(['password', 'drawn']).optional();

export const registerFieldSchema = z.strictObject({
  id: idSchema,
  kind: z.enum(FIELD_KINDS),
  label: textSchema,
  hint: textSchema.optional(),
  /** Where it is asked for (at the start or by a move) it must be filled in. */
  required: z.boolean().default(false),
  /** `now`, `today`, `me`, `on-duty`, or a value of the kind. */
  preset: z.union([z.string().min(1).max(200), z.number().transform(String), z.boolean().transform(String)]).optional(),
  unit: z.string().min(1).max(20).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  /** Characters of a text. Default: 200, of a long one 4,000. */
  longest: z.number().int().min(1).max(20_000).optional(),
  choices: z
    .array(z.strictObject({ id: idSchema, label: textSchema }))
    .max(100)
    .default([]),
  /** Of kind `entry`: the register whose entries it points to. */
  register: idSchema.optional(),
  /** In the list beside the number. */
  list: z.boolean().default(false),
  /** Asked when one adds an entry; `false`: only by a move. */
  at_start: z.boolean().default(true),
});
export type RegisterField = z.infer<typeof registerFieldSchema>;

const stateSchema = z.strictObject({
  id: idSchema,
  label: textSchema,
  final: z.boolean().default(false),
  tone: z.enum(['calm', 'waiting', 'refused']).default('calm'),
});

const moveSchema = z.strictObject({
  id: idSchema,
  label: textSchema,
  from: z.array(idSchema).min(1).max(50),
  to: idSchema,
  who: z
    .strictObject({
      role: roleSchema.default('duty'),
      /** One of these, or whom `field` names; neither given: the role is enough. */
      functions: functionsSchema,
      field: idSchema.optional(),
      not_author: z.boolean().default(false),
    })
    .prefault({}),
  /** An id, or `{id, required: false}`. */
  fields: z
    .array(
      z.union([
        idSchema.transform((id) => ({ id, required: true })),
        z.strictObject({ id: idSchema, required: z.boolean().default(true) }),
      ]),
    )
    .max(60)
    .default([]),
  signature: signatureSchema,
  reason: z.boolean().default(false),
});
export type RegisterMove = z.infer<typeof moveSchema>;

const deadlineSchema = z.strictObject({
  id: idSchema,
  /** Runs while the entry is in one of these. */
  in: z.array(idSchema).min(1).max(50),
  /** From when on: the last time that it came into a state, or a field. Default: the last move into one of `in`. */
  after: z.union([z.strictObject({ state: idSchema }), z.strictObject({ field: idSchema })]).optional(),
  /** `14d`, `90d`, `0d` (the field's own day). */
  within: durationSchema,
  text: textSchema,
  /** So long ahead people are told. */
  remind: durationSchema.optional(),
  /** Whom it is told besides those who may move it on. */
  tell: functionsSchema,
  /** Whom else once it is overdue. */
  overdue: functionsSchema.prefault(['director']),
  /** Becomes a duty of duties.yaml's manner (the re-inspection, the next visit), which reminds by itself. */
  duty: z.boolean().default(false),
});
export type RegisterDeadline = z.infer<typeof deadlineSchema>;

/** Who signed in and not out is in a room: the emergency plans and the theft rules go by it. */
const presenceSchema = z.strictObject({
  states: z.array(idSchema).min(1),
  room: z.enum(['core', 'auxiliary']),
  /** A field of kind `person`; without it somebody from outside. */
  person: idSchema.optional(),
  /** A text that names somebody from outside. */
  name: idSchema.optional(),
  /** A moment; default: when the entry was added. */
  since: idSchema.optional(),
  /** After so long whether they are still there is doubted, and asked. */
  doubtful_after: durationSchema.prefault('12h'),
});

/** An entry in these states permits a change of power, set-points, outlets (O-CHG-1). */
const permitsSchema = z.strictObject({
  states: z.array(idSchema).min(1),
  /** A field of kind `device` or `devices`; empty in an entry: any device. */
  devices: idSchema.optional(),
  /** A field of kind `choice` or `choices`, and which points each choice stands for (`outlet.*`); `[]`: any. */
  points: z
    .strictObject({ field: idSchema, means: z.record(idSchema, z.array(z.string().min(1).max(100)).max(20)) })
    .optional(),
  from: idSchema,
  to: idSchema,
  /** The move by which it was consented to. */
  approved_by: idSchema,
});

export const registerSchema = z.strictObject({
  id: idSchema,
  title: textSchema,
  description: textSchema.optional(),
  obligations: obligationsSchema,
  who: z
    .strictObject({
      read: roleSchema.default('viewer'),
      add: roleSchema.default('duty'),
      correct: roleSchema.default('operator'),
    })
    .prefault({}),
  fields: z.array(registerFieldSchema).min(1).max(60),
  /** The first one is where an entry begins, unless `initial` says otherwise. */
  states: z.array(stateSchema).min(1).max(50),
  initial: idSchema.optional(),
  moves: z.array(moveSchema).max(60).default([]),
  deadlines: z.array(deadlineSchema).max(20).default([]),
  quick: z.strictObject({ fields: z.array(idSchema).min(1).max(60), place: textSchema }).optional(),
  signature: signatureSchema,
  /** What an entry is called in lists and messages: `{device}: {reason}`. Default: the first fields of the list. */
  summary: z.string().min(1).max(300).optional(),
  presence: presenceSchema.optional(),
  permits: permitsSchema.optional(),
});
export type Register = z.infer<typeof registerSchema>;
