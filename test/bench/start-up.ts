import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { PROJECT_ROOT } from '#commands/configuration.ts';
import { buildPage, isPageBuilt } from '#commands/page-build.ts';
import type { ReadingsResponse } from '#core/api.ts';
import { createSystemClock } from '#platform/clock/system-clock.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { silentLog } from '#platform/log.ts';
import { freePorts } from '#platform/net.ts';
import { against, say } from './figures.ts';
import { startScript } from './start-script.ts';

/** `zhishou start` on an empty state: until a live reading of the UPS and the page are there, and the memory ten seconds later. */
export interface StartUpFigures {
  readonly runs: number;
  /** The middle one of the runs. */
  readonly readingMs: number;
  readonly pageMs: number;
  /** Until `node -e 0` has ended: what any Node program pays. */
  readonly floorMs: number;
  readonly rssMb: number;
  readonly peakMb: number;
  readonly budgetMs: number;
  readonly budgetMb: number;
  readonly verdict: 'within' | 'over';
}

const RUNS = 3;
const BUDGET_MS = 3000;
const BUDGET_MB = 200;
const SETTLED_MS = 10_000;
const GIVE_UP_MS = 60_000;
const TCP_PORTS = [
  'ZHISHOU_HTTP_PORT',
  'ZHISHOU_MQTT_PORT',
  'ZHISHOU_SMTP_PORT',
  'ZHISHOU_WEBHOOK_PORT',
  'SIM_SERVER_1_PORT',
  'SIM_SERVER_2_PORT',
  'SIM_SERVER_3_PORT',
  'SIM_ARRAY_1_PORT',
  'SIM_SWITCH_1_PORT',
  'SIM_BMC_1_PORT',
];
const UDP_PORTS = ['ZHISHOU_TRAP_PORT', 'SIM_UPS_1_PORT', 'SIM_AC_1_PORT', 'SIM_PDU_1_PORT'];

export async function measureStartUp(): Promise<StartUpFigures> {
  if (!isPageBuilt() && !(await buildPage(createSystemClock(), silentLog))) throw new Error('the page cannot be built');
  const floor: number[] = [];
  const starts: Start[] = [];
  for (let run = 0; run < RUNS; run++) {
    floor.push(await bareNode());
    starts.push(await startOnce(run === RUNS - 1));
  }
  const readingMs = middle(starts.map((start) => start.readingMs));
  const last = starts.at(-1);
  return {
    runs: RUNS,
    readingMs,
    pageMs: middle(starts.map((start) => start.pageMs)),
    floorMs: middle(floor),
    rssMb: last?.rssMb ?? Number.NaN,
    peakMb: last?.peakMb ?? Number.NaN,
    budgetMs: BUDGET_MS,
    budgetMb: BUDGET_MB,
    verdict: readingMs <= BUDGET_MS && (last?.rssMb ?? Infinity) <= BUDGET_MB ? 'within' : 'over',
  };
}

const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

async function bareNode(): Promise<number> {
  const from = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  return performance.now() - from;
}

interface Start {
  readonly readingMs: number;
  readonly pageMs: number;
  readonly rssMb: number;
  readonly peakMb: number;
}

async function startOnce(settle: boolean): Promise<Start> {
  const state = makeTemporaryFolder('zhishou-bench-start-');
  const ports = await freeVariables();
  const port = ports.ZHISHOU_HTTP_PORT ?? '0';
  const { variables, words } = startScript();
  const from = performance.now();
  const child = spawn(process.execPath, [...words, '--state', state.path, '--port', port], {
    cwd: PROJECT_ROOT,
    env: { ...process.env, ...variables, ...ports },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  try {
    const alive = (): void => {
      if (child.exitCode !== null) throw new Error(`zhishou start ended with ${child.exitCode}`);
    };
    const [readingMs, pageMs] = await Promise.all([
      until(from, alive, () => hasReading(port)),
      until(from, alive, () => hasPage(port)),
    ]);
    if (settle) await wait(SETTLED_MS);
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    return { readingMs, pageMs, rssMb: megabytes(status, 'VmRSS'), peakMb: megabytes(status, 'VmHWM') };
  } finally {
    child.kill('SIGTERM');
    await ended;
    state.remove();
  }
}

/** `VmRSS:   123456 kB`. */
const megabytes = (status: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) / 1024;

async function until(from: number, alive: () => void, holds: () => Promise<boolean>): Promise<number> {
  while (!(await holds().catch(() => false))) {
    alive();
    if (performance.now() - from > GIVE_UP_MS) throw new Error('zhishou start was not ready within a minute');
    await wait(5);
  }
  return performance.now() - from;
}

async function hasReading(port: string): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/readings/latest?device=ups-1`);
  const { readings } = (await response.json()) as ReadingsResponse;
  return readings.some(({ quality }) => quality === 'good');
}

async function hasPage(port: string): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/`);
  return response.ok && (await response.text()).includes('<div id="app"');
}

async function freeVariables(): Promise<Record<string, string>> {
  const tcp = await freePorts(TCP_PORTS.length);
  const udp = await Promise.all(UDP_PORTS.map(freeUdpPort));
  return Object.fromEntries([
    ...TCP_PORTS.map((name, place) => [name, String(tcp[place])]),
    ...UDP_PORTS.map((name, place) => [name, String(udp[place])]),
  ]);
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

export function tellStartUp(figures: StartUpFigures): void {
  const { readingMs, pageMs, rssMb, budgetMs, budgetMb } = figures;
  say(`zhishou start, page already built, the middle of ${figures.runs} runs`);
  say(
    `  first good reading of ups-1  ${readingMs.toFixed(0)} ms; budget ${budgetMs} ms: ${against(readingMs, budgetMs)}`,
  );
  say(`  the page's index             ${pageMs.toFixed(0)} ms; budget ${budgetMs} ms: ${against(pageMs, budgetMs)}`);
  say(`  floor: node -e 0             ${figures.floorMs.toFixed(0)} ms (×${(readingMs / figures.floorMs).toFixed(1)})`);
  say(`  memory after 10 s            ${rssMb.toFixed(0)} MB; budget ${budgetMb} MB: ${against(rssMb, budgetMb)}`);
  say(`  highest so far               ${figures.peakMb.toFixed(0)} MB`);
}
