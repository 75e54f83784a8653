import { basename, dirname } from 'node:path';
import type { z } from 'zod';
import type { ConfigProblem } from '#core/config/config.ts';
import { explainIssues, wantedTypes } from './explain.ts';
import { pathKey, type Resolved, type ResolveOptions, resolveValues, type Variables } from './resolve-values.ts';
import { valueAt } from './schema-keys.ts';
import { readYaml, type YamlSource } from './yaml-source.ts';

export interface LoadYamlOptions {
  readonly variables?: Variables;
  /** `{file: path}` is relative to it. Default: the file's own. */
  readonly directory?: string;
  /** How problems name the file. Default: its name without folders. */
  readonly name?: string;
  readonly secretsFrom?: ResolveOptions['secretsFrom'];
  readonly standard?: ResolveOptions['standard'];
}

/** A file that was read: its value by the schema (null with problems), and what cross-checks need. */
export interface LoadedYaml<T> {
  readonly value: T | null;
  readonly problems: readonly ConfigProblem[];
  /** Null when the file could not be read or parsed. */
  readonly source: YamlSource | null;
  /** Plain data before the schema; variables and secrets are filled in. */
  readonly raw: unknown;
}

/** Reads one YAML file by a schema: all its mistakes at once, each with its place and the mend. Never throws for what is in the file. */
export function loadYaml<S extends z.ZodType>(
  path: string,
  schema: S,
  options: LoadYamlOptions = {},
): LoadedYaml<z.output<S>> {
  const { source, problems } = readYaml(path, options.name ?? basename(path));
  if (source === null) return { value: null, problems, source, raw: undefined };
  const resolved = resolveValues(source, {
    variables: options.variables ?? {},
    directory: options.directory ?? dirname(path),
    secretsFrom: options.secretsFrom,
    standard: options.standard,
  });
  const { value, problems: found } = validate(schema, resolved, source);
  const all = [...resolved.problems, ...found];
  // Hundreds of profiles at once are most of the memory at the start.
  if (all.length === 0) source.forget();
  return { value: all.length === 0 ? value : null, problems: all, source, raw: resolved.value };
}

function validate<S extends z.ZodType>(
  schema: S,
  resolved: Resolved,
  source: YamlSource,
): { value: z.output<S> | null; problems: ConfigProblem[] } {
  if (resolved.told.has(pathKey([]))) return { value: null, problems: [] };
  let parsed = schema.safeParse(resolved.value);
  // A variable is always a text; where the schema wants a number or a truth, it is read as one and judged again.
  if (!parsed.success && readAsWanted(resolved, wantedTypes(parsed.error.issues))) {
    parsed = schema.safeParse(resolved.value);
  }
  if (parsed.success) return { value: parsed.data, problems: [] };
  const problems = explainIssues(parsed.error.issues, schema, resolved.value)
    .filter(({ path }) => !path.some((_, i) => resolved.told.has(pathKey(path.slice(0, i + 1)))))
    .map(({ path, message, mend, key }) => source.problem(path, message, mend, key));
  return { value: null, problems };
}

function readAsWanted(resolved: Resolved, wanted: readonly [PropertyKey[], string][]): boolean {
  let changed = false;
  for (const [path, type] of wanted) {
    const last = path.at(-1);
    const text = valueAt(resolved.value, path);
    if (last === undefined || typeof text !== 'string' || !resolved.substituted.has(pathKey(path))) continue;
    const read = readAs(type, text.trim());
    if (read === undefined) continue;
    (valueAt(resolved.value, path.slice(0, -1)) as Record<PropertyKey, unknown>)[last] = read;
    changed = true;
  }
  return changed;
}

function readAs(type: string, text: string): number | boolean | undefined {
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined;
  if (type !== 'number' && type !== 'int') return undefined;
  const number = Number(text);
  return text !== '' && Number.isFinite(number) ? number : undefined;
}
