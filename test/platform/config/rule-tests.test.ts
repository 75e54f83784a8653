// biome-ignore-all format: one mistake a line reads as a table
import { afterEach, describe, expect, it } from 'vitest';
import { ruleWarnings } from '#core/config/rule-warnings.ts';
import { makeSite, removeSites } from './fixture.ts';

afterEach(removeSites);

const FILE = 'rules/safety.yaml';
const CLIMATE = 'ambient.temperature';
const rule = (when: string, more = ''): string => `
  - id: own
    title: Own
    on: { kinds: [sensor] }
    when: ${when}
    severity: low
    consequence: Bad
    response: Act
    respond_within: 5m
    source: none
    ${more}
`;
const add = (text: string) => makeSite().edit(FILE, /$/, text);

describe('a rule', () => {
  it.each<[string, string]>([
    ['rate of change', `{ point: ${CLIMATE}, rises_by: 5, within: 1h, clear: 3 }`],
    ['forecast', `{ point: ${CLIMATE}, forecast: { above: 32, within: 30m, over: 10m, clear: 45m } }`],
    ['class as one value', `{ of: { kinds: [sensor], room: core }, take: spread, point: ${CLIMATE}, above: 5 }`],
    ['count', '{ count: { of: { kinds: [sensor] }, when: { point: room.smoke, is: true }, at_least: 1 } }'],
    ['another device', '{ device: ups-1, point: ups.status, is: OB }'],
    ['calendar', '{ all: [{ point: calendar.time, between: ["22:00", "06:00"] }, { point: calendar.weekday, is: sat }, { point: calendar.season, is: heating }] }'],
    ['figure of the standard', `{ point: ${CLIMATE}, above: { standard: temperature.high } }`],
  ])('may ask: %s', (_what, when) => {
    expect(add(rule(when)).problems()).toEqual([]);
  });

  it.each<[string, string, string, RegExp]>([
    ['clear above its upper limit', `{ point: ${CLIMATE}, above: 27, clear: 28 }`, '', /:\d+:\d+ clear: 28 is on the wrong side.* \| below 27/],
    ['clear below its lower limit', `{ point: ${CLIMATE}, below: 18, clear: 17 }`, '', /clear: 17 is on the wrong side.* \| above 18/],
    ['clear beyond its movement', `{ point: ${CLIMATE}, falls_by: 3, within: 1h, clear: 4 }`, '', /clear: 4 is on the wrong side/],
    ['forecast that ends too soon', `{ point: ${CLIMATE}, forecast: { above: 30, within: 30m, clear: 20m } }`, '', /it would end while the limit is still near/],
    ['limits that contradict', `{ all: [{ point: ${CLIMATE}, above: 30 }, { point: ${CLIMATE}, below: 20 }] }`, '', /ambient\.temperature is never above 30 and below 20 at once \| use any/],
    ['movement without a time', `{ point: ${CLIMATE}, rises_by: 5 }`, '', /within goes with rises_by/],
    ['class without how it is taken', `{ of: { kinds: [sensor] }, point: ${CLIMATE}, above: 5 }`, '', /of and take go together/],
    ['two questions in one test', `{ point: ${CLIMATE}, above: 5, rises_by: 3, within: 1h }`, '', /one of above, below/],
    ['unknown device of a test', '{ device: ups-9, point: ups.status, is: OB }', '', /there is no device ups-9 \| write .*ups-1/],
    ['unknown device of a class', `{ of: { devices: [th-9] }, take: max, point: ${CLIMATE}, above: 5 }`, '', /there is no device th-9/],
    ['tag that no device has', `{ of: { tags: [cold] }, take: max, point: ${CLIMATE}, above: 5 }`, '', /there is no tag of a device cold/],
    ['more than there are', '{ count: { of: { kinds: [sensor] }, when: { point: room.smoke, is: true }, at_least: 2 } }', '', /only 1 devices are of this class: 2 of them is never/],
    ['figure that the standard has not', `{ point: ${CLIMATE}, above: { standard: temperature.hihg } }`, '', /gb50174-2017-b has no temperature\.hihg \| it has temperature\.high/],
    ['own limit of an unknown device', `{ point: ${CLIMATE}, above: 27 }`, 'overrides: [{ devices: [th-9], above: 30 }]', /there is no device th-9/],
    ['own limit of a device that it does not concern', `{ point: ${CLIMATE}, above: 27 }`, 'overrides: [{ devices: [ups-1], above: 30 }]', /own does not concern ups-1 \| take it out/],
    ['own limit that the rule does not have', `{ point: ${CLIMATE}, above: 27 }`, 'overrides: [{ devices: [th-1], below: 30 }]', /no test of own asks below/],
    ['own limit that is ambiguous', `{ any: [{ point: ${CLIMATE}, above: 27 }, { point: ambient.humidity, above: 60 }] }`, 'overrides: [{ devices: [th-1], above: 30 }]', /more than one point is meant: .* \| say which with point:/],
    ['own clear on the wrong side', `{ point: ${CLIMATE}, above: 27 }`, 'overrides: [{ devices: [th-1], above: 30, clear: 31 }]', /clear: 31 is on the wrong side/],
    ['L34: safety rule switched off', '{ point: room.smoke, is: true }', 'safety: true\n    overrides: [{ devices: [th-1], off: it beeps }]', /own is a safety rule and holds everywhere \(L34\)/],
    ['L34: safety rule made milder', '{ point: room.smoke, is: true }', 'safety: true\n    overrides: [{ devices: [th-1], severity: medium }]', /own is a safety rule: its severity is one/],
  ])('is refused: %s', (_what, when, more, expected) => {
    expect(add(rule(when, more))).toSatisfy((site: ReturnType<typeof makeSite>) => site.problems().some((one) => expected.test(one)));
  });

  it.each(['consequence', 'response', 'respond_within'])('without %s is refused (ISA-18.2)', (key) => {
    const without = rule('{ point: room.smoke, is: true }').replace(new RegExp(`    ${key}: .*\n`), '');
    expect(add(without).problems()).toContainEqual(expect.stringContaining(key));
  });

  it('has the figure of the standard that site.yaml names, whatever stands first', () => {
    const site = add(rule(`{ point: ${CLIMATE}, above: { standard: temperature.high } }`));
    const limit = () => site.load().config?.rules.find(({ id }) => id === 'own')?.when;
    expect(limit()).toEqual({ point: CLIMATE, above: 27 });
    site.edit('site.yaml', /$/, '\nclimate: { standard: ashrae-2021-h1 }\n');
    expect(limit()).toEqual({ point: CLIMATE, above: 22 });
  });

  it('that names a device without its points by the profile is worth a word, and no mistake', () => {
    const site = add(rule('{ point: cooling.status, is: "off" }').replace('{ kinds: [sensor] }', '{ devices: [ups-1] }'));
    expect(site.problems()).toEqual([]);
    const { config } = site.load();
    expect(config === null ? [] : ruleWarnings(config).filter(({ rule: id }) => id === 'own')).toEqual([
      { rule: 'own', message: { zh: expect.any(String), en: 'ups-1 has no cooling.status by its profile' } },
    ]);
  });
});

describe('figures of a class as a device of their own', () => {
  const add = (of: string) =>
    makeSite().edit('devices.yaml', /$/, `  - { id: room-1, name: Room, kind: other, derived: { of: ${of}, points: [ambient.temperature] } }\n`);

  it('are of devices that are there', () => {
    expect(add('{ kinds: [sensor] }').problems()).toEqual([]);
    expect(add('{ tags: [nowhere] }').problems()).toContainEqual(expect.stringContaining('room-1 has figures of no device at all'));
    expect(add('{ devices: [th-9] }').problems()).toContainEqual(expect.stringContaining('there is no device th-9'));
  });
});
