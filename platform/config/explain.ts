import type { z } from 'zod';
import { durationSchema } from '#core/config/common.ts';
import { Secret } from '#core/secret.ts';
import { mendWord, nearest } from './nearest.ts';
import { isJudgedBy, knownKeys, valueAt } from './schema-keys.ts';

/** One thing wrong with the data, in plain words, and what to write instead. */
export interface Explanation {
  readonly path: readonly PropertyKey[];
  /** Point at this key of the map at `path` instead of its value. */
  readonly key?: string;
  readonly message: string;
  readonly mend: string;
  /** The key that is not there. */
  readonly missing?: string;
  /** The key that an unknown one probably means. */
  readonly means?: string;
}

type Issue = z.core.$ZodIssue;

/** What a schema's issues mean for the one who wrote the file. `value` is what was judged. */
export function explainIssues(issues: readonly Issue[], schema: z.ZodType, value: unknown): Explanation[] {
  const all = issues.flatMap((issue) => explain(issue, schema, value));
  // A key misspelt is one mistake, not an unknown key and a missing one.
  const misspelt = new Set(
    all.flatMap((one) => (one.means === undefined ? [] : [`${one.path.join('/')} ${one.means}`])),
  );
  return all.filter((one) => one.missing === undefined || !misspelt.has(`${one.path.join('/')} ${one.missing}`));
}

/** Where texts from variables fail for want of a number or a truth: `[path, wanted]`, inside unions too. */
export function wantedTypes(issues: readonly Issue[], base: readonly PropertyKey[] = []): [PropertyKey[], string][] {
  return issues.flatMap((issue): [PropertyKey[], string][] => {
    const path = [...base, ...issue.path];
    if (issue.code === 'invalid_union') return issue.errors.flatMap((branch) => wantedTypes(branch, path));
    return issue.code === 'invalid_type' ? [[path, issue.expected]] : [];
  });
}

function explain(issue: Issue, schema: z.ZodType, value: unknown): Explanation[] {
  const { path } = issue;
  const found = valueAt(value, path);
  if (found === undefined && issue.code !== 'custom' && path.length > 0) return [missing(issue, schema, value)];
  const one = (message: string, mend: string): Explanation[] => [{ path, message, mend }];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key, schema, value));
    case 'invalid_union':
      return union(issue, schema, value);
    case 'invalid_type':
      if (typeof found === 'number' && isJudgedBy(durationSchema, schema, path, value)) {
        return one(`${found} has no unit of time`, `write ${found}s, ${found}m or ${found}h`);
      }
      if (issue.expected === 'Secret') return one('a secret stands in the text', `write {env: NAME} or {file: path}`);
      return one(
        `${shown(found)} is not ${article(issue.expected)}`,
        `write ${article(issue.expected)}${example(issue.expected)}`,
      );
    case 'invalid_value': {
      const known = issue.values.map(String);
      return one(`${shown(found)} is not one of: ${known.join(', ')}`, mendWord(String(found), known, 'value'));
    }
    case 'too_small':
      return one(...bounds(issue.origin, found, 'at least', Number(issue.minimum), issue.inclusive !== false));
    case 'too_big':
      return one(...bounds(issue.origin, found, 'at most', Number(issue.maximum), issue.inclusive !== false));
    case 'invalid_format':
      return one(
        `${shown(found)} is not right: ${formatWords(issue.format, issue.message)}`,
        `write ${formatWords(issue.format, issue.message)}`,
      );
    case 'invalid_key': {
      const reason = issue.issues[0]?.message ?? issue.message;
      return [
        {
          path: path.slice(0, -1),
          key: String(path.at(-1)),
          message: `the name "${String(path.at(-1))}" is not right: ${reason}`,
          mend: 'give it another name',
        },
      ];
    }
    default:
      return one(withValue(issue.message, found), mendOf(issue.message));
  }
}

function missing(issue: Issue, schema: z.ZodType, value: unknown): Explanation {
  const key = String(issue.path.at(-1));
  const path = issue.path.slice(0, -1);
  const known = knownKeys(schema, path, valueAt(value, path));
  const parent = valueAt(value, path);
  const others =
    typeof parent === 'object' && parent !== null ? Object.keys(parent).filter((one) => !known.includes(one)) : [];
  const hint = others.length > 0 ? ` (is it one of these: ${others.join(', ')}?)` : '';
  const kind = isJudgedBy(durationSchema, schema, issue.path, value) ? ': a length of time, e.g. 30s' : kindOf(issue);
  return { path, message: `${key} is missing`, mend: `add ${key}${kind}${hint}`, missing: key };
}

