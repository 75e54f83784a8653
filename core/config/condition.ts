import { z } from 'zod';
import { durationSchema, idSchema, pointSchema, textSchema } from './common.ts';
import { selectorSchema, TAKES } from './selector.ts';

/** What rules test: points of the rule's own device, of another one, of a whole class; joined by all, any, not and count. */

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day, e.g. 22:00');

/** Time to a limit, by how fast the value has moved lately (Theil–Sen: a few wild readings do not count). */
const forecastSchema = z
  .strictObject({
    above: z.number().optional(),
    below: z.number().optional(),
    /** True when the limit is that near, or passed. */
    within: durationSchema,
    /** So much of the past is looked at. Default: a third of `within`, at least 5 minutes. */
    over: durationSchema.optional(),
    /** It ends when the limit is farther away than this. Default: half as far again as `within`. */
    clear: durationSchema.optional(),
  })
  .refine(({ above, below }) => (above === undefined) !== (below === undefined), 'one of above, below');
export type Forecast = z.infer<typeof forecastSchema>;

/** One test of one point; `clear` is where it ends (hysteresis). `{standard: temperature.high}` for a number is filled in at load. */
const pointTest = z.strictObject({
  point: pointSchema,
  /** Another device than the one that the rule is judged for. */
  device: idSchema.optional(),
  /** A class as one value: `{of: {kinds: [sensor], room: core}, take: max, point: ambient.temperature, above: 30}`. */
  of: selectorSchema.optional(),
  take: z.enum(TAKES).optional(),
  above: z.number().optional(),
  below: z.number().optional(),
  /** A word, a truth, or for set points a token that must be present. */
  is: z.union([z.string(), z.boolean()]).optional(),
  /** For set points: a token that must be absent. */
  lacks: z.string().optional(),
  /** `calendar.time` alone: from the first up to the second, over midnight where the second is the earlier one. */
  between: z.tuple([clockTime, clockTime]).optional(),
  /** Moved by at least so much within `within`: up, down, or either way. */
  rises_by: z.number().positive().optional(),
  falls_by: z.number().positive().optional(),
  changes_by: z.number().positive().optional(),
  within: durationSchema.optional(),
  forecast: forecastSchema.optional(),
  clear: z.number().optional(),
  /** No good value for so long. */
  missing_for: durationSchema.optional(),
  frozen_for: durationSchema.optional(),
});
export type PointTest = z.infer<typeof pointTest>;

/** What a test may ask; each asks one. */
export const ASKS = [
  'above',
  'below',
  'is',
  'lacks',
  'between',
  'rises_by',
  'falls_by',
  'changes_by',
  'forecast',
  'missing_for',
  'frozen_for',
] as const satisfies readonly (keyof PointTest)[];

export const moveOf = ({ rises_by, falls_by, changes_by }: PointTest): number | undefined =>
  rises_by ?? falls_by ?? changes_by;

/** What is wrong with how a test is put together; null: nothing. */
export function mistakeOf(test: PointTest): string | null {
  if (ASKS.filter((ask) => test[ask] !== undefined).length !== 1) return `one of ${ASKS.join(', ')}`;
  if ((moveOf(test) !== undefined) !== (test.within !== undefined))
    return 'within goes with rises_by, falls_by and changes_by, and they with it';
  if ((test.of === undefined) !== (test.take === undefined)) return 'of and take go together';
  if (test.of !== undefined && (test.device !== undefined || (test.above ?? test.below) === undefined))
    return 'of a class: above or below, without device';
  if ((test.between !== undefined) !== (test.point === 'calendar.time'))
    return 'between goes with the point calendar.time';
  const hasClear = test.above ?? test.below ?? moveOf(test);
  return test.clear !== undefined && hasClear === undefined ? 'clear goes with a number' : null;
}

/** How many devices of a class it holds for: two smoke detectors of the room, two of three air conditioners. */
export interface Count {
  readonly of: z.infer<typeof selectorSchema>;
  readonly when: Condition;
  readonly at_least: number;
}

export type Condition = PointTest | { all: Condition[] } | { any: Condition[] } | { not: Condition } | { count: Count };

export const conditionSchema: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    z.strictObject({ all: z.array(conditionSchema).min(1) }),
    z.strictObject({ any: z.array(conditionSchema).min(1) }),
    z.strictObject({ not: conditionSchema }),
    z.strictObject({
      count: z.strictObject({
        of: selectorSchema,
        when: conditionSchema,
        at_least: z.number().int().min(1).max(1000),
      }),
    }),
    pointTest.superRefine((test, context) => {
      const message = mistakeOf(test);
      if (message !== null) context.addIssue({ code: 'custom', message });
    }),
  ]),
) as z.ZodType<Condition>;

/** A condition's parts; none of a test. */
export function partsOf(condition: Condition): readonly Condition[] {
  if ('all' in condition) return condition.all;
  if ('any' in condition) return condition.any;
  if ('not' in condition) return [condition.not];
  return 'count' in condition ? [condition.count.when] : [];
}

/** Every test in a condition, in the order in which they are written. */
export const testsIn = (condition: Condition): readonly PointTest[] =>
  'point' in condition ? [condition] : partsOf(condition).flatMap(testsIn);

/** The points that a condition reads. */
export const pointsIn = (condition: Condition): readonly string[] => testsIn(condition).map(({ point }) => point);

/** Other limits for a few devices; what is not written is as in the rule. */
export const overrideSchema = z.strictObject({
  devices: z.array(idSchema).min(1),
  /** Which of the rule's tests is meant, where more than one asks the same. */
  point: pointSchema.optional(),
  above: z.number().optional(),
  below: z.number().optional(),
  rises_by: z.number().positive().optional(),
  falls_by: z.number().positive().optional(),
  changes_by: z.number().positive().optional(),
  clear: z.number().optional(),
  missing_for: durationSchema.optional(),
  frozen_for: durationSchema.optional(),
  /** Another condition altogether. */
  when: conditionSchema.optional(),
  for: durationSchema.optional(),
  severity: z.enum(['low', 'medium', 'high']).optional(),
  /** The rule does not hold there, and why. Never of a safety rule. */
  off: textSchema.optional(),
});
export type Override = z.infer<typeof overrideSchema>;
