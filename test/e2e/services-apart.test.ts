import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PORT_VARIABLES } from '#commands/configuration.ts';
import type { HealthResponse, IncidentsResponse } from '#core/api.ts';
import { freePorts } from '#platform/net.ts';
import { describeReal, findProgram } from '../support/real.ts';

/** The three services and the simulators as processes of their own on Debian's mosquitto: what docker-compose.yml does, without Docker. */

const ROOT = join(import.meta.dirname, '../..');

describeReal(['mosquitto', 'mosquitto_pub'], 'the services apart, on a broker outside', () => {
  const started: ChildProcess[] = [];
  let folder: string;
  let url: string;
  let brokerPort: number;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'zhishou-apart-'));
    const ports = await freePorts(PORT_VARIABLES.length + 1);
    brokerPort = ports.at(-1) ?? 0;
    const named = Object.fromEntries(PORT_VARIABLES.map((name, index) => [name, String(ports[index])]));
    url = `http://127.0.0.1:${named.ZHISHOU_HTTP_PORT}/api/v1`;
    writeFileSync(join(folder, 'mosquitto.conf'), `listener ${brokerPort} 127.0.0.1\nallow_anonymous true\n`);
    const environment = {
      ...process.env,
      ...named,
      ZHISHOU_BUS_URL: `mqtt://127.0.0.1:${brokerPort}`,
      SIM_SECRETS: join(folder, 'simulator'),
    };
    const run = (command: string, args: string[]): ChildProcess => {
      const child = spawn(command, args, { cwd: ROOT, env: environment, stdio: 'ignore' });
      started.push(child);
      return child;
    };
    run(findProgram('mosquitto') ?? '', ['-c', join(folder, 'mosquitto.conf')]);
    run(process.execPath, ['zhishou.ts', 'simulators', '--state', folder]);
    await until(async () => (await published('simulator/state')) !== '');
    for (const service of ['collector', 'alerts', 'dashboard-api'])
      run(process.execPath, [`services/${service}/main.ts`, '--config', 'config', '--state', folder]);
  }, 60_000);
  afterAll(async () => {
    for (const child of started.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  /** What is kept on one of the site's topics, by Debian's own client; empty when nothing is. */
  async function published(name: string): Promise<string> {
    const child = spawn('mosquitto_sub', [
      '-p',
      String(brokerPort),
      '-t',
      `zhishou/sample/${name}`,
      '-C',
      '1',
      '-W',
      '1',
    ]);
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await once(child, 'close');
    return text;
  }
  const ask = async <T>(path: string): Promise<T | null> => {
    const answer = await fetch(`${url}${path}`).catch(() => null);
    return answer?.ok === true ? ((await answer.json()) as T) : null;
  };

  test('find each other: health is ok, with fresh readings and someone deciding', async () => {
    await until(async () => (await ask<HealthResponse>('/health'))?.services.alerts.state === 'ok');
    await until(async () => (await ask<HealthResponse>('/health'))?.services.collector.state === 'ok');
    expect((await ask<HealthResponse>('/health'))?.status).toBe('ok');
  }, 60_000);

  test('an outage in the simulated room is seen by the one, decided by the other, shown by the third', async () => {
    const order = spawn('mosquitto_pub', [
      '-p',
      String(brokerPort),
      '-t',
      'zhishou/sample/simulator/command',
      '-m',
      '{"kind":"mains","present":false}',
    ]);
    await once(order, 'close');
    await until(async () => ((await ask<IncidentsResponse>('/incidents'))?.incidents.length ?? 0) > 0);
    const incidents = (await ask<IncidentsResponse>('/incidents'))?.incidents;
    expect(incidents?.map((one) => one.plan.id)).toEqual(['power-outage']);
  }, 60_000);
});

/** Until it is so, or the test's own limit. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(200);
}
