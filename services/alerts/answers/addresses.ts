import type { Person } from '#core/config/people.ts';

/** Whose address an answer came from. Numbers are written in many ways: `+86 138 0013 8000`, `0086-13800138000`, `sip:13800138000@pbx`. */

/** What two ways of writing one address have in common: digits without China's prefix for numbers, small letters for the rest. */
export function sameAddress(written: string): string {
  const plain = written
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replace(/^(sips?|tel|sms|mailto):/, '');
  const user = /^\+?[\d\s().-]+@/.test(plain) ? plain.slice(0, plain.indexOf('@')) : plain;
  if (!/^\+?[\d\s().-]+$/.test(user)) return plain;
  const digits = user.replaceAll(/[^\d+]/g, '').replace(/^(\+|00)/, '');
  // China's mobile numbers have eleven digits and begin with 1; behind the country's code a land line has lost its 0.
  if (/^86\d{10,11}$/.test(digits)) return digits.slice(2).replace(/^(?!1\d{10}$|0)/, '0');
  return digits;
}

/** Those who have this address on the channel; else those who have it anywhere. Several share one: the office's telephone. */
export function peopleAt(people: readonly Person[], channel: string, from: string): readonly Person[] {
  const wanted = sameAddress(from);
  if (wanted === '') return [];
  const here = people.filter(({ routes }) =>
    routes.some((route) => route.channel === channel && sameAddress(route.to) === wanted),
  );
  if (here.length > 0) return here;
  return people.filter(
    ({ routes, phone }) =>
      routes.some(({ to }) => sameAddress(to) === wanted) || (phone !== undefined && sameAddress(phone) === wanted),
  );
}
