import { z } from 'zod';
import { RAW_UNITS } from '../units.ts';

/** What SNMP tables need beyond a column and a row: many makers put kind, unit, digits and name of a sensor into columns of their own. */

export const oidSchema = z.string().regex(/^\d+(\.\d+)+$/, 'a dotted OID without a leading dot');

/**
 * Another object that says something about a value: a column, read at the row's own index or at the first `parts` numbers of
 * it (an outlet's name for each of its sensors), or a scalar's whole instance, `….0`, the same for all rows.
 */
const otherObject = {
  oid: oidSchema,
  parts: z.number().int().min(1).max(20).optional(),
  /** The index in the other table by the row's captured numbers: `1.{1}` with what the first `*` of `match` stands for. */
  at: z
    .string()
    .regex(/^(\d+|\{\d\})(\.(\d+|\{\d\}))*$/)
    .optional(),
};
export type OtherObject = {
  readonly oid: string;
  readonly parts?: number | undefined;
  readonly at?: string | undefined;
};

const patternSchema = z.string().max(200).refine(isPattern, 'not a regular expression');

/**
 * Rows whose other object has one of these values as text, or (`not`) none of them. A row without it is left out by `is`, kept by
 * `not`. `like`: the text fits this regular expression (`unlike`: it does not); what its groups stand for names the row:
 * `^Phase (L\d)\.Voltage` makes `input.{index}.voltage` an `input.L1.voltage`. A name that is taken already stays a number.
 */
export const whereSchema = z.strictObject({
  ...otherObject,
  is: z.array(z.string()).optional(),
  not: z.array(z.string()).optional(),
  like: patternSchema.optional(),
  unlike: patternSchema.optional(),
});
export type Where = z.infer<typeof whereSchema>;

/** The value is one only while another object has one of these values (`is`) or none of these (`not`); read with it each time. */
export const validFromSchema = whereSchema.omit({ like: true, unlike: true });
export type ValidFrom = z.infer<typeof validFromSchema>;

export const labelSchema = z.union([oidSchema, z.strictObject(otherObject)]);

/** The unit of the raw number, told by the device: raw value as text → unit. Something else: the value is implausible. */
export const unitFromSchema = z.strictObject({ ...otherObject, map: z.record(z.string(), z.enum(RAW_UNITS)) });

/**
 * The scale of the raw number, told by the device. `digits`: 2 means hundredths; `exponent`: −2 does; `divisor`: 100 does;
 * `factor`: 0.01 does; or a map of the raw value to the factor. It multiplies `scale`.
 */
export const scaleFromSchema = z.strictObject({
  ...otherObject,
  as: z.enum(['digits', 'exponent', 'divisor', 'factor']).optional(),
  map: z.record(z.string(), z.number()).optional(),
});
export type ScaleFrom = z.infer<typeof scaleFromSchema>;

/**
 * Which rows of a table by their index: `*.*.4` takes those whose third number is 4; what the stars stand for names the row.
 * `$` stands for a text within the index, told as its length and its characters: `2.65.66` is `AB`.
 */
export const matchSchema = z
  .string()
  .regex(/^(\d+|\*|\$)(\.(\d+|\*|\$))*$/, 'numbers, stars and $ between dots, for example 1.*.4');

/** What the stars stand for, null when the index is another. `captured('*.*.4', '1.12.4')` is ['1', '12']. */
export function captured(match: string, index: string): readonly string[] | null {
  const given = index.split('.');
  const found: string[] = [];
  let at = 0;
  for (const word of match.split('.')) {
    const part = given[at];
    if (part === undefined) return null;
    at++;
    if (word === '$') {
      const text = given.slice(at, at + Number(part));
      if (text.length < Number(part)) return null;
      at += text.length;
      found.push(asText(text));
    } else if (word === '*') found.push(part);
    else if (word !== part) return null;
  }
  return at === given.length ? found : null;
}

/** Letters and digits as they are; anything else in the text: all of it in hexadecimal, as a MAC address is written. */
function asText(codes: readonly string[]): string {
  const text = codes.map((code) => String.fromCharCode(Number(code))).join('');
  if (/^[A-Za-z0-9_-]+$/.test(text)) return text;
  return codes.map((code) => Number(code).toString(16).padStart(2, '0')).join('');
}

export function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

const SHORT = /^(\.(\d+|\{index\}))+$/;

/** A profile with its shortened OIDs written out; whatever is no profile comes back as it is, for the schema to refuse. */
export function withWholeOids(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || !('root' in given) || typeof given.root !== 'string') return given;
  return written(given, given.root);
}

const OID_KEYS: ReadonlySet<string> = new Set(['oid', 'probe', 'sys_object_id', 'label', 'index_name', 'table', 'is']);

function written(value: unknown, root: string, key = ''): unknown {
  if (typeof value === 'string') return OID_KEYS.has(key) && SHORT.test(value) ? root + value : value;
  if (Array.isArray(value)) return value.map((one) => written(one, root, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, written(one, root, name)]));
}
