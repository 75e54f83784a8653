/**
 * Puts an entry at its key (an entry that is there keeps its place). When there are more than `most`, the oldest that `may`
 * go does; when none may, the oldest of all.
 */
export function keepNewest<T>(
  entries: Map<string, T>,
  key: string,
  value: T,
  most: number,
  may: (value: T) => boolean,
): void {
  entries.set(key, value);
  if (entries.size <= most) return;
  for (const [oldKey, old] of entries) {
    if (oldKey !== key && may(old)) {
      entries.delete(oldKey);
      return;
    }
  }
  const [oldest] = entries.keys();
  if (oldest !== undefined && oldest !== key) entries.delete(oldest);
}
