/** The known word that was probably meant, null when none is near: `nearest('prot', ['port', 'host'])` is `port`. */
export function nearest(word: string, known: Iterable<string>): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `did you mean ups-1? Known: …`: what to write instead of a word that is not known. */
export function mendWord(word: string, known: Iterable<string>, kind: string): string {
  const all = [...new Set(known)];
  const near = nearest(word, all);
  if (near !== null) return `write ${near}`;
  if (all.length === 0) return `there is no ${kind} yet; add one`;
  const shown = all.slice(0, 15).join(', ');
  return `write one of: ${shown}${all.length > 15 ? ', …' : ''}`;
}

/**
 * Damerau's distance with adjacent swaps: how many single changes of a letter lead from one word to the other; `stop`
 * is returned as soon as it cannot be less. `prot` → `port` is one (a swap).
 */
function editDistance(one: string, other: string, stop: number): number {
  if (Math.abs(one.length - other.length) >= stop || one.length > 100) return stop;
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1] ? 0 : 1;
      let distance = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (swapped) distance = Math.min(distance, (beforeLast[j - 2] ?? 0) + 1);
      row.push(distance);
    }
    beforeLast = last;
    last = row;
  }
  return last[other.length] ?? stop;
}
