import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findProblems } from '#commands/configuration.ts';
import { makeSite, removeSites } from './fixture.ts';

/** Registers: each mistake at its place, with the mend. */
afterAll(removeSites);

const REGISTER = `id: keys
title: Keys
who: { add: duty }
fields:
  - { id: key, kind: choice, label: Key, required: true, list: true, choices: [{ id: door, label: Door }] }
  - { id: holder, kind: person, label: Holder, required: true, preset: me }
  - { id: until, kind: date, label: Until, required: true }
  - { id: back, kind: moment, label: Back at, at_start: false, preset: now }
  - { id: photo, kind: file-photos, label: Photo }
states:
  - { id: out, label: Out, tone: waiting }
  - { id: back, label: Back, final: true }
moves:
  - { id: give-back, label: Back, from: [out], to: back, who: { functions: [duty], field: holder }, fields: [back] }
deadlines:
  - { id: return, in: [out], after: { field: until }, within: 1d, text: Bring it back, tell: [duty] }
quick: { fields: [key, until], place: Door }
`;
const PERMITS = `permits: { states: [out], from: back, to: back, approved_by: give-back }\n`;

const MISTAKES: readonly [what: string, from: string, to: string, expected: RegExp][] = [
  [
    'a move to an unknown state',
    'to: back, who',
    'to: bakc, who',
    /keys\.yaml:14:\d+ there is no state bakc \| write back/,
  ],
  ['a move from an unknown state', 'from: [out]', 'from: [outt]', /keys\.yaml:14:\d+ there is no state outt/],
  [
    'a state that nothing leads to',
    '  - { id: back, label: Back, final: true }',
    '  - { id: back, label: Back, final: true }\n  - { id: lost, label: Lost, final: true }',
    /keys\.yaml:13:5 no move leads to the state lost/,
  ],
  [
    'a state that nothing leaves',
    'label: Back, final: true',
    'label: Back',
    /keys\.yaml:12:5 an entry never leaves the state back \| add a move out of it, or make it final: true/,
  ],
  [
    'a field that nobody asks',
    'fields: [back] }',
    'fields: [] }',
    /keys\.yaml:8:5 back is asked neither at the start nor by any move/,
  ],
  ['a move that asks an unknown field', 'fields: [back] }', 'fields: [back, when] }', /there is no field when/],
  ['a field twice', 'id: until, kind', 'id: holder, kind', /keys\.yaml:7:11 holder is there twice/],
  ['choices of a text', 'kind: choice,', 'kind: text,', /a field of kind text takes no choices/],
  ['no choices', ', choices: [{ id: door, label: Door }]', '', /key has no choices/],
  [
    'entries of no register',
    'kind: person, label: Holder, required: true, preset: me',
    'kind: entry, label: Holder',
    /holder does not say of which register/,
  ],
  [
    'entries of an unknown register',
    'kind: person, label: Holder, required: true, preset: me',
    'kind: entry, register: doors, label: Holder',
    /there is no register doors/,
  ],
  ['a preset that does not fit', 'preset: now', 'preset: today', /a field of kind moment cannot begin as today/],
  [
    'a required photo',
    'kind: file-photos,',
    'kind: file-photos, required: true,',
    /photos are sent after the entry is there/,
  ],
  [
    'who is named by a field that names nobody',
    'field: holder',
    'field: until',
    /until is a field of kind date \| name one of kind person/,
  ],
  [
    'a function that nobody has',
    'functions: [duty], field',
    'functions: [system-administrator], field',
    /nobody has the function system-administrator/,
  ],
  [
    'a deadline by no date',
    'after: { field: until }',
    'after: { field: key }',
    /key is a field of kind choice \| name one of kind date or moment/,
  ],
  ['a deadline in an unknown state', 'in: [out], after', 'in: [gone], after', /there is no state gone/],
  ['a deadline that nobody can answer', 'in: [out], after', 'in: [back], after', /nothing can be done about return/],
  ['a length without its unit', 'within: 1d', 'within: 1', /1 has no unit of time/],
  [
    'a short form without what is required',
    'fields: [key, until], place',
    'fields: [key], place',
    /the short form lacks until/,
  ],
  ['an unknown key', 'quick: {', 'quik: {', /the key quik is not known here \| write quick/],
  ['consent to one’s own', 'quick:', `${PERMITS}quick:`, /give-back lets people permit their own changes/],
  ['consent by no move', 'quick:', `${PERMITS.replace('give-back', 'approve')}quick:`, /there is no move approve/],
  [
    'presence in an unknown state',
    'quick:',
    'presence: { states: [inside], room: core, person: holder }\nquick:',
    /there is no state inside/,
  ],
];

const problems = (text: string): readonly string[] => makeSite().write('registers/keys.yaml', text).problems();

describe('a register’s file', () => {
  it('is taken as it is, and a site without any has none', () => {
    expect(problems(REGISTER)).toEqual([]);
    expect(makeSite().load().config?.registers).toEqual([]);
    expect(
      makeSite()
        .write('registers/keys.yaml', REGISTER)
        .load()
        .config?.registers.map(({ id }) => id),
    ).toEqual(['keys']);
  });

  it.each(MISTAKES)('with %s is told where and what to write', (_what, from, to, expected) => {
    expect(REGISTER).toContain(from);
    expect(problems(REGISTER.replace(from, () => to))).toContainEqual(expect.stringMatching(expected));
  });

  it('of the same id as another is told', () => {
    const site = makeSite().write('registers/keys.yaml', REGISTER).write('registers/other.yaml', REGISTER);
    expect(site.problems()).toContainEqual(
      expect.stringMatching(/registers\/other\.yaml:1:5 the id keys is given twice/),
    );
  });
});

describe('the sample’s registers', () => {
  it('are whole, in both languages, and name the rules that they keep', () => {
    const { config, problems: found } = findProblems('config');
    expect(found).toEqual([]);
    const kept = new Set(config?.registers.flatMap(({ obligations }) => obligations));
    for (const id of [
      'O-REG-1',
      'O-REG-2',
      'O-REG-3',
      'O-REG-4',
      'O-REG-5',
      'O-REG-6',
      'O-REG-7',
      'O-CHG-1',
      'O-SUP-1',
    ])
      expect(kept).toContain(id);
    for (const register of config?.registers ?? [])
      for (const { label } of [...register.fields, ...register.states, ...register.moves])
        expect(label.zh, `${register.id}: ${label.en}`).toMatch(/[一-鿿]/);
  });

  it('say that they are made up, or that they are a sample', () => {
    const folder = join('config', 'registers');
    for (const name of readdirSync(folder))
      expect(readFileSync(join(folder, name), 'utf8').split('\n').slice(0, 3).join(' '), name).toMatch(/sample/i);
  });
});
