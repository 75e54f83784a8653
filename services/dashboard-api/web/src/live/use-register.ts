import { computed, onMounted, ref, watch } from 'vue';
import type { RegistersResponse, RegisterView } from '#core/paperwork/register-view.ts';
import { get } from './api.ts';

/** The registers as they are declared; one of them by its id. */
export function useRegisters() {
  const registers = ref<readonly RegisterView[] | null>(null);
  const failure = ref<unknown>(null);
  async function load(): Promise<void> {
    try {
      registers.value = (await get<RegistersResponse>('/registers')).registers;
      failure.value = null;
    } catch (thrown) {
      failure.value = thrown;
    }
  }
  onMounted(load);
  return { registers, failure, load };
}

export function useRegister(id: () => string) {
  const { registers, failure, load } = useRegisters();
  const register = computed(() => registers.value?.find((one) => one.id === id()) ?? null);
  /** There is none of this name, or not for this reader. */
  const missing = computed(() => registers.value !== null && register.value === null);
  watch(id, load);
  return { register, missing, failure, load };
}

export const pathOf = (register: string, ...rest: readonly string[]): string =>
  ['/registers', register, ...rest].map((part, index) => (index === 0 ? part : encodeURIComponent(part))).join('/');
