import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROLES } from '#core/command.ts';
import { DEVICE_KINDS, OPERATIONS } from '#core/config/device.ts';
import { SEVERITIES } from '#core/config/rule.ts';
import { ERRORS } from '#core/errors.ts';
import { LEVELS } from '#core/incident.ts';
import { UPS_STATUS_TOKENS } from '#core/points.ts';
import { PHASE_NAMES } from '#core/record-words.ts';
import {
  DELIVERY_WORDS,
  KIND_WORDS,
  MODE_MARKS,
  OUTCOME_WORDS,
  STAGE_WORDS,
  STEP_WORDS,
} from '#services/dashboard-api/reports/report-words.ts';
import en from '../../services/dashboard-api/web/src/locales/en.ts';
import zh from '../../services/dashboard-api/web/src/locales/zh.ts';

const SOURCE = join(import.meta.dirname, '../../services/dashboard-api/web/src');
const files = globSync('**/*.{vue,ts}', { cwd: SOURCE })
  .filter((file) => !file.startsWith('locales'))
  .map((file) => ({ file, text: readFileSync(join(SOURCE, file), 'utf8') }));

type Tree = { readonly [key: string]: string | Tree };
const flatten = (tree: Tree, prefix = ''): Map<string, string> => {
  const flat = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') flat.set(`${prefix}${key}`, value);
    else for (const [inner, text] of flatten(value, `${prefix}${key}.`)) flat.set(inner, text);
  }
  return flat;
};
const chinese = flatten(zh);
const english = flatten(en);

/** `t('a.b')`, and `'a.b' : 'a.c'` inside a call. */
const literal = new Set(
  files.flatMap(({ text }) =>
    [...text.matchAll(/\bte?\(([^)]*)/g)].flatMap(([, inside = '']) =>
      [...inside.matchAll(/'([A-Za-z]\w*\.[\w.-]+)'/g)].map(([, key = '']) => key),
    ),
  ),
);
/** `t(`phase.${…}`)` uses every key that fits; the holes are one or more parts. */
const patterns = files.flatMap(({ text }) =>
  [...text.matchAll(/\bte?\(\s*`([^`]+)`/g)].map(
    ([, template = '']) =>
      new RegExp(
        `^${template
          .split(/\$\{[^`]*?\}/)
          .map((part) => part.replaceAll('.', '\\.'))
          .join('[\\w.-]+')}$`,
      ),
  ),
);

/** The text of a template's elements, without tags, expressions and comments. */
function visibleText(source: string): string {
  const template = /<template>([\s\S]*)<\/template>/.exec(source)?.[1] ?? '';
  return template
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .replaceAll(/\{\{[\s\S]*?\}\}/g, '')
    .replaceAll(/<(?:[^>"']|"[^"]*"|'[^']*')*>/g, '\n');
}

describe('words of the page', () => {
  test('both languages have the same keys', () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort());
  });

  test('both languages fill in the same values', () => {
    const holes = (text: string): string[] =>
      [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name))].sort();
    const different = [...chinese].filter(([key, text]) => holes(text).join() !== holes(english.get(key) ?? '').join());
    expect(different).toEqual([]);
  });

  test('every key that the page asks for is there', () => {
    expect(literal.size).toBeGreaterThan(100);
    expect([...literal].filter((key) => !chinese.has(key) && !/\.(ts|vue|css)$/.test(key))).toEqual([]);
  });

  test('every pattern of keys that the page asks for has at least two keys', () => {
    const bare = patterns.filter((pattern) => [...chinese.keys()].filter((key) => pattern.test(key)).length < 2);
    expect(bare.map(String)).toEqual([]);
  });

  test.each([
    ['problem', Object.keys(ERRORS)],
    ['kind', DEVICE_KINDS],
    ['operation', OPERATIONS],
    ['status', UPS_STATUS_TOKENS],
    ['severity', SEVERITIES],
    ['level', LEVELS],
    ['role', ROLES],
    ['phase', Object.keys(PHASE_NAMES)],
    ['outcome', Object.keys(OUTCOME_WORDS)],
    ['mode', Object.keys(MODE_MARKS)],
    ['modeNote', Object.keys(MODE_MARKS)],
    ['stepState', Object.keys(STEP_WORDS)],
    ['stage', Object.keys(STAGE_WORDS)],
    ['timelineKind', Object.keys(KIND_WORDS)],
    ['deliveryState', Object.keys(DELIVERY_WORDS)],
  ])('every %s that the service can send has a word', (prefix, values) => {
    expect(values.filter((value) => !chinese.has(`${prefix}.${value}`))).toEqual([]);
  });

  test('no key is left over', () => {
    expect(
      [...chinese.keys()].filter((key) => !literal.has(key) && !patterns.some((pattern) => pattern.test(key))),
    ).toEqual([]);
  });

  test('Chinese texts use full-width punctuation, English ones have no Chinese', () => {
    expect([...chinese].filter(([, text]) => /[\u4e00-\u9fff][,;:!?]/.test(text))).toEqual([]);
    expect(
      [...english].filter(([key, text]) => /[\u4e00-\u9fff]/.test(text) && !/(chinese|otherLanguage)$/.test(key)),
    ).toEqual([]);
  });

  test.each(files.filter(({ file }) => file.endsWith('.vue')))(
    '$file has no words of its own in its template',
    ({ text }) => {
      const words = visibleText(text)
        .split('\n')
        .map((line) => line.trim())
        // Units and signs are the same in both languages.
        .filter((line) => /[A-Za-z\u4e00-\u9fff]{2,}|[\u4e00-\u9fff]/.test(line.replaceAll(/&\w+;/g, '')));
      expect(words).toEqual([]);
      const labels = [...text.matchAll(/\s(?:title|placeholder|aria-label|alt)="([^"]*)"/g)].map(
        ([, label = '']) => label,
      );
      expect(labels.filter((label) => label !== '')).toEqual([]);
    },
  );
});
