import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

export interface CommandAnswer {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs `zhishou …` as a process of its own, as a person at a terminal does. */
export async function zhishou(args: readonly string[], input = ''): Promise<CommandAnswer> {
  const child = spawn(process.execPath, ['zhishou.ts', ...args], { cwd: ROOT });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output, errors };
}
