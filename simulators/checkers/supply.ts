import type { Device } from '#core/config/device.ts';
import { supplyRemainingS, type Truth } from '../world/truth.ts';
import type { Evidence } from './evidence.ts';

/**
 * Who hangs on which UPS, and when mains was away for whom, by the world's own log.
 *
 * A machine is *threatened* while fewer of its supplies have mains behind them than it needs (L7: one of two UPSes on
 * battery threatens nobody who has two supplies and needs one). An *outage* lasts as long as any machine that the plan
 * protects is threatened; returns shorter than the settling time do not end it.
 */
export interface Outage {
  readonly lostAt: number;
  /** The first UPS lost its mains: not later than `lostAt`. */
  readonly firstLostAt: number;
  readonly backAt: number | null;
  /** The first battery that was empty, or UPS that went off. */
  readonly exhaustedAt: number | null;
}

export interface Supply {
  readonly device: string;
  /** The UPS behind each supply. */
  readonly upses: readonly string[];
  readonly minFeeds: number;
}

/** The UPS behind a feed: `pdu-1/3` → `ups-1`; null: mains itself, or nothing that is known. */
function upsBehind(feed: string, devices: ReadonlyMap<string, Device>, seen: readonly string[] = []): string | null {
  const id = feed.split('/')[0] ?? feed;
  const device = devices.get(id);
  if (device === undefined || seen.includes(id)) return null;
  if (device.kind === 'ups') return id;
  const [first] = device.power?.feeds ?? [];
  return first === undefined ? null : upsBehind(first, devices, [...seen, id]);
}

/** The supplies of every device that hangs on a UPS. */
export function suppliesOf(devices: readonly Device[]): Supply[] {
  const byId = new Map(devices.map((device) => [device.id, device]));
  return devices.flatMap((device) => {
    if (device.kind === 'ups' || device.kind === 'pdu' || device.power === undefined) return [];
    const upses = device.power.feeds.flatMap((feed) => upsBehind(feed, byId) ?? []);
    if (upses.length === 0) return [];
    return [{ device: device.id, upses, minFeeds: Math.min(device.power.min_feeds, upses.length) }];
  });
}

/** What the plan would shut down: the devices whose supply makes an outage. */
const isProtected = (device: Device): boolean => device.shutdown !== undefined && device.kind !== 'monitor';

/** A moment and the UPSes that have no mains from then on. */
interface Stretch {
  readonly at: number;
  readonly without: ReadonlySet<string>;
}

function stretches(truth: Truth): Stretch[] {
  const without = new Set<string>();
  const made: Stretch[] = [];
  for (const event of truth.power) {
    if (event.what === 'ups-on-battery' || event.what === 'ups-off') without.add(event.device);
    else if (event.what === 'ups-on-mains' || event.what === 'ups-on' || event.what === 'ups-on-bypass')
      without.delete(event.device);
    else continue;
    made.push({ at: event.at, without: new Set(without) });
  }
  return made;
}

const threatened = (supply: Supply, { without }: Stretch): boolean =>
  supply.upses.filter((ups) => !without.has(ups)).length < supply.minFeeds;

/** Times at which something was true, from stretch to stretch; gaps shorter than `mergeMs` do not interrupt it. */
function spans(
  made: readonly Stretch[],
  holds: (stretch: Stretch) => boolean,
  mergeMs: number,
): { from: number; until: number | null }[] {
  const found: { from: number; until: number | null }[] = [];
  for (const stretch of made) {
    const last = found.at(-1);
    const open = last !== undefined && last.until === null;
    if (holds(stretch)) {
      if (open) continue;
      if (last?.until != null && stretch.at - last.until < mergeMs) last.until = null;
      else found.push({ from: stretch.at, until: null });
    } else if (open) last.until = stretch.at;
  }
  return found.filter((span) => span.until === null || span.until > span.from);
}

/** Mains must be stable for so long before anything is concluded: the plan's own figure, 2 min where none is known. */
export function settleMs({ config }: Pick<Evidence, 'config'>): number {
  const plan = config.plans.find((one) => one.power !== undefined);
  return plan?.power?.settle ?? 120_000;
}

type Known = Pick<Evidence, 'config' | 'truth'>;

export function outagesOf(evidence: Known): Outage[] {
  const { config, truth } = evidence;
  const made = stretches(truth);
  const merge = settleMs(evidence);
  const guarded = new Set(config.devices.filter(isProtected).map((device) => device.id));
  const supplies = suppliesOf(config.devices).filter((supply) => guarded.has(supply.device));
  const anyLost = spans(made, ({ without }) => without.size > 0, merge);
  const lost =
    supplies.length === 0
      ? anyLost
      : spans(made, (stretch) => supplies.some((supply) => threatened(supply, stretch)), merge);
  return lost.map(({ from, until }) => ({
    lostAt: from,
    backAt: until,
    firstLostAt: anyLost.findLast((span) => span.from <= from)?.from ?? from,
    exhaustedAt:
      truth.power.find(
        (one) => one.what === 'ups-off' && one.at >= from && one.at <= (until ?? Number.POSITIVE_INFINITY),
      )?.at ?? null,
  }));
}

/** The times within these bounds at which any UPS had no mains. */
export function onBatterySpans(
  { truth }: Pick<Evidence, 'truth'>,
  fromMs: number,
  untilMs: number,
): { from: number; until: number }[] {
  return spans(stretches(truth), ({ without }) => without.size > 0, 0).flatMap(({ from, until }) => {
    const [begin, end] = [Math.max(from, fromMs), Math.min(until ?? untilMs, untilMs)];
    return end > begin ? [{ from: begin, until: end }] : [];
  });
}

/** Since when this machine had been threatened when its supply went at that moment; null: nothing threatened it. */
export function threatenedSince(evidence: Known, device: string, atMs: number): number | null {
  const found = threatsTo(evidence, device);
  return found.findLast((span) => span.from <= atMs && atMs <= (span.until ?? Number.POSITIVE_INFINITY))?.from ?? null;
}

/** Since when nothing threatens this machine any more; null: it is threatened now, or never was. */
export function safeSince(evidence: Known, device: string, atMs: number): number | null {
  const last = threatsTo(evidence, device).findLast((span) => span.from <= atMs);
  return last === undefined || last.until === null || last.until > atMs ? null : last.until;
}

function threatsTo(evidence: Known, device: string): { from: number; until: number | null }[] {
  const supply = suppliesOf(evidence.config.devices).find((one) => one.device === device);
  if (supply === undefined) return [];
  return spans(stretches(evidence.truth), (stretch) => threatened(supply, stretch), settleMs(evidence));
}

export const within = (outage: Outage, atMs: number): boolean =>
  atMs >= outage.lostAt && atMs <= (outage.backAt ?? Number.POSITIVE_INFINITY);

/** The true seconds until the first protected machine loses its supply, at the load of the moment before: what is done at that moment changes it. */
export function siteRemainingS({ config, truth }: Known, atMs: number): number | null {
  const lefts = suppliesOf(config.devices)
    .filter(({ device }) => config.devices.some((one) => one.id === device && one.shutdown !== undefined))
    .flatMap(({ device }) => supplyRemainingS(truth, device, atMs - 1) ?? []);
  return lefts.length === 0 ? null : Math.min(...lefts);
}

/** Is any UPS without mains at the end? */
export const mainsAtEnd = ({ truth }: Known): boolean => (stretches(truth).at(-1)?.without.size ?? 0) === 0;
