import { z } from 'zod';
import type { Condition } from '#core/config/condition.ts';
import { FUNCTIONS } from '#core/config/people.ts';
import { type Rule, SEVERITIES } from '#core/config/rule.ts';
import type { RuleOverride } from '#core/rule-override.ts';
import type { RulesResponse, RulesView, RuleTryResponse } from '#core/rules-view.ts';
import { milliseconds } from '#core/time.ts';
import { isoSchema, textSchema } from './payloads.ts';

/** The rules that run, on the bus and on the wire; types: core/rules-view.ts. Rules are as the configuration's schema has parsed them. */

const durationSchema = z.number().min(0).transform(milliseconds);

const ruleSchema = z.looseObject({
  id: z.string(),
  title: textSchema,
  on: z.custom<Rule['on']>(isObject),
  when: z.custom<Condition>(isObject),
  for: durationSchema,
  severity: z.enum(SEVERITIES),
  safety: z.boolean(),
  notify: z.array(z.enum(FUNCTIONS)),
  consequence: textSchema,
  response: textSchema,
  respond_within: durationSchema,
  inhibited_by: z.custom<Rule['inhibited_by']>(Array.isArray),
  source: z.string(),
  obligations: z.array(z.string()),
  overrides: z.custom<Rule['overrides']>(Array.isArray),
});

const overrideSchema = z.looseObject({
  rule: z.string(),
  device: z.string().nullable(),
  values: z.looseObject({
    off: z.literal(true).optional(),
    severity: z.enum(SEVERITIES).optional(),
    forS: z.number().optional(),
    limits: z.array(z.looseObject({ path: z.string(), limit: z.number(), clear: z.number().nullable() })).optional(),
  }),
  by: z.string(),
  at: isoSchema,
  reason: z.string(),
}) satisfies z.ZodType<RuleOverride>;

export const rulesViewSchema = z
  .looseObject({
    since: isoSchema,
    readAt: isoSchema,
    rules: z.array(ruleSchema).max(20_000),
    overrides: z.array(overrideSchema).max(5000),
    problems: z
      .array(
        z.looseObject({
          file: z.string(),
          line: z.number(),
          column: z.number(),
          message: z.string(),
          mend: z.string(),
        }),
      )
      .max(20_000),
  })
  .meta({ id: 'Rules' }) satisfies z.ZodType<RulesView>;

export const rulesResponseSchema = z.object({
  view: rulesViewSchema.nullable(),
  fired: z.array(
    z.object({ rule: z.string(), device: z.string(), times: z.number(), lastAt: isoSchema, firing: z.boolean() }),
  ),
  firedSince: isoSchema,
  concerned: z.record(z.string(), z.array(z.string())),
  versions: z.record(z.string(), z.string()),
}) satisfies z.ZodType<RulesResponse>;

const sideSchema = z.object({
  off: z.boolean(),
  times: z.number(),
  totalS: z.number(),
  spans: z.array(
    z.object({ from: isoSchema, to: isoSchema.nullable(), chattering: z.number(), doubtfulS: z.number() }),
  ),
});

const numbersSchema = z.object({
  limits: z.array(
    z.object({
      path: z.string(),
      point: z.string(),
      side: z.enum(['above', 'below']),
      limit: z.number(),
      clear: z.number().nullable(),
    }),
  ),
  forS: z.number(),
  severity: z.enum(SEVERITIES),
});

export const ruleTrySchema = z.object({
  rule: z.string(),
  device: z.string(),
  from: isoSchema,
  to: isoSchema,
  readings: z.number(),
  filed: numbersSchema.nullable(),
  present: numbersSchema.nullable(),
  now: sideSchema,
  edited: sideSchema,
  refused: textSchema.nullable(),
}) satisfies z.ZodType<RuleTryResponse>;

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
