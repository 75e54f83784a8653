import { messageOf, ZhishouError } from '#core/errors.ts';
import type { PeriodReport } from '#core/paperwork/period-report.ts';
import { answerOnThread, workOnThreads } from '#platform/worker-pool.ts';
import type { PeriodChart, RenderOptions } from './seams.ts';

/**
 * Papers are drawn on a thread of their own, all of a report's by the same one: a Word file with charts takes a second of CPU, and the
 * service that watches the room may live in this process.
 */
export interface PaperWanted {
  readonly language: RenderOptions['language'];
  readonly format: RenderOptions['format'];
}
export interface Drawn extends PaperWanted {
  /** Null: it could not be drawn. */
  readonly bytes: Uint8Array | null;
  readonly error: string | null;
}

/** In the order of what is wanted. Rejects with TOO_MANY. */
export type DrawPapers = (
  report: PeriodReport,
  charts: readonly PeriodChart[],
  wanted: readonly PaperWanted[],
) => Promise<readonly Drawn[]>;

interface Order extends PaperWanted {
  /** Of the first alone: the others are of the same. */
  readonly source: { readonly report: PeriodReport; readonly charts: readonly PeriodChart[] } | null;
}

/** Each takes seconds: who comes after so many is told to come again. */
const MOST_WAITING = 10;
let waiting = 0;
let before: Promise<unknown> = Promise.resolve();

export const drawPapers: DrawPapers = async (report, charts, wanted) => {
  if (waiting >= MOST_WAITING) throw new ZhishouError('TOO_MANY', 'papers', `${MOST_WAITING} are being drawn`);
  waiting++;
  const drawn = before.then(async () => {
    const papers: Drawn[] = [];
    const orders = wanted.map((one, index): Order => ({ ...one, source: index === 0 ? { report, charts } : null }));
    await workOnThreads<Order, Drawn>(new URL(import.meta.url), orders, 1, (paper) => papers.push(paper));
    return papers;
  });
  before = drawn.catch(() => {});
  try {
    return await drawn;
  } finally {
    waiting--;
  }
};

let source: Order['source'] = null;
answerOnThread(draw);

async function draw({ language, format, source: given }: Order): Promise<Drawn> {
  source = given ?? source;
  try {
    if (source === null) throw new Error('nothing to draw');
    const { renderReport } = await import('./paper/render-report.ts');
    const bytes = await renderReport(source.report, { language, format, charts: source.charts });
    return { language, format, bytes, error: null };
  } catch (error) {
    return { language, format, bytes: null, error: messageOf(error) };
  }
}
