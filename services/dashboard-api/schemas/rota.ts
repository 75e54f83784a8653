import { z } from 'zod';
import { FUNCTIONS } from '#core/config/people.ts';
import type { HandOverNote, RotaChange, RotaView } from '#core/rota/changes.ts';
import type {
  CalendarResponse,
  RotaFeedMadeResponse,
  RotaFeedResponse,
  RotaResponse,
} from '#core/rota/rota-response.ts';
import { isoSchema, textSchema } from './payloads.ts';

/** Rota and calendar on the bus and on the wire; types: core/rota/. */

const role = z.enum(FUNCTIONS);
const side = z.object({ turn: z.string(), person: z.string() });
const common = {
  id: z.string(),
  role,
  by: z.string(),
  at: isoSchema,
  reason: z.string(),
  cancelled: z.object({ by: z.string(), at: isoSchema }).nullable(),
};
const changeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('swap'), a: side, b: side, ...common }),
  z.object({ kind: z.literal('cover'), from: isoSchema, to: isoSchema, person: z.string(), ...common }),
]) satisfies z.ZodType<RotaChange>;
const noteSchema = z.object({
  turn: z.string(),
  text: z.string(),
  by: z.string(),
  at: isoSchema,
}) satisfies z.ZodType<HandOverNote>;
const presentSchema = z.object({
  person: z.string().nullable(),
  turn: z.string().nullable(),
  until: isoSchema,
  unacceptedSince: isoSchema.nullable(),
});

export const rotaViewSchema = z
  .object({
    at: isoSchema,
    layers: z.array(presentSchema.extend({ role })).max(50),
    changes: z.array(changeSchema).max(5000),
    notes: z.array(noteSchema).max(5000),
  })
  .meta({ id: 'RotaChanges' }) satisfies z.ZodType<RotaView>;

const why = z.enum(['rotation', 'swap', 'override', 'cover', 'off', 'absent', 'not-begun']);
export const rotaSchema = z
  .object({
    version: z.string(),
    from: isoSchema,
    to: isoSchema,
    timeZone: z.string(),
    people: z.array(
      z.object({ id: z.string(), name: textSchema, phone: z.string().nullable(), reachable: z.boolean() }),
    ),
    layers: z.array(
      z.object({
        role,
        name: textSchema,
        now: presentSchema,
        turns: z.array(z.object({ id: z.string(), from: isoSchema, to: isoSchema, person: z.string().nullable() })),
        spans: z.array(
          z.object({
            from: isoSchema,
            to: isoSchema,
            person: z.string().nullable(),
            why,
            turn: z.string().nullable(),
            change: z.string().nullable(),
            reason: z.string().nullable(),
          }),
        ),
        voided: z.array(z.string()),
      }),
    ),
    gaps: z.array(z.object({ role, from: isoSchema, to: isoSchema, why })),
    changes: z.array(changeSchema),
    notes: z.array(noteSchema),
  })
  .meta({ id: 'Rota' }) satisfies z.ZodType<RotaResponse>;

export const calendarSchema = z
  .object({
    timeZone: z.string(),
    days: z.array(
      z.object({
        date: z.string(),
        worked: z.boolean(),
        special: z.enum(['holiday', 'worked']).nullable(),
        name: textSchema.nullable(),
        source: z.enum(['national', 'own']).nullable(),
      }),
    ),
    missingYears: z.array(z.number()),
  })
  .meta({ id: 'Calendar' }) satisfies z.ZodType<CalendarResponse>;

const feed = z.object({ createdAt: isoSchema, lastUsedAt: isoSchema.nullable() });
export const rotaFeedSchema = z.object({ feed: feed.nullable() }) satisfies z.ZodType<RotaFeedResponse>;
export const rotaFeedMadeSchema = z.object({ feed, path: z.string() }) satisfies z.ZodType<RotaFeedMadeResponse>;
