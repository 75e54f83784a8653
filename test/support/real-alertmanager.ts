import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as realSleep } from 'node:timers/promises';
import { freePorts } from '#platform/net.ts';
import { findProgram } from './real.ts';

/** What Alertmanager says it holds. */
export interface HeldAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly fingerprint: string;
}

/** Debian's Alertmanager on free ports of loopback; `receiver` is the YAML of its one receiver, indented by two. */
export async function startAlertmanager(
  receiver = '',
  route = '',
): Promise<{
  readonly url: string;
  alerts(): Promise<readonly HeldAlert[]>;
  post(alerts: unknown): Promise<void>;
  stop(): Promise<void>;
}> {
  const [port] = await freePorts(1);
  const folder = mkdtempSync(join(tmpdir(), 'zhishou-alertmanager-'));
  const file = join(folder, 'alertmanager.yml');
  writeFileSync(
    file,
    `route:\n  receiver: ours\n  group_wait: 100ms\n  group_interval: 1s\n  repeat_interval: 1h\n${route}receivers:\n- name: ours\n${receiver}`,
  );
  const child = spawn(
    findProgram('prometheus-alertmanager') ?? 'prometheus-alertmanager',
    [
      `--config.file=${file}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    const ready = await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) break;
    if (tries > 400 || child.exitCode !== null) throw new Error(`Alertmanager does not start: ${said}`);
    await realSleep(25);
  }
  return {
    url,
    alerts: async () => (await (await fetch(`${url}/api/v2/alerts`)).json()) as HeldAlert[],
    async post(alerts) {
      const response = await fetch(`${url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alerts),
      });
      if (!response.ok) throw new Error(await response.text());
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