function kindOf(issue: Issue): string {
  if (issue.code === 'invalid_type') return `: ${article(issue.expected)}`;
  return issue.code === 'invalid_value' ? `: one of ${issue.values.join(', ')}` : '';
}

function unknownKey(path: readonly PropertyKey[], key: string, schema: z.ZodType, value: unknown): Explanation {
  const here = valueAt(value, path);
  const present = typeof here === 'object' && here !== null ? Object.keys(here) : [];
  const known = knownKeys(schema, path, here).filter((one) => !present.includes(one));
  const mend = known.length === 0 ? 'remove it' : `${mendWord(key, known, 'key')}, or remove it`;
  const means = nearest(key, known);
  return { path, key, message: `the key ${key} is not known here`, mend, ...(means === null ? {} : { means }) };
}

/** The branch that was probably meant: the one whose complaints are the slightest. */
function union(issue: Extract<Issue, { code: 'invalid_union' }>, schema: z.ZodType, value: unknown): Explanation[] {
  const { path } = issue;
  const found = valueAt(value, path);
  if (issue.errors.length === 0) {
    const known = ('options' in issue && Array.isArray(issue.options) ? issue.options : []).map(String);
    return [
      {
        path,
        message: `${shown(found)} is not one of: ${known.join(', ')}`,
        mend: mendWord(String(found), known, 'value'),
      },
    ];
  }
  const best = [...issue.errors].sort((a, b) => weigh(a) - weigh(b))[0] ?? [];
  const atRoot = best.every((one) => one.path.length === 0 && one.code === 'invalid_type');
  if (atRoot && issue.errors.length > 1) {
    const wanted = [
      ...new Set(issue.errors.flat().flatMap((one) => (one.code === 'invalid_type' ? [one.expected] : []))),
    ];
    const words = wanted.map((one) => (one === 'Secret' ? 'a secret ({env: NAME} or {file: path})' : article(one)));
    const allowed = words.join(' or ') || 'another form';
    return [{ path, message: `${shown(found)} is not ${allowed}`, mend: `write ${allowed}` }];
  }
  return explainIssues(
    best.map((one) => ({ ...one, path: [...path, ...one.path] })),
    schema,
    value,
  );
}

/** A wrong form outweighs a wrong key, a wrong key a wrong value deep inside. */
const weigh = (issues: readonly Issue[]): number =>
  issues.reduce((sum, issue) => {
    if (issue.path.length === 0) return sum + (issue.code === 'unrecognized_keys' ? 20 * issue.keys.length : 50);
    return sum + (issue.path.length === 1 && issue.code === 'invalid_type' ? 5 : 1);
  }, 0);

function bounds(origin: string, found: unknown, word: string, limit: number, inclusive: boolean): [string, string] {
  const exactly = inclusive ? word : word === 'at least' ? 'more than' : 'less than';
  const items = { array: 'entries', string: 'characters', object: 'keys' }[origin];
  if (items === undefined) return [`${shown(found)} is out of range`, `write a number of ${exactly} ${limit}`];
  const verb =
    word === 'at least' && limit === 1 ? 'it is empty' : `it has too ${word === 'at least' ? 'few' : 'many'} ${items}`;
  return [
    verb,
    `give ${exactly} ${limit} ${limit === 1 ? items.replace('entries', 'entry').replace(/s$/, '') : items}`,
  ];
}

const FORMATS: Readonly<Record<string, string>> = {
  date: 'a date, e.g. 2026-01-05',
  datetime: 'a time with offset, e.g. 2026-01-05T08:30:00+08:00',
  url: 'an address, e.g. https://host/path',
};
const formatWords = (format: string, message: string): string => FORMATS[format] ?? message;

/** The schemas' own messages say what is allowed, some of them after a colon or semicolon how to write it. */
const mendOf = (message: string): string => /; (write .*)$/.exec(message)?.[1] ?? `change it: ${message}`;

/** A schema's message that does not repeat the value says only what is wanted. */
function withValue(message: string, found: unknown): string {
  const isPlain = found !== undefined && typeof found !== 'object';
  return isPlain && !message.includes(String(found)) ? `${shown(found)} is not right: ${message}` : message;
}

const ARTICLES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map of keys and values',
  record: 'a map of keys and values',
  array: 'a list',
};
const article = (type: string): string => ARTICLES[type] ?? `a ${type}`;
const example = (type: string): string =>
  type === 'string' ? ', in quotes if it looks like something else' : type === 'array' ? ': [one, two]' : '';

function shown(value: unknown): string {
  if (value instanceof Secret) return 'a secret';
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}
