import type { IncidentView } from '#core/incident.ts';
import { wentOut } from '#core/notification.ts';
import { faultsAt, type ReceivedCommand } from '../world/truth.ts';
import { chosenByPeople } from './chosen-by-people.ts';
import { actsFor, clockTime, deviceAt, type Evidence, kept, received, type Verdict, verdict } from './evidence.ts';
import { powerPlan } from './shutdown-need.ts';
import { mainsAtEnd, outagesOf, safeSince, threatenedSince } from './supply.ts';

/**
 * I6: after the return of power all equipment that was shut down is up, in order, or a person has been told which is not and
 * why.
 *
 * - Judged when mains has been there at the end for `TIME_MS` and the plan's gates were truly open (battery charged, room
 *   cool): before that nothing is due yet. What an emergency cut stays off for people to decide.
 * - *Told*: its start failed, was waived, advised or rehearsed (each of these goes to a person), a message names it, or its
 *   turn comes after a start that failed or a task that people have been asked to do.
 * - *When its time has come* (L23): no machine is started by command before mains has been stable and the batteries have had
 *   their charge as the plan asks, by what was truly so, unless a person ordered the recovery.
 * - *In order*: nothing was switched on by command while something it needs had gone down and was not running again.
 */
const TIME_MS = 45 * 60_000;
const STARTS_WITHIN_MS = 15 * 60_000;

export function checkBackAgain(evidence: Evidence): Verdict {
  if (!actsFor(evidence)) return kept('I6', 'the site was not armed: only advice was given');
  const { truth, incidents } = evidence;
  const wrong = [...startedTooEarly(evidence), ...startedForeign(evidence), ...startedBeforeGates(evidence)];
  if (!truth.mains || !mainsAtEnd(evidence))
    return verdict('I6', wrong, 'mains is not back: nothing to bring back yet');
  if (!isDue(evidence)) return verdict('I6', wrong, 'the recovery is not due yet');
  const open = incidents.filter((view) => view.phase !== 'closed').map((view) => view.phase);
  for (const machine of truth.machines) {
    if (machine.state === 'running' || !wentDown(evidence, machine.device)) continue;
    if (isComingUp(evidence, machine.device)) continue;
    if (told(evidence, machine.device)) continue;
    wrong.push(
      `${machine.device} is ${machine.state} and nobody was told why${open.length > 0 ? ` (still ${open.join()})` : ''}`,
    );
  }
  return verdict('I6', wrong, 'what was shut down is up again, in order, or a person knows why not');
}

/** Mains stable long enough, batteries charged, room cool; a forged history without an outage's end is judged as it is. */
function isDue(evidence: Evidence): boolean {
  const { truth, config } = evidence;
  const backAt = outagesOf(evidence).at(-1)?.backAt ?? null;
  const recovery = powerPlan(config.plans)?.power?.recovery;
  if (backAt === null || recovery === undefined) return true;
  if (truth.at - backAt < TIME_MS) return false;
  const batteries = new Set(powerPlan(config.plans)?.power?.ups ?? []);
  if (truth.upses.some((ups) => batteries.has(ups.device) && ups.chargePercent < recovery.charge_above + 3))
    return false;
  const from = truth.at - TIME_MS;
  const warm = truth.climate.some((one) => one.at >= from && one.temperatureC > 27);
  return recovery.temperature === undefined || !warm;
}

/** It began to start not long ago. */
function isComingUp({ truth }: Evidence, device: string): boolean {
  const last = truth.transitions.findLast((one) => one.device === device);
  return last?.to === 'starting' && truth.at - last.at < STARTS_WITHIN_MS;
}

/** It was shut down, or lost its supply; what crashed by itself or of heat was not, nor what somebody switched off. */
function wentDown({ truth, happenings = [] }: Evidence, device: string): boolean {
  const last = truth.transitions.findLast(
    (one) => one.device === device && (one.to === 'off' || one.to === 'crashed') && one.from !== 'crashed',
  );
  const byHand = happenings.some((one) => one.do.kind === 'outlet' && one.at === last?.at);
  return last !== undefined && !byHand && !(last.to === 'crashed' && last.cause !== 'power');
}

const SAID: readonly string[] = ['failed', 'waived', 'advised', 'rehearsed'];

function told({ incidents, deliveries }: Evidence, device: string): boolean {
  const byStep = incidents.some((view) =>
    view.steps.some(
      (step) => step.device === device && GIVES_BACK.includes(step.operation ?? '') && SAID.includes(step.state),
    ),
  );
  return (
    byStep ||
    incidents.some((view) => waitsForPeople(view, device) || isHeldByAnother(view, device)) ||
    deliveries.some((one) => wentOut(one.state) && names(`${one.subject} ${one.body}`, device))
  );
}

/** Its turn comes after something that failed and that people were told, or after what they have been asked to do. */
const waitsForPeople = (view: IncidentView, device: string): boolean =>
  view.phase !== 'closed' &&
  view.steps.some(
    (step) => step.device === device && GIVES_BACK.includes(step.operation ?? '') && step.state === 'pending',
  ) &&
  view.steps.some((step) => (step.state === 'failed' && step.operation === 'start') || step.state === 'waiting');

/** An emergency of another kind switched it off and is not over. */
const isHeldByAnother = (view: IncidentView, device: string): boolean =>
  view.phase !== 'closed' &&
  view.clocks?.threat !== 'battery' &&
  view.steps.some(
    (step) => step.device === device && TAKES_AWAY.includes(step.operation ?? '') && step.state === 'done',
  );

