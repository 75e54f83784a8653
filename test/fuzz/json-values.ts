import fc from 'fast-check';

/** Values out of a JSON Schema (OpenAPI 3.1's dialect, as far as zod writes it), and the same with something wrong in them. */

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

export interface ValueOptions {
  /** `#/components/schemas/X` → the schema. */
  readonly resolve: (reference: string) => Schema;
  /** By the name of a property or parameter: what there really is, so that requests go further than their schema. */
  readonly hints: Readonly<Record<string, readonly unknown[]>>;
}

const DEEPEST = 6;

/** What a schema allows. */
export function valuesOf(schema: Schema, options: ValueOptions, name = '', depth = 0): fc.Arbitrary<unknown> {
  const plain = plainValuesOf(schema, options, depth);
  const hints = options.hints[name];
  return hints === undefined
    ? plain
    : fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...hints) }, { weight: 1, arbitrary: plain });
}

function plainValuesOf(schema: Schema, options: ValueOptions, depth: number): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) return valuesOf(options.resolve(schema.$ref), options, '', depth + 1);
  if (depth > DEEPEST) return fc.constant(null);
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const [choice] = [schema.anyOf ?? schema.oneOf ?? schema.allOf?.slice(0, 1)];
  if (choice !== undefined && choice.length > 0)
    return fc.oneof(...choice.map((one) => valuesOf(one, options, '', depth + 1)));
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'string':
      return stringsOf(schema);
    case 'integer':
    case 'number':
      return numbersOf(schema, type === 'integer');
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}, options, '', depth + 1), {
        minLength: Math.min(3, schema.minItems ?? 0),
        maxLength: Math.max(schema.minItems ?? 0, Math.min(3, schema.maxItems ?? 3)),
      });
    case 'object':
      return objectsOf(schema, options, depth);
    default:
      return fc.jsonValue({ maxDepth: 1 });
  }
}

function objectsOf(schema: Schema, options: ValueOptions, depth: number): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties } = schema;
  const known = Object.fromEntries(
    Object.entries(properties).map(([name, one]) => [name, valuesOf(one, options, name, depth + 1)]),
  );
  const fixed = fc.record(known, { requiredKeys: required.filter((name) => name in known) });
  if (typeof additionalProperties !== 'object') return fixed;
  const keys = schema.propertyNames === undefined ? fc.string({ maxLength: 10 }) : stringsOf(schema.propertyNames);
  return fc
    .tuple(fixed, fc.dictionary(keys, valuesOf(additionalProperties, options, '', depth + 1), { maxKeys: 3 }))
    .map(([one, other]) => ({ ...other, ...one }));
}

const DATES = ['2026-11-21T03:00:00Z', '2026-11-23T01:00:00+08:00', '2020-01-01T00:00:00Z', '2099-12-31T23:59:59.999Z'];

function stringsOf({ format, pattern, minLength = 0, maxLength, enum: choices }: Schema): fc.Arbitrary<string> {
  if (choices !== undefined) return fc.constantFrom(...(choices as string[]));
  if (format === 'date-time') return fc.constantFrom(...DATES);
  if (format === 'date') return fc.constantFrom('2026-11-21', '2026-02-29', '2000-01-01');
  if (pattern !== undefined) {
    try {
      return fc.stringMatching(new RegExp(pattern), { size: 'small' });
    } catch {
      return fc.string({ maxLength: 20 });
    }
  }
  const longest = Math.max(minLength, Math.min(maxLength ?? 40, 40));
  return fc.oneof(
    { weight: 5, arbitrary: fc.string({ minLength: Math.min(minLength, 40), maxLength: longest }) },
    { weight: 1, arbitrary: fc.constant('值'.repeat(maxLength ?? 50)) },
  );
}

function numbersOf({ minimum, maximum, exclusiveMinimum }: Schema, whole: boolean): fc.Arbitrary<number> {
  const min = Math.max(minimum ?? -1e6, (exclusiveMinimum ?? -1e6) + (whole ? 1 : 0.001));
  const max = Math.max(min, maximum ?? 1e6);
  return whole ? fc.integer({ min: Math.ceil(min), max: Math.floor(max) }) : fc.double({ min, max, noNaN: true });
}

/** What no schema asks for. */
export const NASTY_TEXTS: readonly string[] = [
  ...[
    '',
    ' ',
    '..',
    '../../etc/passwd',
    '%',
    '%00',
    '%2e%2e%2f',
    '\u0000',
    'a\u0000b',
    '\r\nx: y',
    '\ud800',
    '\udfff\ud800',
  ],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'null', 'undefined', 'NaN', '-1', '1e999'],
  ...[
    "' OR 1=1 --",
    '";DROP TABLE users;--',
    '<script>alert(1)</script>',
    '$' + '{7*7}',
    '{{7*7}}',
    '\u202e\u2066\ufeff',
    '𒈙'.repeat(20),
  ],
  ...['0000-00-00T00:00:00Z', '+275760-09-13T00:00:00Z', '9999-12-31T23:59:59+23:59', '2026-11-21', '24:00', 'P1D'],
  ...['[object Object]', 'true', '0', '9007199254740993', '１２３', 'Ｚ'],
];
const NASTY_VALUES: readonly unknown[] = [
  ...[null, true, false, 0, -0, -1, 0.5, 1e308, -1e308, 2 ** 53 + 2, -(2 ** 63), 5e-324],
  ...[[], {}, [[]], [null], { '': '' }, { length: 1e9 }, { toString: 1 }],
  ...['x'.repeat(70_000), '值'.repeat(5000), Array.from({ length: 3000 }, () => 0)],
];
export const nasty: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...NASTY_TEXTS),
  fc.constantFrom(...NASTY_VALUES),
  fc.jsonValue({ maxDepth: 2 }),
  fc.nat(400).map((depth) => nest(depth)),
);
const nest = (depth: number): unknown => {
  let value: unknown = 0;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
};

export type Damage =
  | { readonly kind: 'replace'; readonly path: readonly number[]; readonly value: unknown }
  | { readonly kind: 'drop'; readonly path: readonly number[] }
  | { readonly kind: 'add'; readonly path: readonly number[]; readonly key: string; readonly value: unknown };
const path = fc.array(fc.nat(12), { maxLength: 3 });
export const damages: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant('replace' as const), path, value: nasty }),
  fc.record({ kind: fc.constant('drop' as const), path }),
  fc.record({
    kind: fc.constant('add' as const),
    path,
    key: fc.constantFrom(...NASTY_TEXTS, 'x', 'role', 'user', 'kind'),
    value: nasty,
  }),
);

/** One thing wrong, somewhere in the value. */
export function damage(value: unknown, how: Damage, at = 0): unknown {
  const isWhole = at >= how.path.length;
  if (typeof value !== 'object' || value === null || (isWhole && how.kind === 'replace'))
    return how.kind === 'drop' ? undefined : how.value;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...value };
  const keys = Object.keys(copy);
  if (isWhole) {
    // Assigned, `__proto__` would be no key of the text that is sent.
    if (how.kind === 'add')
      Object.defineProperty(copy, how.key, { value: how.value, enumerable: true, configurable: true });
    else if (keys[0] !== undefined) Reflect.deleteProperty(copy, keys[0]);
    return copy;
  }
  const key = keys[(how.path[at] ?? 0) % Math.max(1, keys.length)];
  if (key === undefined) return copy;
  if (how.kind === 'drop' && at === how.path.length - 1) Reflect.deleteProperty(copy, key);
  else
    Object.defineProperty(copy, key, {
      value: damage(Reflect.get(copy, key), how, at + 1),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  return copy;
}
