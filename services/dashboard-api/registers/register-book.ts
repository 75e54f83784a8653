import { createHash } from 'node:crypto';
import { roleAtLeast } from '#core/command.ts';
import type { Config } from '#core/config/config.ts';
import type { Register, RegisterMove } from '#core/config/register.ts';
import { messageOf, ZhishouError } from '#core/errors.ts';
import { duesOf } from '#core/paperwork/register-due.ts';
import {
  changesBy,
  type EntryLink,
  type EntryRecord,
  type KeptChange,
  type PhotoType,
} from '#core/paperwork/register-entry.ts';
import { askedAtStart, askedByCorrection, toRegisterView } from '#core/paperwork/register-form.ts';
import type { RegisterItem } from '#core/paperwork/register-line.ts';
import {
  initialState,
  isFinal,
  mayRead,
  refuseCorrection,
  refuseMove,
  type Who,
} from '#core/paperwork/register-rights.ts';
import { type Asked, readValues, type ValueProblem } from '#core/paperwork/register-values.ts';
import type { EntrySummary, EntryView, FieldValues, RegisterView } from '#core/paperwork/register-view.ts';
import type { WordsOf } from '#core/paperwork/register-words.ts';
import type { Cancel, Clock, Log } from '#core/ports.ts';
import { localDate } from '#core/rota/local-days.ts';
import type { Text } from '#core/text.ts';
import { type Instant, toIso } from '#core/time.ts';
import type { HashedChange, RegisterStore } from '#platform/register-store.ts';
import { ProblemError } from '../problem.ts';
import { toEntryView, toItem, toSummary } from './register-views.ts';
import { ZHISHOU } from './register-who.ts';
import { createFilter, createKnown, type EntryFilter } from './register-words.ts';

/**
 * The registers of the site: the declared forms over the kept entries. Everything that is written goes through here, whoever writes it: page, API,
 * what enters itself, the meeting. Throws NOT_FOUND, FORBIDDEN, CONFLICT, CHANGED_MEANWHILE, BAD_REQUEST with each refused field, STORE_DOWN.
 */
export interface Registers {
  readonly words: WordsOf;
  declared(): readonly Register[];
  /** NOT_FOUND. */
  form(register: string): Register;
  /** Those that this person may read, with how many are open. */
  views(who: Who): readonly RegisterView[];
  list(register: string, filter: EntryFilter, who: Who): readonly EntryRecord[];
  summary(register: string, entry: EntryRecord, who: Who): EntrySummary;
  record(register: string, entry: string): EntryRecord | null;
  history(register: string, entry: string): readonly HashedChange[];
  get(register: string, entry: string, who: Who): EntryView;
  add(register: string, given: NewValues, who: Who): EntryView;
  move(register: string, entry: string, given: GivenMove, who: Who): EntryView;
  correct(register: string, entry: string, given: GivenCorrection, who: Who): EntryView;
  addPhoto(register: string, entry: string, photo: NewPhoto, who: Who): EntryView;
  photo(register: string, entry: string, id: string, who: Who): { readonly type: PhotoType; readonly content: Buffer };
  /** What enters itself: null when it has its entry already. Fields that the site's form does not have are left out. */
  enter(register: string, once: string, values: FieldValues, links: readonly EntryLink[]): EntryRecord | null;
  /** Entries in no final state, of all registers: for report, meeting and duties. */
  openOnes(now?: Instant): readonly RegisterItem[];
  /** Entries that were added or changed in the time, the earliest first. */
  between(from: Instant, to: Instant): readonly RegisterItem[];
  item(register: string, entry: string): RegisterItem | null;
  /** Called after each change; what it throws is logged. */
  onChange(listener: (change: RegisterChange) => void): Cancel;
}

