import { createHash, createHmac, hkdfSync } from 'node:crypto';
import type { Secret } from '#core/secret.ts';
import { type Duration, hours, type Instant } from '#core/time.ts';
import { sameSecret } from './secrets.ts';

/**
 * The token of a link that acknowledges one matter for one person until it expires, without sign-in. 32 characters, so that it
 * goes into a text message: kind (1 byte), end in minutes (4), marks of the matter (4) and the person (3), HMAC-SHA256 cut to 96
 * bits (12) over their whole names, with a key derived (RFC 5869) from the one that the services share. The marks only find the
 * candidates; who holds the key alone can tell what it is for.
 */
export interface LinkGrant {
  readonly kind: 'alert' | 'incident' | 'test';
  readonly id: string;
  readonly person: string;
  /** A whole minute. */
  readonly expires: Instant;
}

export type LinkReading =
  | { readonly ok: true; readonly grant: LinkGrant; readonly expired: boolean; readonly use: string }
  | { readonly ok: false };

export const LINK_LASTS: Duration = hours(24);
const KINDS = ['alert', 'incident', 'test'] as const;
const [ENDS, MATTER, PERSON, MAC, WHOLE] = [1, 5, 9, 12, 24];
const MINUTE = 60_000;
const NO: LinkReading = { ok: false };

export function makeLinkToken(grant: LinkGrant, key: Secret): string {
  const own = keyOf(key);
  const bytes = Buffer.alloc(WHOLE);
  bytes[0] = KINDS.indexOf(grant.kind) + 1;
  bytes.writeUInt32BE(Math.floor(grant.expires / MINUTE), ENDS);
  markOf(own, grant.id, PERSON - MATTER).copy(bytes, MATTER);
  markOf(own, grant.person, MAC - PERSON).copy(bytes, PERSON);
  macOf(own, bytes.subarray(0, MAC), grant).copy(bytes, MAC);
  return bytes.toString('base64url');
}

/** What it stands for, if it is ours and about one of these. `use` names this one token, for one use. */
export function readLinkToken(
  token: string,
  known: { readonly matters: Iterable<Pick<LinkGrant, 'kind' | 'id'>>; readonly people: Iterable<string> },
  key: Secret,
  now: Instant,
): LinkReading {
  if (!/^[A-Za-z0-9_-]{32}$/.test(token)) return NO;
  const bytes = Buffer.from(token, 'base64url');
  const kind = KINDS[(bytes[0] ?? 0) - 1];
  if (bytes.length !== WHOLE || kind === undefined) return NO;
  const own = keyOf(key);
  const expires = (bytes.readUInt32BE(ENDS) * MINUTE) as Instant;
  const marked = (id: string, from: number, to: number): boolean =>
    markOf(own, id, to - from).equals(bytes.subarray(from, to));
  const people = [...known.people].filter((id) => marked(id, PERSON, MAC));
  for (const { id } of [...known.matters].filter((one) => one.kind === kind && marked(one.id, MATTER, PERSON))) {
    for (const person of people) {
      const grant: LinkGrant = { kind, id, person, expires };
      const mac = macOf(own, bytes.subarray(0, MAC), grant).toString('base64url');
      if (!sameSecret(mac, bytes.subarray(MAC).toString('base64url'))) continue;
      return { ok: true, grant, expired: now >= expires, use: useOf(mac) };
    }
  }
  return NO;
}

/** A name that tells nobody the token: it stands in logs and with the order. */
const useOf = (mac: string): string => `link-${createHash('sha256').update(mac).digest('base64url').slice(0, 22)}`;

const keyOf = (key: Secret): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', key.reveal(), 'zhishou', 'acknowledge-link', 32));

const markOf = (own: Uint8Array, name: string, length: number): Buffer =>
  createHmac('sha256', own).update('mark\n').update(name).digest().subarray(0, length);

const macOf = (own: Uint8Array, head: Uint8Array, { kind, id, person }: LinkGrant): Buffer =>
  createHmac('sha256', own)
    .update(head)
    .update(JSON.stringify([kind, id, person]))
    .digest()
    .subarray(0, WHOLE - MAC);
