import { describe, expect, test } from 'vitest';
import { devicesFileSchema } from '#core/config/device.ts';
import { ruleSchema } from '#core/config/rule.ts';
import { limitsOf } from '#services/dashboard-api/read-model/limits.ts';

const [sensor, ups] = devicesFileSchema.parse({
  devices: [
    { id: 'th-1', name: 'TH 1', kind: 'sensor', mqtt: { topic: 'z/th-1' } },
    { id: 'ups-1', name: 'UPS 1', kind: 'ups', snmp: { host: '127.0.0.1' } },
  ],
}).devices;

const rule = (id: string, on: object, when: object) =>
  ruleSchema.parse({
    id,
    title: id,
    on,
    when,
    severity: 'medium',
    consequence: 'x',
    response: 'x',
    respond_within: '5m',
    source: 'test',
    obligations: [],
  });

const RULES = [
  rule('hot', { devices: ['th-1'] }, { point: 'ambient.temperature', above: 27, clear: 26 }),
  rule(
    'low',
    { kinds: ['ups'] },
    { any: [{ point: 'battery.charge', below: 30 }, { all: [{ point: 'ups.status', is: 'LB' }] }] },
  ),
  rule('not', { kinds: ['ups'] }, { not: { point: 'ups.load', above: 5 } }),
];

describe('the limits of the rules that watch a device', () => {
  test('are those of its id and its kind, with where they end and how bad they are', () => {
    const base = { above: null, below: null, clear: null, severity: 'medium' };
    expect(sensor && limitsOf(sensor, RULES)).toEqual([
      { ...base, point: 'ambient.temperature', rule: 'hot', above: 27, clear: 26 },
    ]);
    expect(ups && limitsOf(ups, RULES)).toEqual([{ ...base, point: 'battery.charge', rule: 'low', below: 30 }]);
  });

  test('are not those that count only together: a full battery is no fault', () => {
    const full = { point: 'battery.charge', above: 95 };
    const short = { point: 'battery.runtime', below: 600 };
    const all = (...tests: object[]) => [rule('worn', { kinds: ['ups'] }, { all: tests })];
    expect(ups && limitsOf(ups, all(full, short))).toEqual([]);
    expect(ups && limitsOf(ups, all(full, { point: 'ups.status', is: 'OL' }))).toMatchObject([full]);
  });
});
