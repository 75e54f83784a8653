import { access, constants, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';

/** Where a program that `runCommand` would start is, or null: looked for on PATH, and it must be one that may be run. */
export async function findProgram(command: string): Promise<string | null> {
  // A path, absolute or not, is taken as it is (POSIX.1-2017, command search and execution).
  const folders = command.includes('/') ? [''] : (process.env.PATH ?? '').split(delimiter).filter((one) => one !== '');
  for (const folder of folders) {
    const path = isAbsolute(command) || folder === '' ? command : join(folder, command);
    if (await runnable(path)) return path;
  }
  return null;
}

async function runnable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
