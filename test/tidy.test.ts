import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

/** What a program can check of STYLE.md: layers, cycles, clocks and I/O in their place, sizes, paths that the papers name. */

const ROOT = join(import.meta.dirname, '..');
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(ROOT, file)));
const sources = tracked.filter((file) => /\.(ts|vue)$/.test(file) && !file.endsWith('.d.ts'));
const product = sources.filter((file) => !file.startsWith('test/') && !/^[^/]+\.config\.ts$/.test(file));
const text = new Map(sources.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]));

/** Code without comments, so that a word in a comment is not taken for a call. Texts and regular expressions stay. */
function code(file: string): string {
  return (text.get(file) ?? '').replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|[^:'"`\\])\/\/.*$/gm, '$1');
}

interface Import {
  readonly target: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const found: Import[] = [];
  const pattern = /(?:^|\n)\s*(import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?['"]([^'"]+)['"]/g;
  for (const [, , type, specifier = ''] of code(file).matchAll(pattern))
    found.push({ target: resolve(file, specifier), typeOnly: type !== undefined });
  for (const [, specifier = ''] of code(file).matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g))
    found.push({ target: resolve(file, specifier), typeOnly: false });
  return found;
}

function resolve(file: string, specifier: string): string {
  const own = /^#(core|platform|services|simulators|commands)\/(.*)$/.exec(specifier);
  if (own !== null) return `${own[1]}/${own[2]}`;
  return specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : `package:${specifier}`;
}

const imports = new Map(product.map((file) => [file, importsOf(file)]));

/** The part of the house a file stands in. */
function part(file: string): string {
  const [top = '', second = '', third = ''] = file.split('/');
  if (top !== 'services') return top;
  return second === 'dashboard-api' && third === 'web' ? 'web' : `services/${second}`;
}

const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: ['core'],
  platform: ['core', 'platform'],
  'services/collector': ['core', 'platform', 'services/collector'],
  'services/alerts': ['core', 'platform', 'services/alerts'],
  'services/dashboard-api': ['core', 'platform', 'services/dashboard-api'],
  web: ['core', 'web'],
  simulators: ['core', 'platform', 'simulators'],
};

