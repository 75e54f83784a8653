import type { Register, RegisterField, RegisterMove } from '../config/register.ts';
import type { EntryRecord } from './register-entry.ts';
import { initialState } from './register-rights.ts';
import type { Asked } from './register-values.ts';
import type { FieldView, MoveView, RegisterView } from './register-view.ts';

/** The declared form as the page gets it. */
export function toRegisterView(register: Register, counts: Pick<RegisterView, 'open' | 'overdue'>): RegisterView {
  return {
    id: register.id,
    title: register.title,
    description: register.description ?? null,
    obligations: register.obligations,
    fields: register.fields.map(toFieldView),
    states: register.states,
    initial: initialState(register),
    moves: register.moves.map(toMoveView),
    mayRead: register.who.read,
    mayAdd: register.who.add,
    mayCorrect: register.who.correct,
    quick: register.quick ?? null,
    signature: register.signature ?? null,
    ...counts,
  };
}

const toFieldView = (field: RegisterField): FieldView => ({
  id: field.id,
  kind: field.kind,
  label: field.label,
  hint: field.hint ?? null,
  required: field.required,
  preset: field.preset ?? null,
  unit: field.unit ?? null,
  min: field.min ?? null,
  max: field.max ?? null,
  longest: field.longest ?? null,
  choices: field.choices,
  register: field.register ?? null,
  inList: field.list,
  atStart: field.at_start,
});

const toMoveView = ({ id, label, from, to, who, fields, signature, reason }: RegisterMove): MoveView => ({
  id,
  label,
  from,
  to,
  who: { role: who.role, functions: who.functions, field: who.field ?? null, notAuthor: who.not_author },
  fields,
  signature: signature ?? null,
  reason,
});

/** Photos come by themselves: they are never a part of what is typed. */
const isTyped = ({ kind }: RegisterField): boolean => kind !== 'file-photos';

export const askedAtStart = ({ fields }: Register): Asked[] =>
  fields.filter((field) => field.at_start && isTyped(field)).map(({ id, required }) => ({ id, required }));

/** A correction may change any field, and empties none that was asked for and had to be filled in. */
export const askedByCorrection = (register: Register, entry: Pick<EntryRecord, 'steps'>): Asked[] => {
  const byMoves = register.moves
    .filter(({ id }) => entry.steps.some(({ move }) => move === id))
    .flatMap(({ fields }) => fields.filter(({ required }) => required).map(({ id }) => id));
  return register.fields
    .filter(isTyped)
    .map(({ id, required, at_start }) => ({ id, required: (required && at_start) || byMoves.includes(id) }));
};
