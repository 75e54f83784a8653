import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { messageOf } from '#core/errors.ts';
import type { Cancel, Clock, Log } from '#core/ports.ts';
import { type Duration, milliseconds, seconds } from '#core/time.ts';
import type { LeaseTable } from './lease-table.ts';
import { silentLog } from './log.ts';

/**
 * Two instances never act on one site at once (EMERGENCY.md): the one with the lease acts, the others stand by.
 *
 * The holder shows life by counting up `beat`. A stand-by takes over when the same beat has stood still for `ttl` of its
 * own monotonic clock: no instant of one machine is ever compared with another's, and setting a wall clock moves nothing.
 * When the holder's process is known to be gone (same host, pid and start time no longer there: after a kill or a reboot)
 * nobody waits. A holder that cannot reach the table for `ttl` considers the lease lost; one that was merely late keeps it if
 * nobody took it. Whoever wakes up after a take-over is kept from acting by the journal's fence, before it learns of its loss.
 */
export interface Lease {
  readonly held: boolean;
  readonly holder: string;
  /** Gives the lease back, so that a stand-by need not wait. */
  stop(): Promise<void>;
}

export interface LeaseOptions {
  readonly table: LeaseTable;
  /** Real time, also where the services run on a paced clock: this is about processes. */
  readonly clock: Clock;
  readonly onHeld: (holder: string) => void;
  /** Stop acting now. Nothing can be recorded any more by a fenced journal. */
  readonly onLost: (reason: string) => void;
  readonly log?: Log;
  readonly ttl?: Duration;
  readonly holder?: string;
  readonly process?: string;
  /** Is the process of a lease row still there? `unknown` for another host. */
  readonly isAlive?: (process: string) => 'alive' | 'gone' | 'unknown';
}

const DEFAULT_TTL = seconds(15);

/** Tries at once, so a lone instance holds it when this returns; then it keeps or awaits it. */
export function createLease(options: LeaseOptions): Lease {
  const { table, clock } = options;
  const log = options.log ?? silentLog;
  const ttl = options.ttl ?? DEFAULT_TTL;
  const every = milliseconds(ttl / 4);
  const holder = options.holder ?? randomUUID();
  const ownProcess = options.process ?? describeProcess();
  const isAlive = options.isAlive ?? isProcessAlive;
  let held = false;
  let stopped = false;
  let shownLifeAt = clock.monotonic();
  let seen: { row: string; since: Duration } | null = null;
  let cancel: Cancel = () => {};

  const lose = (reason: string): void => {
    held = false;
    seen = null;
    log.error({ holder, reason }, 'this instance no longer has the lease of the site and stops acting');
    options.onLost(reason);
  };
  const keep = (): void => {
    // Late or not: while nobody has taken the lease it is still this instance's, and a fenced journal cannot be wrong about it.
    if (table.beat(holder)) shownLifeAt = clock.monotonic();
    else lose('another instance took it');
  };
  const attempt = (): void => {
    const row = table.read();
    const state = row === null ? 'free' : `${row.holder} ${row.beat}`;
    if (seen?.row !== state) seen = { row: state, since: clock.monotonic() };
    const gone = row !== null && isAlive(row.process) === 'gone';
    const stoodStill = clock.monotonic() - seen.since >= ttl;
    if (row !== null && !gone && !stoodStill) return;
    if (!table.take(holder, ownProcess, row)) return;
    held = true;
    shownLifeAt = clock.monotonic();
    log.info({ holder, before: row?.holder ?? null, gone, stoodStill }, 'this instance has the lease of the site');
    options.onHeld(holder);
  };
  const turn = (): void => {
    if (stopped) return;
    try {
      if (held) keep();
      else attempt();
    } catch (error) {
      log.error({ err: error }, 'the lease of the site cannot be reached');
      if (held && clock.monotonic() - shownLifeAt > ttl) lose(messageOf(error));
    }
    cancel = clock.after(every, turn);
  };
  turn();
  if (!held) log.warn({ holder, by: table.read()?.holder ?? null }, 'another instance has the lease; standing by');
  return {
    get held() {
      return held;
    },
    holder,
    async stop() {
      if (stopped) return;
      stopped = true;
      cancel();
      if (held) table.release(holder);
      held = false;
    },
  };
}

/** `host pid start-time`: the start time (field 22 of /proc/pid/stat, proc(5)) tells a reused pid from the old process. */
function describeProcess(): string {
  return `${hostname()} ${process.pid} ${startOf(process.pid) ?? '?'}`;
}

function isProcessAlive(described: string): 'alive' | 'gone' | 'unknown' {
  const [host, pid, start] = described.split(' ');
  if (host !== hostname() || start === '?' || startOf(process.pid) === null) return 'unknown';
  return startOf(Number(pid)) === start ? 'alive' : 'gone';
}

function startOf(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    // The program's name in brackets may hold spaces; fields are counted after it.
    const start = text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
    return start === undefined ? null : `${bootId}/${start}`;
  } catch {
    return null;
  }
}
