// biome-ignore-all format: one mistake a line reads as a table
import { afterEach, describe, expect, it } from 'vitest';
import { nearest } from '#platform/config/nearest.ts';
import { makeSite, removeSites } from './fixture.ts';

afterEach(removeSites);

const PDU_SHUTDOWN = `    power: { feeds: [ups-1] }
    shutdown: { by: { local: { command: "true" } }, estimate: 1m, verify: [{ point: pdu-1/outlet.1.status, is: "off" }] }
`;
describe('a mistake between files or entries is told where it stands:', () => {
  it.each<[string, string, string | RegExp, string, RegExp]>([
    ['device given twice', 'devices.yaml', 'id: pdu-1', 'id: ups-1', /devices\.yaml:\d+:9 the id ups-1 is given twice \| give one of them another id/],
    ['person given twice', 'people.yaml', 'id: lin-hao', 'id: zhou-min', /people\.yaml:\d+:9 the id zhou-min is given twice/],
    ['rule given twice, in two files', 'rules/safety.yaml', 'id: smoke', 'id: mains-lost', /the id mains-lost is given twice/],
    ['profile given twice', 'profiles/some-ups.yaml', 'id: some-ups', 'id: some-pdu', /the id some-pdu is given twice/],
    ['unknown profile', 'devices.yaml', 'profile: some-ups', 'profile: some-usp', /devices\.yaml:5:14 there is no profile some-usp \| write some-ups/],
    ['unknown base of a profile', 'profiles/some-pdu.yaml', 'extends: pdu-base', 'extends: pdu-bass', /profiles\/some-pdu\.yaml:2:10 there is no profile pdu-bass \| write pdu-base/],
    ['profile that extends itself', 'profiles/pdu-base.yaml', 'id: pdu-base', 'id: pdu-base\nextends: some-pdu', /profiles build on each other in a circle: pdu-base → some-pdu → pdu-base/],
    ['unknown dependency', 'devices.yaml', 'depends_on: [array-1, switch-1]', 'depends_on: [arry-1, switch-1]', /devices\.yaml:\d+:18 there is no device arry-1 \| write array-1/],
    ['circle of dependencies, named in full', 'devices.yaml', 'name: Switch', 'name: Switch\n    depends_on: [server-1]', /devices depend on each other in a circle: server-1 → array-1 → switch-1 → server-1 \|/],
    ['unknown feed', 'devices.yaml', 'feeds: [pdu-1/1]', 'feeds: [pdu-2/1]', /there is no device pdu-2 \| write pdu-1/],
    ['feed that feeds nothing', 'devices.yaml', 'feeds: [pdu-1/1]', 'feeds: [th-1]', /th-1 is a sensor and feeds nothing \| name a UPS or a PDU/],
    ['feed that is none', 'devices.yaml', 'feeds: [pdu-1/1]', 'feeds: [pdu-1/1/2]', /"pdu-1\/1\/2" is not a feed \| write device or device\/outlet/],
    ['more feeds needed than there are', 'devices.yaml', 'feeds: [pdu-1/1]', 'feeds: [pdu-1/1], min_feeds: 2', /min_feeds is 2, but there are only 1 feeds/],
    ['circle of feeds', 'devices.yaml', 'rated_power: 5400', 'rated_power: 5400\n    power: { feeds: [pdu-1] }', /devices feed each other in a circle: ups-1 → pdu-1 → ups-1/],
    ['unknown device in an snmp_set', 'devices.yaml', 'snmp_set: { device: pdu-1, control: outlet.off, index: 1 }', 'snmp_set: { device: pdu-9, control: outlet.off, index: 1 }', /there is no device pdu-9 \| write pdu-1/],
    ['device of an snmp_set without SNMP', 'devices.yaml', 'snmp_set: { device: pdu-1, control: outlet.off, index: 1 }', 'snmp_set: { device: th-1, control: outlet.off, index: 1 }', /th-1 is not read by SNMP and cannot be set/],
    ['unknown control', 'devices.yaml', 'control: outlet.off', 'control: outlet.of', /pdu-1 \(profile some-pdu\) has no control outlet\.of \| write outlet\.o/],
    ['control without its index', 'devices.yaml', 'control: outlet.off, index: 1', 'control: outlet.off', /the control outlet\.off needs an index \| add index/],
    ['evidence of an unknown device', 'devices.yaml', 'point: pdu-1/outlet.1.realpower, below', 'point: pdv-1/outlet.1.realpower, below', /there is no device pdv-1 \| write pdu-1/],
    ['evidence of an unknown point', 'devices.yaml', 'point: pdu-1/outlet.1.realpower, below', 'point: pdu-1/outlet.1.wattage, below', /there is no point outlet\.1\.wattage/],
    ['L16: a server proven off by one kind of evidence', 'devices.yaml', /- \{ tcp: .*closed \}\n\s*/, '', /only one kind of evidence \(point\) proves that the server is off.*\(L16\) \| prove it by two of: tcp/],
    ['L17: what the monitor needs has a shutdown of its own', 'devices.yaml', '    power: { feeds: [ups-1] }\n', PDU_SHUTDOWN, /pdu-1 has shutdown, but the monitor needs it: monitor-1 needs pdu-1 \(L17\)/],
    ['NUT clients of a device that is no UPS', 'site.yaml', /$/, '\nnut_server: { upses: [{ id: ups, of: pdu-1 }] }\n', /pdu-1 is a pdu and no UPS \| write one of: ups-1/],
    ['a UPS served twice', 'site.yaml', /$/, '\nnut_server: { upses: [{ id: ups, of: ups-1 }, { id: ups, of: ups-1 }] }\n', /the UPS ups is served twice/],
    ['an order to NUT clients that nobody serves', 'devices.yaml', 'snmp_set: { device: pdu-1, control: outlet.off, index: 1 }', 'nut_serve: { ups: nas, say: shutdown }', /site\.yaml serves no UPS to NUT clients \| add nut_server: with nas/],
    ['L17: a UPS that goes off while the monitor hangs on it', 'devices.yaml', 'rated_power: 5400', 'rated_power: 5400\n    power_off: { by: { local: { command: "true" } }, estimate: 10s, verify: [{ point: ups-1/ups.status, is: "OFF" }] }', /ups-1 has power_off, but the monitor needs it: monitor-1 needs .*ups-1 \(L17\)/],
    ['unknown channel of a route', 'people.yaml', 'channel: phone', 'channel: phon', /people\.yaml:\d+:\d+ there is no channel phon \| write phone/],
    ['unknown person in the rota', 'rota.yaml', 'gao-jie', 'gao', /rota\.yaml:\d+:\d+ there is no person gao \| write one of: zhou-min/],
    ['L25: on duty and not to be reached', 'people.yaml', / {4}routes: .*gao-jie \}\]\n/, '', /gao-jie is on duty but has no route/],
    ['override of an unknown person', 'rota.yaml', 'overrides: []', 'overrides: [{ from: 2026-12-01T08:00:00+08:00, to: 2026-12-02T08:00:00+08:00, person: nobody }]', /there is no person nobody/],
    ['override that ends before it begins', 'rota.yaml', 'overrides: []', 'overrides: [{ from: 2026-12-02T08:00:00+08:00, to: 2026-12-01T08:00:00+08:00, person: gao-jie }]', /the override ends before it begins/],
    ['L25: nobody on duty until the rota begins', 'rota.yaml', '2026-01-05', '2027-01-04', /nobody is on duty from 2026-11-21T00:00:00\.000Z until the rota begins on 2027-01-04 \(L25\)/],
    ['chain with a step for a function that nobody has', 'rota.yaml', 'overrides: []', 'overrides: []\nescalation:\n  chains:\n    - { severity: [high], steps: [{ tell: [network-administrator] }] }', /rota\.yaml:\d+:\d+ nobody has the function network-administrator/],
    ['chain with an unknown person', 'rota.yaml', 'overrides: []', 'overrides: []\nescalation:\n  chains:\n    - { severity: [high], steps: [{ tell: [duty], people: [nobody] }] }', /there is no person nobody/],
    ['chain over an unknown channel', 'rota.yaml', 'overrides: []', 'overrides: []\nescalation:\n  chains:\n    - { severity: [high], steps: [{ tell: [duty], channels: [pigeon] }] }', /there is no channel pigeon/],
    ['L24: no chain for high severity at night', 'rota.yaml', 'overrides: []', 'overrides: []\nescalation:\n  chains:\n    - { severity: [high], when: working, steps: [{ tell: [duty] }] }', /rota\.yaml:\d+:\d+ no chain for high severity at \d{4}-\d\d-\d\d 00:00 \(L24\) \| write one for that time/],
    ['L24: a gap between two times of day', 'rota.yaml', 'overrides: []', 'overrides: []\nescalation:\n  chains:\n    - { severity: [high], when: { from: "07:00", to: "22:00" }, steps: [{ tell: [duty] }] }\n    - { severity: [high], when: { from: "23:00", to: "07:00" }, steps: [{ tell: [duty] }] }', /no chain for high severity at \d{4}-\d\d-\d\d 22:00/],
    ['escalation to a function that nobody has', 'people.yaml', 'functions: [deputy, emergency-team]', 'functions: [emergency-team]', /rota\.yaml:\d+:\d+ nobody has the function deputy \| give it to someone/],
    ['rule on an unknown device', 'rules/safety.yaml', 'devices: [th-1]', 'devices: [th-9]', /rules\/safety\.yaml:\d+:\d+ there is no device th-9 \| write th-1/],
    ['rule inhibited by an unknown rule', 'rules/power.yaml', 'inhibited_by: [mains-lost]', 'inhibited_by: [mains-gone]', /there is no rule mains-gone/],
    ['rules that silence each other', 'rules/power.yaml', 'title: mains-lost', 'title: mains-lost\n    inhibited_by: [battery-low]', /rules silence each other in a circle: mains-lost → battery-low → mains-lost/],
    ['O-WTR-1: a detector that alarms nobody', 'devices.yaml', 'kind: sensor', 'kind: sensor\n    profile: detector', /devices\.yaml:15:9 th-1 tells room\.leak, but no safety rule listens/],
    ['L34: a safety rule that could be inhibited', 'rules/safety.yaml', 'safety: true', 'safety: true\n    inhibited_by: [mains-lost]', /smoke is a safety rule and can never be inhibited \(L34\) \| remove inhibited_by/],
  ])('%s', (_what, file, from, to, expected) => {
    const found = makeSite().edit(file, from, to).problems();
    expect(found).toContainEqual(expect.stringMatching(expected));
  });

  it.each<[string, string, string, RegExp]>([
    ['unknown alert', 'mains-lost', 'mains-lots', /plans\/outage\.yaml:6:22 there is no rule mains-lots \| write mains-lost/],
    ['unknown step', 'after: [first]', 'after: [frist]', /plans\/outage\.yaml:9:\d+ there is no step frist \| write first/],
    ['steps that wait for each other', 'stage: respond, tell', 'stage: respond, after: [third], tell', /steps wait for each other in a circle: first → third → second → first/],
    ['step given twice', 'id: second', 'id: first', /the step first is given twice/],
    ['unknown device of an act', 'server-1', 'server-9', /there is no device server-9 \| write server-1/],
    ['device without the operation', 'server-1', 'th-1', /th-1 declares no shutdown \| add shutdown to th-1/],
    ['act on nothing', '{ devices: [server-1] }', '{}', /the step acts on nothing/],
    ['contact without a number', 'contact: police', 'contact: security', /"security" is not one of/],
    ['name in a text that nothing fills in', '{elapsed}', '{elapsd}', /the text uses \{elapsd\}, which nothing fills in \| write \{elapsed\}/],
    ['function that nobody has', 'functions: [duty]', 'functions: [duty, network-administrator]', /nobody has the function network-administrator/],
    ['UPS that is none', 'ups: [ups-1]', 'ups: [pdu-1]', /pdu-1 is a pdu, not a UPS/],
    ['no alert that starts it', 'triggers: { alerts: [mains-lost] }', 'triggers: {}', /no alert starts this plan \| name the rule/],
    ['O-PWR-7: battery that nobody follows', 'ups: [ups-1]', 'ups: [pdu-1]', /devices\.yaml:2:9 no plan follows the battery of ups-1/],
    ['equipment that no plan shuts down: a file cut off between two steps', '  - { id: fourth, title: Fourth, stage: protect, after: [third], act: { operation: shutdown, on: { kinds: [storage] } } }\n', '', /array-1 declares shutdown, but no plan ever does it \| add a step/],
    ['answer that is none', 'task: { function: duty, contact: police, script: "Call {contact_phone}" }', 'ask: { function: duty, question: Q, answers: [{ id: a, label: A }, { id: b, label: B }], within: 5m, default: c }', /there is no answer c \|/],
    ['condition on an answer to what is no question', 'stage: protect,', 'stage: protect, when: { answered: { step: second, is: [yes] } },', /there is no ask step second/],
    ['condition on what nobody is asked', 'stage: protect,', 'stage: protect, when: { unanswered: first },', /there is no ask or task step first \| write one of: second/],
  ])('plan: %s', (_what, from, to, expected) => {
    expect(makeSite().edit('plans/outage.yaml', from, to).problems()).toContainEqual(expect.stringMatching(expected));
  });

  it('and the small site of these tests is fine as it is', () => {
    expect(makeSite().problems()).toEqual([]);
  });
});

