import { onBeforeUnmount, ref, watch } from 'vue';
import type { BatteryTestResponse, BatteryTestsResponse } from '#core/paperwork/battery-test.ts';
import { get } from './api.ts';
import { live } from './store.ts';

/** One battery test, asked for again whenever the stream says that it has moved; the last answer wins. */
export function useBatteryTest(id: () => string) {
  const answer = ref<BatteryTestResponse | null>(null);
  const failure = ref<unknown>(null);
  let asked = 0;
  let gone = false;

  async function load(): Promise<void> {
    const mine = ++asked;
    try {
      const got = await get<BatteryTestResponse>(`/battery-tests/${encodeURIComponent(id())}`);
      if (mine !== asked || gone) return;
      answer.value = got;
      failure.value = null;
    } catch (thrown) {
      if (mine === asked) failure.value = thrown;
    }
  }
  watch(
    [id, () => live.batteryTests.get(id()) ?? 0, () => live.connection],
    ([now], before) => {
      if (before[0] !== undefined && before[0] !== now) answer.value = null;
      void load();
    },
    { immediate: true },
  );
  onBeforeUnmount(() => {
    gone = true;
  });
  return { answer, failure, load };
}

/** The list of tests, and what may be tested. */
export function useBatteryTests(ups: () => string | null) {
  const answer = ref<BatteryTestsResponse | null>(null);
  const failure = ref<unknown>(null);
  let asked = 0;

  async function load(): Promise<void> {
    const mine = ++asked;
    const only = ups();
    try {
      const query = new URLSearchParams(only === null ? {} : { ups: only });
      const got = await get<BatteryTestsResponse>(`/battery-tests?${query}`);
      if (mine === asked) [answer.value, failure.value] = [got, null];
    } catch (thrown) {
      if (mine === asked) failure.value = thrown;
    }
  }
  watch([ups, () => [...live.batteryTests.values()].reduce((sum, one) => sum + one, 0), () => live.connection], load, {
    immediate: true,
  });
  return { answer, failure, load };
}
