import { ref } from 'vue';
import type { CommandBody, CommandResult } from '#core/command.ts';
import { useWords } from '../words.ts';
import { ApiProblem, pressKey, sendCommand } from './api.ts';

/**
 * One order at a time: `sending` until the service that owns the state has answered. An answer that never came leaves
 * it `unsure`; sending the same order again then uses the same key, so it cannot act twice.
 */
export function useCommand() {
  const { problem, t } = useWords();
  const busy = ref(false);
  const error = ref<string | null>(null);
  let unsure: { key: string; body: string } | null = null;

  async function order(body: CommandBody): Promise<CommandResult | null> {
    if (busy.value) return null;
    busy.value = true;
    error.value = null;
    const text = JSON.stringify(body);
    const key = unsure?.body === text ? unsure.key : pressKey();
    try {
      const result = await sendCommand(body, key);
      unsure = null;
      return result;
    } catch (thrown) {
      const open = thrown instanceof ApiProblem && (thrown.code === 'TIMED_OUT' || thrown.code === 'OFFLINE');
      unsure = open ? { key, body: text } : null;
      error.value = open ? t('problem.unsure') : problem(thrown);
      return null;
    } finally {
      busy.value = false;
    }
  }

  return { busy, error, order };
}
