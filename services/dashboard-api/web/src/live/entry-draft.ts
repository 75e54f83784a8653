import { createStore, del, get, set, type UseStore } from 'idb-keyval';
import type { TypedValues } from '../model/register-form.ts';
import { DRAFTS } from './drafts-end.ts';

/**
 * What was typed into a form and not sent yet. It outlives a lost connection, a session that ended and a closed page, until it is sent,
 * thrown away, a week old, or whoever typed it signs out.
 */

const LONGEST_MS = 7 * 86_400_000;

interface Draft {
  readonly at: number;
  /** Of the form: sent twice, it is still one entry. */
  readonly key: string;
  readonly typed: TypedValues;
}

/** `user`: another one's draft is nobody's business. */
export interface DraftName {
  readonly user: string;
  readonly form: string;
}
const nameOf = ({ user, form }: DraftName): string => `${DRAFTS}${user}.${form}`;

let store: UseStore | null = null;
const photoStore = (): UseStore => {
  store ??= createStore('zhishou-drafts', 'photos');
  return store;
};

/** A browser that keeps nothing (a private window, a full disk) says so: then nobody is promised anything. */
export function keepDraft(name: DraftName, draft: Omit<Draft, 'at'>, now: number): boolean {
  try {
    localStorage.setItem(nameOf(name), JSON.stringify({ at: now, ...draft }));
    return true;
  } catch {
    return false;
  }
}

export function draftUnder(name: DraftName, now: number): Draft | null {
  try {
    const draft = JSON.parse(localStorage.getItem(nameOf(name)) ?? 'null') as Draft | null;
    if (draft === null || now - draft.at > LONGEST_MS) return null;
    return draft;
  } catch {
    return null;
  }
}

/** Somebody's draft of this form waits here, whoever signs in. */
export const waitsHere = (form: string): boolean =>
  Object.keys(localStorage).some((key) => key.startsWith(DRAFTS) && key.endsWith(`.${form}`));

export function forgetDraft(name: DraftName): void {
  localStorage.removeItem(nameOf(name));
  void del(nameOf(name), photoStore()).catch(() => undefined);
}

export const keepPhotos = (name: DraftName, photos: readonly Blob[]): Promise<void> =>
  (photos.length === 0 ? del(nameOf(name), photoStore()) : set(nameOf(name), photos, photoStore())).catch(
    () => undefined,
  );

export const keptPhotos = async (name: DraftName): Promise<readonly Blob[]> =>
  (await get<readonly Blob[]>(nameOf(name), photoStore()).catch(() => undefined)) ?? [];
