import { z } from 'zod';
import { durationSchema, idSchema, obligationsSchema, pointSchema, textSchema } from './common.ts';
import { DEVICE_KINDS } from './device.ts';
import { FUNCTIONS } from './people.ts';

/** rules/*.yaml: when a person must act. LOOK.md: a rule without consequence, response and respond_within is refused. */

export const SEVERITIES = ['low', 'medium', 'high'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** One test of one point; `clear` is where it ends (hysteresis). */
const pointTest = z.strictObject({
  point: pointSchema,
  above: z.number().optional(),
  below: z.number().optional(),
  /** A word, a truth, or for set points a token that must be present. */
  is: z.union([z.string(), z.boolean()]).optional(),
  /** For set points: a token that must be absent. */
  lacks: z.string().optional(),
  clear: z.number().optional(),
  /** No good value for so long. */
  missing_for: durationSchema.optional(),
  frozen_for: durationSchema.optional(),
});
export type PointTest = z.infer<typeof pointTest>;

export type Condition = PointTest | { all: Condition[] } | { any: Condition[] } | { not: Condition };
export const conditionSchema: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    z.strictObject({ all: z.array(conditionSchema).min(1) }),
    z.strictObject({ any: z.array(conditionSchema).min(1) }),
    z.strictObject({ not: conditionSchema }),
    pointTest.refine(
      (test) =>
        [test.above, test.below, test.is, test.lacks, test.missing_for, test.frozen_for].filter(
          (part) => part !== undefined,
        ).length === 1,
      'one of above, below, is, lacks, missing_for, frozen_for',
    ),
  ]),
) as z.ZodType<Condition>;

/**
 * What explains an alert and so holds it back: another rule, and where its alert must be.
 *
 * - `mains-lost`: on a device that explains this one: the same device, one that it needs (`depends_on`), or what feeds it
 *   (`power`; with two supplies only when both are gone). A device that declares nothing is explained by nothing.
 * - `{ rule: cooling-stopped, scope: room }`: on any device in the same room.
 * - `{ rule: mains-lost, scope: site }`: anywhere, except that a device which declares its `power` is held back by its own supply only.
 */
export const INHIBITION_SCOPES = ['supply', 'room', 'site'] as const;
export const inhibitionSchema = z.union([
  idSchema,
  z.strictObject({ rule: idSchema, scope: z.enum(INHIBITION_SCOPES).default('supply') }),
]);
export type Inhibition = z.infer<typeof inhibitionSchema>;

export const inhibitingRule = (one: Inhibition): string => (typeof one === 'string' ? one : one.rule);

export const ruleSchema = z.strictObject({
  id: idSchema,
  title: textSchema,
  on: z
    .strictObject({ devices: z.array(idSchema).optional(), kinds: z.array(z.enum(DEVICE_KINDS)).optional() })
    .refine((on) => (on.devices ?? on.kinds) !== undefined, 'name devices or kinds'),
  when: conditionSchema,
  for: durationSchema.prefault('0s'),
  severity: z.enum(SEVERITIES),
  /** Fire, water, shock, theft: exempt from mute, grouping and inhibition (L34). */
  safety: z.boolean().default(false),
  notify: z.array(z.enum(FUNCTIONS)).default(['duty']),
  consequence: textSchema,
  response: textSchema,
  respond_within: durationSchema,
  /** While one of these rules fires, this one is not told; see `Inhibition` for where that holds. */
  inhibited_by: z.array(inhibitionSchema).default([]),
  /** Where a limit comes from: `GB 50174-2017 table A`. */
  source: z.string().min(1),
  obligations: obligationsSchema,
});
export type Rule = z.infer<typeof ruleSchema>;

export const rulesFileSchema = z.strictObject({ rules: z.array(ruleSchema).min(1) });
