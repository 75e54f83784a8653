import type { FunctionName } from '#core/config/people.ts';
import type { Register, RegisterField } from '#core/config/register.ts';
import type { FieldKind } from '#core/paperwork/register-view.ts';
import { mendWord } from '../nearest.ts';
import type { Located, Parts } from '../parts.ts';
import { checkFunction } from './people-checks.ts';
import { checkKnown, type Teller } from './references.ts';

/** Registers as forms: what nobody could ever fill in, reach or consent to is told before somebody stands at the door with it. */
export function checkRegisters(parts: Parts, tell: Teller): void {
  for (const at of parts.registers.items) {
    const on = createLooking(at, parts, tell);
    checkFields(on);
    checkStates(on);
    checkMoves(on);
    checkDeadlines(on);
    checkQuick(on);
    checkPresence(on);
    checkPermits(on);
  }
}

type Path = readonly PropertyKey[];

/** One register, what it has by name, and how its mistakes are told. */
interface Looking {
  readonly at: Located<Register>;
  readonly register: Register;
  readonly parts: Parts;
  readonly fields: ReadonlyMap<string, RegisterField>;
  readonly tell: (path: Path, message: string, mend: string) => void;
  state(path: Path, name: string): void;
  field(path: Path, name: string, kinds?: readonly FieldKind[]): void;
  functions(path: Path, names: readonly FunctionName[]): void;
}

function createLooking(at: Located<Register>, parts: Parts, tell: Teller): Looking {
  const register = at.value;
  const fields = new Map(register.fields.map((field) => [field.id, field]));
  const states = new Set(register.states.map(({ id }) => id));
  return {
    ...{ at, register, parts, fields },
    tell: (path, message, mend) => tell(at, path, message, mend),
    state: (path, name) => void checkKnown(tell, at, path, name, states, 'state'),
    field(path, name, kinds) {
      if (!checkKnown(tell, at, path, name, new Set(fields.keys()), 'field')) return;
      const kind = fields.get(name)?.kind;
      if (kinds !== undefined && kind !== undefined && !kinds.includes(kind))
        tell(at, path, `${name} is a field of kind ${kind}`, `name one of kind ${kinds.join(' or ')}`);
    },
    functions(path, names) {
      for (const [i, name] of names.entries()) checkFunction(at, [...path, i], name, parts, tell);
    },
  };
}

function twice({ tell }: Looking, list: string, ids: readonly string[]): void {
  for (const [i, id] of ids.entries())
    if (ids.indexOf(id) < i) tell([list, i, 'id'], `${id} is there twice`, 'give one of them another id');
}

function checkFields(on: Looking): void {
  const { register, tell, parts } = on;
  twice(
    on,
    'fields',
    register.fields.map(({ id }) => id),
  );
  const asked = new Set(register.moves.flatMap(({ fields }) => fields.map(({ id }) => id)));
  for (const [i, field] of register.fields.entries()) {
    const path = ['fields', i];
    const isChoice = field.kind === 'choice' || field.kind === 'choices';
    if (isChoice && field.choices.length === 0)
      tell(path, `${field.id} has no choices`, 'add choices: [{ id: …, label: … }]');
    if (!isChoice && field.choices.length > 0)
      tell(
        [...path, 'choices'],
        `a field of kind ${field.kind} takes no choices`,
        'make it kind: choice, or remove them',
      );
    if (field.kind === 'entry' && field.register === undefined)
      tell(path, `${field.id} does not say of which register its entries are`, 'add register: …');
    if (field.register !== undefined)
      checkKnown(
        (_at, where, message, mend) => tell(where, message, mend),
        on.at,
        [...path, 'register'],
        field.register,
        parts.registers.ids,
        'register',
      );
    if (field.min !== undefined && field.max !== undefined && field.max < field.min)
      tell([...path, 'max'], 'no number is that small and that large', 'write a max above min');
    if (!field.at_start && field.kind !== 'file-photos' && !asked.has(field.id))
      tell(
        path,
        `${field.id} is asked neither at the start nor by any move`,
        `remove at_start: false, or name it in a move's fields`,
      );
    if (field.required && field.kind === 'file-photos')
      tell(
        [...path, 'required'],
        'photos are sent after the entry is there: they cannot be required',
        'remove required',
      );
    if (field.preset !== undefined) checkPreset(on, [...path, 'preset'], field, field.preset);
  }
}

const PRESETS: Readonly<Record<string, readonly FieldKind[]>> = {
  now: ['moment'],
  today: ['date'],
  me: ['person', 'people', 'text'],
  'on-duty': ['person', 'people', 'text'],
};

function checkPreset({ tell }: Looking, path: Path, { kind, choices }: RegisterField, preset: string): void {
  const kinds = Object.hasOwn(PRESETS, preset) ? PRESETS[preset] : undefined;
  if (kinds !== undefined && !kinds.includes(kind) && kind !== 'long-text')
    tell(
      path,
      `a field of kind ${kind} cannot begin as ${preset}`,
      `${preset} is for fields of kind ${kinds.join(', ')}`,
    );
  const known = choices.map(({ id }) => id);
  if (kind === 'choice' && !known.includes(preset))
    tell(path, `${preset} is none of its choices`, mendWord(preset, known, 'choice'));
}

