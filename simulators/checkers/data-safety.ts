import { supplyRemainingS, type Transition } from '../world/truth.ts';
import { emergencyOff } from './emergency.ts';
import {
  actsFor,
  clockTime,
  cutOffS,
  type Evidence,
  kept,
  received,
  unforeseenS,
  type Verdict,
  verdict,
} from './evidence.ts';
import { fairStart } from './fair-start.ts';
import { isTroubled, shutdownNeedS } from './shutdown-need.ts';
import { outagesOf, threatenedSince, within } from './supply.ts';

/**
 * I1: no server or array loses power while running, whenever the time between detection and exhaustion was at least the time
 * that a bare shutdown needs.
 *
 * - What stopped by itself or of heat lost no power.
 * - What nobody could have shut down in order (it refused logins, was silent or hung) is excused, and with it what such a
 *   machine still needed when the power went (I2 forbids to take it away).
 * - *Detection*: when this machine's supply lost its mains, plus one poll and the confirmation that L2 demands (`DETECTION_S`).
 *   Time in which the monitor was dead, cut off or could not write does not count. I3 forbids to begin hours ahead: what was
 *   usable is counted from the moment at which it let the sequence begin, when the whole network went away after that.
 * - *Exhaustion*: when its supply really went.
 * - *Need*: a bare shutdown of the whole site by the declared estimates or what it really took, whichever is longer, with the
 *   plan's limits side by side; machines in trouble take all their tries.
 * - An outlet that was cut by command under a machine that could have been shut down is excused by nothing but an emergency
 *   power off, or a battery of which no more was left than everything behind that machine needs (the last resort).
 */
const DETECTION_S = 25;

export function checkDataSafety(evidence: Evidence): Verdict {
  if (!actsFor(evidence)) return kept('I1', 'the site was not armed: only advice was given');
  const wrong: string[] = [];
  const excused: string[] = [];
  for (const loss of evidence.truth.transitions.filter((one) => one.dataLoss && one.cause === 'power')) {
    const what = `${loss.device} lost power while running at ${clockTime(loss.at)}`;
    const excuse = loss.beyondReach ? 'it could not be shut down in order' : excuseOf(evidence, loss);
    if (excuse === null) wrong.push(what);
    else if (excuse.startsWith('!')) wrong.push(`${what}: ${excuse.slice(1)}`);
    else excused.push(`${what}: ${excuse}`);
  }
  return verdict(
    'I1',
    wrong,
    excused.length === 0 ? 'no server or array lost power while running' : excused.join('; '),
  );
}

/** Why it was nobody's fault; what begins with `!` is why it was. */
function excuseOf(evidence: Evidence, loss: Transition): string | null {
  if (cutByCommand(evidence, loss)) return excuseOfCut(evidence, loss);
  const holder = heldBy(evidence, loss);
  if (holder !== null) return `${holder} needed it and could not be shut down`;
  if (wasSwitchedOff(evidence, loss)) return 'its UPS went off without any battery running down';
  const since = threatenedSince(evidence, loss.device, loss.at);
  if (since === null)
    return outagesOf(evidence).some((outage) => within(outage, loss.at)) ? null : '!nothing threatened it';
  const need = shutdownNeedS(evidence, { backups: false, troubledAt: loss.at, without: downBefore(evidence, since) });
  const pollS =
    Math.max(...evidence.config.devices.map((device) => (device.kind === 'ups' ? device.interval : 0))) / 1000;
  const blind = unforeseenS(evidence, since, loss.at);
  const had = (loss.at - since) / 1000 - DETECTION_S - pollS - blind;
  const figures = `${Math.round(had)} s were left after detection, a bare shutdown needs ${Math.round(need)} s`;
  if (had < need) return `only ${figures}`;
  if (addedTooLate(evidence, loss, need + DETECTION_S + pollS)) return 'a load was added too shortly before its end';
  return cutOffWhenDue(evidence, loss, need) ?? `!${figures}`;
}

/**
 * The network to everything was away in the very time in which the shutdown was due: since I3 let it begin no more time was
 * usable than it needs. Of single devices' links this is no excuse: others could have been shut down, and this one is in trouble.
 */
