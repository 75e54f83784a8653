import { onMounted, onUnmounted, ref, watch } from 'vue';
import type { EntryView } from '#core/paperwork/register-view.ts';
import { get } from './api.ts';
import { live } from './store.ts';
import { pathOf } from './use-register.ts';

/** One entry; looked at again whenever the reader comes back to the page: somebody else may have gone on with it. */
export function useEntry(register: () => string, id: () => string) {
  const entry = ref<EntryView | null>(null);
  const failure = ref<unknown>(null);
  let asked = 0;

  async function load(): Promise<void> {
    const mine = ++asked;
    try {
      const answer = await get<EntryView>(pathOf(register(), 'entries', id()));
      if (mine === asked) take(answer);
    } catch (thrown) {
      if (mine === asked) failure.value = thrown;
    }
  }
  /** What the service answered to a change; a question still on its way is older. */
  function take(answer: EntryView): void {
    asked++;
    entry.value = answer;
    failure.value = null;
  }
  const look = (): void => {
    if (document.visibilityState === 'visible') void load();
  };
  onMounted(() => {
    void load();
    document.addEventListener('visibilitychange', look);
  });
  onUnmounted(() => document.removeEventListener('visibilitychange', look));
  watch([register, id, () => live.registersChangedAt], load);
  return { entry, failure, load, take };
}
