import { z } from 'zod';
import { type IncidentView, LEVELS } from '#core/incident.ts';
import { acknowledgedSchema, escalationSchema, isoSchema, textSchema } from './payloads.ts';

/** An incident as the alerts service publishes it. Loose, like all payloads. */

const STEP_KINDS = ['tell', 'ask', 'task', 'act', 'wait', 'choose', 'together'] as const;
const STEP_STATES = [
  'pending',
  'waiting',
  'running',
  'verifying',
  'done',
  'failed',
  'skipped',
  'cut',
  'waived',
  'advised',
  'rehearsed',
] as const;
const ESTIMATE_SOURCES = ['ups', 'slope', 'model', 'silence', 'heat'] as const;
const PHASES = [
  'preparing',
  'responding',
  'holding',
  'protecting',
  'settling',
  'standing-down',
  'finishing',
  'shut-down',
  'awaiting-recovery',
  'recovering',
  'closed',
] as const;
const TIMELINE_KINDS = [
  'opened',
  'reading',
  'clocks',
  'decision',
  'answer',
  'acknowledged',
  'step',
  'action',
  'evidence',
  'notification',
  'order',
  'power',
  'restart',
  'level',
  'closed',
] as const;

export const stepKindSchema = z.enum(STEP_KINDS);
export const stepStateSchema = z.enum(STEP_STATES);
export const timelineKindSchema = z.enum(TIMELINE_KINDS);

export const stepSchema = z
  .looseObject({
    id: z.string(),
    kind: stepKindSchema,
    title: textSchema,
    stage: z.string(),
    device: z.string().nullable(),
    operation: z.string().nullable(),
    obligations: z.array(z.string()),
    state: stepStateSchema,
    after: z.array(z.string()),
    role: z.string().nullable(),
    person: z.string().nullable(),
    phone: z.string().nullable(),
    contact: textSchema.nullable(),
    script: textSchema.nullable(),
    answers: z.array(
      z.looseObject({
        id: z.string(),
        label: textSchema,
        takes: z.enum(['nothing', 'duration', 'time']),
        people: z.number(),
        givenBy: z.array(z.string()),
        consequence: textSchema.nullable(),
      }),
    ),
    answer: z.looseObject({ id: z.string(), label: textSchema, by: z.string(), at: isoSchema }).nullable(),
    dueAt: isoSchema.nullable(),
    startedAt: isoSchema.nullable(),
    endedAt: isoSchema.nullable(),
    expectedS: z.number().nullable(),
    withinS: z.number().nullable(),
    attempts: z.number(),
    detail: textSchema.nullable(),
  })
  .meta({ id: 'StepView' });

export const clocksSchema = z
  .looseObject({
    at: isoSchema,
    elapsedS: z.number(),
    threat: z.enum(['battery', 'heat']),
    mains: z.enum(['lost', 'present', 'unknown']),
    temperatureC: z.number().nullable(),
    temperatureLimitC: z.number().nullable(),
    outlook: z.looseObject({
      kind: z.enum(['unknown', 'until']),
      until: isoSchema.nullable(),
      by: z.string().nullable(),
      overLimit: z.boolean().nullable(),
    }),
    exhaustion: z.looseObject({
      at: isoSchema.nullable(),
      source: z.enum(ESTIMATE_SOURCES).nullable(),
      estimates: z.array(
        z.looseObject({
          source: z.enum(ESTIMATE_SOURCES),
          at: isoSchema.nullable(),
          remainingS: z.number().nullable(),
          credible: z.boolean(),
          why: textSchema,
        }),
      ),
    }),
    // What an older service left on the bus has none.
    upses: z
      .array(
        z.looseObject({
          ups: z.string(),
          status: z.enum(['mains', 'battery', 'off', 'unknown']),
          emptyAt: isoSchema.nullable(),
          source: z.enum(ESTIMATE_SOURCES).nullable(),
          chargePercent: z.number().nullable(),
          loadWatts: z.number().nullable(),
        }),
      )
      .max(100)
      .default([]),
    needS: z.number(),
    needPath: z.array(z.string()),
    marginS: z.number(),
    latestSafeStart: isoSchema.nullable(),
    chargePercent: z.number().nullable(),
    loadWatts: z.number().nullable(),
    limitS: z.number().nullable(),
  })
  .meta({ id: 'ClocksView' });

export const timelineEntrySchema = z
  .looseObject({
    seq: z.number(),
    at: isoSchema,
    elapsedS: z.number(),
    kind: timelineKindSchema,
    what: textSchema,
    who: z.string(),
    why: textSchema.nullable(),
    figures: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
    step: z.string().nullable(),
  })
  .meta({ id: 'TimelineEntry' });

const incidentFields = {
  id: z.string(),
  site: z.string(),
  plan: z.looseObject({ id: z.string(), version: z.string(), title: textSchema }),
  mode: z.enum(['live', 'advice', 'drill', 'rehearsal']),
  simulated: z.boolean(),
  level: z.enum(LEVELS),
  phase: z.enum(PHASES),
  outcome: z.enum(['stood-down', 'shutdown', 'recovered']).nullable(),
  openedAt: isoSchema,
  closedAt: isoSchema.nullable(),
  cause: textSchema,
  headline: textSchema,
  acknowledged: acknowledgedSchema.nullable(),
  escalation: escalationSchema.exactOptional(),
  lead: z
    .looseObject({ person: z.string(), name: textSchema, phone: z.string().nullable(), since: isoSchema })
    .nullable(),
  planned: z.looseObject({ id: z.string(), from: isoSchema, to: isoSchema }).nullable(),
  pointOfNoReturn: z.looseObject({ passedAt: isoSchema, step: z.string() }).nullable(),
  clocks: clocksSchema.nullable(),
};

export const incidentSchema = z
  .looseObject({ ...incidentFields, steps: z.array(stepSchema), timeline: z.array(timelineEntrySchema) })
  .meta({ id: 'IncidentView' }) satisfies z.ZodType<IncidentView>;

export const incidentSummarySchema = z
  .looseObject({
    ...incidentFields,
    steps: z.object({ total: z.number(), ended: z.number(), failed: z.number() }),
  })
  .meta({ id: 'IncidentSummary' });
