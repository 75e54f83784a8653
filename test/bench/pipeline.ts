import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as realSleep } from 'node:timers/promises';
import { PORT_VARIABLES, PROJECT_ROOT } from '#commands/configuration.ts';
import { type Instant, instant } from '#core/time.ts';
import { makeTemporaryFolder } from '#platform/environment.ts';
import { freePorts } from '#platform/net.ts';
import { openEmbeddedStore } from '#platform/series/embedded/embedded-store.ts';
import { against, say } from './figures.ts';
import { cpuOf, load, type Peer, startPrometheus, startSnmpExporter } from './peers.ts';
import { exporterConfig, POINTS, prometheusConfig, writeOurConfig } from './pipeline-config.ts';
import { startScript } from './start-script.ts';

/**
 * A reading's whole way, from the agent into the store: the whole service (collector, rules, page, history) beside
 * prometheus-snmp-exporter and Prometheus, on the same simulated agents at the same time. CPU is what the kernel says of each
 * process. Each device is asked every second: a hundred so are as many polls as a thousand every ten seconds.
 */
const BUDGET_US = 5;
const BUDGET_CORES = 0.5;

export interface PipelineOptions {
  readonly devices: number;
  readonly everyS: number;
  readonly measureS: number;
}

export interface PipelineFigures extends PipelineOptions {
  readonly ourReadings: number;
  readonly ourCpuS: number;
  readonly theirReadings: number;
  readonly exporterCpuS: number;
  readonly prometheusCpuS: number;
}

/** What starts up, compiles and opens is not the way of a reading. */
const WARM_UP_S = 30;

