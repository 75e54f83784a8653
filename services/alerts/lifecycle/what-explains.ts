import type { AlertView } from '#core/alert.ts';
import type { Device } from '#core/config/device.ts';
import type { Inhibition } from '#core/config/rule.ts';
import { sourceOf, upsesOn } from '../plans/supply-graph.ts';

/**
 * Which firing alert explains that a device does not do what it should. Inhibition follows the room: a switch explains the
 * servers that need it and no others, a UPS what hangs on it; with two supplies one alone explains nothing (L7).
 *
 * Example: server-1 on ups-1 and ups-2 (one is enough). While ups-1 alone is on battery, nothing explains that server-1 is silent.
 */
export type Explains = (inhibition: Inhibition, device: string, firing: readonly AlertView[]) => string | null;

/** Their alerts say that a supply is gone; a device that declares its power knows better than the whole site. */
const SUPPLIES: ReadonlySet<string> = new Set(['ups', 'feed', 'pdu']);

export function createExplains(devices: readonly Device[]): Explains {
  const byId = new Map(devices.map((device) => [device.id, device]));
  const onFeed = new Map(
    devices.filter(({ kind }) => kind === 'feed').map(({ id }) => [id, upsesOn(id, devices)] as const),
  );

  /** The alert that takes this device down, or null while it has all that it needs. */
  function cause(id: string, firing: ReadonlyMap<string, AlertView>, seen: readonly string[]): string | null {
    const own = firing.get(id);
    if (own !== undefined) return own.id;
    const device = byId.get(id);
    if (device === undefined || seen.includes(id)) return null;
    const of = (next: string): string | null => cause(next, firing, [...seen, id]);
    const needed = device.depends_on.map(of).find((found) => found !== null);
    if (needed !== undefined) return needed;
    if (device.power === undefined) return feedCause(id, firing);
    const lost = device.power.feeds.map((feed) => of(sourceOf(feed))).filter((found) => found !== null);
    const left = device.power.feeds.length - lost.length;
    return left < Math.min(device.power.min_feeds, device.power.feeds.length) ? (lost.at(-1) ?? null) : null;
  }

  /** Nothing reads a feed: its mains is gone when every UPS on it says so of its input. */
  function feedCause(id: string, firing: ReadonlyMap<string, AlertView>): string | null {
    const upses = onFeed.get(id) ?? [];
    const saying = upses.flatMap((ups) => firing.get(ups) ?? []).filter(saysMainsGone);
    return upses.length > 0 && saying.length === upses.length ? (saying.at(-1)?.id ?? null) : null;
  }

  return (inhibition, device, firing) => {
    const [first] = firing;
    if (first === undefined) return null;
    const scope = typeof inhibition === 'string' ? 'supply' : inhibition.scope;
    const found = cause(device, new Map(firing.map((alert) => [alert.device, alert])), []);
    if (found !== null || scope === 'supply') return found;
    const self = byId.get(device);
    const held = firing.find((alert) => {
      const other = byId.get(alert.device);
      if (scope === 'room') return (other?.room ?? 'core') === (self?.room ?? 'core');
      return self?.power === undefined || !SUPPLIES.has(other?.kind ?? '');
    });
    return held?.id ?? null;
  };
}

const saysMainsGone = ({ point }: AlertView): boolean => point === 'ups.status' || point.startsWith('input.');
