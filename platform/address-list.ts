import { BlockList, isIP } from 'node:net';

/** Is an address one of these? `192.0.2.30`, `192.0.2.32/28`, `2001:db8::/64`; an IPv4 address in IPv6's clothes counts as itself. */
export function createAddressList(entries: readonly string[]): { has(address: string): boolean } {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    if (prefix === undefined) list.addAddress(address, familyOf(address));
    else list.addSubnet(address, Number(prefix), familyOf(address));
  }
  return {
    has: (address) => isIP(address) !== 0 && list.check(address, familyOf(address)),
  };
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');
