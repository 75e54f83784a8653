import type { StateStore } from '#core/ports.ts';
import type { Random } from '#core/random.ts';
import { hours, type Instant } from '#core/time.ts';
import { newCode } from './codes.ts';

/** What people are told of and can acknowledge, each under one short code, the same for everybody; kept across restarts. */
export interface Matter {
  readonly kind: 'alert' | 'incident' | 'test';
  readonly id: string;
  readonly code: string;
  readonly openedAt: Instant;
  /** Who was told of it. */
  readonly people: readonly string[];
  /** When it was first found to be over. */
  readonly overAt: Instant | null;
}

export type MatterName = Pick<Matter, 'kind' | 'id'>;

export interface Matters {
  restore(): void;
  /** People are told of it now: it has a code from here on. Durable with the open unit of work. */
  told(name: MatterName, people: readonly string[]): Matter;
  of(name: MatterName): Matter | null;
  byCode(code: string): Matter | null;
  all(): Iterable<Matter>;
}

const PREFIX = 'answers/matter/';
/** A late answer to what is over must not mean something new: its code is nobody else's for a day. */
const CODE_RESTS: number = hours(24);
const MOST = 3000;

export interface MattersDependencies {
  readonly store: StateStore;
  readonly random: Random;
  readonly now: () => Instant;
  readonly isOver: (name: MatterName) => boolean;
}

export function createMatters({ store, random, now, isOver }: MattersDependencies): Matters {
  const byCode = new Map<string, Matter>();
  const byName = new Map<string, string>();
  const nameOf = ({ kind, id }: MatterName): string => `${kind} ${id}`;

  function put(matter: Matter): Matter {
    byCode.set(matter.code, matter);
    byName.set(nameOf(matter), matter.code);
    store.set(PREFIX + matter.code, matter);
    return matter;
  }

  function drop(matter: Matter): void {
    byCode.delete(matter.code);
    byName.delete(nameOf(matter));
    store.delete(PREFIX + matter.code);
  }

  /** Frees codes; looked at when a new one is wanted. */
  function clear(at: Instant): void {
    for (const matter of byCode.values()) {
      if (matter.overAt === null) {
        if (isOver(matter)) put({ ...matter, overAt: at });
      } else if (at - matter.overAt >= CODE_RESTS || byCode.size > MOST) drop(matter);
    }
    for (const oldest of byCode.values()) {
      if (byCode.size <= MOST) break;
      drop(oldest);
    }
  }

  const of = (name: MatterName): Matter | null => byCode.get(byName.get(nameOf(name)) ?? '') ?? null;

  return {
    restore() {
      const kept = [...store.entries(PREFIX)].map(([, value]) => value as Matter);
      for (const matter of kept.sort((a, b) => a.openedAt - b.openedAt)) {
        byCode.set(matter.code, matter);
        byName.set(nameOf(matter), matter.code);
      }
    },
    told(name, people) {
      const before = of(name);
      if (before !== null) {
        const all = [...new Set([...before.people, ...people])];
        return all.length === before.people.length ? before : put({ ...before, people: all });
      }
      const at = now();
      clear(at);
      const { kind, id } = name;
      const code = newCode(new Set(byCode.keys()), random);
      return put({ kind, id, code, openedAt: at, people: [...new Set(people)], overAt: null });
    },
    of,
    byCode: (code) => byCode.get(code) ?? null,
    all: () => byCode.values(),
  };
}
