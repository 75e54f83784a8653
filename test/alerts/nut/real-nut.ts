import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as realSleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePorts } from '#platform/net.ts';
import { findProgram, type RealProgram } from '../../support/real.ts';

/** Debian's NUT on spare ports of loopback, with all of its files in a temporary folder. */
const program = (name: RealProgram): string => findProgram(name) ?? name;

/** Until it is so, at most ten seconds. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`it never came about: ${what}`);
    await realSleep(20);
  }
}

/** `upsc` as people call it: what it printed, or what it complained of. */
export async function upsc(...words: string[]): Promise<string> {
  try {
    return (await promisify(execFile)(program('upsc'), words)).stdout;
  } catch (error) {
    return error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  }
}

interface Nut {
  readonly folder: string;
  readonly said: () => string;
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-nut-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  return folder;
}

function start(name: RealProgram, words: readonly string[], folder: string): Nut {
  const env = {
    ...process.env,
    NUT_CONFPATH: folder,
    NUT_STATEPATH: folder,
    NUT_ALTPIDPATH: folder,
    NUT_PIDPATH: folder,
  };
  const child = spawn(program(name), words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    ...{ folder, child },
    said: () => said,
    async stop() {
      // A stopped process hears nothing else.
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), 2000);
      if (child.exitCode === null && child.signalCode === null) await ended;
      clearTimeout(force);
    },
  };
}

export interface Upsd {
  readonly port: number;
  readonly driver: ChildProcess;
  stop(): Promise<void>;
}

const USERS = `[operator]
  password = right
  actions = SET
  instcmds = ALL
[commander]
  password = right
  instcmds = ALL
[follower]
  password = right
  upsmon secondary
`;

const VARIABLES = 'ups.status: OL\nbattery.charge: 100\nups.delay.shutdown: 20\nTIMER 3600\n';

/** Debian's upsd with a dummy UPS named `dummy` behind it, which tells these variables. */
export async function startUpsd(variables = VARIABLES): Promise<Upsd> {
  const [port = 0] = await freePorts(1);
  const folder = folderOf({
    'ups.conf': '[dummy]\n  driver = dummy-ups\n  port = dummy.dev\n  desc = "Made up"\n',
    'dummy.dev': variables,
    'upsd.conf': `LISTEN 127.0.0.1 ${port}\nMAXAGE 2\n`,
    'upsd.users': USERS,
  });
  const driver = start('dummy-ups', ['-a', 'dummy', '-u', 'root', '-F'], folder);
  const server = start('upsd', ['-u', 'root', '-F'], folder);
  try {
    await until(
      async () => (await upsc(`dummy@127.0.0.1:${port}`)).includes('ups.status: OL'),
      'upsd serves its dummy',
    );
  } catch (error) {
    throw new Error(`${String(error)}\n${driver.said()}\n${server.said()}`);
  }
  return {
    port,
    driver: driver.child,
    async stop() {
      await server.stop();
      await driver.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface Upsmon {
  /** The file that its SHUTDOWNCMD makes. */
  readonly shutdownFile: string;
  said(): string;
  stop(): Promise<void>;
}

const PID_FILE = '/run/nut/upsmon.pid';

/**
 * Debian's upsmon as a secondary of ours, quick to look and harmless when it shuts down: it makes a file. It refuses to start
 * beside another, which it finds by a file of its own that cannot be put elsewhere: that one is taken away once it runs.
 */
export async function startUpsmon(ups: string, port: number, user: string, password: string): Promise<Upsmon> {
  const folder = folderOf({});
  const shutdownFile = join(folder, 'shut-down');
  const words = ['ONLINE', 'ONBATT', 'LOWBATT', 'FSD', 'COMMOK', 'COMMBAD', 'SHUTDOWN', 'NOCOMM'];
  writeFileSync(
    join(folder, 'upsmon.conf'),
    [
      `MONITOR ${ups}@127.0.0.1:${port} 1 ${user} ${password} secondary`,
      'MINSUPPLIES 1',
      `SHUTDOWNCMD "touch ${shutdownFile}"`,
      `POWERDOWNFLAG ${join(folder, 'killpower')}`,
      'POLLFREQ 1',
      'POLLFREQALERT 1',
      'DEADTIME 15',
      'FINALDELAY 0',
      'HOSTSYNC 1',
      ...words.map((word) => `NOTIFYFLAG ${word} IGNORE`),
    ].join('\n'),
    { mode: 0o600 },
  );
  const upsmon = start('upsmon', ['-F', '-p', '-DDD'], folder);
  await until(() => /Logged into|Login on|ACCESS/.test(upsmon.said()), `upsmon talks to us: ${upsmon.said()}`);
  if (existsSync(PID_FILE) && readFileSync(PID_FILE, 'utf8').trim() === String(upsmon.child.pid)) rmSync(PID_FILE);
  return {
    shutdownFile,
    said: upsmon.said,
    async stop() {
      await upsmon.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
