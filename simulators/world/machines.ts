import { noteFault } from './note-fault.ts';
import type { MachinePlan, MachineState, MachineWorld, Running } from './state.ts';
import { type BackupEvent, record, type Transition } from './truth.ts';

/** Servers, arrays, switches, displays: what power, orders and time do to them. */

/** The network goes first when a machine shuts down: its services are gone after this share of the time. */
const PORT_CLOSES_AFTER = 0.6;
/** A file system check after a crash makes the boot so much longer. */
const BOOT_AFTER_CRASH = 1.5;
/** A slow shutdown takes so many times its ordinary time. */
const SLOWER = 8;
/** A machine that stands still goes on drawing this share. */
const HUNG_SHARE = 0.8;
const MOST_BACKUPS = 50;

export const planOf = (running: Running, index: number): MachinePlan => at(running.plan.machines, index);
export const machineOf = (running: Running, index: number): MachineWorld => at(running.world.machines, index);

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`the world has no machine ${index}`);
  return item;
}

/** Watts at its plug. */
export function machineWatts(plan: MachinePlan, machine: MachineWorld): number {
  if (!machine.powered) return 0;
  const watts = plan.spec.watts;
  switch (machine.state) {
    case 'running':
      return machine.backup === null ? watts.running : (watts.busy ?? watts.running);
    case 'stopping':
      return watts.running * 0.9;
    case 'starting':
      return watts.starting ?? watts.running;
    case 'crashed':
      return machine.hung ? watts.running * HUNG_SHARE : watts.off;
    default:
      return watts.off;
  }
}

/** Its port opens (TCP); what it says then is another matter. */
export const isReachable = (machine: MachineWorld): boolean =>
  machine.powered &&
  machine.fault !== 'silent' &&
  (machine.state === 'running' || (machine.state === 'stopping' && !machine.portClosed));

/** A length of time with the device's own spread, the same for the same world and seed. */
export function drawMs(running: Running, index: number, typicalMs: number, spread: number): number {
  const machine = machineOf(running, index);
  machine.draws++;
  const unit = running.random.fork(`${machine.id}/${machine.draws}`).next();
  return Math.round(typicalMs * (1 + spread * (2 * unit - 1)));
}

function change(
  running: Running,
  index: number,
  to: MachineState,
  nowMs: number,
  cause: Transition['cause'],
  dataLoss = false,
): void {
  const machine = machineOf(running, index);
  record(running.world.truth, running.world.truth.transitions, {
    at: nowMs,
    device: machine.id,
    from: machine.state,
    to,
    cause,
    dataLoss,
    beyondReach: machine.hung || UNREACHABLE.has(machine.fault),
    softReach: planOf(running, index).hasBmc && machine.bmc === 'none' && !machine.hung,
  });
  machine.state = to;
  machine.sinceAt = nowMs;
  machine.endsAt = null;
  machine.portClosesAt = null;
  machine.portClosed = false;
  machine.hung = false;
  running.revision++;
}

const UNREACHABLE: ReadonlySet<string> = new Set(['login-refused', 'silent', 'ssh-hangs']);

/** Its supply came or went. */
export function setPowered(running: Running, index: number, powered: boolean, nowMs: number): void {
  const machine = machineOf(running, index);
  if (machine.powered === powered) return;
  machine.powered = powered;
  running.revision++;
  record(running.world.truth, running.world.truth.supply, { at: nowMs, device: machine.id, powered });
  if (powered) {
    if (planOf(running, index).spec.restore_on_power) beginBoot(running, index, nowMs, 'power');
    else if (machine.state === 'crashed') change(running, index, 'off', nowMs, 'power');
    return;
  }
  fallDark(running, index, nowMs, 'power');
}

/** Its supply goes, or its controller cuts it hard, or it is too hot: whatever it does ends here. */
export function fallDark(running: Running, index: number, nowMs: number, cause: Transition['cause']): void {
  const machine = machineOf(running, index);
  endBackup(running, index, nowMs, 'interrupted');
  machine.bootedAt = null;
  if (machine.state === 'off') return;
  if (machine.state === 'crashed') {
    machine.hung = false;
    return;
  }
  // A shutdown that hangs does so after its services have ended and the disks are clean.
  const dataLoss =
    planOf(running, index).holdsData &&
    (machine.state === 'running' || (machine.state === 'stopping' && !machine.hung));
  change(running, index, dataLoss ? 'crashed' : 'off', nowMs, cause, dataLoss);
}

/** It stops by itself (a kernel's panic): powered, drawing, answering nothing. */
export function crash(running: Running, index: number, nowMs: number): void {
  const machine = machineOf(running, index);
  if (machine.state !== 'running' && machine.state !== 'starting') return;
  endBackup(running, index, nowMs, 'interrupted');
  change(running, index, 'crashed', nowMs, 'self');
  machine.hung = true;
  machine.bootedAt = null;
}

/** Starts a machine that is off and has power. */
export function beginBoot(running: Running, index: number, nowMs: number, cause: Transition['cause']): void {
  const machine = machineOf(running, index);
  const spec = planOf(running, index).spec;
  const slower = machine.state === 'crashed' ? BOOT_AFTER_CRASH : 1;
  change(running, index, 'starting', nowMs, cause);
  const takesMs = drawMs(running, index, spec.boot.typical * slower, spec.boot.spread);
  if (machine.fault === 'boot-fails') {
    machine.fault = 'none';
    machine.hung = true;
    noteFault(running, 'fault', machine.id, '', nowMs);
  } else machine.endsAt = nowMs + takesMs;
}

