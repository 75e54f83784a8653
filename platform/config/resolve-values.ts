import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import { type ClimateStandard, climateFigure, figuresOf } from '#core/climate-standards.ts';
import type { ConfigProblem } from '#core/config/config.ts';
import { messageOf } from '#core/errors.ts';
import { Secret } from '#core/secret.ts';
import type { YamlSource } from './yaml-source.ts';

/**
 * From the syntax tree to plain data: `${NAME}` and `${NAME:-default}` filled in, `{env: NAME}` and `{file: path}` turned
 * into secrets, in rules `{standard: temperature.high}` into the figure of the site's standard. `$${NAME}` is a dollar sign and stays. What is missing is a problem and never an empty text.
 */
export interface Resolved {
  readonly value: unknown;
  readonly problems: readonly ConfigProblem[];
  /** Texts that came wholly from a variable, by `pathKey`: a number or truth may be meant. */
  readonly substituted: ReadonlySet<string>;
  /** Places whose value is missing and already told, by `pathKey`. */
  readonly told: ReadonlySet<string>;
}

export type Variables = Readonly<Record<string, string | undefined>>;

export interface ResolveOptions {
  readonly variables: Variables;
  /** `{file: path}` is relative to it. */
  readonly directory: string;
  /** Asked first for each secret; null leaves it to the environment and the file. For drills, whose secrets are made up. */
  readonly secretsFrom?: ((reference: { readonly env?: string; readonly file?: string }) => string | null) | undefined;
  /** Given: `{standard: temperature.high}` is this standard's figure. */
  readonly standard?: ClimateStandard | undefined;
}

export const pathKey = (path: readonly PropertyKey[]): string => path.map(String).join('\u0000');

/** Aliases repeat what they stand for; a few lines of them inside each other would fill the memory. */
const MOST_NODES = 100_000;
const MOST_DEPTH = 60;
const MOST_SECRET_BYTES = 64 * 1024;

/** YAML 1.1's merge key: tables in profiles repeat themselves otherwise. */
const MERGE = '<<';

class TooMuch extends Error {}

export function resolveValues(source: YamlSource, options: ResolveOptions): Resolved {
  const problems: ConfigProblem[] = [];
  const substituted = new Set<string>();
  const told = new Set<string>();
  let nodes = 0;

  const tell = (path: readonly PropertyKey[], message: string, mend: string): void => {
    problems.push(source.problem(path, message, mend));
    told.add(pathKey(path));
  };
  const text = (raw: string, path: readonly PropertyKey[]): string => {
    const filled = fillVariables(raw, options.variables);
    for (const name of filled.missing) {
      tell(path, `the environment variable ${name} is not set`, `set it, or give a default: \${${name}:-…}`);
    }
    if (filled.whole) substituted.add(pathKey(path));
    return filled.text;
  };
  const secret = (kind: 'env' | 'file', reference: string, path: readonly PropertyKey[]): Secret => {
    const found = findSecret(kind, reference, options);
    if ('value' in found) return new Secret(found.value);
    tell(path, found.message, found.mend);
    return new Secret('');
  };
  const figure = (standard: ClimateStandard, name: string, path: readonly PropertyKey[]): number => {
    const found = climateFigure(standard, name);
    if (found === null) tell(path, `${standard} has no ${name}`, `it has ${figuresOf(standard).join(', ')}`);
    return found?.value ?? 0;
  };
  /** What each anchor (&name) stands for, as met so far in the order of the file. */
  const anchors = new Map<string, unknown>();
  const visit = (node: unknown, path: readonly PropertyKey[], repeated = false): unknown => {
    if (isAlias(node)) {
      if (anchors.has(node.source)) return visit(anchors.get(node.source), path, true);
      tell(path, `*${node.source} stands for nothing that came before`, 'write the value out');
      return null;
    }
    const anchor = anchorOf(node);
    if (anchor !== undefined && !repeated) anchors.set(anchor, node);
    if (++nodes > MOST_NODES) throw new TooMuch('aliases repeat each other too often');
    if (path.length > MOST_DEPTH) throw new TooMuch('it is nested too deeply');
    if (isScalar(node)) return typeof node.value === 'string' ? text(node.value, path) : node.value;
    if (isSeq(node)) return node.items.map((item, i) => visit(item, [...path, i], repeated));
    if (!isMap(node)) return null;
    const result: Record<string, unknown> = {};
    const merged: unknown[] = [];
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : '';
      const inside = [...path, name];
      if (!isScalar(key) || name === '__proto__') {
        tell(inside, 'the key is not a plain text', 'use a name');
        continue;
      }
      const found = visit(value, name === MERGE ? path : inside, repeated);
      if (name === MERGE) merged.push(...(Array.isArray(found) ? found : [found]));
      else result[name] = found;
    }
    if (!takeOver(result, merged)) tell(path, '<< takes over a map, and this is none', 'write <<: *name');
    const [only, ...others] = Object.keys(result);
    const reference = only === undefined ? undefined : result[only];
    if (others.length === 0 && (only === 'env' || only === 'file') && typeof reference === 'string') {
      return secret(only, reference, path);
    }
    if (others.length === 0 && only === 'standard' && options.standard !== undefined && typeof reference === 'string')
      return figure(options.standard, reference, path);
    return result;
  };

  try {
    return { value: visit(source.document.contents, []), problems, substituted, told };
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
    problems.push(source.problem([], `the file is too much: ${error.message}`, 'write the values out, flatter'));
    told.add(pathKey([]));
    return { value: null, problems, substituted, told };
  }
}

