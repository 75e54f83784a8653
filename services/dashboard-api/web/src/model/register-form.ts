import type { FieldValue, FieldValues, FieldView, MoveView, RegisterView } from '#core/paperwork/register-view.ts';
import { fieldAt } from './rota-calendar.ts';
import { instantAt } from './time-format.ts';

/** A form made from a register's declaration. What stands in it is what was typed; it becomes a value when it is sent. Pure. */

/** Texts for what is typed (a number half written is none yet), lists for what is chosen several times. */
export type Typed = string | boolean | readonly string[] | null;
export type TypedValues = Readonly<Record<string, Typed>>;

/** What is wrong with a field, in words of `registers.wrong.*`. */
export interface Wrong {
  readonly why: 'required' | 'number' | 'least' | 'most' | 'long' | 'moment' | 'phone';
  readonly limit?: number;
}

/** What presets are made of. */
export interface Presets {
  readonly now: number;
  readonly timeZone: string;
  /** Person of people.yaml that whoever is signed in is; null: none. */
  readonly me: string | null;
  readonly myName: string;
  readonly onDuty: string | null;
  readonly onDutyName: string;
}

export const LISTS: readonly FieldView['kind'][] = ['choices', 'people', 'devices'];
const NUMBERS: readonly FieldView['kind'][] = ['number', 'money'];
/** As core/config/people.ts has it, a little wider: people write brackets, and extensions. */
const PHONE = /^[+\d][\d ()/-]{2,25}$/;

const nothing = (field: FieldView): Typed => (LISTS.includes(field.kind) ? [] : field.kind === 'yes-no' ? null : '');
/** `No` is an answer, an empty list is none. */
const isGiven = (typed: Typed | undefined): typed is Exclude<Typed, null> => {
  if (typed === undefined || typed === null) return false;
  return typeof typed === 'boolean' || (typeof typed === 'string' ? typed.trim() : typed).length > 0;
};

/** What a value looks like in its field: an instant on the site's wall clock, a number as text. */
export function typedOf(field: FieldView, value: FieldValue | undefined, timeZone: string): Typed {
  if (value === null || value === undefined) return nothing(field);
  if (LISTS.includes(field.kind)) return Array.isArray(value) ? value : [String(value)];
  if (field.kind === 'yes-no') return value === true || value === 'true';
  if (field.kind === 'moment') {
    const at = Date.parse(String(value));
    return Number.isNaN(at) ? '' : fieldAt(timeZone, at);
  }
  return String(value);
}

/** What stands in the field before anybody types. */
export function presetOf(field: FieldView, presets: Presets): Typed {
  const person = field.kind === 'person' || field.kind === 'people';
  const one = (id: string | null, name: string): Typed => {
    if (!person) return field.kind === 'text' ? name : nothing(field);
    return field.kind === 'people' ? (id === null ? [] : [id]) : (id ?? '');
  };
  switch (field.preset) {
    case null:
      return nothing(field);
    case 'now':
      return fieldAt(presets.timeZone, presets.now).slice(0, field.kind === 'date' ? 10 : 16);
    case 'today':
      return fieldAt(presets.timeZone, presets.now).slice(0, 10);
    case 'me':
      return one(presets.me, presets.myName);
    case 'on-duty':
      return one(presets.onDuty, presets.onDutyName);
    default:
      return typedOf(field, field.preset, presets.timeZone);
  }
}

/** The value that is sent; null: nothing was given. Only what `wrongOf` has nothing against. */
export function valueToSend(field: FieldView, typed: Typed | undefined, timeZone: string): FieldValue {
  if (!isGiven(typed)) return null;
  if (typeof typed !== 'string') return typed;
  const text = typed.trim();
  if (NUMBERS.includes(field.kind)) return numberOf(text);
  if (field.kind === 'moment') {
    const at = instantAt(timeZone, text);
    return at === null ? null : new Date(at).toISOString();
  }
  return text;
}

/** A comma is a point to many, and some write the thousands apart: `1 200,5`. */
const numberOf = (text: string): number => Number(text.replaceAll(/[\s ]/g, '').replace(/[,，]/, '.'));

/** What the page can say before it asks: the service judges again. */
export function wrongOf(field: FieldView, typed: Typed | undefined, required: boolean, timeZone: string): Wrong | null {
  if (!isGiven(typed)) return required ? { why: 'required' } : null;
  if (typeof typed !== 'string') return null;
  const text = typed.trim();
  if (NUMBERS.includes(field.kind)) {
    const value = numberOf(text);
    if (!Number.isFinite(value)) return { why: 'number' };
    if (field.min !== null && value < field.min) return { why: 'least', limit: field.min };
    if (field.max !== null && value > field.max) return { why: 'most', limit: field.max };
    return null;
  }
  if (field.kind === 'moment' && instantAt(timeZone, text) === null) return { why: 'moment' };
  if (field.kind === 'phone' && !PHONE.test(text)) return { why: 'phone' };
  return field.longest !== null && [...text].length > field.longest ? { why: 'long', limit: field.longest } : null;
}

export type Wrongs = Readonly<Record<string, Wrong>>;

/** One field as it is asked: a move may need what the form does not. */
export interface AskedField {
  readonly field: FieldView;
  readonly required: boolean;
}

export function wrongsOf(asked: readonly AskedField[], typed: TypedValues, timeZone: string): Wrongs {
  const found = asked.flatMap(({ field, required }) => {
    // Photos are sent after the entry; whether there is one is looked at where they are taken.
    const wrong = field.kind === 'file-photos' ? null : wrongOf(field, typed[field.id], required, timeZone);
    return wrong === null ? [] : [[field.id, wrong] as const];
  });
  return Object.fromEntries(found);
}

export const valuesOf = (asked: readonly AskedField[], typed: TypedValues, timeZone: string): FieldValues =>
  Object.fromEntries(
    asked
      .filter(({ field }) => field.kind !== 'file-photos')
      .map(({ field }) => [field.id, valueToSend(field, typed[field.id], timeZone)] as const),
  );

/** What is asked when one adds an entry; `quick`: at the door. */
export function askedAtStart(register: RegisterView, quick = false): readonly AskedField[] {
  const wanted = quick && register.quick !== null ? register.quick.fields : null;
  return register.fields
    .filter((field) => (wanted === null ? field.atStart : wanted.includes(field.id)))
    .map((field) => ({ field, required: field.required }));
}

/** At the door little is asked; what the declaration presets goes along unseen. */
export function unseenPresets(register: RegisterView, presets: Presets): TypedValues {
  const seen = new Set(register.quick?.fields ?? []);
  return Object.fromEntries(
    register.fields
      .filter((field) => field.atStart && field.preset !== null && !seen.has(field.id))
      .map((field) => [field.id, presetOf(field, presets)] as const),
  );
}

export const askedByMove = (register: RegisterView, move: MoveView): readonly AskedField[] =>
  move.fields.flatMap(({ id, required }) => {
    const field = register.fields.find((one) => one.id === id);
    return field === undefined ? [] : [{ field, required }];
  });

/** Ends an entry well: signed out, done. */
export function endsWell(register: RegisterView, move: MoveView): boolean {
  const state = register.states.find(({ id }) => id === move.to);
  return state?.final === true && state.tone !== 'refused';
}

/** Whoever signs in here signs out again: from the first state a step ends the entry. */
export const isForRooms = (register: RegisterView): boolean =>
  register.quick !== null && register.moves.some((move) => endsWell(register, move));
