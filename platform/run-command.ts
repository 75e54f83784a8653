import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { messageOf } from '#core/errors.ts';
import type { ActionOutcome, Clock } from '#core/ports.ts';
import type { Duration } from '#core/time.ts';

export interface RunCommandOptions {
  readonly clock: Clock;
  readonly limit: Duration;
  readonly directory?: string;
  /** Added to the few variables that a command needs; the service's own secrets are not handed on. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly input?: string;
}

const MOST_OUTPUT = 4000;
const HANDED_ON = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'USER', 'TMPDIR'];

/**
 * Runs a program of this machine without a shell. Exit code 0 is `ok`, another one `failed`. A time-out is not a stop (L20):
 * the program goes on, nobody kills it in the middle of its work, and the outcome is `unknown` until it is verified.
 */
export function runCommand(
  command: string,
  args: readonly string[],
  options: RunCommandOptions,
): Promise<ActionOutcome> {
  return new Promise((resolve) => {
    let output = '';
    const environment = Object.fromEntries(
      HANDED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
    );
    const finish = (result: ActionOutcome['result'], detail: string): void => {
      cancel();
      resolve({ result, detail, ...(output === '' ? {} : { output: output.slice(0, MOST_OUTPUT) }) });
    };
    const cancel = options.clock.after(options.limit, () => {
      // What it still writes is read and dropped, so that a full pipe does not stop it; it does not keep this process alive.
      child.unref();
      for (const pipe of [child.stdin, child.stdout, child.stderr]) if (pipe instanceof Socket) pipe.unref();
      finish(
        'unknown',
        `no end within ${options.limit} ms; the program may still be running (pid ${child.pid ?? '?'})`,
      );
    });
    const child = spawn(command, [...args], {
      shell: false,
      cwd: options.directory,
      env: { ...environment, ...options.variables },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const collect = (chunk: string): void => {
      if (output.length < MOST_OUTPUT) output += chunk;
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    // A program that does not read its input closes it early; that is no failure.
    child.stdin.on('error', () => {}).end(options.input ?? '');
    child.once('error', (error) => finish('failed', `${command} cannot be run: ${messageOf(error)}`));
    child.once('close', (code, signal) => {
      if (code === 0) finish('ok', 'exit code 0');
      // Ended by someone else: how far it came nobody knows.
      else if (code === null) finish('unknown', `ended by ${signal ?? 'a signal'}`);
      else finish('failed', `exit code ${code}`);
    });
  });
}
