import { z } from 'zod';
import type {
  AlertsResponse,
  DeliveriesResponse,
  DeviceResponse,
  DevicesResponse,
  HealthResponse,
  HistoryResponse,
  IncidentsResponse,
  PlansResponse,
  Problem,
  ReadingsResponse,
  SimulatorResponse,
  SiteView,
} from '#core/api.ts';
import { DEVICE_KINDS, DEVICE_SOURCES, OPERATIONS } from '#core/config/device.ts';
import { FUNCTIONS, OUTSIDE_CONTACTS } from '#core/config/people.ts';
import { SEVERITIES } from '#core/config/rule.ts';
import { ERRORS, type ErrorCode } from '#core/errors.ts';
import { LEVELS } from '#core/incident.ts';
import { UNITS } from '#core/points.ts';
import { nextSchema } from '../paging.ts';
import { incidentSummarySchema, stepKindSchema } from './incident.ts';
import {
  alertSchema,
  caughtMessageSchema,
  commandResultSchema,
  DEVICE_STATES,
  deliverySchema,
  dutySchema,
  isoSchema,
  qualitySchema,
  simulatorStateSchema,
  textSchema,
  valueSchema,
} from './payloads.ts';

/** The shapes of answers, for the OpenAPI description and for the test that holds real answers against it. Types: core/api.ts. */

const unitSchema = z.enum(UNITS);
const languageSchema = z.enum(['zh', 'en']);

export const problemSchema = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.number(),
    code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
    detail: z.string(),
    issues: z
      .array(z.object({ path: z.string(), message: z.string(), text: textSchema.exactOptional() }))
      .exactOptional(),
    command: commandResultSchema.exactOptional(),
    retryAfterS: z.number().exactOptional(),
  })
  .meta({ id: 'Problem' }) satisfies z.ZodType<Problem>;

const serviceSchema = z.object({
  state: z.enum(['ok', 'silent', 'unknown']),
  lastMessageAgeS: z.number().nullable(),
});
const keepingStateSchema = z.enum(['ok', 'behind', 'failing']);
export const healthSchema = z
  .object({
    status: z.enum(['ok', 'degraded']),
    version: z.string(),
    site: z.string(),
    simulation: z.boolean(),
    uptimeS: z.number(),
    bus: z.enum(['up', 'down']),
    services: z.object({ collector: serviceSchema, alerts: serviceSchema }),
    recorder: z.object({
      state: z.enum(['ok', 'failing']),
      written: z.number(),
      lost: z.number(),
      error: z.string().nullable(),
    }),
    history: z.object({
      state: keepingStateSchema,
      thinning: z.boolean(),
      waitingBytes: z.number(),
      stores: z.array(
        z.object({
          store: z.string(),
          state: keepingStateSchema,
          waitingBytes: z.number(),
          since: isoSchema.nullable(),
        }),
      ),
    }),
    rejectedMessages: z.number(),
    liveClients: z.number(),
  })
  .meta({ id: 'Health' }) satisfies z.ZodType<HealthResponse>;

export const siteSchema = z
  .object({
    id: z.string(),
    name: textSchema,
    address: textSchema,
    floor: textSchema,
    timeZone: z.string(),
    language: languageSchema,
    simulation: z.boolean(),
    version: z.string(),
    armed: z.boolean().nullable(),
    armedBy: z.string().nullable(),
    workingHours: z.boolean().nullable(),
    duty: dutySchema.nullable(),
    clock: z.object({ now: isoSchema, speed: z.number() }),
    people: z.array(z.object({ id: z.string(), name: textSchema, functions: z.array(z.enum(FUNCTIONS)) })),
    contacts: z.array(z.object({ id: z.enum(OUTSIDE_CONTACTS), name: textSchema, phone: z.string() })),
  })
  .meta({ id: 'Site' }) satisfies z.ZodType<SiteView>;

