import { execFile } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { PROJECT_ROOT, SAMPLE_CONFIG } from '#commands/configuration.ts';
import type { ConfigProblem } from '#core/config/config.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';

/** `zhishou check` and `zhishou start` as a person runs them, on a configuration with mistakes in it. */

const folders: { remove(): void }[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) folder.remove();
});

type Edit = (text: string) => string;

/** A copy of the sample configuration with some of its files changed. */
function site(edits: Readonly<Record<string, Edit>>): { readonly config: string; readonly state: string } {
  const folder = makeTemporaryFolder('zhishou-mistakes-');
  folders.push(folder);
  const config = join(folder.path, 'config');
  cpSync(SAMPLE_CONFIG, config, { recursive: true });
  for (const [name, edit] of Object.entries(edits)) {
    const before = existsSync(join(config, name)) ? readFileSync(join(config, name), 'utf8') : '';
    const after = edit(before);
    expect(after, `the edit of ${name} changes nothing`).not.toBe(before);
    writeFileSync(join(config, name), after);
  }
  return { config, state: join(folder.path, 'state') };
}

const run = (...args: string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, ['zhishou.ts', ...args], { cwd: PROJECT_ROOT, timeout: 25_000 }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err }),
    );
  });

/** Keeps the first `share` of the text. */
const cutOff =
  (share: number): Edit =>
  (text) =>
    text.slice(0, Math.floor(text.length * share));
const replace =
  (what: string, by: string): Edit =>
  (text) =>
    text.replace(what, by);
const lineOf = (config: string, name: string, what: string): number =>
  readFileSync(join(config, name), 'utf8')
    .split('\n')
    .findLastIndex((line) => line.includes(what)) + 1;

describe('a configuration with mistakes', () => {
  it('is told whole, each mistake at its file, line and column with a mend, and nothing is started with it', async () => {
    const { config, state } = site({
      'site.yaml': replace('  stores: [embedded]', '  stores: [embedded]\n  keeep: 30d'),
      'devices.yaml': (text) =>
        `${replace('interval: 10s', 'intervall: 10s')(text)}\n  - { id: ups-1, name: Again, kind: ups }\n`,
      'rules/safety.yaml': replace('severity: high', 'severity: enormous'),
      'people.yaml': replace('id: lin-hao', 'id: zhou-min'),
      'rota.yaml': replace('order: [lin-hao', 'order: [nobody'),
    });
    const check = await run('check', config, '--json');
    expect(check.code).toBe(1);
    const { ok, problems } = JSON.parse(check.out) as { ok: boolean; problems: ConfigProblem[] };
    expect(ok).toBe(false);
    const at = (file: string, what: string) => ({
      file: expect.stringContaining(file),
      line: lineOf(config, file, what),
    });
    expect(problems).toContainEqual(expect.objectContaining(at('site.yaml', 'keeep')));
    expect(problems).toContainEqual(expect.objectContaining(at('devices.yaml', 'intervall')));
    expect(problems).toContainEqual(expect.objectContaining(at('devices.yaml', 'name: Again')));
    expect(problems).toContainEqual(expect.objectContaining(at('rules/safety.yaml', 'enormous')));
    for (const { line, column, message, mend } of problems) {
      expect([line >= 1, column >= 1, message.length > 0, mend.length > 0]).toEqual([true, true, true, true]);
    }
    const start = await run('start', '--config', config, '--state', state, '--port', '1');
    expect(start.code).toBe(1);
    for (const { file, line, column, message, mend } of problems) {
      expect(start.out).toContain(`${file}:${line}:${column} ${message}`);
      expect(start.out).toContain(mend);
    }
    expect(existsSync(join(state, 'journal.sqlite'))).toBe(false);
  });

  it.each([
    ['in the middle of devices.yaml', 'devices.yaml', 0.5],
    ['after the first bytes of site.yaml', 'site.yaml', 0.02],
    ['in the middle of a plan', 'plans/power-outage.yaml', 0.6],
  ])('cut off %s: check and start say where, in the same words, with exit 1', async (_where, name, share) => {
    const { config, state } = site({ [name]: cutOff(share) });
    const [check, start] = await Promise.all([
      run('check', config, '--json'),
      run('start', '--config', config, '--state', state, '--port', '1'),
    ]);
    expect([check.code, start.code]).toEqual([1, 1]);
    const { problems } = JSON.parse(check.out) as { problems: ConfigProblem[] };
    expect(problems).toContainEqual(expect.objectContaining({ file: expect.stringContaining(name) }));
    for (const { file, line, column, message, mend } of problems) {
      expect(mend).not.toBe('');
      expect(start.out).toContain(`${file}:${line}:${column} ${message}`);
    }
    expect(start.err).not.toContain('    at ');
  });

  it.each<[string, string, Edit]>([
    ['binary', 'devices.yaml', () => '\u0000\u0001\u0002\uFFFD'],
    ['empty', 'rota.yaml', () => ''],
    ['an alias bomb', 'people.yaml', () => bomb()],
    ['another language', 'site.yaml', () => '<?xml version="1.0"?><site/>'],
    ['two documents', 'rota.yaml', (text) => `${text}\n---\n${text}`],
  ])('%s instead of a file is a mistake that is told, not a crash', async (_what, name, edit) => {
    const { config } = site({ [name]: edit });
    const { code, out, err } = await run('check', config, '--json');
    const { problems } = JSON.parse(out) as { problems: ConfigProblem[] };
    expect([code, err.includes('    at ')]).toEqual([1, false]);
    expect(problems).toContainEqual(expect.objectContaining({ file: expect.stringContaining(name) }));
  });

  it('that is not there is told by each file that is missing', async () => {
    const { code, out } = await run('check', join(PROJECT_ROOT, 'no-such-folder'), '--json');
    const { problems } = JSON.parse(out) as { problems: ConfigProblem[] };
    expect([code, problems.length > 0]).toEqual([1, true]);
  });
});

/** Nine lists, each of nine times the one before: 387 million items when written out. */
function bomb(): string {
  const lines = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  for (const name of 'bcdefghi') {
    const before = String.fromCharCode(name.charCodeAt(0) - 1);
    lines.push(`${name}: &${name} [${Array<string>(9).fill(`*${before}`).join(', ')}]`);
  }
  return lines.join('\n');
}
