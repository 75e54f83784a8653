import { get } from './api.ts';

const A_PAGE = 1000;
/** A list that has no end is wrong; what there is by then is shown. */
const MOST_PAGES = 20;

/** A whole list, page after page. Example: `getAll<TasksResponse, 'tasks'>('/tasks?state=all', 'tasks')`. */
export async function getAll<Page extends { readonly next: string | null }, Key extends keyof Page>(
  path: string,
  key: Key,
): Promise<Page[Key] extends readonly (infer T)[] ? readonly T[] : never> {
  const all: unknown[] = [];
  let next: string | null | undefined = null;
  for (let page = 0; page < MOST_PAGES; page++) {
    const query: string = `limit=${A_PAGE}${next == null ? '' : `&cursor=${encodeURIComponent(next)}`}`;
    const answer: Page = await get<Page>(`${path}${path.includes('?') ? '&' : '?'}${query}`);
    all.push(...(answer[key] as readonly unknown[]));
    next = answer.next;
    if (next == null) break;
  }
  return all as never;
}
