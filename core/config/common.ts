import { z } from 'zod';
import { definePoint } from '../points.ts';
import { Secret } from '../secret.ts';
import { sameText, type Text } from '../text.ts';
import { type Duration, parseDuration } from '../time.ts';

/** Building blocks of the configuration's one schema. Unknown keys are errors everywhere (strictObject). */

/** Ids are used in topics, file names and URLs. */
export const idSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'an id has small letters, digits and hyphens, 63 at most, e.g. ups-1');

/** `90m`, `1h30m`, `30s`: a unit is required. */
export const durationSchema = z.string().transform((text, context): Duration => {
  const duration = parseDuration(text);
  if (duration !== null) return duration;
  context.addIssue({
    code: 'custom',
    message: `"${text}" is not a duration; write it with a unit, e.g. 30s, 90m, 1h30m`,
  });
  return z.NEVER;
});

/** `{zh: …, en: …}`, or one text that serves both. */
export const textSchema = z
  .union([z.string().min(1).transform(sameText), z.strictObject({ zh: z.string().min(1), en: z.string().min(1) })])
  .pipe(z.custom<Text>());

/** The loader resolves `{env: NAME}` and `{file: path}` before the schema runs and hands a Secret over. */
export const secretSchema = z.instanceof(Secret, {
  message: 'a secret comes from {env: NAME} or {file: path}, never from the text of the configuration',
});

/** A host name or address, without scheme or port. */
export const hostSchema = z.string().regex(/^[A-Za-z0-9._:-]{1,253}$/, 'a host name or an address');
export const portSchema = z.coerce.number().int().min(1).max(65_535);

/** A point's name from the registry of `core/points.ts`. */
export const pointSchema = z.string().refine((name) => definePoint(name) !== null, {
  error: (issue) => `"${String(issue.input)}" is not a known point; the list is in core/points.ts`,
});

/** `ups-1/battery.charge`: one point of one device. */
export const pointReferenceSchema = z
  .string()
  .regex(/^[a-z0-9-]+\/[A-Za-z0-9._-]+$/, 'a point of a device is written device/point, e.g. ups-1/battery.charge')
  .transform((text) => {
    const [device = '', point = ''] = text.split('/');
    return { device, point };
  });

/** A rule id of the room's rules: `O-PWR-4`. */
export const obligationsSchema = z.array(z.string().regex(/^[OLI]-?[A-Z0-9-]*\d+$/)).default([]);
