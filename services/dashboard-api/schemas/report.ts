import { z } from 'zod';
import { DELIVERY_STATES } from '#core/notification.ts';
import type { IncidentReport } from '#core/report.ts';
import { stepStateSchema, timelineKindSchema } from './incident.ts';
import { isoSchema } from './payloads.ts';

/** The written report's shape; type: IncidentReport of core/api.ts. */

const eventSchema = z
  .object({
    seq: z.number(),
    at: isoSchema,
    localTime: z.string(),
    elapsed: z.string(),
    kind: timelineKindSchema,
    kindLabel: z.string(),
    what: z.string(),
    who: z.string(),
    why: z.string().nullable(),
    figures: z.array(z.object({ name: z.string(), label: z.string(), value: z.string() })),
    step: z.string().nullable(),
    minor: z.boolean(),
  })
  .meta({ id: 'ReportEvent' });

const findingSchema = z
  .object({ what: z.string(), detail: z.string(), byS: z.number().nullable() })
  .meta({ id: 'ReportFinding' });

export const reportSchema = z
  .object({
    incident: z.string(),
    language: z.enum(['zh', 'en']),
    title: z.string(),
    marks: z.array(z.string()),
    generatedAt: isoSchema,
    final: z.boolean(),
    plan: z.object({ id: z.string(), version: z.string(), title: z.string() }),
    summary: z.array(z.string()),
    facts: z.array(z.object({ label: z.string(), value: z.string() })),
    restarts: z.array(z.string()),
    decisions: z.array(eventSchema),
    timeline: z.array(eventSchema),
    steps: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        stage: z.string(),
        state: stepStateSchema,
        stateLabel: z.string(),
        device: z.string().nullable(),
        who: z.string().nullable(),
        answer: z.string().nullable(),
        startedAt: isoSchema.nullable(),
        endedAt: isoSchema.nullable(),
        durationS: z.number().nullable(),
        expectedS: z.number().nullable(),
        attempts: z.number(),
        detail: z.string().nullable(),
      }),
    ),
    acknowledgement: z.string(),
    notifications: z.array(
      z.object({
        at: isoSchema,
        sentAt: isoSchema.nullable(),
        localTime: z.string(),
        person: z.string(),
        channel: z.string(),
        subject: z.string(),
        state: z.enum(DELIVERY_STATES),
        stateLabel: z.string(),
        attempts: z.number(),
        error: z.string().nullable(),
      }),
    ),
    late: z.array(findingSchema),
    failed: z.array(findingSchema),
    obligations: z.array(z.object({ id: z.string(), steps: z.array(z.string()), state: z.string() })),
    improvements: z.array(z.string()),
    score: z
      .object({
        figure: z.number(),
        parts: z.array(z.object({ title: z.string(), points: z.number(), of: z.number(), detail: z.string() })),
        earlier: z.array(z.object({ incident: z.string(), localTime: z.string(), figure: z.number() })),
      })
      .nullable(),
    charts: z.array(z.object({ id: z.string(), title: z.string() })),
  })
  .meta({ id: 'IncidentReport' }) satisfies z.ZodType<IncidentReport>;
