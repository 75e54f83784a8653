import type { Person } from '../config/people.ts';
import type { Rota } from '../rota/rota.ts';
import { type Instant, instant } from '../time.ts';
import type { Occurrence } from './occurrences.ts';

/**
 * Whose it is by name, at a time: of the rota whoever has the turn then, of a function its holder where there is but one. Before it
 * begins whoever will have the turn; when it is over whoever had it when it was due.
 */
export function personOf({ duty, from, due }: Occurrence, rota: Rota, now: Instant): Person | null {
  // The instant at which it is due may be the next turn's first.
  const at = instant(Math.min(Math.max(now, from), due - 1));
  const holders = rota.peopleOf(duty.function, at);
  return holders.length === 1 ? (holders[0] ?? null) : null;
}
