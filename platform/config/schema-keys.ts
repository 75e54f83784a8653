import type { z } from 'zod';

/** The keys that a schema knows at a path, for telling people what they may have meant. */
export function knownKeys(schema: z.ZodType, path: readonly PropertyKey[], value: unknown): string[] {
  const here = valueAt(value, path);
  const reached = reach(schema, path, value);
  const shapes = reached.flatMap((one) => alternatives(one, here)).map(shapeOf);
  return [...new Set(shapes.flatMap((shape) => (shape === null ? [] : Object.keys(shape))))];
}

/** Is this very schema what judges the path, under whatever optional or default? */
export function isJudgedBy(
  wanted: z.ZodType,
  schema: z.ZodType,
  path: readonly PropertyKey[],
  value: unknown,
): boolean {
  const reached = reach(schema, path, value);
  for (const one of reached) {
    let here: z.core.$ZodType | undefined = one;
    while (here !== undefined && here !== wanted) {
      const definition = definitionOf(here);
      here = definition.innerType ?? definition.in;
    }
    if (here === wanted) return true;
  }
  return false;
}

/** What stands at the path of plain data, undefined when nothing does. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let here = value;
  for (const part of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, part)) return undefined;
    here = (here as Record<PropertyKey, unknown>)[part];
  }
  return here;
}

type Shape = Readonly<Record<string, z.core.$ZodType>>;
/** The parts of Zod's definitions that are walked here; each is there for some types only. */
interface Definition {
  readonly type: string;
  readonly shape?: Shape;
  readonly innerType?: z.core.$ZodType;
  readonly in?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
  readonly options?: readonly z.core.$ZodType[];
  readonly getter?: () => z.core.$ZodType;
}
const definitionOf = (schema: z.core.$ZodType): Definition => schema._zod.def as unknown as Definition;
const shapeOf = (schema: z.core.$ZodType): Shape | null => definitionOf(schema).shape ?? null;

/** Optional, default, pipe, lazy taken off; of a union those that share keys with the value, or all. */
function alternatives(schema: z.core.$ZodType, value: unknown): z.core.$ZodType[] {
  const definition = definitionOf(schema);
  const next = definition.innerType ?? definition.in ?? definition.getter?.();
  if (next !== undefined) return alternatives(next, value);
  if (definition.options === undefined) return [schema];
  const all = definition.options.flatMap((one) => alternatives(one, value));
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  const sharing = (one: z.core.$ZodType): number => {
    const shape = shapeOf(one);
    return shape === null ? 0 : keys.filter((key) => Object.hasOwn(shape, key)).length;
  };
  const most = Math.max(...all.map(sharing));
  return most === 0 ? all : all.filter((one) => sharing(one) === most);
}

function reach(schema: z.ZodType, path: readonly PropertyKey[], value: unknown): z.core.$ZodType[] {
  let reached: z.core.$ZodType[] = [schema];
  let here = value;
  for (const part of path) {
    reached = reached.flatMap((one) => alternatives(one, here)).flatMap((one) => inside(one, part));
    here = valueAt(here, [part]);
  }
  return reached;
}

function inside(schema: z.core.$ZodType, part: PropertyKey): z.core.$ZodType[] {
  const { shape, element, valueType } = definitionOf(schema);
  const next =
    element ?? valueType ?? (shape !== undefined && Object.hasOwn(shape, part) ? shape[String(part)] : undefined);
  return next === undefined ? [] : [next];
}
