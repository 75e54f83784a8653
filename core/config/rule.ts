import { z } from 'zod';
import { durationSchema, idSchema, obligationsSchema, textSchema } from './common.ts';
import { conditionSchema, overrideSchema } from './condition.ts';
import { FUNCTIONS } from './people.ts';
import { selectorSchema } from './selector.ts';

export type { Condition, PointTest } from './condition.ts';

/** rules/*.yaml: when a person must act. LOOK.md: a rule without consequence, response and respond_within is refused. */

export const SEVERITIES = ['low', 'medium', 'high'] as const;
export type Severity = (typeof SEVERITIES)[number];

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
  /** The devices that it is judged for, each by itself. */
  on: selectorSchema,
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
  /** Devices with other limits, or where it does not hold. */
  overrides: z.array(overrideSchema).default([]),
});
export type Rule = z.infer<typeof ruleSchema>;

export const rulesFileSchema = z.strictObject({ rules: z.array(ruleSchema).min(1) });
