import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { makeSite, removeSites } from '../platform/config/fixture.ts';

/** What `check` says of duties.yaml: every mistake with its place and what to write instead. */
afterAll(removeSites);

const HEAD = `duties:
  - id: patrol
    title: Patrol
    function: duty
    when: daily
    from: "08:30"
    due: "10:30"
`;
const REGISTER = `id: repairs
title: Repairs
fields: [{ id: what, kind: text, label: What, required: true, list: true }]
states: [{ id: open, label: open }, { id: closed, label: closed, final: true }]
moves: [{ id: close, label: Close, from: [open], to: closed }]
deadlines:
  - { id: soon, in: [open], within: 3d, text: Soon, DUTY }
`;
const problemsOf = (duties: string, registers: Readonly<Record<string, string>> = {}): string[] => {
  const site = makeSite().write('duties.yaml', duties);
  for (const [id, text] of Object.entries(registers)) site.write(`registers/${id}.yaml`, text);
  return site.problems();
};

test('a site without duties has none and nothing to mend; a small file loads', () => {
  expect(makeSite().load().config?.duties).toEqual([]);
  const { config, problems } = makeSite().write('duties.yaml', HEAD).load();
  expect(problems).toEqual([]);
  expect(config?.duties).toMatchObject([
    { id: 'patrol', late_until: 43_200_000, holidays: 'as-they-are', findings: { fix_within: 259_200_000 } },
  ]);
});

describe('mistakes are told with file, line, column and the mend', () => {
  const ROWS: readonly [more: string, told: string, reason: string][] = [
    [
      '    checklist: [{ id: ups, label: UPS, each: { devices: [ups-9] } }]\n',
      'there is no device ups-9',
      'an unknown device',
    ],
    [
      '    checklist: [{ id: ac, label: AC, each: { kinds: [siren] } }]\n',
      'no device of devices.yaml is meant',
      'a class that nobody is of',
    ],
    [
      '    checklist: [{ id: ups, label: UPS, each: { kinds: [ups] }, points: [ups.laod] }]\n',
      'there is no point ups.laod',
      'an unknown point',
    ],
    [
      '    checklist: [{ id: a, label: A }, { id: a, label: B }]\n',
      'a is there twice',
      'two of one name: one answer would be lost',
    ],
    [
      '    checklist: [{ id: a, label: A, season: winter }]\n',
      'there is no season winter',
      'a season that the calendar does not have',
    ],
    ['    season: heating-season\n', 'there is no season heating-season', 'the same for the whole duty'],
    [
      '    escalate: [{ after: 1h, tell: [network-administrator] }]\n',
      'nobody has the function network-administrator',
      'nobody would hear of it',
    ],
    [
      '    findings: { owner: system-administrator }\n',
      'nobody has the function system-administrator',
      'nobody would mend it',
    ],
    [
      '    late_until: 1h\n    escalate: [{ after: 2h, tell: [duty] }]\n',
      'this step never comes',
      'later than its end',
    ],
    ['    late_until: 30h\n', 'one may still be done late while the next one is open', 'overlaps itself'],
    ['    opens: 3\n', 'one may be done before the one before it is due', 'overlaps itself'],
    ['    entry: { register: core-room, values: {} }\n', 'there is no register core-room', 'no such register'],
    ['    remind: [30]\n', '30 has no unit of time', 'a length without a unit'],
    ['    done_by: battery-test\n', 'a battery-test needs for_each', 'whose battery?'],
    ['    checklist: [{ id: a, label: A, points: [ups.load] }]\n', 'points need each or of', 'whose points?'],
    ['    checklist: [{ id: a, label: A, kind: tick, min: 3 }]\n', 'go with kind: number', 'a tick has no limits'],
    ['    colour: red\n', 'colour', 'an unknown key'],
  ];
  test.each(ROWS)('%j: %s (%s)', (more, told) => {
    const problems = problemsOf(HEAD + more);
    expect(problems.join('\n')).toContain(told);
    expect(problems.every((one) => /^duties\.yaml:\d+:\d+ .+ \| .+/.test(one))).toBe(true);
  });
  test('a rule that never comes round', () => {
    const never = HEAD.replace('when: daily', 'when: { yearly: { month: 7, day: 1 } }\n    season: heating');
    const site = makeSite().write('duties.yaml', never);
    site.edit('calendar.yaml', 'holidays:', 'seasons: { heating: { from: "11-15", to: "03-15" } }\nholidays:');
    expect(site.problems()).toEqual([expect.stringMatching(/^duties\.yaml:5:\d+ this never comes in the coming year/)]);
  });
  test('the place is that of the mistake', () => {
    expect(problemsOf(`${HEAD}    escalate:\n      - { after: 1h, tell: [duty, system-administrator] }\n`)).toEqual([
      expect.stringMatching(/^duties\.yaml:9:35 /),
    ]);
  });
});

describe('registers and duties', () => {
  const FOLLOWS = HEAD.replace('when: daily', 'when: { deadline: { register: repairs, deadline: soon } }');
  test('a deadline that leaves reminding to a duty needs one', () => {
    expect(problemsOf(HEAD, { repairs: REGISTER.replace('DUTY', 'duty: true') })).toEqual([
      expect.stringContaining('no duty follows the deadline soon: nobody would be reminded'),
    ]);
    expect(problemsOf(FOLLOWS, { repairs: REGISTER.replace('DUTY', 'duty: true') })).toEqual([]);
  });
  test('a deadline that reminds by itself needs none: people would hear of it twice', () => {
    expect(problemsOf(FOLLOWS, { repairs: REGISTER.replace('DUTY', 'duty: false') })).toEqual([
      expect.stringContaining('the register reminds of soon itself'),
    ]);
  });
  test('register, deadline, fields and moves that there are not', () => {
    const forms = { repairs: REGISTER.replace('DUTY', 'duty: false') };
    expect(problemsOf(FOLLOWS.replace('soon', 'sooon'), forms).join()).toContain('there is no deadline sooon');
    expect(problemsOf(FOLLOWS.replace('register: repairs', 'register: repair'), forms).join()).toContain(
      'there is no register repair',
    );
    const entry = `${HEAD}    entry: { register: repairs, values: { waht: x }, move: clsoe }\n`;
    expect(problemsOf(entry, forms).join()).toContain('there is no field waht');
    expect(problemsOf(entry, forms).join()).toContain('there is no move clsoe');
  });
});

test('whatever happens to the file, there is a configuration or a problem with its place, and never a crash', () => {
  const whole = readFileSync(join(import.meta.dirname, '../../config/duties.yaml'), 'utf8');
  const site = makeSite();
  const place = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(place, fc.integer({ min: 1, max: 40 }), fc.string({ maxLength: 6 }), (share, length, put) => {
      const from = Math.floor(share * whole.length);
      site.write('duties.yaml', whole.slice(0, from) + put + whole.slice(from + length));
      const { config, problems } = site.load();
      expect(config === null).toBe(problems.length > 0);
      expect(
        problems.every(({ line, column, message, mend }) => line >= 1 && column >= 1 && message !== '' && mend !== ''),
      ).toBe(true);
    }),
    { numRuns: 60 },
  );
});