export async function measurePipeline(options: PipelineOptions): Promise<PipelineFigures> {
  const folder = makeTemporaryFolder('zhishou-bench-pipeline-');
  const stops: (() => unknown)[] = [() => folder.remove()];
  try {
    const ports = await freeUdpPorts(options.devices);
    const agents = fork(join(import.meta.dirname, 'pipeline-agents.ts'), ports.map(String));
    stops.push(() => end(agents, 'SIGKILL'));
    await once(agents, 'message');
    const ours = await startOurs(folder.path, ports, options.everyS);
    stops.push(() => end(ours, 'SIGKILL'));
    const exporter = await startSnmpExporter(exporterConfig());
    if (exporter !== null) stops.push(exporter.stop);
    const prometheus =
      exporter === null
        ? null
        : await startPrometheus(prometheusConfig(ports, options.everyS, new URL(exporter.url).host));
    if (prometheus !== null) stops.push(prometheus.stop);

    await realSleep(1000 * WARM_UP_S);
    const peers = [exporter, prometheus];
    const [from, before] = [instant(Date.now()), cpuNow(ours, peers)];
    await realSleep(1000 * options.measureS);
    const [to, after] = [instant(Date.now()), cpuNow(ours, peers)];
    const theirReadings = prometheus === null ? 0 : await scraped(prometheus, from, to);
    await end(ours, 'SIGTERM');
    const [ourCpuS = 0, exporterCpuS = 0, prometheusCpuS = 0] = after.map((value, i) => value - (before[i] ?? 0));
    const ourReadings = await kept(join(folder.path, 'state', 'series.sqlite'), from, to);
    return { ...options, ourReadings, ourCpuS, theirReadings, exporterCpuS, prometheusCpuS };
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

const cpuNow = (ours: ChildProcess, peers: readonly (Peer | null)[]): number[] => [
  cpuOf(ours.pid ?? 0),
  ...peers.map((peer) => peer?.cpuS() ?? 0),
];

/** freePorts asks for TCP; a port of UDP is free with it on a machine that uses neither. */
const freeUdpPorts = (count: number): Promise<readonly number[]> => freePorts(count);

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** `zhishou start`, as a person starts it. */
async function startOurs(folder: string, ports: readonly number[], everyS: number): Promise<ChildProcess> {
  const config = makeTemporaryFolder('zhishou-bench-config-');
  try {
    writeOurConfig(config.path, ports, everyS);
    const own = await freePorts(PORT_VARIABLES.length);
    const variables = Object.fromEntries(PORT_VARIABLES.map((name, i) => [name, String(own[i])]));
    const script = startScript();
    const words = [...script.words, '--config', config.path, '--state', join(folder, 'state')];
    const child = spawn(process.execPath, words, {
      cwd: PROJECT_ROOT,
      env: { ...process.env, ...script.variables, ...variables, NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const printed: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      printed.push(line);
      if (/Ctrl-C/.test(line)) {
        child.stdout.resume();
        return child;
      }
    }
    throw new Error(`zhishou start ended before it was ready:\n${printed.join('\n')}`);
  } finally {
    config.remove();
  }
}

/** Readings in our store of that time. */
async function kept(file: string, from: Instant, to: Instant): Promise<number> {
  const store = openEmbeddedStore(file);
  try {
    let count = 0;
    for (const { device, point } of await store.series()) {
      if (!point.endsWith('.temperature')) continue;
      for (let at = from; at < to; ) {
        const samples = await store.raw({ device, point, from: at, to });
        count += samples.length;
        const last = samples.at(-1);
        if (last === undefined) break;
        at = instant(last.at + 1);
      }
    }
    return count;
  } finally {
    await store.close();
  }
}

/** Samples of the thirty points that Prometheus has of that time. One metric after the other: counted together they lose their names. */
async function scraped(prometheus: Peer, from: Instant, to: Instant): Promise<number> {
  const window = Math.round((to - from) / 1000);
  let count = 0;
  for (let point = 1; point <= POINTS; point++) {
    const query = `sum(count_over_time(bench_${point}[${window}s]))`;
    const body = new URLSearchParams({ query, time: String(to / 1000) });
    const answer = await fetch(`${prometheus.url}/api/v1/query`, { method: 'POST', body });
    const { data, error } = (await answer.json()) as {
      data?: { result: { value: [number, string] }[] };
      error?: string;
    };
    if (data === undefined) throw new Error(`Prometheus: ${error}`);
    count += Number(data.result[0]?.value[1] ?? 0);
  }
  return count;
}

export function tellPipeline(figures: PipelineFigures): void {
  const { devices, everyS, measureS, ourReadings, ourCpuS, theirReadings, exporterCpuS, prometheusCpuS } = figures;
  const asked = (devices * POINTS * measureS) / everyS;
  const ours = (1e6 * ourCpuS) / ourReadings;
  const theirs = (1e6 * (exporterCpuS + prometheusCpuS)) / theirReadings;
  const cores = ourCpuS / measureS;
  const rate = (devices * POINTS) / everyS;
  say(
    `pipeline · load ${load()} · ${devices} agents × ${POINTS} points every ${everyS} s for ${measureS} s (${rate} readings/s)`,
  );
  say(
    `  ours                ${ourReadings} of ${asked} readings   ${ours.toFixed(2)} CPU s a million = µs a reading, budget ${BUDGET_US}: ${against(ours, BUDGET_US)}`,
  );
  if (theirReadings > 0) {
    say(
      `  exporter + Prometheus  ${theirReadings} of ${asked} readings   ${theirs.toFixed(2)} (${((1e6 * exporterCpuS) / theirReadings).toFixed(2)} + ${((1e6 * prometheusCpuS) / theirReadings).toFixed(2)})   ${(theirs / ours).toFixed(2)}× ours`,
    );
  } else say('  Debian’s prometheus-snmp-exporter and prometheus are not installed: nothing to compare with');
  const scaled = (cores * 3000) / rate;
  say(
    `  ${cores.toFixed(3)} cores; ${rate === 3000 ? 'this is the rate of' : 'in proportion, for'} 1,000 devices × 30 points every 10 s: ${scaled.toFixed(3)}, budget ${BUDGET_CORES}: ${against(scaled, BUDGET_CORES)}`,
  );
}
