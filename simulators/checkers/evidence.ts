import type { CommandBody } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import type { Device } from '#core/config/device.ts';
import type { IncidentView } from '#core/incident.ts';
import type { DeliveryView } from '#core/notification.ts';
import type { OutageSample, Truth } from '../world/truth.ts';
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

/** One loss of mains; returns shorter than the settling time do not end it. */
export interface Outage {
  readonly lostAt: number;
  readonly backAt: number | null;
  /** The battery was empty. */
  readonly exhaustedAt: number | null;
}

/** Mains must be stable for so long before anything is concluded (EMERGENCY.md, "When power returns"). */
const SETTLE_MS = 120_000;

export function outagesOf(truth: Truth): Outage[] {
  const outages: { lostAt: number; backAt: number | null; exhaustedAt: number | null }[] = [];
  for (const event of truth.power) {
    const last = outages.at(-1);
    if (event.what === 'mains-lost') {
      if (last?.backAt != null && event.at - last.backAt < SETTLE_MS) last.backAt = null;
      else outages.push({ lostAt: event.at, backAt: null, exhaustedAt: null });
    } else if (event.what === 'mains-back' && last !== undefined) last.backAt = event.at;
    else if (event.what === 'ups-off' && last !== undefined) last.exhaustedAt ??= event.at;
  }
  return outages;
}

export const within = (outage: Outage, atMs: number): boolean =>
  atMs >= outage.lostAt && atMs <= (outage.backAt ?? Number.POSITIVE_INFINITY);

/** The battery's true remaining seconds at a moment on battery, from the sample before it; null before the first one. */
export function remainingS(truth: Truth, atMs: number): number | null {
  let before: OutageSample | null = null;
  for (const sample of truth.samples) {
    if (sample.at > atMs) break;
    before = sample;
  }
  return before === null ? null : before.remainingS - (atMs - before.at) / 1000;
}

/**
 * Seconds that a whole shutdown takes by the declared estimates: the longest chain against `depends_on`, everything side by
 * side that may be. Example: servers 2 min 10 s, then the array 3 min 10 s, then the switch 15 s: 5 min 35 s.
 */
export function declaredNeedS(devices: readonly Device[], withBackups: boolean): number {
  const ends = new Map<string, number>();
  const own = (device: Device): number =>
    ((withBackups ? (device.backup?.estimate ?? 0) : 0) +
      (device.shutdown?.estimate ?? 0) +
      (device.shutdown === undefined ? 0 : (device.power_off?.estimate ?? 0))) /
    1000;
  const endOf = (device: Device, path: readonly string[]): number => {
    const known = ends.get(device.id);
    if (known !== undefined || path.includes(device.id)) return known ?? 0;
    const dependents = devices.filter((one) => one.depends_on.includes(device.id) && one.kind !== 'monitor');
    const end = own(device) + Math.max(0, ...dependents.map((one) => endOf(one, [...path, device.id])));
    ends.set(device.id, end);
    return end;
  };
  return Math.max(0, ...devices.filter((one) => one.kind !== 'monitor').map((one) => endOf(one, [])));
}

/** The device plugged into an outlet: `pdu-1/3`. */
export const deviceAt = (devices: readonly Device[], pdu: string, outlet: string): Device | undefined =>
  devices.find((device) => device.power?.feeds.includes(`${pdu}/${outlet}`) === true);

export const clockTime = (atMs: number): string => new Date(atMs).toISOString().slice(11, 19);