it('L17, L21: a UPS may be told to go off later, proven by its countdown: the monitor has gone down by then', () => {
  const later = `rated_power: 5400
    power_off: { by: { local: { command: "true" } }, estimate: 10s, verify: [{ point: ups-1/ups.timer.shutdown, above: 0 }] }`;
  const found = makeSite().edit('devices.yaml', 'rated_power: 5400', later).problems();
  expect(found.filter((problem) => problem.includes('L17'))).toEqual([]);
});

it('a mistake inside a device does not make it unknown elsewhere: no mistake is told twice in other words', () => {
  expect(makeSite().edit('devices.yaml', 'kind: pdu', 'kind: pud').problems()).toEqual([
    expect.stringMatching(/^devices\.yaml:\d+:11 "pud" is not one of: .* \| write pdu$/),
  ]);
});

it('an unreadable devices.yaml hides what refers to it, and no more', () => {
  const problems = makeSite().write('devices.yaml', 'devices: [').edit('rota.yaml', 'gao-jie', 'gao').problems();
  expect(problems).toHaveLength(2);
  expect(problems[0]).toMatch(/^devices\.yaml/);
  expect(problems[1]).toMatch(/^rota\.yaml/);
});

it.each([
  ['prot', ['port', 'host', 'path'], 'port'],
  ['inteval', ['interval', 'internal'], 'interval'],
  ['UPS-1', ['ups-1'], 'ups-1'],
  ['x', ['interval', 'host'], null],
  ['', ['a'], 'a'],
  ['zzz', [], null],
])('the nearest to %j among %j is %j', (word, known, expected) => {
  expect(nearest(word, known)).toBe(expected);
});
