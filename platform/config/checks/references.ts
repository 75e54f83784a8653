import type { ConfigProblem } from '#core/config/config.ts';
import { mendWord } from '../nearest.ts';
import type { Located } from '../parts.ts';

/** Where problems are put together: each is told at a place within one part of a file. */
export type Teller = (
  at: Located<unknown>,
  path: readonly PropertyKey[],
  message: string,
  mend: string,
  key?: string,
) => void;

export function createTeller(problems: ConfigProblem[]): Teller {
  return (at, path, message, mend, key) => {
    problems.push(at.source.problem([...at.path, ...path], message, mend, key));
  };
}

/** Tells a name that stands for nothing; silent when what there is is not known (its file could not be read). */
export function checkKnown(
  tell: Teller,
  at: Located<unknown>,
  path: readonly PropertyKey[],
  name: string,
  known: ReadonlySet<string> | null,
  kind: string,
): boolean {
  if (known === null || known.has(name)) return true;
  tell(at, path, `there is no ${kind} ${name}`, mendWord(name, known, kind));
  return false;
}

/** Every circle once, from its first member in order: `['a', 'b', 'a']`. */
export function findCycles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const state = new Map<string, 'open' | 'done'>();
  const trail: string[] = [];
  const visit = (node: string): void => {
    state.set(node, 'open');
    trail.push(node);
    for (const next of edges.get(node) ?? []) {
      if (state.get(next) === 'open') cycles.push([...trail.slice(trail.indexOf(next)), next]);
      else if (state.get(next) === undefined) visit(next);
    }
    trail.pop();
    state.set(node, 'done');
  };
  for (const node of edges.keys()) if (state.get(node) === undefined) visit(node);
  return cycles;
}

/** Tells circles at the field of the first member that leads into them. */
export function checkCycles<T extends { id: string }>(
  tell: Teller,
  items: readonly Located<T>[],
  next: (item: T) => readonly string[],
  field: string,
  what: string,
): void {
  const byId = new Map(items.map((item) => [item.value.id, item]));
  const edges = new Map(items.map((item) => [item.value.id, next(item.value).filter((id) => byId.has(id))]));
  for (const cycle of findCycles(edges)) {
    const first = byId.get(cycle[0] ?? '');
    if (first !== undefined)
      tell(first, [field], `${what} in a circle: ${cycle.join(' → ')}`, 'take one of the arrows out');
  }
}
