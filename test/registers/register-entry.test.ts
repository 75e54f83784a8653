import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyChange, changesBy, foldEntry, type KeptChange } from '#core/paperwork/register-entry.ts';
import { isFinal, movesFor, refuseCorrection, refuseMove } from '#core/paperwork/register-rights.ts';
import { instant } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { openRegisterStore } from '#platform/register-store.ts';
import { createRegisterBook } from '#services/dashboard-api/registers/register-book.ts';
import { DIRECTOR, DRAWING, makeConfig, SAMPLE_IDS, sampleRegister, who } from './support.ts';

const NOW = instant(Date.parse('2026-11-23T01:00:00Z'));
const PASSWORD = { how: 'password', drawing: null } as const;
const DRAWN = { how: 'drawn', drawing: DRAWING } as const;

const openBook = () => {
  const clock = createVirtualClock(NOW);
  const store = openRegisterStore(':memory:');
  return { clock, store, book: createRegisterBook({ config: makeConfig(), clock, log: silentLog, store }) };
};
const REPAIR = { device: 'ups-1', asset: 'A-17', reason: '电池鼓包', 'reported-by': 'lin-hao' };

const change = (more: Partial<KeptChange>): KeptChange => ({
  ...{
    at: '2026-11-23T01:00:00.000Z',
    by: 'lin',
    byName: 'Lin',
    byPerson: null,
    kind: 'added',
    move: null,
    state: 'open',
  },
  ...{ changed: [], reason: null, signed: null, drawing: null, photo: null, links: [] },
  ...more,
});

describe('an entry', () => {
  test('is never overwritten: the first changes are the entry as it was after each of them', () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.string()));
    const edit = fc.record({ field: fc.constantFrom('a', 'b', 'c'), value });
    fc.assert(
      fc.property(fc.array(fc.array(edit, { maxLength: 3 }), { minLength: 1, maxLength: 8 }), (edits) => {
        const changes: KeptChange[] = [];
        const versions: ReturnType<typeof foldEntry>[] = [];
        let entry: ReturnType<typeof foldEntry> = null;
        for (const [index, fields] of edits.entries()) {
          const values = Object.fromEntries(fields.map((one) => [one.field, one.value]));
          const next = change({
            kind: index === 0 ? 'added' : 'corrected',
            changed: changesBy(entry?.values ?? {}, values),
          });
          entry = applyChange(entry, '2026-0001', next);
          for (const [field, after] of Object.entries(values)) expect(entry.values[field] ?? null).toEqual(after);
          changes.push(next);
          versions.push(entry);
        }
        for (const [index, version] of versions.entries())
          expect(foldEntry('2026-0001', changes.slice(0, index + 1))).toEqual(version);
      }),
    );
  });

  test('the versions before a correction stay in its history, with who, when, why and what it was', () => {
    const { book } = openBook();
    const { id } = book.add('repairs', { values: REPAIR }, who());
    const corrected = book.correct('repairs', id, { values: { asset: 'A-71' }, reason: '抄错' }, who());
    expect(corrected).toMatchObject({ corrected: true, values: { asset: 'A-71' } });
    expect(corrected.history[1]).toMatchObject({
      ...{ kind: 'corrected', by: 'lin', reason: '抄错' },
      changed: [{ field: 'asset', before: 'A-17', after: 'A-71' }],
    });
    expect(foldEntry(id, book.history('repairs', id).slice(0, 1))?.values.asset).toBe('A-17');
  });

  test('a correction that changes nothing, or empties what is required, is refused', () => {
    const { book } = openBook();
    const { id } = book.add('repairs', { values: REPAIR }, who());
    expect(() => book.correct('repairs', id, { values: { asset: 'A-17' }, reason: 'x' }, who())).toThrow(
      /nothing is otherwise/,
    );
    expect(() => book.correct('repairs', id, { values: { asset: null }, reason: 'x' }, who())).toThrow(
      /must be filled in/,
    );
    expect(book.history('repairs', id)).toHaveLength(1);
  });
});

