import type { IncidentView } from '#core/incident.ts';
import type { ReceivedCommand } from '../world/truth.ts';
import {
  broken,
  clockTime,
  declaredNeedS,
  deviceAt,
  type Evidence,
  kept,
  type Outage,
  outagesOf,
  remainingS,
  type Verdict,
} from './evidence.ts';

/**
 * I3: an outage that ended before the latest safe start, with no outlook over the limit and no person's order, shut nothing
 * down. Judged by the true remaining runtime: the sequence may begin earlier than the true latest safe start by 20 % of the
 * true remaining runtime, at least three minutes, and no more, once the battery has been on load for five minutes.
 */
const SHARE = 0.2;
const AT_LEAST_S = 180;
const ON_LOAD_MS = 5 * 60_000;
/** One poll on battery and one turn of the queue. */
const TOLERANCE_S = 30;
/** After mains is back so long the commands of the same outage may still arrive. */
const TAIL_MS = 10 * 60_000;

export function checkNoNeedlessShutdown(evidence: Evidence): Verdict {
  const notes: string[] = [];
  for (const outage of outagesOf(evidence.truth)) {
    const found = judge(evidence, outage);
    if (found.wrong !== null) return broken('I3', found.wrong);
    notes.push(found.note);
  }
  return kept('I3', notes.join('; ') || 'there was no outage');
}

function judge(evidence: Evidence, outage: Outage): { wrong: string | null; note: string } {
  const { truth, config } = evidence;
  const ours = truth.commands.filter((one) => one.effect === 'accepted' && during(outage, one.at));
  const shutdown = ours.find((one) => takesAway(evidence, one));
  if (shutdown === undefined)
    return { wrong: null, note: `nothing was shut down in the outage at ${clockTime(outage.lostAt)}` };
  // The sequence begins with its backups; what it leaves time for is judged at that moment.
  const begun = ours.find((one) => one.command === 'backup' && one.at <= shutdown.at) ?? shutdown;
  const allowed = justification(evidence, outage, shutdown.at);
  if (allowed !== null) return { wrong: null, note: allowed };
  if (begun.at - outage.lostAt < ON_LOAD_MS)
    return { wrong: null, note: 'the battery had been on load for less than five minutes' };
  const left = remainingS(truth, begun.at);
  if (left === null) return { wrong: null, note: 'mains was there' };
  const need = Math.max(
    declaredNeedS(config.devices, begun.command === 'backup'),
    Math.min(recordedNeedS(evidence.incidents, begun.at), declaredNeedS(config.devices, true) * 1.5),
  );
  const margin = Math.max(AT_LEAST_S, left * SHARE);
  const early = left - need - margin;
  const figures = `${Math.round(left)} s truly left, ${Math.round(need)} s needed, ${Math.round(margin)} s of margin`;
  if (early > TOLERANCE_S)
    return {
      wrong: `the sequence began at ${clockTime(begun.at)}, ${Math.round(early)} s too early: ${figures}`,
      note: '',
    };
  return { wrong: null, note: `the sequence began at ${clockTime(begun.at)} with ${figures}` };
}

const during = (outage: Outage, atMs: number): boolean =>
  atMs >= outage.lostAt && atMs <= (outage.backAt ?? Number.POSITIVE_INFINITY) + TAIL_MS;

/** A shutdown, or an outlet of something that may not be shed. */
function takesAway({ config }: Evidence, command: ReceivedCommand): boolean {
  if (command.command === 'shutdown') return true;
  if (command.command !== 'outlet-off') return false;
  const device = deviceAt(config.devices, command.device, command.detail);
  return device !== undefined && device.shed === undefined;
}

/** Why a shutdown was right whatever the battery held; null when nothing says so. */
function justification(evidence: Evidence, outage: Outage, byMs: number): string | null {
  for (const view of evidence.incidents) {
    const opened = Date.parse(view.openedAt);
    if (opened < outage.lostAt - 60_000 || opened > byMs) continue;
    const limitS = view.clocks?.limitS ?? Number.POSITIVE_INFINITY;
    if ((byMs - outage.lostAt) / 1000 >= limitS) return 'mains was away for longer than the limit';
    for (const entry of view.timeline) {
      const at = Date.parse(entry.at);
      if (at > byMs || entry.who === 'zhishou') continue;
      // Whoever is recorded beside a decision ordered it.
      if (entry.kind === 'order' || entry.kind === 'decision') return `ordered by ${entry.who}`;
      if (entry.kind === 'answer' && outlookTooLong(evidence, view, entry.step, entry.figures, limitS, at))
        return `${entry.who} answered that mains stays away too long`;
    }
  }
  return null;
}

function outlookTooLong(
  { config, truth }: Evidence,
  view: IncidentView,
  step: string | null,
  figures: Readonly<Record<string, number | string | boolean | null>>,
  limitS: number,
  atMs: number,
): boolean {
  const asked = config.plans.find((plan) => plan.id === view.plan.id)?.steps.find((one) => one.id === step);
  const option =
    asked !== undefined && 'ask' in asked ? asked.ask.answers.find((one) => one.id === figures.answer) : undefined;
  if (option?.outlook === 'over') return true;
  const { untilInS, minutes } = figures;
  const given = typeof untilInS === 'number' ? untilInS : typeof minutes === 'number' ? minutes * 60 : null;
  return given !== null && (given > limitS || given > (remainingS(truth, atMs) ?? Number.POSITIVE_INFINITY));
}

/** What the service itself thought necessary when it began: recorded durations may be longer than the declared ones. */
function recordedNeedS(incidents: readonly IncidentView[], atMs: number): number {
  let need = 0;
  for (const view of incidents)
    for (const entry of view.timeline)
      if (entry.kind === 'decision' && Date.parse(entry.at) <= atMs && typeof entry.figures.needS === 'number')
        need = entry.figures.needS;
  return need;
}
