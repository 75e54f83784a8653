import { z } from 'zod';
import { definePoint, type PointDefinition } from '../points.ts';
import { convertibleTo, RAW_UNITS, type RawUnit } from '../units.ts';

/** What the entries of every protocol's section of a profile share: a point's name, and how a raw value becomes its value. */

/** A point's name, or with `{index}` in it for the rows of a table: `outlet.{index}.status`, `input.L{index}.voltage`. */
export const profilePointSchema = z.string().refine((name) => pointOf(name) !== null, {
  error: (issue) => `"${String(issue.input)}" is not a known point; the list is in core/points.ts`,
});

/** The registry's definition behind a profile's point name. */
export const pointOf = (name: string): PointDefinition | null =>
  definePoint(name.includes('{') ? name.replaceAll('{index}', '1') : name);

/** How a raw value becomes the point's value, in this order: sentinel, enumeration/bit, scale, offset, unit conversion, cap. */
export const decodeShape = {
  /** Multiplied with the raw number. */
  scale: z.number().optional(),
  /** Added after scaling. */
  offset: z.number().optional(),
  /** The unit of the scaled number; converted to the registry's unit. Without it, it already is in the registry's unit. */
  unit: z.enum(RAW_UNITS).optional(),
  /** Raw value (as text) → word, truth or number; anything else is implausible. */
  map: z.record(z.string(), z.union([z.string(), z.boolean(), z.number()])).optional(),
  /** Truth points only: this bit of the raw number, counted from 0 for the least significant. */
  bit: z.number().int().min(0).max(62).optional(),
  /** Truth points only: the raw truth is the opposite of the point's (contact: true is a *closed* door). */
  inverted: z.boolean().default(false),
  /** Raw values (as text) that mean *no value*, each with its reason. */
  sentinels: z.record(z.string(), z.string()).default({}),
  /** The greatest value in the point's unit that the firmware can mean; above it, it is shown as the cap and not believed (L5). */
  cap: z.number().optional(),
};

export const tokensSchema = z.array(z.string().min(1).max(32));

/** What a number that the profile reads contributes to a set. */
export const numberTokensShape = {
  point: profilePointSchema,
  above: z.number().optional(),
  below: z.number().optional(),
  tokens: tokensSchema,
};

/** A set point made of several of a protocol's sources. Tokens that begin with `~` are kept inside and only steer `rules`. */
export const setOf = <S extends z.ZodType>(source: S) =>
  z.strictObject({
    point: profilePointSchema,
    from: z.array(source).min(1),
    /** In order: when all of `all` and none of `none` are there, tokens are dropped and added. */
    rules: z
      .array(
        z.strictObject({
          all: tokensSchema.default([]),
          none: tokensSchema.default([]),
          drop: tokensSchema.default([]),
          add: tokensSchema.default([]),
          /** Why, for the reader. */
          because: z.string().min(1),
        }),
      )
      .default([]),
  });

interface Decoded {
  readonly point: string;
  readonly unit?: RawUnit | undefined;
  readonly map?: Readonly<Record<string, string | boolean | number>> | undefined;
  readonly bit?: number | undefined;
  /** Only to say that it is for truths. */
  readonly momentary?: unknown;
}

/** What cannot be right about an entry's decoding: units that do not convert, words that the registry does not know. */
export function decodeProblems(entry: Decoded): string[] {
  const definition = pointOf(entry.point);
  if (definition === null) return [];
  const problems: string[] = [];
  if (entry.unit !== undefined && definition.kind === 'number' && !convertibleTo(entry.unit, definition.unit)) {
    problems.push(
      `${entry.unit} does not convert to ${definition.unit || 'a plain number'}, the unit of ${entry.point}`,
    );
  }
  if (entry.momentary !== undefined && definition.kind !== 'boolean')
    problems.push(`${entry.point} is not a truth; momentary is for those`);
  if (entry.bit !== undefined && definition.kind !== 'boolean')
    problems.push(`${entry.point} is not a truth; bit is for those`);
  for (const value of Object.values(entry.map ?? {})) {
    if (typeof value !== { number: 'number', boolean: 'boolean', word: 'string', set: 'string' }[definition.kind]) {
      problems.push(`${JSON.stringify(value)} is not a ${definition.kind}, which ${entry.point} is`);
    } else if (
      definition.kind === 'word' &&
      definition.words !== undefined &&
      !definition.words.includes(String(value))
    ) {
      problems.push(`"${String(value)}" is not a word of ${entry.point}: ${definition.words.join(', ')}`);
    }
  }
  return problems;
}
