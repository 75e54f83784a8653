import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { messageOf, ZhishouError } from '#core/errors.ts';
import { writeAtomically } from '../files.ts';
import { findProgram } from '../find-program.ts';
import { freePorts } from '../net.ts';
import { type ControlLink, openControlLink } from './control-link.ts';
import type { Softphone } from './softphone.ts';

export interface BaresipOptions {
  /** Ours alone: configuration, account and sounds stand in it; it is the process's working folder. */
  readonly folder: string;
  readonly config: (at: { readonly controlPort: number; readonly modules: string }) => string;
  /** With the password; deleted as soon as it is read. */
  readonly accounts: string;
  /** What it prints, for the log. */
  readonly onLine?: (line: string) => void;
}

/** Debian's, and where it goes when it is built by hand: without `module_path` it looks nowhere. */
const MODULES = ['/usr/lib/baresip/modules', '/usr/local/lib/baresip/modules', '/usr/lib64/baresip/modules'];
const START_MS = 10_000;
const END_MS = 3000;

/**
 * Starts baresip and opens its control connection, on loopback at a port of the system's. It ends with us, also when we are
 * killed, where util-linux's setpriv is there. Rejects with UNREACHABLE.
 */
export async function startBaresip({ folder, config, accounts, onLine }: BaresipOptions): Promise<Softphone> {
  const program = await findProgram('baresip');
  if (program === null) throw new ZhishouError('UNREACHABLE', 'baresip', 'not installed (Debian: baresip-core)');
  const modules = MODULES.find((path) => existsSync(path));
  if (modules === undefined) throw new ZhishouError('UNREACHABLE', 'baresip', `no modules in ${MODULES.join(', ')}`);
  const [port = 0] = await freePorts(1);
  writeAtomically(join(folder, 'config'), config({ controlPort: port, modules }));
  writeAtomically(join(folder, 'accounts'), accounts);
  const tied = await findProgram('setpriv');
  const words = tied === null ? [program] : [tied, '--pdeathsig', 'KILL', '--', program];
  const child = spawn(words[0] ?? program, [...words.slice(1), '-f', folder], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = endOf(child);
  const last = readLines(child, onLine);
  try {
    const link = await openWithin(port, ended);
    rmSync(join(folder, 'accounts'), { force: true });
    return {
      command: link.command,
      onEvent: link.onEvent,
      ended: Promise.race([ended, link.closed.then(() => 'its control connection closed')]),
      async stop() {
        link.close();
        await kill(child, ended);
      },
    };
  } catch (error) {
    await kill(child, ended);
    throw new ZhishouError('UNREACHABLE', 'baresip', `${messageOf(error)} ${last()}`.trim(), { cause: error });
  }
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(messageOf(error)));
    child.once('exit', (code, signal) => resolve(`baresip ended (${signal ?? `exit code ${code}`})`));
  });
}

function readLines(child: ChildProcess, onLine: ((line: string) => void) | undefined): () => string {
  let last = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the terminal's colours are left out
      const lines = chunk.replaceAll(/\u001b\[[\d;]*m/g, '').split(/[\r\n]+/);
      for (const line of lines.filter((one) => one.trim() !== '')) {
        last = line.slice(0, 300);
        onLine?.(last);
      }
    });
  }
  return () => last;
}

async function openWithin(port: number, ended: Promise<string>): Promise<ControlLink> {
  let gone: string | null = null;
  void ended.then((why) => {
    gone = why;
  });
  for (let waited = 0; waited < START_MS; waited += 50) {
    if (gone !== null) throw new ZhishouError('UNREACHABLE', 'baresip', gone);
    try {
      return await openControlLink(port);
    } catch {
      await wait(50);
    }
  }
  throw new ZhishouError('TIMED_OUT', 'baresip', 'its control port does not open');
}

async function kill(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill('SIGTERM');
  const hard = setTimeout(() => child.kill('SIGKILL'), END_MS);
  await ended;
  clearTimeout(hard);
}
