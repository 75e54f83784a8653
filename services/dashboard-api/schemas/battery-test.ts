import { z } from 'zod';
import { BATTERY_TEST_STATES, BATTERY_TEST_WORDS, type BatteryTestView } from '#core/paperwork/battery-test.ts';
import { nextSchema } from '../paging.ts';
import { isoSchema, textSchema } from './payloads.ts';

/** Guided battery tests, as the alerts service publishes them. Loose, like all payloads. */
const number = z.number().nullable();
const model = z.looseObject({ runtimeS: z.number(), atLoadW: z.number() }).nullable();
const way = z.enum(['ups', 'by-hand']);
const floor = z.looseObject({ charge: z.number(), runtimeS: z.number() });

const resultSchema = z.looseObject({
  dischargedWh: z.number(),
  dischargedShare: z.number(),
  capacityWh: z.number(),
  ratedWh: number,
  health: number,
  before: z
    .looseObject({ id: z.string().optional(), at: isoSchema, health: number, capacityWh: z.number() })
    .nullable(),
  promisedS: number,
  measuredS: z.number(),
  recalibrated: z.boolean(),
  quality: z.enum(['good', 'fair', 'poor']),
  qualityNote: textSchema,
  atLoadW: z.number(),
  forecast: z.looseObject({ before: model, after: model, why: textSchema }),
});

const pointSchema = z.looseObject({
  at: isoSchema,
  charge: number,
  voltage: number,
  power: number,
  runtime: number,
  temperature: number,
});

const summary = {
  id: z.string().min(1).max(200),
  ups: z.string(),
  upsName: textSchema,
  state: z.enum(BATTERY_TEST_STATES),
  startedBy: z.string(),
  createdAt: isoSchema,
  way,
  floor,
  stopsAt: floor,
  stopsAbout: isoSchema.nullable(),
  mayConfirm: z.array(z.enum(BATTERY_TEST_WORDS)),
  until: isoSchema.nullable(),
  discharge: z.looseObject({ from: isoSchema, to: isoSchema.nullable() }).nullable(),
  result: resultSchema.nullable(),
  reason: textSchema.nullable(),
  now: textSchema.nullable(),
  simulated: z.boolean(),
};

export const batteryTestSchema = z
  .looseObject({
    ...summary,
    preconditions: z
      .array(z.looseObject({ id: z.string(), label: textSchema, holds: z.boolean().nullable(), detail: textSchema }))
      .max(50),
    curve: z.array(pointSchema).max(600),
  })
  .meta({ id: 'BatteryTest' }) satisfies z.ZodType<BatteryTestView>;

export const batteryTestsResponseSchema = z.object({
  tests: z.array(z.looseObject(summary)),
  next: nextSchema,
  upses: z.array(z.object({ ups: z.string(), name: textSchema, ways: z.array(way), breaker: textSchema.nullable() })),
});

export const batteryTestResponseSchema = z.object({ test: batteryTestSchema, previousCurve: z.array(pointSchema) });