function checkStates(on: Looking): void {
  const { register, tell } = on;
  twice(
    on,
    'states',
    register.states.map(({ id }) => id),
  );
  if (register.initial !== undefined) on.state(['initial'], register.initial);
  const reached = new Set([register.initial ?? register.states[0]?.id ?? '']);
  for (let before = -1; before !== reached.size; ) {
    before = reached.size;
    for (const { from, to } of register.moves) if (from.some((one) => reached.has(one))) reached.add(to);
  }
  for (const [i, { id, final }] of register.states.entries()) {
    if (!reached.has(id)) tell(['states', i], `no move leads to the state ${id}`, 'add a move, or remove the state');
    else if (
      !final &&
      !register.moves.some(({ from, to }) => from.includes(id) && (to !== id || isVisit(register, id)))
    )
      tell(['states', i], `an entry never leaves the state ${id}`, 'add a move out of it, or make it final: true');
  }
}

/** A state that one comes back to by itself is one of waiting for the next time: it has a deadline. */
const isVisit = ({ deadlines }: Register, state: string): boolean => deadlines.some((one) => one.in.includes(state));

function checkMoves(on: Looking): void {
  const { register, tell } = on;
  twice(
    on,
    'moves',
    register.moves.map(({ id }) => id),
  );
  for (const [i, move] of register.moves.entries()) {
    const path = ['moves', i];
    for (const [n, state] of move.from.entries()) on.state([...path, 'from', n], state);
    on.state([...path, 'to'], move.to);
    for (const [n, { id }] of move.fields.entries()) {
      on.field([...path, 'fields', n], id);
      if (on.fields.get(id)?.kind === 'file-photos')
        tell([...path, 'fields', n], `${id} is for photos, which are added by themselves`, 'remove it here');
    }
    on.functions([...path, 'who', 'functions'], move.who.functions);
    if (move.who.field !== undefined) on.field([...path, 'who', 'field'], move.who.field, ['person']);
  }
}

function checkDeadlines(on: Looking): void {
  const { register, tell } = on;
  twice(
    on,
    'deadlines',
    register.deadlines.map(({ id }) => id),
  );
  for (const [i, deadline] of register.deadlines.entries()) {
    const path = ['deadlines', i];
    for (const [n, state] of deadline.in.entries()) on.state([...path, 'in', n], state);
    const { after } = deadline;
    if (after !== undefined && 'state' in after) on.state([...path, 'after', 'state'], after.state);
    if (after !== undefined && 'field' in after) on.field([...path, 'after', 'field'], after.field, ['date', 'moment']);
    if (!register.moves.some(({ from }) => from.some((state) => deadline.in.includes(state))))
      tell(path, `nothing can be done about ${deadline.id}: no move leaves these states`, 'add a move that answers it');
    on.functions([...path, 'tell'], deadline.tell);
    on.functions([...path, 'overdue'], deadline.overdue);
  }
}

function checkQuick(on: Looking): void {
  const { quick, fields } = on.register;
  if (quick === undefined) return;
  for (const [i, id] of quick.fields.entries()) on.field(['quick', 'fields', i], id);
  for (const { id, required, at_start, preset } of fields)
    if (required && at_start && preset === undefined && !quick.fields.includes(id))
      on.tell(['quick', 'fields'], `the short form lacks ${id}, which is required`, `add ${id}, or give it a preset`);
}

function checkPresence(on: Looking): void {
  const { presence } = on.register;
  if (presence === undefined) return;
  for (const [i, state] of presence.states.entries()) on.state(['presence', 'states', i], state);
  if (presence.person !== undefined) on.field(['presence', 'person'], presence.person, ['person']);
  if (presence.name !== undefined) on.field(['presence', 'name'], presence.name, ['text']);
  if (presence.since !== undefined) on.field(['presence', 'since'], presence.since, ['moment']);
}

function checkPermits(on: Looking): void {
  const { permits, moves } = on.register;
  if (permits === undefined) return;
  for (const [i, state] of permits.states.entries()) on.state(['permits', 'states', i], state);
  if (permits.devices !== undefined) on.field(['permits', 'devices'], permits.devices, ['device', 'devices']);
  on.field(['permits', 'from'], permits.from, ['moment']);
  on.field(['permits', 'to'], permits.to, ['moment']);
  if (permits.points !== undefined) {
    const { field, means } = permits.points;
    on.field(['permits', 'points', 'field'], field, ['choice', 'choices']);
    const known = on.fields.get(field)?.choices.map(({ id }) => id) ?? [];
    for (const choice of Object.keys(means))
      if (!known.includes(choice))
        on.tell(
          ['permits', 'points', 'means', choice],
          `${choice} is no choice of ${field}`,
          mendWord(choice, known, 'choice'),
        );
  }
  const consent = moves.find(({ id }) => id === permits.approved_by);
  if (consent === undefined)
    on.tell(
      ['permits', 'approved_by'],
      `there is no move ${permits.approved_by}`,
      mendWord(
        permits.approved_by,
        moves.map(({ id }) => id),
        'move',
      ),
    );
  else if (!consent.who.not_author)
    on.tell(
      ['permits', 'approved_by'],
      `${consent.id} lets people permit their own changes`,
      'add who: { not_author: true } to it',
    );
}
