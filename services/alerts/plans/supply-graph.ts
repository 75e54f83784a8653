import type { Device } from '#core/config/device.ts';
import type { Supply } from './definition.ts';

/**
 * Power as a graph (L7): feeds from outside → UPSes → outlets → devices. A device has power while at least `min_feeds` of its
 * supplies have. Example: a server on ups-1 and ups-2 with min_feeds 1 loses its supply when the second of them ends.
 */

/** What is known of the graph's leaves. */
export interface Sources {
  /** Does this UPS give power that is not borrowed from its battery? */
  readonly hasMains: (ups: string) => boolean;
  /** When this UPS ends; infinity with mains or while nothing is known. */
  readonly endOf: (ups: string) => number;
}

/** Has this supply mains? A feed without a battery has it while one of the UPSes on the same feed says so, or none is known. */
export function supplied(supply: Supply, hasMains: Sources['hasMains']): boolean {
  if ('ups' in supply) return hasMains(supply.ups);
  if ('feed' in supply) return supply.upses.length === 0 || supply.upses.some(hasMains);
  return supply.of.filter((one) => supplied(one, hasMains)).length >= supply.need;
}

/** When this supply ends: of its feeds the `need`-th longest. Infinity with mains; a bare feed ends with its mains. */
export function supplyEnd(supply: Supply, sources: Sources): number {
  if ('ups' in supply) return sources.endOf(supply.ups);
  if ('feed' in supply) return supplied(supply, sources.hasMains) ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const ends = supply.of.map((one) => supplyEnd(one, sources)).sort((a, b) => b - a);
  return ends[supply.need - 1] ?? Number.NEGATIVE_INFINITY;
}

/** The supply of each of these devices, each kind once, without what a UPS has nothing to do with. */
export function suppliesOf(ids: readonly string[], upses: readonly string[], devices: readonly Device[]): Supply[] {
  const found = new Map(Object.values(supplyOfEach(ids, upses, devices)).map((one) => [JSON.stringify(one), one]));
  return found.size === 0 ? [simplify(allOf(upses))] : [...found.values()];
}

const allOf = (upses: readonly string[]): Supply => ({ need: upses.length, of: upses.map((ups) => ({ ups })) });

/** The same, device by device. What hangs on a bare feed alone is left out: it is off with the mains, no clock of a battery saves it. */
export function supplyOfEach(
  ids: readonly string[],
  upses: readonly string[],
  devices: readonly Device[],
): Record<string, Supply> {
  const byId = new Map(devices.map((device) => [device.id, device]));
  const all = allOf(upses);
  const supplyOf = (id: string, seen: readonly string[]): Supply => {
    const device = byId.get(id);
    if (device?.kind === 'ups') return { ups: id };
    if (device?.kind === 'feed' && device.power === undefined) return { feed: id, upses: upsesOn(id, devices) };
    if (device?.power === undefined || seen.includes(id)) return all;
    const of = device.power.feeds.map((feed) => supplyOf(sourceOf(feed), [...seen, id]));
    return { need: Math.min(device.power.min_feeds, of.length), of };
  };
  return Object.fromEntries(
    ids.flatMap((id) => {
      const supply = simplify(supplyOf(id, []));
      return hasUps(supply) ? [[id, supply]] : [];
    }),
  );
}

/** `pdu-1/3` is an outlet of pdu-1. */
export const sourceOf = (feed: string): string => feed.split('/')[0] ?? feed;

/** UPSes that this feed supplies, directly or through boards between. */
export function upsesOn(feed: string, devices: readonly Device[]): string[] {
  const byId = new Map(devices.map((device) => [device.id, device]));
  const hangsOn = (id: string, seen: readonly string[]): boolean =>
    id === feed ||
    (!seen.includes(id) &&
      (byId.get(id)?.power?.feeds ?? []).some((source) => hangsOn(sourceOf(source), [...seen, id])));
  return devices.filter((device) => device.kind === 'ups' && hangsOn(device.id, [])).map((device) => device.id);
}

const hasUps = (supply: Supply): boolean => 'ups' in supply || ('of' in supply && supply.of.some(hasUps));

function simplify(supply: Supply): Supply {
  if (!('of' in supply)) return supply;
  const of = supply.of.map(simplify);
  const [only, ...others] = of;
  return others.length === 0 && only !== undefined ? only : { need: supply.need, of };
}

/**
 * What the monitor itself needs to see, to act and to tell (L17): its supplies up to the feeds, and whatever it and they
 * depend on. Shut down after everything else, because nothing can be watched or told once it is gone.
 */
export function monitorNeeds(devices: readonly Device[]): ReadonlySet<string> {
  const byId = new Map(devices.map((device) => [device.id, device]));
  const found = new Set<string>();
  const visit = (id: string): void => {
    if (found.has(id)) return;
    found.add(id);
    const device = byId.get(id);
    for (const next of [...(device?.depends_on ?? []), ...(device?.power?.feeds ?? []).map(sourceOf)]) visit(next);
  };
  for (const device of devices) if (device.kind === 'monitor') visit(device.id);
  for (const device of devices) if (device.kind === 'monitor') found.delete(device.id);
  return found;
}
