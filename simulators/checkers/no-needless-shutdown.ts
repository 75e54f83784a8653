import type { FaultChange, ReceivedCommand } from '../world/truth.ts';
import { chosenByPeople } from './chosen-by-people.ts';
import { emergencyOff } from './emergency.ts';
import { blindS, broken, clockTime, deadS, deviceAt, type Evidence, kept, received, type Verdict } from './evidence.ts';
import { peopleWantedIt } from './people-said.ts';
import { powerPlan, shutdownNeedS } from './shutdown-need.ts';
import { type Outage, onBatterySpans, outagesOf, siteRemainingS } from './supply.ts';

/**
 * I3: an outage that ended before the latest safe start, with no outlook over the limit and no person's order, shut nothing
 * down.
 *
 * - *Shutting down*: a shutdown, a controller's power-off, a UPS's output, or the outlet of anything that may not be shed.
 * - Judged by the world's truth: the true remaining time of the first machine that would lose its supply at the present load.
 *   The sequence may begin earlier than the true latest safe start by 20 % of that, at least 3 min, and no more, however the
 *   firmware lies, once the battery has been on load for 5 min; mains between the flaps of an outage is no load.
 * - Before that it may begin by any credible figure, but never in the first `CONFIRM_MS` after mains went (L2: a glitch).
 * - Without an outage nothing may be shut down at all (L1: silence, L3: a self-test), unless the equipment burns, the room
 *   overheats, or people ordered it. `treat_silence_on_battery_as: exhausted` is the site's own order for silence.
 */
const SHARE = 0.2;
const AT_LEAST_S = 180;
const ON_LOAD_MS = 5 * 60_000;
/** The acts of one moment reach their devices within so long. */
const SHEDS_WITHIN_MS = 2000;
/** What is shed goes first; what follows may wait so long for a poll that says whether it is so already. */
const LOOKS_FIRST_MS = 15_000;
const CONFIRM_MS = 8_000;
/** One poll on battery and one turn of the queue. */
const TOLERANCE_S = 30;
/** After mains is back so long the commands of the same outage may still arrive. */
const TAIL_MS = 10 * 60_000;
/** So near to a heat plan's limit the room's heat is a reason of its own. */
const HOT_BELOW_LIMIT_C = 10;
/** What was hot in the morning is no reason at night. */
const HEAT_LASTS_MS = 60 * 60_000;

export function checkNoNeedlessShutdown(evidence: Evidence): Verdict {
  const outages = outagesOf(evidence);
  const stray = withoutOutage(evidence, outages);
  if (stray !== null) return broken('I3', stray);
  const notes: string[] = [];
  for (const outage of outages) {
    const found = judge(evidence, outage);
    if (found.wrong !== null) return broken('I3', found.wrong);
    notes.push(found.note);
  }
  return kept('I3', notes.join('; ') || 'there was no outage');
}

function withoutOutage(evidence: Evidence, outages: readonly Outage[]): string | null {
  const stray = received(evidence).find(
    (one) =>
      one.effect === 'accepted' &&
      takesAway(evidence, one) &&
      !outages.some((outage) => during(evidence, outage, one.at)) &&
      !otherReason(evidence, one),
  );
  return stray === undefined
    ? null
    : `${stray.device} was told ${stray.command} at ${clockTime(stray.at)} although mains was there for everything that is protected`;
}

function otherReason(evidence: Evidence, command: ReceivedCommand): boolean {
  const { truth, config, orders = [] } = evidence;
  if (emergencyOff(evidence, command.device, command.at)) return true;
  const limits = config.plans.flatMap((plan) => (plan.heat === undefined ? [] : [plan.heat.limit]));
  const hotC = Math.min(...limits) - HOT_BELOW_LIMIT_C;
  const lately = command.at - HEAT_LASTS_MS;
  if (truth.climate.some((one) => one.at <= command.at && one.at > lately && one.temperatureC > hotC)) return true;
  if (orders.some((one) => one.at <= command.at && one.body.kind === 'incident.start-sequence')) return true;
  if (chosenByPeople(evidence, ['shutdown', 'power_off'], command.at)) return true;
  // What was shut down in an outage loses its outlet when that can be done, also much later (L21).
  return command.command === 'outlet-off' && (command.state === 'off' || command.state === 'crashed');
}

