import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { messageOf, ZhishouError } from '#core/errors.ts';
import type { Secret } from '#core/secret.ts';
import type { Duration } from '#core/time.ts';
import {
  IPMI_PATIENCE,
  type IpmiPatience,
  type IpmiTarget,
  ipmiArguments,
  reasonIn,
  withoutChatter,
} from './ipmi-words.ts';

/** Asks management controllers by ipmitool: several commands in one session, the answers as they are printed. */
export interface IpmiReader {
  /**
   * What ipmitool printed, machine-readable where it can (-v -c). A command that the controller does not know prints nothing useful.
   * Rejects with REFUSED (password, user, level, cipher suite), UNREACHABLE, TIMED_OUT, BAD_CONFIGURATION (no ipmitool).
   */
  ask(what: IpmiQuestion, target: IpmiTarget & { readonly password: Secret }, limit: Duration): Promise<string>;
}

/** `read`: chassis, sensors, power; `identify`: maker, model, firmware. A file of commands each, beside this one. */
export type IpmiQuestion = 'read' | 'identify';

export interface IpmiReaderOptions {
  /** Another path of ipmitool; by default it is looked for on PATH. */
  readonly program?: string;
  readonly patience?: IpmiPatience;
}

/** Processes at once: a row of silent controllers, ten seconds each, must not hold the others up for long. */
const PLACES = 16;
/** A large server has 300 sensors of 150 bytes. */
const MOST_OUTPUT = 256 * 1024;
const HANDED_ON = ['PATH', 'HOME', 'LANG', 'TMPDIR'];

export function createIpmiReader({
  program = 'ipmitool',
  patience = IPMI_PATIENCE,
}: IpmiReaderOptions = {}): IpmiReader {
  let free = PLACES;
  const waiting: (() => void)[] = [];
  const place = async (): Promise<void> => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };
  return {
    ask: async (what, target, limit) => {
      await place();
      try {
        const commands = fileURLToPath(new URL(`./${what}.commands`, import.meta.url));
        const words = [...ipmiArguments(target, patience), '-c', 'exec', commands];
        return judge(await run(program, words, target.password, limit), target);
      } finally {
        leave();
      }
    },
  };
}

interface Ran {
  readonly output: string;
  readonly errors: string;
  readonly end: 'exited' | 'too-long' | 'absent';
}

function run(program: string, words: readonly string[], password: Secret, limit: Duration): Promise<Ran> {
  return new Promise((resolve) => {
    const given = HANDED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
    const child = spawn(program, [...words], {
      shell: false,
      env: { ...Object.fromEntries(given), LC_ALL: 'C', IPMI_PASSWORD: password.reveal() },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = { output: '', errors: '' };
    const finish = (end: Ran['end']): void => {
      clearTimeout(timer);
      resolve({ ...said, end });
    };
    // It only reads: whoever hangs is ended.
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      finish('too-long');
    }, limit);
    const keep = (part: keyof typeof said) => (chunk: string) => {
      if (said[part].length < MOST_OUTPUT) said[part] += chunk.slice(0, MOST_OUTPUT);
    };
    child.stdout.setEncoding('utf8').on('data', keep('output'));
    child.stderr.setEncoding('utf8').on('data', keep('errors'));
    child.once('error', (error) => {
      said.errors += messageOf(error);
      finish('absent');
    });
    child.once('close', () => finish('exited'));
  });
}

/** The output, or why there is none: whether the session was made decides, not the exit code, for optional commands fail. */
function judge({ output, errors, end }: Ran, target: IpmiTarget): string {
  const where = `ipmi ${target.host}:${target.port}`;
  if (end === 'absent') throw new ZhishouError('BAD_CONFIGURATION', where, `${errors}; install the package ipmitool`);
  if (end === 'too-long') throw new ZhishouError('TIMED_OUT', where);
  if (!/^Error: Unable to establish/m.test(errors)) return output;
  const reason = reasonIn(errors, target);
  if (reason === 'it does not answer') throw new ZhishouError('TIMED_OUT', where);
  if (reason?.startsWith('its address') === true) throw new ZhishouError('UNREACHABLE', where, reason);
  const last = withoutChatter(errors).trim().split('\n').at(-1) ?? '';
  throw new ZhishouError('REFUSED', where, reason ?? last);
}
