import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PORT_VARIABLES } from '#commands/configuration.ts';
import { freePorts } from '#platform/net.ts';

const ROOT = join(import.meta.dirname, '../..');

/** `zhishou start` as a process of its own, on free ports and a state directory of its own; it can be killed and started again. */
export interface RunningService {
  readonly url: string;
  /** Its ports by the variables that name them: `SIM_UPS_1_PORT`. */
  readonly ports: Readonly<Record<string, string>>;
  readonly stateDirectory: string;
  /** Of the first start. */
  readonly password: string;
  readonly pid: number;
  /** SIGKILL: no farewell. Resolves when it is gone. */
  kill(): Promise<void>;
  startAgain(): Promise<void>;
  stop(): Promise<void>;
}

export async function runService(
  args: readonly string[] = [],
  stateDirectory = mkdtempSync(join(tmpdir(), 'zhishou-e2e-')),
): Promise<RunningService> {
  const ports = await freePorts(PORT_VARIABLES.length);
  const variables = Object.fromEntries(PORT_VARIABLES.map((name, index) => [name, String(ports[index])]));
  let child = await startProcess(stateDirectory, variables, args);
  const { url, password } = child;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.process.exitCode !== null || child.process.signalCode !== null) return;
    const ended = once(child.process, 'exit');
    child.process.kill(signal);
    await ended;
  };
  return {
    url,
    ports: variables,
    stateDirectory,
    password: password ?? '',
    get pid() {
      return child.process.pid ?? 0;
    },
    kill: () => end('SIGKILL'),
    startAgain: async () => {
      child = await startProcess(stateDirectory, variables, args);
    },
    stop: async () => {
      await end('SIGTERM');
      rmSync(stateDirectory, { recursive: true, force: true });
    },
  };
}

/** Resolves when the greeting has told the page's address; rejects with what it printed when it ends before. */
async function startProcess(
  stateDirectory: string,
  variables: Record<string, string>,
  args: readonly string[],
): Promise<{ process: ChildProcess; url: string; password: string | null }> {
  const started = spawn(process.execPath, ['zhishou.ts', 'start', '--state', stateDirectory, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...variables, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: string[] = [];
  started.stderr.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  let url: string | null = null;
  let password: string | null = null;
  for await (const line of createInterface({ input: started.stdout })) {
    printed.push(line);
    url ??= /http:\/\/\S+/.exec(line)?.[0] ?? null;
    password ??= / admin\s+(\S+)/.exec(line)?.[1] ?? null;
    if (/Ctrl-C/.test(line)) break;
  }
  started.stdout.resume();
  if (url === null) throw new Error(`zhishou start ended before it was ready:\n${printed.join('\n')}`);
  return { process: started, url, password };
}
