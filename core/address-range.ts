import { ZhishouError } from './errors.ts';

/** IPv4 addresses as people write them: one, a network, a range. */

/** A machine room has some hundred devices; a mistyped /8 would ask the whole company. */
export const MOST_ADDRESSES = 4096;

/**
 * `10.1.2.0/28`, `10.1.2.5`, `10.1.2.5-20`, `10.1.2.5-10.1.3.20`. A network up to /30 is without its own and its broadcast
 * address. Throws BAD_REQUEST for anything else, and for more than 4,096 addresses.
 */
export function addressesOf(text: string): readonly string[] {
  const [first, last] = boundsOf(text.trim());
  if (last < first) throw wrong(text, 'the range ends before it begins');
  if (last - first >= MOST_ADDRESSES) {
    throw wrong(text, `these are ${last - first + 1} addresses; at most ${MOST_ADDRESSES} at once`);
  }
  return Array.from({ length: last - first + 1 }, (_, i) => written(first + i));
}

function boundsOf(text: string): readonly [number, number] {
  const [address = '', rest, ...more] = text.split(/[/-]/);
  const start = numberOf(address);
  if (start === null || more.length > 0) throw wrong(text, 'write 10.1.2.0/28, 10.1.2.5 or 10.1.2.5-20');
  if (rest === undefined) return [start, start];
  if (text.includes('/')) return networkOf(text, start, rest);
  const end = numberOf(rest.includes('.') ? rest : address.replace(/\d+$/, rest));
  if (end === null) throw wrong(text, `${rest} is no end of a range`);
  return [start, end];
}

function networkOf(text: string, start: number, rest: string): readonly [number, number] {
  const bits = /^\d{1,2}$/.test(rest) ? Number(rest) : Number.NaN;
  if (!(bits >= 0 && bits <= 32)) throw wrong(text, `/${rest} is no length of a network`);
  const size = 2 ** (32 - bits);
  const base = Math.floor(start / size) * size;
  // RFC 3021: a /31 has neither a network's nor a broadcast address.
  return bits >= 31 ? [base, base + size - 1] : [base + 1, base + size - 2];
}

function numberOf(address: string): number | null {
  const parts = address.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return null;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

const written = (number: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');

const wrong = (text: string, detail: string): ZhishouError =>
  new ZhishouError('BAD_REQUEST', text.slice(0, 60), detail);
