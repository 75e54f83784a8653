import { z } from 'zod';
import { type AlarmFiguresView, SUGGESTIONS } from '#core/alarm-figures/view.ts';
import { SEVERITIES } from '#core/config/rule.ts';
import { isoSchema, textSchema } from './payloads.ts';

/** The weekly figures on the bus and on the wire; types: core/alarm-figures/view.ts. */

const count = z.number().int().min(0);
const source = z.object({ rule: z.string(), device: z.string(), title: textSchema });
const lengths = z.object({ count, medianS: z.number().nullable(), p90S: z.number().nullable() });

const weekSchema = z.object({
  week: z.string(),
  ended: z.boolean(),
  from: isoSchema,
  to: isoSchema,
  alarms: count,
  aDay: z.number(),
  days: z.array(z.object({ date: z.string(), alarms: count })),
  worst: z.object({ alarms: count, from: isoSchema.nullable() }),
  flood: z.object({ times: count, totalS: z.number(), share: z.number() }),
  stale: z.object({ count, longest: z.array(source.extend({ since: isoSchema })) }),
  chattering: z.object({ count, sources: z.array(source) }),
  badActors: z.array(
    source.extend({
      severity: z.enum(SEVERITIES),
      alarms: count,
      share: z.number(),
      medianS: z.number().nullable(),
      kind: z.enum(SUGGESTIONS).nullable(),
      suggestion: textSchema.nullable(),
    }),
  ),
  severities: z.object({ low: count, medium: count, high: count }),
  acknowledge: lengths,
  clear: lengths,
  shelved: z.array(z.object({ person: z.string(), times: count, totalS: z.number() })),
  people: z.array(z.object({ person: z.string(), pages: count })),
  rooms: z.array(z.object({ room: z.string().nullable(), alarms: count })),
  heldBack: z.object({ inhibited: count, maintenance: count }),
  simulated: count,
});

export const alarmFiguresSchema = z
  .object({ at: isoSchema, timeZone: z.string(), weeks: z.array(weekSchema).max(60) })
  .meta({ id: 'AlarmFigures' }) satisfies z.ZodType<AlarmFiguresView>;
