import { computed, ref, watch } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import type { EntriesResponse, EntrySummary } from '#core/paperwork/register-view.ts';
import { dayBounds } from '../model/day-bounds.ts';
import { useWords } from '../words.ts';
import { get } from './api.ts';
import { live } from './store.ts';
import { pathOf } from './use-register.ts';

const A_PAGE = 50;
/** Typing has come to rest. */
const REST_MS = 300;

export interface EntryFilter {
  readonly search: string;
  /** A state, `open`, or empty: all. */
  readonly state: string;
  /** Days of the site, the last one included; empty: no bound. */
  readonly from: string;
  readonly to: string;
}

/** The entries of a register, searched and filtered as the address says, a page at a time. */
export function useEntries(register: () => string) {
  const { place } = useWords();
  const route = useRoute();
  const router = useRouter();
  const entries = ref<readonly EntrySummary[] | null>(null);
  const next = ref<string | null>(null);
  const failure = ref<unknown>(null);
  const busy = ref(false);
  let asking: AbortController | null = null;
  let rest: ReturnType<typeof setTimeout> | undefined;

  const one = (name: string): string => {
    const value = route.query[name];
    return typeof value === 'string' ? value : '';
  };
  const filter = computed<EntryFilter>(() => ({
    ...{ search: one('search'), state: one('state'), from: one('from'), to: one('to') },
  }));
  const filtered = computed(() => Object.values(filter.value).some((part) => part !== ''));
  /** For the list and for its exports alike. */
  const query = computed(() => {
    const { search, state, from, to } = filter.value;
    const zone = place.value.timeZone;
    const [first, last] = [dayBounds(from, zone)?.from, dayBounds(to, zone)?.to];
    return new URLSearchParams({
      ...(search === '' ? {} : { search }),
      ...(state === '' ? {} : { state }),
      ...(first === undefined ? {} : { from: first }),
      ...(last === undefined ? {} : { to: last }),
    });
  });

  async function load(more = false): Promise<void> {
    // An answer to an earlier question is not shown under a later one.
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    busy.value = true;
    try {
      const cursor = more && next.value !== null ? [['cursor', next.value]] : [];
      const asked = new URLSearchParams([...query.value, ['limit', String(A_PAGE)], ...cursor]);
      const answer = await get<EntriesResponse>(`${pathOf(register(), 'entries')}?${asked}`, signal);
      if (signal.aborted) return;
      entries.value = more ? [...(entries.value ?? []), ...answer.entries] : answer.entries;
      next.value = answer.next;
      failure.value = null;
    } catch (thrown) {
      if (!signal.aborted) failure.value = thrown;
    } finally {
      if (!signal.aborted) busy.value = false;
    }
  }

  function show(part: Partial<EntryFilter>): void {
    const wanted = Object.fromEntries(Object.entries({ ...filter.value, ...part }).filter(([, value]) => value !== ''));
    void router.replace({ query: wanted });
  }
  function search(words: string): void {
    clearTimeout(rest);
    rest = setTimeout(() => show({ search: words.trim() }), REST_MS);
  }

  // Whoever has come further down the list is not thrown back to its beginning.
  watch(
    () => live.registersChangedAt,
    () => void (!busy.value && (entries.value?.length ?? 0) <= A_PAGE && load()),
  );
  watch([register, () => query.value.toString()], () => void load(), { immediate: true });
  return { entries, next, failure, busy, filter, filtered, query, load, show, search };
}
