import type { Device } from '#core/config/device.ts';
import { faultsAt, type Transition } from '../world/truth.ts';
import { emergencyOff } from './emergency.ts';
import { actsFor, blindS, clockTime, type Evidence, kept, received, type Verdict, verdict } from './evidence.ts';
import { planDoes, powerPlan, shutdownNeedS, wasTroubled } from './shutdown-need.ts';
import { type Outage, outagesOf, siteRemainingS, within } from './supply.ts';

/**
 * I2: no device goes off before all that depend on it are off; a server with a backup step is backed up before it is shut
 * down whenever the time allowed it.
 *
 * - Judged is what went off because it was told to, or because its outlet was switched off by command; what goes with an
 *   empty battery is I1's.
 * - A dependant that stands crashed counts as off. One that a person waived, or that an emergency cut, is nobody's fault.
 * - However short the battery: what cannot be shut down keeps what it needs, and a person is asked (I1 excuses both).
 * - *The time allowed it*: what was truly left of the first battery that something needs, when the backup was given up or its
 *   server went down, would have held the backups and all that follows. What the incident gave up with its figures in the first
 *   5 min on load is not judged: until then the lowest credible figure counts. An incident has one exhaustion, not one for each UPS.
 */
export function checkOrder(evidence: Evidence): Verdict {
  if (!actsFor(evidence)) return kept('I2', 'the site was not armed: only advice was given');
  return verdict(
    'I2',
    [...outOfOrder(evidence), ...withoutBackup(evidence)],
    'everything went off after what depends on it, backed up where there was time',
  );
}

const ON_LOAD_MS = 5 * 60_000;

type State = 'up' | 'off';

/** Everything that left `running` by command while something that depends on it was not off. Equal moments are one event. */
function outOfOrder(evidence: Evidence): string[] {
  const { config, truth } = evidence;
  const wrong: string[] = [];
  const state = new Map<string, State>();
  const log = truth.transitions;
  for (const [index, change] of log.entries()) {
    if (change.from === 'running' && change.to !== 'starting' && isOrdered(evidence, change)) {
      for (const dependent of config.devices.filter((device) => device.depends_on.includes(change.device))) {
        if (dependent.kind === 'monitor' || !isKnown(evidence, dependent)) continue;
        const up = (state.get(dependent.id) ?? initial(evidence, dependent.id)) === 'up';
        const atOnce = log
          .slice(index + 1)
          .some((one) => one.at === change.at && one.device === dependent.id && isOff(one));
        if (!up || atOnce || mayGoFirst(evidence, change, dependent)) continue;
        wrong.push(`${change.device} went ${change.to} at ${clockTime(change.at)} while ${dependent.id} was not off`);
      }
    }
    state.set(change.device, isOff(change) ? 'off' : 'up');
  }
  return wrong;
}

const isOff = (change: Transition): boolean => change.to === 'off' || change.to === 'crashed';

const isKnown = ({ truth }: Evidence, device: Device): boolean =>
  truth.machines.some((one) => one.device === device.id);

/** Before its first change a machine was in the state that this change left, or is in the one it has now. */
function initial({ truth }: Evidence, device: string): State {
  const first = truth.transitions.find((one) => one.device === device)?.from;
  const from = first ?? truth.machines.find((one) => one.device === device)?.state;
  return from === 'off' || from === 'crashed' ? 'off' : 'up';
}

/** Told to, or its outlet was switched off, or its controller cut it: not simply the end of the battery. */
function isOrdered({ truth, config }: Evidence, change: Transition): boolean {
  if (change.cause === 'order') return true;
  const feeds = config.devices.find((device) => device.id === change.device)?.power?.feeds ?? [];
  return received({ truth }).some(
    (one) =>
      one.at === change.at &&
      ((one.command === 'outlet-off' && feeds.includes(`${one.device}/${one.detail}`)) ||
        (one.command === 'power-off' && one.device === change.device)),
  );
}

function mayGoFirst(evidence: Evidence, change: Transition, dependent: Device): boolean {
  if (!planDoes(evidence.config.plans, dependent, 'shutdown') && dependent.shutdown === undefined) return true;
  return waived(evidence, dependent.id, 'shutdown') || emergencyOff(evidence, change.device, change.at);
}

