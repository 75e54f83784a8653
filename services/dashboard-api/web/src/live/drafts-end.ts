/** Where forms keep what was typed; nothing of it is left after signing out. Apart from live/entry-draft.ts, because each page signs out. */
export const DRAFTS = 'zhishou.draft.';

export function forgetDrafts(): void {
  for (const key of Object.keys(localStorage)) if (key.startsWith(DRAFTS)) localStorage.removeItem(key);
  indexedDB.deleteDatabase('zhishou-drafts');
}
