import { describe, expect, it } from 'vitest';
import { deviceSchema } from '#core/config/device.ts';
import type { Trap } from '#core/ports.ts';
import { matchTrap, trapMatches } from '#services/collector/traps.ts';
import { sampleProfile } from './support/profiles.ts';

const target = (id: string, profile: string | null, snmp: object) => ({
  device: deviceSchema.parse({ id, name: id, kind: 'ups', snmp: { host: '10.0.0.5', community: 'public', ...snmp } }),
  profile: profile === null ? null : sampleProfile(profile),
});
const trap = (changes: Partial<Trap> = {}): Trap => ({
  from: '10.0.0.5',
  oid: '1.3.6.1.2.1.33.2.1',
  varbinds: [],
  version: '2c',
  name: 'public',
  inform: false,
  ...changes,
});

const ups = target('ups-1', 'rfc1628-ups', {});
const room = [
  target('ups-1', 'rfc1628-ups', { host: '127.0.0.1' }),
  target('ac-1', 'liebert-lgp-cooling', { host: '127.0.0.1' }),
  target('pdu-1', 'apc-rpdu2', { host: '127.0.0.1', community: 'private' }),
];

describe('whose trap is it', () => {
  it.each([
    ['its own address and community', trap(), [ups], ['ups-1']],
    ['another address', trap({ from: '10.0.0.6' }), [ups], []],
    ['a wrong community', trap({ name: 'guess' }), [ups], []],
    ["the site's trap community", trap({ name: 'traps' }), [ups], ['ups-1']],
    ['v1 as RFC 3584 writes it', trap({ version: '1', oid: '1.3.6.1.2.1.33.2.0.3' }), [ups], ['ups-1']],
    ['a cold start, in no profile', trap({ oid: '1.3.6.1.6.3.1.1.5.1' }), [ups], ['ups-1']],
    ['an unknown trap of the only device there', trap({ oid: '1.3.6.1.4.1.9.9.1' }), [ups], ['ups-1']],
    ['many devices on one address: by profile', trap({ from: '127.0.0.1' }), room, ['ups-1']],
    [
      'many devices: the PDU',
      trap({ from: '127.0.0.1', oid: '1.3.6.1.4.1.318.0.268', name: 'private' }),
      room,
      ['pdu-1'],
    ],
    [
      'many devices: the air conditioner',
      trap({ from: '127.0.0.1', oid: '1.3.6.1.4.1.476.1.42.3.3.0.1' }),
      room,
      ['ac-1'],
    ],
    ['many devices, known to none', trap({ from: '127.0.0.1', oid: '1.3.6.1.4.1.9.9.1' }), room, []],
    [
      'a device given by name',
      trap({ from: '192.0.2.9' }),
      [target('n', 'rfc1628-ups', { host: 'ups.example' })],
      ['n'],
    ],
    [
      'v3 by its user',
      trap({ version: '3', name: 'zhishou' }),
      [target('u3', 'rfc1628-ups', { version: '3', user: 'zhishou' })],
      ['u3'],
    ],
    [
      'v3, another user',
      trap({ version: '3', name: 'x' }),
      [target('u3', 'rfc1628-ups', { version: '3', user: 'zhishou' })],
      [],
    ],
    [
      'a v2c trap for a v3 device',
      trap({ name: 'zhishou' }),
      [target('u3', 'rfc1628-ups', { version: '3', user: 'zhishou', community: undefined })],
      [],
    ],
  ])('%s', (_title, received, targets, expected) => {
    expect(matchTrap(received, targets, 'traps').map((match) => match.device)).toEqual(expected);
  });

  it('a family matches by whole numbers only', () => {
    expect(trapMatches('1.3.6.1.4.1.318.0', '1.3.6.1.4.1.318.0.5')).toBe(true);
    expect(trapMatches('1.3.6.1.4.1.31', '1.3.6.1.4.1.318.0.5')).toBe(false);
  });
});
