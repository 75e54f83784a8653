import { z } from 'zod';
import { ZhishouError } from '#core/errors.ts';

/**
 * Long lists by pages: `limit` and an opaque `cursor`, which is the place of the last element that was shown and not a count. So what
 * comes in meanwhile moves nothing: each element that stays is shown once, in order.
 * Example: `toPage(alerts, [({since}) => since, ({id}) => id], {limit: 2})` → `{page: [a, b], next: "WyJ…"}`.
 */
export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export const MOST_A_PAGE = 1000;
export const pageQuery = {
  /** Elements at most. */
  limit: z.coerce.number().int().min(1).max(MOST_A_PAGE).default(200),
  /** `next` of the page before. */
  cursor: z.string().min(1).max(1000).optional(),
};
/** What a list's answer has beside its elements: the `cursor` of the next page; null: this was the last. */
export const nextSchema = z.string().nullable();

type Key = string | number;
/** How a list is ordered; the last part tells any two elements apart. `newest`: from the highest to the lowest. */
export interface Order<T> {
  readonly by: readonly ((element: T) => Key)[];
  readonly newest: boolean;
}

/** The elements in order behind the cursor. Throws BAD_REQUEST for a cursor that is none of this list. */
export function toPage<T>(
  elements: Iterable<T>,
  order: Order<T>,
  { limit, cursor }: PageQuery,
): { readonly page: readonly T[]; readonly next: string | null } {
  const sign = order.newest ? -1 : 1;
  const keysOf = (element: T): readonly Key[] => order.by.map((key) => key(element));
  const after = cursor === undefined ? null : readCursor(cursor, order.by.length);
  const keyed = [...elements].map((element) => ({ element, keys: keysOf(element) }));
  const behind = after === null ? keyed : keyed.filter(({ keys }) => sign * compare(keys, after) > 0);
  const sorted = behind.sort((a, b) => sign * compare(a.keys, b.keys));
  const shown = sorted.slice(0, limit);
  const last = shown.at(-1);
  return {
    page: shown.map(({ element }) => element),
    next: last === undefined || sorted.length <= limit ? null : writeCursor(last.keys),
  };
}

/** Texts as they are in memory, never by a language: the order must be the same everywhere. */
function compare(a: readonly Key[], b: readonly Key[]): number {
  for (const [place, left] of a.entries()) {
    const right = b[place] ?? '';
    if (typeof left !== typeof right) return typeof left === 'number' ? -1 : 1;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

const writeCursor = (keys: readonly Key[]): string => Buffer.from(JSON.stringify(keys)).toString('base64url');

function readCursor(cursor: string, parts: number): readonly Key[] {
  const keys = /^[\w-]+$/.test(cursor) ? parse(Buffer.from(cursor, 'base64url').toString()) : null;
  const isOurs =
    Array.isArray(keys) &&
    keys.length === parts &&
    keys.every((key) => typeof key === 'string' || (typeof key === 'number' && Number.isFinite(key)));
  if (!isOurs) throw new ZhishouError('BAD_REQUEST', 'cursor', 'is none that this list has given');
  return keys;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
