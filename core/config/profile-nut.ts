import { z } from 'zod';
import { decodeShape, profilePointSchema } from './profile-decode.ts';

/**
 * How a UPS that a NUT server reads is understood (RFC 9271; the names of the variables stand in NUT's docs/nut-names.txt). Most of
 * its variables are points under the same name; listed are those with another name, another unit, words, or values that are none.
 */

/** `battery.charge`; `{index}` stands for a number or a name between dots: `outlet.{index}.status`. */
const variableSchema = z
  .string()
  .max(120)
  .regex(/^[A-Za-z0-9_-]+(\.([A-Za-z0-9_-]+|\{index\}))*$/, "a NUT variable's name, with {index} for a number in it");

/** What a UPS behind a NUT server is read by when its device names no profile. */
export const NUT_PROFILE = 'nut-ups';

export const nutPointSchema = z
  .strictObject({
    point: profilePointSchema,
    variable: variableSchema,
    /** The variable with the name that people have given to it: `outlet.{index}.desc`. */
    label: variableSchema.optional(),
    ...decodeShape,
    source: z.string().min(1),
  })
  .refine(({ point, variable }) => point.includes('{index}') === variable.includes('{index}'), {
    error: 'a point has {index} exactly when its variable has it',
  });
export type NutPoint = z.infer<typeof nutPointSchema>;

export const nutSectionSchema = z.strictObject({
  points: z.array(nutPointSchema).default([]),
  /** What begins so says nothing of the UPS: `driver.`, `experimental.`. */
  ignore: z.array(z.string().min(1)).default([]),
});
