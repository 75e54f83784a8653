import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as realSleep } from 'node:timers/promises';
import { freePorts } from '#platform/net.ts';
import { findProgram } from './real.ts';

/** Debian's influxd 1.6 with a folder of its own on free ports of loopback. */
export interface RealInflux {
  readonly url: string;
  /** Asks it past our adapter; throws on any error. */
  query(
    statement: string,
    database?: string,
  ): Promise<readonly { name?: string; tags?: object; values?: unknown[][] }[]>;
  /** Ends the process; its data stays. */
  down(hard?: boolean): Promise<void>;
  /** Starts it again where it was. */
  up(): Promise<void>;
  /** Ends it and removes everything. */
  stop(): Promise<void>;
}

export const ADMIN = { user: 'admin', password: 'admin-password' } as const;

export interface InfluxConfig {
  /** With users, of whom ADMIN is made. */
  readonly auth?: boolean;
  /** More lines of the sections. */
  readonly http?: string;
  readonly data?: string;
}

export async function startInflux(options: InfluxConfig = {}): Promise<RealInflux> {
  const [http, backup] = (await freePorts(2)) as [number, number];
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-influx-'));
  const file = join(folder, 'influxdb.conf');
  writeFileSync(file, configOf(folder, http, backup, options));
  const url = `http://127.0.0.1:${http}`;
  let process = await run(file, url);
  const query: RealInflux['query'] = async (statement, database) => {
    const body = new URLSearchParams({
      q: statement,
      epoch: 'ms',
      ...(database === undefined ? {} : { db: database }),
    });
    const basic = Buffer.from(`${ADMIN.user}:${ADMIN.password}`).toString('base64');
    const answer = await fetch(`${url}/query`, { method: 'POST', body, headers: { authorization: `Basic ${basic}` } });
    const parsed = (await answer.json()) as { error?: string; results?: { error?: string; series?: [] }[] };
    const error = parsed.error ?? parsed.results?.find((one) => one.error !== undefined)?.error;
    if (error !== undefined) throw new Error(error);
    return parsed.results?.flatMap((one) => one.series ?? []) ?? [];
  };
  if (options.auth === true)
    await query(`CREATE USER ${ADMIN.user} WITH PASSWORD '${ADMIN.password}' WITH ALL PRIVILEGES`);
  return {
    url,
    query,
    down: (hard) => process.stop(hard),
    async up() {
      process = await run(file, url);
    },
    async stop() {
      await process.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const configOf = (folder: string, http: number, backup: number, options: InfluxConfig): string => `
reporting-disabled = true
bind-address = "127.0.0.1:${backup}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
  query-log-enabled = false
  ${options.data ?? ''}
[monitor]
  store-enabled = false
[logging]
  level = "error"
[continuous_queries]
  log-enabled = false
  run-interval = "1s"
[http]
  bind-address = "127.0.0.1:${http}"
  log-enabled = false
  auth-enabled = ${options.auth === true}
  ${options.http ?? ''}
`;

async function run(file: string, url: string): Promise<{ stop: (hard?: boolean) => Promise<void> }> {
  const child = spawn(findProgram('influxd') ?? 'influxd', ['-config', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = (said + String(chunk)).slice(-4000);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (let tries = 0; !(await answers(`${url}/ping`)); tries++) {
    if (tries > 400 || child.exitCode !== null) throw new Error(`influxd does not start: ${said}`);
    await realSleep(25);
  }
  return {
    stop: async (hard = false) => {
      child.kill(hard ? 'SIGKILL' : 'SIGTERM');
      await ended;
    },
  };
}

/** Whether anything but a failure comes from there. */
export const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    (answer) => answer.status < 500,
    () => false,
  );
