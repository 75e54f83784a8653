import { z } from 'zod';
import { DEVICE_KINDS, DEVICE_SOURCES } from '#core/config/device.ts';
import { type Diagnosis, MOST_MESSAGES_TOLD, MOST_POLLS_TOLD } from '#core/diagnosis.ts';
import { MOST_SURVEY_POINTS, type SurveyState } from '#core/survey.ts';
import { isoSchema } from './payloads.ts';

/** What the collector tells of a device or a range that is looked at. */
const pointShape = {
  name: z.string(),
  label: z.string().exactOptional(),
  value: z.union([z.number(), z.string(), z.boolean(), z.null()]),
  unit: z.string(),
  quality: z.string(),
  reason: z.string().exactOptional(),
  oid: z.string().nullable(),
  raw: z.union([z.string(), z.number(), z.boolean(), z.null()]),
};
const pointSchema = z.object(pointShape);

const diagnosisSchema = z.object({
  device: z.string(),
  way: z.enum(DEVICE_SOURCES),
  address: z.string().max(5000),
  profile: z.string().nullable(),
  intervalS: z.number(),
  points: z.array(z.object({ ...pointShape, source: z.string().nullable() })).max(MOST_SURVEY_POINTS),
  messages: z
    .array(z.object({ at: isoSchema, topic: z.string(), retained: z.boolean(), bytes: z.number(), text: z.string() }))
    .max(MOST_MESSAGES_TOLD),
  polls: z
    .array(
      z.object({
        at: isoSchema,
        tookMs: z.number(),
        cause: z.string(),
        outcome: z.string(),
        detail: z.string().nullable(),
        points: z.number(),
      }),
    )
    .max(MOST_POLLS_TOLD),
  counts: z
    .object({
      polls: z.number(),
      failed: z.number(),
      timedOut: z.number(),
      refused: z.number(),
      overdue: z.number(),
      doubtful: z.number(),
    })
    .nullable(),
}) satisfies z.ZodType<Diagnosis>;

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
  diagnosis: diagnosisSchema.exactOptional(),
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
