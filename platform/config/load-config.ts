import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { z } from 'zod';
import { type ClimateStandard, DEFAULT_STANDARD } from '#core/climate-standards.ts';
import type { Config, ConfigProblem } from '#core/config/config.ts';
import type { Rule } from '#core/config/rule.ts';
import type { Site } from '#core/config/site.ts';
import { withStandby } from '#core/config/standby.ts';
import { messageOf } from '#core/errors.ts';
import { type Instant, instant } from '#core/time.ts';
import { crossChecks } from './checks/cross-checks.ts';
import { type LoadedYaml, loadYaml } from './load-yaml.ts';
import { nearest } from './nearest.ts';
import { type Parts, readParts } from './parts.ts';
import type { WantedProfiles } from './profile-files.ts';
import type { ResolveOptions, Variables } from './resolve-values.ts';

export interface LoadConfigOptions {
  /** For `${NAME}` and `{env: NAME}`; usually the process's environment. */
  readonly variables?: Variables;
  /** Asked first for each secret; null leaves it to the environment and the file. */
  readonly secretsFrom?: ResolveOptions['secretsFrom'];
  /** For whether someone is on duty from now on. Default: the machine's time. */
  readonly now?: Instant;
  /** Default: all, so that each mistake is told. */
  readonly profiles?: WantedProfiles;
}

export interface LoadedConfig {
  /** Frozen all through; null when there is any problem. */
  readonly config: Config | null;
  /** All mistakes of all files, by file and line. */
  readonly problems: readonly ConfigProblem[];
}

const FILES = ['site.yaml', 'devices.yaml', 'people.yaml', 'rota.yaml', 'calendar.yaml'];
/** May be there. */
const OTHER_FILES = ['simulation.yaml', 'duties.yaml'];
const FOLDERS = ['rules', 'plans', 'profiles', 'registers'] as const;
/** Far above what a room has; a folder that was named by mistake is not read through. */
const MOST_FILES = 500;

/** Reads, checks and freezes a configuration. Never throws for what stands in the files. */
export function loadConfig(directory: string, options: LoadConfigOptions = {}): LoadedConfig {
  const { parts, problems } = readAndCheck(directory, options);
  const config = problems.length === 0 && parts !== null ? assemble(parts) : null;
  return { config: config === null ? null : deepFreeze(config), problems };
}

/** The rules alone, checked beside the other files as they are now: only mistakes of the rules count, and then there are none. */
export function loadRules(
  directory: string,
  variables: Variables,
): { readonly rules: readonly Rule[] | null; readonly problems: readonly ConfigProblem[] } {
  const { parts, problems } = readAndCheck(directory, { variables, profiles: 'named' });
  const own = problems.filter(({ file }) => /^(\.|rules(\/.*)?)$/.test(file));
  return { rules: own.length > 0 || parts === null ? null : valuesOf(parts.rules), problems: own };
}

/**
 * A file of rules that stands anywhere, checked beside a configuration: in place of its files that have rules of the same ids.
 * Mistakes of this file alone count.
 */
export function loadRulesFile(directory: string, file: string, variables: Variables): ReturnType<typeof loadRules> {
  const name = relative(directory, file);
  const { parts, problems } = readAndCheck(directory, { variables, profiles: 'named' }, name);
  const own = problems.filter((problem) => problem.file === name);
  if (own.length > 0 || parts === null) return { rules: null, problems: own.length > 0 ? own : problems };
  const rules = parts.rules.items.filter(({ source }) => source.file === name).map(({ value }) => value);
  return { rules, problems: [] };
}

