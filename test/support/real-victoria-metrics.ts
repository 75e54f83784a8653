import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as realSleep } from 'node:timers/promises';
import { freePorts } from '#platform/net.ts';
import { findProgram } from './real.ts';
import { answers } from './real-influx.ts';

export interface RealVictoriaMetrics {
  readonly url: string;
  /** Every metric that it has, with all samples, by its own export API. */
  exported(): Promise<readonly { metric: Record<string, string>; values: number[]; timestamps: number[] }[]>;
  stop(): Promise<void>;
}

/** Debian's victoria-metrics with a folder of its own on a free port of loopback; keeps everything. */
export async function startVictoriaMetrics(...flags: readonly string[]): Promise<RealVictoriaMetrics> {
  const [port] = (await freePorts(1)) as [number];
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-vm-'));
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    findProgram('victoria-metrics') ?? 'victoria-metrics',
    [`-storageDataPath=${folder}`, `-httpListenAddr=127.0.0.1:${port}`, '-retentionPeriod=100y', ...flags],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = (said + String(chunk)).slice(-4000);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (let tries = 0; !(await answers(`${url}/health`)); tries++) {
    if (tries > 400 || child.exitCode !== null) throw new Error(`victoria-metrics does not start: ${said}`);
    await realSleep(25);
  }
  return {
    url,
    async exported() {
      // What was just written is not yet to be read otherwise.
      await fetch(`${url}/internal/force_flush`);
      const answer = await fetch(`${url}/api/v1/export?match[]=${encodeURIComponent('{__name__!=""}')}`);
      const lines = (await answer.text()).split('\n').filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line) as never);
    },
    async stop() {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
