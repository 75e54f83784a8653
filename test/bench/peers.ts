import { spawn } from 'node:child_process';
import {
  type Dirent,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as realSleep } from 'node:timers/promises';
import { freePorts } from '#platform/net.ts';
import { findProgram, type RealProgram } from '../support/real.ts';

/** Programs that are measured beside ours: each with a folder and ports of its own on loopback, ended by its pid. */
export interface Peer {
  readonly url: string;
  readonly folder: string;
  /** CPU that it has used so far, seconds. */
  cpuS(): number;
  stop(): Promise<void>;
}

/** Null where Debian's program is not installed: then the others are measured alone. */
async function startPeer(
  program: RealProgram,
  ready: string,
  prepare: (folder: string, port: number, other: number) => { args: readonly string[]; variables?: object },
): Promise<Peer | null> {
  const path = findProgram(program);
  if (path === null) return null;
  const folder = mkdtempSync(join(tmpdir(), `zhishou-bench-${program}-`));
  const [port, other] = (await freePorts(2)) as [number, number];
  const { args, variables } = prepare(folder, port, other);
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(path, args, { stdio: 'ignore', env: { ...process.env, ...variables } });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  for (let tries = 0; !(await answers(`${url}${ready}`)); tries++) {
    if (tries > 1200 || child.exitCode !== null) {
      await stop();
      throw new Error(`${program} does not start`);
    }
    await realSleep(50);
  }
  return { url, folder, cpuS: () => cpuOf(child.pid ?? 0), stop };
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    (answer) => answer.status < 300,
    () => false,
  );

/** utime and stime of proc(5), in clock ticks of 10 ms on every Linux of today. */
export function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export const load = (): string => loadavg()[0]?.toFixed(1) ?? '?';

/** Bytes on the disk of all files below, the whole of what a store keeps; of what is laid out beforehand only what is filled. What goes while we look counts nothing. */
export function bytesBelow(folder: string): number {
  let entries: Dirent[] = [];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return 0;
  }
  return entries.reduce((sum, entry) => {
    const path = join(folder, entry.name);
    return sum + (entry.isDirectory() ? bytesBelow(path) : bytesOf(path));
  }, 0);
}

function bytesOf(path: string): number {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found === undefined ? 0 : Math.min(found.size, found.blocks * 512);
}

/** InfluxDB 1.6, told to write what it has in memory out as soon as nothing comes, so that its files can be measured. */
export const startInflux = (): Promise<Peer | null> =>
  startPeer('influxd', '/ping', (folder, port, other) => {
    const file = join(folder, 'influxdb.conf');
    writeFileSync(
      file,
      `reporting-disabled = true\nbind-address = "127.0.0.1:${other}"\n[meta]\ndir = "${folder}/meta"\n[data]
dir = "${folder}/data"\nwal-dir = "${folder}/wal"\nquery-log-enabled = false\ncache-snapshot-write-cold-duration = "2s"
compact-full-write-cold-duration = "2s"\nmax-values-per-tag = 0\n[monitor]\nstore-enabled = false\n[logging]\nlevel = "error"
[http]\nbind-address = "127.0.0.1:${port}"\nlog-enabled = false\nmax-row-limit = 0\n`,
    );
    return { args: ['-config', file] };
  });

export const startVictoriaMetrics = (): Promise<Peer | null> =>
  startPeer('victoria-metrics', '/health', (folder, port) => ({
    args: [`-storageDataPath=${folder}`, `-httpListenAddr=127.0.0.1:${port}`, '-retentionPeriod=100y'],
  }));

export const startSnmpExporter = (config: string): Promise<Peer | null> =>
  startPeer('prometheus-snmp-exporter', '/metrics', (folder, port) => {
    const file = join(folder, 'snmp.yml');
    writeFileSync(file, config);
    return { args: [`--config.file=${file}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=error'] };
  });

export const startPrometheus = (config: string): Promise<Peer | null> =>
  startPeer('prometheus', '/-/ready', (folder, port) => {
    const file = join(folder, 'prometheus.yml');
    writeFileSync(file, config);
    mkdirSync(join(folder, 'data'));
    return {
      args: [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=error',
      ],
    };
  });
