import { z } from 'zod';
import { FORECAST_ORDERS, type ForecastView } from '#core/forecast.ts';
import { isoSchema, textSchema } from './payloads.ts';

/** What answers and orders would lead to, as the alerts service publishes it. Loose, like all payloads. */
const iso = isoSchema.nullable();

const courseSchema = z.looseObject({
  now: textSchema,
  later: textSchema.nullable(),
  late: textSchema.nullable(),
  startsAt: iso,
  downAt: iso,
  emptyAt: iso,
  spareS: z.number().nullable(),
  cut: z.array(z.string()),
  unfinished: z.array(z.string()),
  closesAt: iso,
});

const questionSchema = z.looseObject({
  step: z.string(),
  answers: z.array(
    z.looseObject({
      answer: z.string(),
      cases: z.array(z.looseObject({ upTo: iso, course: courseSchema })),
      byItselfAt: iso,
    }),
  ),
  advised: z.looseObject({ answer: z.string(), why: textSchema }).nullable(),
});

export const forecastSchema = z
  .looseObject({
    incident: z.string().min(1).max(200),
    at: isoSchema,
    nobody: courseSchema,
    questions: z.array(questionSchema),
    orders: z.array(
      z.looseObject({
        order: z.enum(FORECAST_ORDERS),
        course: courseSchema.nullable(),
        refused: textSchema.nullable(),
      }),
    ),
    steps: z.array(z.looseObject({ step: z.string(), done: courseSchema.nullable(), waived: courseSchema.nullable() })),
    end: z
      .looseObject({
        source: z.enum(['ups', 'slope', 'model', 'silence', 'heat']).nullable(),
        earliest: iso,
        latest: iso,
      })
      .nullable(),
  })
  .meta({ id: 'Forecast' }) satisfies z.ZodType<ForecastView>;

export const forecastResponseSchema = z.object({ forecast: forecastSchema.nullable() });
