import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { runService } from '../support/running-service.ts';
import { against, say } from './figures.ts';
import type { ClientCounts } from './walls-clients.ts';

/** 200 wall pages at once: what they cost the service beyond what it does anyway, as a share of one core. */
export interface WallsFigures {
  readonly room: string;
  readonly pages: number;
  /** Shares of a core: with nobody there, and with all pages following. */
  readonly idle: number;
  readonly busy: number;
  readonly budget: number;
  readonly share: number;
  /** Until every page had begun, and the service's CPU for it. */
  readonly joinMs: number;
  readonly joinCpuMs: number;
  readonly bytesAPageS: number;
  readonly eventsS: number;
  readonly lost: number;
  readonly rssMb: number;
  readonly idleRssMb: number;
}

const PROCESSES = 2;
const BUDGET = 0.5;
/** The kernel counts CPU in these. */
const TICKS_A_SECOND = 100;

export async function measureWalls(options: {
  readonly pages: number;
  readonly measureS: number;
  readonly plain: boolean;
}): Promise<readonly WallsFigures[]> {
  const sample = await runService();
  let figures: WallsFigures[];
  try {
    figures = [await measureRoom('the sample room', sample.url, sample.pid, options)];
  } finally {
    await sample.stop();
  }
  for (const [room, words] of [
    ['1,000 devices, 2 points changing each 10 s', ['--points', '2']],
    ['1,000 devices, 30 points changing each 10 s', []],
  ] as const) {
    const large = await startPart('walls-room.ts', words);
    try {
      figures.push(await measureRoom(room, large.first, large.child.pid ?? 0, options));
    } finally {
      await end(large.child);
    }
  }
  return figures;
}

async function measureRoom(
  room: string,
  url: string,
  pid: number,
  { pages, measureS, plain }: { readonly pages: number; readonly measureS: number; readonly plain: boolean },
): Promise<WallsFigures> {
  // What a start leaves to do is done.
  await wait(8000);
  const idle = await shareOfCore(pid, measureS);
  const idleRssMb = rssMb(pid);
  const parts: Part[] = [];
  try {
    const joinedFrom = performance.now();
    const cpuFrom = cpuMs(pid);
    const each = Math.ceil(pages / PROCESSES);
    for (let place = 0; place < PROCESSES; place++) {
      const words = ['--url', url, '--clients', String(each), '--from', String(1 + place * 100)];
      parts.push(await startPart('walls-clients.ts', plain ? [...words, '--plain'] : words));
    }
    while (sum(parts, ({ open }) => open) + sum(parts, ({ lost }) => lost) < each * PROCESSES) await wait(100);
    const joinMs = performance.now() - joinedFrom;
    const joinCpuMs = cpuMs(pid) - cpuFrom;
    await wait(3000);
    const before = { bytes: sum(parts, ({ bytes }) => bytes), events: eventsOf(parts) };
    const busy = await shareOfCore(pid, measureS);
    return {
      room,
      pages: sum(parts, ({ open }) => open),
      idle,
      busy,
      budget: BUDGET,
      share: busy - idle,
      joinMs,
      joinCpuMs,
      bytesAPageS: (sum(parts, ({ bytes }) => bytes) - before.bytes) / pages / measureS,
      eventsS: (eventsOf(parts) - before.events) / measureS,
      lost: sum(parts, ({ lost }) => lost),
      rssMb: rssMb(pid),
      idleRssMb,
    };
  } finally {
    for (const { child } of parts) await end(child);
  }
}

interface Part {
  readonly child: ChildProcess;
  /** The first line that it said. */
  readonly first: string;
  counts: ClientCounts;
}

async function startPart(file: string, words: readonly string[]): Promise<Part> {
  const child = spawn(process.execPath, [join(import.meta.dirname, file), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const [first] = (await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`${file} ended with ${code}`);
    }),
  ])) as [string];
  const part: Part = { child, first, counts: { open: 0, bytes: 0, events: {}, lost: 0 } };
  const take = (line: string): void => {
    if (line.startsWith('{')) part.counts = JSON.parse(line);
  };
  take(first);
  lines.on('line', take);
  return part;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

const sum = (parts: readonly Part[], of: (counts: ClientCounts) => number): number =>
  parts.reduce((total, { counts }) => total + of(counts), 0);

/** That the first page of the first process was told. */
const eventsOf = ([first]: readonly Part[]): number =>
  Object.values(first?.counts.events ?? {}).reduce((total, count) => total + count, 0);

/** CPU that the process has used, user and system. Fields 14 and 15 of /proc/PID/stat (proc(5)), behind the name in brackets. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_A_SECOND;
}

async function shareOfCore(pid: number, lengthS: number): Promise<number> {
  const [cpu, from] = [cpuMs(pid), performance.now()];
  await wait(lengthS * 1000);
  return (cpuMs(pid) - cpu) / (performance.now() - from);
}

const rssMb = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1024;

export function tellWalls(all: readonly WallsFigures[]): void {
  for (const one of all) {
    say(`${one.pages} wall pages following ${one.room}`);
    say(
      `  CPU of the service          ${one.share.toFixed(2)} of a core above the ${one.idle.toFixed(2)} without pages; budget ${one.budget}: ${against(one.share, one.budget)}`,
    );
    say(
      `  all pages begun             ${one.joinMs.toFixed(0)} ms after the first asked, ${one.joinCpuMs.toFixed(0)} ms of CPU`,
    );
    say(
      `  on the wire to each         ${(one.bytesAPageS / 1000).toFixed(1)} kB/s in ${one.eventsS.toFixed(1)} events a second`,
    );
    say(`  memory                      ${one.rssMb.toFixed(0)} MB, ${one.idleRssMb.toFixed(0)} without pages`);
    say(`  pages refused or cut off    ${one.lost}`);
  }
}
