import { hashUnit } from './noise.ts';
import type { LinkState, Running } from './state.ts';

/** The network between the monitor and each device: its own link and the whole, one after the other. */

export const goodLink = (): LinkState => ({ down: false, loss: 0, delayMs: 0, duplicate: 0 });

const isGood = (link: LinkState): boolean =>
  !link.down && link.loss === 0 && link.delayMs === 0 && link.duplicate === 0;

export const isDown = (running: Running, device: string): boolean =>
  running.world.network.whole.down || running.world.network.links[device]?.down === true;

/** Nothing is wrong between the monitor and this device. */
export function linkGood(running: Running, device: string): boolean {
  const own = running.world.network.links[device];
  return isGood(running.world.network.whole) && (own === undefined || isGood(own));
}

/** What becomes of one packet: null, it is lost; else how late it comes and whether it comes twice. */
export interface Passage {
  readonly delayMs: number;
  readonly twice: boolean;
}

const AT_ONCE: Passage = { delayMs: 0, twice: false };

/**
 * One packet's way, decided by device, moment and `nth` alone, so that neither other devices nor who looks when change it.
 * Example: with `loss: 0.3` about 30 of 100 moments give null.
 */
export function passage(running: Running, device: string, nth: number): Passage | null {
  if (linkGood(running, device)) return AT_ONCE;
  const { whole, links } = running.world.network;
  const own = links[device] ?? whole;
  if (isDown(running, device)) return null;
  const moment = running.world.at * 8 + nth;
  const arrives = (1 - whole.loss) * (own === whole ? 1 : 1 - own.loss);
  if (hashUnit(`${device}/loss`, moment) >= arrives) return null;
  const delay = whole.delayMs + (own === whole ? 0 : own.delayMs);
  const once = (1 - whole.duplicate) * (own === whole ? 1 : 1 - own.duplicate);
  return {
    delayMs: Math.round(delay * (0.5 + hashUnit(`${device}/delay`, moment))),
    twice: hashUnit(`${device}/twice`, moment) >= once,
  };
}
