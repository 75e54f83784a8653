import { computed, ref } from 'vue';
import type { CommandBody, CommandResult } from '#core/command.ts';
import { useWords } from '../words.ts';
import { type OrderState, sendOrder } from './orders.ts';

/** One order at a time from here (live/orders.ts): null as long as nobody has confirmed it. */
export function useCommand() {
  const { problem, t } = useWords();
  const state = ref<OrderState | null>(null);
  const error = ref<string | null>(null);
  const busy = computed(() => state.value === 'sending');

  /** `version`: of what was looked at, where somebody else may change the same. */
  async function order(body: CommandBody, version?: string): Promise<CommandResult | null> {
    if (busy.value) return null;
    state.value = 'sending';
    error.value = null;
    const sent = await sendOrder(body, null, version);
    state.value = sent.state;
    if (sent.state === 'confirmed') return sent.result;
    error.value = sent.state === 'refused' ? problem(sent.problem) : t(`problem.${sent.state}`);
    return null;
  }

  return { busy, state, error, order };
}