function readAndCheck(
  directory: string,
  options: LoadConfigOptions,
  rulesFile: string | null = null,
): { readonly parts: Parts | null; readonly problems: ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  let standard: ClimateStandard = DEFAULT_STANDARD;
  const load = <S extends z.ZodType>(file: string, schema: S): LoadedYaml<z.output<S>> => {
    const loaded = loadYaml(join(directory, file), schema, {
      variables: options.variables ?? {},
      directory,
      name: file,
      secretsFrom: options.secretsFrom,
      // site.yaml is read before them.
      standard: file.startsWith('rules/') ? standard : undefined,
    });
    if (file === 'site.yaml') standard = (loaded.value as Site | null)?.climate.standard ?? standard;
    problems.push(...loaded.problems);
    return loaded;
  };
  const top = list(directory, '', problems);
  if (top === null) return { parts: null, problems };
  problems.push(...strangers(top));
  const [rules, plans, profiles, registers] = FOLDERS.map((folder) =>
    top.includes(folder) ? (list(directory, folder, problems) ?? []).filter(isYaml) : [],
  );
  const parts = readParts(
    load,
    {
      rules: rulesFile === null ? (rules ?? []) : besides(rulesFile, rules ?? [], directory),
      plans: plans ?? [],
      profiles: profiles ?? [],
      registers: registers ?? [],
      duties: top.filter((name) => name === 'duties.yaml'),
    },
    options.profiles ?? 'all',
  );
  problems.push(...crossChecks(parts, options.now ?? instant(Date.now())));
  problems.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column));
  return { parts, problems };
}

/** Names in a folder of the configuration, with the folder; null with a problem when it cannot be listed. */
function list(directory: string, folder: string, problems: ConfigProblem[]): string[] | null {
  try {
    const names = readdirSync(join(directory, folder))
      .filter((name) => !name.startsWith('.'))
      .sort();
    if (names.length > MOST_FILES) throw new Error(`more than ${MOST_FILES} files`);
    return folder === '' ? names : names.map((name) => `${folder}/${name}`);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    problems.push({
      file: folder === '' ? '.' : folder,
      line: 1,
      column: 1,
      message: missing
        ? `the directory ${join(directory, folder)} is missing`
        : `the directory cannot be read: ${messageOf(error)}`,
      mend: 'name the directory that has site.yaml, or copy the sample site under config/',
    });
    return null;
  }
}

const isYaml = (name: string): boolean => /\.ya?ml$/.test(name);

/** A file with a name that nothing reads is most often a file with its name misspelt. */
function strangers(names: readonly string[]): ConfigProblem[] {
  const known = [...FILES, ...OTHER_FILES];
  return names
    .filter((name) => isYaml(name) && !known.includes(name))
    .map((file) => {
      const near = nearest(
        file,
        known.filter((one) => !names.includes(one)),
      );
      const mend =
        near === null
          ? `remove it; known are ${known.join(', ')} and the folders ${FOLDERS.join(', ')}`
          : `name it ${near}`;
      return { file, line: 1, column: 1, message: 'no file of this name is read', mend };
    });
}

function assemble({
  site,
  devices,
  peopleFile,
  rota,
  calendar,
  rules,
  plans,
  profiles,
  registers,
  duties,
}: Parts): Config | null {
  if (site === null || peopleFile === null || rota === null || calendar === null) return null;
  return {
    site: site.value,
    devices: valuesOf(devices),
    people: peopleFile.value,
    rota: rota.value,
    calendar: calendar.value,
    rules: valuesOf(rules),
    plans: valuesOf(plans).map((plan) => withStandby(plan, site.value.standby)),
    profiles: valuesOf(profiles),
    registers: valuesOf(registers),
    duties: valuesOf(duties),
  };
}

/** Ids are looked for in the text: what is wrong in another file is not asked. */
function besides(own: string, others: readonly string[], directory: string): readonly string[] {
  const idsOf = (name: string): readonly string[] => {
    try {
      const text = readFileSync(join(directory, name), 'utf8');
      return [...text.matchAll(/^\s*(?:- )?["']?id["']?:\s*["']?([a-z0-9-]+)/gm)].map(([, id]) => id ?? '');
    } catch {
      return [];
    }
  };
  const ids = new Set(idsOf(own));
  return [own, ...others.filter((name) => name !== own && !idsOf(name).some((id) => ids.has(id)))];
}

const valuesOf = <T>({ items }: { items: readonly { value: T }[] }): T[] => items.map((item) => item.value);

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const one of Object.values(value)) deepFreeze(one);
  return value;
}