describe('who may', () => {
  test('nobody consents to their own entry, not by a second account of the same person either', () => {
    const { book, store } = openBook();
    const author = who({ role: 'director', user: 'zhou-2', person: 'zhou-min' });
    for (const id of ['repairs', 'decryption', 'changes'] as const) {
      const values = {
        repairs: REPAIR,
        decryption: { applicant: 'lin-hao', file: 'a', receiver: 'b', reason: 'c' },
        changes: CHANGE,
      }[id];
      const { id: entry } = book.add(id, { values }, author);
      const record = store.entries(id).get(entry);
      expect(book.get(id, entry, author).moves).not.toContain('approve');
      // The same person with another account.
      expect(() => book.move(id, entry, { move: 'approve', signed: PASSWORD }, DIRECTOR)).toThrow(/yourself/);
      const other = { ...DIRECTOR, user: 'gao', person: 'gao-jie' };
      expect(record === undefined ? [] : movesFor(sampleRegister(id), record, other)).toContain('approve');
    }
  });

  test('the host whom the entry names confirms a visitor, and whoever is on duty; nobody else (O-REG-2)', () => {
    const { book } = openBook();
    const values = { visitor: '李工', host: 'zhou-min', reason: '检修', arrived: '2026-11-23T01:00:00Z' };
    const { id } = book.add('auxiliary-room', { values }, who());
    expect(() => book.move('auxiliary-room', id, { move: 'confirm' }, who())).toThrow(/whom the register names/);
    expect(book.get('auxiliary-room', id, who({ functions: ['duty'] })).moves).toEqual(['confirm', 'refuse']);
    expect(book.move('auxiliary-room', id, { move: 'confirm' }, DIRECTOR).state).toBe('inside');
  });

  test('a state that is final takes no move but those that the form declares, whoever asks', () => {
    for (const id of SAMPLE_IDS) {
      const register = sampleRegister(id);
      for (const state of register.states.filter(({ id: one }) => isFinal(register, one))) {
        const entry = foldEntry('2026-0001', [change({ state: state.id })]);
        if (entry === null) throw new Error('no entry');
        const declared = register.moves.filter(({ from }) => from.includes(state.id)).map((move) => move.id);
        expect(movesFor(register, entry, { ...DIRECTOR, user: 'x', person: null, role: 'administrator' })).toEqual(
          declared,
        );
        for (const move of register.moves.filter(({ from }) => !from.includes(state.id)))
          expect(refuseMove(register, move, entry, DIRECTOR)).not.toBeNull();
      }
    }
  });

  test('what was consented to is not changed under the signature: its author may correct no more, who may consent does', () => {
    const { book, store } = openBook();
    const { id } = book.add('changes', { values: CHANGE }, who());
    expect(book.correct('changes', id, { values: { risk: '小' }, reason: 'x' }, who()).corrected).toBe(true);
    book.move('changes', id, { move: 'approve', signed: PASSWORD }, DIRECTOR);
    const record = store.entries('changes').get(id);
    if (record === undefined) throw new Error('no entry');
    expect(refuseCorrection(sampleRegister('changes'), record, who({ role: 'operator' }))?.en).toMatch(/consented/);
    expect(() =>
      book.correct('changes', id, { values: { devices: ['server-1'] }, reason: 'x' }, who({ role: 'administrator' })),
    ).toThrow(/consented/);
    expect(
      refuseCorrection(sampleRegister('changes'), record, { ...DIRECTOR, user: 'other', person: null }),
    ).toBeNull();
  });

  test('a move that is signed needs a signature, a refusal a reason, and both stand in the history', () => {
    const { book } = openBook();
    const { id } = book.add('repairs', { values: REPAIR }, who());
    expect(() => book.move('repairs', id, { move: 'approve' }, DIRECTOR)).toThrow(/signature is needed/);
    expect(() => book.move('repairs', id, { move: 'refuse' }, DIRECTOR)).toThrow(/reason is needed/);
    const refused = book.move('repairs', id, { move: 'refuse', reason: '已报废' }, DIRECTOR);
    expect(refused.history.at(-1)).toMatchObject({ move: 'refuse', reason: '已报废', by: 'zhou', signed: null });
  });
});

const CHANGE = {
  ...{ what: ['set-points'], devices: ['ups-1'], reason: '夏季设定', risk: '无', 'way-back': '改回' },
  ...{ from: '2026-11-23T02:00:00Z', to: '2026-11-23T04:00:00Z' },
};

