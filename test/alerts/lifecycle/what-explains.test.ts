import { describe, expect, it } from 'vitest';
import type { AlertView } from '#core/alert.ts';
import type { Inhibition } from '#core/config/rule.ts';
import { createExplains } from '#services/alerts/lifecycle/what-explains.ts';
import { makeDevice } from '../support.ts';

const SNMP = { host: '127.0.0.1', port: 20161, community: 'public' };

/** Two feeds, two UPSes, two switches; servers with one supply, with two, and with nothing declared. Made up. */
const DEVICES = [
  makeDevice({ id: 'mains-1', kind: 'feed' }),
  makeDevice({ id: 'mains-2', kind: 'feed' }),
  makeDevice({ id: 'ups-1', kind: 'ups', snmp: SNMP, power: { feeds: ['mains-1'] } }),
  makeDevice({ id: 'ups-2', kind: 'ups', snmp: SNMP, power: { feeds: ['mains-2'] }, room: 'auxiliary' }),
  makeDevice({ id: 'pdu-1', kind: 'pdu', power: { feeds: ['ups-1'] } }),
  makeDevice({ id: 'ac-1', kind: 'cooling', power: { feeds: ['mains-1'] } }),
  makeDevice({ id: 'switch-1', kind: 'network', power: { feeds: ['pdu-1/5'] } }),
  makeDevice({ id: 'switch-2', kind: 'network', power: { feeds: ['ups-2'] } }),
  makeDevice({ id: 'array-1', kind: 'storage', depends_on: ['switch-1'], power: { feeds: ['pdu-1/4', 'ups-2'] } }),
  makeDevice({ id: 'server-1', kind: 'server', depends_on: ['array-1'], power: { feeds: ['pdu-1/1', 'ups-2'] } }),
  makeDevice({ id: 'server-2', kind: 'server', depends_on: ['switch-2'], power: { feeds: ['ups-2'] } }),
  makeDevice({ id: 'server-3', kind: 'server', power: { feeds: ['pdu-1/3', 'ups-2'] } }),
  makeDevice({ id: 'server-4', kind: 'server', power: { feeds: ['pdu-1/6', 'ups-2'], min_feeds: 2 } }),
  makeDevice({ id: 'bare-1', kind: 'server' }),
  makeDevice({ id: 'th-1', kind: 'sensor' }),
  makeDevice({ id: 'th-2', kind: 'sensor', room: 'auxiliary' }),
];
const explains = createExplains(DEVICES);
const firing = (...devices: string[]): AlertView[] =>
  devices.map((device) => ({ id: `alert-of-${device}`, device, point: 'ups.status' }) as unknown as AlertView);
const SITE: Inhibition = { rule: 'r', scope: 'site' };
const ROOM: Inhibition = { rule: 'r', scope: 'room' };

describe('what explains an alert', () => {
  it.each<[string, Inhibition, string, string[], string | null]>([
    ['the same device', 'r', 'ups-1', ['ups-1'], 'ups-1'],
    ['nothing while nothing fires', SITE, 'server-2', [], null],
    ['the UPS that feeds it through its outlet', 'r', 'switch-1', ['ups-1'], 'ups-1'],
    ['not the other UPS', 'r', 'server-2', ['ups-1'], null],
    ['not one of two supplies (L7)', 'r', 'server-3', ['ups-1'], null],
    ['but both of them', 'r', 'server-3', ['ups-1', 'ups-2'], 'ups-2'],
    ['one of two when it needs both', 'r', 'server-4', ['ups-1'], 'ups-1'],
    ['the switch in depends_on', 'r', 'server-2', ['switch-2'], 'switch-2'],
    ['not any other switch: the night of seed 2440 (I6)', 'r', 'server-2', ['switch-1'], null],
    ['what it needs through something else', 'r', 'server-1', ['switch-1'], 'switch-1'],
    ['the supply of what it needs', 'r', 'server-1', ['ups-1'], 'ups-1'],
    ['its own mains, of which the UPS on it tells', 'r', 'ac-1', ['ups-1'], 'ups-1'],
    ['not the mains of another feed', 'r', 'ac-1', ['ups-2'], null],
    ['nothing, where nothing is declared and no scope is given', 'r', 'bare-1', ['ups-1'], null],
    ['anything on the site where the rule says so', SITE, 'bare-1', ['ups-1'], 'ups-1'],
    ['its own supply only, where it declares one', SITE, 'server-2', ['ups-1'], null],
    ['what is no supply on the whole site, whatever power is declared', SITE, 'server-2', ['ac-1'], 'ac-1'],
    ['what is in the same room', ROOM, 'th-1', ['ups-1'], 'ups-1'],
    ['not what is in another', ROOM, 'th-2', ['ups-1'], null],
  ])('is %s', (_name, inhibition, device, alerts, by) => {
    expect(explains(inhibition, device, firing(...alerts))).toBe(by === null ? null : `alert-of-${by}`);
  });

  it('never runs in a circle, whatever the configuration says', () => {
    const round = createExplains([
      makeDevice({ id: 'a', depends_on: ['b'] }),
      makeDevice({ id: 'b', power: { feeds: ['a'] } }),
    ]);
    expect(round('r', 'a', firing('c'))).toBeNull();
  });
});
