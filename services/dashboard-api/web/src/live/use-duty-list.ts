import { onBeforeUnmount, ref, shallowRef, watch } from 'vue';
import type { DutiesResponse, DutyFigures, DutySummary } from '#core/paperwork/duty-view.ts';
import { isDue, isMine } from '../model/duty-list.ts';
import { ApiProblem, get } from './api.ts';
import { getDuty, keepDutyView, startDrafts } from './duty-drafts.ts';
import { me } from './duty-me.ts';
import { getAll } from './get-all.ts';
import { live } from './store.ts';

/** Lists of duties: what is due and comes, or a span of days with its figures. */

const EVERY_MS = 5 * 60_000;
/** Whoever goes into the room has these with them, connection or not. */
const TAKEN_ALONG = 5;

export const listDuties = (query: string): Promise<readonly DutySummary[]> =>
  getAll<DutiesResponse, 'duties'>(query === '' ? '/duties' : `/duties?${query}`, 'duties');

export interface Span {
  /** ISO 8601. */
  readonly from: string;
  readonly to: string;
}
const spanQuery = ({ from, to }: Span): string => `from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`;

async function takeAlong(duties: readonly DutySummary[]): Promise<void> {
  if (me.value === null) return;
  await startDrafts();
  for (const { id } of duties.filter((one) => isDue(one) && isMine(one, me.value)).slice(0, TAKEN_ALONG)) {
    const view = await getDuty(id).catch(() => null);
    if (view !== null) keepDutyView(view);
  }
}

/** `span` null: what is due now, whenever it began, and what comes within the week. */
export function useDutyList(span: () => Span | null, withFigures: () => boolean) {
  const duties = shallowRef<readonly DutySummary[] | null>(null);
  const figures = shallowRef<DutyFigures | null>(null);
  const failure = ref<unknown>(null);
  let asked = 0;

  async function read(): Promise<readonly DutySummary[]> {
    const wanted = span();
    // Without a span: what is due now, whenever it began, and seven days ahead.
    return listDuties(wanted === null ? '' : spanQuery(wanted));
  }

  async function load(): Promise<void> {
    const mine = ++asked;
    const wanted = span();
    try {
      const [list, sums] = await Promise.all([
        read(),
        withFigures() && wanted !== null ? get<DutyFigures>(`/duties/figures?${spanQuery(wanted)}`) : null,
      ]);
      if (mine !== asked) return;
      [duties.value, figures.value, failure.value] = [list, sums, null];
      if (wanted === null) void takeAlong(list);
    } catch (thrown) {
      // What was read stands while there is no connection; the page says by itself that it is cut off.
      const cut = thrown instanceof ApiProblem && thrown.code === 'OFFLINE' && duties.value !== null;
      if (mine === asked && !cut) failure.value = thrown;
    }
  }
  watch(
    () => JSON.stringify([span(), withFigures()]),
    () => {
      duties.value = null;
      void load();
    },
    { immediate: true },
  );
  watch([() => live.connection, () => live.dutiesChangedAt], ([now]) => void (now === 'live' && load()));
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible') void load();
  }, EVERY_MS);
  const onVisible = (): void => void (document.visibilityState === 'visible' && load());
  document.addEventListener('visibilitychange', onVisible);
  onBeforeUnmount(() => {
    asked++;
    clearInterval(timer);
    document.removeEventListener('visibilitychange', onVisible);
  });
  return { duties, figures, failure, load };
}
