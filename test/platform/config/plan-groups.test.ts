// biome-ignore-all format: one mistake a line reads as a table
import { afterEach, describe, expect, it } from 'vitest';
import { makeSite, removeSites } from './fixture.ts';

afterEach(removeSites);

const EMERGENCY = `    emergency_off: { by: { snmp_set: { device: pdu-1, control: outlet.off, index: 1 } }, estimate: 5s, verify: [{ point: pdu-1/outlet.1.status, is: "off" }] }\n`;
const ASK = (people: number): string =>
  `  - { id: confirm, title: C, stage: respond, ask: { function: duty, question: Q, answers: [{ id: cut, label: Cut, people: ${people} }, { id: wait, label: Wait }], within: 5m, default: wait } }\n`;
const CHOOSE = `  - { id: pick, title: P, stage: respond, after: [first], choose: [
      { when: { alerts: { rules: [smoke] } }, steps: [{ id: inner, title: I, task: { function: duty, script: S } }] },
      { steps: [{ id: other, title: O, after: [second], task: { function: duty, script: S } }] }] }\n`;
const off = (when: string): string => `  - { id: off, title: O, stage: respond, ${when}act: { operation: emergency_off, on: { devices: [server-1] } } }\n`;
const site = (steps: string) => makeSite().edit('devices.yaml', '    shutdown:', `${EMERGENCY}    shutdown:`).edit('plans/outage.yaml', 'power:\n', `${steps}power:\n`);

describe('check sees inside choose and together', () => {
  it('and finds nothing wrong where nothing is', () => {
    expect(makeSite().edit('plans/outage.yaml', 'power:\n', `${CHOOSE}power:\n`).problems()).toEqual([]);
  });

  it.each<[string, string, string, RegExp]>([
    ['id given twice', 'id: inner', 'id: second', /plans\/outage\.yaml:\d+:\d+ the step second is given twice/],
    ['unknown step', 'after: [second]', 'after: [secnod]', /there is no step secnod \| write second/],
    ['step that waits for what it is part of', 'after: [second]', 'after: [pick]', /other waits for pick, which it is part of/],
    ['another stage than the whole', 'id: other, title: O', 'id: other, title: O, stage: protect', /other has another stage than pick/],
    ['branch that is never reached', '{ when: { alerts: { rules: [smoke] } }, steps', '{ steps', /this branch is never reached \| put the branch without `when` last/],
    ['unknown rule of a branch', 'rules: [smoke]', 'rules: [smok]', /there is no rule smok \| write smoke/],
    ['name in a text that nothing fills in', 'script: S', 'script: "{plce}"', /the text uses \{plce\}, which nothing fills in \| write \{place\}/],
    ['steps that wait for each other through the whole', 'stage: respond, after: [first], choose', 'stage: respond, after: [inner], choose', /steps wait for each other in a circle/],
    ['misspelt part', 'choose: [', 'chose: [', /the key chose is not known here \| write choose/],
  ])('%s', (_what, from, to, expected) => {
    const found = makeSite().edit('plans/outage.yaml', 'power:\n', `${CHOOSE.replace(from, () => to)}power:\n`).problems();
    expect(found).toContainEqual(expect.stringMatching(expected));
  });
});

describe('conditions', () => {
  const when = (condition: string) => makeSite().edit('plans/outage.yaml', 'stage: protect, after: [second],', `stage: protect, after: [second], when: ${condition},`).problems();

  it.each<[string, string, RegExp]>([
    ['unknown rule', '{ alerts: { rules: [smokee] } }', /there is no rule smokee \| write smoke/],
    ['unknown device of a point', '{ point: { point: th-9/ambient.temperature, above: 30 } }', /there is no device th-9 \| write th-1/],
    ['unknown point', '{ point: { point: th-1/ambient.temp, above: 30 } }', /there is no point ambient\.temp/],
    ['deep inside', '{ any: [{ hours: working }, { all: [{ not: { unanswered: nobody } }] }] }', /there is no ask or task step nobody/],
  ])('%s', (_what, condition, expected) => {
    expect(when(condition)).toContainEqual(expect.stringMatching(expected));
  });

  it('of what makes the level rise', () => {
    const found = makeSite().edit('plans/outage.yaml', 'steps:\n', 'rises: [{ to: major, when: { alerts: { rules: [smokee] } } }]\nsteps:\n').problems();
    expect(found).toContainEqual(expect.stringMatching(/there is no rule smokee/));
  });
});

describe('O-FIR-2: nothing cuts the room’s power on one witness', () => {
  it.each<[string, string, string, boolean]>([
    ['no condition', '', '', false],
    ['one detector', '', 'when: { alerts: { rules: [smoke], devices: 1 } }, ', false],
    ['two detectors', '', 'when: { alerts: { rules: [smoke], devices: 2 } }, ', true],
    ['one person', ASK(1), 'when: { answered: { step: confirm, is: [cut] } }, ', false],
    ['two people', ASK(2), 'when: { answered: { step: confirm, is: [cut] } }, ', true],
    ['two people, or an answer that one gives', ASK(2), 'when: { answered: { step: confirm, is: [cut, wait] } }, ', false],
    ['either of two that are both enough', ASK(2), 'when: { any: [{ alerts: { rules: [smoke], devices: 2 } }, { answered: { step: confirm, is: [cut] } }] }, ', true],
    ['either of two, one of them not enough', ASK(2), 'when: { any: [{ level: major }, { answered: { step: confirm, is: [cut] } }] }, ', false],
    ['both of two, one of them enough', ASK(2), 'when: { all: [{ level: major }, { answered: { step: confirm, is: [cut] } }] }, ', true],
    ['not two detectors', '', 'when: { not: { alerts: { rules: [smoke], devices: 2 } } }, ', false],
  ])('%s', (_what, ask, condition, fine) => {
    const found = site(`${ask}${off(condition)}`).problems().filter((problem) => problem.includes('O-FIR-2'));
    expect(found.length === 0).toBe(fine);
  });

  it('a branch of a choose counts for what is inside it', () => {
    const inside = (devices: number) => `  - { id: pick, title: P, stage: respond, choose: [{ when: { alerts: { rules: [smoke], devices: ${devices} } }, steps: [${off('').trim().slice(2).replace('stage: respond, ', '')}] }, { steps: [{ id: other, title: O, task: { function: duty, script: S } }] }] }\n`;
    const found = (devices: number) => site(inside(devices)).problems().filter((problem) => problem.includes('O-FIR-2'));
    expect(found(2)).toEqual([]);
    expect(found(1)).toHaveLength(1);
  });

  it('a default that needs two people is refused: silence cannot give it', () => {
    const found = site(ASK(2).replace('default: wait', 'default: cut')).problems();
    expect(found).toContainEqual(expect.stringMatching(/cut needs several people: silence cannot give it/));
  });
});
