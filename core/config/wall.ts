import { z } from 'zod';

/** Screens on a wall that show the room without anybody signing in: their addresses, and the names by which they ask. */

/** A wall is a screen, not a network: what is wider than this is a mistake or an open door. */
const WIDEST = { v4: 24, v6: 64 } as const;

const prefixOf = (range: string): number => Number(range.split('/')[1]);
const rangeMessage = (prefix: number): string => `at most a /${prefix}: name the screens, not the network they hang on`;

const addressSchema = z.union(
  [
    z.ipv4(),
    z.ipv6(),
    z.cidrv4().refine((range) => prefixOf(range) >= WIDEST.v4, rangeMessage(WIDEST.v4)),
    z.cidrv6().refine((range) => prefixOf(range) >= WIDEST.v6, rangeMessage(WIDEST.v6)),
  ],
  `an address, 192.0.2.30, or a small range, 192.0.2.32/28 (${rangeMessage(WIDEST.v4)})`,
);

export const wallSchema = z.strictObject({
  /**
   * Requests from these may look at the wall and at nothing else, without an account. A screen's own address: never that of a
   * proxy or a gateway, behind which everybody would have it.
   */
  addresses: z.array(addressSchema).max(50).default([]),
  /** Host names under which the screens call this service, beside its addresses, `http.host` and the name in `public_url`. */
  names: z
    .array(z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'a host name in small letters, without port'))
    .max(20)
    .default([]),
});
export type WallSettings = z.infer<typeof wallSchema>;
