import type { ReceivedCommand, Truth } from '../world/truth.ts';
import { clockTime, deviceAt, type Evidence, outagesOf, type Verdict, verdict } from './evidence.ts';

/**
 * I4: each irreversible command reaches a device at most once per verified failure. A command that met a state already
 * reached or under way was one too many; so was a second backup after a complete one. A backup ordered again under its own
 * run's id is the same command asked after, not a second one: the device knows the id.
 */
export function checkOnce(evidence: Evidence): Verdict {
  const { truth } = evidence;
  const wrong = [...repeatedShutdowns(truth), ...repeatedOutlets(evidence), ...repeatedBackups(truth)];
  if (truth.dropped > 0) wrong.push(`${truth.dropped} entries of the world's log were lost: it cannot be judged`);
  return verdict(
    'I4',
    wrong,
    `${truth.commands.length} commands received, none of them twice without a failure between`,
  );
}

const name = (command: ReceivedCommand): string =>
  `${command.command}${command.detail === '' ? '' : ` ${command.detail}`} of ${command.device} at ${clockTime(command.at)}`;

/** Told to shut down while it was shutting down or off. One that hangs (its way down never ends) was a failure: once more is fair. */
function repeatedShutdowns(truth: Truth): string[] {
  const wrong: string[] = [];
  const shutdowns = truth.commands.filter((one) => one.command === 'shutdown');
  for (const command of shutdowns) {
    if (command.effect === 'accepted') continue;
    const before = shutdowns.filter((one) => one.device === command.device && one.at < command.at);
    const tries = before.length - before.findLastIndex((one) => one.effect === 'accepted');
    if (command.state === 'stopping' && tries === 1 && hung(truth, command)) continue;
    wrong.push(`${name(command)} came while it was ${command.state}`);
  }
  return wrong;
}

/** It was on its way down, and only the loss of its power ended that, if anything. */
function hung(truth: Truth, command: ReceivedCommand): boolean {
  const ended = truth.transitions.find((one) => one.device === command.device && one.at > command.at);
  return ended === undefined || ended.beyondReach;
}

/**
 * Switched when so already. Two cases are fair: the last resort of a shutdown cut the outlet under a machine that ran, and the
 * plan's own power-off came after; and a machine that was started and did not come up is started once more.
 */
function repeatedOutlets(evidence: Evidence): string[] {
  const { truth } = evidence;
  const wrong: string[] = [];
  for (const [index, command] of truth.commands.entries()) {
    if (command.effect !== 'redundant' || command.command === 'backup' || command.command === 'shutdown') continue;
    const same = truth.commands
      .slice(0, index)
      .filter((one) => one.device === command.device && one.detail === command.detail);
    const cut = same.findLastIndex((one) => one.command === 'outlet-off' && one.effect === 'accepted');
    const resort = cut >= 0 && same[cut]?.state !== 'off' && same.length === cut + 1;
    if (command.command === 'outlet-off' && resort) continue;
    if (command.command === 'outlet-on' && failedStart(evidence, command, same.at(-1))) continue;
    wrong.push(`${name(command)} was so already`);
  }
  return wrong;
}

/**
 * Starting takes nothing away, so after a failure it may be ordered again: of a machine that has a `start`, when it had its
 * estimated time since the order before and is not up, or is up where nobody can reach it.
 */
function failedStart(
  { truth, config }: Evidence,
  command: ReceivedCommand,
  last: ReceivedCommand | undefined,
): boolean {
  const device = deviceAt(config.devices, command.device, command.detail);
  if (device?.start === undefined || last?.command !== 'outlet-on') return false;
  if (command.at - last.at < device.start.estimate) return false;
  const up = truth.transitions.findLast((one) => one.device === device.id && one.at <= command.at);
  return command.state !== 'running' || up?.beyondReach === true;
}

function repeatedBackups(truth: Truth): string[] {
  const wrong: string[] = [];
  const outages = outagesOf(truth);
  for (const command of truth.commands) {
    if (command.command !== 'backup' || command.effect === 'redundant') continue;
    const since = outages.findLast((one) => one.lostAt <= command.at)?.lostAt ?? 0;
    const complete = truth.backups.some(
      (one) => one.device === command.device && one.what === 'complete' && one.at >= since && one.at < command.at,
    );
    if (complete) wrong.push(`${name(command)} came after a complete one`);
    else if (command.effect === 'refused' && command.state === 'running')
      wrong.push(`${name(command)} met another run that was under way`);
  }
  return wrong;
}
