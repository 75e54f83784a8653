import type { EntryChange, EntryPhoto, FieldValue, FieldValues } from './register-view.ts';

/**
 * An entry is the fold of what happened to it: it is added, moved on, corrected, given a photo. Nothing of it is ever overwritten, so folding the
 * first n changes is the entry as it was then.
 */

/** One change as it is kept, without its hash. */
export interface KeptChange extends Omit<EntryChange, 'hash' | 'drawing'> {
  /** The person of people.yaml whose account it was: nobody consents to their own with a second account. */
  readonly byPerson: string | null;
  readonly drawing: string | null;
  readonly photo: KeptPhoto | null;
  /** An incident or a duty that it comes from; of the first change. */
  readonly links: readonly EntryLink[];
}

export interface KeptPhoto extends EntryPhoto {
  readonly type: PhotoType;
  readonly bytes: number;
  /** Of the bytes: so the chain vouches for the picture too. */
  readonly sha256: string;
}

export const PHOTO_TYPES = ['image/jpeg', 'image/png', 'image/webp'] as const;
export type PhotoType = (typeof PHOTO_TYPES)[number];

export interface EntryLink {
  readonly label: { readonly zh: string; readonly en: string };
  readonly path: string;
}

/** Who moved it on. */
export interface EntryStep {
  readonly move: string;
  readonly state: string;
  readonly at: string;
  readonly by: string;
  readonly byName: string;
  readonly byPerson: string | null;
}

export interface EntryRecord {
  readonly id: string;
  readonly state: string;
  readonly values: FieldValues;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly createdByName: string;
  readonly createdByPerson: string | null;
  readonly changedAt: string;
  /** When it came into its state; a move from a state into the same counts anew. */
  readonly stateSince: string;
  /** The last time that it came into each state. */
  readonly reached: Readonly<Record<string, string>>;
  readonly steps: readonly EntryStep[];
  readonly photos: readonly KeptPhoto[];
  readonly corrected: boolean;
  readonly links: readonly EntryLink[];
  /** How many changes it is made of. */
  readonly revision: number;
}

/** The entry after one more change; null before: the change is its first. */
export function applyChange(before: EntryRecord | null, id: string, change: KeptChange): EntryRecord {
  const values = { ...before?.values, ...Object.fromEntries(change.changed.map(({ field, after }) => [field, after])) };
  if (before === null) {
    return {
      ...{ id, values, state: change.state, createdAt: change.at, changedAt: change.at, stateSince: change.at },
      ...{ createdBy: change.by, createdByName: change.byName, createdByPerson: change.byPerson },
      ...{ reached: { [change.state]: change.at }, steps: [], photos: [], corrected: false, links: change.links },
      revision: 1,
    };
  }
  const next = { ...before, values, changedAt: change.at, revision: before.revision + 1 };
  if (change.photo !== null) return { ...next, photos: [...before.photos, change.photo] };
  if (change.kind === 'corrected') return { ...next, corrected: true };
  if (change.move === null) return next;
  const { move, state, at, by, byName, byPerson } = change;
  return {
    ...next,
    state,
    stateSince: at,
    reached: { ...before.reached, [state]: at },
    steps: [...before.steps, { move, state, at, by, byName, byPerson }],
  };
}

/** The whole history, or its beginning; null of none. */
export const foldEntry = (id: string, changes: readonly KeptChange[]): EntryRecord | null =>
  changes.reduce<EntryRecord | null>((record, change) => applyChange(record, id, change), null);

/** What these values change. */
export const changesBy = (before: FieldValues, values: FieldValues): EntryChange['changed'] =>
  Object.entries(values).flatMap(([field, after]) => {
    const was = before[field] ?? null;
    return same(was, after) ? [] : [{ field, before: was, after }];
  });

const same = (a: FieldValue, b: FieldValue): boolean =>
  Array.isArray(a) && Array.isArray(b)
    ? a.length === b.length && a.every((one, index) => one === (b as readonly string[])[index])
    : a === b;
