import { createStore, del, get, set, type UseStore } from 'idb-keyval';

/** What this browser keeps of one person's view, so that it can be read without a connection; nothing is left after signing out. */

export type KeptName = 'view' | 'who' | 'orders' | 'duties' | 'duty-views';

let store: UseStore | null = null;
const opened = (): UseStore => {
  store ??= createStore('zhishou', 'kept');
  return store;
};

/** Private windows and full disks keep nothing: then there is nothing to read. */
export async function keptUnder<T>(name: KeptName): Promise<T | null> {
  try {
    return (await get<T>(name, opened())) ?? null;
  } catch {
    return null;
  }
}

/** Texts alone: what is reactive cannot be cloned. */
export const keepUnder = (name: KeptName, value: string): Promise<void> =>
  set(name, value, opened()).catch(() => undefined);

export async function forgetKept(): Promise<void> {
  const names: readonly KeptName[] = ['view', 'who', 'orders', 'duties', 'duty-views'];
  await Promise.all(names.map((name) => del(name, opened()).catch(() => undefined)));
}
