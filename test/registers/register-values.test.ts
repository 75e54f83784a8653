import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isDrawing } from '#core/paperwork/drawn-signature.ts';
import { readValues } from '#core/paperwork/register-values.ts';
import { FIELD_KINDS, type FieldKind } from '#core/paperwork/register-view.ts';
import { DRAWING, KNOWN, makeRegister } from './support.ts';

/** What each kind takes and refuses. */
const CHOICES = [
  { id: 'a', label: 'A' },
  { id: 'b', label: 'B' },
];
const formOf = (kind: FieldKind, more: Record<string, unknown> = {}) =>
  makeRegister({
    fields: [
      {
        ...{ id: 'x', kind, label: 'X' },
        ...(kind.startsWith('choice') ? { choices: CHOICES } : {}),
        ...(kind === 'entry' ? { register: 'small' } : {}),
        ...more,
      },
    ],
  });
const readOne = (kind: FieldKind, value: unknown, more: Record<string, unknown> = {}) =>
  readValues(formOf(kind, more), { x: value }, [{ id: 'x', required: false }], {}, KNOWN);

const TAKEN: readonly [kind: FieldKind, given: unknown, kept: unknown, reason: string][] = [
  ['text', '  换电池 ', '换电池', 'spaces around it mean nothing'],
  ['text', '', null, 'an empty text is none'],
  ['long-text', 'a\r\nb\tc', 'a\nb\tc', 'lines stay, in one form'],
  ['number', -0, 0, 'JSON has no minus zero'],
  ['number', 21.5, 21.5, 'as it is'],
  ['money', 1280.5, 1280.5, 'two decimals'],
  ['date', '2026-02-28', '2026-02-28', 'a day'],
  ['moment', '2026-11-23T08:30:00+08:00', '2026-11-23T00:30:00.000Z', 'kept in UTC'],
  ['yes-no', false, false, 'no is an answer'],
  ['choice', 'a', 'a', 'one of the choices'],
  ['choices', ['b', 'a', 'b'], ['b', 'a'], 'each once'],
  ['choices', [], null, 'none of them is nothing'],
  ['person', 'lin-hao', 'lin-hao', 'known'],
  ['people', ['lin-hao', 'zhou-min'], ['lin-hao', 'zhou-min'], 'known'],
  ['device', 'ups-1', 'ups-1', 'known'],
  ['room', 'auxiliary', 'auxiliary', 'one of the two'],
  ['phone', '+86 100 0000 0001', '+86 100 0000 0001', 'as people write it'],
  ['signature', DRAWING, DRAWING, 'strokes'],
  ['entry', '2026-0001', '2026-0001', 'there is one'],
];
const REFUSED: readonly [kind: FieldKind, given: unknown, reason: string][] = [
  ['text', 5, 'no text'],
  ['text', 'x'.repeat(201), 'too long'],
  ['text', 'a\nb', 'one line'],
  ['text', 'a\u0000b', 'a control character'],
  ['text', 'abc\u202Egpj.exe', 'reads backwards'],
  ['text', '\uD800', 'half a character'],
  ['long-text', 'x'.repeat(4001), 'too long'],
  ['number', Number.NaN, 'no number'],
  ['number', '5', 'a text'],
  ['number', 1e300, 'beyond anything in a room'],
  ['money', -1, 'less than nothing'],
  ['money', 0.001, 'a thousandth'],
  ['date', '2026-02-31', 'no such day'],
  ['date', '2026-2-1', 'another form'],
  ['moment', '2026-11-23T08:30:00', 'without its zone'],
  ['moment', '0001-01-01T00:00:00Z', 'long ago'],
  ['yes-no', 'true', 'a text'],
  ['choice', 'c', 'none of the choices'],
  ['choice', 'constructor', 'a name that every object has'],
  ['choices', 'a', 'no list'],
  ['choices', Array.from({ length: 51 }, () => 'a'), 'a long list'],
  ['person', 'nobody', 'unknown'],
  ['people', ['lin-hao', 5], 'one that is none'],
  ['device', '__proto__', 'a name that every object has'],
  ['room', 'cellar', 'no such room'],
  ['phone', 'call me', 'no number'],
  ['signature', 'M1 1L2 2', 'a dot'],
  ['signature', '<svg onload=alert(1)>', 'no strokes'],
  ['entry', '2026-0002', 'no such entry'],
  ['file-photos', ['x'], 'photos are sent by themselves'],
];

describe('values of an entry', () => {
  test.each(TAKEN)('%s takes %j as %j: %s', (kind, given, kept) => {
    expect(readOne(kind, given)).toEqual({ values: { x: kept }, problems: [] });
  });

  test.each(REFUSED)('%s refuses %j: %s', (kind, given) => {
    const { values, problems } = readOne(kind, given);
    expect(values).toEqual({});
    expect(problems).toEqual([
      { field: 'x', text: { zh: expect.stringMatching(/./), en: expect.stringMatching(/./) } },
    ]);
  });

  test('the form’s own limits hold', () => {
    expect(readOne('number', 4, { min: 5 }).problems).toHaveLength(1);
    expect(readOne('number', 6, { max: 5 }).problems).toHaveLength(1);
    expect(readOne('text', 'four', { longest: 3 }).problems).toHaveLength(1);
  });

  test('a field that the form does not have, and one that this step does not ask for, are refused by name', () => {
    const register = makeRegister();
    const { problems } = readValues(register, { other: 1, name: 'x' }, [], {}, KNOWN);
    expect(problems.map(({ field }) => field)).toEqual(['other', 'name']);
  });

  test('what is required must be there; what the entry has already counts, and emptying it does not', () => {
    const register = makeRegister();
    const asked = [{ id: 'name', required: true }];
    expect(readValues(register, {}, asked, {}, KNOWN).problems).toHaveLength(1);
    expect(readValues(register, {}, asked, { name: 'x' }, KNOWN).problems).toEqual([]);
    expect(readValues(register, { name: '' }, asked, { name: 'x' }, KNOWN).problems).toHaveLength(1);
  });

  test('whatever is sent, what comes through reads the same a second time', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...FIELD_KINDS),
        fc.anything({ withNullPrototype: true, withBigInt: true }),
        (kind, given) => {
          const { values, problems } = readOne(kind, given);
          if (problems.length > 0) return;
          expect(readOne(kind, values.x)).toEqual({ values, problems: [] });
          expect(JSON.parse(JSON.stringify(values))).toEqual(values);
        },
      ),
    );
  });

  test('a drawing has nothing but strokes within its box', () => {
    expect(isDrawing(DRAWING)).toBe(true);
    expect(isDrawing('M0 0L1001 0')).toBe(false);
    expect(isDrawing('M0 0L100 401')).toBe(false);
    expect(isDrawing('M0 0')).toBe(false);
    fc.assert(fc.property(fc.string(), (text) => !isDrawing(text) || /^[ML\d ]+$/.test(text)));
  });
});