function judge(evidence: Evidence, outage: Outage): { wrong: string | null; note: string } {
  const { truth } = evidence;
  const next =
    outagesOf(evidence).find((other) => other.lostAt > outage.lostAt)?.firstLostAt ?? Number.POSITIVE_INFINITY;
  const ours = received({ truth }).filter(
    (one) => one.effect === 'accepted' && during(evidence, outage, one.at) && one.at < next,
  );
  const shutdown = ours.find((one) => takesAway(evidence, one) && !otherReason(evidence, one));
  if (shutdown === undefined)
    return { wrong: null, note: `nothing was shut down in the outage at ${clockTime(outage.lostAt)}` };
  // The sequence begins with its backups; what it leaves time for is judged at that moment.
  const begun = ours.find((one) => one.command === 'backup' && one.at <= shutdown.at) ?? shutdown;
  const remaining = (at: number): number | null => siteRemainingS(evidence, at);
  const wanted =
    peopleWantedIt(evidence, outage, shutdown.at, remaining) ??
    silenceIsExhausted(evidence, begun.at) ??
    silenceIsExhausted(evidence, shutdown.at);
  if (wanted !== null) return { wrong: null, note: wanted };
  if (shutdown.at - outage.firstLostAt < CONFIRM_MS)
    return {
      wrong: `${shutdown.device} was told ${shutdown.command} ${(shutdown.at - outage.firstLostAt) / 1000} s after mains went: it could have been a glitch`,
      note: '',
    };
  // While the monitor was dead it measured nothing: as with I1 that time does not count. Nor does mains between flaps.
  if (measuredMs(evidence, outage, begun.at) < ON_LOAD_MS)
    return { wrong: null, note: 'the battery had been on load for less than five minutes' };
  // The sequence sheds load at its very beginning: what it was decided by is what was left just before.
  const shed = ours.find(
    (one) => one.command === 'outlet-off' && one.at <= begun.at && one.at >= begun.at - LOOKS_FIRST_MS,
  );
  const left = remaining((shed ?? begun).at - SHEDS_WITHIN_MS) ?? remaining(begun.at);
  if (left === null) return { wrong: null, note: 'mains was there' };
  const need = Math.max(
    shutdownNeedS(evidence, { backups: begun.command === 'backup', troubledAt: begun.at }),
    Math.min(recordedNeedS(evidence, begun.at), shutdownNeedS(evidence, { backups: true }) * 1.5),
  );
  const margin = allowedMarginS(left);
  const early = left - need - margin;
  const figures = `${Math.round(left)} s truly left, ${Math.round(need)} s needed, ${Math.round(margin)} s of margin`;
  if (early > TOLERANCE_S)
    return {
      wrong: `the sequence began at ${clockTime(begun.at)}, ${Math.round(early)} s too early: ${figures}`,
      note: '',
    };
  return { wrong: null, note: `the sequence began at ${clockTime(begun.at)} with ${figures}` };
}

/** The declared margin: so much earlier than the true latest safe start the sequence may begin. */
export const allowedMarginS = (leftS: number): number => Math.max(AT_LEAST_S, leftS * SHARE);

/** How long the batteries have really been on load in this outage while the monitor was there to measure. */
const measuredMs = (evidence: Evidence, { firstLostAt }: Outage, untilMs: number): number =>
  onBatterySpans(evidence, firstLostAt, untilMs).reduce(
    (sum, { from, until }) => sum + (until - from) - deadS(evidence, from, until) * 1000,
    0,
  );

/** Time in which the monitor was dead or cut off and could not hear of the return lengthens the tail. */
function during(evidence: Evidence, { lostAt, backAt }: Outage, atMs: number): boolean {
  if (atMs < lostAt) return false;
  return backAt === null || atMs <= backAt + TAIL_MS + blindS(evidence, backAt, Math.max(backAt, atMs)) * 1000;
}

/** A shutdown, or an outlet of something that may not be shed. */
function takesAway({ config }: Evidence, command: ReceivedCommand): boolean {
  if (['shutdown', 'power-soft', 'power-off', 'ups-off'].includes(command.command)) return true;
  if (command.command !== 'outlet-off') return false;
  const device = deviceAt(config.devices, command.device, command.detail);
  return device !== undefined && device.shed === undefined;
}

/** The site has chosen to take silence on battery for its end, and there was silence when the sequence began. */
function silenceIsExhausted(evidence: Evidence, atMs: number): string | null {
  const power = powerPlan(evidence.config.plans)?.power;
  if (power?.treat_silence_on_battery_as !== 'exhausted') return null;
  const silentFor = power.silence_after;
  const from = atMs - silentFor - SILENCE_ENDED_MS;
  const down = (evidence.downs ?? []).some(
    (one) => one.from < atMs && one.until > from && one.until - one.from > silentFor / 2,
  );
  const hears = (device: string | null): boolean => device === null || power.ups.includes(device);
  const cut = evidence.truth.faults.some(
    (one) =>
      one.fault === 'network' && one.active && hears(one.device) && one.at <= atMs && isActiveIn(evidence, one, from),
  );
  return down || cut ? 'contact was lost on battery, which this site takes for its end' : null;
}

/** Its end is heard with the next poll. */
const SILENCE_ENDED_MS = 30_000;

/** Had it not ended by then? */
function isActiveIn({ truth }: Evidence, fault: FaultChange, fromMs: number): boolean {
  const end = truth.faults.find(
    (one) => one.fault === fault.fault && one.device === fault.device && one.at > fault.at && !one.active,
  );
  return end === undefined || end.at > fromMs;
}

/** What the service itself thought necessary when it began: recorded durations may be longer than the declared ones. */
function recordedNeedS({ incidents }: Evidence, atMs: number): number {
  const needs = incidents.flatMap((view) =>
    view.timeline.flatMap((entry) => {
      const at = Date.parse(entry.at);
      const then = entry.kind === 'decision' && at <= atMs && at > atMs - SHEDS_WITHIN_MS;
      return then && typeof entry.figures.needS === 'number' ? [entry.figures.needS] : [];
    }),
  );
  return Math.max(0, ...needs);
}