describe('the house is tidy', () => {
  it('data and imports flow one way: core ← platform ← services, simulators apart, services never import each other', () => {
    const wrong: string[] = [];
    for (const [file, targets] of imports) {
      const allowed = ALLOWED[part(file)];
      if (allowed === undefined) continue;
      for (const { target } of targets) {
        if (!target.startsWith('package:') && !allowed.includes(part(target))) wrong.push(`${file} → ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('every import of ours names a file that exists', () => {
    const wrong: string[] = [];
    for (const [file, targets] of imports) {
      for (const { target } of targets)
        if (!target.startsWith('package:') && !existsSync(join(ROOT, target.replace(/\?.*$/, ''))))
          wrong.push(`${file} → ${target}`);
    }
    expect(wrong).toEqual([]);
  });

  it('no file takes part in an import cycle, types left aside', () => {
    const cycles: string[] = [];
    const state = new Map<string, 'open' | 'done'>();
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === 'done') return;
      if (state.get(file) === 'open') {
        cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
        return;
      }
      state.set(file, 'open');
      for (const { target, typeOnly } of imports.get(file) ?? [])
        if (!typeOnly && imports.has(target)) visit(target, [...path, file]);
      state.set(file, 'done');
    };
    for (const file of imports.keys()) visit(file, []);
    expect(cycles).toEqual([]);
  });

  it('clocks, chance, files, sockets and the environment are touched in platform only', () => {
    const forbidden: readonly (readonly [RegExp, string])[] = [
      [/\bDate\.now\s*\(/, 'Date.now'],
      [/\bnew Date\(\s*\)/, 'new Date()'],
      [/\b(setTimeout|setInterval|setImmediate)\s*\(/, 'a timer'],
      [/\bMath\.random\b/, 'Math.random'],
      [/\bperformance\.now\b/, 'performance.now'],
      [/\bTemporal\.Now\b/, 'Temporal.Now'],
      [/\bprocess\.env\b/, 'process.env'],
      [/\bfetch\s*\(/, 'fetch'],
    ];
    const forbiddenImport = /^package:(node:)?(fs|net|tls|dgram|http|https|dns|child_process|sqlite|timers)(\/|$)/;
    const wrong: string[] = [];
    for (const file of product) {
      // The page runs in a browser: its timers and its fetch are the browser's.
      if (file.startsWith('platform/') || part(file) === 'web') continue;
      for (const [pattern, name] of forbidden) if (pattern.test(code(file))) wrong.push(`${file}: ${name}`);
      for (const { target, typeOnly } of imports.get(file) ?? [])
        if (!typeOnly && forbiddenImport.test(target)) wrong.push(`${file}: ${target}`);
    }
    expect(wrong).toEqual([]);
  });

  it('decisions never read from history: neither alerts nor the collector imports a series store, directly or by others', () => {
    const reached = (file: string, seen: Set<string>): Set<string> => {
      if (seen.has(file)) return seen;
      seen.add(file);
      for (const { target, typeOnly } of imports.get(file) ?? []) if (!typeOnly) reached(target, seen);
      return seen;
    };
    const deciding = product.filter((file) => /^services\/(alerts|collector)\//.test(file));
    expect(deciding.length).toBeGreaterThan(50);
    const wrong = deciding.flatMap((file) =>
      [...reached(file, new Set())]
        .filter((one) => one.startsWith('platform/series/'))
        .map((one) => `${file} → ${one}`),
    );
    expect(wrong).toEqual([]);
  });

  it('core is pure: from outside it imports zod, and one table of holidays that is data alone', () => {
    const pure = ['package:zod', 'package:chinese-days/dist/chinese-days.json'];
    const wrong = [...imports]
      .filter(([file]) => file.startsWith('core/'))
      .flatMap(([file, targets]) =>
        targets
          .filter(({ target }) => target.startsWith('package:') && !pure.includes(target))
          .map(({ target }) => `${file}: ${target}`),
      );
    expect(wrong).toEqual([]);
  });

  it('no source file passes 400 lines', () => {
    expect(sources.filter((file) => (text.get(file) ?? '').split('\n').length > 401)).toEqual([]);
  });

  it('no function of the product passes 70 lines', () => {
    expect(product.filter((file) => file.endsWith('.ts')).flatMap(longFunctions)).toEqual([]);
  });

  it('files are named in kebab-case and none is a barrel', () => {
    expect(sources.filter((file) => !/\/?[A-Za-z0-9.-]+$/.test(file) || /(^|\/)index\.ts$/.test(file))).toEqual([]);
    expect(product.filter((file) => file.endsWith('.ts') && /[A-Z_]/.test(file.split('/').at(-1) ?? ''))).toEqual([]);
  });

  it('the papers name only paths that exist', () => {
    const wrong: string[] = [];
    for (const paper of ['ARCHITECTURE.md', 'README.md', 'README.zh-CN.md']) {
      for (const [, path = ''] of readFileSync(join(ROOT, paper), 'utf8').matchAll(
        /`((?:core|platform|services|simulators|commands|config|test)\/[\w./*-]*)`/g,
      )) {
        const fixed = path.replace(/\/?\*.*$/, '');
        if (!existsSync(join(ROOT, fixed))) wrong.push(`${paper}: ${path}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('every runtime dependency has its reason in ARCHITECTURE.md', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const paper = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
    expect(Object.keys(dependencies).filter((name) => !paper.includes(`| \`${name}\` |`))).toEqual([]);
  });

  it('the lock file names no download address', () => {
    expect(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).not.toContain('"resolved"');
  });
});

/**
 * Functions by their braces: good enough to find the long ones, since the formatter sets a closing brace at the opener's
 * indent. A function's own lines count, those of functions inside it do not: a factory may hold many small ones.
 */
function longFunctions(file: string): string[] {
  const lines = (text.get(file) ?? '').split('\n');
  const opener =
    /^(\s*)(?:export\s+)?(?:async\s+)?(?:function\b.*|(?:const|let)\s+\w+(?::[^=]+)?\s*=\s*(?:async\s*)?\(.*=>|(?:static\s+|async\s+|get\s+|set\s+)*[a-zA-Z#]\w*\([^;]*\)(?::\s*[^;={]+)?|\w+:\s*(?:async\s*)?\(.*=>)\s*\{$/;
  const ranges: { start: number; end: number }[] = [];
  lines.forEach((line, start) => {
    const found = opener.exec(line);
    if (found === null || /^\s*(if|for|while|switch|catch)\b/.test(line)) return;
    const indent = found[1] ?? '';
    const end = lines.findIndex((other, at) => at > start && other.startsWith(`${indent}}`));
    if (end > start) ranges.push({ start, end });
  });
  const inside = (inner: { start: number; end: number }, outer: { start: number; end: number }): boolean =>
    inner.start > outer.start && inner.end <= outer.end;
  return ranges.flatMap((range) => {
    const nested = ranges.filter((other) => inside(other, range));
    const outermost = nested.filter((other) => !nested.some((another) => inside(other, another)));
    const own = range.end - range.start - outermost.reduce((sum, other) => sum + other.end - other.start, 0);
    return own > 70 ? [`${file}:${range.start + 1} (${own} lines of its own)`] : [];
  });
}
