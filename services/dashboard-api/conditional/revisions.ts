import type { LiveEventName } from '#core/api.ts';

/**
 * How often each kind of what pages see has changed in this run: the version of an answer that is made of them, without making the
 * answer. `of(['alert', 'device'])` is `"k3x.17.4"`.
 */
export interface Revisions {
  bump(kind: LiveEventName): void;
  of(kinds: readonly LiveEventName[]): string;
}

/** `epoch` differs at each start of the process. */
export function createRevisions(epoch: string): Revisions {
  const counts = new Map<LiveEventName, number>();
  return {
    bump: (kind) => void counts.set(kind, (counts.get(kind) ?? 0) + 1),
    of: (kinds) => [epoch, ...kinds.map((kind) => counts.get(kind) ?? 0)].join('.'),
  };
}
