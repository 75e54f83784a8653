import type { Cancel } from '#core/ports.ts';
import type { NutGuest } from './session.ts';

/** Who is logged in to which UPS, and which of them have been given the present order. */
export interface Guests {
  come(guest: NutGuest, ups: string): void;
  go(guest: NutGuest): void;
  heard(guest: NutGuest): void;
  /** A new order is news to everybody again. */
  forget(ups: string): void;
  addresses(ups: string): readonly string[];
  /** Addresses of those that have not asked since the order was given. */
  unheard(ups: string): readonly string[];
  /** Settles when it is so after somebody heard or went, or when `limit` calls. */
  whenHeard(isSo: () => boolean, limit: (done: () => void) => Cancel): Promise<void>;
}

export function createGuests(): Guests {
  const present = new Map<NutGuest, { ups: string; heard: boolean }>();
  const waiting = new Set<() => void>();
  const tell = (): void => {
    for (const look of [...waiting]) look();
  };
  const of = (ups: string) => [...present].filter(([, place]) => place.ups === ups);

  return {
    come: (guest, ups) => void present.set(guest, { ups, heard: false }),
    go(guest) {
      present.delete(guest);
      tell();
    },
    heard(guest) {
      const place = present.get(guest);
      if (place === undefined || place.heard) return;
      place.heard = true;
      tell();
    },
    forget(ups) {
      for (const [, place] of of(ups)) place.heard = false;
    },
    addresses: (ups) => of(ups).map(([guest]) => guest.address),
    unheard: (ups) => of(ups).flatMap(([guest, place]) => (place.heard ? [] : [guest.address])),
    whenHeard: (isSo, limit) =>
      new Promise((resolve) => {
        const end = (): void => {
          cancel();
          waiting.delete(look);
          resolve();
        };
        const look = (): void => {
          if (isSo()) end();
        };
        const cancel = limit(end);
        waiting.add(look);
      }),
  };
}
