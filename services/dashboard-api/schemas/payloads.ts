import { z } from 'zod';
import type { AlertView } from '#core/alert.ts';
import type { CommandResult } from '#core/command.ts';
import { SEVERITIES } from '#core/config/rule.ts';
import { DELIVERY_STATES, type DeliveryView, MESSAGE_PHASES } from '#core/notification.ts';
import type { DeviceStatus, ReadingBatch } from '#core/reading.ts';
import type { CaughtMessage, SimulatorState } from '#core/simulator.ts';
import { instant } from '#core/time.ts';
import type { SiteStatus } from '#core/topics.ts';

/**
 * What other services put on the bus, checked once at this service's edge. Objects are loose: a field that a newer
 * service adds reaches the page unharmed.
 */

export const textSchema = z.object({ zh: z.string(), en: z.string() }).meta({ id: 'Text' });
export const isoSchema = z.iso.datetime({ offset: true });
export const valueSchema = z.union([z.number(), z.boolean(), z.string()]);
export const qualitySchema = z.enum(['good', 'stale', 'frozen', 'implausible', 'missing']);
/** 8.64e15 ms is where Date ends. */
const instantSchema = z.number().min(0).max(8.64e15).transform(instant);

export const readingBatchSchema = z.looseObject({
  device: z.string(),
  at: instantSchema,
  readings: z
    .array(
      z.looseObject({
        device: z.string(),
        point: z.string(),
        value: valueSchema.nullable(),
        quality: qualitySchema,
        reason: z.string().exactOptional(),
        measuredAt: instantSchema,
        receivedAt: instantSchema,
        changedAt: instantSchema,
        simulated: z.boolean(),
      }),
    )
    .max(5000),
  cause: z.enum(['schedule', 'trap', 'message', 'watch', 'command']),
}) satisfies z.ZodType<ReadingBatch>;

export const DEVICE_STATES = ['starting', 'responding', 'silent', 'refusing'] as const;

export const deviceStatusSchema = z.looseObject({
  device: z.string(),
  at: instantSchema,
  state: z.enum(DEVICE_STATES),
  profile: z.string().nullable(),
  lastSeenAt: instantSchema.nullable(),
  failures: z.number(),
  reason: z.string().exactOptional(),
  labels: z.record(z.string().max(120), z.string().max(200)).exactOptional(),
}) satisfies z.ZodType<DeviceStatus>;

export const acknowledgedSchema = z.looseObject({ by: z.string(), at: isoSchema, via: z.string().exactOptional() });

export const escalationSchema = z.looseObject({
  told: z.array(textSchema),
  next: z.array(textSchema),
  at: isoSchema,
});

export const alertSchema = z
  .looseObject({
    id: z.string(),
    rule: z.string(),
    device: z.string(),
    title: textSchema,
    severity: z.enum(SEVERITIES),
    safety: z.boolean(),
    state: z.enum(['pending', 'firing', 'acknowledged', 'cleared']),
    value: valueSchema.nullable(),
    point: z.string(),
    consequence: textSchema,
    response: textSchema,
    respondWithinS: z.number(),
    since: isoSchema,
    firedAt: isoSchema.nullable(),
    acknowledged: acknowledgedSchema.nullable(),
    reopened: acknowledgedSchema.extend({ times: z.number() }).exactOptional(),
    escalation: escalationSchema.exactOptional(),
    clearedAt: isoSchema.nullable(),
    inhibitedBy: z.string().nullable(),
    silenced: z.looseObject({ by: z.string(), until: isoSchema, reason: z.string() }).nullable(),
    incident: z.string().exactOptional(),
    maintenance: z
      .looseObject({ id: z.string(), by: z.string(), until: isoSchema, reason: z.string() })
      .nullable()
      .exactOptional(),
    doubtful: z.boolean(),
    simulated: z.boolean(),
  })
  .meta({ id: 'AlertView' }) satisfies z.ZodType<AlertView>;

