import type { Clock } from '#core/ports.ts';
import { type Duration, seconds } from '#core/time.ts';
import { ProblemError } from '../problem.ts';
import type { Versioned } from './versioned.ts';

/**
 * `If-Match`: a change is made only to what its author looked at. Whoever passed holds the version until the change is seen or has
 * failed: orders take a moment to come back from the service that carries them out, and of two in that moment one is too late.
 */
export interface Preconditions {
  /** Throws CHANGED_MEANWHILE. The answer is called when the request is over. */
  pass(wanted: string, versioned: Versioned): (succeeded: boolean, now: Versioned | null) => void;
}

/** An order's effect is back within its own time-out; after that who looks again is let through. */
const HELD_FOR = seconds(10);
const MOST_HELD = 1000;

export function createPreconditions(wall: Clock): Preconditions {
  const held = new Map<string, { readonly version: string; readonly at: Duration }>();
  const forget = (): void => {
    for (const [target, { at }] of held) {
      if (wall.monotonic() - at < HELD_FOR && held.size < MOST_HELD) break;
      held.delete(target);
    }
  };
  return {
    pass(wanted, { target, version }) {
      forget();
      if (!matches(wanted, version) || held.get(target)?.version === version)
        throw new ProblemError('CHANGED_MEANWHILE', target, 'somebody else was quicker; nothing of yours was changed');
      const mine = { version, at: wall.monotonic() };
      held.delete(target);
      held.set(target, mine);
      return (succeeded, now) => {
        if (held.get(target) === mine && (!succeeded || now?.version !== version)) held.delete(target);
      };
    },
  };
}

/** RFC 9110, 13.1.1: any of a list, compared strongly (what begins with `W/` is never the same); `*`: whatever there is. */
export const matches = (wanted: string, version: string): boolean =>
  wanted.trim() === '*' || [...wanted.matchAll(/(?:^|,)\s*"([^"]*)"\s*(?=,|$)/g)].some(([, tag]) => tag === version);
