import type { Device } from '#core/config/device.ts';
import type { Transition } from '../world/truth.ts';
import {
  clockTime,
  declaredNeedS,
  type Evidence,
  type Outage,
  outagesOf,
  remainingS,
  type Verdict,
  verdict,
  within,
} from './evidence.ts';

/**
 * I2: no device goes off before all that depend on it are off; a server with a backup step is backed up before it is shut
 * down whenever the time allowed it.
 */
export function checkOrder(evidence: Evidence): Verdict {
  return verdict(
    'I2',
    [...outOfOrder(evidence), ...withoutBackup(evidence)],
    'everything went off after what depends on it, backed up where there was time',
  );
}

type State = 'up' | 'off';

/** Everything that left `running` while something that depends on it was not off. Equal moments are one event (the UPS went off). */
function outOfOrder({ config, truth }: Evidence): string[] {
  const wrong: string[] = [];
  const state = new Map<string, State>();
  const log = truth.transitions;
  for (const [index, change] of log.entries()) {
    const leaves = change.from === 'running' && change.to !== 'starting';
    if (leaves) {
      for (const dependent of config.devices.filter((device) => device.depends_on.includes(change.device))) {
        if (!log.some((one) => one.device === dependent.id) && !known(truth.machines, dependent)) continue;
        const up = (state.get(dependent.id) ?? initial(log, truth.machines, dependent.id)) === 'up';
        const atOnce = log
          .slice(index + 1)
          .some((one) => one.at === change.at && one.device === dependent.id && isOff(one));
        if (up && !atOnce)
          wrong.push(`${change.device} went ${change.to} at ${clockTime(change.at)} while ${dependent.id} was not off`);
      }
    }
    state.set(change.device, isOff(change) ? 'off' : 'up');
  }
  return wrong;
}

const isOff = (change: Transition): boolean => change.to === 'off' || change.to === 'crashed';

const known = (machines: readonly { device: string }[], device: Device): boolean =>
  machines.some((one) => one.device === device.id);

/** Before its first change a machine was in the state that this change left, or is in the one it has now. */
function initial(
  log: readonly Transition[],
  machines: readonly { device: string; state: string }[],
  device: string,
): State {
  const from = log.find((one) => one.device === device)?.from ?? machines.find((one) => one.device === device)?.state;
  return from === 'off' || from === 'crashed' ? 'off' : 'up';
}

function withoutBackup(evidence: Evidence): string[] {
  const { config, truth } = evidence;
  const wrong: string[] = [];
  for (const outage of outagesOf(truth)) {
    for (const device of config.devices) {
      if (device.backup === undefined) continue;
      const down = truth.transitions.find(
        (one) =>
          one.device === device.id && one.from === 'running' && within(outage, one.at) && isOrdered(evidence, one),
      );
      if (down === undefined) continue;
      const events = truth.backups.filter(
        (one) => one.device === device.id && one.at >= outage.lostAt && one.at <= down.at,
      );
      if (events.some((one) => one.what === 'complete')) continue;
      const tried = events.filter((one) => one.what === 'started' || one.what === 'hung').length;
      const failed = events.filter((one) => one.what === 'failed' || one.what === 'hung').length;
      // Tried as often as the device allows, each time in vain: it may go down without.
      if (tried > 0 && failed >= Math.min(tried, device.backup.attempts) && failed >= tried) continue;
      if (waived(evidence, device.id) || tooLate(evidence, outage, down.at)) continue;
      wrong.push(`${device.id} went down at ${clockTime(down.at)} without a complete backup, though there was time`);
    }
  }
  return wrong;
}

/** Told to, or its outlet was switched off: not simply the end of the battery. */
const isOrdered = ({ truth }: Evidence, change: Transition): boolean =>
  change.cause === 'order' || truth.commands.some((one) => one.command === 'outlet-off' && one.at === change.at);

/** A person let it go without. */
const waived = ({ incidents }: Evidence, device: string): boolean =>
  incidents.some((view) =>
    view.steps.some((step) => step.device === device && step.operation === 'backup' && step.state === 'waived'),
  );

/** What was left then would not have held the rest of a backup and everything after it, the declared margin included. */
function tooLate({ config, truth }: Evidence, outage: Outage, atMs: number): boolean {
  if (outage.backAt !== null && atMs > outage.backAt) return false;
  // The first sample comes some seconds into an outage: what was left at the beginning is what it shows.
  const left = remainingS(truth, atMs) ?? truth.samples.find((sample) => sample.at >= atMs)?.remainingS ?? null;
  if (left === null) return false;
  return left < declaredNeedS(config.devices, true) + Math.max(180, left * 0.2);
}