describe('the sample’s registers', () => {
  test('O-REG-6: a repair is reported, approved, mended, signed, confirmed at the meeting and re-inspected', () => {
    const { book, clock } = openBook();
    const { id } = book.add('repairs', { values: REPAIR }, who());
    const move = (name: string, values: Record<string, unknown> = {}, by = who()) =>
      book.move('repairs', id, { move: name, values, signed: name === 'approve' ? PASSWORD : DRAWN }, by);
    move('approve', {}, DIRECTOR);
    move('send-outside', { repairer: '厂家', phone: '100', 'expected-cost': 1280, 'expected-on': '2026-11-30' });
    expect(() => move('done', { 'done-on': '2026-11-29' })).toThrow(/user-signature: must be filled in/);
    move('done', { 'done-on': '2026-11-29', cost: 1300.5, 'user-signature': DRAWING });
    expect(book.openOnes().find((one) => one.id === id)).toMatchObject({ waiting: true, devices: ['ups-1'] });
    const dues = book.item('repairs', id)?.dues;
    expect(dues?.map(({ deadline, duty }) => [deadline, duty])).toEqual([
      ['confirmation', false],
      ['re-inspection', true],
    ]);
    move('confirm', {}, who({ role: 'operator' }));
    // Of the day on which it was done, not of the meeting.
    expect(book.item('repairs', id)?.dues[0]).toMatchObject({ deadline: 're-inspection', at: dues?.[1]?.at });
    const closed = move('re-inspect', { 'inspected-on': '2027-01-10', inspection: '正常' });
    expect(closed).toMatchObject({ state: 'closed', due: null });
    expect(closed.history.map((one) => one.move)).toEqual([
      null,
      'approve',
      'send-outside',
      'done',
      'confirm',
      're-inspect',
    ]);
    expect(book.openOnes()).toEqual([]);
    expect(clock.now()).toBe(NOW);
  });

  test('O-REG-1, O-REG-3, O-REG-5: sign in and out, decryption with approval, a LAN user', () => {
    const { book } = openBook();
    const inside = book.add(
      'core-room',
      { values: { person: 'lin-hao', arrived: '2026-11-23T01:00:00Z', work: '巡检' } },
      who(),
    );
    expect(inside.state).toBe('inside');
    expect(
      book.move('core-room', inside.id, { move: 'sign-out', values: { left: '2026-11-23T02:00:00Z' } }, who()).state,
    ).toBe('left');
    const file = book.add(
      'decryption',
      { values: { applicant: 'lin-hao', file: 'a.dwg', receiver: '设计院', reason: '会审' } },
      who(),
    );
    expect(() => book.move('decryption', file.id, { move: 'decrypt' }, DIRECTOR)).toThrow(/there is no/);
    book.move('decryption', file.id, { move: 'approve', signed: PASSWORD }, DIRECTOR);
    const values = { decrypted: '2026-11-23T03:00:00Z', by: 'lin-hao' };
    expect(book.move('decryption', file.id, { move: 'decrypt', values }, who({ role: 'operator' })).state).toBe('done');
    const user = book.add('lan-users', { values: { name: '王一', department: '财务' } }, who());
    expect(
      book.move('lan-users', user.id, { move: 'connect', values: { address: '192.0.2.44' } }, who({ role: 'operator' }))
        .state,
    ).toBe('active');
  });

  test('numbers of a year follow each other, each register its own, and none is given twice', () => {
    const { book } = openBook();
    const numbers = [1, 2, 3].map(() => book.add('repairs', { values: REPAIR }, who()).id);
    expect(numbers).toEqual(['2026-0001', '2026-0002', '2026-0003']);
    expect(book.add('changes', { values: CHANGE }, who()).id).toBe('2026-0001');
  });

  test('whoever may not read a register neither lists nor opens nor changes it', () => {
    const { book } = openBook();
    const { id } = book.add(
      'decryption',
      { values: { applicant: 'lin-hao', file: 'a', receiver: 'b', reason: 'c' } },
      who(),
    );
    const viewer = who({ role: 'viewer' });
    expect(book.views(viewer).map((one) => one.id)).not.toContain('decryption');
    expect(() => book.list('decryption', {}, viewer)).toThrow(/to read it needs duty/);
    expect(() => book.get('decryption', id, viewer)).toThrow(/to read it needs duty/);
    expect(() => book.add('repairs', { values: REPAIR }, viewer)).toThrow(/to add an entry needs duty/);
  });
});
