import { onBeforeUnmount, ref } from 'vue';
import type { SurveyAsk, SurveyState } from '#core/survey.ts';
import { useWords } from '../words.ts';
import { call, get } from './api.ts';

/** One look at an address or a range: begun here, asked after each second, ended when the page is left. */
const ASK_EVERY_MS = 1000;

export function useSurvey() {
  const { problem } = useWords();
  const state = ref<SurveyState | null>(null);
  const busy = ref(false);
  const error = ref<string | null>(null);
  let id: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function begin(ask: SurveyAsk): Promise<void> {
    end();
    busy.value = true;
    error.value = null;
    state.value = null;
    try {
      const begun = await call<{ id: string }>('POST', '/surveys', ask);
      id = begun.id;
      await follow(begun.id);
    } catch (thrown) {
      error.value = problem(thrown);
      busy.value = false;
    }
  }

  async function follow(wanted: string): Promise<void> {
    if (id !== wanted) return;
    try {
      const told = await get<SurveyState>(`/surveys/${wanted}`);
      if (id !== wanted) return;
      state.value = told;
      error.value = null;
      busy.value = told.state === 'running';
    } catch (thrown) {
      if (id !== wanted) return;
      error.value = problem(thrown);
    }
    if (busy.value) timer = setTimeout(() => void follow(wanted), ASK_EVERY_MS);
  }

  /** What was found stays to be read. */
  function end(): void {
    clearTimeout(timer);
    busy.value = false;
    if (id === null) return;
    const ended = id;
    id = null;
    if (state.value?.state === 'running') state.value = { ...state.value, state: 'done' };
    // It ends by itself too; nobody waits for this answer.
    call('DELETE', `/surveys/${ended}`).catch(() => {});
  }
  onBeforeUnmount(end);
  return { state, busy, error, begin, end };
}