/** Told to shut down. True when it begins; false when it is already on its way or off. */
export function beginShutdown(running: Running, index: number, nowMs: number): boolean {
  const machine = machineOf(running, index);
  const spec = planOf(running, index).spec;
  if (machine.state !== 'running' || spec.shutdown === undefined) return false;
  endBackup(running, index, nowMs, 'interrupted');
  change(running, index, 'stopping', nowMs, 'order');
  const slow = machine.fault === 'shutdown-slow';
  const takesMs = drawMs(running, index, spec.shutdown.typical * (slow ? SLOWER : 1), spec.shutdown.spread);
  const hangs = machine.fault === 'shutdown-hangs';
  if (slow || hangs) {
    machine.fault = 'none';
    noteFault(running, 'fault', machine.id, '', nowMs);
  }
  if (hangs) {
    machine.hung = true;
    return true;
  }
  machine.endsAt = nowMs + takesMs;
  machine.portClosesAt = nowMs + Math.round(takesMs * PORT_CLOSES_AFTER);
  return true;
}

/** Told to back up under this run's id. A run that hangs gives way to a new one; one that gets on does not. */
export function beginBackup(running: Running, index: number, runId: string, nowMs: number): 'started' | 'busy' {
  const machine = machineOf(running, index);
  const spec = planOf(running, index).spec.backup;
  if (machine.state !== 'running' || spec === undefined) return 'busy';
  if (machine.backup !== null) {
    if (!machine.backupHung) return 'busy';
    endBackup(running, index, nowMs, 'interrupted');
  }
  const takesMs = drawMs(running, index, spec.typical, spec.spread);
  const chance = running.random.fork(`${machine.id}/fails/${machine.draws}`).next();
  const hangs = machine.fault === 'backup-hangs';
  const willFail = machine.fault === 'backup-fails' || chance < planOf(running, index).spec.backup_fails;
  if (hangs || machine.fault === 'backup-fails') {
    machine.fault = 'none';
    noteFault(running, 'fault', machine.id, '', nowMs);
  }
  machine.backup = {
    run: runId,
    startedAt: nowMs,
    // One that fails does so in the middle.
    endsAt: hangs ? null : nowMs + (willFail ? Math.round(takesMs / 2) : takesMs),
    willFail,
  };
  machine.backupHung = hangs;
  tellBackup(running, machine.id, runId, hangs ? 'hung' : 'started', nowMs);
  running.revision++;
  return 'started';
}

function tellBackup(running: Running, device: string, runId: string, what: BackupEvent['what'], nowMs: number): void {
  record(running.world.truth, running.world.truth.backups, { at: nowMs, device, run: runId, what });
}

/** Ends the running job and keeps its record. */
export function endBackup(
  running: Running,
  index: number,
  nowMs: number,
  result: 'complete' | 'failed' | 'interrupted',
): void {
  const machine = machineOf(running, index);
  const job = machine.backup;
  if (job === null) return;
  const mark = running.random.fork(`${machine.id}/backup/${machine.draws}`);
  machine.backups.push({
    run: job.run,
    startedAt: job.startedAt,
    endedAt: nowMs,
    result,
    bytes: Math.round((nowMs - job.startedAt) * mark.between(60_000, 90_000)),
    digest: Array.from({ length: 8 }, () => mark.integer(0, 0xffffffff).toString(16).padStart(8, '0')).join(''),
  });
  if (machine.backups.length > MOST_BACKUPS) machine.backups.shift();
  machine.backup = null;
  machine.backupHung = false;
  tellBackup(running, machine.id, job.run, result, nowMs);
  running.revision++;
}

/** The next moment at which this machine changes by itself. */
export function machineEventAt(machine: MachineWorld): number {
  let next = machine.endsAt ?? Number.POSITIVE_INFINITY;
  if (machine.portClosesAt !== null && machine.portClosesAt < next) next = machine.portClosesAt;
  if (machine.backup !== null && machine.backup.endsAt !== null && machine.backup.endsAt < next)
    next = machine.backup.endsAt;
  return next;
}

/** Does what is due. */
export function runMachineEvents(running: Running, index: number, nowMs: number): void {
  const machine = machineOf(running, index);
  if (machine.backup !== null && machine.backup.endsAt !== null && machine.backup.endsAt <= nowMs)
    endBackup(running, index, nowMs, machine.backup.willFail ? 'failed' : 'complete');
  if (machine.portClosesAt !== null && machine.portClosesAt <= nowMs) {
    machine.portClosesAt = null;
    machine.portClosed = true;
    running.revision++;
  }
  if (machine.endsAt === null || machine.endsAt > nowMs) return;
  if (machine.state === 'starting') {
    change(running, index, 'running', nowMs, 'self');
    machine.bootedAt = nowMs;
  } else if (machine.state === 'stopping') {
    change(running, index, 'off', nowMs, 'self');
    machine.bootedAt = null;
  }
}
