import { type Role, roleAtLeast } from '../command.ts';
import type { FunctionName } from '../config/people.ts';
import type { Register, RegisterMove } from '../config/register.ts';
import type { Text } from '../text.ts';
import type { EntryRecord } from './register-entry.ts';

/** Who may do what to an entry. Each answer is null (yes) or why not, in words for people. */

/** Whoever asks. `functions` are those of the person now: `duty` while the rota names them. */
export interface Who {
  readonly user: string;
  readonly name: string;
  readonly role: Role;
  readonly person: string | null;
  readonly functions: readonly FunctionName[];
}

export const mayRead = ({ who }: Register, role: Role): boolean => roleAtLeast(role, who.read);

/** A move out of the entry's state that the form declares, for whom it declares it. */
export function refuseMove(register: Register, move: RegisterMove, entry: EntryRecord, who: Who): Text | null {
  if (!move.from.includes(entry.state)) return notNow(register, move, entry);
  return refuseBy(move, entry, who);
}

function notNow(register: Register, move: RegisterMove, entry: EntryRecord): Text {
  const state = register.states.find(({ id }) => id === entry.state)?.label;
  return {
    zh: `“${state?.zh ?? entry.state}”状态下不能“${move.label.zh}”`,
    en: `in the state “${state?.en ?? entry.state}” there is no “${move.label.en}”`,
  };
}

function refuseBy({ who: allowed }: RegisterMove, entry: EntryRecord, who: Who): Text | null {
  if (!roleAtLeast(who.role, allowed.role))
    return {
      zh: `您的角色是 ${who.role}，需要 ${allowed.role}`,
      en: `your role is ${who.role}, this needs ${allowed.role}`,
    };
  if (allowed.not_author && isAuthor(entry, who))
    return { zh: '本人登记的，须由他人办理', en: 'you wrote this entry yourself: somebody else has to do this' };
  if (allowed.functions.length === 0 && allowed.field === undefined) return null;
  if (allowed.functions.some((name) => who.functions.includes(name))) return null;
  if (allowed.field !== undefined && who.person !== null && entry.values[allowed.field] === who.person) return null;
  return { zh: '这一步由指定的人办理', en: 'this is for the people whom the register names' };
}

export const isAuthor = (entry: Pick<EntryRecord, 'createdBy' | 'createdByPerson'>, who: Who): boolean =>
  entry.createdBy === who.user || (who.person !== null && entry.createdByPerson === who.person);

/** Ids of the moves that this person may make now. */
export const movesFor = (register: Register, entry: EntryRecord, who: Who): string[] =>
  register.moves.filter((move) => refuseMove(register, move, entry, who) === null).map(({ id }) => id);

/**
 * Corrections are for the role that the register names, and for the author as long as the entry stands where it began. What somebody has
 * consented to is not changed under their signature: from then on a correction is for those who may consent, and never for the author.
 */
export function refuseCorrection(register: Register, entry: EntryRecord, who: Who): Text | null {
  const consents = register.moves.filter(
    ({ id, who: allowed }) => allowed.not_author && entry.steps.some((step) => step.move === id),
  );
  if (consents.length > 0) {
    const mayConsent = consents.every((move) => refuseBy(move, entry, who) === null);
    return mayConsent
      ? null
      : {
          zh: '已经过同意，只有同意者一方可以更正',
          en: 'it was consented to: only those who may consent correct it now',
        };
  }
  if (roleAtLeast(who.role, register.who.correct)) return null;
  const initial = initialState(register);
  const isFresh = entry.state === initial && register.states.find(({ id }) => id === initial)?.final !== true;
  if (isFresh && isAuthor(entry, who) && roleAtLeast(who.role, register.who.add)) return null;
  return { zh: `更正需要角色 ${register.who.correct}`, en: `a correction needs the role ${register.who.correct}` };
}

export const initialState = ({ initial, states }: Pick<Register, 'initial' | 'states'>): string =>
  initial ?? states[0]?.id ?? '';

export const isFinal = ({ states }: Pick<Register, 'states'>, state: string): boolean =>
  states.find(({ id }) => id === state)?.final === true;
