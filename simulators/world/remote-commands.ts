import type { Cancel, Clock } from '#core/ports.ts';
import { milliseconds } from '#core/time.ts';
import { isDown } from './links.ts';
import { isReachable, machineOf } from './machines.ts';
import { hashUnit } from './noise.ts';
import { orderBackup, orderShutdown } from './orders.ts';
import type { BackupRecord, Running } from './state.ts';

/**
 * The commands that a simulated server understands over SSH. A backup and a shutdown are jobs of the server: they go on when
 * the session that ordered them is gone.
 */
export interface RemoteTerminal {
  write(text: string, stream: 'out' | 'err'): void;
  exit(code: number): void;
  /** The server went away under the session. */
  lost(): void;
}

export interface RemoteSession {
  /** Would it take this login? `silent`: nothing answers. */
  login(): 'accepted' | 'refused' | 'silent';
  /** Runs one command; the result takes time on the room's clock. Cancel is the session's end, not the job's. */
  run(command: string, terminal: RemoteTerminal): Cancel;
}

export interface RemoteCommands {
  open(machine: number, over: string): RemoteSession;
  /** Looks at what is waited for; call after every change. */
  settle(): void;
}

type Act = <T>(change: (nowMs: number) => T) => T;

interface Waiter {
  readonly machine: number;
  readonly runId: string | null;
  readonly terminal: RemoteTerminal;
}

const RUN_ID = /^[A-Za-z0-9][A-Za-z0-9._:@/+-]{0,199}$/;
/** Exit codes of sysexits.h and the shell. */
const USAGE = 64;
const TEMPORARY = 75;
const NOT_FOUND = 127;
const TERMINATED = 143;

export function createRemoteCommands(running: Running, clock: Clock, act: Act): RemoteCommands {
  const waiters = new Set<Waiter>();
  const settle = (): void => {
    for (const waiter of [...waiters]) {
      const machine = machineOf(running, waiter.machine);
      if (!isReachable(machine)) {
        waiters.delete(waiter);
        waiter.terminal.lost();
        continue;
      }
      if (waiter.runId === null || machine.backup?.run === waiter.runId) continue;
      const done = machine.backups.findLast((one) => one.run === waiter.runId);
      if (done === undefined) continue;
      waiters.delete(waiter);
      tellBackup(done, waiter.terminal);
    }
  };
  const open = (machine: number, over: string): RemoteSession => ({
    login: () => {
      const state = machineOf(running, machine);
      if (!isReachable(state) || state.fault === 'ssh-hangs' || isDown(running, state.id)) return 'silent';
      return state.fault === 'login-refused' ? 'refused' : 'accepted';
    },
    run: (command, terminal) => {
      // Every session is lost with its server; a backup's also waits for its run.
      const waiter: Waiter = { machine, runId: backupRun(command), terminal };
      let cancelReply: Cancel = () => {};
      waiters.add(waiter);
      const reply = (afterMs: number, code: number, text: string, stream: 'out' | 'err'): void => {
        cancelReply = clock.after(milliseconds(afterMs), () => {
          if (!waiters.delete(waiter)) return;
          terminal.write(text, stream);
          terminal.exit(code);
        });
      };
      act((now) => begin({ running, machine, over, command, terminal, reply, now }));
      return () => {
        waiters.delete(waiter);
        cancelReply();
      };
    },
  });
  return { open, settle };
}

const backupRun = (command: string): string | null => /^zhishou-backup run (\S+)$/.exec(command.trim())?.[1] ?? null;

interface Beginning {
  readonly running: Running;
  readonly machine: number;
  readonly over: string;
  readonly command: string;
  readonly terminal: RemoteTerminal;
  readonly reply: (afterMs: number, code: number, text: string, stream: 'out' | 'err') => void;
  readonly now: number;
}

function begin(the: Beginning): void {
  const command = the.command.trim();
  const storage = machineOf(the.running, the.machine).kind === 'storage';
  const run = backupRun(command);
  const verify = /^zhishou-backup verify (\S+)$/.exec(command)?.[1];
  if (run !== null && !storage) beginRun(the, run);
  else if (verify !== undefined && !storage) beginVerify(the, verify);
  else if (command === (storage ? 'system shutdown --flush' : 'sudo shutdown -h now')) shutDown(the, storage);
  else if (command === 'uptime') the.reply(think(the, 120), 0, uptime(the), 'out');
  else the.reply(think(the, 80), NOT_FOUND, `sh: 1: ${command.split(' ')[0]?.slice(0, 80)}: not found\n`, 'err');
}

/** A server's reaction time: a little, and never quite the same. */
const think = (the: Beginning, ms: number): number =>
  Math.round(ms * (0.7 + 0.6 * hashUnit(`${the.machine}/${the.command}`, the.now)));

function beginRun(the: Beginning, run: string): void {
  if (!RUN_ID.test(run)) {
    the.reply(think(the, 100), USAGE, `zhishou-backup: "${run.slice(0, 80)}" is no run id\n`, 'err');
    return;
  }
  const machine = machineOf(the.running, the.machine);
  const effect = orderBackup(the.running, the.machine, run, the.over, the.now);
  if (effect === 'refused') {
    const why = machine.backup === null ? 'the system is going down' : `run ${machine.backup.run} is under way`;
    the.reply(think(the, 200), TEMPORARY, `zhishou-backup: ${why}\n`, 'err');
  } else if (machine.backup?.run === run) {
    // When the run is over already, settle() tells its result.
    the.terminal.write(`backup ${run}: ${effect === 'accepted' ? 'started' : 'joined, it is under way'}\n`, 'out');
  }
}

function tellBackup(done: BackupRecord, terminal: RemoteTerminal): void {
  if (done.result === 'complete') {
    terminal.write(`backup ${done.run}: complete, ${done.bytes} bytes, sha256 ${done.digest}\n`, 'out');
    terminal.exit(0);
  } else if (done.result === 'failed') {
    terminal.write(`backup ${done.run}: failed: write error on the backup store after ${done.bytes} bytes\n`, 'err');
    terminal.exit(1);
  } else {
    terminal.write(`backup ${done.run}: terminated\n`, 'err');
    terminal.exit(TERMINATED);
  }
}

function beginVerify(the: Beginning, run: string): void {
  const machine = machineOf(the.running, the.machine);
  const done = machine.backups.findLast((one) => one.run === run && one.result === 'complete');
  if (done !== undefined) {
    const text = JSON.stringify({
      run,
      finished: new Date(done.endedAt).toISOString(),
      bytes: done.bytes,
      sha256: done.digest,
    });
    the.reply(think(the, 900), 0, `${text}\n`, 'out');
    return;
  }
  const why = machine.backup?.run === run ? 'is not finished' : 'has no complete archive';
  the.reply(think(the, 400), 1, `zhishou-backup: run ${run.slice(0, 200)} ${why}\n`, 'err');
}

function shutDown(the: Beginning, storage: boolean): void {
  const effect = orderShutdown(the.running, the.machine, the.over, the.now);
  if (effect === 'accepted') {
    const text = storage ? 'cache flush started; the system will power off\n' : 'Shutdown scheduled: now.\n';
    the.reply(think(the, 300), 0, text, 'out');
    return;
  }
  the.reply(think(the, 200), 1, 'Failed to schedule shutdown: a shutdown is already in progress\n', 'err');
}

function uptime(the: Beginning): string {
  const machine = machineOf(the.running, the.machine);
  const minutes = Math.floor((the.now - (machine.bootedAt ?? the.now)) / 60_000);
  return ` up ${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}, load average: 0.42, 0.37, 0.31\n`;
}