const TAKES_AWAY: readonly string[] = ['shed', 'shutdown', 'power_off', 'emergency_off'];
const GIVES_BACK: readonly string[] = ['start', 'restore'];

/** The device's id as a word of its own: `server-1` is not in `server-12`. */
const names = (text: string, device: string): boolean => new RegExp(`(?<![a-z0-9-])${device}(?![a-z0-9-])`).test(text);

/** Switched on by command while something it needs was not yet running. */
function startedTooEarly(evidence: Evidence): string[] {
  const { config, truth } = evidence;
  const wrong: string[] = [];
  const state = new Map<string, string>();
  for (const change of truth.transitions) {
    if (change.to === 'starting' && switchedOn({ config, truth }, change.device, change.at)) {
      for (const need of config.devices.find((one) => one.id === change.device)?.depends_on ?? []) {
        const now = state.get(need);
        // What never changed has been running all the time; of what crashed, or a person must start, people know.
        if (now !== undefined && now !== 'running' && wentDown(evidence, need) && !told(evidence, need))
          wrong.push(`${change.device} was started at ${clockTime(change.at)} while ${need} was ${now}`);
      }
    }
    state.set(change.device, change.to);
  }
  return wrong;
}

function switchedOn({ config, truth }: Pick<Evidence, 'config' | 'truth'>, device: string, at: number): boolean {
  const feeds = config.devices.find((one) => one.id === device)?.power?.feeds ?? [];
  return received({ truth }).some(
    (one) =>
      one.at === at &&
      one.effect === 'accepted' &&
      (one.device === device || (one.command === 'outlet-on' && feeds.includes(`${one.device}/${one.detail}`))),
  );
}

/** L22: what was off before anything of ours touched it is not ours to start. */
function startedForeign(evidence: Evidence): string[] {
  const { truth } = evidence;
  return received({ truth }).flatMap((one, index) => {
    if (one.command !== 'outlet-on' || one.effect !== 'accepted') return [];
    const ours = received({ truth })
      .slice(0, index)
      .some((other) => other.command === 'outlet-off' && other.device === one.device && other.detail === one.detail);
    return ours || chosenByPeople(evidence, ['start'], one.at)
      ? []
      : [`outlet ${one.device}/${one.detail} was switched on at ${clockTime(one.at)}, and not by us off`];
  });
}

/** One poll of the UPS, and what its gauge may be off by. */
const GATE_TOLERANCE_MS = 30_000;
const GAUGE_PERCENT = 6;

/** L23: restart onto an empty battery, or onto mains that comes and goes. */
function startedBeforeGates(evidence: Evidence): string[] {
  const { config, truth } = evidence;
  const power = powerPlan(config.plans)?.power;
  const outages = outagesOf(evidence);
  if (power === undefined || outages.length === 0) return [];
  return received(evidence).flatMap((one) => {
    const device = startedBy(evidence, one);
    if (device === undefined) return [];
    const outage = outages.findLast((other) => other.lostAt <= one.at);
    if (outage === undefined || orderedAfter(evidence, outage.lostAt, one.at)) return [];
    const what = `${device} was started at ${clockTime(one.at)}`;
    if (threatenedSince(evidence, device, one.at) !== null) return [`${what} while mains was away`];
    const backAt = safeSince(evidence, device, one.at) ?? 0;
    if (one.at < backAt + power.recovery.settle - GATE_TOLERANCE_MS) return [`${what} before mains was stable`];
    const known = truth.charges?.findLast((sample) => sample.at <= one.at && sample.at >= backAt);
    const least = Math.min(
      100,
      ...(known?.percent ?? []).filter((_, index) => !isUnread(evidence, truth.upses[index]?.device, backAt, one.at)),
    );
    return least < power.recovery.charge_above - GAUGE_PERCENT
      ? [`${what} with ${Math.round(least)} % of charge, the plan asks for ${power.recovery.charge_above} %`]
      : [];
  });
}

/**
 * A UPS that nobody could reach is waited for half an hour after the return of mains and no longer: a card that died with its
 * battery does not keep a room dark until morning.
 */
const UNREAD_HOLDS_MS = 30 * 60_000;

const isUnread = ({ truth }: Evidence, ups: string | undefined, backAt: number, atMs: number): boolean =>
  atMs - backAt >= UNREAD_HOLDS_MS - GATE_TOLERANCE_MS &&
  faultsAt(truth, atMs).some(({ fault, device }) => fault === 'network' && (device === null || device === ups));

/** The machine that this command starts; what may be shed is given back at once. */
function startedBy({ config }: Evidence, command: ReceivedCommand): string | undefined {
  if (command.effect !== 'accepted') return undefined;
  if (command.command === 'power-on' || command.command === 'wake') return command.device;
  if (command.command !== 'outlet-on') return undefined;
  const device = deviceAt(config.devices, command.device, command.detail);
  return device?.start === undefined ? undefined : device.id;
}

/** Somebody stood the incident down, or answered that equipment may start. */
const orderedAfter = ({ orders = [], incidents }: Evidence, fromMs: number, atMs: number): boolean =>
  orders.some(
    ({ at, body }) =>
      at >= fromMs &&
      at <= atMs &&
      (body.kind === 'incident.stand-down' ||
        (body.kind === 'incident.answer' &&
          incidents.some((view) => view.id === body.incident && view.clocks?.threat !== 'battery'))),
  );