export const deliverySchema = z
  .looseObject({
    id: z.string(),
    key: z.string(),
    person: z.string(),
    personName: textSchema,
    channel: z.string(),
    to: z.string(),
    subject: z.string(),
    body: z.string(),
    severity: z.enum(SEVERITIES),
    incident: z.string().nullable(),
    alert: z.string().nullable(),
    state: z.enum(DELIVERY_STATES),
    attempts: z.number(),
    error: z.string().nullable(),
    queuedAt: isoSchema,
    sentAt: isoSchema.nullable(),
    drill: z.boolean(),
    simulated: z.boolean(),
    phase: z.enum(MESSAGE_PHASES).optional(),
    conversation: z.string().optional(),
    test: z.string().optional(),
    arrivedAt: isoSchema.optional(),
    nextTryAt: isoSchema.optional(),
    mergedInto: z.string().optional(),
    earlier: z.number().optional(),
  })
  .meta({ id: 'DeliveryView' }) satisfies z.ZodType<DeliveryView>;

export const dutySchema = z.looseObject({
  person: z.string(),
  name: textSchema,
  phone: z.string().nullable(),
  until: isoSchema,
});

export const siteStatusSchema = z.looseObject({
  at: isoSchema,
  armed: z.boolean(),
  armedBy: z.string().nullable(),
  simulation: z.boolean(),
  duty: dutySchema.nullable(),
  workingHours: z.boolean(),
}) satisfies z.ZodType<SiteStatus>;

export const simulatorStateSchema = z
  .looseObject({
    at: isoSchema,
    speed: z.number(),
    mains: z.boolean(),
    battery: z.looseObject({
      chargePercent: z.number(),
      trueRemainingS: z.number().nullable(),
      runtimeFactor: z.number(),
    }),
    loadWatts: z.number(),
    roomTemperatureC: z.number(),
    cooling: z.boolean(),
    smoke: z.boolean(),
    leak: z.boolean(),
    doorOpen: z.boolean(),
    devices: z.array(
      z.looseObject({
        device: z.string(),
        state: z.enum(['running', 'stopping', 'off', 'starting', 'crashed']),
        powered: z.boolean(),
        fault: z.string(),
        backup: z.enum(['idle', 'running', 'done', 'failed', 'hung']),
      }),
    ),
    humidity: z.number(),
    lines: z.array(z.number()),
    plannedCuts: z.array(z.looseObject({ from: isoSchema, to: isoSchema })),
    upses: z.array(
      z.looseObject({
        device: z.string(),
        mode: z.enum(['online', 'battery', 'bypass', 'off']),
        chargePercent: z.number(),
        trueRemainingS: z.number().nullable(),
        loadWatts: z.number(),
        loadPercent: z.number(),
        testing: z.boolean(),
      }),
    ),
    coolingUnits: z.array(
      z.looseObject({ device: z.string(), working: z.boolean(), running: z.boolean(), capacityShare: z.number() }),
    ),
    sensors: z.array(z.looseObject({ device: z.string(), fault: z.string() })),
    sirens: z.array(z.looseObject({ device: z.string(), on: z.boolean() })),
    motion: z.boolean(),
    fireWatts: z.number(),
    outsideTemperatureC: z.number(),
    monitor: z.looseObject({ diskFull: z.boolean(), clockOffsetS: z.number() }),
    faults: z.array(z.looseObject({ fault: z.string(), device: z.string().nullable(), detail: z.string() })),
  })
  .meta({ id: 'SimulatorState' }) satisfies z.ZodType<SimulatorState>;

export const caughtMessageSchema = z
  .looseObject({
    at: isoSchema,
    channel: z.enum(['webhook', 'smtp']),
    to: z.string(),
    subject: z.string(),
    body: z.string(),
  })
  .meta({ id: 'CaughtMessage' }) satisfies z.ZodType<CaughtMessage>;

export const commandResultSchema = z
  .looseObject({
    id: z.string(),
    ok: z.boolean(),
    error: z.string().nullable(),
    detail: z.string().nullable(),
    detailText: textSchema.exactOptional(),
    created: z.string().nullable(),
  })
  .meta({ id: 'CommandResult' }) satisfies z.ZodType<CommandResult>;
