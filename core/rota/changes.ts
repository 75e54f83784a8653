import type { FunctionName } from '../config/people.ts';
import { fromIso, type Instant } from '../time.ts';

/** What people have changed while the rota runs; kept by the alerts service, published as `rota`. Instants are ISO 8601 UTC. */

/** Two people exchange two turns of one rotation. */
export interface RotaSwap {
  readonly kind: 'swap';
  /** Turns by their ids and whose they were: where the configuration has since given one to somebody else, the swap is void. */
  readonly a: { readonly turn: string; readonly person: string };
  readonly b: { readonly turn: string; readonly person: string };
}
/** Somebody stands in for a part of a turn. */
export interface RotaCover {
  readonly kind: 'cover';
  readonly from: string;
  readonly to: string;
  readonly person: string;
}
export type RotaChange = (RotaSwap | RotaCover) & {
  readonly id: string;
  readonly role: FunctionName;
  readonly by: string;
  readonly at: string;
  readonly reason: string;
  readonly cancelled: { readonly by: string; readonly at: string } | null;
};

/** Written by whoever has the turn, told to whoever takes over when it ends. */
export interface HandOverNote {
  readonly turn: string;
  readonly text: string;
  readonly by: string;
  readonly at: string;
}

/** The topic `rota`. */
export interface RotaView {
  readonly at: string;
  /** Each rotation: who has it now, by which turn, and until when. */
  readonly layers: readonly {
    readonly role: FunctionName;
    readonly person: string | null;
    readonly turn: string | null;
    readonly until: string;
    /** The person who has it has not said that they took over, since this time; null: they have, or had it before, or nobody has it. */
    readonly unacceptedSince: string | null;
  }[];
  /** In the order they were written, those of the past year too. */
  readonly changes: readonly RotaChange[];
  readonly notes: readonly HandOverNote[];
}

export interface Exception {
  readonly from: Instant;
  readonly to: Instant;
  readonly person: string;
  readonly why: 'override' | 'cover';
  /** The change's id; null for a line of rota.yaml. */
  readonly change: string | null;
  readonly reason: string | null;
}

/** Covers that hold for a role, in the order they were written. */
export const coversOf = (changes: readonly RotaChange[], role: FunctionName): Exception[] =>
  changes.flatMap((change): Exception[] => {
    if (change.kind !== 'cover' || change.role !== role || change.cancelled !== null) return [];
    const [from, to] = [fromIso(change.from), fromIso(change.to)];
    if (from === null || to === null) return [];
    return [{ from, to, person: change.person, why: 'cover', change: change.id, reason: change.reason }];
  });

export interface Swapped {
  readonly person: string;
  readonly change: string;
  readonly reason: string;
}

/**
 * Swaps in the order they were written, each on top of those before: exchanging the same two turns twice leaves everything as it
 * was. `void`: swaps that no longer fit, because a turn is not whose it was.
 */
export function applySwaps(
  changes: readonly RotaChange[],
  role: FunctionName,
  ownerOf: (turn: string) => string | null,
): { readonly owners: ReadonlyMap<string, Swapped>; readonly void: readonly string[] } {
  const owners = new Map<string, Swapped>();
  const unfit: string[] = [];
  const now = (turn: string): string | null => owners.get(turn)?.person ?? ownerOf(turn);
  for (const change of changes) {
    if (change.kind !== 'swap' || change.role !== role || change.cancelled !== null) continue;
    const { id, a, b, reason } = change;
    if (now(a.turn) !== a.person || now(b.turn) !== b.person) {
      unfit.push(id);
      continue;
    }
    owners.set(a.turn, { person: b.person, change: id, reason });
    owners.set(b.turn, { person: a.person, change: id, reason });
  }
  return { owners, void: unfit };
}