export interface RegisterChange {
  readonly register: Register;
  readonly entry: EntryRecord;
  readonly change: KeptChange;
}
export interface Signed {
  readonly how: 'password' | 'drawn';
  readonly drawing: string | null;
}
export interface NewValues {
  readonly values: Readonly<Record<string, unknown>>;
  /** Sent again, because the answer was lost, it is the same entry. */
  readonly once?: string | undefined;
  readonly signed?: Signed | null;
  readonly links?: readonly EntryLink[];
}
export interface GivenMove {
  readonly move: string;
  readonly values?: Readonly<Record<string, unknown>>;
  readonly reason?: string | undefined;
  readonly signed?: Signed | null;
  /** Of `If-Match`: the revision that was looked at; left out: the newest. */
  readonly revision?: number;
}
export interface GivenCorrection {
  readonly values: Readonly<Record<string, unknown>>;
  readonly reason: string;
  readonly revision?: number;
}
export interface NewPhoto {
  readonly content: Buffer;
  readonly type: PhotoType;
  readonly width: number;
  readonly height: number;
}

export interface BookDependencies {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: RegisterStore;
}

const MOST_ENTRIES = 200_000;
const MOST_CHANGES = 500;
const MOST_PHOTOS = 20;

export function createRegisterBook(deps: BookDependencies): Registers {
  const { config, clock, store } = deps;
  const registers = new Map(config.registers.map((register) => [register.id, register]));
  const known = createKnown(config, (register, id) => store.entries(register).has(id));
  const words: WordsOf = { known, zone: config.site.time_zone };
  const filters = new Map<string, ReturnType<typeof createFilter>>();
  const listeners = new Set<(change: RegisterChange) => void>();

  const form = (id: string): Register => {
    const register = registers.get(id);
    if (register === undefined) throw new ZhishouError('NOT_FOUND', id, 'no such register');
    return register;
  };
  const readable = (id: string, who: Who): Register => {
    const register = form(id);
    if (!mayRead(register, who.role)) throw new ZhishouError('FORBIDDEN', id, `to read it needs ${register.who.read}`);
    return register;
  };
  const find = (register: Register, id: string): EntryRecord => {
    const entry = store.entries(register.id).get(id);
    if (entry === undefined) throw new ZhishouError('NOT_FOUND', `${register.id}/${id}`, 'no such entry');
    return entry;
  };
  const view = (register: Register, entry: EntryRecord, who: Who): EntryView =>
    toEntryView(register, entry, store.history(register.id, entry.id), who, { now: clock.now(), words });
  const read = (
    register: Register,
    given: Readonly<Record<string, unknown>>,
    asked: readonly Asked[],
    before: FieldValues,
  ) => {
    const { values, problems } = readValues(register, given, asked, before, known);
    const all = [...problems, ...backwards(register, { ...before, ...values })];
    if (all.length > 0) throw refused(register, all);
    return values;
  };
  const told = (register: Register, entry: EntryRecord, change: KeptChange): EntryRecord => {
    for (const listener of listeners) {
      try {
        listener({ register, entry, change });
      } catch (error) {
        deps.log.error(
          { error: messageOf(error), register: register.id, entry: entry.id },
          'a change was not passed on',
        );
      }
    }
    return entry;
  };
  const append = (register: Register, entry: EntryRecord, change: KeptChange, revision?: number, content?: Buffer) => {
    if (entry.revision >= MOST_CHANGES) throw new ZhishouError('TOO_MANY', entry.id, `at most ${MOST_CHANGES} changes`);
    return told(register, store.append(register.id, entry.id, revision ?? entry.revision, change, content), change);
  };
  const base = (who: Who, state: string): KeptChange => ({
    ...{ at: toIso(clock.now()), by: who.user, byName: who.name, byPerson: who.person, state, kind: 'added' },
    ...{ move: null, changed: [], reason: null, signed: null, drawing: null, photo: null, links: [] },
  });
  const addEntry = (register: Register, change: KeptChange, once?: string): EntryRecord | null => {
    if (store.entries(register.id).size >= MOST_ENTRIES)
      throw new ZhishouError('TOO_MANY', register.id, `at most ${MOST_ENTRIES} entries`);
    const entry = store.add(register.id, change, localDate(clock.now(), words.zone).year, once);
    return entry === null ? null : told(register, entry, change);
  };
  const all = function* (): Generator<readonly [Register, EntryRecord]> {
    for (const register of config.registers)
      for (const entry of store.entries(register.id).values()) yield [register, entry];
  };

  return {
    words,
    declared: () => config.registers,
    form,
    views: (who) =>
      config.registers
        .filter((register) => mayRead(register, who.role))
        .map((register) => toRegisterView(register, countsOf(register, store, clock.now(), words.zone))),
    list(id, filter, who) {
      const register = readable(id, who);
      const narrow = filters.get(register.id) ?? createFilter(register, words);
      filters.set(register.id, narrow);
      return [...store.entries(id).values()].filter(narrow(filter));
    },
    summary: (id, entry, who) => toSummary(form(id), entry, who, clock.now(), words.zone),
    record: (id, entry) => (registers.has(id) ? (store.entries(id).get(entry) ?? null) : null),
    history: (id, entry) => store.history(id, entry),
    get(id, entry, who) {
      const register = readable(id, who);
      return view(register, find(register, entry), who);
    },
    add(id, { values, once, signed = null, links = [] }, who) {
      const register = readable(id, who);
      if (!roleAtLeast(who.role, register.who.add))
        throw new ZhishouError('FORBIDDEN', id, `your role is ${who.role}, to add an entry needs ${register.who.add}`);
      needSignature(register.signature, signed, who);
      const made = once === undefined ? null : store.entryOnce(id, once);
      if (made !== null) return view(register, find(register, made), who);
      const state = initialState(register);
      const changed = changesBy({}, read(register, values, askedAtStart(register), {}));
      const entry = addEntry(register, { ...base(who, state), changed, ...signatureOf(signed), links }, once);
      // Sent twice at once.
      return view(register, entry ?? find(register, store.entryOnce(id, once ?? '') ?? ''), who);
    },
    move(id, entryId, given, who) {
      const register = readable(id, who);
      const entry = find(register, entryId);
      const move = moveOf(register, given.move);
      const code = move.from.includes(entry.state) ? 'FORBIDDEN' : 'CONFLICT';
      refuse(code, 'move', refuseMove(register, move, entry, who), `${id}/${entryId}`);
      if (move.reason && (given.reason ?? '').trim() === '') throw refused(register, [REASON_NEEDED], '');
      needSignature(move.signature, given.signed ?? null, who);
      const values = read(register, given.values ?? {}, move.fields, entry.values);
      const change: KeptChange = {
        ...base(who, move.to),
        ...{ kind: 'moved', move: move.id, changed: changesBy(entry.values, values) },
        ...{ reason: given.reason?.trim() ?? null, ...signatureOf(given.signed ?? null) },
      };
      return view(register, append(register, entry, change, given.revision), who);
    },
    correct(id, entryId, { values: given, reason, revision }, who) {
      const register = readable(id, who);
      const entry = find(register, entryId);
      refuse('FORBIDDEN', 'correction', refuseCorrection(register, entry, who), `${id}/${entryId}`);
      const values = read(register, given, askedByCorrection(register, entry), entry.values);
      const changed = changesBy(entry.values, values);
      if (changed.length === 0) throw new ZhishouError('BAD_REQUEST', entryId, 'nothing is otherwise than before');
      const change: KeptChange = { ...base(who, entry.state), kind: 'corrected', changed, reason: reason.trim() };
      return view(register, append(register, entry, change, revision), who);
    },
    addPhoto(id, entryId, { content, type, width, height }, who) {
      const register = readable(id, who);
      const entry = find(register, entryId);
      if (!roleAtLeast(who.role, register.who.add))
        throw new ZhishouError('FORBIDDEN', id, `your role is ${who.role}, a photo needs ${register.who.add}`);
      if (entry.photos.length >= MOST_PHOTOS)
        throw new ZhishouError('TOO_MANY', entryId, `at most ${MOST_PHOTOS} photos`);
      const sha256 = createHash('sha256').update(content).digest('hex');
      const photoId = sha256.slice(0, 32);
      // Sent again, because the answer was lost.
      if (entry.photos.some((one) => one.id === photoId)) return view(register, entry, who);
      const change = base(who, entry.state);
      const photo = { id: photoId, at: change.at, by: who.user, width, height, type, bytes: content.length, sha256 };
      return view(register, append(register, entry, { ...change, kind: 'photo', photo }, undefined, content), who);
    },
    photo(id, entryId, photoId, who) {
      const entry = find(readable(id, who), entryId);
      const about = entry.photos.find((one) => one.id === photoId);
      const content = about === undefined ? null : store.photo(id, entryId, photoId);
      if (about === undefined || content === null) throw new ZhishouError('NOT_FOUND', photoId, 'no such photo');
      return { type: about.type, content };
    },
    enter(id, once, values, links) {
      const register = registers.get(id);
      if (register === undefined) return null;
      const own = readValues(register, values, askedAtStart(register), values, known).values;
      const change = { ...base(ZHISHOU, initialState(register)), changed: changesBy({}, own), links };
      return addEntry(register, change, once);
    },
    openOnes(now = clock.now()) {
      return [...all()]
        .filter(([register, entry]) => !isFinal(register, entry.state))
        .map(([register, entry]) => toItem(register, entry, now, words));
    },
    between(from, to) {
      const [first, end] = [toIso(from), toIso(to)];
      const isIn = (at: string): boolean => at >= first && at < end;
      return [...all()]
        .filter(([, { createdAt, changedAt }]) => isIn(createdAt) || isIn(changedAt))
        .sort(([, a], [, b]) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0))
        .map(([register, entry]) => toItem(register, entry, clock.now(), words));
    },
    item(id, entryId) {
      const register = registers.get(id);
      const entry = register === undefined ? undefined : store.entries(id).get(entryId);
      return register === undefined || entry === undefined ? null : toItem(register, entry, clock.now(), words);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const REASON_NEEDED: ValueProblem = { field: 'reason', text: { zh: '请写明原因', en: 'a reason is needed' } };

function moveOf(register: Register, id: string): RegisterMove {
  const move = register.moves.find((one) => one.id === id);
  if (move === undefined) throw new ZhishouError('NOT_FOUND', id.slice(0, 63), `${register.id} has no such move`);
  return move;
}

/** CONFLICT: the entry is elsewhere by now, whoever asks; FORBIDDEN: it is for somebody else. */
function refuse(code: 'CONFLICT' | 'FORBIDDEN', path: string, why: Text | null, entry: string): void {
  if (why === null) return;
  throw new ProblemError(code, entry, why.en, { issues: [{ path, message: why.en, text: why }] });
}

const refused = (register: Register, problems: readonly ValueProblem[], prefix = 'values.'): ProblemError =>
  new ProblemError('BAD_REQUEST', register.id, problems.map(({ field, text }) => `${field}: ${text.en}`).join('; '), {
    issues: problems.map(({ field, text }) => ({ path: `${prefix}${field}`, message: text.en, text })),
  });

/** What is permitted ends after it begins. */
function backwards({ permits }: Register, values: FieldValues): ValueProblem[] {
  if (permits === undefined) return [];
  const [from, to] = [values[permits.from], values[permits.to]];
  if (typeof from !== 'string' || typeof to !== 'string' || from < to) return [];
  return [{ field: permits.to, text: { zh: '结束时间须在开始之后', en: 'must be after its beginning' } }];
}

/** What enters itself is signed by nobody; a password does wherever a finger would. */
function needSignature(wanted: 'password' | 'drawn' | undefined, signed: Signed | null, who: Who): void {
  if (wanted === undefined || signed !== null || who.user === ZHISHOU.user) return;
  const text: Text = { zh: '需要签名', en: 'a signature is needed' };
  throw new ProblemError('BAD_REQUEST', 'signature', text.en, {
    issues: [{ path: 'signature', message: text.en, text }],
  });
}

const signatureOf = (signed: Signed | null): Pick<KeptChange, 'signed' | 'drawing'> => ({
  signed: signed?.how ?? null,
  drawing: signed?.drawing ?? null,
});

function countsOf(
  register: Register,
  store: RegisterStore,
  now: Instant,
  zone: string,
): Pick<RegisterView, 'open' | 'overdue'> {
  const entries = [...store.entries(register.id).values()].filter(({ state }) => !isFinal(register, state));
  const overdue = entries.filter((entry) => duesOf(register, entry, now, zone).some((due) => due.overdue)).length;
  return { open: entries.length, overdue };
}
