import type { CommandBody } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import type { Device } from '#core/config/device.ts';
import type { IncidentView } from '#core/incident.ts';
import type { DeliveryView } from '#core/notification.ts';
import { type FaultChange, faultsAt, type ReceivedCommand, type Truth } from '../world/truth.ts';
import type { WorldCommand } from '../world/world-command.ts';

/** What a run left behind: the world's truth, and what the service said and recorded of it. */
export interface Evidence {
  readonly config: Pick<Config, 'devices' | 'plans' | 'rota'> & Partial<Pick<Config, 'site' | 'people'>>;
  readonly truth: Truth;
  /** Each incident as it was published last. */
  readonly incidents: readonly IncidentView[];
  /** Each delivery as it was published last. */
  readonly deliveries: readonly DeliveryView[];
  /** Addresses that the service tried to reach, beside those in the truth: `tcp 127.0.0.1:20221`. */
  readonly touched?: Iterable<string>;
  /** The journal of this run and of a second one with the same seed, as text, for I8. */
  readonly journals?: readonly [string, string];
  /** Absent: a drill. */
  readonly mode?: 'armed' | 'unarmed' | 'drill' | 'rehearsal';
  /** What people ordered, in the order in which it was sent. */
  readonly orders?: readonly SentOrder[];
  /** When the monitor, or one of its services, was not running. */
  readonly downs?: readonly { readonly from: number; readonly until: number; readonly part: 'alerts' | 'collector' }[];
  /** What befell the room from outside, in order. */
  readonly happenings?: readonly { readonly at: number; readonly do: WorldCommand }[];
}

export interface SentOrder {
  readonly at: number;
  /** The user's id. */
  readonly by: string;
  readonly body: CommandBody;
}

export interface Verdict {
  /** `I1`. */
  readonly id: string;
  readonly kept: boolean;
  /** Why not, or what it was judged by. */
  readonly detail: string;
}

export const kept = (id: string, detail: string): Verdict => ({ id, kept: true, detail });
export const broken = (id: string, detail: string): Verdict => ({ id, kept: false, detail });

/** A verdict from the list of what was found wrong. */
export const verdict = (id: string, wrong: readonly string[], otherwise: string): Verdict =>
  wrong.length === 0 ? kept(id, otherwise) : broken(id, wrong.slice(0, 10).join('; '));

/** May this run act on its equipment at all? Without arming, and in a rehearsal, nothing may reach a device. */
export const actsFor = ({ mode }: Evidence): boolean => mode !== 'unarmed' && mode !== 'rehearsal';

/** What reached the devices from the monitor: not what somebody did by hand in front of them. */
export const received = ({ truth }: Pick<Evidence, 'truth'>): readonly ReceivedCommand[] =>
  truth.commands.filter((one) => one.over !== 'panel');

/** The device plugged into an outlet: `pdu-1/3`. */
export const deviceAt = (devices: readonly Device[], pdu: string, outlet: string): Device | undefined =>
  devices.find((device) => device.power?.feeds.includes(`${pdu}/${outlet}`) === true);

/** Seconds between two moments in which the monitor could do nothing: it was down, cut off from everything, or could not write. */
export function blindS(evidence: Evidence, fromMs: number, untilMs: number): number {
  const faults = faultSpans(evidence, (change) => blinds(evidence, change.fault, change.device));
  return coveredS([...deadSpans(evidence), ...faults], fromMs, untilMs);
}

/**
 * The same, for a deadline: a UPS that went out of reach after it had been measured on battery goes on emptying as it was
 * measured, and nobody is blind for that.
 */
export function unforeseenS(evidence: Evidence, fromMs: number, untilMs: number): number {
  const upses = new Set(evidence.config.devices.flatMap((device) => (device.kind === 'ups' ? [device.id] : [])));
  const faults = faultSpans(
    evidence,
    ({ at, fault, device }) =>
      blinds(evidence, fault, device) && !(device !== null && upses.has(device) && at >= fromMs + MEASURED_MS),
  );
  return coveredS([...deadSpans(evidence), ...faults], fromMs, untilMs);
}

/** On battery so long, with the slope's first percents gone, the end is known (I3). */
const MEASURED_MS = 5 * 60_000;

/** The seconds of a stretch in which the monitor was dead, or the whole network was down. */
export function cutOffS(evidence: Evidence, fromMs: number, untilMs: number): number {
  const down = faultSpans(
    evidence,
    ({ fault, device, detail }) => fault === 'network' && device === null && detail === 'down',
  );
  return coveredS([...deadSpans(evidence), ...down], fromMs, untilMs);
}

/** From when to when each of these faults was there, and the time to find one's way again. */
function faultSpans({ truth }: Evidence, counts: (change: FaultChange) => boolean): [number, number][] {
  return truth.faults.flatMap((change, index): [number, number][] => {
    if (!change.active || !counts(change)) return [];
    const end = truth.faults
      .slice(index + 1)
      .find((one) => one.fault === change.fault && one.device === change.device)?.at;
    return [[change.at, (end ?? truth.at) + AFTER_RESTART_MS]];
  });
}

/** The seconds of a stretch in which the monitor itself was dead or only just back. */
export const deadS = (evidence: Evidence, fromMs: number, untilMs: number): number =>
  coveredS(deadSpans(evidence), fromMs, untilMs);

const deadSpans = ({ downs }: Evidence): [number, number][] =>
  (downs ?? []).map(({ from, until }) => [from, until + AFTER_RESTART_MS]);

function coveredS(spans: readonly [number, number][], fromMs: number, untilMs: number): number {
  let covered = 0;
  let until = fromMs;
  for (const [from, end] of [...spans].sort((a, b) => a[0] - b[0])) {
    const begin = Math.max(from, until);
    const last = Math.min(end, untilMs);
    if (last <= begin) continue;
    covered += last - begin;
    until = last;
  }
  return covered / 1000;
}

/** After a restart, or a silence, so long is waited for a fresh reading before anything irreversible, and read again. */
const AFTER_RESTART_MS = 45_000;

/** A full disk, and the network to a UPS or PDU or to everything: nothing can be seen or nothing can be done. */
function blinds({ config }: Evidence, fault: string, device: string | null): boolean {
  if (fault === 'disk') return true;
  if (fault !== 'network') return false;
  const kind = config.devices.find((one) => one.id === device)?.kind;
  return device === null || kind === 'ups' || kind === 'pdu';
}

/** Was anything active at that moment that may keep the monitor from seeing or doing what is right? */
export const isTroubledAt = (truth: Truth, atMs: number, faults: readonly string[]): boolean =>
  faultsAt(truth, atMs).some((one) => faults.includes(one.fault));

export const clockTime = (atMs: number): string => new Date(atMs).toISOString().slice(11, 19);