function cutOffWhenDue(evidence: Evidence, loss: Transition, need: number): string | null {
  const from = fairStart(evidence, loss.at);
  if (from === null) return null;
  const away = cutOffS(evidence, from, loss.at);
  const usable = (loss.at - from) / 1000 - away;
  return away > 0 && usable < need
    ? `the network was away for ${Math.round(away)} s since the shutdown was due, ${Math.round(usable)} s of ${Math.round(need)} s were usable`
    : null;
}

/** A machine in trouble that depends on it, all the way, and was not off. */
function heldBy(evidence: Evidence, loss: Transition): string | null {
  const { config, truth } = evidence;
  return (
    config.devices.find((device) => {
      if (device.id === loss.device || !behind(evidence, device.id).has(loss.device)) return false;
      const last = truth.transitions.findLast((one) => one.device === device.id && one.at < loss.at);
      // What crashed by itself draws its power and answers nobody: not known to be off, so I2 forbids to take away what it needs.
      if (last?.to === 'crashed') return last.cause !== 'power';
      return last?.to !== 'off' && isTroubled(evidence, device, loss.at);
    })?.id ?? null
  );
}

/** Off already when mains went: it takes no part. */
const downBefore = ({ truth }: Evidence, atMs: number): ReadonlySet<string> =>
  new Set(
    truth.machines
      .map(({ device }) => device)
      .filter((device) => {
        const last = truth.transitions.findLast((one) => one.device === device && one.at < atMs);
        return last !== undefined && (last.to === 'off' || last.to === 'crashed');
      }),
  );

/** An outlet or a controller was told to cut at that very moment. */
function cutByCommand({ truth, config }: Evidence, loss: Transition): boolean {
  const feeds = config.devices.find((device) => device.id === loss.device)?.power?.feeds ?? [];
  return received({ truth }).some(
    (one) =>
      one.at === loss.at &&
      one.effect === 'accepted' &&
      ((one.command === 'outlet-off' && feeds.includes(`${one.device}/${one.detail}`)) ||
        ((one.command === 'power-off' || one.command === 'power-cycle') && one.device === loss.device)),
  );
}

function excuseOfCut(evidence: Evidence, loss: Transition): string | null {
  if (emergencyOff(evidence, loss.device, loss.at)) return 'an emergency power off';
  const left = supplyRemainingS(evidence.truth, loss.device, loss.at - 1);
  if (left === null) return null;
  const only = new Set([loss.device, ...behind(evidence, loss.device)]);
  const need = shutdownNeedS(evidence, { backups: false, only, without: downBefore(evidence, loss.at) });
  const margin = Math.max(180, left * 0.2);
  const figures = `its outlet was cut with ${Math.round(left)} s left, ${Math.round(need)} s needed behind it`;
  return left <= need + margin ? figures : `!${figures}`;
}

/** What it depends on, all the way. */
function behind({ config }: Pick<Evidence, 'config'>, id: string, seen = new Set<string>()): ReadonlySet<string> {
  for (const need of config.devices.find((device) => device.id === id)?.depends_on ?? [])
    if (!seen.has(need)) behind({ config }, need, seen.add(need));
  return seen;
}

/** Its UPS fell to bypass without mains, or was switched off by hand at that very moment. */
function wasSwitchedOff({ truth, happenings = [] }: Evidence, loss: Transition): boolean {
  const went = truth.power.some((one) => one.what === 'ups-off' && Math.abs(one.at - loss.at) < 1000);
  return (
    went && happenings.some(({ at, do: { kind } }) => at <= loss.at && SWITCHES.includes(kind) && loss.at - at < 1000)
  );
}

/**
 * Somebody plugged in what overloads the UPS or empties its battery sooner than a bare shutdown takes, when until then there had
 * been time enough: nobody could know.
 */
const addedTooLate = ({ truth, happenings = [] }: Evidence, loss: Transition, needS: number): boolean =>
  happenings.some(
    ({ at, do: { kind } }) =>
      kind === 'extra-load' &&
      at <= loss.at &&
      (loss.at - at) / 1000 < needS &&
      (supplyRemainingS(truth, loss.device, at - 1) ?? Number.POSITIVE_INFINITY) > needS,
  );

const SWITCHES: readonly string[] = ['ups-off', 'bypass'];
