import type { Action, Device, Operation } from '#core/config/device.ts';
import type { ReceivedCommand } from '../world/truth.ts';
import { clockTime, deviceAt, type Evidence, received, type Verdict, verdict } from './evidence.ts';
import { isTroubled } from './shutdown-need.ts';
import { outagesOf } from './supply.ts';

/**
 * I4: each irreversible command reaches a device at most once per verified failure.
 *
 * Judged by the devices' own logs. A command that met a state already reached or under way was one too many, unless the one
 * before it had verifiably failed: the time after which this site counts a try as failed (`give_up_after`) had passed
 * without its effect, or the device hung. A backup ordered again under its own run's id is the same command asked after;
 * what the network brought twice nobody sent twice.
 */
export function checkOnce(evidence: Evidence): Verdict {
  const { truth } = evidence;
  const wrong = [...repeatedShutdowns(evidence), ...repeatedOutlets(evidence), ...repeatedBackups(evidence)];
  if (truth.dropped > 0) wrong.push(`${truth.dropped} entries of the world's log were lost: it cannot be judged`);
  return verdict(
    'I4',
    wrong,
    `${received({ truth }).length} commands received, none of them twice without a failure between`,
  );
}

const name = (command: ReceivedCommand): string =>
  `${command.command}${command.detail === '' ? '' : ` ${command.detail}`} of ${command.device} at ${clockTime(command.at)}`;

/** What somebody really sent, oldest first. */
const sent = ({ truth }: Evidence): readonly ReceivedCommand[] =>
  received({ truth }).filter((one) => one.retransmitted !== true);

const giveUpMs = (operation: Operation | undefined): number =>
  operation === undefined ? Number.POSITIVE_INFINITY : (operation.give_up_after ?? 3 * operation.estimate);

const SHUTTING: readonly string[] = ['shutdown', 'power-soft'];

/** Told to shut down while it was shutting down or off. One that hangs was a failure: once more is fair. */
function repeatedShutdowns(evidence: Evidence): string[] {
  const wrong: string[] = [];
  const shutdowns = sent(evidence).filter((one) => SHUTTING.includes(one.command));
  for (const command of shutdowns) {
    if (command.effect === 'accepted') continue;
    const before = shutdowns.filter((one) => one.device === command.device && one.at < command.at);
    const tries = before.length - before.findLastIndex((one) => one.effect === 'accepted');
    if (command.state === 'stopping' && tries === 1 && hung(evidence, command)) continue;
    const last = before.at(-1);
    // The one before was refused by the device, which is a failure that everybody has seen, or it had its time.
    const device = evidence.config.devices.find((one) => one.id === command.device);
    if (last !== undefined && (last.effect !== 'accepted' || command.at - last.at >= giveUpMs(device?.shutdown)))
      continue;
    if (command.state === 'crashed' || command.state === 'starting') continue;
    wrong.push(`${name(command)} came while it was ${command.state}`);
  }
  return wrong;
}

/** It was on its way down, and only the loss of its power ended that, if anything. */
function hung({ truth }: Evidence, command: ReceivedCommand): boolean {
  const ended = truth.transitions.find((one) => one.device === command.device && one.at > command.at);
  return ended === undefined || ended.beyondReach;
}

/**
 * Switched when so already. Fair are: the plan's own power-off after the last resort of a shutdown cut the outlet under a
 * machine that ran; and once more after the command before had its time and its effect was not seen.
 */
function repeatedOutlets(evidence: Evidence): string[] {
  const wrong: string[] = [];
  const commands = sent(evidence);
  for (const [index, command] of commands.entries()) {
    if (command.effect !== 'redundant' || (command.command !== 'outlet-off' && command.command !== 'outlet-on'))
      continue;
    const same = commands
      .slice(0, index)
      .filter((one) => one.device === command.device && one.detail === command.detail);
    const cut = same.findLastIndex((one) => one.command === 'outlet-off' && one.effect === 'accepted');
    const resort = cut >= 0 && same[cut]?.state !== 'off' && same.length === cut + 1;
    if (command.command === 'outlet-off' && resort) continue;
    if (command.command === 'outlet-on' && failedStart(evidence, command, same.at(-1))) continue;
    if (unproven(evidence, command, same.at(-1))) continue;
    wrong.push(`${name(command)} was so already`);
  }
  return wrong;
}

/**
 * Starting takes nothing away. A machine that has a `start` may be told to when it is not up (it may be on its way by itself), or
 * is up where nobody can reach it; and again after a failure, when it had its estimated time since the order before.
 */
function failedStart(evidence: Evidence, command: ReceivedCommand, last: ReceivedCommand | undefined): boolean {
  const { truth, config } = evidence;
  const device = deviceAt(config.devices, command.device, command.detail);
  if (device?.start === undefined) return false;
  if (last?.command === 'outlet-on' && command.at - last.at < device.start.estimate) return false;
  const up = truth.transitions.findLast((one) => one.device === device.id && one.at <= command.at);
  return command.state !== 'running' || up?.beyondReach === true || isTroubled(evidence, device, command.at);
}

/** The same command before had its time, and the network or the outlet kept its effect from being seen. */
function unproven(evidence: Evidence, command: ReceivedCommand, last: ReceivedCommand | undefined): boolean {
  const { config, truth } = evidence;
  if (last === undefined || last.command !== command.command) return false;
  const device = deviceAt(config.devices, command.device, command.detail);
  if (device === undefined) return false;
  const allowed = Math.min(...operationsWith(device, command).map(giveUpMs));
  const troubled = truth.faults.some(
    (one) =>
      (one.fault === 'network' || one.fault === 'outlet-stuck') &&
      one.at <= command.at &&
      (one.device === null || one.device === command.device || one.device === device.id),
  );
  return troubled && command.at - last.at >= Math.min(allowed, 3_600_000);
}

/** The operations of a device whose ways switch this outlet this way. */
function operationsWith(device: Device, command: ReceivedCommand): Operation[] {
  const control = command.command === 'outlet-off' ? 'outlet.off' : 'outlet.on';
  const uses = (action: Action): boolean =>
    'snmp_set' in action && action.snmp_set.control === control && action.snmp_set.device === command.device;
  return [device.shutdown, device.power_off, device.start, device.shed, device.restore, device.emergency_off].filter(
    (operation): operation is Operation => operation !== undefined && [operation.by, ...operation.otherwise].some(uses),
  );
}

function repeatedBackups(evidence: Evidence): string[] {
  const { truth } = evidence;
  const wrong: string[] = [];
  const outages = outagesOf(evidence);
  const backups = sent(evidence).filter((one) => one.command === 'backup');
  for (const command of backups) {
    if (command.effect === 'redundant') continue;
    const since = outages.findLast((one) => one.firstLostAt <= command.at)?.firstLostAt ?? 0;
    const done = truth.backups.find(
      (one) => one.device === command.device && one.what === 'complete' && one.at >= since && one.at < command.at,
    );
    const last = backups.findLast((one) => one.device === command.device && one.at < command.at);
    const device = evidence.config.devices.find((one) => one.id === command.device);
    const failed = last !== undefined && command.at - last.at >= giveUpMs(device?.backup);
    if (done !== undefined && !failed) wrong.push(`${name(command)} came after a complete one`);
    else if (command.effect === 'refused' && command.state === 'running' && !failed && last?.effect !== 'refused')
      wrong.push(`${name(command)} met another run that was under way`);
  }
  return wrong;
}
