import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { messageOf, ZhishouError } from '#core/errors.ts';

/** What the process was given: variables, standard input and output, folders. */

export const environmentVariables = (): Readonly<Record<string, string | undefined>> => ({ ...process.env });

/** Lines of standard input, without their ends. Whoever stops reading them closes the input, or the process would wait for its end. */
export async function* inputLines(): AsyncGenerator<string> {
  try {
    yield* createInterface({ input: process.stdin, crlfDelay: Infinity });
  } finally {
    process.stdin.destroy();
  }
}

/**
 * Writes a line to standard output and waits until it is out: a process that ends must not cut its answer off. False: whoever
 * read has gone, nothing more need be written.
 */
export function printLine(line: string): Promise<boolean> {
  // Whoever reads has had enough (`| head`): that is no error of ours.
  if (process.stdout.listenerCount('error') === 0) process.stdout.on('error', ignoreClosedPipe);
  return new Promise((resolve, reject) => {
    process.stdout.write(`${line}\n`, (error) => {
      if (error && !isClosedPipe(error)) reject(error);
      else resolve(!error);
    });
  });
}

const isClosedPipe = (error: Error): boolean => (error as NodeJS.ErrnoException).code === 'EPIPE';

function ignoreClosedPipe(error: Error): void {
  if (!isClosedPipe(error)) throw error;
}

/** A line on the standard error output: how far something is, beside what it prints. */
export const printProgress = (line: string): void => void process.stderr.write(`${line}\n`);

export const setExitCode = (code: number): void => {
  process.exitCode = code;
};

/** A folder of its own under the system's temporary one; `remove` deletes it with all that is in it. */
export function makeTemporaryFolder(prefix: string): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), prefix));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export const isThere = (path: string): boolean => existsSync(path);

/** Bytes; 0 when it is not there. */
export const fileSize = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** STORE_DOWN when it cannot be made. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ZhishouError('STORE_DOWN', path, messageOf(error), { cause: error });
  }
}

/** Names of the YAML files in a folder, in order; none when it is not there. */
export function yamlFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /\.ya?ml$/.test(name))
      .sort();
  } catch {
    return [];
  }
}

/** True when a text file has a line that matches; false when it cannot be read. */
export function fileMatches(file: string, pattern: RegExp): boolean {
  try {
    return pattern.test(readFileSync(file, 'utf8'));
  } catch {
    return false;
  }
}

/** When anything below a folder last changed, in epoch milliseconds; null when there is nothing. Folders by these names are passed over. */
export function newestChange(folder: string, except: readonly string[]): number | null {
  let newest: number | null = null;
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && except.includes(entry.name)) continue;
      const at = entry.isDirectory() ? newestChange(path, except) : statSync(path).mtimeMs;
      if (at !== null && (newest === null || at > newest)) newest = at;
    }
  } catch {
    return newest;
  }
  return newest;
}

/** A line that is written over and over while something takes its time; nothing where standard error is no terminal. */
export function showProgress(): { show(share: number, text: string): void; end(): void } {
  const isTerminal = process.stderr.isTTY === true;
  const width = 24;
  return {
    show(share, text) {
      if (!isTerminal) return;
      const full = Math.round(Math.min(1, Math.max(0, share)) * width);
      process.stderr.write(`\r[${'█'.repeat(full)}${'·'.repeat(width - full)}] ${text}\u001b[K`);
    },
    end() {
      if (isTerminal) process.stderr.write('\r\u001b[K');
    },
  };
}
