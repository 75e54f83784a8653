import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { instant } from '#core/time.ts';
import { type LoadedConfig, loadConfig } from '#platform/config/load-config.ts';
import { SMALL_SITE } from './small-site.ts';

/** A copy of the small site that a test may change. */
export interface SiteCopy {
  readonly directory: string;
  /** Replaces the first place where `from` stands; throws when it is not there. */
  edit(file: string, from: string | RegExp, to: string): SiteCopy;
  write(file: string, content: string | Uint8Array): SiteCopy;
  remove(file: string): SiteCopy;
  load(variables?: Record<string, string>): LoadedConfig;
  /** `file:line:column message | mend` of each problem. */
  problems(variables?: Record<string, string>): string[];
}

const made: string[] = [];
export const removeSites = (): void => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
};

export function makeSite(): SiteCopy {
  const directory = mkdtempSync(join(tmpdir(), 'zhishou-config-'));
  made.push(directory);
  const copy: SiteCopy = {
    directory,
    edit(file, from, to) {
      const before = readFileSync(join(directory, file), 'utf8');
      const after = before.replace(from, () => to);
      if (after === before) throw new Error(`${file} has no ${from}`);
      return copy.write(file, after);
    },
    write(file, content) {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      writeFileSync(join(directory, file), content);
      return copy;
    },
    remove(file) {
      rmSync(join(directory, file), { recursive: true });
      return copy;
    },
    load: (variables = {}) => loadConfig(directory, { variables, now: instant(Date.UTC(2026, 10, 21)) }),
    problems: (variables) =>
      copy.load(variables).problems.map((one) => `${one.file}:${one.line}:${one.column} ${one.message} | ${one.mend}`),
  };
  for (const [file, content] of Object.entries(SMALL_SITE)) copy.write(file, content);
  return copy.write('keys/host-key', `SHA256:${'A'.repeat(43)}\n`);
}