export const readingSchema = z
  .object({
    device: z.string(),
    point: z.string(),
    value: valueSchema.nullable(),
    unit: unitSchema,
    quality: qualitySchema,
    reason: z.string().nullable(),
    measuredAt: isoSchema,
    receivedAt: isoSchema,
    changedAt: isoSchema,
    simulated: z.boolean(),
  })
  .meta({ id: 'Reading' });
export const readingsSchema = z.object({ readings: z.array(readingSchema) }) satisfies z.ZodType<ReadingsResponse>;

export const deviceSchema = z
  .object({
    id: z.string(),
    name: textSchema,
    kind: z.enum(DEVICE_KINDS),
    room: z.enum(['core', 'auxiliary']),
    place: z.object({ x: z.number(), y: z.number() }).nullable(),
    profile: z.string().nullable(),
    intervalS: z.number(),
    source: z.enum(DEVICE_SOURCES),
    state: z.enum([...DEVICE_STATES, 'unknown']),
    lastSeenAt: isoSchema.nullable(),
    failures: z.number(),
    reason: z.string().nullable(),
    labels: z.record(z.string(), z.string()),
    dependsOn: z.array(z.string()),
    feeds: z.array(z.string()),
    minFeeds: z.number().int().optional(),
    operations: z.array(z.enum(OPERATIONS)),
    limits: z.array(
      z.object({
        point: z.string(),
        rule: z.string(),
        above: z.number().nullable(),
        below: z.number().nullable(),
        clear: z.number().nullable(),
        severity: z.enum(SEVERITIES),
      }),
    ),
    note: textSchema.nullable(),
  })
  .meta({ id: 'Device' });
export const devicesSchema = z.object({ devices: z.array(deviceSchema) }) satisfies z.ZodType<DevicesResponse>;
export const deviceDetailSchema = deviceSchema
  .extend({ readings: z.array(readingSchema), alerts: z.array(alertSchema) })
  .meta({ id: 'DeviceDetail' }) satisfies z.ZodType<DeviceResponse>;

export const historySchema = z
  .object({
    device: z.string(),
    point: z.string(),
    unit: unitSchema,
    from: isoSchema,
    to: isoSchema,
    stepS: z.number(),
    buckets: z.array(
      z.object({
        at: isoSchema,
        mean: z.number(),
        min: z.number(),
        max: z.number(),
        count: z.number(),
        coverage: z.number(),
      }),
    ),
    changes: z.array(z.object({ at: isoSchema, value: valueSchema.nullable(), quality: z.string() })),
    truncated: z.boolean(),
  })
  .meta({ id: 'History' }) satisfies z.ZodType<HistoryResponse>;

export const alertsSchema = z.object({
  alerts: z.array(alertSchema),
  next: nextSchema,
}) satisfies z.ZodType<AlertsResponse>;
export const incidentsSchema = z.object({
  incidents: z.array(incidentSummarySchema),
  next: nextSchema,
}) satisfies z.ZodType<IncidentsResponse>;
export const deliveriesSchema = z.object({
  deliveries: z.array(deliverySchema),
  next: nextSchema,
}) satisfies z.ZodType<DeliveriesResponse>;
export const simulatorSchema = z.object({
  state: simulatorStateSchema.nullable(),
  caught: z.array(caughtMessageSchema),
}) satisfies z.ZodType<SimulatorResponse>;

export const plansSchema = z.object({
  plans: z.array(
    z
      .object({
        id: z.string(),
        version: z.string(),
        title: textSchema,
        source: z.string(),
        level: z.enum(LEVELS),
        button: z.boolean(),
        alerts: z.array(z.string()),
        steps: z.array(
          z.object({
            id: z.string(),
            kind: stepKindSchema,
            stage: z.string(),
            title: textSchema,
            after: z.array(z.string()),
            functions: z.array(z.enum(FUNCTIONS)),
            contact: z.enum(OUTSIDE_CONTACTS).nullable(),
            operation: z.enum(OPERATIONS).nullable(),
            script: textSchema.nullable(),
            withinS: z.number().nullable(),
            obligations: z.array(z.string()),
          }),
        ),
      })
      .meta({ id: 'Plan' }),
  ),
}) satisfies z.ZodType<PlansResponse>;
