import { z } from 'zod';
import { OPERATIONS } from '#core/config/device.ts';
import { SEVERITIES } from '#core/config/rule.ts';
import {
  type DeviceAddressesResponse,
  type DeviceContextResponse,
  type HistoryManyResponse,
  type HistoryMark,
  type HistoryMarksResponse,
  MARK_KINDS,
} from '#core/history-view.ts';
import { UNITS } from '#core/points.ts';
import { isoSchema, textSchema, valueSchema } from './payloads.ts';

/** What charts are drawn of; types: core/history-view.ts. */
const column = z.array(z.number());

export const historyManySchema = z
  .object({
    from: isoSchema,
    to: isoSchema,
    stepS: z.number(),
    series: z.array(
      z.object({
        device: z.string(),
        point: z.string(),
        unit: z.enum(UNITS),
        kind: z.enum(['number', 'word']),
        at: column,
        mean: column,
        min: column,
        max: column,
        count: column,
        coverage: column,
        changes: z.array(z.object({ at: isoSchema, value: valueSchema.nullable(), quality: z.string() })),
        truncated: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'HistoryMany' }) satisfies z.ZodType<HistoryManyResponse>;

const markSchema = z
  .object({
    id: z.string(),
    kind: z.enum(MARK_KINDS),
    at: isoSchema,
    to: isoSchema.nullable(),
    open: z.boolean(),
    title: textSchema,
    note: z.string().nullable(),
    devices: z.array(z.string()),
    severity: z.enum(SEVERITIES).nullable(),
  })
  .meta({ id: 'HistoryMark' }) satisfies z.ZodType<HistoryMark>;

export const historyMarksSchema = z.object({
  marks: z.array(markSchema),
  truncated: z.boolean(),
}) satisfies z.ZodType<HistoryMarksResponse>;

export const deviceContextSchema = z
  .object({
    device: z.string(),
    rules: z.array(
      z.object({
        id: z.string(),
        title: textSchema,
        severity: z.enum(SEVERITIES),
        safety: z.boolean(),
        points: z.array(z.string()),
        off: z.boolean(),
        changed: z.boolean(),
      }),
    ),
    steps: z.array(
      z.object({
        plan: z.string(),
        planTitle: textSchema,
        step: z.string(),
        title: textSchema,
        stage: z.string(),
        operation: z.enum(OPERATIONS),
        rehearsed: z.boolean(),
      }),
    ),
    marks: z.array(markSchema),
    opens: z.array(z.object({ plan: z.string(), title: textSchema, rules: z.array(z.string()) })),
  })
  .meta({ id: 'DeviceContext' }) satisfies z.ZodType<DeviceContextResponse>;

export const deviceAddressesSchema = z.object({
  addresses: z.record(z.string(), z.string()),
}) satisfies z.ZodType<DeviceAddressesResponse>;
