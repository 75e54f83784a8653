import type { Register } from '#core/config/register.ts';
import { duesOf } from '#core/paperwork/register-due.ts';
import type { EntryLink, EntryRecord } from '#core/paperwork/register-entry.ts';
import type { RegisterItem } from '#core/paperwork/register-line.ts';
import { isFinal, movesFor, refuseCorrection, type Who } from '#core/paperwork/register-rights.ts';
import type { EntryPhoto, EntrySummary, EntryView } from '#core/paperwork/register-view.ts';
import { stateLabel, titleOf, type WordsOf } from '#core/paperwork/register-words.ts';
import { type Instant, toIso } from '#core/time.ts';
import type { HashedChange } from '#platform/register-store.ts';

/** Entries as the page, the reports and the meetings get them. */

export function toSummary(register: Register, entry: EntryRecord, who: Who, now: Instant, zone: string): EntrySummary {
  const [due] = duesOf(register, entry, now, zone);
  return {
    id: entry.id,
    register: register.id,
    state: entry.state,
    values: entry.values,
    createdAt: entry.createdAt,
    createdBy: entry.createdBy,
    createdByName: entry.createdByName,
    changedAt: entry.changedAt,
    due: due === undefined ? null : { at: toIso(due.at), what: due.deadline.text, overdue: due.overdue },
    photos: entry.photos.length,
    corrected: entry.corrected,
    moves: movesFor(register, entry, who),
  };
}

export function toEntryView(
  register: Register,
  entry: EntryRecord,
  history: readonly HashedChange[],
  who: Who,
  at: { readonly now: Instant; readonly words: WordsOf },
): EntryView {
  return {
    ...toSummary(register, entry, who, at.now, at.words.zone),
    version: versionOfEntry(register.id, entry),
    history: history.map(({ byPerson: _person, photo: _photo, links: _links, ...change }) => change),
    photosOf: entry.photos.map(
      ({ id, at: added, by, width, height }): EntryPhoto => ({ id, at: added, by, width, height }),
    ),
    mayCorrect: refuseCorrection(register, entry, who) === null,
    links: [...entry.links, ...devicesOf(register, entry).map((id) => deviceLink(id, at.words))],
  };
}

export const versionOfEntry = (register: string, { id, revision }: EntryRecord): string =>
  `${register}.${id}.${revision}`;

const deviceLink = (id: string, { known }: WordsOf): EntryLink => ({
  label: known.device(id) ?? { zh: id, en: id },
  path: `/devices/${id}`,
});

const devicesOf = ({ fields }: Register, { values }: EntryRecord): string[] => [
  ...new Set(
    fields
      .filter(({ kind }) => kind === 'device' || kind === 'devices')
      .flatMap(({ id }) => [values[id] ?? []].flat())
      .filter((value) => typeof value === 'string'),
  ),
];

export function toItem(register: Register, entry: EntryRecord, now: Instant, words: WordsOf): RegisterItem {
  const path = `/registers/${register.id}/entries/${entry.id}`;
  const state = register.states.find(({ id }) => id === entry.state);
  return {
    key: `${register.id}/${entry.id}`,
    register: register.id,
    registerTitle: register.title,
    obligations: register.obligations,
    id: entry.id,
    title: titleOf(register, entry, words),
    state: entry.state,
    stateLabel: stateLabel(register, entry.state),
    open: !isFinal(register, entry.state),
    waiting: state?.tone === 'waiting',
    createdAt: entry.createdAt,
    createdBy: entry.createdBy,
    createdByName: entry.createdByName,
    changedAt: entry.changedAt,
    dues: duesOf(register, entry, now, words.zone).map(({ deadline, at, remindAt, overdue }) => ({
      deadline: deadline.id,
      at: toIso(at),
      remindAt: toIso(remindAt),
      text: deadline.text,
      overdue,
      duty: deadline.duty,
      round: entry.stateSince,
      tell: deadline.tell,
    })),
    devices: devicesOf(register, entry),
    path,
  };
}