function withoutBackup(evidence: Evidence): string[] {
  const { config, truth } = evidence;
  const wrong: string[] = [];
  for (const outage of outagesOf(evidence)) {
    for (const device of config.devices) {
      if (device.backup === undefined || !planDoes(config.plans, device, 'backup')) continue;
      const down = truth.transitions.find(
        (one) =>
          one.device === device.id && one.from === 'running' && within(outage, one.at) && isOrdered(evidence, one),
      );
      if (down === undefined || backedUp(evidence, device, outage, down.at)) continue;
      if (waived(evidence, device.id, 'backup') || emergencyOff(evidence, device.id, down.at)) continue;
      if (wasTroubled(evidence, device, outage.lostAt, down.at) || tooLate(evidence, outage, device.id, down.at))
        continue;
      wrong.push(`${device.id} went down at ${clockTime(down.at)} without a complete backup, though there was time`);
    }
  }
  return wrong;
}

/** Complete since mains went, or of the same incident's outage before; or tried as often as the device allows, in vain. */
function backedUp({ truth, incidents }: Evidence, device: Device, outage: Outage, downAt: number): boolean {
  const opened = incidents
    .map((view) => Date.parse(view.openedAt))
    .filter((at) => at <= downAt)
    .reduce((first, at) => Math.min(first, at), outage.firstLostAt);
  const events = truth.backups.filter((one) => one.device === device.id && one.at >= opened && one.at <= downAt);
  if (events.some((one) => one.what === 'complete')) return true;
  const tried = events.filter((one) => one.what === 'started' || one.what === 'hung').length;
  const failed = events.filter((one) => one.what === 'failed' || one.what === 'hung').length;
  return tried > 0 && failed >= Math.min(tried, device.backup?.attempts ?? 1) && failed >= tried;
}

/** A person let it go without. */
const waived = ({ incidents }: Evidence, device: string, operation: string): boolean =>
  incidents.some((view) =>
    view.steps.some((step) => step.device === device && step.operation === operation && step.state === 'waived'),
  );

/**
 * What was left when the backup was given up would not have held the rest of it and everything after it, the declared
 * margin included. A backup is given up some time before its server goes down: the way down may have waited for others.
 */
function tooLate(evidence: Evidence, outage: Outage, device: string, downAt: number): boolean {
  if (outage.backAt !== null && downAt > outage.backAt) return false;
  const { truth } = evidence;
  const given = givenUpAt(evidence, device, downAt);
  // In the first minutes on load the lowest credible figure counts, whatever it turns out to be (as with I3).
  if (given !== null && given - outage.firstLostAt < ON_LOAD_MS) return true;
  if (given !== null && endsBySilence(evidence, given)) return true;
  const lefts = [given ?? downAt, downAt].flatMap((at) => siteRemainingS(evidence, at) ?? []);
  // The first sample comes some seconds into an outage: what was left at the beginning is what it shows.
  const first = truth.supplySamples.find((one) => one.at >= outage.lostAt)?.at;
  const left = lefts.length > 0 ? Math.min(...lefts) : first === undefined ? null : siteRemainingS(evidence, first + 1);
  if (left === null) return true;
  const need = shutdownNeedS(evidence, { backups: true, troubledAt: downAt });
  return left < need + Math.max(180, left * 0.2) + blindS(evidence, outage.lostAt, downAt);
}

/** The site has chosen to take a silent UPS on battery for empty, and one was out of reach just then: no time is left by its own word. */
function endsBySilence({ config, truth }: Evidence, atMs: number): boolean {
  const power = powerPlan(config.plans)?.power;
  if (power?.treat_silence_on_battery_as !== 'exhausted') return false;
  return [...faultsAt(truth, atMs), ...faultsAt(truth, atMs - power.silence_after)].some(
    ({ fault, device }) => fault === 'network' && (device === null || power.ups.includes(device)),
  );
}

/** When an incident decided to give this backup up for lack of time; the time itself is then judged by the world. */
function givenUpAt({ incidents }: Evidence, device: string, downAt: number): number | null {
  const decided = incidents.flatMap((view) => {
    const backups = new Set(
      view.steps.flatMap((step) => (step.device === device && step.operation === 'backup' ? [step.id] : [])),
    );
    return view.timeline.flatMap((entry) => {
      const at = Date.parse(entry.at);
      return entry.kind === 'decision' && entry.step !== null && backups.has(entry.step) && at <= downAt ? [at] : [];
    });
  });
  return decided.length === 0 ? null : Math.max(...decided);
}
