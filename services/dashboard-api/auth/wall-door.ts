import type { FastifyRequest } from 'fastify';
import type { Site } from '#core/config/site.ts';
import { createAddressList } from '#platform/address-list.ts';

/**
 * Does a request come from a screen on the wall? By the address at the other end of the connection alone: what a header says of
 * an address is never believed, and a request that was passed on is nobody's screen. The name asked for must be ours: a page
 * elsewhere that points its own name here (DNS rebinding) asks for that name.
 */
export interface WallDoor {
  isWall(request: WallRequest): boolean;
}
export type WallRequest = Pick<FastifyRequest, 'headers'> & {
  readonly socket: { readonly remoteAddress?: string | undefined };
};

/** What proxies and gateways add. */
const PASSED_ON = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
] as const;

export function createWallDoor({ wall, host, public_url }: Site['http']): WallDoor {
  const screens = createAddressList(wall.addresses);
  const names = new Set([...wall.names, host.toLowerCase(), hostNameOf(public_url ?? '') ?? '']);
  return {
    isWall: ({ headers, socket }) =>
      wall.addresses.length > 0 &&
      screens.has(socket.remoteAddress ?? '') &&
      PASSED_ON.every((name) => headers[name] === undefined) &&
      headers['sec-fetch-site'] !== 'cross-site' &&
      isOurName(headers.host ?? '', names),
  };
}

const hostNameOf = (url: string): string | null => URL.parse(url)?.hostname.toLowerCase() ?? null;

/** An address needs no name server, so it cannot be pointed elsewhere. */
function isOurName(host: string, names: ReadonlySet<string>): boolean {
  if (!/^[a-z0-9.:[\]-]{1,260}$/i.test(host)) return false;
  const name = hostNameOf(`http://${host}/`);
  if (name === null || name === '') return false;
  return /^\d+\.\d+\.\d+\.\d+$/.test(name) || name.startsWith('[') || name === 'localhost' || names.has(name);
}
