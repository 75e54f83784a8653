import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#commands/configuration.ts';

/** What `npm start` runs, without npm's own half second: `NODE_COMPILE_CACHE=… node --max-semi-space-size=4 zhishou.ts start`. */
export function startScript(): {
  readonly variables: Readonly<Record<string, string>>;
  readonly words: readonly string[];
} {
  const { scripts } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  const words = scripts.start.split(' ');
  const program = words.indexOf('node');
  const variables = Object.fromEntries(words.slice(0, program).map((word) => word.split('=', 2)));
  return { variables, words: words.slice(program + 1) };
}