/** Own keys win, whether they stand before `<<` or after. False: what is merged is no map. */
function takeOver(result: Record<string, unknown>, merged: readonly unknown[]): boolean {
  for (const base of merged) {
    if (typeof base !== 'object' || base === null) return false;
    for (const [name, value] of Object.entries(base)) if (!Object.hasOwn(result, name)) result[name] = value;
  }
  return true;
}

const anchorOf = (node: unknown): string | undefined =>
  isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;

const REFERENCE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

function fillVariables(raw: string, variables: Variables): { text: string; missing: string[]; whole: boolean } {
  const missing: string[] = [];
  const text = raw.replaceAll(REFERENCE, (match, name: string | undefined, preset: string | undefined) => {
    if (name === undefined) return match.slice(1);
    const value = variables[name];
    // As in a shell, `:-` also stands in for a variable that is set but empty.
    if (value !== undefined && value !== '') return value;
    if (preset !== undefined) return preset;
    missing.push(name);
    return '';
  });
  const [only] = raw.match(REFERENCE) ?? [];
  return { text, missing, whole: only === raw && !raw.startsWith('$$') };
}

function findSecret(
  kind: 'env' | 'file',
  reference: string,
  { variables, directory, secretsFrom }: ResolveOptions,
): { value: string } | { message: string; mend: string } {
  const given = secretsFrom?.(kind === 'env' ? { env: reference } : { file: reference }) ?? null;
  if (given !== null && given !== '') return { value: given };
  if (kind === 'env') {
    const value = variables[reference];
    if (value !== undefined && value !== '') return { value };
    return { message: `the secret in the environment variable ${reference} is missing`, mend: `set ${reference}` };
  }
  const path = isAbsolute(reference) ? reference : join(directory, reference);
  try {
    const stat = statSync(path);
    if (!stat.isFile() || stat.size > MOST_SECRET_BYTES) {
      return {
        message: `${reference} is not a file with a secret`,
        mend: 'name a small file that holds only the secret',
      };
    }
    const value = readFileSync(path, 'utf8').trim();
    if (value !== '') return { value };
    return { message: `the secret's file ${reference} is empty`, mend: 'write the secret into it' };
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return {
      message: missing
        ? `the secret's file ${reference} is missing`
        : `the secret's file cannot be read: ${messageOf(error)}`,
      mend: `write the secret into ${path}`,
    };
  }
}
