import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Register, RegisterField } from '#core/config/register.ts';
import { ZhishouError } from '#core/errors.ts';
import { foldEntry } from '#core/paperwork/register-entry.ts';
import { isFinal, type Who } from '#core/paperwork/register-rights.ts';
import { instant } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { openRegisterStore } from '#platform/register-store.ts';
import { createRegisterBook } from '#services/dashboard-api/registers/register-book.ts';
import { DIRECTOR, DRAWING, makeConfig, SAMPLE_IDS, sampleRegister, who } from './support.ts';

/** People who do whatever they like with the sample's registers: what must hold of every entry, holds. */

const PEOPLE: readonly Who[] = [
  who(),
  DIRECTOR,
  // The director's other account.
  { ...DIRECTOR, user: 'zhou-2', role: 'operator' },
  who({ user: 'gao', role: 'operator', person: null, functions: ['duty'] }),
  who({ user: 'boss', role: 'administrator', person: null }),
  who({ user: 'guest', role: 'viewer', person: null }),
];

const VALUES: Readonly<Record<RegisterField['kind'], readonly unknown[]>> = {
  text: ['a', 'b'],
  'long-text': ['a\nb'],
  number: [1, 2],
  money: [1.5],
  date: ['2026-12-01', '2027-01-01'],
  moment: ['2026-11-23T02:00:00Z', '2026-11-24T02:00:00Z'],
  'yes-no': [true, false],
  choice: [],
  choices: [],
  person: ['lin-hao', 'zhou-min'],
  people: [['lin-hao']],
  device: ['ups-1'],
  devices: [['ups-1', 'th-1']],
  room: ['core'],
  phone: ['100'],
  'file-photos': [null],
  signature: [DRAWING],
  entry: [null],
};

const pickValue = ({ kind, choices }: RegisterField, pick: number): unknown => {
  const ids = choices.map(({ id }) => id);
  const all = kind === 'choice' ? ids : kind === 'choices' ? [ids.slice(0, 1), ids] : VALUES[kind];
  return all[pick % all.length];
};

const filled = (register: Register, ids: readonly string[], pick: number): Record<string, unknown> =>
  Object.fromEntries(
    register.fields.filter(({ id }) => ids.includes(id)).map((field, n) => [field.id, pickValue(field, pick + n)]),
  );

interface Act {
  readonly by: number;
  readonly what: 'add' | 'move' | 'correct';
  readonly pick: number;
}
const act: fc.Arbitrary<Act> = fc.record({
  by: fc.nat(PEOPLE.length - 1),
  what: fc.constantFrom('add', 'move', 'move', 'move', 'correct'),
  pick: fc.nat(1000),
});

describe('whatever people do with a register', () => {
  test.each(SAMPLE_IDS)(
    '%s: versions stay, states follow declared moves, consent is another’s, the chain is whole',
    (id) => {
      const register = sampleRegister(id);
      fc.assert(
        fc.property(fc.array(act, { minLength: 5, maxLength: 30 }), (acts) => {
          const store = openRegisterStore(':memory:');
          const clock = createVirtualClock(instant(Date.parse('2026-11-23T01:00:00Z')));
          const book = createRegisterBook({ config: makeConfig([register]), clock, log: silentLog, store });
          const seen = new Map<string, string[]>();
          for (const one of acts) {
            refusalsAside(() => play(book, register, one, [...store.entries(id).keys()]));
            for (const [entry, record] of store.entries(id)) {
              const versions = seen.get(entry) ?? [];
              if (versions.length < record.revision) seen.set(entry, [...versions, JSON.stringify(record)]);
            }
          }
          for (const [entry, versions] of seen) {
            const history = book.history(id, entry);
            // Each version that there ever was is still there.
            expect(versions).toEqual(history.map((_, n) => JSON.stringify(foldEntry(entry, history.slice(0, n + 1)))));
            checkSteps(register, history);
          }
          expect(store.verify()).toBeNull();
          store.close();
        }),
        { numRuns: 40 },
      );
    },
  );
});

/** What is refused is one of the operating errors, never a failure of ours. */
function refusalsAside(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof ZhishouError)) throw error;
    expect(['BAD_REQUEST', 'FORBIDDEN', 'CONFLICT', 'NOT_FOUND']).toContain(error.code);
  }
}

function play(
  book: ReturnType<typeof createRegisterBook>,
  register: Register,
  { by, what, pick }: Act,
  entries: readonly string[],
): void {
  const person = PEOPLE[by] ?? who();
  const signed = { how: 'drawn', drawing: DRAWING } as const;
  const entry = entries[pick % Math.max(1, entries.length)] ?? '2026-0001';
  const atStart = register.fields.filter(({ at_start }) => at_start).map(({ id }) => id);
  if (what === 'add') {
    book.add(register.id, { values: filled(register, atStart, pick), signed }, person);
  } else if (what === 'correct') {
    book.correct(register.id, entry, { values: filled(register, atStart.slice(0, 2), pick), reason: 'x' }, person);
  } else {
    const record = book.record(register.id, entry);
    const fitting = register.moves.filter(({ from }) => record !== null && from.includes(record.state));
    // Now and then one that does not fit.
    const moves = pick % 5 === 0 ? register.moves : fitting;
    const move = moves[pick % Math.max(1, moves.length)];
    if (move === undefined) return;
    const fields = filled(
      register,
      move.fields.map(({ id }) => id),
      pick,
    );
    book.move(register.id, entry, { move: move.id, values: fields, reason: 'x', signed }, person);
  }
}

function checkSteps(register: Register, history: ReturnType<ReturnType<typeof createRegisterBook>['history']>): void {
  const [added, ...later] = history;
  let state = added?.state ?? '';
  expect(added?.kind).toBe('added');
  for (const change of later) {
    if (change.kind !== 'moved') {
      expect(change.state).toBe(state);
      continue;
    }
    const move = register.moves.find(({ id }) => id === change.move);
    expect(move?.from).toContain(state);
    expect(change.state).toBe(move?.to);
    if (isFinal(register, state)) expect(register.moves.some(({ from }) => from.includes(state))).toBe(true);
    if (move?.who.not_author === true) {
      expect(change.by).not.toBe(added?.by);
      if (change.byPerson !== null) expect(change.byPerson).not.toBe(added?.byPerson);
    }
    if (move?.signature !== undefined) expect(change.signed).not.toBeNull();
    state = change.state;
  }
}
