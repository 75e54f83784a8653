import { onBeforeUnmount, ref, shallowRef, watch } from 'vue';
import type { MeetingView } from '#core/paperwork/meeting-view.ts';
import { ApiProblem, call, get } from './api.ts';

/** A colleague may write into the same minutes. */
const EVERY_MS = 15_000;

export interface DecisionGiven {
  readonly item: string | null;
  readonly text: string;
  readonly owner: string | null;
  readonly dueAt: string | null;
}

/** One meeting as it stands, and what is written into it; each change answers with the whole of it. */
export function useMeeting(id: () => string) {
  const view = shallowRef<MeetingView | null>(null);
  const failure = ref<unknown>(null);
  const refused = ref<unknown>(null);
  const busy = ref(false);
  let asked = 0;
  const path = (rest = ''): string => `/meetings/${encodeURIComponent(id())}${rest}`;

  async function load(): Promise<void> {
    const mine = ++asked;
    try {
      const answer = await get<MeetingView>(path());
      if (mine === asked) [view.value, failure.value] = [answer, null];
    } catch (thrown) {
      if (mine === asked && view.value === null) failure.value = thrown;
    }
  }
  /** False: it was refused, and why is in `refused`. */
  async function send(work: () => Promise<MeetingView>): Promise<boolean> {
    if (busy.value) return false;
    busy.value = true;
    refused.value = null;
    try {
      const answer = await work();
      // What was asked for before it says less.
      asked++;
      view.value = answer;
      return true;
    } catch (thrown) {
      refused.value = thrown;
      if (thrown instanceof ApiProblem && thrown.status === 409) void load();
      return false;
    } finally {
      busy.value = false;
    }
  }

  const timer = setInterval(() => {
    const isOver = view.value?.state === 'closed';
    if (document.visibilityState === 'visible' && !busy.value && !isOver) void load();
  }, EVERY_MS);
  onBeforeUnmount(() => {
    asked++;
    clearInterval(timer);
  });
  watch(
    id,
    () => {
      [view.value, failure.value, refused.value] = [null, null, null];
      void load();
    },
    { immediate: true },
  );
  return {
    ...{ view, failure, refused, busy, load },
    change: (body: object) => send(() => call<MeetingView>('PATCH', path(), body)),
    decide: (body: DecisionGiven) => send(() => call<MeetingView>('POST', path('/decisions'), body)),
    close: () => send(() => call<MeetingView>('POST', path('/close'))),
    add: (text: string) => send(() => call<MeetingView>('POST', path('/addenda'), { text })),
  };
}
