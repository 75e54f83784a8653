import { z } from 'zod';
import {
  AGENDA_KINDS,
  MEETING_STATES,
  type MeetingSummary,
  type MeetingsResponse,
  type MeetingView,
} from '#core/paperwork/meeting-view.ts';
import { nextSchema } from '../paging.ts';
import { isoSchema, textSchema } from './payloads.ts';

/** Meetings on the wire; types: core/paperwork/meeting-view.ts. */
const person = z.object({ id: z.string(), name: textSchema });
const state = z.enum(MEETING_STATES);

export const meetingSchema = z
  .object({
    id: z.string(),
    version: z.string(),
    title: textSchema,
    at: isoSchema,
    state,
    report: z.string().nullable(),
    present: z.array(person),
    chair: person.nullable(),
    agenda: z.array(
      z.object({
        id: z.string(),
        kind: z.enum(AGENDA_KINDS),
        title: textSchema,
        detail: textSchema.nullable(),
        path: z.string().nullable(),
        pressing: z.boolean(),
        confirm: z.boolean(),
        confirmed: z.boolean(),
        discussed: z.boolean(),
        note: z.string().nullable(),
      }),
    ),
    decisions: z.array(
      z.object({
        id: z.string(),
        item: z.string().nullable(),
        text: z.string(),
        owner: person.nullable(),
        dueAt: isoSchema.nullable(),
        task: z.string().nullable(),
        state: z.enum(['open', 'overdue', 'done', 'dropped', 'noted']),
        by: z.string(),
        at: isoSchema,
      }),
    ),
    closed: z.object({ by: z.string(), at: isoSchema }).nullable(),
    addenda: z.array(z.object({ text: z.string(), by: z.string(), at: isoSchema })),
    people: z.array(person),
    mayWrite: z.boolean(),
    mayClose: z.boolean(),
  })
  .meta({ id: 'Meeting' }) satisfies z.ZodType<MeetingView>;

const summary = z
  .object({
    id: z.string(),
    title: textSchema,
    at: isoSchema,
    state,
    items: z.number().int(),
    pressing: z.number().int(),
    decisions: z.number().int(),
    open: z.number().int(),
  })
  .meta({ id: 'MeetingSummary' }) satisfies z.ZodType<MeetingSummary>;

export const meetingsSchema = z.object({
  meetings: z.array(summary),
  next: nextSchema,
}) satisfies z.ZodType<MeetingsResponse>;

const text = (longest: number) => z.string().trim().min(1).max(longest);
const itemId = z.string().min(1).max(300);
const personId = z.string().min(1).max(100);

export const meetingChangeSchema = z.strictObject({
  /** The meeting begins: the agenda stays as it is now. */
  open: z.literal(true).optional(),
  present: z.array(personId).max(100).optional(),
  chair: personId.nullable().optional(),
  items: z
    .array(
      z.strictObject({
        id: itemId,
        discussed: z.boolean().optional(),
        note: text(2000).nullable().optional(),
        /** A repair that is done: its register moves on (O-REG-6). */
        confirm: z.literal(true).optional(),
      }),
    )
    .max(100)
    .optional(),
  /** Items of the office's own. */
  add: z.array(text(300)).max(20).optional(),
});

export const newDecisionSchema = z.strictObject({
  item: itemId.nullable().default(null),
  text: text(1000),
  /** With an owner or a time it becomes a task; without a time it is due by the next meeting. */
  owner: personId.nullable().default(null),
  dueAt: z.iso.datetime({ offset: true }).nullable().default(null),
});
