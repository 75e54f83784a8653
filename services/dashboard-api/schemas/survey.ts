import { z } from 'zod';
import { DEVICE_KINDS } from '#core/config/device.ts';
import { MOST_SURVEY_POINTS, type SurveyState } from '#core/survey.ts';

/** What the collector tells of a device or a range that is looked at. */
const pointSchema = z.object({
  name: z.string(),
  label: z.string().exactOptional(),
  value: z.union([z.number(), z.string(), z.boolean(), z.null()]),
  unit: z.string(),
  quality: z.string(),
  reason: z.string().exactOptional(),
  oid: z.string().nullable(),
  raw: z.union([z.string(), z.number(), z.boolean(), z.null()]),
});

export const surveyStateSchema = z.object({
  id: z.string(),
  state: z.enum(['running', 'done', 'failed']),
  done: z.number(),
  all: z.number(),
  probe: z
    .object({
      recognised: z.string().nullable(),
      points: z.array(pointSchema).max(MOST_SURVEY_POINTS),
      behind: z
        .array(z.object({ address: z.string(), description: z.string() }))
        .max(500)
        .exactOptional(),
    })
    .nullable(),
  found: z
    .array(
      z.object({
        host: z.string(),
        profile: z.string().nullable(),
        title: z.string().nullable(),
        kind: z.enum(DEVICE_KINDS),
        name: z.string().nullable(),
        description: z.string().nullable(),
      }),
    )
    .max(5000),
  yaml: z.string(),
  error: z.object({ code: z.string(), detail: z.string() }).nullable(),
}) satisfies z.ZodType<SurveyState>;
